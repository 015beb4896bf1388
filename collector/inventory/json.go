package inventory

import (
	"bytes"
	"errors"
	"fmt"
)

// jsonReader walks through JSON and hands on its flat objects. It is written
// by hand for three things that encoding/json does not give: the line of each
// object, going on after damage at the object that follows, and speed.
type jsonReader struct {
	in     *input
	b      []byte
	pos    int
	line   int // of counted
	count  int // position up to which lines are counted
	fields *fieldSet
	// emit takes an object that has a name; host is its container's, if any.
	emit func(o *object, host string) error
	// read is told of a host whose list was read, even an empty one.
	read   func(host string)
	intern func([]byte) string

	free    []*object // to be used again
	scratch []byte
	pending []heldObject // of a container that has not named its host yet
	holding int          // how many containers wait for their host
	carry   string       // host of a container that damage broke open
	nested  bool         // the objects are programs, which containers may hold
	changes bool         // containers may tell what was removed (osquery)

	told    string // the host that an object beside the list named
	toldAll bool   // and that object held a list itself
}

type heldObject struct {
	object *object
	host   string
}

const (
	maxJSON   = 256 << 20
	maxNested = 24
)

// syntaxError is damage; anything else ends the reading.
type syntaxError struct {
	pos  int
	what string
}

func (e *syntaxError) Error() string { return e.what }

func (j *jsonReader) fault(format string, args ...any) error {
	return &syntaxError{j.pos, fmt.Sprintf(format, args...)}
}

// run reads one value or several, one after the other.
func (j *jsonReader) run() error {
	damaged := false
	for step := 0; ; step++ {
		if step&255 == 0 {
			if err := j.in.ctx.Err(); err != nil {
				return err
			}
		}
		j.blank()
		if j.pos >= len(j.b) {
			return nil
		}
		if c := j.b[j.pos]; damaged && (c == ',' || c == ']' || c == '}') {
			if c != ',' {
				j.carry = "" // the list that was broken open ends
			}
			j.pos++
			continue
		}
		start := j.pos
		err := j.value(j.carry, 0)
		if err == nil {
			continue
		}
		var syntax *syntaxError
		if !errors.As(err, &syntax) {
			return err
		}
		damaged = true
		j.holding = 0
		if n := len(j.pending); n > 0 {
			j.in.notes.damage(j.lineAt(start), "%d programs of a host that damage left without a name; they are lost", n)
			j.pending = j.pending[:0]
		}
		at := j.lineAt(syntax.pos)
		found := j.resume(max(syntax.pos, start+1))
		if found {
			j.in.notes.damage(at, "broken JSON: %s; read on at line %d", syntax.what, j.lineAt(j.pos))
		} else {
			j.in.notes.damage(at, "broken JSON: %s; nothing readable follows", syntax.what)
		}
	}
}

// resume goes to the next place where an object of a list may begin.
func (j *jsonReader) resume(from int) bool {
	for i := from; i < len(j.b); i++ {
		if j.b[i] != '{' {
			continue
		}
		k := i - 1
		for k >= 0 && (j.b[k] == ' ' || j.b[k] == '\t' || j.b[k] == '\r') {
			k--
		}
		if k < 0 || j.b[k] == '\n' || j.b[k] == ',' || j.b[k] == '[' {
			j.pos = i
			return true
		}
	}
	j.pos = len(j.b)
	return false
}

// lineAt is the line of a position; asked mostly in ascending order.
func (j *jsonReader) lineAt(pos int) int {
	if pos < j.count {
		return j.line - bytes.Count(j.b[pos:j.count], []byte{'\n'}) + 1
	}
	pos = min(pos, len(j.b))
	j.line += bytes.Count(j.b[j.count:pos], []byte{'\n'})
	j.count = pos
	return j.line + 1
}

func (j *jsonReader) blank() {
	for j.pos < len(j.b) {
		switch j.b[j.pos] {
		case ' ', '\t', '\n', '\r':
			j.pos++
		default:
			return
		}
	}
}

// value reads a value in which objects are looked for.
func (j *jsonReader) value(host string, depth int) error {
	j.blank()
	switch {
	case j.pos >= len(j.b):
		return j.fault("the text ends within a value")
	case depth > maxNested:
		return j.fault("nested more than %d deep", maxNested)
	case j.b[j.pos] == '{':
		return j.object(host, depth, false)
	case j.b[j.pos] == '[':
		return j.array(func() error { return j.value(host, depth+1) })
	case depth == 0:
		return j.fault("neither an object nor a list begins here")
	}
	_, err := j.scalar()
	return err
}

func (j *jsonReader) array(element func() error) error {
	j.pos++
	j.blank()
	if j.pos < len(j.b) && j.b[j.pos] == ']' {
		j.pos++
		return nil
	}
	for n := 0; ; n++ {
		if n&1023 == 1023 {
			if err := j.in.ctx.Err(); err != nil {
				return err
			}
		}
		if err := element(); err != nil {
			return err
		}
		j.blank()
		switch {
		case j.pos >= len(j.b):
			return j.fault("the text ends within a list")
		case j.b[j.pos] == ',':
			j.pos++
		case j.b[j.pos] == ']':
			j.pos++
			return nil
		default:
			return j.fault("a comma is missing in a list")
		}
	}
}

// member goes to the value of an object's n-th member, and gives its name; more
// is false behind the last one. The name is valid until the next text.
func (j *jsonReader) member(n int) (name []byte, more bool, err error) {
	if n == 0 {
		j.pos++ // the brace
	}
	j.blank()
	switch {
	case n > 0 && j.pos >= len(j.b):
		return nil, false, j.fault("the text ends within an object")
	case j.pos < len(j.b) && j.b[j.pos] == '}':
		j.pos++
		return nil, false, nil
	case n > 0 && j.b[j.pos] != ',':
		return nil, false, j.fault("a comma is missing in an object")
	case n > 0:
		j.pos++
		j.blank()
	}
	if j.pos >= len(j.b) || j.b[j.pos] != '"' {
		return nil, false, j.fault("a name in quotes is missing in an object")
	}
	if name, err = j.text(); err != nil {
		return nil, false, err
	}
	j.blank()
	if j.pos >= len(j.b) || j.b[j.pos] != ':' {
		return nil, false, j.fault("a colon is missing in an object")
	}
	j.pos++
	j.blank()
	return name, true, nil
}
