// Package tdsengine is a database of SQLite that speaks as SQL Server does: the
// store's contract, and whole months, run against it through the real driver.
package tdsengine

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
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
	locks    map[string]map[int]string // resource, connection, mode

	lacks  string         // a table and a right that the login has not
	refuse *tdstest.Error // of every statement that names the readings
}

// Start starts one; it ends with the test.
func Start(t testing.TB) (*Engine, *tdstest.Server) {
	t.Helper()
	e := &Engine{t: t, dir: t.TempDir(), schemas: map[string]*sql.DB{}, sessions: map[int]*session{}, locks: map[string]map[int]string{}}
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
	e.locks[resource] = map[int]string{999: "Exclusive"}
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

// lock is sp_getapplock: it waits, and says -1 where it waited in vain.
func (e *Engine) lock(st tdstest.Statement) int {
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
	qualified = regexp.MustCompile(`\b(splameter\w*)\.`)
	ifMissing = regexp.MustCompile(`^IF OBJECT_ID\(N'[^']*'\) IS NULL CREATE TABLE `)
	atP       = regexp.MustCompile(`@p\d+`)
)

func (e *Engine) answer(st tdstest.Statement) *tdstest.Reply {
	ctx := context.Background()
	switch {
	case strings.Contains(st.Text, "sp_getapplock"):
		return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.Int}}, Rows: [][]any{{e.lock(st)}}}
	case strings.Contains(st.Text, "sp_releaseapplock"):
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.locks[st.Params[0].Value.(string)], st.Conn)
		return nil
	case strings.Contains(st.Text, "SUSER_SNAME()"):
		return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.NVarChar}, {Type: tdstest.NVarChar}}, Rows: [][]any{{"splameter", "meters"}}}
	case strings.Contains(st.Text, "OBJECT_ID(@p1)"):
		return e.object(ctx, st)
	case strings.Contains(st.Text, "HAS_PERMS_BY_NAME"):
		e.mu.Lock()
		may := int64(1)
		if e.lacks == st.Params[0].Value.(string)+" "+st.Params[1].Value.(string) {
			may = 0
		}
		e.mu.Unlock()
		return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.BigInt}}, Rows: [][]any{{may}}}
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
	q := ifMissing.ReplaceAllString(st.Text, "CREATE TABLE IF NOT EXISTS ")
	q = strings.ReplaceAll(qualified.ReplaceAllString(q, ""), " COLLATE Latin1_General_100_BIN2", "")
	q = strings.ReplaceAll(q, "VARBINARY(MAX)", "BLOB")
	if len(st.Params) > 2100 {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 8003, Message: "too many parameters"}}
	}
	if n := len(atP.FindAllString(q, -1)); n != len(st.Params) {
		return &tdstest.Reply{Error: &tdstest.Error{Number: 137, Message: fmt.Sprintf("%d places for %d parameters", n, len(st.Params))}}
	}
	conn, fault := e.conn(ctx, st)
	if fault != nil {
		return &tdstest.Reply{Error: fault}
	}
	var args []any
	for _, p := range st.Params {
		if !typed(p.Type) {
			e.t.Errorf("parameter %s of %s is declared %q", p.Name, st.Text, p.Type)
		}
		args = append(args, sql.Named(strings.TrimPrefix(p.Name, "@"), p.Value))
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
