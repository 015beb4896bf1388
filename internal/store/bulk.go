package store

import "strings"

// Over a line every question costs the way there and back. So on a server
// what is written waits until something is read, and goes in one go, and many
// rows of a table go as one. With SQLite, in this process, there is no way to save.

// line is how a database behind a line is spoken to in few round trips.
type line interface {
	// send sends statements that wait, in their order.
	send(t *tx, all []queued) error
	// most is how many rows wait at most.
	most() int
	// insert writes rows of one table; args are its own from then on.
	insert(t *tx, table string, columns []string, args []any) error
	// args are a statement's parameters as the server takes them.
	args(all []any) []any
	// numbered runs statements as one transaction of its own, on a connection
	// of its own, that holds the lock of numbers; tell is called with each row
	// that the last of them yields.
	numbered(t *tx, all []queued, tell func(scanner) error) error
}

// queued is a statement that waits to be sent: once for each of its rows of
// parameters.
type queued struct {
	q    string
	args []any
	rows int
	one  bool // each changes exactly one row
}

// scanner is a row of an answer.
type scanner interface{ Scan(into ...any) error }

// Lists are parameters that are many. In a statement {in numbers} and {in keys}
// stand for IN a list of []int64 or [][]byte, {pairs} and {triples} for a table
// p of columns of numbers, and {bodies} for a table u of keys, bodies and the
// order in which they stand: see the dialects.
type (
	columnsOf [][]int64
	bodiesOf  struct{ keys, bodies [][]byte }
)

// rowsAtOnce is how many rows go in one insert.
const rowsAtOnce = 50000

// remote says that the database is behind a line, and that statements wait.
func (t *tx) remote() bool { return t.line != nil }

func (t *tx) queue(w queued) error {
	t.waiting = append(t.waiting, w)
	if t.rows += w.rows; t.rows < t.line.most() {
		return nil
	}
	return t.send()
}

// text is a statement as it is sent.
func (t *tx) text(q string) string {
	s, ok := t.texts[q]
	if !ok {
		s = t.db.dialect.bind(q)
		t.texts[q] = s
	}
	return s
}

// send sends what waits.
func (t *tx) send() error {
	if len(t.waiting) == 0 {
		return nil
	}
	all := t.waiting
	t.waiting, t.rows = nil, 0
	return t.line.send(t, all)
}

// valuesOf is the statement that inserts rows of a table.
func valuesOf(table string, columns []string, rows int) string {
	row := "(" + marks(len(columns)) + ")"
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + strings.Repeat(row+",", rows-1) + row
}
