package deliver

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gomail "github.com/wneessen/go-mail"

	"splameter/internal/config"
	"splameter/internal/notify"
	"splameter/internal/notify/mailtest"
)

// conversation is a mail server on loopback of which end decides what happens
// after the last byte.
func conversation(t *testing.T, end string) config.Mail {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				say := func(s string) { fmt.Fprintf(c, "%s\r\n", s) }
				say("220 here")
				for {
					s, err := r.ReadString('\n')
					if err != nil {
						return
					}
					switch verb, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(s)), " "); verb {
					case "DATA":
						say("354 go on")
						for s != ".\r\n" {
							if s, err = r.ReadString('\n'); err != nil {
								return
							}
						}
						if end == "" {
							return // the line goes dead: nobody knows
						}
						say(end)
					case "QUIT":
						return // without a word
					default:
						if verb == "RCPT" && end == "550 no such user" {
							say(end)
							continue
						}
						say("250 fine")
					}
				}
			}()
		}
	}()
	cfg := config.Default().Mail
	cfg.Server, cfg.Security, cfg.From = l.Addr().String(), "none", "l@host.example"
	return cfg
}

func byServer(cfg config.Mail) func(context.Context, *gomail.Msg) error {
	return func(ctx context.Context, m *gomail.Msg) error {
		c, err := notify.Client(cfg)
		if err != nil {
			return err
		}
		return c.DialAndSendWithContext(ctx, m)
	}
}

func TestWhatTheServerSays(t *testing.T) {
	for end, want := range map[string]string{
		"250 queued":       "appel sent", // though it hangs up without a word
		"":                 "appel uncertain",
		"451 later":        "appel failed",
		"554 spam":         "appel failed",
		"550 no such user": "appel failed",
	} {
		cfg := conversation(t, end)
		s := open(t)
		all, err := (&Sender{Post: s, Now: noon, From: cfg.From, Deliver: byServer(cfg)}).Send(t.Context(), []*Letter{letter("appel", "a@appel.example")})
		if err != nil || states(all) != want {
			t.Errorf("%q: %s, %v; want %s", end, states(all), err, want)
		}
	}
}

// A real server gets the mail whole, for the one address alone.
func TestRealServer(t *testing.T) {
	srv := mailtest.Start(t, "starttls")
	cfg := config.Default().Mail
	cfg.Server, cfg.CA, cfg.From = srv.Address, srv.CA, "Licenties <l@host.example>"
	l := letter("appel", "a@appel.example")
	l.data = bytes.Repeat([]byte("0123456789\r\n.\r\n"), 5000)
	all, err := (&Sender{Post: open(t), Now: noon, From: cfg.From, Deliver: byServer(cfg)}).Send(t.Context(), []*Letter{l})
	if err != nil || states(all) != "appel sent" {
		t.Fatalf("%s, %v, %s", states(all), err, all[0].Note)
	}
	names, _ := filepath.Glob(filepath.Join(srv.Box, "*.eml"))
	if len(names) != 1 {
		t.Fatalf("%d mails arrived", len(names))
	}
	raw, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	h, _, name, data := read(t, raw)
	if h.Get("X-To") != "a@appel.example" || h.Get("X-Tls") != "yes" || h.Get("X-Unsent") != "" || name != "appel-2026-10.xlsx" || len(data) < 4*len(l.data)/3 {
		t.Errorf("%v, %s, %d bytes", h, name, len(data))
	}
}
