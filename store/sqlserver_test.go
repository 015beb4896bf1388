package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"splameter/collector/sqlserver/tdstest"
	"splameter/snapshot"
	"splameter/store"
	"splameter/store/storetest"
)

// engine answers the statements that the store sends to SQL Server from a
// database of SQLite: the same driver, the same bytes on the wire, the same
// statements; but another engine, so that locking, rights, collation and what
// SQL Server alone refuses stay unproved.
type engine struct {
	t     *testing.T
	db    *sql.DB
	mu    sync.Mutex
	conns map[int]*sql.Conn
	locks map[string]map[int]string // resource, connection, mode

	refuse *tdstest.Error // of every statement that names the readings
}

func newEngine(t *testing.T) (*engine, *tdstest.Server) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(t.TempDir(), "engine.db"))+"?_journal_mode=WAL&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	e := &engine{t: t, db: db, conns: map[int]*sql.Conn{}, locks: map[string]map[int]string{}}
	s := tdstest.Start(t, tdstest.Options{Answer: e.answer, Transaction: e.transaction, Closed: e.closed})
	return e, s
}

func (e *engine) conn(n int) *sql.Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conns[n] == nil {
		c, err := e.db.Conn(context.Background())
		if err != nil {
			panic(err)
		}
		e.conns[n] = c
	}
	return e.conns[n]
}

func (e *engine) closed(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, holders := range e.locks {
		delete(holders, n)
	}
	if c := e.conns[n]; c != nil {
		_, _ = c.ExecContext(context.Background(), "ROLLBACK")
		c.Close()
		delete(e.conns, n)
	}
}

func (e *engine) transaction(st tdstest.Statement) *tdstest.Error {
	if _, err := e.conn(st.Conn).ExecContext(context.Background(), st.Text); err != nil {
		return &tdstest.Error{Number: 50002, Message: err.Error()}
	}
	return nil
}

// lock is sp_getapplock: it waits, and says -1 where it waited in vain.
func (e *engine) lock(st tdstest.Statement) int {
	resource, mode := st.Params[0].Value.(string), st.Params[1].Value.(string)
	until := time.Now().Add(time.Duration(st.Params[2].Value.(int64)) * time.Millisecond)
	for {
		e.mu.Lock()
		holders := e.locks[resource]
		if holders == nil {
			holders = map[int]string{}
			e.locks[resource] = holders
		}
		free := true
		for n, held := range holders {
			free = free && (n == st.Conn || held == "Shared" && mode == "Shared")
		}
		if free {
			holders[st.Conn] = mode
		}
		e.mu.Unlock()
		if free {
			return 0
		}
		if time.Now().After(until) {
			return -1
		}
		time.Sleep(time.Millisecond)
	}
}

var (
	qualified = regexp.MustCompile(`\bsplameter\.`)
	ifMissing = regexp.MustCompile(`^IF OBJECT_ID\(N'[^']*'\) IS NULL CREATE TABLE `)
	atP       = regexp.MustCompile(`@p\d+`)
)

func (e *engine) answer(st tdstest.Statement) *tdstest.Reply {
	ctx := context.Background()
	switch {
	case strings.Contains(st.Text, "sp_getapplock"):
		return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.Int}}, Rows: [][]any{{e.lock(st)}}}
	case strings.Contains(st.Text, "sp_releaseapplock"):
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.locks[st.Params[0].Value.(string)], st.Conn)
		return nil
	case strings.HasPrefix(st.Text, "IF SCHEMA_ID"):
		return nil
	}
	e.mu.Lock()
	refused := e.refuse
	e.mu.Unlock()
	if refused != nil && strings.Contains(st.Text, "splameter.reading") {
		return &tdstest.Reply{Error: refused}
	}
	q := ifMissing.ReplaceAllString(st.Text, "CREATE TABLE IF NOT EXISTS ")
	q = strings.ReplaceAll(qualified.ReplaceAllString(q, ""), " COLLATE Latin1_General_100_BIN2", "")
	q = strings.ReplaceAll(q, "VARBINARY(MAX)", "BLOB")
	if len(st.Params) > 2100 {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 8003, Message: "too many parameters"}}
	}
	if n := len(atP.FindAllString(q, -1)); n != len(st.Params) {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 137, Message: fmt.Sprintf("%d places for %d parameters", n, len(st.Params))}}
	}
	var args []any
	for _, p := range st.Params {
		if !typed(p.Type) {
			e.t.Errorf("parameter %s of %s is declared %q", p.Name, st.Text, p.Type)
		}
		args = append(args, sql.Named(strings.TrimPrefix(p.Name, "@"), p.Value))
	}
	if !strings.HasPrefix(q, "SELECT") {
		r, err := e.conn(st.Conn).ExecContext(ctx, q, args...)
		if err != nil {
			return e.fails(q, err)
		}
		n, _ := r.RowsAffected()
		return &tdstest.Reply{Changed: n}
	}
	rows, err := e.conn(st.Conn).QueryContext(ctx, q, args...)
	if err != nil {
		return e.fails(q, err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	reply := &tdstest.Reply{}
	for rows.Next() {
		row := make([]any, len(names))
		into := make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return e.fails(q, err)
		}
		reply.Rows = append(reply.Rows, row)
	}
	for i, name := range names {
		c := tdstest.Column{Name: name, Type: tdstest.BigInt}
		for _, row := range reply.Rows {
			switch row[i].(type) {
			case string:
				c.Type = tdstest.NVarCharMax
			case []byte:
				c.Type = tdstest.VarBinaryMax
			}
		}
		reply.Columns = append(reply.Columns, c)
	}
	return reply
}

// typed says that a parameter travels in a type that the store means.
func typed(kind string) bool {
	return kind == "bigint" || strings.HasPrefix(kind, "nvarchar(") || strings.HasPrefix(kind, "varbinary(")
}

func (e *engine) fails(q string, err error) *tdstest.Reply {
	e.t.Logf("the engine refuses %.200s: %v", q, err)
	n := int32(50003)
	if strings.Contains(err.Error(), "UNIQUE") {
		n = 2627
	}
	return &tdstest.Reply{Error: &tdstest.Error{Number: n, Message: err.Error()}}
}

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

// The whole contract, through the driver.
func TestContractThroughTheDriver(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		_, s := newEngine(t)
		st, err := openServer(t, s, 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		return st
	})
}

// What the schema is made with, on SQL Server.
func TestServerSchema(t *testing.T) {
	_, s := newEngine(t)
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
	release, ok, err := s.(store.Locker).Lock(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return release, ok
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
			_, s := newEngine(t)
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
	_, s := newEngine(t)
	st, err := openServer(t, s, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	s.Break()
	if months, err := st.Months(t.Context()); err != nil || len(months) != 0 {
		t.Fatal(months, err)
	}
}

// A writer that is waited for in vain is said to be in use.
func TestServerInUse(t *testing.T) {
	e, s := newEngine(t)
	st, err := openServer(t, s, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	e.mu.Lock()
	e.locks["splameter store splameter"] = map[int]string{999: "Exclusive"}
	e.mu.Unlock()
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
		e, s := newEngine(t)
		st, err := openServer(t, s, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		e.mu.Lock()
		e.refuse = &tdstest.Error{Number: c.number, Message: "it concerns Jansen"}
		e.mu.Unlock()
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

// realDSN is the server of SPLAMETER_TEST_SQLSERVER, with a schema of the
// test's own that is thrown away. A database whose name does not say "test"
// is refused.
func realDSN(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv("SPLAMETER_TEST_SQLSERVER")
	if dsn == "" {
		t.Skip("SPLAMETER_TEST_SQLSERVER holds no DSN: not proved on a server")
	}
	p, err := msdsn.Parse(dsn)
	if err != nil {
		t.Fatal("SPLAMETER_TEST_SQLSERVER cannot be read")
	}
	if !strings.Contains(strings.ToLower(p.Database), "test") {
		t.Fatalf(`SPLAMETER_TEST_SQLSERVER names the database %q; tests run only in one whose name says "test"`, p.Database)
	}
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "sqlserver" {
		t.Fatal("write SPLAMETER_TEST_SQLSERVER as sqlserver://USER:PASSWORD@HOST:PORT?database=NAME_test")
	}
	q := u.Query()
	schema := fmt.Sprintf("splameter_t%d_%d", os.Getpid(), time.Now().UnixNano())
	q.Set("schema", schema)
	u.RawQuery = q.Encode()
	t.Cleanup(func() {
		db := sql.OpenDB(mssql.NewConnectorConfig(p))
		defer db.Close()
		rows, err := db.Query("SELECT t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = @p1", schema)
		if err != nil {
			t.Error(err)
			return
		}
		var names []string
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				t.Error(err)
			}
			names = append(names, n)
		}
		rows.Close()
		for _, n := range names {
			if _, err := db.Exec("DROP TABLE " + schema + "." + n); err != nil {
				t.Error(err)
			}
		}
		if _, err := db.Exec("DROP SCHEMA " + schema); err != nil {
			t.Error(err)
		}
	})
	return u.String()
}

func openReal(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Wait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestContractOnServer(t *testing.T) {
	realDSN(t) // skips once, by name
	storetest.Run(t, func(t *testing.T) store.Store { return openReal(t, realDSN(t)) })
}

// Eight open an empty store at once: all succeed, and the schema is made once.
func TestRacedSchemaOnServer(t *testing.T) {
	dsn := realDSN(t)
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Wait: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	g.Wait()
}

// Another process takes the lock and is killed: then it is free.
func TestKilledHolderOnServer(t *testing.T) {
	if os.Getenv("SPLAMETER_TEST_HOLD") != "" {
		s := openReal(t, os.Getenv("SPLAMETER_TEST_HOLD"))
		if _, ok := lockOf(t, s, "closing"); !ok {
			t.Fatal("held by another")
		}
		fmt.Println("HELD")
		select {} // until killed
	}
	dsn := realDSN(t)
	s := openReal(t, dsn)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledHolderOnServer$")
	cmd.Env = append(os.Environ(), "SPLAMETER_TEST_HOLD="+dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill := func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	line := make([]byte, 4)
	if _, err := out.Read(line); err != nil || string(line) != "HELD" {
		t.Fatalf("%q %v", line, err)
	}
	if _, ok := lockOf(t, s, "closing"); ok {
		t.Fatal("two hold it")
	}
	kill()
	for range 100 { // the server sees the end of the connection soon
		if _, ok := lockOf(t, s, "closing"); ok {
			return
		}
	}
	t.Fatal("the lock of a killed process is held")
}

// Two write at the same time; the facts are those of both.
func TestTwoWritersOnServer(t *testing.T) {
	dsn := realDSN(t)
	a, b := openReal(t, dsn), openReal(t, dsn)
	var g sync.WaitGroup
	for i, s := range []store.Store{a, b} {
		g.Go(func() {
			for n := range 20 {
				at := time.Date(2026, 10, 1+n, 10, i, 0, 0, time.UTC)
				v := &snapshot.Inventory{Reading: snapshot.Reading{Source: fmt.Sprintf("s%d", i), Kind: snapshot.KindInventory, Taken: at, Status: snapshot.Complete},
					Software: []snapshot.HostSoftware{{Host: "h", Installs: []snapshot.Install{{Name: fmt.Sprintf("p%d", n)}}}}}
				if err := s.PutInventory(t.Context(), v); err != nil {
					t.Error(err)
				}
			}
		})
	}
	g.Wait()
	all, err := a.Readings(t.Context(), "", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(all) != 40 {
		t.Fatal(len(all), err)
	}
}
