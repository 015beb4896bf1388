package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"splameter/internal/safetext"
)

// agent checks when the agent does what, and where it listens.
func (k *checker) agent() {
	a := &k.config.Agent
	for _, n := range []struct {
		value, min, max int
		path            []any
	}{
		{a.Reminders.FromDay, 1, 28, []any{"agent", "reminders", "from_day"}},
		{a.Preclose.FromDay, 0, 28, []any{"agent", "preclose", "from_day"}},
		{a.Preclose.IdleMonths, 1, 12, []any{"agent", "preclose", "idle_months"}},
	} {
		if n.value < n.min || n.value > n.max {
			k.fault(fmt.Sprintf("%s cannot be %d", n.path[len(n.path)-1], n.value), fmt.Sprintf("write a number from %d to %d", n.min, n.max), n.path...)
		}
	}
	if first, most := time.Duration(a.Retry.First), time.Duration(a.Retry.Most); first < time.Minute || most < first || most > 24*time.Hour {
		k.fault("a job that failed cannot be tried again like this", "write first: at least 1m, and most: at least as long and at most 24h", "agent", "retry")
	}
	if a.FirstMonth != "" {
		if _, err := time.Parse("2006-01", a.FirstMonth); err != nil {
			k.fault(fmt.Sprintf("%q is no month", safetext.Clip(a.FirstMonth, 60)), "write it as YYYY-MM, such as 2026-10", "agent", "first_month")
		}
	}
	if a.Listen != "" && !loopback(a.Listen) {
		k.fault(fmt.Sprintf("%q is no address of this machine's own loopback; what the agent tells is for nobody else", safetext.Clip(a.Listen, 60)),
			"write 127.0.0.1:PORT or [::1]:PORT, and let a proxy with a log-on of its own stand before it", "agent", "listen")
	}
}

// loopback says whether an address is HOST:PORT with a literal loopback
// address: a name may mean another address tomorrow.
func loopback(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	n, err2 := strconv.Atoi(port)
	return err == nil && err2 == nil && ip.IsLoopback() && ip.Zone() == "" && n >= 0 && n < 1<<16
}

// mail checks what the agent sends mail with.
func (k *checker) mail() {
	m := &k.config.Mail
	k.oneOf(m.Security, []string{"starttls", "tls", "none"}, "mail", "security")
	if m.Server == "" {
		return
	}
	host, port, err := net.SplitHostPort(m.Server)
	if n, err2 := strconv.Atoi(port); err != nil || err2 != nil || host == "" || n < 1 || n > 65535 {
		k.fault(fmt.Sprintf("%q is no mail server", safetext.Clip(m.Server, 60)), "write HOST:PORT, such as smtp.host.example:587", "mail", "server")
	}
	if m.User != "" && m.Password.IsZero() {
		k.fault("the mail server's user has no password", "write password: env:NAME or file:PATH", "mail", "password")
	}
	if m.User != "" && m.Security == "none" {
		k.fault("the password would go to the mail server for everybody on the way to read", "write security: starttls or tls, or leave out user", "mail", "security")
	}
	k.mailAddress(m.From, "mail", "from")
	if len(m.To) == 0 {
		k.fault("nobody gets the mail", "write to: [licences@host.example]", "mail", "to")
	}
	for i, to := range m.To {
		k.mailAddress(to, "mail", "to", i)
	}
	if m.Timeout < Duration(time.Second) {
		k.fault("a mail server cannot answer in less than a second", "write timeout: 30s", "mail", "timeout")
	}
}

// mailAddress checks a mail address.
func (k *checker) mailAddress(s string, path ...any) {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsAny(s, "\r\n") || a.Address == "" {
		k.fault(fmt.Sprintf("%q is no mail address", safetext.Clip(s, 60)), "write one such as licences@host.example", path...)
	}
}
