package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Probe says what stands at a store's address, and what somebody who is to
// work with it would meet: whether it can be reached and opened, by what
// version it was made, and which rights the login lacks, by table. It makes
// and changes nothing.
func Probe(ctx context.Context, dsn string, opt Options) (lines []string, err error) {
	kind, path, _ := strings.Cut(dsn, ":")
	if opt.Wait == 0 {
		opt.Wait = 15 * time.Second
	}
	switch kind {
	case "sqlite":
		return probeSQLite(ctx, path, opt)
	case "postgres":
		s, err := newPostgres(dsn, opt)
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
		defer s.db.Close()
		return s.probePostgres(ctx)
	case "sqlserver":
		s, err := newSQLServer(dsn, opt)
		if err != nil {
			return nil, fmt.Errorf("open the store: %w", err)
		}
		defer s.db.Close()
		return s.probeServer(ctx)
	}
	return nil, fmt.Errorf("open the store: %q is no store", kind)
}

func probeSQLite(ctx context.Context, path string, opt Options) ([]string, error) {
	s := &database{dialect: sqliteDialect(), opt: opt, place: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []string{"there is none at " + path + " yet; the first reading makes it"}, nil
	case err != nil:
		return nil, s.explain("open", err)
	case info.IsDir():
		return nil, s.explain("open", errors.New("it is a folder; name a file in it"))
	case info.Size() == 0:
		return []string{"it is empty; the first reading fills it"}, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, s.explain("open", err)
	}
	if s.db, err = sql.Open("sqlite", sqliteDSN(abs, opt.Wait, false)+"&_pragma=query_only(true)"); err != nil {
		return nil, s.explain("open", err)
	}
	defer s.db.Close()
	if err := foreign(ctx, s.db); err != nil {
		return nil, s.explain("open", err)
	}
	raw, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, s.explain("open", err)
	}
	defer func() { _ = raw.Rollback() }()
	line, err := (&tx{ctx: ctx, db: s, raw: raw, stmts: map[string]*sql.Stmt{}}).state()
	if err != nil {
		return nil, s.explain("open", err)
	}
	return []string{line}, nil
}

// state tells of what version a store is; one of a newer program or another
// time zone is an error.
func (t *tx) state() (string, error) {
	ok, err := t.current()
	if err != nil {
		return "", err
	}
	version, err := t.version()
	if err != nil {
		return "", err
	}
	if newest := len(migrations()); !ok {
		return fmt.Sprintf("its schema has version %d; the next command of this version that is not check brings it to %d: back it up before", version, newest), nil
	}
	return fmt.Sprintf("it is of this version (schema %d)", version), nil
}

// tableNames are all tables of a store, sorted.
func tableNames() []string {
	names := []string{"meta"}
	for _, list := range migrations() {
		for _, q := range list {
			if rest, ok := strings.CutPrefix(q, "CREATE TABLE "); ok {
				name, _, _ := strings.Cut(rest, " ")
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// missingRights tells which rights are lacking, by table; looking alone is no
// error, since a reader needs no more.
func (s *database) missingRights(login string, lacks map[string][]string) ([]string, error) {
	if len(lacks) == 0 {
		return []string{"the login " + login + " may read and write all of it"}, nil
	}
	var list []string
	looks := true
	for _, name := range tableNames() {
		if of := lacks[name]; len(of) > 0 {
			looks = looks && !slices.Contains(of, "SELECT")
			list = append(list, strings.Join(of, ", ")+" on "+s.dialect.schema+"."+name)
		}
	}
	missing := strings.Join(list, "; ")
	if looks && len(lacks) == len(tableNames()) {
		return []string{"the login " + login + " may look and not write: enough for status, explain and the other commands that keep nothing; whoever collects, decides or approves needs " + missing}, nil
	}
	return nil, &serverError{"the login " + login + " lacks rights in it: " + missing + "; grant them, see docs/store.md", nil}
}

func (s *database) probePostgres(ctx context.Context) (lines []string, err error) {
	err = s.read(ctx, func(t *tx) error {
		one := func(into any, q string, args ...any) error { return t.raw.QueryRowContext(ctx, q, args...).Scan(into) }
		var login string
		var made, may bool
		if err := one(&login, "SELECT current_user"); err != nil {
			return err
		}
		var there sql.NullBool
		if err := one(&there, "SELECT has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1", s.dialect.schema); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if there.Valid && !there.Bool {
			return &serverError{"the login " + login + " lacks USAGE on the schema " + s.dialect.schema + "; grant it, see docs/store.md", nil}
		}
		if err := one(&made, "SELECT to_regclass($1) IS NOT NULL", s.dialect.schema+".meta"); err != nil {
			return err
		}
		if !made {
			q, arg := "SELECT has_database_privilege(current_database(), 'CREATE')", []any(nil)
			what := "CREATE on the database"
			if there.Valid {
				q, arg, what = "SELECT has_schema_privilege($1, 'CREATE')", []any{s.dialect.schema}, "CREATE on the schema "+s.dialect.schema
			}
			if err := one(&may, q, arg...); err != nil {
				return err
			}
			if !may {
				return &serverError{"there is no store yet, and the login " + login + " lacks " + what + " to make it; open it once with the owner's login, or grant that", nil}
			}
			lines = []string{"there is none yet; the first reading makes it, in the schema " + s.dialect.schema}
			return nil
		}
		if err := one(&may, "SELECT has_table_privilege($1, 'SELECT')", s.dialect.schema+".meta"); err != nil {
			return err
		}
		if !may {
			return &serverError{"the login " + login + " lacks SELECT on " + s.dialect.schema + ".meta; grant the rights in docs/store.md", nil}
		}
		line, err := t.state()
		if err != nil {
			return err
		}
		lines = []string{line}
		lacks := map[string][]string{}
		for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
			err := t.each(func(r *sql.Rows) error {
				var name string
				err := r.Scan(&name)
				lacks[name] = append(lacks[name], right)
				return err
			}, "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relkind = 'r' AND c.relname = ANY(?) AND NOT has_table_privilege(c.oid, ?)",
				s.dialect.schema, tableNames(), right)
			if err != nil {
				return err
			}
		}
		more, err := s.missingRights(login, lacks)
		lines = append(lines, more...)
		return err
	})
	return lines, s.explain("open", err)
}

func (s *database) probeServer(ctx context.Context) (lines []string, err error) {
	k, err := s.kept(ctx)
	if err != nil {
		return nil, s.explain("open", err)
	}
	if k.level < jsonLevel {
		return nil, s.explain("open", &serverError{k.old(), nil})
	}
	s.versions = k.snapshots && k.committed
	err = s.read(ctx, func(t *tx) error {
		var login string
		if err := t.raw.QueryRowContext(ctx, "SELECT SUSER_SNAME() AS login").Scan(&login); err != nil {
			return err
		}
		made, err := t.number("SELECT CAST(OBJECT_ID(?) AS BIGINT) AS n", s.dialect.schema+".meta")
		if err != nil {
			return err
		}
		if made == 0 {
			lines = []string{"there is none yet, or the login " + login + " may not see it; the first reading makes it, in the schema " + s.dialect.schema + ", with the rights in docs/sql-server.md"}
			return nil
		}
		line, err := t.state()
		if err != nil {
			return err
		}
		lines = []string{line}
		lacks := map[string][]string{}
		for _, name := range tableNames() {
			for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
				may, err := t.number("SELECT CAST(HAS_PERMS_BY_NAME(?, N'OBJECT', ?) AS BIGINT) AS n", s.dialect.schema+"."+name, right)
				if err != nil {
					return err
				}
				if may != 1 {
					lacks[name] = append(lacks[name], right)
				}
			}
		}
		more, err := s.missingRights(login, lacks)
		lines = append(lines, more...)
		return err
	})
	if advice := k.advice(); advice != "" && err == nil {
		lines = append(lines, advice)
	}
	return lines, s.explain("open", err)
}
