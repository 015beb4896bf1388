package closing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"splameter/statement"
)

// writeCounted writes who and what stands behind the numbers, an entry at a
// time: all of them at once are the largest thing of a month.
func writeCounted(out io.Writer, st *statement.Statement) error {
	w := &entries{out: bufio.NewWriter(out)}
	w.json = json.NewEncoder(&w.buf)
	w.json.SetEscapeHTML(false)
	w.json.SetIndent("  ", " ")
	w.text("{\n")
	w.list("Persons", st.Persons.Len(), st.Persons.Len() == 0, func(i int) any { return st.Persons.At(i) })
	w.text(",\n")
	w.list("Machines", len(st.Machines), st.Machines == nil, func(i int) any { return &st.Machines[i] })
	w.text(",\n")
	w.list("Applications", len(st.Applications), st.Applications == nil, func(i int) any { return &st.Applications[i] })
	w.text("\n}\n")
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.err
}

// entries writes lists as indented writes them.
type entries struct {
	out  *bufio.Writer
	buf  bytes.Buffer
	json *json.Encoder
	err  error
}

func (w *entries) text(s string) { w.out.WriteString(s) }

func (w *entries) list(name string, n int, none bool, at func(i int) any) {
	w.text(` "` + name + `": `)
	switch {
	case none:
		w.text("null")
		return
	case n == 0:
		w.text("[]")
		return
	}
	w.text("[\n")
	for i := range n {
		w.buf.Reset()
		if err := w.json.Encode(at(i)); err != nil && w.err == nil {
			w.err = err
		}
		if i > 0 {
			w.text(",\n")
		}
		w.text("  ")
		w.out.Write(bytes.TrimSuffix(w.buf.Bytes(), []byte{'\n'}))
	}
	w.text("\n ]")
}
