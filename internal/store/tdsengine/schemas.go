package tdsengine

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"splameter/collector/database/tdstest"
)

// session is one connection of a client: it has a connection to each schema
// that it works in. SQL Server begins a transaction in no schema, so the
// transaction of SQLite begins with the first statement that names one.
type session struct {
	conns map[string]*sql.Conn
	begun bool
	reads bool   // its transaction sees one state
	in    string // the schema of its transaction, or the last that it named
}

func (e *Engine) session(n int) *session {
	if e.sessions[n] == nil {
		e.sessions[n] = &session{conns: map[string]*sql.Conn{}}
	}
	return e.sessions[n]
}

// conn is where a statement runs: the database of the schema that it names.
func (e *Engine) conn(ctx context.Context, st tdstest.Statement) (*sql.Conn, *tdstest.Error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.session(st.Conn)
	schema := s.in
	if m := qualified.FindStringSubmatch(st.Text); m != nil {
		schema = m[1]
	}
	if schema == "" {
		schema = "splameter"
	}
	db := e.schemas[schema]
	if db == nil {
		return nil, &tdstest.Error{Number: 208, Message: "invalid object name: there is no schema " + schema}
	}
	c := s.conns[schema]
	if c == nil {
		var err error
		if c, err = db.Conn(ctx); err != nil {
			return nil, &tdstest.Error{Number: 50001, Message: err.Error()}
		}
		s.conns[schema] = c
	}
	if s.begun && s.in == "" {
		begin := []string{"BEGIN", "DELETE FROM _writer"} // who writes waits for who writes
		if s.reads {
			begin = begin[:1]
		}
		e.mu.Unlock() // the one waited for needs the engine
		for _, q := range begin {
			if _, err := c.ExecContext(ctx, q); err != nil {
				e.mu.Lock()
				return nil, &tdstest.Error{Number: 50002, Message: err.Error()}
			}
		}
		e.mu.Lock()
	}
	s.in = schema
	return c, nil
}

func (e *Engine) transaction(st tdstest.Statement) *tdstest.Error {
	e.mu.Lock()
	s := e.session(st.Conn)
	var c *sql.Conn
	if strings.HasPrefix(st.Text, "BEGIN") {
		s.begun, s.reads, s.in = true, st.Text != "BEGIN", ""
	} else {
		if s.begun {
			c = s.conns[s.in]
		}
		s.begun = false
	}
	e.mu.Unlock()
	if !strings.HasPrefix(st.Text, "BEGIN") {
		defer e.free(st.Conn)
	}
	if c == nil {
		return nil
	}
	if _, err := c.ExecContext(context.Background(), st.Text); err != nil {
		return &tdstest.Error{Number: 50002, Message: err.Error()}
	}
	return nil
}

func (e *Engine) closed(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, holders := range e.locks {
		delete(holders, holder{n, false})
		delete(holders, holder{n, true})
	}
	if s := e.sessions[n]; s != nil {
		for _, c := range s.conns {
			_, _ = c.ExecContext(context.Background(), "ROLLBACK")
			c.Close()
		}
		delete(e.sessions, n)
	}
}

// Schemas are the schemas that are there.
func (e *Engine) Schemas() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var names []string
	for name := range e.schemas {
		names = append(names, name)
	}
	return names
}

var (
	makeSchema = regexp.MustCompile(`^IF SCHEMA_ID\(N'(\w+)'\) IS NULL EXEC\(N'CREATE SCHEMA (\w+)'\)$`)
	dropSchema = regexp.MustCompile(`^DROP SCHEMA (\w+)$`)
)

// schemaOf answers what makes, looks for and drops a schema. As on SQL Server
// one with tables in it cannot be dropped, nor one that is not there.
func (e *Engine) schemaOf(ctx context.Context, st tdstest.Statement) (*tdstest.Reply, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if m := makeSchema.FindStringSubmatch(st.Text); m != nil {
		if e.schemas[m[1]] == nil {
			db, err := openSchema(ctx, filepath.ToSlash(filepath.Join(e.dir, m[1])))
			if err != nil {
				return e.fails(st.Text, err), true
			}
			e.schemas[m[1]] = db
		}
		return nil, true
	}
	if strings.Contains(st.Text, "SCHEMA_ID(@p1)") {
		var id any
		if e.schemas[st.Params[0].Value.(string)] != nil {
			id = int64(7)
		}
		return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.BigInt}}, Rows: [][]any{{id}}}, true
	}
	if m := dropSchema.FindStringSubmatch(st.Text); m != nil {
		db := e.schemas[m[1]]
		if db == nil {
			return &tdstest.Reply{Error: &tdstest.Error{Number: 15151, Message: "cannot drop the schema " + m[1] + ", because it does not exist"}}, true
		}
		if names, err := tables(ctx, db); err != nil || len(names) > 0 {
			return &tdstest.Reply{Error: &tdstest.Error{Number: 3729, Message: "cannot drop the schema " + m[1] + ", because tables are in it"}}, true
		}
		delete(e.schemas, m[1])
		for _, s := range e.sessions {
			if c := s.conns[m[1]]; c != nil {
				c.Close()
				delete(s.conns, m[1])
			}
		}
		return nil, db.Close() == nil
	}
	if strings.Contains(st.Text, "FROM sys.tables") {
		r := &tdstest.Reply{Columns: []tdstest.Column{{Name: "name", Type: tdstest.NVarChar}}}
		if db := e.schemas[st.Params[0].Value.(string)]; db != nil {
			names, err := tables(ctx, db)
			if err != nil {
				return e.fails(st.Text, err), true
			}
			for _, n := range names {
				r.Rows = append(r.Rows, []any{n})
			}
		}
		return r, true
	}
	return nil, false
}

// schemaFile is a database of a schema, with a file beside it for what is
// numbered: SQLite lets one write to a file, and numbers are given while
// another transaction writes.
type schemaFile struct {
	driver driver.Driver
	path   string
}

func (f schemaFile) Driver() driver.Driver { return f.driver }

// Connect implements driver.Connector.
func (f schemaFile) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := f.driver.Open("file:" + f.path + ".db?_journal_mode=WAL&_busy_timeout=60000&_synchronous=OFF") // it outlives no test
	for _, q := range []string{"ATTACH '" + f.path + ".numbers.db' AS numbers", "PRAGMA numbers.synchronous = OFF"} {
		if err == nil {
			_, err = c.(driver.ExecerContext).ExecContext(ctx, q, nil)
		}
	}
	return c, err
}

func openSchema(ctx context.Context, path string) (*sql.DB, error) {
	lite, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(schemaFile{lite.Driver(), path})
	for _, q := range []string{"PRAGMA numbers.journal_mode = WAL", "CREATE TABLE _writer (n INTEGER)"} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, lite.Close()
}

func tables(ctx context.Context, db *sql.DB) (names []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name <> '_writer'
		UNION ALL SELECT name FROM numbers.sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		names = append(names, n)
	}
	return names, rows.Err()
}

// object is OBJECT_ID of a table SCHEMA.NAME; NULL where it is not there.
func (e *Engine) object(ctx context.Context, st tdstest.Statement) *tdstest.Reply {
	schema, table, _ := strings.Cut(st.Params[0].Value.(string), ".")
	e.mu.Lock()
	db := e.schemas[schema]
	e.mu.Unlock()
	var n any
	if db != nil {
		if err := db.QueryRowContext(ctx, `SELECT MIN(n) FROM (SELECT rowid AS n FROM main.sqlite_master WHERE name = ?1
			UNION ALL SELECT rowid FROM numbers.sqlite_master WHERE name = ?1)`, table).Scan(&n); err != nil {
			return e.fails(st.Text, err)
		}
	}
	return &tdstest.Reply{Columns: []tdstest.Column{{Type: tdstest.BigInt}}, Rows: [][]any{{n}}}
}
