package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"splameter/internal/lazyregexp"
)

// sqlServerDialect is the dialect of SQL Server: its words, and every table
// in one schema. Text is compared by its code units, as SQLite does, whatever
// the collation of the database.
func sqlServerDialect(schema string) dialect {
	const exact = " COLLATE Latin1_General_100_BIN2"
	return dialect{
		name: "sqlserver",
		words: strings.NewReplacer("{int}", "BIGINT", "{text}", "NVARCHAR(4000)"+exact, "{word}", "NVARCHAR(200)"+exact,
			"{blob}", "VARBINARY(MAX)", "{key}", "VARBINARY(850)", "{rows}", "",
			"{in numbers}", "IN (SELECT k FROM OPENJSON(?) WITH (k BIGINT '$') AS list)",
			"{in keys}", "IN (SELECT CONVERT(VARBINARY(850), k, 2) FROM OPENJSON(?) WITH (k NVARCHAR(MAX) '$') AS list)",
			"{pairs}", "OPENJSON(?) WITH (a BIGINT '$[0]', b BIGINT '$[1]') AS p",
			"{triples}", "OPENJSON(?) WITH (a BIGINT '$[0]', b BIGINT '$[1]', c BIGINT '$[2]') AS p",
			"{bodies}", "(SELECT CONVERT(VARBINARY(850), k, 2) AS k, CONVERT(VARBINARY(MAX), b, 2) AS b, o FROM OPENJSON(?) WITH (k NVARCHAR(MAX) '$[0]', b NVARCHAR(MAX) '$[1]', o BIGINT '$[2]') AS list) AS u"),
		marker: "@p", schema: schema, tables: tablesOf(migrations()),
	}
}

// tablesOf finds the names of the tables where a statement has them, so that
// they can be put into the schema.
func tablesOf(migrations [][]string) *regexp.Regexp {
	made := regexp.MustCompile(`^CREATE TABLE (\w+)`)
	names := []string{"meta"}
	for _, list := range migrations {
		for _, q := range list {
			if m := made.FindStringSubmatch(q); m != nil {
				names = append(names, m[1])
			}
		}
	}
	return regexp.MustCompile(`\b(FROM|JOIN|INTO|UPDATE|TABLE|ON) (` + strings.Join(names, "|") + `)\b`)
}

// schemaForm is what a schema's name may be: it stands in statements.
var schemaForm = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]{0,60}$`)

// openSQLServer opens or makes the store in a schema of a database of SQL
// Server. The database itself must be there.
func openSQLServer(ctx context.Context, dsn string, opt Options) (Store, error) {
	s, err := newSQLServer(dsn, opt)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := s.prepareServer(ctx); err != nil {
		s.db.Close()
		return nil, s.explain("open", err)
	}
	return s, nil
}

// prepareServer makes the schema, or brings it up to this version. A store
// that needs neither is opened by a login that may only read, and without a
// lock where the database keeps row versions.
func (s *database) prepareServer(ctx context.Context) error {
	k, err := s.kept(ctx)
	if err != nil {
		return err
	}
	if k.level < jsonLevel {
		return &serverError{k.old(), nil}
	}
	s.versions = k.snapshots && k.committed
	current := false
	err = s.read(ctx, func(t *tx) error {
		made, err := t.number("SELECT CAST(OBJECT_ID(?) AS BIGINT) AS n", s.dialect.schema+".meta")
		if err != nil || made == 0 {
			return err
		}
		current, err = t.current()
		return err
	})
	if err != nil || current {
		return err
	}
	return s.prepare(ctx, s.makeMeta)
}

// jsonLevel is the compatibility level from which on OPENJSON is known: that of
// SQL Server 2016.
const jsonLevel = 130

// keeping is how a database is set.
type keeping struct {
	name      string
	level     int64 // of compatibility
	snapshots bool  // readers see one state, without a lock
	committed bool  // writers do not wait for the rows of others
}

// kept asks how the database is set. One that broke before anything was done,
// as after a restart of the server, is asked again.
func (s *database) kept(ctx context.Context) (k keeping, err error) {
	for try := 0; ; try++ {
		var snapshots, committed int64
		err = s.db.QueryRowContext(ctx, `SELECT name, CAST(compatibility_level AS BIGINT) AS level, CAST(snapshot_isolation_state AS BIGINT) AS snapshots,
			CAST(is_read_committed_snapshot_on AS BIGINT) AS committed FROM sys.databases WHERE database_id = DB_ID()`).Scan(&k.name, &k.level, &snapshots, &committed)
		k.snapshots, k.committed = snapshots == 1, committed == 1
		if try >= maxConns || ctx.Err() != nil || !broken(err) {
			return k, err
		}
	}
}

// old says that the database works as that of a server too old does.
func (k *keeping) old() string {
	return fmt.Sprintf("the database works at compatibility level %d, and %d is needed, that of SQL Server 2016: ALTER DATABASE [%s] SET COMPATIBILITY_LEVEL = %d", k.level, jsonLevel, k.name, jsonLevel)
}

// advice says what to set so that sites do not wait for each other; empty: it is.
func (k *keeping) advice() string {
	var set []string
	if !k.snapshots {
		set = append(set, fmt.Sprintf("ALTER DATABASE [%s] SET ALLOW_SNAPSHOT_ISOLATION ON", k.name))
	}
	if !k.committed {
		set = append(set, fmt.Sprintf("ALTER DATABASE [%s] SET READ_COMMITTED_SNAPSHOT ON", k.name))
	}
	if len(set) == 0 {
		return ""
	}
	return "its database keeps no row versions, so one writes at a time and nobody reads meanwhile; its administrator changes that, while no splameter runs: " + strings.Join(set, "; ")
}

// newSQLServer is a store at an address, which nobody has looked at yet.
func newSQLServer(dsn string, opt Options) (*database, error) {
	schema, place, p, err := sqlServerConfig(dsn, opt)
	if err != nil {
		return nil, err
	}
	s := &database{db: sql.OpenDB(mssql.NewConnectorConfig(p)), dialect: sqlServerDialect(schema), opt: opt, place: place, writing: make(chan struct{}, 1)}
	s.db.SetMaxOpenConns(maxConns)
	s.db.SetConnMaxIdleTime(5 * time.Minute)
	return s, nil
}

// maxConns is how many connections one process has at most.
const maxConns = 8

// sqlServerConfig reads sqlserver://[USER@]HOST[:PORT][/INSTANCE]?database=NAME,
// with schema=NAME (default splameter) and the driver's own parameters. TLS is
// on and its certificate checked unless the address says otherwise.
func sqlServerConfig(dsn string, opt Options) (schema, place string, p msdsn.Config, err error) {
	const form = "write sqlserver://USER@SERVER?database=NAME, and the password under store_password"
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "sqlserver" || u.Host == "" {
		return "", "", p, errors.New("the address of its server cannot be read; " + form) // not shown: it may hold a password
	}
	q := url.Values{}
	for k, v := range u.Query() {
		q[strings.ToLower(k)] = v
	}
	if q.Get("database") == "" {
		return "", "", p, errors.New("the address of its server names no database; " + form)
	}
	if schema = q.Get("schema"); schema == "" {
		schema = "splameter"
	}
	if !schemaForm().MatchString(schema) {
		return "", "", p, errors.New("the schema's name in its address has other signs than letters, digits and _; write schema=splameter")
	}
	q.Del("schema")
	for k, v := range map[string]string{"app name": "splameter", "encrypt": "true", "trustservercertificate": "false", "tlsmin": "1.2", "dial timeout": "15", "connection timeout": "300"} {
		if q.Get(k) == "" {
			q.Set(k, v)
		}
	}
	u.RawQuery = q.Encode()
	if opt.Password != "" {
		u.User = url.UserPassword(u.User.Username(), opt.Password)
	}
	if p, err = msdsn.Parse(u.String()); err != nil {
		return "", "", p, errors.New("the address of its server holds something that cannot be used (a port, a switch, or a certificate file, which must end in .pem or .der); " + form)
	}
	return schema, "database " + q.Get("database") + " of " + u.Host, p, nil
}

// runServer runs f on SQL Server, in a transaction that holds its locks and ends
// them with itself, and so with the connection of a process that dies. A connection
// that turns out to be broken before anything was done is replaced, as after a
// restart of the server; later nothing is tried again by itself.
func (s *database) runServer(ctx context.Context, readOnly bool, of scope, f func(*tx) error) error {
	for try := 0; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return err
		}
		t := &tx{ctx: ctx, db: s, conn: conn, line: serverLine{}, stmts: map[string]*sql.Stmt{}, texts: map[string]string{}}
		if err = s.begin(t, readOnly, of); err == nil {
			return t.finish(readOnly, f)
		}
		if errors.Is(err, ErrInUse) {
			return errors.Join(err, conn.Close())
		}
		discard(conn)
		if try >= maxConns || ctx.Err() != nil || !broken(err) {
			return err
		}
	}
}

// rolledBack: a connection that broke rolled back by that.
func rolledBack(err error) error {
	if broken(err) {
		return nil
	}
	return ignoreDone(err)
}

// lockedConn is a connection of its own that holds a lock of the application.
// A lock that another holds for all of wait is ErrInUse.
func (s *database) lockedConn(ctx context.Context, resource, mode string, wait time.Duration) (*sql.Conn, error) {
	for try := 0; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		status, err := acquire(ctx, conn, resource, mode, wait)
		switch {
		case err == nil && status >= 0:
			return conn, nil
		case err == nil && (status == -1 || status == -3): // waited too long, or chosen as the victim of a deadlock
			return nil, errors.Join(ErrInUse, conn.Close())
		case err == nil:
			return nil, errors.Join(fmt.Errorf("the server refuses the lock %q (%d)", resource, status), conn.Close())
		}
		discard(conn)
		if try >= maxConns || ctx.Err() != nil || !broken(err) {
			return nil, err
		}
	}
}

// acquire asks for a lock; every negative answer is no.
func acquire(ctx context.Context, conn *sql.Conn, resource, mode string, wait time.Duration) (int, error) {
	status := -999
	err := conn.QueryRowContext(ctx, `DECLARE @status INT; EXEC @status = sp_getapplock @Resource = @p1, @LockMode = @p2, @LockOwner = N'Session', @LockTimeout = @p3; SELECT @status`,
		resource, mode, max(1, wait.Milliseconds())).Scan(&status)
	return status, err
}

// unlock gives the lock back before the connection goes to the pool; where
// that fails, the connection goes, and the lock with it.
func unlock(ctx context.Context, conn *sql.Conn, resource string) error {
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if _, err := conn.ExecContext(free, "EXEC sp_releaseapplock @Resource = @p1, @LockOwner = N'Session'", resource); err != nil {
		discard(conn)
		return nil // whatever was done stands; the lock ends with the connection
	}
	return conn.Close()
}

// discard closes a connection for good.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = conn.Close()
}

// broken says that a connection is gone.
func broken(err error) bool {
	var stream mssql.StreamError
	if errors.As(err, &stream) || pgconn.SafeToRetry(err) && !errors.As(err, new(*pgconn.ConnectError)) {
		return true
	}
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op != "dial"
	}
	for _, e := range []error{driver.ErrBadConn, pgconn.ErrConnClosed, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// explainServer says what to do about an error of SQL Server; by its number,
// never by its text, which may hold what stands in the tables.
func explainServer(err error) error {
	var e mssql.Error
	if !errors.As(err, &e) {
		if noWay(err) {
			return &serverError{"its server cannot be reached, or its certificate is not trusted: " + unreached(err) +
				"; check the address and the firewall, and with an authority of your own name its file as certificate", err}
		}
		if broken(err) {
			return fmt.Errorf("the connection broke, and nothing of this was kept; try again (%w)", err)
		}
		return err
	}
	say := fmt.Sprintf("the server reports error %d, severity %d, line %d", e.Number, e.Class, e.LineNo)
	switch e.Number {
	case 18456, 18452, 18470, 18486, 18487, 18488:
		say = "the log-on was refused; check the user in its address and store_password"
	case 4060, 916:
		say = "the login may not open the database, or there is none of that name; make both first"
	case 229, 230, 262, 2760, 15247:
		say = "the login has no right to do this; it needs to read and write its schema, and when the store is made or brought up to date to create schema and tables"
	case 1205, 1222, 3960, 3961:
		say = "the server gave way to others; nothing of this was kept, try again"
	case 2601, 2627:
		say = "a row is there already that another splameter wrote meanwhile; nothing of this was kept, try again"
	case 1105, 9002:
		say = "the database is full; make room and try again: nothing of this was kept"
	}
	return &serverError{say, err}
}

// noWay says that a server was not reached, or is not the one that it should be.
func noWay(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, new(*net.DNSError)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		strings.HasPrefix(err.Error(), "TLS Handshake failed") // the driver's own words, where it keeps no cause
}

// serverError is an error in our words; the driver's stays for those that
// branch on it and is not printed.
type serverError struct {
	text  string
	cause error
}

func (e *serverError) Error() string { return e.text }
func (e *serverError) Unwrap() error { return e.cause }
