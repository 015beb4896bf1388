package directory

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"splameter/internal/config"
)

// What a directory's section of the config may leave out.
const (
	defaultPage    = 1000 // MaxPageSize of a domain controller
	defaultTimeout = time.Minute
)

// session is one connection to one domain controller. Everything that it
// waits for ends when its context does: the connection is closed under it.
type session struct {
	deleted bool // searches show deleted objects
	ctx     context.Context
	cancel  context.CancelCauseFunc
	conn    *ldap.Conn
	raw     *watched
	thin    *thin
	free    func() bool
	page    uint32

	server string // host of the URL
	name   string // what the certificate must name
	tls    *tls.Config
}

// endpoint is where one of the config's URLs leads.
func endpoint(cfg config.Directory, address string) (scheme, host, port string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "ldaps" && u.Scheme != "ldap" || u.Path != "" && u.Path != "/" || u.User != nil {
		return "", "", "", fmt.Errorf("the url of directory %s is none; write it like ldaps://dc1.host1.example, or ldap://… for StartTLS", cfg.Name)
	}
	port = u.Port()
	switch {
	case port == "3268" || port == "3269":
		return "", "", "", fmt.Errorf("port %s is the global catalog, which lacks accountExpires and members of other domains; use the domain's own port, 636 or 389", port)
	case port != "":
	case u.Scheme == "ldaps":
		port = "636"
	default:
		port = "389"
	}
	return u.Scheme, u.Hostname(), port, nil
}

// connect dials, secures the connection and logs on: at the first server that
// can be reached. The caller closes.
func connect(parent context.Context, cfg config.Directory) (*session, error) {
	if len(cfg.URL) == 0 {
		return nil, fmt.Errorf("directory %s has no url", cfg.Name)
	}
	var all []error
	for _, address := range cfg.URL {
		s, err := connectTo(parent, cfg, address)
		if err == nil {
			return s, nil
		}
		all = append(all, err)
		if parent.Err() != nil || errors.Is(err, ErrRefused) {
			break // another server would say the same, and lock the account
		}
	}
	return nil, errors.Join(all...)
}

func connectTo(parent context.Context, cfg config.Directory, address string) (*session, error) {
	scheme, host, port, err := endpoint(cfg, address)
	if err != nil {
		return nil, err
	}
	s := &session{server: host, name: host, page: defaultPage}
	if cfg.ServerName != "" {
		s.name = cfg.ServerName
	}
	if cfg.PageSize > 0 {
		s.page = uint32(min(cfg.PageSize, 100_000))
	}
	if s.tls, err = tlsConfig(cfg, s.name); err != nil {
		return nil, err
	}
	timeout := time.Duration(cfg.Timeout)
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	s.ctx, s.cancel = context.WithCancelCause(parent)
	dialer := net.Dialer{Timeout: timeout}
	raw, err := dialer.DialContext(s.ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		s.cancel(nil)
		if parent.Err() != nil {
			return nil, context.Cause(parent)
		}
		return nil, fmt.Errorf("connect to %s: %w; check the url, the firewall and that the domain controller runs", net.JoinHostPort(host, port), err)
	}
	s.raw = newWatched(raw, timeout, func() { s.cancel(fmt.Errorf("the server gave no answer within %s", timeout)) })
	s.free = context.AfterFunc(s.ctx, func() { s.raw.Close() })
	if err := s.wait(func() error { return s.secure(scheme) }); err != nil {
		s.close()
		return nil, fmt.Errorf("secure the connection to %s: %w%s", host, err, tlsHint(err, s.name))
	}
	if err := s.bind(cfg.Bind); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// secure makes the connection a TLS one: from the first byte, or by StartTLS.
// There is no way past it: passwords and names go over it.
func (s *session) secure(scheme string) error {
	if scheme != "ldaps" {
		if err := s.startTLS(); err != nil {
			return err
		}
	}
	c := tls.Client(s.raw, s.tls)
	if err := c.HandshakeContext(s.ctx); err != nil {
		return err
	}
	s.start(c, true)
	return nil
}

// startTLS asks the server to go on in TLS. What it answers is read to its last
// byte and no further: the next is TLS.
func (s *session) startTLS() error {
	const application, extended = ber.ClassApplication, 23
	ask := ber.NewSequence("")
	ask.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	op := ber.Encode(application, ber.TypeConstructed, extended, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "1.3.6.1.4.1.1466.20037", ""))
	ask.AppendChild(op)
	if _, err := s.raw.Write(ask.Bytes()); err != nil {
		return err
	}
	answer, err := ber.ReadPacket(s.raw)
	if err != nil {
		return err
	}
	if len(answer.Children) < 2 || answer.Children[1].ClassType != application || answer.Children[1].Tag != extended+1 {
		return errors.New("what it answered to StartTLS is no answer to it")
	}
	return ldap.GetLDAPError(answer)
}

// start begins to speak LDAP over a connection that is secure.
func (s *session) start(c net.Conn, secure bool) {
	s.thin = newThin(c)
	s.conn = ldap.NewConn(s.thin, secure)
	s.conn.Start()
}

// wait runs what waits for the server, and returns why it ended where that
// was a cancel or a time-out and not the server.
func (s *session) wait(f func() error) error {
	s.raw.arm()
	err := f()
	s.raw.disarm()
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return err
}

// close ends the connection and all that runs for it. The network connection
// goes first: go-ldap's own Close waits for a write that may never end.
func (s *session) close() {
	s.cancel(context.Canceled)
	s.free()
	s.raw.Close()
	if s.conn != nil {
		s.conn.Close()
	}
}

// watched is a connection that says when nothing came for too long, counted
// only while an answer is awaited.
type watched struct {
	net.Conn
	mu      sync.Mutex
	armed   bool
	timer   *time.Timer
	timeout time.Duration
}

func newWatched(c net.Conn, timeout time.Duration, late func()) *watched {
	w := &watched{Conn: c, timeout: timeout}
	w.timer = time.AfterFunc(timeout, func() {
		w.mu.Lock()
		armed := w.armed
		w.mu.Unlock()
		if armed {
			late()
		}
	})
	w.timer.Stop()
	return w
}

func (w *watched) arm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = true
	w.timer.Reset(w.timeout)
}

func (w *watched) disarm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed = false
	w.timer.Stop()
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > 0 && w.armed {
		w.timer.Reset(w.timeout)
	}
	return n, err
}

func (w *watched) Close() error {
	w.disarm()
	return w.Conn.Close()
}

// tlsConfig trusts the config's authorities alone where it names some, else
// the system's.
func tlsConfig(cfg config.Directory, name string) (*tls.Config, error) {
	c := &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	if cfg.CA == "" {
		return c, nil
	}
	pem, err := os.ReadFile(cfg.CA)
	if err != nil {
		return nil, fmt.Errorf("read the certificate authorities: %w", err)
	}
	c.RootCAs = x509.NewCertPool()
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the file %s holds no certificate in PEM form; export the authority's certificate as Base-64 X.509", cfg.CA)
	}
	return c, nil
}

// tlsHint says what to do about a certificate. The text decides: a server's own
// refusal has no other form.
func tlsHint(err error, name string) string {
	switch text := err.Error(); {
	case strings.Contains(text, "signed by unknown authority"):
		return "; set ca: to the file with the certificate of the authority that issued the server's"
	case strings.Contains(text, "certificate is valid for"), strings.Contains(text, "certificate is not valid for any names"), strings.Contains(text, "doesn't contain any IP SANs"), strings.Contains(text, "relies on legacy Common Name"):
		return fmt.Sprintf("; the certificate does not name %s: use the name that it does, in url: or server_name:", name)
	case strings.Contains(text, "has expired or is not yet valid"):
		return "; renew the server's certificate, and check the clocks"
	case errors.Is(err, os.ErrDeadlineExceeded), strings.Contains(text, "EOF"), strings.Contains(text, "reset by peer"):
		return "; check that the server has a certificate for LDAP"
	}
	return ""
}
