package report

import (
	"io"
	"reflect"
	"strings"

	"splameter/internal/rowjson"
)

// Entries is a list that is no slice, of pointers to its entries. An empty one is
// written as null.
type Entries interface {
	Len() int
	Entry(i int) any
}

// Rows is a list of which nobody holds the entries: it hands on the pointer to each,
// which is written before the next. An empty one is written as [].
type Rows func(each func(entry any) error) error

// WriteObject writes a struct as JSON, member by member and the entries of its
// lists one by one: the bytes that an encoder with that indent, and with HTML
// left as it is, would write at once. That one holds a large month three times
// over. of points to the struct.
func WriteObject(out io.Writer, indent string, of any) error {
	w := objectWriter{out: out, indent: indent}
	v := reflect.ValueOf(of).Elem()
	next := "{\n"
	for i := range v.NumField() {
		f := v.Field(i)
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "-" || option == "omitempty" && (f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0) {
			continue
		}
		if name == "" {
			name = v.Type().Field(i).Name
		}
		if err := w.member(next+indent+`"`+name+`": `, f); err != nil {
			return err
		}
		next = ",\n"
	}
	_, err := io.WriteString(out, "\n}\n")
	return err
}

type objectWriter struct {
	out    io.Writer
	indent string
	buf    []byte
}

func (w *objectWriter) member(before string, f reflect.Value) error {
	if rows, ok := f.Interface().(Rows); ok {
		return w.rows(before, rows)
	}
	n, entry := 0, func(i int) any { return f.Index(i).Addr().Interface() }
	if e, ok := f.Interface().(Entries); ok {
		if n, entry = e.Len(), e.Entry; n == 0 {
			return w.put(before, w.indent, nil)
		}
	} else if f.Kind() == reflect.Slice {
		n = f.Len()
	}
	if n == 0 {
		return w.put(before, w.indent, f.Addr().Interface())
	}
	deeper := w.indent + w.indent
	before += "[\n" + deeper
	for i := range n {
		if err := w.put(before, deeper, entry(i)); err != nil {
			return err
		}
		before = ",\n" + deeper
	}
	_, err := io.WriteString(w.out, "\n"+w.indent+"]")
	return err
}

// rows writes a list as it comes.
func (w *objectWriter) rows(before string, list Rows) error {
	deeper, end := w.indent+w.indent, "]"
	next := before + "[\n" + deeper
	err := list(func(entry any) error {
		err := w.put(next, deeper, entry)
		before, next, end = "", ",\n"+deeper, "\n"+w.indent+"]"
		return err
	})
	if err != nil {
		return err
	}
	if before != "" {
		end = before + "[]"
	}
	_, err = io.WriteString(w.out, end)
	return err
}

// put writes a value behind what comes before it.
func (w *objectWriter) put(before, prefix string, v any) error {
	b, err := rowjson.Append(append(w.buf[:0], before...), v, prefix, w.indent)
	w.buf = b
	if err != nil {
		return err
	}
	_, err = w.out.Write(b)
	return err
}
