package dn

import (
	"bytes"
	"fmt"
	"slices"
)

// parser reads one name. It folds each part into parts as it meets it, and
// then writes them into out from the last to the first.
type parser struct {
	s    []byte
	i    int
	out  []byte
	base int

	parts []byte
	value []byte
	marks []int // where in parts each part ends
}

func (p *parser) parse() error {
	p.skip()
	if p.i == len(p.s) {
		return errEmpty
	}
	for {
		if err := p.rdn(); err != nil {
			return err
		}
		p.marks = append(p.marks, len(p.parts))
		if len(p.marks) > maxParts {
			return fmt.Errorf("the distinguished name has more than %d parts", maxParts)
		}
		if p.i == len(p.s) {
			break
		}
		p.i++ // the comma, or the semicolon of RFC 1779
	}
	for n := len(p.marks) - 1; n >= 0; n-- {
		start := 0
		if n > 0 {
			start = p.marks[n-1]
		}
		if len(p.out) > p.base {
			p.out = append(p.out, Separator...)
		}
		p.out = append(p.out, p.parts[start:p.marks[n]]...)
	}
	return nil
}

// rdn reads one part, up to the comma after it or the end. The pairs of a
// part with several are in no order, so they are sorted.
func (p *parser) rdn() error {
	start := len(p.parts)
	if err := p.pair(); err != nil {
		return err
	}
	if p.i == len(p.s) || p.s[p.i] != '+' {
		return nil
	}
	for p.i < len(p.s) && p.s[p.i] == '+' {
		p.i++
		p.parts = append(p.parts, '+')
		if err := p.pair(); err != nil {
			return err
		}
	}
	pairs := bytes.Split(bytes.Clone(p.parts[start:]), []byte{'+'})
	slices.SortFunc(pairs, bytes.Compare)
	p.parts = append(p.parts[:start], bytes.Join(pairs, []byte{'+'})...)
	return nil
}

func (p *parser) pair() error {
	p.skip()
	start := p.i
	for p.i < len(p.s) && kindByte(p.s[p.i]) {
		p.i++
	}
	kind := p.s[start:p.i]
	p.skip()
	if len(kind) == 0 || p.i == len(p.s) || p.s[p.i] != '=' {
		return fmt.Errorf("at character %d of the distinguished name a type and an equals sign should stand, as in OU=Customers,DC=hosting,DC=example", start+1)
	}
	p.i++
	p.parts = appendKind(p.parts, kind)
	p.parts = append(p.parts, '=')
	p.skip()
	var err error
	p.value = p.value[:0]
	switch {
	case p.i < len(p.s) && p.s[p.i] == '#':
		err = p.encoded()
	case p.i < len(p.s) && p.s[p.i] == '"':
		err = p.quoted()
	default:
		err = p.plain()
	}
	if err != nil {
		return err
	}
	p.parts = appendFolded(p.parts, p.value)
	return nil
}

// plain reads a value with backslash escapes. Spaces at its end belong to it
// only where they are escaped.
func (p *parser) plain() error {
	keep := 0
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch c {
		case ',', ';', '+':
			p.value = p.value[:keep]
			return nil
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
			keep = len(p.value)
			continue
		case '"':
			return fmt.Errorf("at character %d of the distinguished name a quote stands within a value; write it as \\\"", p.i+1)
		}
		p.value = append(p.value, c)
		p.i++
		if c != ' ' {
			keep = len(p.value)
		}
	}
	p.value = p.value[:keep]
	return nil
}

func (p *parser) escape() error {
	at := p.i
	p.i++
	if p.i < len(p.s) {
		hi, ok := hex(p.s[p.i])
		if !ok {
			p.value = append(p.value, p.s[p.i])
			p.i++
			return nil
		}
		if p.i+1 < len(p.s) {
			if lo, ok := hex(p.s[p.i+1]); ok {
				p.value = append(p.value, hi<<4|lo)
				p.i += 2
				return nil
			}
		}
	}
	return fmt.Errorf("at character %d of the distinguished name a backslash escapes nothing; write it as \\\\, or with two hexadecimal digits", at+1)
}

// quoted reads a value in quotes, the older form.
func (p *parser) quoted() error {
	at := p.i
	p.i++
	for p.i < len(p.s) {
		switch c := p.s[p.i]; c {
		case '"':
			p.i++
			p.skip()
			return p.ended()
		case '\\':
			if err := p.escape(); err != nil {
				return err
			}
		default:
			p.value = append(p.value, c)
			p.i++
		}
	}
	return fmt.Errorf("at character %d of the distinguished name a quote is opened and not closed", at+1)
}

// encoded reads #04024869: the BER encoding of a string in hexadecimal.
func (p *parser) encoded() error {
	at := p.i
	p.i++
	for p.i+1 < len(p.s) {
		hi, ok1 := hex(p.s[p.i])
		lo, ok2 := hex(p.s[p.i+1])
		if !ok1 || !ok2 {
			break
		}
		p.value = append(p.value, hi<<4|lo)
		p.i += 2
	}
	p.skip()
	if err := p.ended(); err != nil {
		return err
	}
	v := p.value
	// The tags of the octet, UTF-8, printable, IA5 and teletex strings; a
	// name is shorter than the 128 bytes from which a length needs more than
	// one byte, or than the 256 from which it needs more than two.
	if len(v) >= 2 && bytes.IndexByte([]byte{0x04, 0x0c, 0x13, 0x16, 0x14}, v[0]) >= 0 {
		switch {
		case v[1] < 0x80 && len(v) == 2+int(v[1]):
			p.value = v[2:]
			return nil
		case v[1] == 0x81 && len(v) >= 3 && v[2] >= 0x80 && len(v) == 3+int(v[2]):
			p.value = v[3:]
			return nil
		}
	}
	return fmt.Errorf("at character %d of the distinguished name a value in hexadecimal is no text; a value that begins with # is written \\#", at+1)
}

// ended says whether the part ends here.
func (p *parser) ended() error {
	if p.i == len(p.s) || p.s[p.i] == ',' || p.s[p.i] == ';' || p.s[p.i] == '+' {
		return nil
	}
	return fmt.Errorf("at character %d of the distinguished name a comma should stand", p.i+1)
}

func (p *parser) skip() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\r' || p.s[p.i] == '\n') {
		p.i++
	}
}

func kindByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.'
}

// appendKind appends a type in lower case, and the usual ones that are
// written as a number by their names.
func appendKind(dst, kind []byte) []byte {
	start := len(dst)
	for _, c := range kind {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	if kind[0] > '9' && len(kind) < len("oid.1") {
		return dst
	}
	n := bytes.TrimPrefix(dst[start:], []byte("oid."))
	for _, k := range [...]struct{ number, name string }{
		{"2.5.4.3", "cn"}, {"2.5.4.11", "ou"}, {"0.9.2342.19200300.100.1.25", "dc"},
		{"2.5.4.10", "o"}, {"2.5.4.6", "c"}, {"2.5.4.7", "l"}, {"2.5.4.8", "st"},
		{"0.9.2342.19200300.100.1.1", "uid"},
	} {
		if string(n) == k.number {
			return append(dst[:start], k.name...)
		}
	}
	return dst
}
