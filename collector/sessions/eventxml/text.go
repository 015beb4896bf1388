package eventxml

import (
	"bytes"
	"unicode/utf8"
)

// decode resolves entities and line ends of raw text. buf is where decoded
// text is put, if it differs from raw.
func (s *scanner) decode(buf, raw []byte) (newBuf, text []byte, ok bool) {
	var seen class
	for _, c := range raw {
		seen |= classes[c]
	}
	s.seen |= seen
	if seen&(isControl|isCoded) == 0 {
		return buf, raw, true
	}
	if seen&isControl != 0 {
		return buf, nil, false
	}
	from := len(buf)
	buf, ok = appendText(buf, raw)
	return buf, buf[from:len(buf):len(buf)], ok
}

// appendText appends raw text with entities resolved and line ends made \n.
func appendText(buf, raw []byte) ([]byte, bool) {
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '\r':
			buf = append(buf, '\n')
			i++
			if i < len(raw) && raw[i] == '\n' {
				i++
			}
			continue
		case c < ' ' && c != '\t' && c != '\n':
			return buf, false
		case c != '&':
			buf = append(buf, c)
			i++
			continue
		}
		n := bytes.IndexByte(raw[i:min(len(raw), i+16)], ';')
		if n < 0 {
			return buf, false
		}
		r, ok := entity(raw[i+1 : i+n])
		if !ok {
			return buf, false
		}
		buf = utf8.AppendRune(buf, r)
		i += n + 1
	}
	return buf, true
}

// appendCDATA appends the inside of a CDATA section: no entities there.
func appendCDATA(buf, raw []byte) ([]byte, bool) {
	for i, c := range raw {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return buf, false
		}
		if c == '\r' {
			if i+1 < len(raw) && raw[i+1] == '\n' {
				continue
			}
			c = '\n'
		}
		buf = append(buf, c)
	}
	return buf, true
}

func entity(name []byte) (rune, bool) {
	switch string(name) {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], rune(10)
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	var r rune
	for _, c := range digits {
		var v rune
		switch {
		case '0' <= c && c <= '9':
			v = rune(c - '0')
		case base == 16 && 'a' <= c|0x20 && c|0x20 <= 'f':
			v = rune(c|0x20-'a') + 10
		default:
			return 0, false
		}
		if r = r*base + v; r > utf8.MaxRune {
			return 0, false
		}
	}
	if len(digits) == 0 || !isChar(r) {
		return 0, false
	}
	return r, true
}

// isChar says which characters XML 1.0 has.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 && r <= utf8.MaxRune
}

// class says what a byte may be in a text of events.
type class uint8

const (
	inName    class = 1 << iota // part of a name, the colon not counted
	isColon                     // parts a prefix from its name
	isHigh                      // not ASCII: may not be UTF-8
	isControl                   // not allowed anywhere
	isCoded                     // stands for another character: & and \r
)

var classes = func() (t [256]class) {
	for i := range t {
		c := byte(i)
		switch {
		case c == ':':
			t[i] = isColon
		case c == '&' || c == '\r':
			t[i] = isCoded
		case c < ' ' && c != '\t' && c != '\n':
			t[i] = isControl
		case c >= 0x80:
			t[i] = inName | isHigh
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.':
			t[i] = inName
		}
	}
	return t
}()
