package rowjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// Reader reads rows of one type. It keeps the texts of the row before, since
// those of the next are mostly the same.
type Reader[T any] struct {
	plan *plan
}

// NewReader reads rows of a type.
func NewReader[T any]() *Reader[T] {
	return &Reader[T]{newPlan(reflect.TypeFor[T](), nil)} // not planOf: this one remembers
}

// Read reads one row at the beginning of b, as Append writes it in one line, into
// a row that is empty, and says how long it is; false where it is not in that
// form, or not whole: then encoding/json may still read it, and the row is
// spoilt.
func (r *Reader[T]) Read(b []byte, to *T) (n int, ok bool) {
	c := cursor{b: b}
	ok = c.value(r.plan, unsafe.Pointer(to))
	return c.at, ok
}

type cursor struct {
	b  []byte
	at int
}

func (c *cursor) has(s string) bool {
	if len(c.b)-c.at < len(s) || string(c.b[c.at:c.at+len(s)]) != s {
		return false
	}
	c.at += len(s)
	return true
}

func (c *cursor) value(p *plan, at unsafe.Pointer) bool {
	switch p.kind {
	case text:
		raw, ok := c.text()
		if ok {
			*(*string)(at) = p.known(raw)
		}
		return ok
	case number:
		n, err := strconv.ParseInt(string(c.digits()), 10, int(p.size)*8)
		if err != nil {
			return false
		}
		switch p.size {
		case 1:
			*(*int8)(at) = int8(n)
		case 2:
			*(*int16)(at) = int16(n)
		case 4:
			*(*int32)(at) = int32(n)
		default:
			*(*int64)(at) = n
		}
		return true
	case count:
		n, err := strconv.ParseUint(string(c.digits()), 10, int(p.size)*8)
		if err != nil {
			return false
		}
		switch p.size {
		case 1:
			*(*uint8)(at) = uint8(n)
		case 2:
			*(*uint16)(at) = uint16(n)
		case 4:
			*(*uint32)(at) = uint32(n)
		default:
			*(*uint64)(at) = n
		}
		return true
	case flag:
		yes := c.has("true")
		*(*bool)(at) = yes
		return yes || c.has("false")
	case moment:
		return c.moment((*time.Time)(at))
	case named:
		raw, ok := c.text()
		return ok && p.value(at).Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(raw) == nil
	case pointer:
		if c.has("null") {
			return true
		}
		to := reflect.New(p.elem.of)
		p.value(at).Set(to)
		return c.value(p.elem, to.UnsafePointer())
	case list:
		return c.list(p, at)
	case object:
		return c.object(p, at)
	}
	return false
}

// digits is a whole number as JSON writes it.
func (c *cursor) digits() []byte {
	from := c.at
	for c.at < len(c.b) && (c.b[c.at] >= '0' && c.b[c.at] <= '9' || c.b[c.at] == '-' && c.at == from) {
		c.at++
	}
	d := c.b[from:c.at]
	if c.at == len(c.b) || bytes.IndexByte([]byte(".eE"), c.b[c.at]) >= 0 {
		return nil
	}
	if n := bytes.TrimPrefix(d, []byte("-")); len(n) > 1 && n[0] == '0' {
		return nil
	}
	return d
}

// text is a string that needs no thought: of its escapes those of a quotation
// mark and of a backslash alone.
func (c *cursor) text() ([]byte, bool) {
	if !c.has(`"`) {
		return nil, false
	}
	from, escaped, ascii := c.at, false, true
	for c.at += plainUntil(c.b[c.at:]); c.at < len(c.b); c.at++ {
		switch x := c.b[c.at]; {
		case x == '"':
			raw := c.b[from:c.at]
			c.at++
			if !ascii && !utf8.Valid(raw) {
				return nil, false
			}
			if escaped {
				return unescaped(raw), true
			}
			return raw, true
		case x == '\\':
			if c.at++; c.at == len(c.b) || c.b[c.at] != '"' && c.b[c.at] != '\\' {
				return nil, false
			}
			escaped = true
		case x < ' ':
			return nil, false
		case x >= utf8.RuneSelf:
			ascii = false
		}
	}
	return nil, false
}

func unescaped(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] == '\\' {
			i++
		}
		out = append(out, raw[i])
	}
	return out
}

// known is a text, and where the row before had the same one, that.
func (p *plan) known(raw []byte) string {
	if p.last != string(raw) {
		p.last = string(raw)
	}
	return p.last
}

func (c *cursor) moment(t *time.Time) bool {
	if c.has(`"0001-01-01T00:00:00Z"`) {
		*t = time.Time{}
		return true
	}
	from := c.at
	if _, ok := c.text(); !ok {
		return false
	}
	return t.UnmarshalJSON(c.b[from:c.at]) == nil
}

func (c *cursor) list(p *plan, at unsafe.Pointer) bool {
	v := p.value(at)
	switch {
	case c.has("null"):
		return true
	case c.has("[]"):
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		return true
	case !c.has("["):
		return false
	}
	out := v
	for i := 0; ; i++ {
		out.Grow(1)
		out.SetLen(i + 1)
		if !c.value(p.elem, out.Index(i).Addr().UnsafePointer()) {
			return false
		}
		switch {
		case c.has(","):
		case c.has("]"):
			return true
		default:
			return false
		}
	}
}

// object reads members in the order in which they are written; one may be left
// out.
func (c *cursor) object(p *plan, v unsafe.Pointer) bool {
	if !c.has("{") {
		return false
	}
	if c.has("}") {
		return true
	}
	for i := 0; i < len(p.fields); i++ {
		f := &p.fields[i]
		if !c.has(f.name) {
			continue
		}
		x, ok := f.at(v)
		if !ok || !c.value(f.plan, x) {
			return false
		}
		if c.has("}") {
			return true
		}
		if !c.has(",") {
			return false
		}
	}
	return false
}

// Unmarshal reads a row as encoding/json does, in its whole length, into one that
// is empty.
func (r *Reader[T]) Unmarshal(b []byte, to *T) error {
	if n, ok := r.Read(b, to); ok && n == len(b) {
		return nil
	}
	*to = *new(T)
	return json.Unmarshal(b, to)
}
