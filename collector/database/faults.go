package database

import (
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"

	mssql "github.com/microsoft/go-mssqldb"
)

// again says whether a query may be tried once more: it was the victim of a
// deadlock, waited too long for a lock, met a changing snapshot, or its
// connection broke. Everything else would only fail again.
func (c *client) again(err error) bool {
	if again, ok := c.engine.again(err); ok {
		return again
	}
	return broken(err)
}

func sqlServerAgain(err error) (again, ok bool) {
	var e mssql.Error
	if !errors.As(err, &e) {
		return false, false
	}
	return e.Number == 1205 || e.Number == 1222 || e.Number == 3960, true
}

// broken says that the connection is gone.
func broken(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return !op.Timeout()
	}
	var stream mssql.StreamError
	if errors.As(err, &stream) {
		return stream.InnerError == nil || broken(stream.InnerError)
	}
	for _, e := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// told are the server's errors whose text names objects of the database and
// never what stands in them.
var told = []int32{102, 156, 207, 208, 209, 229, 230, 300, 916, 4104}

// explain makes an error one that says what to do. The server's own words
// are passed on only where they cannot hold a person's name.
func (c *client) explain(doing string, err error) error {
	place := fmt.Sprintf("database %s of %s", c.name, c.server)
	if errors.As(err, new(*fault)) {
		return err
	}
	if say, ok := c.engine.say(err); ok {
		return &fault{doing + " " + place + ": " + say, err}
	}
	return &fault{doing + " " + place + ": " + c.network(err), err}
}

func sqlServerSays(err error) (string, bool) {
	var e mssql.Error
	if !errors.As(err, &e) {
		return "", false
	}
	what := ""
	if slices.Contains(told, e.Number) {
		what = quoted(e.Message)
	}
	switch e.Number {
	case 18456, 18452, 18470, 18486, 18487, 18488:
		return "the log-on was refused; check user and password, and that the login is enabled and its password has not expired", true
	case 4060, 916:
		return "the login may not open the database, or there is none of that name; make a user for the login in it", true
	case 229, 230, 300:
		return "the login has no right to read something that is needed" + what + "; grant it db_datareader, or SELECT on it", true
	case 208, 207, 209, 4104:
		return "a table, view or column is not there" + what + "; check the preset against the product's version, or the query", true
	case 102, 156:
		return "the server does not understand the query" + what + "; try it in a query window first", true
	case 1205:
		return "the query was the victim of a deadlock, twice; collect again at a quieter hour", true
	case 1222, 3960:
		return "the query waited in vain for others, twice; collect again at a quieter hour", true
	}
	return fmt.Sprintf("the server reports error %d, severity %d; look it up in sys.messages, or ask the server's administrator", e.Number, e.Class), true
}

func (c *client) network(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	text := err.Error() // the driver passes TLS errors on as text only
	var dns *net.DNSError
	switch {
	case errors.As(err, &authority) || strings.Contains(text, "unknown authority"):
		return "its certificate is of an authority that is not trusted; name the authority's file under ca"
	case errors.As(err, &host) || strings.Contains(text, "certificate is valid for") || strings.Contains(text, "doesn't contain any IP SANs") || strings.Contains(text, "not valid for any names"):
		return "its certificate is for another name; write that name under server_name, if it is the right server"
	case errors.As(err, &invalid) || strings.Contains(text, "certificate"):
		return "its certificate cannot be checked; see that it is in force and made for this server"
	case strings.Contains(text, "TLS Handshake failed"), strings.Contains(text, "tls:"):
		return "no encrypted connection came about; the server must offer TLS 1.2 or later"
	case errors.As(err, &dns):
		return "there is no server of that name; check server, and the name service"
	case errors.Is(err, syscall.ECONNREFUSED) || strings.Contains(text, "connection refused"):
		return "the server takes no connections there; check the port, and that TCP/IP is switched on"
	case broken(err):
		return "the connection broke, twice; see whether the server was started again, and collect again"
	case strings.Contains(text, "i/o timeout"), strings.Contains(text, "deadline exceeded"):
		return "the server does not answer; check server, port and firewall"
	}
	return "the connection failed; check server, port and firewall, and that TCP/IP is switched on"
}

// fault is an error in our words, with its cause for those that branch on it.
type fault struct {
	text  string
	cause error
}

func (f *fault) Error() string { return f.text }
func (f *fault) Unwrap() error { return f.cause }
