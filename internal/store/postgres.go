package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"splameter/internal/digest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresDialect is the dialect of PostgreSQL. Text is compared by its bytes,
// as SQLite does, whatever the collation of the database.
func postgresDialect(schema string) dialect {
	const text = `TEXT COLLATE "C"`
	return dialect{
		name: "postgres",
		words: strings.NewReplacer("{int}", "BIGINT", "{text}", text, "{word}", text, "{blob}", "BYTEA", "{key}", "BYTEA", "{rows}", "",
			"{in numbers}", "= ANY(?)", "{in keys}", "= ANY(?)",
			"{pairs}", "unnest(?::bigint[], ?::bigint[]) AS p(a, b)", "{triples}", "unnest(?::bigint[], ?::bigint[], ?::bigint[]) AS p(a, b, c)",
			"{bodies}", "unnest(?::bytea[], ?::bytea[]) WITH ORDINALITY AS u(k, b, o)"),
		marker: "$", schema: schema, tables: tablesOf(migrations()),
	}
}

// openPostgres opens or makes the store in a schema of a database of
// PostgreSQL. The database itself must be there.
func openPostgres(ctx context.Context, dsn string, opt Options) (Store, error) {
	s, err := newPostgres(dsn, opt)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := s.preparePostgres(ctx); err != nil {
		s.db.Close()
		return nil, s.explain("open", err)
	}
	return s, nil
}

// newPostgres is a store at an address, which nobody has looked at yet.
func newPostgres(dsn string, opt Options) (*database, error) {
	schema, place, cfg, err := postgresConfig(dsn, opt)
	if err != nil {
		return nil, err
	}
	s := &database{db: stdlib.OpenDB(*cfg), dialect: postgresDialect(schema), opt: opt, place: place, writing: make(chan struct{}, 1)}
	s.db.SetMaxOpenConns(maxConns)
	s.db.SetMaxIdleConns(maxConns)
	s.db.SetConnMaxIdleTime(5 * time.Minute)
	return s, nil
}

// postgresConfig reads postgres://[USER@]HOST[:PORT][,HOST[:PORT]]/DATABASE,
// with schema=NAME (default splameter) and the driver's own parameters. TLS is
// on and the server's certificate and name are checked unless the address says
// sslmode=verify-ca or, for a server on this machine, sslmode=disable. Of
// several hosts, the one that can be written to is taken.
func postgresConfig(dsn string, opt Options) (schema, place string, cfg *pgx.ConnConfig, err error) {
	const form = "write postgres://USER@SERVER/DATABASE, and the password under store_password"
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "postgres" {
		return "", "", nil, errors.New("the address of its server cannot be read; " + form) // not shown: it may hold a password
	}
	q := u.Query()
	database := strings.TrimPrefix(u.Path, "/")
	if database == "" {
		return "", "", nil, errors.New("the address of its server names no database; " + form)
	}
	host := u.Host
	if host == "" {
		host = q.Get("host") // the folder of a socket
	}
	if host == "" {
		return "", "", nil, errors.New("the address names no server; " + form)
	}
	if schema = q.Get("schema"); schema == "" {
		schema = "splameter"
	}
	if !schemaForm().MatchString(schema) || schema != strings.ToLower(schema) {
		return "", "", nil, errors.New("the schema's name in its address has other signs than small letters, digits and _; write schema=splameter")
	}
	q.Del("schema")
	switch q.Get("sslmode") {
	case "":
		q.Set("sslmode", "verify-full")
	case "verify-full", "verify-ca", "disable":
	default:
		return "", "", nil, errors.New("sslmode in its address lets the connection go on unchecked; leave it out, which checks the server's certificate, with sslrootcert=FILE for an authority of your own")
	}
	for k, v := range map[string]string{"application_name": "splameter", "connect_timeout": "15", "target_session_attrs": "read-write"} {
		if q.Get(k) == "" {
			q.Set(k, v)
		}
	}
	u.RawQuery = q.Encode()
	if cfg, err = pgx.ParseConfig(u.String()); err != nil {
		return "", "", nil, errors.New("the address of its server holds something that cannot be used (a port, a switch, or a certificate file that cannot be read); " + form)
	}
	if opt.Password != "" {
		cfg.Password = opt.Password
	}
	// A server that lost sight of this machine ends its sessions, and so their
	// locks, within a minute.
	for k, v := range map[string]string{"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4",
		"tcp_user_timeout": "45000", "idle_in_transaction_session_timeout": "600000"} {
		cfg.RuntimeParams[k] = v
	}
	return schema, "database " + database + " of " + host, cfg, nil
}

// preparePostgres makes the schema, or brings it up to this version. A store
// that needs neither is opened without a lock, and by a login that may only read.
func (s *database) preparePostgres(ctx context.Context) error {
	var made, current bool
	err := s.read(ctx, func(t *tx) (err error) {
		if err = t.raw.QueryRowContext(ctx, "SELECT to_regclass($1) IS NOT NULL", s.dialect.schema+".meta").Scan(&made); err != nil || !made {
			return err
		}
		current, err = t.current()
		return err
	})
	if err != nil || current {
		return err
	}
	if made {
		return s.prepare(ctx, nil)
	}
	return s.prepare(ctx, func(t *tx) error {
		var there bool
		if err := t.raw.QueryRowContext(ctx, "SELECT to_regnamespace($1) IS NOT NULL", s.dialect.schema).Scan(&there); err != nil {
			return err
		}
		if !there { // IF NOT EXISTS asks for the right to make one even where it is there
			if _, err := t.raw.ExecContext(ctx, "CREATE SCHEMA "+s.dialect.schema); err != nil {
				return err
			}
		}
		_, err := t.raw.ExecContext(ctx, s.dialect.ddl("CREATE TABLE IF NOT EXISTS "+s.dialect.schema+"."+metaColumns))
		return err
	})
}

// runPostgres runs f on PostgreSQL. Readers see one state of the store and take
// no lock; writers of one scope wait for each other by a lock of the application
// that ends with the transaction, and so with the connection. A connection that turns
// out to be broken before anything was done is replaced, as after a restart of
// the server; later nothing is tried again by itself.
func (s *database) runPostgres(ctx context.Context, readOnly bool, of scope, f func(*tx) error) error {
	for try := 0; ; try++ {
		t, err := s.beginPostgres(ctx, readOnly, of)
		if err == nil {
			return t.finish(readOnly, f)
		}
		if try >= maxConns || ctx.Err() != nil || !broken(err) {
			return err
		}
	}
}

func (s *database) beginPostgres(ctx context.Context, readOnly bool, of scope) (*tx, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	opt := &sql.TxOptions{}
	if readOnly {
		opt = &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	}
	raw, err := conn.BeginTx(ctx, opt)
	t := &tx{ctx: ctx, db: s, raw: raw, conn: conn, line: postgresLine{}, stmts: map[string]*sql.Stmt{}, texts: map[string]string{}}
	if err == nil && !readOnly {
		err = s.hold(ctx, t, of)
		if lockTimeout(err) {
			err = ErrInUse
		}
		if err != nil { // first the transaction, which else holds its connection for ever
			_ = raw.Rollback()
		}
	}
	if err != nil {
		if errors.Is(err, ErrInUse) {
			return nil, errors.Join(err, conn.Close())
		}
		discard(conn)
		return nil, err
	}
	return t, nil
}

// lockTimeout says that a lock was waited for in vain.
func lockTimeout(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == "55P03"
}

// finish does what the transaction is for and ends it.
func (t *tx) finish(readOnly bool, f func(*tx) error) error {
	defer t.conn.Close()
	err := f(t)
	if err == nil {
		err = t.send()
	}
	if err != nil {
		if t.ctx.Err() != nil && !errors.Is(err, t.ctx.Err()) {
			err = fmt.Errorf("%w (%w)", t.ctx.Err(), err)
		}
		return errors.Join(err, rolledBack(t.raw.Rollback()))
	}
	if readOnly {
		return rolledBack(t.raw.Rollback())
	}
	return t.raw.Commit()
}

// lockKey is the number of an advisory lock, of this schema.
func (s *database) lockKey(name string) int64 {
	sum := digest.Raw("splameter " + name + " " + s.dialect.schema)
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// lockPostgres is a lock on a connection of its own, so that it ends with it.
func (s *database) lockPostgres(ctx context.Context, name string) (*Held, bool, error) {
	for try := 0; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return nil, false, err
		}
		var ok bool
		err = conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", s.lockKey("lock "+name)).Scan(&ok)
		switch {
		case err == nil && !ok:
			return nil, false, conn.Close()
		case err == nil:
			return watched(conn, func() error { discard(conn); return nil }, lockLook, lockWait), true, nil
		}
		discard(conn)
		if try >= maxConns || ctx.Err() != nil || !broken(err) {
			return nil, false, err
		}
	}
}

const standsBy = "the server takes no writing now, as a standby does; name all hosts in the address, and try again when one has taken over"

// explainPostgres says what to do about an error of PostgreSQL; by its code,
// never by its text, which may hold what stands in the tables.
func explainPostgres(err error) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var refused *pgconn.ConnectError
		if errors.As(err, &refused) && strings.Contains(refused.Error(), "read only connection") { // the driver's own words
			return &serverError{standsBy, err}
		}
		if errors.As(err, &refused) {
			return &serverError{"its server cannot be reached, or its certificate is not trusted: " + unreached(err) +
				"; check the address, the firewall and pg_hba.conf, and with an authority of your own name its file as sslrootcert", err}
		}
		if broken(err) {
			return fmt.Errorf("the connection broke, and nothing of this was kept; try again (%w)", err)
		}
		return err
	}
	say := "the server reports error " + e.Code
	switch e.Code {
	case "28P01", "28000":
		say = "the log-on was refused; check the user in its address, store_password, and the server's pg_hba.conf"
	case "3D000":
		say = "there is no database of that name; make it first"
	case "42501":
		say = "the login has no right to do this (" + e.Message + "); an agent needs to use the schema and to read and write its tables, and whoever makes the store or brings it up to date to own them"
	case "25006":
		say = standsBy
	case "40001", "40P01":
		say = "the server gave way to others; nothing of this was kept, try again"
	case "23505":
		say = "a row is there already that another splameter wrote meanwhile; nothing of this was kept, try again"
	case "53100":
		say = "the server's disk is full; make room and try again: nothing of this was kept"
	case "53300":
		say = "the server has no connection free; raise max_connections, or try again"
	case "57P01", "57P02", "57P03", "25P03":
		say = "the server was stopping or starting, and nothing of this was kept; try again"
	}
	return &serverError{say, err}
}

// unreached is the innermost cause of a connection that was not made.
func unreached(err error) string {
	for {
		next := errors.Unwrap(err)
		if many, ok := err.(interface{ Unwrap() []error }); ok && len(many.Unwrap()) > 0 {
			next = many.Unwrap()[len(many.Unwrap())-1]
		}
		if next == nil {
			return err.Error()
		}
		err = next
	}
}
