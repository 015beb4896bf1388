package store

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"
)

// dialect is what differs between the databases a store can live in. All
// other SQL here is plain: no upsert, no LIMIT, no row values, bytes rather
// than collated text wherever equality matters.
type dialect struct {
	name string
	// words replaces {int}, {text}, {word} (text that is indexed), {blob},
	// {key} (bytes that are indexed) and {rows} (how a table is laid out by its primary key).
	words *strings.Replacer
	// marker is what parameters are numbered by: @p1, @p2 … or $1, $2 …; empty: they are ?.
	marker string
	// schema is where the tables are; empty: in no schema.
	schema string
	tables *regexp.Regexp // finds their names in a statement
}

func sqliteDialect() dialect {
	return dialect{
		name: "sqlite",
		words: strings.NewReplacer("{int}", "INTEGER", "{text}", "TEXT", "{word}", "TEXT", "{blob}", "BLOB", "{key}", "BLOB",
			"{rows}", " WITHOUT ROWID"),
	}
}

// ddl writes a statement that makes something in the dialect's way.
func (d *dialect) ddl(q string) string { return d.placed(d.words.Replace(q)) }

// placed puts the tables of a statement into the schema.
func (d *dialect) placed(q string) string {
	if d.schema == "" {
		return q
	}
	return d.tables.ReplaceAllString(q, "$1 "+d.schema+".$2")
}

// metaColumns is the table that every version has.
const metaColumns = "meta (name {word} NOT NULL PRIMARY KEY, value {text} NOT NULL)"

// meta makes the table that every version has, and what it stands in.
func (d *dialect) meta() []string {
	const columns = metaColumns
	if d.schema == "" {
		return []string{d.ddl("CREATE TABLE IF NOT EXISTS " + columns)}
	}
	return []string{
		"IF SCHEMA_ID(N'" + d.schema + "') IS NULL EXEC(N'CREATE SCHEMA " + d.schema + "')",
		"IF OBJECT_ID(N'" + d.schema + ".meta') IS NULL " + d.ddl("CREATE TABLE "+columns),
	}
}

// bind writes a statement's parameters in the dialect's way. No statement
// here has a question mark that is not a parameter.
func (d *dialect) bind(q string) string {
	if d.marker == "" {
		return d.placed(q)
	}
	q, _ = d.bindAfter(0, q)
	return q
}

// bindAfter is bind in the dialect of a server for a statement that follows
// others, with n parameters; it says how many they are with its own.
func (d *dialect) bindAfter(n int, q string) (string, int) {
	q = d.placed(d.words.Replace(q))
	var b strings.Builder
	for i := range len(q) {
		if q[i] != '?' {
			b.WriteByte(q[i])
			continue
		}
		n++
		b.WriteString(d.marker + strconv.Itoa(n))
	}
	return b.String(), n
}

// tx is one transaction with its prepared statements. It belongs to one
// goroutine. Queries of later parts of the store go through it too.
type tx struct {
	ctx   context.Context
	db    *database
	raw   *sql.Tx
	stmts map[string]*sql.Stmt
	// With a server: the connection, how it is spoken to, the texts of statements
	// as they are sent, and those that wait with so many rows (see bulk.go).
	conn    *sql.Conn
	line    line
	texts   map[string]string
	waiting []queued
	rows    int
}

func (t *tx) prepare(q string) (*sql.Stmt, error) {
	if s := t.stmts[q]; s != nil {
		return s, nil
	}
	s, err := t.raw.PrepareContext(t.ctx, t.db.dialect.bind(q))
	if err != nil {
		return nil, err
	}
	t.stmts[q] = s
	return s, nil
}

func (t *tx) exec(q string, args ...any) error {
	if t.remote() {
		return t.queue(queued{q: q, args: t.line.args(args), rows: 1})
	}
	s, err := t.prepare(q)
	if err == nil {
		_, err = s.ExecContext(t.ctx, args...)
	}
	return err
}

// changed is exec that says how many rows there were to change.
func (t *tx) changed(q string, args ...any) (int64, error) {
	if err := t.send(); err != nil {
		return 0, err
	}
	var r sql.Result
	var err error
	if t.remote() {
		r, err = t.raw.ExecContext(t.ctx, t.text(q), t.line.args(args)...)
	} else {
		var s *sql.Stmt
		if s, err = t.prepare(q); err == nil {
			r, err = s.ExecContext(t.ctx, args...)
		}
	}
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// each calls f on every row; f scans it and must not keep what it scanned
// into sql.RawBytes.
func (t *tx) each(f func(*sql.Rows) error, q string, args ...any) error {
	if err := t.send(); err != nil {
		return err
	}
	var rows *sql.Rows
	var err error
	if t.remote() {
		rows, err = t.raw.QueryContext(t.ctx, t.text(q), t.line.args(args)...)
	} else {
		var s *sql.Stmt
		if s, err = t.prepare(q); err == nil {
			rows, err = s.QueryContext(t.ctx, args...)
		}
	}
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// number is the one number that a query yields; 0 for NULL or no row.
func (t *tx) number(q string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := t.each(func(r *sql.Rows) error { return r.Scan(&n) }, q, args...)
	return n.Int64, err
}

// inserter gathers rows into statements of many rows, which is twice as fast
// as one by one, and stays below 2,000 parameters.
type inserter struct {
	t       *tx
	table   string
	names   []string
	columns int
	most    int // rows that wait
	args    []any
}

const rowsPerInsert = 100

func (t *tx) inserter(table string, columns ...string) *inserter {
	most := rowsPerInsert
	if t.remote() {
		most = rowsAtOnce
	}
	return &inserter{
		t: t, table: table, names: columns, columns: len(columns), most: most,
		args: make([]any, 0, rowsPerInsert*len(columns)),
	}
}

func (i *inserter) add(args ...any) error {
	i.args = append(i.args, args...)
	if len(i.args) < i.most*i.columns {
		return nil
	}
	return i.flush()
}

func (i *inserter) flush() error {
	n := len(i.args) / i.columns
	if n == 0 {
		return nil
	}
	if i.t.remote() {
		args := i.args
		i.args = nil
		return i.t.line.insert(i.t, i.table, i.names, args)
	}
	err := i.t.exec(valuesOf(i.table, i.names, n), i.args...)
	i.args = i.args[:0]
	return err
}

// marks are n parameters, for a row or for IN.
func marks(n int) string { return strings.Repeat("?,", n-1) + "?" }

// perLookup is how many keys one IN holds.
const perLookup = 500

// lookup runs a query that ends in IN over all keys, perLookup at a time; the
// last statement is filled up by repeating a key, so that there is one text.
func lookup[K any](t *tx, keys []K, f func(*sql.Rows) error, head string) error {
	if len(keys) == 0 {
		return nil
	}
	if t.remote() {
		list := " {in keys}"
		if _, ok := any(keys).([]int64); ok {
			list = " {in numbers}"
		}
		return t.each(f, head+list, keys)
	}
	n := perLookup
	if len(keys) < 8 {
		n = 8
	}
	q := head + " IN (" + marks(n) + ")"
	args := make([]any, n)
	for from := 0; from < len(keys); from += n {
		for i := range args {
			args[i] = keys[min(from+i, len(keys)-1)]
		}
		if err := t.each(f, q, args...); err != nil {
			return err
		}
	}
	return nil
}
