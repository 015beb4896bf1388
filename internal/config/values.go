package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Days is a number of calendar days, written as 1d or 31d.
type Days int

// UnmarshalText reads 31d.
func (d *Days) UnmarshalText(b []byte) error {
	s, ok := strings.CutSuffix(string(b), "d")
	n, err := strconv.Atoi(s)
	if !ok || err != nil || n < 1 || n > 366 {
		return fmt.Errorf("%q is no number of days; write it like 1d or 31d", b)
	}
	*d = Days(n)
	return nil
}

// MarshalText writes 31d.
func (d Days) MarshalText() ([]byte, error) { return []byte(strconv.Itoa(int(d)) + "d"), nil }

// Duration is a time span, written as 30s, 5m or 1h30m.
type Duration time.Duration

// UnmarshalText reads 30s.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no time span; write it like 30s, 5m or 1h30m", b)
	}
	*d = Duration(v)
	return nil
}

// MarshalText writes it as 30s.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// Globs is one glob or a list of them.
type Globs []string

// UnmarshalYAML takes a string or a list of strings.
func (g *Globs) UnmarshalYAML(n *yaml.Node) (err error) {
	*g, err = oneOrMore(n, "file pattern", "pattern")
	return err
}

// URLs is one address of a server or a list of them.
type URLs []string

// UnmarshalYAML takes a string or a list of strings.
func (u *URLs) UnmarshalYAML(n *yaml.Node) (err error) {
	*u, err = oneOrMore(n, "url", "url")
	return err
}

// oneOrMore reads a string or a list of strings.
func oneOrMore(n *yaml.Node, what, short string) (out []string, err error) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Value != "" {
			out = []string{n.Value}
		}
		return out, nil
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if c.Kind == yaml.AliasNode {
				c = c.Alias
			}
			if c.Kind != yaml.ScalarNode {
				return nil, &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: a list of %ss holds something else; write one %s a line", c.Line, what, short)}}
			}
			out = append(out, c.Value)
		}
		return out, nil
	}
	return nil, &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: no %s; write one, or a list of them", n.Line, what)}}
}

// Secret is a password. It says where it comes from, and prints, logs and
// marshals as a mask; only Open gives it away.
//
// In the config it is written env:NAME or file:PATH, or plain:PASSWORD by
// whoever insists on clear text.
type Secret struct{ source string }

// NewSecret is a secret from its source, as it stands in the config.
func NewSecret(source string) (Secret, error) {
	kind, rest, ok := strings.Cut(source, ":")
	if source != "" && (!ok || rest == "" || kind != "env" && kind != "file" && kind != "plain") {
		return Secret{}, errors.New("a password does not stand in the config itself; write env:NAME, file:PATH, or plain:PASSWORD if it must")
	}
	return Secret{source}, nil
}

// UnmarshalText reads env:NAME, file:PATH or plain:PASSWORD.
func (s *Secret) UnmarshalText(b []byte) (err error) {
	*s, err = NewSecret(string(b))
	return err
}

// IsZero says that none is configured.
func (s Secret) IsZero() bool { return s.source == "" }

// Plain says that the secret stands in the config in clear text.
func (s Secret) Plain() bool { return strings.HasPrefix(s.source, "plain:") }

// Open returns the secret itself. A file's last line break is no part of it.
func (s Secret) Open() (string, error) {
	kind, rest, _ := strings.Cut(s.source, ":")
	switch kind {
	case "":
		return "", nil
	case "env":
		v, ok := os.LookupEnv(rest)
		if !ok || v == "" {
			return "", fmt.Errorf("the environment variable %s with the password is not set; set it, or name a file with file:PATH", rest)
		}
		return v, nil
	case "file":
		b, err := os.ReadFile(rest)
		if err != nil {
			return "", fmt.Errorf("read the password file: %w", err)
		}
		v := strings.TrimRight(string(b), "\r\n")
		if v == "" {
			return "", fmt.Errorf("the password file %s is empty", rest)
		}
		return v, nil
	}
	return rest, nil
}

// mask is itself the form of a secret, so that a masked config can be read.
const mask = "plain:********"

func (s Secret) masked() string {
	kind, _, _ := strings.Cut(s.source, ":")
	switch kind {
	case "":
		return ""
	case "plain":
		return mask
	}
	return s.source // the name of a variable or file is no secret
}

// String, GoString, LogValue, MarshalText and Format never show the secret.
func (s Secret) String() string               { return s.masked() }
func (s Secret) GoString() string             { return s.masked() }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(s.masked()) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.masked()), nil }
func (s Secret) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(s.masked())) }

// resolve makes a file source absolute.
func (s *Secret) resolve(abs func(string) string) {
	if rest, ok := strings.CutPrefix(s.source, "file:"); ok {
		s.source = "file:" + abs(rest)
	}
}
