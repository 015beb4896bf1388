package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresLine sends what waits one behind the other without waiting for the
// answers, and rows by COPY.
type postgresLine struct{}

// fewRows go as a statement; more by COPY.
const fewRows = 40

func (postgresLine) most() int { return 5000 }

func (postgresLine) send(t *tx, all []queued) error {
	var b pgx.Batch
	for _, w := range all {
		b.Queue(t.text(w.q), w.args...)
	}
	return native(t.conn, func(c *pgx.Conn) (err error) {
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

func (l postgresLine) insert(t *tx, table string, columns []string, args []any) error {
	n := len(columns)
	rows := len(args) / n
	if rows < fewRows {
		return t.queue(queued{q: valuesOf(table, columns, rows), args: l.args(args), rows: 1})
	}
	if err := t.send(); err != nil {
		return err
	}
	l.args(args)
	return native(t.conn, func(c *pgx.Conn) error {
		_, err := c.CopyFrom(t.ctx, pgx.Identifier{t.db.dialect.schema, table}, columns,
			pgx.CopyFromSlice(rows, func(i int) ([]any, error) { return args[i*n : (i+1)*n], nil }))
		return err
	})
}

// args brings text to what PostgreSQL takes: UTF-8 without a zero. A table of
// lists is a parameter a column.
func (postgresLine) args(all []any) []any {
	out := all
	for i, a := range all {
		switch a := a.(type) {
		case string:
			all[i] = strings.ReplaceAll(strings.ToValidUTF8(a, "\uFFFD"), "\x00", "\uFFFD")
		case columnsOf:
			out = all[:i:i]
			for _, column := range a {
				out = append(out, column)
			}
			out = append(out, all[i+1:]...) // a statement has one table of lists
		case bodiesOf:
			out = append(append(all[:i:i], a.keys, a.bodies), all[i+1:]...)
		}
	}
	return out
}

func (l postgresLine) numbered(t *tx, all []queued, tell func(scanner) error) error {
	conn, err := t.db.db.Conn(t.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return native(conn, func(c *pgx.Conn) (err error) {
		var b pgx.Batch
		b.Queue("SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)::text", t.db.lockWait(), t.db.lockKey("numbers"))
		for _, w := range all {
			b.Queue(t.text(w.q), l.args(w.args)...)
		}
		r := c.SendBatch(t.ctx, &b)
		for range all { // the lock and all but the last
			if _, err = r.Exec(); err != nil {
				break
			}
		}
		if err == nil {
			err = tellRows(r, tell)
		}
		if lockTimeout(err) {
			err = ErrInUse
		}
		if err2 := r.Close(); err == nil {
			err = err2
		}
		return err
	})
}

func tellRows(r pgx.BatchResults, tell func(scanner) error) error {
	rows, err := r.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := tell(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// native hands f the driver's own connection.
func native(conn *sql.Conn, f func(*pgx.Conn) error) error {
	return conn.Raw(func(c any) error { return f(c.(*stdlib.Conn).Conn()) })
}

// lockWait is how long a lock is waited for, as PostgreSQL reads it.
func (s *database) lockWait() string {
	return strconv.FormatInt(max(1, s.opt.Wait.Milliseconds()), 10)
}

// hold takes a writer's lock: shared on the store, and alone on its scope;
// everything is alone on the store.
func (s *database) hold(ctx context.Context, t *tx, of scope) error {
	var a, b, c any
	if of == everything {
		return t.raw.QueryRowContext(ctx, "SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)::text", s.lockWait(), s.lockKey("store")).Scan(&a, &b)
	}
	return t.raw.QueryRowContext(ctx, "SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock_shared($2)::text, pg_advisory_xact_lock($3)::text",
		s.lockWait(), s.lockKey("store"), s.lockKey("scope "+string(of))).Scan(&a, &b, &c)
}
