package database

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"splameter/internal/config"
	"splameter/internal/safetext"
	"splameter/internal/tsql"
)

// engine is what differs between the servers that are read.
type engine struct {
	dialect tsql.Dialect
	open    func(config.Database) (driver.Connector, error)
	// reading: queries run in a transaction that may only read.
	reading bool
	// again says of an error of the server that the query may be tried once
	// more; say what to do about it. ok is false for what is none of its.
	again func(error) (again, ok bool)
	say   func(error) (text string, ok bool)
	// columns asks for the tables and columns of n names.
	columns func(n int) string
}

func engineOf(name string) *engine {
	switch name {
	case config.PostgreSQL:
		return &engine{tsql.PostgreSQL, postgresConnector, true, postgresAgain, postgresSays, postgresColumns}
	case config.MySQL:
		return &engine{tsql.MySQL, mysqlConnector, true, mysqlAgain, mysqlSays, mysqlColumns}
	}
	return &engine{tsql.SQLServer, func(cfg config.Database) (driver.Connector, error) { return Connector(cfg, true) }, false,
		sqlServerAgain, sqlServerSays, sqlServerColumns}
}

// places are n parameters, written by a form of their number.
func places(n int, form string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.Replace(form, "N", strconv.Itoa(i+1), 1)
	}
	return strings.Join(list, ", ")
}

// serverAddress is HOST or HOST:PORT, with the port where none is named.
func serverAddress(server, port string) (host, address string, err error) {
	host = strings.TrimSpace(server)
	if h, p, err := net.SplitHostPort(host); err == nil {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > 65535 {
			return "", "", fmt.Errorf("the server's port %q is none; write HOST:%s", p, port)
		}
		host, port = h, p
	}
	host = strings.Trim(host, "[]")
	if host == "" || strings.ContainsAny(host, `/\?#@ ,`) {
		return "", "", fmt.Errorf("the server %q is none; write HOST or HOST:%s", safetext.Clip(server, 100), port)
	}
	return host, net.JoinHostPort(host, port), nil
}

// tlsConfig checks the server's certificate against the authority and name of
// the config; in trust it checks none.
func tlsConfig(cfg config.Database, host string) (*tls.Config, error) {
	c := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: cfg.TrustServerCertificate}
	if cfg.ServerName != "" {
		c.ServerName = cfg.ServerName
	}
	if cfg.CA == "" {
		return c, nil
	}
	b, err := os.ReadFile(cfg.CA)
	if err != nil {
		return nil, fmt.Errorf("the certificate authority's file cannot be used: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if c.RootCAs.AppendCertsFromPEM(b) {
		return c, nil
	}
	one, err := x509.ParseCertificate(b)
	if err != nil {
		return nil, errors.New("the certificate authority's file cannot be used: it holds no certificate in PEM or DER")
	}
	c.RootCAs.AddCert(one)
	return c, nil
}

// logOn is who logs on, with the password opened.
func logOn(cfg config.Database) (password string, err error) {
	if cfg.User == "" {
		return "", errors.New("nobody is named to log on as; write user: and password: env:NAME or file:PATH")
	}
	return cfg.Password.Open()
}

// quoted is a server's own words, where they name objects and nothing in them.
func quoted(message string) string { return " (" + safetext.Clip(clean(message), 300) + ")" }
