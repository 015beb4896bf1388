package rowjson

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// Append adds the JSON of a value, which is given by its pointer, as an encoder
// that leaves HTML as it is writes it: in one line, or where indent is set in
// lines that begin with prefix.
func Append(b []byte, v any, prefix, indent string) ([]byte, error) {
	w := writer{b: b, prefix: prefix, indent: indent}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && !r.IsNil() {
		w.value(planOf(r.Type().Elem()), r.Elem())
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

func (w *writer) value(p *plan, v reflect.Value) {
	switch p.kind {
	case text:
		w.text(v.String())
	case number:
		w.b = strconv.AppendInt(w.b, v.Int(), 10)
	case count:
		w.b = strconv.AppendUint(w.b, v.Uint(), 10)
	case flag:
		w.b = strconv.AppendBool(w.b, v.Bool())
	case moment:
		w.moment(v)
	case named:
		s, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			w.other(v)
			return
		}
		w.text(string(s))
	case pointer:
		if v.IsNil() {
			w.b = append(w.b, "null"...)
			return
		}
		w.value(p.elem, v.Elem())
	case list:
		w.list(p, v)
	case object:
		w.object(p, v)
	default:
		w.other(v)
	}
}

func (w *writer) list(p *plan, v reflect.Value) {
	n := v.Len()
	switch {
	case v.IsNil():
		w.b = append(w.b, "null"...)
		return
	case n == 0:
		w.b = append(w.b, "[]"...)
		return
	}
	w.begin('[')
	for i := range n {
		w.next(i == 0)
		w.value(p.elem, v.Index(i))
	}
	w.end(']')
}

func (w *writer) object(p *plan, v reflect.Value) {
	empty := true
	for i := range p.fields {
		f := &p.fields[i]
		x, ok := f.at(v)
		if !ok || f.omitEmpty && isEmpty(x) || f.omitZero && f.isZero(x) {
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
		w.value(f.plan, x)
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

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.Array, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func (f *field) isZero(v reflect.Value) bool {
	switch {
	case v.Type() == momentType:
		return v.Addr().Interface().(*time.Time).IsZero()
	case !f.byMethod || v.Kind() == reflect.Pointer && v.IsNil():
		return v.IsZero()
	}
	return v.Interface().(zero).IsZero()
}

// text writes a string.
func (w *writer) text(s string) {
	from := len(w.b)
	w.b = append(w.b, '"')
	plain := 0
	for i := 0; i < len(s); {
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
func (w *writer) moment(v reflect.Value) {
	t := v.Interface().(time.Time)
	if y := t.Year(); y < 0 || y > 9999 || t.Location() != time.UTC {
		w.other(v)
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
