package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"

	"splameter/internal/config"
)

// client is one connection to one database, for one reading.
type client struct {
	db      *sql.DB
	engine  *engine
	server  string
	name    string // of the database
	timeout time.Duration
	rows    int
}

// Connector is how the driver reaches a database as the config says: TLS
// always, its certificate checked unless the config insists otherwise.
// readOnly asks an availability group for a copy that is only read.
func Connector(cfg config.Database, readOnly bool) (*mssql.Connector, error) {
	if cfg.User == "" && runtime.GOOS != "windows" {
		return nil, errors.New("nobody is named to log on as, and splameter can log on as its own account on Windows only; write user: and password: env:NAME or file:PATH")
	}
	password, err := cfg.Password.Open()
	if err != nil {
		return nil, err
	}
	host, instance, err := splitServer(cfg.Server)
	if err != nil {
		return nil, err
	}
	seconds := func(d time.Duration) string { return strconv.Itoa(max(1, int((d+time.Second-1)/time.Second))) }
	timeout := time.Duration(cfg.Timeout)
	q := url.Values{}
	q.Set("database", cfg.Database)
	q.Set("app name", "splameter")
	q.Set("encrypt", "true")
	q.Set("tlsmin", "1.2")
	q.Set("trustservercertificate", strconv.FormatBool(cfg.TrustServerCertificate))
	q.Set("dial timeout", seconds(min(timeout, 30*time.Second)))
	// The watch over the rows ends a silent server with a word of its own;
	// this is for the log-on, which that cannot interrupt.
	q.Set("connection timeout", seconds(timeout+15*time.Second))
	if readOnly {
		q.Set("applicationintent", "ReadOnly")
	}
	if cfg.CA != "" {
		q.Set("certificate", cfg.CA)
	}
	if cfg.ServerName != "" {
		q.Set("hostnameincertificate", cfg.ServerName)
	}
	u := url.URL{Scheme: "sqlserver", Host: host, Path: instance, RawQuery: q.Encode()}
	if cfg.User != "" {
		u.User = url.UserPassword(cfg.User, password)
	}
	p, err := msdsn.Parse(u.String())
	if err != nil {
		if cfg.CA != "" {
			return nil, fmt.Errorf("the certificate authority's file cannot be used: %w", err)
		}
		return nil, errors.New("the server's address cannot be used; write HOST, HOST:PORT or HOST\\INSTANCE")
	}
	return mssql.NewConnectorConfig(p), nil
}

// splitServer takes HOST, HOST:PORT, HOST,PORT and HOST\INSTANCE.
func splitServer(s string) (host, instance string, err error) {
	host = strings.TrimPrefix(strings.TrimSpace(s), "tcp:")
	host, instance, _ = strings.Cut(host, `\`)
	host = strings.Replace(host, ",", ":", 1)
	name := host
	if h, port, err := net.SplitHostPort(host); err == nil {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return "", "", fmt.Errorf("the server's port %q is none; write HOST:1433", port)
		}
		name = h
	} else if strings.Count(host, ":") > 1 && !strings.HasPrefix(host, "[") { // a bare IPv6 address
		host = "[" + host + "]"
	}
	if name == "" || strings.ContainsAny(name, "/?#@ ") || strings.ContainsAny(instance, "/?#@ ") {
		return "", "", fmt.Errorf("the server %q is none; write HOST, HOST:PORT or HOST\\INSTANCE", s)
	}
	return host, instance, nil
}

func open(cfg config.Database) (*client, error) {
	e := engineOf(cfg.EngineName())
	c, err := e.open(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	return &client{db: db, engine: e, server: cfg.Server, name: cfg.Database, timeout: time.Duration(cfg.Timeout)}, nil
}

func (c *client) close() { c.db.Close() }

// logon logs on and sends nothing, so that what fails is told apart from what
// a query brings.
func (c *client) logon(ctx context.Context) error {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.explain("log on to", err)
	}
	return conn.Close()
}
