package eventjson

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"splameter/collector/forms"
)

// unwrapped is the text of a file whose rows stand in a list of one object: the
// answer of a search or a query, which may be larger than any one event. What
// stands around the rows is blanked, so that places and lines stay; a table
// that names its columns once becomes an object a row.
func unwrapped(r io.Reader) io.Reader {
	in := bufio.NewReaderSize(r, forms.HeadSize)
	head, _ := in.Peek(forms.HeadSize)
	begin := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(mark)), " \t\r\n")
	if len(begin) == 0 || begin[0] != '{' {
		return in
	}
	w := walker{d: begin}
	if next, _ := w.value(0); next > 0 && !mayBeTable(begin) {
		return in // the first object ends here: they stand one after the other
	}
	found := forms.Detect(head)
	if found.Tabular {
		return newTable(in)
	}
	under := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(found.Under, "."), "source"), "fields")
	if path := strings.FieldsFunc(under, func(c rune) bool { return c == '.' }); len(path) > 0 && path[0] != "result" {
		return &envelope{in: in, path: path}
	}
	return in
}

func mayBeTable(d []byte) bool { return bytes.Contains(bytes.ToLower(d), []byte(`"rows"`)) }

// envelope blanks what is no row. It is the grammar of JSON without its checks:
// what is broken stays broken for the parser.
type envelope struct {
	in   io.Reader
	path []string

	stack []level
	over  int // containers that lie deeper than the stack keeps

	string, escaped bool
	name            []byte // of the member, while it is read
	naming          bool
	value           int // how much of the path the next value has matched; -1: it is beside it
	inRow           int // how many containers of the row are open
}

// level is an open object or list.
type level struct {
	object  bool
	matched int
	named   bool // its member has a name, and its value comes
}

func (e *envelope) Read(p []byte) (int, error) {
	n, err := e.in.Read(p)
	for i, c := range p[:n] {
		keep := e.inRow > 0
		switch {
		case e.string:
			e.inString(c)
		case c == '"':
			e.string = true
			e.begin()
		case c == '{' || c == '[':
			keep = e.open(c == '{') || keep
		case c == '}' || c == ']':
			e.close()
		case c == ':' && e.inRow == 0:
			e.named()
		case c == ',' && e.inRow == 0:
			e.comma()
		}
		if !keep && c != '\n' && c != '\r' {
			p[i] = ' '
		}
	}
	return n, err
}

func (e *envelope) inString(c byte) {
	switch {
	case e.escaped:
		e.escaped = false
	case c == '\\':
		e.escaped = true
	case c == '"':
		e.string = false
		e.naming = false
		return
	}
	if e.naming && len(e.name) < 64 {
		e.name = append(e.name, c)
	}
}

// begin is the start of a string: a name, where an object waits for one.
func (e *envelope) begin() {
	if e.inRow > 0 || e.over > 0 || len(e.stack) == 0 {
		return
	}
	if top := &e.stack[len(e.stack)-1]; top.object && !top.named {
		e.naming, e.name = true, e.name[:0]
	}
}

func (e *envelope) named() {
	if e.over > 0 || len(e.stack) == 0 {
		return
	}
	top := &e.stack[len(e.stack)-1]
	if !top.object {
		return
	}
	top.named = true
	e.value = -1
	if top.matched >= 0 && top.matched < len(e.path) && string(appendFolded(nil, e.name)) == e.path[top.matched] {
		e.value = top.matched + 1
	}
}

func (e *envelope) comma() {
	if e.over > 0 || len(e.stack) == 0 {
		return
	}
	top := &e.stack[len(e.stack)-1]
	top.named = false
	if !top.object {
		e.value = top.matched
	}
}

// open enters a container, and says whether a row begins.
func (e *envelope) open(object bool) bool {
	if e.inRow > 0 {
		e.inRow++
		return true
	}
	if e.over > 0 || len(e.stack) == maxDepth {
		e.over++
		return false
	}
	if len(e.stack) == 0 {
		e.value = 0
	}
	if object && e.value == len(e.path) {
		e.inRow = 1
		return true
	}
	e.stack = append(e.stack, level{object: object, matched: e.value})
	return false
}

func (e *envelope) close() {
	switch {
	case e.inRow > 0:
		e.inRow--
	case e.over > 0:
		e.over--
	case len(e.stack) > 0:
		e.stack = e.stack[:len(e.stack)-1]
	}
}
