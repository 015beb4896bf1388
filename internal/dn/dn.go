// Package dn is the noun for names in a directory: it turns a distinguished
// name, as RFC 4514 and Active Directory write it, into one key per name, so
// that names compare and nest by plain string comparison. It asks no server
// and knows no object.
package dn

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Separator stands between the parts of a key, and in no part.
const Separator = "/"

// maxParts is how deep a name may be; Active Directory itself ends far below.
const maxParts = 256

var errEmpty = errors.New("the distinguished name is empty")

// Key is the canonical form of a distinguished name: its parts from the root
// down, in one case, without escapes that mean nothing, as in
// dc=example/dc=hosting/ou=customers. Two names are the same object's exactly
// when their keys are equal, and a is beneath b exactly when Key(a) begins
// with Key(b) and Separator. The empty name has no key.
func Key(s string) (string, error) {
	var m Maker
	b, err := m.Append(nil, []byte(s))
	if err != nil {
		return "", err
	}
	return string(b), nil
}

// Maker makes keys of many names without new room for each. Its zero value is
// ready; it is not for several goroutines at once.
type Maker struct{ p parser }

// Append appends the key of s to dst. On an error dst comes back as it was.
func (m *Maker) Append(dst, s []byte) ([]byte, error) {
	m.p = parser{s: s, out: dst, base: len(dst), parts: m.p.parts[:0], value: m.p.value[:0], marks: m.p.marks[:0]}
	err := m.p.parse()
	out := m.p.out
	m.p.s, m.p.out = nil, nil
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Under says that the name with key a lies beneath the name with key base, at
// any depth. No name lies beneath itself.
func Under(a, base string) bool {
	return base != "" && len(a) > len(base) && a[len(base)] == Separator[0] && a[:len(base)] == base
}

// Parent is the key of the name one level up, or "" at the root.
func Parent(key string) string {
	i := strings.LastIndexByte(key, Separator[0])
	if i < 0 {
		return ""
	}
	return key[:i]
}

// Leaf is the type and the value of the part that names the object itself, as
// they are in the key: in lower case. Of a part with several values it is the
// first by type.
func Leaf(key string) (kind, value string) {
	part := key[strings.LastIndexByte(key, Separator[0])+1:]
	if i := strings.IndexByte(part, '+'); i >= 0 {
		part = part[:i]
	}
	kind, value, _ = strings.Cut(part, "=")
	return kind, unescape(value)
}

// DNS is the DNS name that the dc parts of a key spell, such as
// hosting.example, or "" where it has none.
func DNS(key string) string {
	var labels []string
	for part := range strings.SplitSeq(key, Separator) {
		v, ok := strings.CutPrefix(part, "dc=")
		if !ok {
			break
		}
		labels = append(labels, unescape(v))
	}
	for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
		labels[i], labels[j] = labels[j], labels[i]
	}
	return strings.Join(labels, ".")
}

// Domain is the key of the domain that a name lies in: its leading dc parts.
func Domain(key string) string {
	end := 0
	for end < len(key) && strings.HasPrefix(key[end:], "dc=") {
		i := strings.IndexByte(key[end:], Separator[0])
		if i < 0 {
			return key
		}
		end += i + 1
	}
	return strings.TrimSuffix(key[:end], Separator)
}

// Text writes a key as a distinguished name again, in lower case and with the
// escapes of RFC 4514. Key(Text(k)) is k.
func Text(key string) string {
	parts := strings.Split(key, Separator)
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		for j, pair := range strings.Split(parts[i], "+") {
			if j > 0 {
				b.WriteByte('+')
			}
			kind, value, _ := strings.Cut(pair, "=")
			b.WriteString(kind)
			b.WriteByte('=')
			b.WriteString(Escape(unescape(value)))
		}
	}
	return b.String()
}

// Escape writes a value as it stands in a distinguished name, with the
// escapes of RFC 4514.
func Escape(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case strings.IndexByte(`,+"\<>;=`, c) >= 0,
			c == ' ' && (i == 0 || i == len(value)-1),
			c == '#' && i == 0:
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%02x`, c)
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(value[i:])
			if r == utf8.RuneError && n == 1 {
				fmt.Fprintf(&b, `\%02x`, c)
				continue
			}
			b.WriteString(value[i : i+n])
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescape undoes appendFolded's escapes.
func unescape(v string) string {
	if strings.IndexByte(v, '\\') < 0 {
		return v
	}
	b := make([]byte, 0, len(v))
	for i := 0; i < len(v); i++ {
		if v[i] == '\\' && i+2 < len(v) {
			hi, ok1 := hex(v[i+1])
			lo, ok2 := hex(v[i+2])
			if ok1 && ok2 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, v[i])
	}
	return string(b)
}

// appendFolded appends a value in one case, with the bytes that have a
// meaning in a key, and those that are no text, written as \xx.
//
// Case is folded letter by letter over Unicode's simple folding, not by
// lower-casing: that would make I with a dot and i one letter, and two
// persons one.
func appendFolded(dst, value []byte) []byte {
	const digits = "0123456789abcdef"
	for i := 0; i < len(value); {
		c := value[i]
		switch {
		case c >= 'A' && c <= 'Z':
			dst = append(dst, c+'a'-'A')
		case c == '/' || c == '+' || c == '=' || c == '\\' || c < ' ' || c == 0x7f:
			dst = append(dst, '\\', digits[c>>4], digits[c&15])
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(value[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, '\\', digits[c>>4], digits[c&15])
				break
			}
			dst = utf8.AppendRune(dst, fold(r))
			i += n
			continue
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}

// fold is one representative of the letters that differ in case only: the
// small letter of the least of them, where that is one of them.
func fold(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	small := unicode.ToLower(least)
	for f := unicode.SimpleFold(least); f != least; f = unicode.SimpleFold(f) {
		if f == small {
			return small
		}
	}
	return least
}

func hex(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
