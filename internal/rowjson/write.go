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

// Append adds the JSON of a value, which is given by its pointer, as an encoder
// that leaves HTML as it is writes it: in one line, or where indent is set in
// lines that begin with prefix.
func Append(b []byte, v any, prefix, indent string) ([]byte, error) {
	w := writer{b: b, prefix: prefix, indent: indent}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		w.value(planOf(r.Type().Elem()), r.UnsafePointer())
	} else {
		w.other(r)
	}
	return w.b, w.err
}

type writer struct {
	b              []byte
	prefix, indent string
	depth          int
	err            error
}

func (w *writer) value(p *plan, at unsafe.Pointer) {
	switch p.kind {
	case text:
		w.text(*(*string)(at))
	case number:
		w.b = strconv.AppendInt(w.b, p.signed(at), 10)
	case count:
		w.b = strconv.AppendUint(w.b, p.unsigned(at), 10)
	case flag:
		w.b = strconv.AppendBool(w.b, *(*bool)(at))
	case moment:
		w.moment(p, at)
	case named:
		s, err := p.value(at).Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			w.other(p.value(at))
			return
		}
		w.text(string(s))
	case pointer:
		to := *(*unsafe.Pointer)(at)
		if to == nil {
			w.b = append(w.b, "null"...)
			return
		}
		w.value(p.elem, to)
	case list:
		w.list(p, at)
	case object:
		w.object(p, at)
	default:
		w.other(p.value(at))
	}
}

func (p *plan) signed(at unsafe.Pointer) int64 {
	switch p.size {
	case 1:
		return int64(*(*int8)(at))
	case 2:
		return int64(*(*int16)(at))
	case 4:
		return int64(*(*int32)(at))
	}
	return *(*int64)(at)
}

func (p *plan) unsigned(at unsafe.Pointer) uint64 {
	switch p.size {
	case 1:
		return uint64(*(*uint8)(at))
	case 2:
		return uint64(*(*uint16)(at))
	case 4:
		return uint64(*(*uint32)(at))
	}
	return *(*uint64)(at)
}

func (w *writer) list(p *plan, at unsafe.Pointer) {
	first, n := items(at)
	switch {
	case first == nil:
		w.b = append(w.b, "null"...)
		return
	case n == 0:
		w.b = append(w.b, "[]"...)
		return
	}
	w.begin('[')
	for i := range n {
		w.next(i == 0)
		w.value(p.elem, unsafe.Add(first, uintptr(i)*p.elem.size))
	}
	w.end(']')
}

func (w *writer) object(p *plan, v unsafe.Pointer) {
	empty := true
	for i := range p.fields {
		f := &p.fields[i]
		at, ok := f.at(v)
		if !ok || f.omitEmpty && f.isEmpty(at) || f.omitZero && f.isZero(at) {
			continue
		}
		if empty {
			w.begin('{')
		}
		w.next(empty)
		empty = false
		w.b = append(w.b, f.name...)
		if w.indent != "" {
			w.b = append(w.b, ' ')
		}
		w.value(f.plan, at)
	}
	if empty {
		w.b = append(w.b, "{}"...)
		return
	}
	w.end('}')
}

func (w *writer) begin(c byte) {
	w.b = append(w.b, c)
	w.depth++
}

func (w *writer) next(first bool) {
	if !first {
		w.b = append(w.b, ',')
	}
	w.line()
}

func (w *writer) end(c byte) {
	w.depth--
	w.line()
	w.b = append(w.b, c)
}

func (w *writer) line() {
	if w.indent == "" {
		return
	}
	w.b = append(append(w.b, '\n'), w.prefix...)
	for range w.depth {
		w.b = append(w.b, w.indent...)
	}
}

func (p *plan) isEmpty(at unsafe.Pointer) bool {
	switch p.kind {
	case text:
		return *(*string)(at) == ""
	case number:
		return p.signed(at) == 0
	case count:
		return p.unsigned(at) == 0
	case list:
		_, n := items(at)
		return n == 0
	case object, moment:
		return false
	}
	switch v := p.value(at); v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func (f *field) isZero(at unsafe.Pointer) bool {
	if f.of == momentType {
		return (*time.Time)(at).IsZero()
	}
	v := f.value(at)
	if !f.byMethod || v.Kind() == reflect.Pointer && v.IsNil() {
		return v.IsZero()
	}
	return v.Interface().(zero).IsZero()
}

// text writes a string.
func (w *writer) text(s string) {
	from := len(w.b)
	w.b = append(w.b, '"')
	plain := 0
	for i := plainUntil(unsafe.Slice(unsafe.StringData(s), len(s))); i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			w.b = append(append(w.b, s[plain:i]...), '\\')
			plain = i
			i++
		case c >= ' ' && c < utf8.RuneSelf:
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if c < ' ' || r == utf8.RuneError && n == 1 || r == '\u2028' || r == '\u2029' {
				w.b = w.b[:from]
				w.other(reflect.ValueOf(&s).Elem())
				return
			}
			i += n
		}
	}
	w.b = append(append(w.b, s[plain:]...), '"')
}

// moment writes a time in a year and a zone that RFC 3339 can write.
func (w *writer) moment(p *plan, at unsafe.Pointer) {
	t := (*time.Time)(at)
	if t.Location() == time.UTC && t.IsZero() {
		w.b = append(w.b, `"0001-01-01T00:00:00Z"`...)
		return
	}
	if y := t.Year(); y < 0 || y > 9999 || t.Location() != time.UTC {
		w.other(p.value(at))
		return
	}
	w.b = append(t.AppendFormat(append(w.b, '"'), time.RFC3339Nano), '"')
}

// other leaves a value to encoding/json.
func (w *writer) other(v reflect.Value) {
	of := any(nil)
	switch {
	case !v.IsValid():
	case v.CanAddr():
		of = v.Addr().Interface()
	default:
		of = v.Interface()
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if w.indent != "" {
		prefix := []byte(w.prefix)
		for range w.depth {
			prefix = append(prefix, w.indent...)
		}
		e.SetIndent(string(prefix), w.indent)
	}
	if err := e.Encode(of); err != nil {
		if w.err == nil {
			w.err = err
		}
		return
	}
	w.b = append(w.b, b.Bytes()[:b.Len()-1]...) // without the line's end
}
