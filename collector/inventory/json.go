package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"unicode/utf8"

	"splameter/internal/textfile"

	"golang.org/x/text/encoding/charmap"
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

// lists are the names under which an object may hold its programs, or an
// answer its objects.
var lists = []string{"software", "softwares", "programs", "applications", "apps", "packages", "products", "installed",
	"installedsoftware", "installedprograms", "value", "values", "items", "data", "results", "rows", "inventory", "hosts", "computers", "machines",
	"content", "affecteditems", "snapshot", "columns", "diffresults", "added", "hits", "source", "package", "devices", "assets", "softwareinventory", "installedsoftwares", "detectedapps", "entities"}

// subjects are the names under which an object may say whose programs it
// lists: {"hardware": {"name": "RDSH01"}, "softwares": […]}.
var subjects = []string{"host", "hardware", "agent", "computer", "device", "machine", "node", "asset", "endpoint"}

// syntaxError is damage; anything else ends the reading.
type syntaxError struct {
	pos  int
	what string
}

func (e *syntaxError) Error() string { return e.what }

func (j *jsonReader) fault(format string, args ...any) error {
	return &syntaxError{j.pos, fmt.Sprintf(format, args...)}
}

// all is the whole text as UTF-8.
func (in *input) all(most int) ([]byte, error) {
	b, err := in.whole(most)
	if err != nil {
		in.end(err)
	}
	if err := in.failure(); err != nil {
		return nil, err
	}
	if len(b) > most {
		return nil, fmt.Errorf("it holds more than %d MiB of JSON; split the export, or use CSV", most>>20)
	}
	if !in.wide && !utf8.Valid(b) {
		in.notes.add(CodeEncoding, "", 0, "the text is not UTF-8 and was taken as %s; export as UTF-8 to be sure of names with accents", pageName(textfile.CodePage(b)))
		b = fromPage(b, textfile.CodePage(b))
	}
	if in.wide && bytes.ContainsRune(b, utf8.RuneError) {
		in.notes.damage(0, "text that is not valid UTF-16: characters are lost")
	}
	return b, nil
}

// maxDoubled is up to where a buffer of unknown final size is doubled.
const maxDoubled = 32 << 20

// whole reads at most one byte more than most. The text is held once: a file's
// size is asked for, and a buffer that must grow beyond maxDoubled gets all
// that it may come to need at once, which is taken from the system only as it
// is filled.
func (in *input) whole(most int) ([]byte, error) {
	size := 64 << 10
	if f, ok := in.r.(interface{ Stat() (fs.FileInfo, error) }); ok && in.Compression == textfile.Plain && !in.wide {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = int(min(info.Size(), int64(most))) + 1 // one for its end
		}
	}
	b := make([]byte, 0, min(size, most+1))
	for {
		if len(b) > most {
			return b, nil
		}
		if len(b) == cap(b) {
			more := min(2*cap(b), most+1)
			if more > maxDoubled {
				more = most + 1
			}
			b = append(make([]byte, 0, more), b...)
		}
		n, err := in.Text.Read(b[len(b):min(cap(b), len(b)+1<<20)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err == nil {
			err = in.ctx.Err()
		}
		if err != nil {
			return b, err
		}
	}
}

// fromPage is text of a code page as UTF-8.
func fromPage(b []byte, page *charmap.Charmap) []byte {
	size := len(b)
	for _, c := range b {
		if c >= utf8.RuneSelf {
			size += utf8.RuneLen(page.DecodeByte(c)) - 1
		}
	}
	out := make([]byte, 0, size)
	for _, c := range b {
		out = utf8.AppendRune(out, page.DecodeByte(c))
	}
	return out
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

// object reads an object: a row, or a container with a list of rows. One that
// only names a host is a subject, and no row.
func (j *jsonReader) object(host string, depth int, subject bool) (err error) {
	o := j.take(j.lineAt(j.pos))
	first, held, list := len(j.pending), false, false
	defer func() {
		if held {
			j.holding = max(0, j.holding-1)
		}
		if err != nil {
			if own := o.values[0]; list && own != "" {
				j.carry = own // the rest of the broken list is this host's
			}
			j.free = append(j.free, o)
		}
	}()
	j.pos++
	for n := 0; ; n++ {
		j.blank()
		if j.pos < len(j.b) && j.b[j.pos] == '}' && n == 0 {
			j.pos++
			break
		}
		if j.pos >= len(j.b) || j.b[j.pos] != '"' {
			return j.fault("a name in quotes is missing in an object")
		}
		name, err := j.text()
		if err != nil {
			return err
		}
		s := j.fields.find(name)
		isList := among(lists, name)
		isSubject := j.nested && among(subjects, name)
		change := j.changes && among(changeNames, name)
		j.blank()
		if j.pos >= len(j.b) || j.b[j.pos] != ':' {
			return j.fault("a colon is missing in an object")
		}
		j.pos++
		j.blank()
		if j.pos < len(j.b) && (j.b[j.pos] == '{' || j.b[j.pos] == '[') {
			if isSubject && j.b[j.pos] == '{' {
				j.told, j.toldAll = "", false
				if err = j.object(host, depth+1, true); err == nil {
					if j.told != "" {
						o.put(slot{0, 1000}, j.told)
					}
					list = list || j.toldAll
				}
			} else if isList {
				list = true
				inner := host
				if j.nested && o.values[0] != "" {
					inner = o.values[0]
				}
				if j.nested && (inner == "" || j.changes) && !held {
					held = true
					j.holding++
				}
				err = j.value(inner, depth+1)
			} else if path := fold(string(name)); j.b[j.pos] == '{' && j.fields.into[path] {
				err = j.inner(o, path, depth+1)
			} else {
				err = j.skip(depth + 1)
			}
		} else {
			var v []byte
			if v, err = j.scalar(); err == nil {
				o.put(s, j.intern(v))
				if change {
					o.change(name, v)
				}
			}
		}
		if err != nil {
			return err
		}
		j.blank()
		if j.pos >= len(j.b) {
			return j.fault("the text ends within an object")
		}
		c := j.b[j.pos]
		if c != ',' && c != '}' {
			return j.fault("a comma is missing in an object")
		}
		j.pos++
		if c == '}' {
			break
		}
	}
	if subject {
		j.told, j.toldAll = o.values[0], list
		if j.told == "" {
			j.told = o.values[1]
		}
		if !list {
			j.free = append(j.free, o)
			return nil
		}
		defer func(told string) { j.told, j.toldAll = told, true }(j.told)
	}
	if !list {
		if j.holding > 0 && (o.values[0] == "" && host == "" || j.changes) {
			j.pending = append(j.pending, heldObject{o, host})
			if len(j.pending) > maxRows {
				return tooManyRows()
			}
			return nil
		}
		err := j.emit(o, host)
		j.free = append(j.free, o)
		return err
	}
	return j.container(o, host, first, held)
}

// inner reads the members of an object within a row, which the form names by
// their path, into the row.
func (j *jsonReader) inner(o *object, path string, depth int) error {
	if depth > maxNested {
		return j.fault("nested more than %d deep", maxNested)
	}
	j.pos++
	for n := 0; ; n++ {
		j.blank()
		if j.pos < len(j.b) && j.b[j.pos] == '}' && n == 0 {
			j.pos++
			return nil
		}
		if j.pos >= len(j.b) || j.b[j.pos] != '"' {
			return j.fault("a name in quotes is missing in an object")
		}
		name, err := j.text()
		if err != nil {
			return err
		}
		at := path + fold(string(name)) // folded, a path has no dots
		j.blank()
		if j.pos >= len(j.b) || j.b[j.pos] != ':' {
			return j.fault("a colon is missing in an object")
		}
		j.pos++
		j.blank()
		switch {
		case j.pos < len(j.b) && j.b[j.pos] == '{' && j.fields.into[at]:
			err = j.inner(o, at, depth+1)
		case j.pos < len(j.b) && (j.b[j.pos] == '{' || j.b[j.pos] == '['):
			err = j.skip(depth + 1)
		default:
			var v []byte
			if v, err = j.scalar(); err == nil {
				o.put(j.fields.find([]byte(at)), j.intern(v))
			}
		}
		if err != nil {
			return err
		}
		j.blank()
		if j.pos >= len(j.b) {
			return j.fault("the text ends within an object")
		}
		c := j.b[j.pos]
		if c != ',' && c != '}' {
			return j.fault("a comma is missing in an object")
		}
		j.pos++
		if c == '}' {
			return nil
		}
	}
}

// container ends an object that held a list: now its host is known, or it was
// but the envelope of an answer.
func (j *jsonReader) container(o *object, host string, first int, held bool) error {
	defer func() { j.free = append(j.free, o) }()
	if !j.nested {
		return nil
	}
	own := o.values[0]
	if own == "" {
		own = o.values[1] // {"name": "RDSH01", "software": […]}
	}
	if own == "" {
		own = host
	}
	if own != "" {
		j.read(own)
	} else if j.holding > 1 {
		return nil // an outer one may yet name it
	}
	if !held {
		return nil
	}
	rows := j.pending[first:]
	j.pending = j.pending[:first]
	for _, p := range rows {
		p.object.removed, p.object.partial = o.removed, o.partial
		if err := j.emit(p.object, own); err != nil {
			return err
		}
		j.free = append(j.free, p.object)
	}
	return nil
}

func (j *jsonReader) take(line int) *object {
	if n := len(j.free); n > 0 {
		o := j.free[n-1]
		j.free = j.free[:n-1]
		o.reset(line)
		return o
	}
	o := newObject(len(j.fields.columns))
	o.line = line
	return o
}

// among says that a name, however it is written, is one of the list.
func among(list []string, name []byte) bool {
	if len(name) > 24 {
		return false
	}
	for _, l := range list {
		if len(l) == len(name) && bytes.EqualFold(name, []byte(l)) {
			return true
		}
	}
	return slices.Contains(list, fold(string(name)))
}

// changeNames are osquery's names for what became of a row, and for how often
// the query had run before.
var changeNames = []string{"action", "counter"}

// change notes what osquery says of the rows of an object.
func (o *object) change(name, value []byte) {
	switch {
	case bytes.EqualFold(name, []byte("action")):
		o.removed = string(value) == "removed"
	default:
		o.partial = string(value) != "0"
	}
}
