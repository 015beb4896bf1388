package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"splameter/internal/config"
	"splameter/internal/safetext"
)

// Mail sends messages by SMTP.
type Mail struct {
	cfg      config.Mail
	provider string // stands in the subject
}

// NewMail sends by the server that the config names; nil where it names none.
func NewMail(cfg config.Mail, provider string) *Mail {
	if cfg.Server == "" {
		return nil
	}
	return &Mail{cfg, provider}
}

// Name implements Sink.
func (m *Mail) Name() string { return "mail" }

// Send implements Sink. The password is opened anew each time, so that one
// that was changed is used without a restart.
func (m *Mail) Send(ctx context.Context, msg Message) error {
	if err := m.send(ctx, msg); err != nil {
		return fmt.Errorf("send mail by %s: %w", m.cfg.Server, m.explain(err))
	}
	return nil
}

func (m *Mail) send(ctx context.Context, msg Message) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	out, err := m.message(msg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Duration(m.cfg.Timeout))
	defer cancel()
	return client.DialAndSendWithContext(ctx, out)
}

// explain says what to do about the errors that a person can correct.
func (m *Mail) explain(err error) error {
	s := err.Error()
	switch {
	case m.cfg.Security == "starttls" && strings.Contains(s, "STARTTLS"):
		return fmt.Errorf("the server offers no STARTTLS, and without it nothing is sent; correct the server, or write security: tls or none (%w)", err)
	case strings.Contains(s, "SMTP AUTH") || strings.Contains(s, "535"):
		return fmt.Errorf("the server does not take the log-on; check user and password under mail: (%w)", err)
	}
	return err
}

func (m *Mail) client() (*mail.Client, error) {
	host, text, err := net.SplitHostPort(m.cfg.Server)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	opts := []mail.Option{mail.WithPort(port), mail.WithTimeout(time.Duration(m.cfg.Timeout)), mail.WithoutNoop()}
	if m.cfg.Security == "none" {
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	} else {
		t, err := m.tls(host)
		if err != nil {
			return nil, err
		}
		opts = append(opts, mail.WithTLSConfig(t))
		if m.cfg.Security == "tls" {
			opts = append(opts, mail.WithSSL())
		} else {
			opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory))
		}
	}
	if m.cfg.User != "" {
		password, err := m.cfg.Password.Open()
		if err != nil {
			return nil, err
		}
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.cfg.User), mail.WithPassword(password))
	}
	return mail.NewClient(host, opts...)
}

func (m *Mail) tls(host string) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if m.cfg.ServerName != "" {
		t.ServerName = m.cfg.ServerName
	}
	if m.cfg.CA != "" {
		pem, err := os.ReadFile(m.cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("read the certificate authorities: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("the file under ca holds no certificate in PEM; name another")
		}
	}
	return t, nil
}

func (m *Mail) message(msg Message) (*mail.Msg, error) {
	out := mail.NewMsg()
	if err := out.From(m.cfg.From); err != nil {
		return nil, err
	}
	if err := out.To(m.cfg.To...); err != nil {
		return nil, err
	}
	out.Subject(safetext.Clip(safetext.Line("splameter "+string(msg.Kind)+", "+m.provider+": "+msg.Subject), 200))
	out.SetDateWithValue(msg.At)
	out.SetGenHeader("Auto-Submitted", "auto-generated")
	out.SetGenHeader("X-Auto-Response-Suppress", "All")
	body := []string{msg.Subject}
	for _, s := range []string{msg.Detail, msg.Body} {
		if s != "" {
			body = append(body, s)
		}
	}
	out.SetBodyString(mail.TypeTextPlain, safetext.Clip(safetext.Block(strings.Join(body, "\n\n")), 1<<20)+"\n")
	return out, nil
}
