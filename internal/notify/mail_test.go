package notify

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"splameter/internal/config"
	"splameter/internal/notify/mailtest"
)

const password = "geheim-Wachtwoord-1"

// server starts a real mail server and returns how to send by it, and the
// folder in which it keeps what it gets.
func server(t *testing.T, security string, login bool) (config.Mail, string) {
	t.Helper()
	var account []string
	if login {
		account = []string{"agent", password}
	}
	srv := mailtest.Start(t, security, account...)
	t.Setenv("TEST_MAIL_PASSWORD", password)
	cfg := config.Default().Mail
	cfg.Server, cfg.CA, cfg.From, cfg.To = srv.Address, srv.CA, "Splameter <agent@host.example>", []string{"a@host.example", "b@host.example"}
	if login {
		var err error
		cfg.User = "agent"
		if cfg.Password, err = config.NewSecret("env:TEST_MAIL_PASSWORD"); err != nil {
			t.Fatal(err)
		}
	}
	return cfg, srv.Box
}

// received are the messages that the server kept.
func received(t *testing.T, dir string) []*mail.Message {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*mail.Message
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

// A message goes over STARTTLS with a log-on, to both addresses, and what
// stands in it cannot begin a header of its own.
func TestMailArrives(t *testing.T) {
	cfg, dir := server(t, "starttls", true)
	m := NewMail(cfg, "Duinrand é")
	err := m.Send(t.Context(), Message{Kind: Failure, Subject: "source ad fails\r\nBcc: evil@example.net", Detail: "read directory: no answer",
		Body: "more €", At: time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	got := received(t, dir)
	if len(got) != 1 {
		t.Fatalf("%d messages arrived", len(got))
	}
	h := got[0].Header
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != "splameter failure, Duinrand é: source ad fails Bcc: evil@example.net" {
		t.Errorf("the subject is %q, %v", subject, err)
	}
	for key, want := range map[string]string{"X-Tls": "yes", "X-User": "agent", "X-To": "a@host.example,b@host.example", "Bcc": "",
		"Auto-Submitted": "auto-generated", "Date": "Sun, 01 Nov 2026 06:00:00 +0000"} {
		if h.Get(key) != want {
			t.Errorf("%s is %q, want %q", key, h.Get(key), want)
		}
	}
	body, _ := io.ReadAll(got[0].Body)
	if !strings.Contains(string(body), "read directory: no answer") {
		t.Errorf("the body is %q", body)
	}
}

func TestMailOverTLS(t *testing.T) {
	cfg, dir := server(t, "tls", true)
	cfg.Security = "tls"
	if err := NewMail(cfg, "P").Send(t.Context(), Message{Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	if got := received(t, dir); len(got) != 1 || got[0].Header.Get("X-Tls") != "yes" {
		t.Errorf("got %v", got)
	}
}

// What must be refused is refused, in words that say what to do, without the
// password in them, and nothing arrives.
func TestMailRefused(t *testing.T) {
	for _, x := range []struct {
		name, security string
		login          bool
		change         func(*config.Mail)
		want           string
	}{
		{"wrong password", "starttls", true, func(c *config.Mail) { t.Setenv("TEST_MAIL_PASSWORD", password+"x") }, "does not take the log-on"},
		{"no password", "starttls", true, func(c *config.Mail) { c.User = "" }, ""},
		{"no STARTTLS offered", "none", false, func(c *config.Mail) {}, "offers no STARTTLS"},
		{"no STARTTLS offered, and a log-on", "none", true, func(c *config.Mail) {}, "offers no STARTTLS"},
		{"an authority that nobody trusts", "starttls", true, func(c *config.Mail) { c.CA = "" }, "certificate"},
		{"a certificate for another name", "starttls", true, func(c *config.Mail) { c.ServerName = "other.example" }, "other.example"},
		{"no variable", "starttls", true, func(c *config.Mail) { os.Unsetenv("TEST_MAIL_PASSWORD") }, "is not set"},
	} {
		cfg, dir := server(t, x.security, x.login)
		x.change(&cfg)
		err := NewMail(cfg, "P").Send(t.Context(), Message{Kind: Failure, Subject: "s"})
		if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), cfg.Server) {
			t.Errorf("%s: %v, want an error about %q", x.name, err, x.want)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("%s: the error shows the password: %v", x.name, err)
		}
		if got := received(t, dir); len(got) != 0 {
			t.Errorf("%s: %d messages arrived", x.name, len(got))
		}
	}
}

// A server without any security is used where the config says so.
func TestMailWithoutSecurity(t *testing.T) {
	cfg, dir := server(t, "none", false)
	cfg.Security = "none"
	if err := NewMail(cfg, "P").Send(t.Context(), Message{Subject: "s"}); err != nil {
		t.Fatal(err)
	}
	if got := received(t, dir); len(got) != 1 || got[0].Header.Get("X-Tls") != "no" {
		t.Errorf("got %v", got)
	}
}

// A server that is down loses nothing: the message goes out once it is up.
func TestMailServerComesBack(t *testing.T) {
	cfg, dir := server(t, "starttls", true)
	up := cfg.Server
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	m := NewMail(cfg, "P")
	m.cfg.Server = fmt.Sprintf("localhost:%d", closed.Addr().(*net.TCPAddr).Port)
	sink := &moves{m: m, to: up}
	n := New(slog.New(slog.DiscardHandler), clockwork.NewRealClock(), Retry{time.Millisecond, time.Millisecond}, sink)
	n.Post(Message{Kind: Failure, Subject: "kept"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	sink.sent = cancel
	n.Run(ctx)
	if got := received(t, dir); len(got) != 1 || sink.failed == 0 || n.Waiting()["mail"] != 0 {
		t.Errorf("%d messages arrived after %d failures, %d wait", len(got), sink.failed, n.Waiting()["mail"])
	}
}

// moves is a mail server that comes up after two tries.
type moves struct {
	m      *Mail
	to     string
	failed int
	sent   func()
}

func (s *moves) Name() string { return "mail" }

func (s *moves) Send(ctx context.Context, m Message) error {
	if s.failed == 2 {
		s.m.cfg.Server = s.to
	}
	err := s.m.Send(ctx, m)
	if err != nil {
		s.failed++
	} else {
		s.sent()
	}
	return err
}
