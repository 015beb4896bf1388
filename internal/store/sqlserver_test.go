package store_test

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"splameter/collector/database/tdstest"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
	"splameter/internal/store/tdsengine"
)

func dsnOf(s *tdstest.Server) string {
	return "sqlserver://splameter@" + s.Addr + "?database=meters&certificate=" + url.QueryEscape(s.CA)
}

func openServer(t *testing.T, s *tdstest.Server, wait time.Duration) (store.Store, error) {
	t.Helper()
	st, err := store.Open(t.Context(), dsnOf(s), store.Options{Location: storetest.Location(), Password: "geheim", Wait: wait})
	if err == nil {
		t.Cleanup(func() { st.Close() })
	}
	return st, err
}

// What the schema is made with, on SQL Server.
func TestServerSchema(t *testing.T) {
	_, s := tdsengine.Start(t)
	st, err := openServer(t, s, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, x := range s.Statements() {
		texts = append(texts, x.Text)
	}
	for _, want := range []string{
		"IF SCHEMA_ID(N'splameter') IS NULL EXEC(N'CREATE SCHEMA splameter')",
		"IF OBJECT_ID(N'splameter.meta') IS NULL CREATE TABLE splameter.meta (name NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL PRIMARY KEY, value NVARCHAR(4000) COLLATE Latin1_General_100_BIN2 NOT NULL)",
		"CREATE TABLE splameter.source (id BIGINT NOT NULL PRIMARY KEY, name VARBINARY(850) NOT NULL)",
		"CREATE UNIQUE INDEX source_name ON splameter.source (name)",
		"SELECT value FROM splameter.meta WHERE name = @p1",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("not sent: %s", want)
		}
	}
	// It is looked at first, in a transaction that reads; all that makes it is
	// in another, whose lock ends with it.
	at := slices.Index(texts, "BEGIN")
	if at < 0 || texts[1] != "BEGIN SNAPSHOT" || !strings.Contains(texts[at+1], "sp_getapplock") || texts[len(texts)-1] != "COMMIT" {
		t.Errorf("%q … %q", texts[:2], texts[len(texts)-2:])
	}
	for _, q := range texts[:max(at, 0)] {
		if strings.Contains(q, "sp_getapplock") || strings.HasPrefix(q, "CREATE") {
			t.Errorf("before the lock: %s", q)
		}
	}
	bare := regexp.MustCompile(`\b(FROM|JOIN|INTO|UPDATE|TABLE) [a-z_]+\b[^.]`)
	for _, x := range texts {
		if m := bare.FindString(x); m != "" && !strings.Contains(x, "EXEC") {
			t.Errorf("a table outside of the schema (%s): %s", m, x)
		}
		if strings.Contains(x, "MERGE") || strings.Contains(x, "LIMIT") || strings.Contains(x, "ON CONFLICT") {
			t.Errorf("no SQL for SQL Server: %s", x)
		}
	}
	if got := s.Logins()[0]; got.User != "splameter" || got.Password != "geheim" || got.ReadOnly || got.Database != "meters" {
		t.Errorf("%+v", got)
	}
	// The same store again: nothing is made a second time.
	before := len(s.Statements())
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := openServer(t, s, time.Second); err != nil {
		t.Fatal(err)
	}
	for _, x := range s.Statements()[before:] {
		if strings.HasPrefix(x.Text, "CREATE") || strings.Contains(x.Text, "sp_getapplock") {
			t.Errorf("made again, or waited for: %s", x.Text)
		}
	}
}

func lockOf(t *testing.T, s store.Store, name string) (func() error, bool) {
	t.Helper()
	held, ok, err := s.(store.Locker).Lock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return nil, false
	}
	return held.Release, true
}

// One of two holds the lock; when it gives it back, or its connection dies,
// the other gets it. Another name is another lock.
func TestLock(t *testing.T) {
	stores := map[string]func(t *testing.T) (a, b store.Store, kill func()){
		"sqlite": func(t *testing.T) (store.Store, store.Store, func()) {
			path := filepath.Join(t.TempDir(), "s.db")
			return open(t, path), open(t, path), nil
		},
		"sqlserver": func(t *testing.T) (store.Store, store.Store, func()) {
			_, s := tdsengine.Start(t)
			a, err := openServer(t, s, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			b, err := openServer(t, s, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			return a, b, s.Break
		},
	}
	for name, make := range stores {
		t.Run(name, func(t *testing.T) {
			a, b, kill := make(t)
			release, ok := lockOf(t, a, "closing")
			if !ok {
				t.Fatal("nobody holds it")
			}
			if _, ok := lockOf(t, b, "closing"); ok {
				t.Fatal("two hold it")
			}
			if _, ok := lockOf(t, a, "closing"); ok {
				t.Fatal("one holds it twice")
			}
			other, ok := lockOf(t, b, "leading")
			if !ok {
				t.Fatal("another lock is held")
			}
			if err := errors.Join(other(), release()); err != nil {
				t.Fatal(err)
			}
			release, ok = lockOf(t, b, "closing")
			if !ok {
				t.Fatal("it was given back")
			}
			if kill == nil {
				if err := release(); err != nil {
					t.Fatal(err)
				}
			} else {
				kill()
				_ = release()
			}
			if _, ok := lockOf(t, a, "closing"); !ok {
				t.Fatal("its holder is gone")
			}
			if _, _, err := a.(store.Locker).Lock(t.Context(), "no; name"); err == nil {
				t.Error("a name that stands in no statement")
			}
		})
	}
}

// A restart of the server between two calls is not noticed; one that breaks a
// transaction leaves nothing of it.
func TestServerRestart(t *testing.T) {
	_, s := tdsengine.Start(t)
	st, err := openServer(t, s, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	s.Break()
	if months, err := st.Months(t.Context()); err != nil || len(months) != 0 {
		t.Fatal(months, err)
	}
}

// What stands at an address is told before it is used.
func TestServerProbe(t *testing.T) {
	e, s := tdsengine.Start(t)
	probe := func(want string, fails bool) {
		t.Helper()
		lines, err := store.Probe(t.Context(), dsnOf(s), store.Options{Location: storetest.Location(), Password: "geheim"})
		got := strings.Join(lines, "\n")
		if err != nil {
			got += err.Error()
		}
		if (err != nil) != fails || !strings.Contains(got, want) {
			t.Errorf("%s, want %q", got, want)
		}
	}
	probe("there is none yet, or the login splameter may not see it", false)
	if _, err := openServer(t, s, time.Second); err != nil {
		t.Fatal(err)
	}
	probe("may read and write all of it", false)
	e.Lack("splameter.span", "DELETE")
	probe("lacks rights in it: DELETE on splameter.span; grant them", true)
}

// A server that is not there, is another one, refuses the log-on or has a newer
// store is told, each with what to do.
func TestServerProbeRefused(t *testing.T) {
	_, s := tdsengine.Start(t)
	if _, err := openServer(t, s, time.Second); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector(t, dsnOf(s)))
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "UPDATE splameter.meta SET value = '999' WHERE name = 'schema'"); err != nil {
		t.Fatal(err)
	}
	refuses := func(number int32) *tdstest.Server {
		return tdstest.Start(t, tdstest.Options{Login: func(tdstest.Login) *tdstest.Error { return &tdstest.Error{Number: number, Message: "of Jansen"} }})
	}
	for dsn, want := range map[string]string{
		strings.Replace(dsnOf(s), s.Addr, "127.0.0.1:1", 1):     "its server cannot be reached, or its certificate is not trusted: connection refused; check the address and the firewall",
		strings.Replace(dsnOf(s), s.Addr, "nowhere.invalid", 1): "its server cannot be reached",
		"sqlserver://splameter@" + s.Addr + "?database=meters":  "certificate signed by unknown authority; check the address",
		dsnOf(refuses(18456)): "the log-on was refused; check the user in its address and store_password",
		dsnOf(refuses(4060)):  "the login may not open the database, or there is none of that name",
		dsnOf(s):              "use a splameter that knows version 999",
	} {
		_, err := store.Probe(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: "geheim"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "Jansen") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// connector reaches the responder as the store does.
func connector(t *testing.T, dsn string) *mssql.Connector {
	t.Helper()
	p, err := msdsn.Parse(strings.Replace(dsn, "splameter@", "splameter:geheim@", 1))
	if err != nil {
		t.Fatal(err)
	}
	return mssql.NewConnectorConfig(p)
}

// A writer that is waited for in vain is said to be in use. Who reads waits for
// nobody where the database keeps row versions.
func TestServerInUse(t *testing.T) {
	e, s := tdsengine.Start(t)
	st, err := openServer(t, s, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	e.Hold("splameter store splameter")
	if err := st.PutHistory(t.Context(), "history.csv", nil); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "wait until that one has finished") {
		t.Error(err)
	}
	if _, err := st.Months(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who writes locks its own scope, beside others, and numbers apart from all.
func TestServerScopes(t *testing.T) {
	e, s := tdsengine.Start(t)
	st, err := openServer(t, s, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	put := func(source string) error {
		d := directoryOf(3, 1, func(int) bool { return false })
		d.Source = source
		return st.PutDirectory(t.Context(), d)
	}
	e.Hold("splameter scope splameter source amsterdam")
	if err := put("amsterdam"); !errors.Is(err, store.ErrInUse) {
		t.Error("two write of one source: ", err)
	}
	if err := put("delft"); err != nil {
		t.Error("shut out by another source: ", err)
	}
	v, files := sessionsOf(1, 1, time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC), 1000)
	if err := st.PutSessions(t.Context(), v, files); err != nil {
		t.Error("shut out by a source: ", err)
	}
	e.Hold("splameter numbers splameter")
	if err := put("breda"); !errors.Is(err, store.ErrInUse) {
		t.Error("numbers given while another gives them: ", err)
	}
	long := strings.Repeat("n", 300) // a lock's name has 255 characters
	_ = put(long)
	for _, x := range s.Statements() {
		if strings.Contains(x.Text, "@Resource = @p4") && len(x.Params[3].Value.(string)) > 200 {
			t.Errorf("a lock's name of %d characters", len(x.Params[3].Value.(string)))
		}
	}
}

// A database without row versions has one writer at a time, and no reader
// meanwhile; check says what to set. One that cannot read sets is refused.
func TestServerDatabase(t *testing.T) {
	e, s := tdsengine.Start(t)
	probe := func() string {
		lines, err := store.Probe(t.Context(), dsnOf(s), store.Options{Location: storetest.Location(), Password: "geheim"})
		if err != nil {
			lines = append(lines, err.Error())
		}
		return strings.Join(lines, "\n")
	}
	if got := probe(); strings.Contains(got, "ALTER DATABASE") {
		t.Error(got)
	}
	e.Keep(tdsengine.Keeping{Level: 150, Snapshots: 1})
	if got := probe(); !strings.Contains(got, "ALTER DATABASE [meters] SET READ_COMMITTED_SNAPSHOT ON") || strings.Contains(got, "ALLOW_SNAPSHOT") {
		t.Error(got)
	}
	e.Keep(tdsengine.Keeping{Level: 150})
	if got := probe(); !strings.Contains(got, "SET ALLOW_SNAPSHOT_ISOLATION ON; ALTER DATABASE [meters] SET READ_COMMITTED_SNAPSHOT ON") {
		t.Error(got)
	}
	before := len(s.Statements())
	st, err := openServer(t, s, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.PutDirectory(t.Context(), directoryOf(3, 1, func(int) bool { return false })); err != nil {
		t.Error(err)
	}
	modes := map[string]bool{}
	for _, x := range s.Statements()[before:] {
		if strings.Contains(x.Text, "@LockMode = @p2") {
			modes[x.Params[1].Value.(string)] = true
		}
		if x.Text == "BEGIN SNAPSHOT" {
			t.Error("a transaction that the database refuses")
		}
	}
	if !modes["Exclusive"] || !modes["Shared"] || modes["IntentExclusive"] {
		t.Error(modes)
	}
	e.Hold("splameter store splameter")
	if _, err := st.Months(t.Context()); !errors.Is(err, store.ErrInUse) {
		t.Error("one reads what another writes: ", err)
	}
	e.Keep(tdsengine.Keeping{Level: 120, Snapshots: 1, Committed: 1})
	const old = "compatibility level 120, and 130 is needed, that of SQL Server 2016: ALTER DATABASE [meters] SET COMPATIBILITY_LEVEL = 130"
	if got := probe(); !strings.Contains(got, old) {
		t.Error(got)
	}
	if _, err := openServer(t, s, time.Second); err == nil || !strings.Contains(err.Error(), old) {
		t.Error(err)
	}
}

// Errors are told by their number, and never in the server's words.
func TestServerErrors(t *testing.T) {
	for _, c := range []struct {
		number int32
		want   string
	}{
		{1205, "gave way to others; nothing of this was kept, try again"},
		{2627, "another splameter wrote meanwhile"},
		{229, "no right to do this"},
		{9002, "the database is full"},
		{8152, "the server reports error 8152, severity 16"},
	} {
		e, s := tdsengine.Start(t)
		st, err := openServer(t, s, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		e.Refuse(&tdstest.Error{Number: c.number, Message: "it concerns Jansen"})
		_, err = st.Months(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "Jansen") {
			t.Errorf("%d: %v", c.number, err)
		}
	}
}

func TestServerAddress(t *testing.T) {
	for dsn, want := range map[string]string{
		"sqlserver://h":                         "names no database",
		"sqlserver:x":                           "cannot be read",
		"sqlserver://h?database=d&schema=a%5Db": "the schema's name",
		"sqlserver://u:hunter2@h?database=d&encrypt=quick":         "cannot be used",
		"sqlserver://u:hunter2@h?database=d&certificate=/x/ca.crt": "must end in .pem or .der",
	} {
		_, err := store.Open(t.Context(), dsn, store.Options{Location: time.UTC})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}
