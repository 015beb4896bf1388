package inventory

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// skip passes over a value that is of no interest.
func (j *jsonReader) skip(depth int) error {
	j.blank()
	switch {
	case j.pos >= len(j.b):
		return j.fault("the text ends within a value")
	case depth > maxNested:
		return j.fault("nested more than %d deep", maxNested)
	case j.b[j.pos] == '[':
		return j.array(func() error { return j.skip(depth + 1) })
	case j.b[j.pos] != '{':
		_, err := j.scalar()
		return err
	}
	for n := 0; ; n++ {
		if _, more, err := j.member(n); err != nil || !more {
			return err
		}
		if err := j.skip(depth + 1); err != nil {
			return err
		}
	}
}

// scalar reads a string, a number or a word; null is empty. The bytes are
// valid until the next call.
func (j *jsonReader) scalar() ([]byte, error) {
	if j.pos < len(j.b) && j.b[j.pos] == '"' {
		return j.text()
	}
	start := j.pos
	for j.pos < len(j.b) {
		c := j.b[j.pos]
		if c != '+' && c != '-' && c != '.' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			break
		}
		j.pos++
	}
	v := j.b[start:j.pos]
	switch {
	case string(v) == "null":
		return nil, nil
	case string(v) == "true", string(v) == "false":
		return v, nil
	case len(v) > 0 && (isDigit(v[0]) || v[0] == '-' && len(v) > 1 && isDigit(v[1])):
		return v, nil
	}
	j.pos = start
	return nil, j.fault("a value is missing or is no JSON")
}

// text reads a string, which a line end breaks off.
func (j *jsonReader) text() ([]byte, error) {
	j.pos++
	start := j.pos
	for j.pos < len(j.b) {
		switch c := j.b[j.pos]; {
		case c == '"':
			j.pos++
			return j.b[start : j.pos-1], nil
		case c == '\\':
			return j.escaped(start)
		case c < ' ':
			return nil, j.fault("a text is not closed on its line")
		}
		j.pos++
	}
	return nil, j.fault("the text ends within a string")
}

func (j *jsonReader) escaped(start int) ([]byte, error) {
	j.scratch = append(j.scratch[:0], j.b[start:j.pos]...)
	for j.pos < len(j.b) {
		c := j.b[j.pos]
		switch {
		case c == '"':
			j.pos++
			return j.scratch, nil
		case c < ' ':
			return nil, j.fault("a text is not closed on its line")
		case c != '\\':
			j.scratch = append(j.scratch, c)
			j.pos++
			continue
		}
		if j.pos+1 >= len(j.b) {
			break
		}
		j.pos += 2
		switch e := j.b[j.pos-1]; e {
		case 'n', 'r', 't', 'b', 'f':
			j.scratch = append(j.scratch, ' ')
		case '"', '\\', '/':
			j.scratch = append(j.scratch, e)
		case 'u':
			r, ok := j.unit()
			if !ok {
				return nil, j.fault("a \\u is not followed by four hexadecimal digits")
			}
			if utf16.IsSurrogate(r) && bytes.HasPrefix(j.b[j.pos:], []byte(`\u`)) {
				back := j.pos
				j.pos += 2
				low, ok := j.unit()
				if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
					r = pair
				} else {
					j.pos = back
				}
			}
			j.scratch = utf8.AppendRune(j.scratch, r)
		default:
			return nil, j.fault("an unknown escape in a text")
		}
	}
	return nil, j.fault("the text ends within a string")
}

// unit reads four hexadecimal digits.
func (j *jsonReader) unit() (rune, bool) {
	if j.pos+4 > len(j.b) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(j.b[j.pos:j.pos+4]), 16, 16)
	if err != nil {
		return 0, false
	}
	j.pos += 4
	return rune(n), true
}
