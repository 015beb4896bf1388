package database

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/go-sql-driver/mysql"

	"splameter/internal/config"
)

// mysqlConnector reaches a database of MySQL or MariaDB: TLS always, one
// statement at a time. Times come as the server's clock writes them.
func mysqlConnector(cfg config.Database) (driver.Connector, error) {
	password, err := logOn(cfg)
	if err != nil {
		return nil, err
	}
	host, address, err := serverAddress(cfg.Server, "3306")
	if err != nil {
		return nil, err
	}
	c := mysql.NewConfig()
	if c.TLS, err = tlsConfig(cfg, host); err != nil {
		return nil, err
	}
	c.User, c.Passwd, c.Net, c.Addr, c.DBName = cfg.User, password, "tcp", address, cfg.Database
	c.Timeout = min(time.Duration(cfg.Timeout), 30*time.Second)
	c.ParseTime, c.Loc = true, time.UTC
	c.Logger = log.New(io.Discard, "", 0) // what fails is told as an error
	c.ConnectionAttributes = "program_name:splameter"
	return mysql.NewConnector(c)
}

func mysqlColumns(n int) string {
	return `SELECT '' AS schema_name, TABLE_NAME AS object_name, COLUMN_NAME AS column_name
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (` + places(n, "?") + ")"
}

func mysqlAgain(err error) (again, ok bool) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return errors.Is(err, mysql.ErrInvalidConn), errors.Is(err, mysql.ErrInvalidConn)
	}
	return e.Number == 1213 || e.Number == 1205 || e.Number == 1053 || e.Number == 1927, true
}

// mysqlSays says what to do about an error of the server, by its number; its
// own words only where they name objects.
func mysqlSays(err error) (string, bool) {
	if errors.Is(err, mysql.ErrNoTLS) {
		return "the server offers no TLS; switch it on there, the connection is never made without", true
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return "", false
	}
	switch e.Number {
	case 1045, 1130, 1698, 1820, 1862, 4151:
		return "the log-on was refused; check user and password, and from which hosts the server lets this user in", true
	case 1044, 1049:
		return "the login may not open the database, or there is none of that name; grant it SELECT in it", true
	case 1142, 1143, 1227:
		return "the login has no right to read something that is needed" + quoted(e.Message) + "; grant it SELECT on the table", true
	case 1054, 1146, 1109:
		return "a table, view or column is not there" + quoted(e.Message) + "; check the preset against the product's version, or the query", true
	case 1064, 1055, 1140, 1305:
		return "the server does not understand the query" + quoted(e.Message) + "; try it in its client first", true
	case 1792:
		return "the query would change something, and only reading is allowed; leave that out", true
	case 1205, 1213:
		return "the query gave way to others, twice; collect again at a quieter hour", true
	case 1040, 1203, 1226:
		return "the server has no connection free; collect again at a quieter hour", true
	case 1053, 1927:
		return "the server was stopping or ended the connection; collect again", true
	case 1969, 3024:
		return "the server ended the query; allow it more time there, or make the query narrower", true
	}
	return fmt.Sprintf("the server reports error %d; look it up in its manual, or ask the server's administrator", e.Number), true
}
