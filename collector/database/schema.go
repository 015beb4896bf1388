package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// there says whether everything is there that a part reads. A part that a
// reading can do without is then a notice; another one ends the reading.
func (r *reading) there(ctx context.Context, p part) (bool, error) {
	if len(p.needs) == 0 {
		return true, nil
	}
	missing, err := r.c.missing(ctx, p.needs)
	if err != nil || len(missing) == 0 {
		return err == nil, err
	}
	what := strings.Join(missing, ", ")
	if p.less == "" {
		return false, fmt.Errorf("database %s of %s has no %s, or the login may not see it; grant the login SELECT on it, or check that this is a database of the preset %s",
			r.cfg.Database, r.cfg.Server, what, r.cfg.Preset)
	}
	r.notes.add("database-part-missing", r.cfg.Name, 0, fmt.Sprintf("%s has no %s, or the login may not see it: %s", r.file, what, p.less))
	return false, nil
}

// has says whether a table is there, with columns: products keep the same in
// other tables from version to version.
func (r *reading) has(ctx context.Context, o object) (bool, error) {
	missing, err := r.c.missing(ctx, []object{o})
	return err == nil && len(missing) == 0, err
}

// missing lists the tables, views and columns that are not there.
func (c *client) missing(ctx context.Context, needs []object) ([]string, error) {
	var args []any
	for _, o := range needs {
		args = append(args, o.name)
	}
	var have map[string]bool
	err := c.each(ctx, c.engine.columns(len(needs)), args, time.UTC, func() func(*row) error {
		have = map[string]bool{}
		return func(r *row) error {
			if len(have) > 100_000 {
				return fmt.Errorf("%s lists more columns than any table has", c.server)
			}
			table := strings.ToLower(r.text("schema_name") + "." + r.text("object_name"))
			have[table], have[table+"."+strings.ToLower(r.text("column_name"))] = true, true
			return nil
		}
	})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, o := range needs {
		full := strings.TrimPrefix(o.schema+"."+o.name, ".")
		table := strings.ToLower(o.schema + "." + o.name)
		if !have[table] {
			out = append(out, full)
			continue
		}
		for _, col := range o.columns {
			if !have[table+"."+strings.ToLower(col)] {
				out = append(out, "column "+col+" of "+full)
			}
		}
	}
	return slices.Compact(out), nil
}

func sqlServerColumns(n int) string {
	return `SELECT s.name AS schema_name, o.name AS object_name, c.name AS column_name FROM sys.columns c
JOIN sys.objects o ON o.object_id = c.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id WHERE o.name IN (` + places(n, "@pN") + ")"
}
