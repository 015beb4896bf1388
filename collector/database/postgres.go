package database

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"splameter/internal/config"
)

// postgresConnector reaches a database of PostgreSQL: TLS always, and sessions
// that may only read.
func postgresConnector(cfg config.Database) (driver.Connector, error) {
	password, err := logOn(cfg)
	if err != nil {
		return nil, err
	}
	host, address, err := serverAddress(cfg.Server, "5432")
	if err != nil {
		return nil, err
	}
	secure, err := tlsConfig(cfg, host)
	if err != nil {
		return nil, err
	}
	// What the environment of the process says of a server is not asked.
	c, err := pgx.ParseConfig("postgres://localhost/?sslmode=disable&connect_timeout=15")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(address)
	n, _ := strconv.Atoi(port)
	c.Host, c.Port, c.User, c.Password, c.Database = host, uint16(n), cfg.User, password, cfg.Database
	c.TLSConfig, c.Fallbacks = secure, nil
	c.ConnectTimeout = min(time.Duration(cfg.Timeout), 30*time.Second)
	c.RuntimeParams = map[string]string{"application_name": "splameter", "default_transaction_read_only": "on"}
	return stdlib.GetConnector(*c), nil
}

func postgresColumns(n int) string {
	return `SELECT table_schema AS schema_name, table_name AS object_name, column_name AS column_name
FROM information_schema.columns WHERE table_name IN (` + places(n, "$N") + ")"
}

func postgresAgain(err error) (again, ok bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false, false
	}
	switch e.Code {
	case "40001", "40P01", "55P03", "57P01", "57P02":
		return true, true
	}
	return false, true
}

// postgresSays says what to do about an error of the server, by its code; its
// own words only where they name objects.
func postgresSays(err error) (string, bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return "", false
	}
	switch e.Code {
	case "28P01", "28000":
		return "the log-on was refused; check user and password, and the server's pg_hba.conf", true
	case "3D000":
		return "there is no database of that name; check database", true
	case "42501":
		return "the login has no right to read something that is needed" + quoted(e.Message) + "; grant it USAGE on the schema and SELECT on the table", true
	case "42P01", "42703", "3F000":
		return "a table, view or column is not there" + quoted(e.Message) + "; check the query, and name the table with its schema", true
	case "42601", "42883", "42702", "42803", "42804", "42P10":
		return "the server does not understand the query" + quoted(e.Message) + "; try it in psql first", true
	case "25006":
		return "the query would change something, and only reading is allowed; leave that out", true
	case "40001", "40P01", "55P03":
		return "the query gave way to others, twice; collect again at a quieter hour", true
	case "57014":
		return "the server ended the query; raise its statement_timeout for this login, or make the query narrower", true
	case "57P01", "57P02", "57P03":
		return "the server was stopping or starting; collect again", true
	case "53300":
		return "the server has no connection free; collect again at a quieter hour, or raise max_connections", true
	}
	return fmt.Sprintf("the server reports error %s; look it up among PostgreSQL's error codes, or ask the server's administrator", e.Code), true
}
