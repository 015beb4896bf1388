// Package tdsengine is a database of SQLite that speaks as SQL Server does: the
// store's contract, and whole months, run against it through the real driver.
package tdsengine

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"splameter/collector/database/tdstest"
)

// Engine answers the statements that the store sends to SQL Server from a
// database of SQLite: the same driver, the same bytes on the wire, the same
// statements; but another engine, so that locking, rights, collation and what
// SQL Server alone refuses stay unproved.
type Engine struct {
	t        testing.TB
	dir      string
	mu       sync.Mutex
	schemas  map[string]*sql.DB // each is a database of its own
	sessions map[int]*session
	locks    map[string]map[holder]string // by resource, with the mode
	keeps    Keeping

	lacks  string         // a table and a right that the login has not
	refuse *tdstest.Error // of every statement that names the readings
}

// Start starts one; it ends with the test.
func Start(t testing.TB) (*Engine, *tdstest.Server) {
	t.Helper()
	e := &Engine{t: t, dir: t.TempDir(), schemas: map[string]*sql.DB{}, sessions: map[int]*session{}, locks: map[string]map[holder]string{},
		keeps: Keeping{Level: 150, Snapshots: 1, Committed: 1}}
	t.Cleanup(func() {
		for _, db := range e.schemas {
			db.Close()
		}
	})
	s := tdstest.Start(t, tdstest.Options{Answer: e.answer, Transaction: e.transaction, Closed: e.closed})
	return e, s
}

// Hold lets a connection that nobody has hold a lock of the application.
func (e *Engine) Hold(resource string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.locks[resource] = map[holder]string{{999, false}: "Exclusive"}
}

// Keeping is how the database is set; 1 is on.
type Keeping struct{ Level, Snapshots, Committed int64 }

// Keep sets the database.
func (e *Engine) Keep(k Keeping) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keeps = k
}

// Lack takes a right on a table away.
func (e *Engine) Lack(table, right string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lacks = table + " " + right
}

// Refuse answers every statement that names the readings with an error.
func (e *Engine) Refuse(with *tdstest.Error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuse = with
}

// holder is a connection that holds a lock, or its transaction.
type holder struct {
	conn        int
	transaction bool
}

// lock is sp_getapplock, once or twice: it waits, and says -1 where it waited
// in vain.
func (e *Engine) lock(st tdstest.Statement) int {
	h := holder{st.Conn, strings.Contains(st.Text, "N'Transaction'")}
	value := func(i int) string { return st.Params[i].Value.(string) }
	wait := st.Params[2].Value.(int64)
	status := e.wait(value(0), value(1), h, wait)
	if status >= 0 && len(st.Params) > 3 {
		status = e.wait(value(3), "Exclusive", h, wait)
	}
	return status
}

// wait waits for one lock.
func (e *Engine) wait(resource, mode string, h holder, milliseconds int64) int {
	until := time.Now().Add(time.Duration(milliseconds) * time.Millisecond)
	for {
		e.mu.Lock()
		holders := e.locks[resource]
		if holders == nil {
			holders = map[holder]string{}
			e.locks[resource] = holders
		}
		free := true
		for other, held := range holders { // two that are alike, and share
			free = free && (other == h || held == mode && mode != "Exclusive")
		}
		if free {
			holders[h] = mode
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

// free frees what the transaction of a connection holds.
func (e *Engine) free(conn int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, holders := range e.locks {
		delete(holders, holder{conn, true})
	}
}

func (e *Engine) answer(st tdstest.Statement) *tdstest.Reply {
	ctx := context.Background()
	switch {
	case strings.HasPrefix(st.Text, "SET NOCOUNT ON"):
		return e.numbered(ctx, st)
	case strings.Contains(st.Text, "sp_getapplock"):
		return numberReply(int64(e.lock(st)), tdstest.Int)
	case strings.Contains(st.Text, "sp_releaseapplock"):
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.locks[st.Params[0].Value.(string)], holder{st.Conn, false})
		return nil
	case strings.Contains(st.Text, "FROM sys.databases"):
		e.mu.Lock()
		defer e.mu.Unlock()
		big := func(name string) tdstest.Column { return tdstest.Column{Name: name, Type: tdstest.BigInt} }
		return &tdstest.Reply{Columns: []tdstest.Column{{Name: "name", Type: tdstest.NVarChar}, big("level"), big("snapshots"), big("committed")},
			Rows: [][]any{{"meters", e.keeps.Level, e.keeps.Snapshots, e.keeps.Committed}}}
	case strings.Contains(st.Text, "SUSER_SNAME()"):
		return &tdstest.Reply{Columns: []tdstest.Column{{Name: "login", Type: tdstest.NVarChar}}, Rows: [][]any{{"splameter"}}}
	case strings.Contains(st.Text, "OBJECT_ID(@p1)"):
		return e.object(ctx, st)
	case strings.Contains(st.Text, "HAS_PERMS_BY_NAME"):
		e.mu.Lock()
		defer e.mu.Unlock()
		may := int64(1)
		if e.lacks == st.Params[0].Value.(string)+" "+st.Params[1].Value.(string) {
			may = 0
		}
		return numberReply(may, tdstest.BigInt)
	}
	if r, ok := e.schemaOf(ctx, st); ok {
		return r
	}
	e.mu.Lock()
	refused := e.refuse
	e.mu.Unlock()
	if refused != nil && strings.Contains(st.Text, "splameter.reading") {
		return &tdstest.Reply{Error: refused}
	}
	if len(st.Params) > 2100 {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 8003, Message: "too many parameters"}}
	}
	if n := places(st.Text); n != len(st.Params) {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 137, Message: fmt.Sprintf("%d places for %d parameters", n, len(st.Params))}}
	}
	conn, fault := e.conn(ctx, st)
	if fault != nil {
		return &tdstest.Reply{Error: fault}
	}
	reply := &tdstest.Reply{}
	for _, q := range strings.Split(st.Text, ";\n") {
		if m := ifCount.FindStringSubmatch(q); m != nil { // counts what the statement before it changed
			want, _ := strconv.Atoi(m[1])
			if number, _ := strconv.Atoi(m[2]); st.Params[want-1].Value != reply.Changed {
				return &tdstest.Reply{Error: &tdstest.Error{Number: int32(number), Message: "a row was not where it was read"}}
			}
			continue
		}
		if reply = e.run(ctx, conn, q, st.Params); reply.Error != nil {
			return reply
		}
	}
	return reply
}

var ifCount = regexp.MustCompile(`^IF @@ROWCOUNT <> @p(\d+) BEGIN; THROW (\d+), N'[^']*', 1; END$`)

func numberReply(n int64, kind tdstest.Type) *tdstest.Reply {
	return &tdstest.Reply{Columns: []tdstest.Column{{Name: "n", Type: kind}}, Rows: [][]any{{n}}}
}

// numbered runs the transaction that gives numbers: the lock, the statements,
// and a question after them.
func (e *Engine) numbered(ctx context.Context, st tdstest.Statement) *tdstest.Reply {
	const begin, end = 6, "COMMIT TRANSACTION"
	lines := strings.Split(st.Text, ";\n")
	want := []string{"SET NOCOUNT ON", "SET XACT_ABORT ON", "BEGIN TRANSACTION", "DECLARE @got INT",
		"EXEC @got = sp_getapplock @Resource = @p1, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = @p2",
		"IF @got < 0 BEGIN; THROW 51001, N'the lock of numbers is held', 1; END"}
	at := slices.Index(lines, end)
	if at < 0 || !slices.Equal(lines[:min(begin, len(lines))], want) || at != len(lines)-2 {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 102, Message: "the engine does not know this batch"}}
	}
	if n := places(st.Text); n != len(st.Params) {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 137, Message: fmt.Sprintf("%d places for %d parameters", n, len(st.Params))}}
	}
	resource := st.Params[0].Value.(string)
	if e.wait(resource, "Exclusive", holder{st.Conn, true}, st.Params[1].Value.(int64)) < 0 {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 51001, Message: "the lock of numbers is held"}}
	}
	defer e.free(st.Conn)
	conn, fault := e.conn(ctx, st)
	if fault != nil {
		return &tdstest.Reply{Error: fault}
	}
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return e.fails("BEGIN", err)
	}
	for _, q := range lines[begin:at] {
		if r := e.run(ctx, conn, q, st.Params); r.Error != nil {
			_, _ = conn.ExecContext(ctx, "ROLLBACK")
			return r
		}
	}
	if _, err := conn.ExecContext(ctx, "COMMIT"); err != nil {
		return e.fails("COMMIT", err)
	}
	return e.run(ctx, conn, lines[at+1], st.Params)
}

// run runs one statement; of the parameters it takes those that it names.
func (e *Engine) run(ctx context.Context, conn *sql.Conn, text string, params []tdstest.Param) *tdstest.Reply {
	q := translate(text)
	if q == "" {
		return &tdstest.Reply{}
	}
	named := map[string]bool{}
	for _, p := range atP.FindAllString(q, -1) {
		named[p] = true
	}
	var args []any
	for _, p := range params {
		if !typed(p.Type) {
			e.t.Errorf("parameter %s of %s is declared %q", p.Name, text, p.Type)
		}
		if named[p.Name] {
			args = append(args, sql.Named(strings.TrimPrefix(p.Name, "@"), p.Value))
		}
	}
	if !strings.HasPrefix(q, "SELECT") {
		r, err := conn.ExecContext(ctx, q, args...)
		if err != nil {
			return e.fails(q, err)
		}
		n, _ := r.RowsAffected()
		return &tdstest.Reply{Changed: n}
	}
	rows, err := conn.QueryContext(ctx, q, args...)
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

func (e *Engine) fails(q string, err error) *tdstest.Reply {
	e.t.Logf("the engine refuses %.200s: %v", q, err)
	n := int32(50003)
	if strings.Contains(err.Error(), "UNIQUE") {
		n = 2627
	}
	return &tdstest.Reply{Error: &tdstest.Error{Number: n, Message: err.Error()}}
}
