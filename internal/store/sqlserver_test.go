package store_test

import (
	"errors"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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
	// All of it lies between the lock and its release, in one transaction.
	if !strings.Contains(texts[0], "sp_getapplock") || texts[1] != "BEGIN" || !strings.Contains(texts[len(texts)-1], "sp_releaseapplock") || texts[len(texts)-2] != "COMMIT" {
		t.Errorf("%q … %q", texts[:2], texts[len(texts)-2:])
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
		if strings.HasPrefix(x.Text, "CREATE") {
			t.Errorf("made again: %s", x.Text)
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

// A writer that is waited for in vain is said to be in use.
func TestServerInUse(t *testing.T) {
	e, s := tdsengine.Start(t)
	st, err := openServer(t, s, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	e.Hold("splameter store splameter")
	if _, err := st.Months(t.Context()); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "wait until that one has finished") {
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
