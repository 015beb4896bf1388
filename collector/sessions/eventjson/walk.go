package eventjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// What the walker returns in place of a position.
const (
	more   = -1 // the text ends before the value does
	broken = -2 // not JSON; walker.what says why
)

// maxDepth is how deep values may be nested. Winlogbeat writes five levels.
const maxDepth = 64

// walker walks over JSON. Its methods take a position and return the next, or
// more or broken.
type walker struct {
	d     []byte
	lines bool // d spans lines: a line end in a string is damage
	what  string

	escaped bool // the string that was passed over last has a backslash
}

func (w *walker) broken(what string) int {
	w.what = what
	return broken
}

// kind of a value.
type kind uint8

const (
	absent kind = iota
	str         // raw is between the quotes, escapes not resolved
	number
	literal // true, false
	null
	compound // an object or array, raw as it stands
)

// value is a value as it stands in the text.
type value struct {
	raw   []byte
	kind  kind
	plain bool // raw is known to hold no escape
}

func (w *walker) space(i int) int {
	d := w.d
	for i < len(d) && (d[i] == ' ' || d[i] == '\t' || d[i] == '\n' || d[i] == '\r') {
		i++
	}
	return i
}

// str passes over the string at i, where a quote stands, eight bytes at a time.
func (w *walker) str(i int) int {
	d := w.d
	j := i + 1
	lineEnd, control := false, false
	w.escaped = false
	for {
		at := 0
		if len(d)-j >= 8 {
			x := binary.LittleEndian.Uint64(d[j:])
			q, b := x^'"'*ones, x^'\\'*ones
			hits := ((q-ones)&^q | (b-ones)&^b | (x-' '*ones)&^x) & highs
			if hits == 0 {
				j += 8
				continue
			}
			at = bits.TrailingZeros64(hits) >> 3 // the lowest is certain, those above it are not
		} else if j == len(d) {
			return more
		}
		c := d[j+at]
		j += at + 1
		switch {
		case c == '"':
			switch {
			case w.lines && lineEnd:
				return w.broken("a string goes over a line end")
			case control:
				return w.broken("a string holds a control character, which JSON does not allow")
			}
			return j
		case c == '\\':
			w.escaped = true
			if j < len(d) && (d[j] == '"' || d[j] == '\\') {
				j++
			}
		case c == '\n':
			lineEnd = true
		default:
			control = control || isControl(c)
		}
	}
}

// isControl says that a byte is a control character other than the tab and line
// ends, which careless writers leave in messages. It leaves zeros to the reader,
// who looks for them in whole blocks.
func isControl(c byte) bool {
	return c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0
}

// value passes over the value at i.
func (w *walker) value(i int) (next int, v value) {
	d := w.d
	if i >= len(d) {
		return more, v
	}
	switch c := d[i]; {
	case c == '"':
		if next = w.str(i); next < 0 {
			return next, v
		}
		return next, value{raw: d[i+1 : next-1], kind: str, plain: !w.escaped}
	case c == '{' || c == '[':
		if next = w.compound(i); next < 0 {
			return next, v
		}
		return next, value{raw: d[i:next], kind: compound}
	case c == '-' || c-'0' <= 9:
		j := i + 1
		for j < len(d) && inNumber[d[j]] {
			j++
		}
		if j == len(d) {
			return more, v
		}
		return j, value{raw: d[i:j], kind: number}
	}
	for _, l := range [...]struct {
		text string
		kind kind
	}{{"null", null}, {"true", literal}, {"false", literal}} {
		if len(d)-i >= len(l.text) && string(d[i:i+len(l.text)]) == l.text {
			return i + len(l.text), value{raw: d[i : i+len(l.text)], kind: l.kind}
		}
		if string(d[i:]) == l.text[:min(len(l.text), len(d)-i)] {
			return more, v
		}
	}
	return w.broken("no value where one must stand"), v
}

var inNumber = [256]bool{'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'.': true, '+': true, '-': true, 'e': true, 'E': true}

// structural are the bytes that matter when passing over an object.
var structural = [256]bool{'"': true, '{': true, '}': true, '[': true, ']': true}

// compound passes over the object or array at i. Brackets must match; what
// stands between them is not looked at.
func (w *walker) compound(i int) int {
	d := w.d
	var arrays uint64 // one bit a level, the innermost lowest
	depth := 0
	for i < len(d) {
		c := d[i]
		if !structural[c] {
			i++
			continue
		}
		if c == '"' {
			if i = w.str(i); i < 0 {
				return i
			}
			continue
		}
		i++
		if c == '{' || c == '[' {
			if depth++; depth > maxDepth {
				return w.broken("values are nested more than 64 deep")
			}
			arrays <<= 1
			if c == '[' {
				arrays |= 1
			}
			continue
		}
		if (c == ']') != (arrays&1 != 0) {
			return w.broken("brackets do not match")
		}
		arrays >>= 1
		if depth--; depth == 0 {
			return i
		}
	}
	return more
}

// members calls f for each member of the object at i, with the place of its
// value; f returns the place behind the value.
func (w *walker) members(i int, f func(key []byte, at int) int) int {
	d := w.d
	i = w.space(i + 1)
	if i < len(d) && d[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(d) {
			return more
		}
		if d[i] != '"' {
			return w.broken("no name where a member must begin")
		}
		end := w.str(i)
		if end < 0 {
			return end
		}
		key := d[i+1 : end-1]
		if i = w.colon(end); i < 0 {
			return i
		}
		if i = f(key, i); i < 0 {
			return i
		}
		var done bool
		if i, done = w.comma(i, '}'); i < 0 || done {
			return i
		}
	}
}

// colon passes over the colon and the blanks around it.
func (w *walker) colon(i int) int {
	i = w.space(i)
	if i >= len(w.d) {
		return more
	}
	if w.d[i] != ':' {
		return w.broken("no colon behind a member's name")
	}
	return w.space(i + 1)
}

// comma passes over a comma and the blanks around it, or over the closing
// bracket.
func (w *walker) comma(i int, closing byte) (next int, done bool) {
	d := w.d
	if i < len(d) && d[i] != ',' && d[i] != closing {
		i = w.space(i)
	}
	if i >= len(d) {
		return more, false
	}
	switch d[i] {
	case ',':
		return w.space(i + 1), false
	case closing:
		return i + 1, true
	}
	return w.broken("no comma between two members"), false
}

// decode resolves the escapes of a string's raw text, into buf if there are
// any.
func decode(buf, raw []byte) (newBuf, text []byte, ok bool) {
	k := bytes.IndexByte(raw, '\\')
	if k < 0 {
		return buf, raw, true
	}
	from := len(buf)
	for {
		buf = append(buf, raw[:k]...)
		raw = raw[k+1:]
		if len(raw) == 0 {
			return buf, nil, false
		}
		c := raw[0]
		raw = raw[1:]
		switch c {
		case '"', '\\', '/':
			buf = append(buf, c)
		case 'b':
			buf = append(buf, '\b')
		case 'f':
			buf = append(buf, '\f')
		case 'n':
			buf = append(buf, '\n')
		case 'r':
			buf = append(buf, '\r')
		case 't':
			buf = append(buf, '\t')
		case 'u':
			r, ok := hex4(raw)
			if !ok {
				return buf, nil, false
			}
			raw = raw[4:]
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
					if v, ok := hex4(raw[2:]); ok {
						low = v
					}
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					raw = raw[6:]
				}
			}
			buf = utf8.AppendRune(buf, r)
		default:
			return buf, nil, false
		}
		if k = bytes.IndexByte(raw, '\\'); k < 0 {
			buf = append(buf, raw...)
			return buf, buf[from:len(buf):len(buf)], true
		}
	}
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
