package store

import (
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Over a line every question costs the way there and back. So on PostgreSQL
// what is written waits until something is read, and goes in one go; rows go
// by COPY. With SQLite, in this process, there is no way to save.

// queued is a statement that waits to be sent.
type queued struct {
	text string
	args []any
	one  bool // it changes exactly one row
}

// mostQueued is how many statements wait at most.
const mostQueued = 5000

// rowsPerCopy is how many rows go in one COPY; fewer than fewRows go as a statement.
const (
	rowsPerCopy = 50000
	fewRows     = 40
)

// remote says that the database is behind a line, and that statements wait.
func (t *tx) remote() bool { return t.conn != nil }

func (t *tx) queue(q string, one bool, args []any) error {
	t.waiting = append(t.waiting, queued{t.text(q), plainText(args), one})
	if len(t.waiting) < mostQueued {
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
	var b pgx.Batch
	for _, w := range t.waiting {
		b.Queue(w.text, w.args...)
	}
	all := t.waiting
	t.waiting = nil
	return t.native(func(c *pgx.Conn) (err error) {
		r := c.SendBatch(t.ctx, &b)
		for i := range all {
			tag, err := r.Exec()
			if err == nil && all[i].one && tag.RowsAffected() != 1 {
				err = errMoved
			}
			if err != nil {
				_ = r.Close()
				return err
			}
		}
		return r.Close()
	})
}

// native hands f the driver's own connection, on which the transaction is.
func (t *tx) native(f func(*pgx.Conn) error) error {
	return t.conn.Raw(func(c any) error { return f(c.(*stdlib.Conn).Conn()) })
}

// copyRows writes rows by COPY.
func (t *tx) copyRows(table string, columns []string, args []any) error {
	if err := t.send(); err != nil {
		return err
	}
	n := len(columns)
	plainText(args)
	return t.native(func(c *pgx.Conn) error {
		_, err := c.CopyFrom(t.ctx, pgx.Identifier{t.db.dialect.schema, table}, columns,
			pgx.CopyFromSlice(len(args)/n, func(i int) ([]any, error) { return args[i*n : (i+1)*n], nil }))
		return err
	})
}

// plainText brings text to what PostgreSQL takes: UTF-8 without a zero.
func plainText(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}
