package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"splameter/internal/tsql"
)

var errSilent = errors.New("no answer")

// each runs one query and hands over its rows one at a time. begin is called
// before each try and must forget what an earlier one brought: a deadlock, or
// a connection that broke, is tried once more from the beginning, which is
// safe since a query changes nothing.
func (c *client) each(ctx context.Context, query string, args []any, zone *time.Location, begin func() func(*row) error) error {
	if err := tsql.OnlySelectOf(c.engine.dialect, query); err != nil {
		return err
	}
	n, err := c.once(ctx, query, args, zone, begin())
	if err != nil && ctx.Err() == nil && c.again(err) {
		n, err = c.once(ctx, query, args, zone, begin())
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return err
	}
	c.rows += n
	return nil
}

func (c *client) once(ctx context.Context, query string, args []any, zone *time.Location, f func(*row) error) (n int, err error) {
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(c.timeout, func() { cancel(errSilent) })
	defer watch.Stop()
	fail := func(err error) (int, error) {
		if errors.Is(context.Cause(watched), errSilent) && ctx.Err() == nil {
			return 0, fmt.Errorf("%s sent nothing for %s; ask its administrator what holds the query up, or give it more time under timeout", c.server, c.timeout)
		}
		return 0, c.explain("read", err)
	}
	rows, end, err := c.query(watched, query, args)
	if err != nil {
		return fail(err)
	}
	defer end()
	r, err := newRow(rows, zone)
	if err != nil {
		return fail(err)
	}
	for rows.Next() {
		watch.Reset(c.timeout)
		if n++; n > maxRows {
			return 0, fmt.Errorf("a query yields more than %d rows; make it narrower", maxRows)
		}
		if err := rows.Scan(r.into...); err != nil {
			return fail(err)
		}
		r.number = n
		if err := f(r); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	return n, nil
}

// query runs one, in a transaction that may only read where the server has
// such; end lets go of it.
func (c *client) query(ctx context.Context, query string, args []any) (rows *sql.Rows, end func(), err error) {
	if !c.engine.reading {
		if rows, err = c.db.QueryContext(ctx, query, args...); err != nil {
			return nil, nil, err
		}
		return rows, func() { rows.Close() }, nil
	}
	t, err := c.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, nil, err
	}
	if rows, err = t.QueryContext(ctx, query, args...); err != nil {
		_ = t.Rollback()
		return nil, nil, err
	}
	return rows, func() { rows.Close(); _ = t.Rollback() }, nil
}

// row is one row of a result, its columns by name without regard to case.
type row struct {
	number int // counted from 1
	zone   *time.Location
	values []any
	into   []any
	types  []string
	at     map[string]int
	names  []string
}

func newRow(rows *sql.Rows, zone *time.Location) (*row, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &row{zone: zone, at: map[string]int{}, values: make([]any, len(types)), into: make([]any, len(types))}
	for i, t := range types {
		name := strings.ToLower(t.Name())
		if _, ok := r.at[name]; !ok {
			r.at[name] = i
		}
		r.names = append(r.names, t.Name())
		r.types = append(r.types, t.DatabaseTypeName())
		r.into[i] = &r.values[i]
	}
	return r, nil
}
