package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"splameter/internal/access"
)

// database is a store in a database behind database/sql.
type database struct {
	db      *sql.DB
	dialect dialect
	opt     Options
	place   string // what messages call it
	// writing holds one token: writers of this process wait for each other
	// here, where the context can end the wait, and only other processes are
	// met in the database.
	writing chan struct{}
	// versions says that a database of SQL Server keeps row versions.
	versions bool

	// The newest reading of each directory that this process put here: see
	// directory_since.go.
	mu   sync.Mutex
	last map[string]*keptDirectory
}

var _ Store = (*database)(nil)

// openSQLite opens or makes the store in a file.
//
// It is kept in WAL mode, so that reports read while a collection writes, and
// with synchronous=FULL: a Put is rare and costs one flush, and what a Put
// reported as kept must outlive a power cut, since the schedule and the
// fingerprints go by it.
func openSQLite(ctx context.Context, path string, opt Options) (Store, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", path, err)
	}
	s := &database{dialect: sqliteDialect(), opt: opt, place: path, writing: make(chan struct{}, 1)}
	if err := s.open(ctx, abs); err != nil {
		if s.db != nil {
			s.db.Close()
		}
		return nil, s.explain("open", err)
	}
	return s, nil
}

func (s *database) open(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	// The file is looked at before anything is set: a database that is not
	// ours must stay as it is.
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if info.IsDir() {
			return fmt.Errorf("it is a folder; name a file in it")
		}
		probe, err := sql.Open("sqlite", sqliteDSN(path, s.opt.Wait, false))
		if err != nil {
			return err
		}
		err = foreign(ctx, probe)
		if err2 := probe.Close(); err == nil {
			err = err2
		}
		if err != nil {
			return err
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := private(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(path, s.opt.Wait, true))
	if err != nil {
		return err
	}
	s.db = db
	db.SetMaxOpenConns(4)
	return s.prepare(ctx, s.makeMeta)
}

// makeMeta makes the table that every version has.
func (s *database) makeMeta(t *tx) error {
	for _, q := range s.dialect.meta() {
		if _, err := t.raw.ExecContext(t.ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// private makes the store's file, and those beside it that SQLite makes like
// it, readable and writable for their owner alone, whatever the umask: they
// name persons. What belongs to somebody else is left as it is.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	for _, side := range []string{"", "-wal", "-shm", "-journal"} {
		if err := access.Own(path + side); err != nil {
			return err
		}
	}
	return nil
}

// foreign refuses a database that has tables, and not ours.
func foreign(ctx context.Context, db *sql.DB) error {
	var tables, ours int
	err := db.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(name = 'meta'), 0) FROM sqlite_master WHERE type = 'table'").Scan(&tables, &ours)
	if err != nil || tables == 0 {
		return err
	}
	if ours == 1 {
		err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM meta WHERE name = 'schema'").Scan(&ours)
		if err == nil && ours == 1 {
			return nil
		}
	}
	return fmt.Errorf("%w: it is a database of some other program", ErrDamaged)
}

// prepare makes the tables, or brings them up to this version, and checks
// that the store was made in this time zone. make makes what stands in no
// migration; nil: it is there.
func (s *database) prepare(ctx context.Context, make func(*tx) error) error {
	return s.write(ctx, everything, func(t *tx) error {
		if make != nil {
			if err := make(t); err != nil {
				return err
			}
		}
		current, err := t.current()
		if err != nil || current {
			return err
		}
		version, err := t.version()
		if err != nil {
			return err
		}
		if version < len(migrations()) {
			if err := t.migrate(version); err != nil {
				return err
			}
		}
		return t.setMeta("time_zone", s.opt.Location.String())
	})
}

// version is that of the store's schema; 0 where nothing was made yet.
func (t *tx) version() (version int, err error) {
	schema, err := t.meta("schema")
	if err != nil || schema == "" {
		return 0, err
	}
	if version, err = strconv.Atoi(schema); err != nil || version < 0 {
		return 0, fmt.Errorf("%w: its schema version reads %q", ErrDamaged, schema)
	}
	return version, nil
}

// current says whether the store is of this version and made; a newer one, and
// one of another time zone, is an error.
func (t *tx) current() (bool, error) {
	version, err := t.version()
	if err != nil {
		return false, err
	}
	newest := len(migrations())
	if version > newest {
		return false, fmt.Errorf("%w: its schema has version %d, and this program knows versions up to %d; use a splameter that knows version %d",
			ErrNewer, version, newest, version)
	}
	zone, err := t.meta("time_zone")
	if err != nil {
		return false, err
	}
	if now := t.db.opt.Location.String(); zone != "" && zone != now {
		return false, fmt.Errorf("%w: its days were assigned in %s, and the config says %s; set the time zone back, or begin a new store and collect again",
			ErrZone, zone, now)
	}
	return version == newest && zone != "", nil
}

// sqliteDSN names the file as a URI, since a path may hold a question mark.
func sqliteDSN(path string, wait time.Duration, settings bool) string {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // a drive letter
	}
	u := url.URL{Scheme: "file", Path: p}
	dsn := u.String() + "?_busy_timeout=" + strconv.FormatInt(wait.Milliseconds(), 10) + "&_txlock=immediate"
	if settings {
		dsn += "&_journal_mode=WAL&_synchronous=FULL" +
			"&_pragma=journal_size_limit(67108864)&_pragma=cache_size(-16000)&_pragma=temp_store(memory)"
	}
	return dsn
}

// explain makes an error of the database one that says what to do.
func (s *database) explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		switch e.Code() & 0xff {
		case 5, 6: // SQLITE_BUSY, SQLITE_LOCKED
			err = fmt.Errorf("it is %w; wait until that one has finished, or stop it, and try again", ErrInUse)
		case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
			err = fmt.Errorf("the file is %w (%w); put it back from a backup, or move it away and collect again", ErrDamaged, err)
		case 13: // SQLITE_FULL
			err = fmt.Errorf("the disk is full; make room and try again: nothing of this was kept (%w)", err)
		case 8, 14: // SQLITE_READONLY, SQLITE_CANTOPEN
			err = fmt.Errorf("the file cannot be opened for writing; check the rights on it and on its folder (%w)", err)
		}
	}
	if s.dialect.name == "sqlserver" {
		if errors.Is(err, ErrInUse) {
			err = fmt.Errorf("it is %w; wait until that one has finished, or stop it, and try again", ErrInUse)
		}
		err = explainServer(err)
	}
	if s.dialect.name == "postgres" {
		if errors.Is(err, ErrInUse) || lockTimeout(err) {
			err = fmt.Errorf("it is %w; wait until that one has finished, or stop it, and try again", ErrInUse)
		}
		err = explainPostgres(err)
	}
	return fmt.Errorf("%s the store %s: %w", doing, s.place, err)
}

// Close ends the use of the store. Writers still at work fail.
func (s *database) Close() error { return s.db.Close() }

// write runs f in one transaction that is committed when f returns nil. Where
// the database can, writers of different scopes do not wait for each other.
func (s *database) write(ctx context.Context, of scope, f func(*tx) error) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.run(ctx, &sql.TxOptions{}, of, f)
}

// read runs f on one consistent state of the store.
func (s *database) read(ctx context.Context, f func(*tx) error) error {
	return s.run(ctx, &sql.TxOptions{ReadOnly: true}, everything, f)
}

func (s *database) run(ctx context.Context, opt *sql.TxOptions, of scope, f func(*tx) error) error {
	switch s.dialect.name {
	case "sqlserver":
		return s.runServer(ctx, opt.ReadOnly, of, f)
	case "postgres":
		return s.runPostgres(ctx, opt.ReadOnly, of, f)
	}
	raw, err := s.db.BeginTx(ctx, opt)
	if err != nil {
		return err
	}
	t := &tx{ctx: ctx, db: s, raw: raw, stmts: map[string]*sql.Stmt{}}
	if err := f(t); err != nil {
		if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
			err = fmt.Errorf("%w (%w)", ctx.Err(), err)
		}
		return errors.Join(err, ignoreDone(raw.Rollback()))
	}
	if opt.ReadOnly {
		return ignoreDone(raw.Rollback())
	}
	return raw.Commit()
}

// ignoreDone: a transaction that the context ended is rolled back already.
func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
