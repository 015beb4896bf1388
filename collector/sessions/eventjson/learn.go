package eventjson

import (
	"bytes"
	"unicode/utf8"
)

// Bounds of what is kept of a file's layouts, for each core that reads it.
const (
	maxLayouts = 16
	maxText    = 16 << 10 // bytes of an object: those of Windows have 1 to 6 KiB
	maxScalars = 512      // values in it
)

// Whether layouts pay is a count of the objects that had none, less those that
// had one. Where it reaches tired, the walker alone reads on for a while, and
// twice as long each time that nothing was learned since, so that a file of
// objects that are all different costs little more than the walk.
const (
	tired    = 128
	rested   = 96   // the count after a pause: learning goes on for some objects
	pause    = 1024 // objects
	maxPause = 16 * pause
)

// layouts are the layouts of a file, the one used last at the front.
type layouts struct {
	known  []*layout
	misses int
	pause  int
	next   int // how long the next pause is; 0: the shortest
	learn  scalars
}

// known reads the object at pos by a layout and returns its length; 0 if none
// fits. p.f holds what stands in it.
func (p *parser) known(data []byte, pos, limit, state int) int {
	ls := &p.layouts
	if ls.pause > 0 {
		return 0
	}
	for k, l := range ls.known {
		n := l.match(data[pos:limit])
		if n == 0 || l.lines && indent(data, pos, state) != l.column {
			continue
		}
		copy(ls.known[1:k+1], ls.known[:k])
		ls.known[0] = l
		ls.misses, ls.next = max(ls.misses-1, 0), 0
		p.f = &l.f
		if !l.lines {
			p.lines.at = pos + n
		}
		return n
	}
	return 0
}

// learn makes a layout of the object at pos, of n bytes, which the walker has
// read, or lets a known one vary where the object differs from it.
func (p *parser) learn(data []byte, pos, n, state int) {
	ls := &p.layouts
	if p.walkOnly {
		return
	}
	if ls.pause > 0 {
		ls.pause--
		return
	}
	if ls.misses++; ls.misses >= tired {
		ls.misses, ls.pause = rested, max(ls.next, pause)
		ls.next = min(2*ls.pause, maxPause)
		return
	}
	d := data[pos : pos+n]
	if n > maxText || !ls.learn.of(d) {
		return
	}
	lines, column := bytes.IndexByte(d, '\n') >= 0, 0
	if lines {
		column = indent(data, pos, state)
	}
	for _, l := range ls.known {
		if l.lines == lines && l.column == column && l.vary(d, ls.learn.found) {
			return
		}
	}
	l := newLayout(d, ls.learn.found, p.f)
	if l == nil {
		return
	}
	l.lines, l.column = lines, column
	if len(ls.known) < maxLayouts {
		ls.known = append(ls.known, nil)
	}
	copy(ls.known[1:], ls.known) // the one not used for longest is dropped
	ls.known[0] = l
}

// newLayout is the layout of d, in which the walker found f; nil if f holds
// what is no single value.
func newLayout(d []byte, found []scalar, f *found) *layout {
	l := &layout{text: bytes.Clone(d), scalars: append([]scalar(nil), found...), valid: true}
	l.f = *f
	l.f.extras = append([]member(nil), f.extras...)
	l.f.data = append([]member(nil), f.data...)
	l.f.props = append([]value(nil), f.props...)
	// The walker's values are pieces of d and become the same pieces of text.
	own := func(raw []byte) (from int, piece []byte) {
		from = cap(d) - cap(raw)
		return from, l.text[from : from+len(raw) : from+len(raw)]
	}
	ok := true
	bind := func(v *value) {
		if v.raw == nil {
			return
		}
		var from int
		from, v.raw = own(v.raw)
		switch v.kind {
		case str, number, literal:
		case null:
			return
		case absent:
			v.raw = nil // known to be there, and not read
			return
		default:
			ok = false // an array, which may hold what varies
			return
		}
		l.valid = l.valid && utf8.Valid(v.raw)
		v.plain = v.kind == str && bytes.IndexByte(v.raw, '\\') < 0
		for i := range l.scalars {
			if s := &l.scalars[i]; s.from == from && s.to == from+len(v.raw) && s.kind == v.kind && s.into == nil {
				s.into = v
				return
			}
		}
		ok = false
	}
	for t := range l.f.val {
		bind(&l.f.val[t])
	}
	for _, members := range [][]member{l.f.extras, l.f.data} {
		for i := range members {
			m := &members[i]
			_, m.key.raw = own(m.key.raw)
			m.key.plain = bytes.IndexByte(m.key.raw, '\\') < 0
			l.valid = l.valid && utf8.Valid(m.key.raw)
			bind(&m.val)
		}
	}
	for i := range l.f.props {
		bind(&l.f.props[i])
	}
	if !ok {
		return nil
	}
	l.cut()
	return l
}

// vary makes slots of the values in which d differs from the layout, and says
// whether d has this layout at all. found are the values of d.
func (l *layout) vary(d []byte, found []scalar) bool {
	if len(found) != len(l.scalars) {
		return false
	}
	a, b := 0, 0
	for i := range found {
		s, o := &l.scalars[i], &found[i]
		if s.kind != o.kind || !bytes.Equal(l.text[a:s.from], d[b:o.from]) {
			return false
		}
		a, b = s.to, o.to
	}
	if !bytes.Equal(l.text[a:], d[b:]) {
		return false
	}
	for i := range found {
		s, o := &l.scalars[i], &found[i]
		s.varies = s.varies || !bytes.Equal(l.text[s.from:s.to], d[o.from:o.to])
	}
	l.cut()
	return true
}

// cut makes pieces and slots of the text.
func (l *layout) cut() {
	l.slots = l.slots[:0]
	at := 0
	for i := range l.scalars {
		if s := &l.scalars[i]; s.varies {
			l.slots = append(l.slots, slot{l.text[at:s.from], s.kind, s.into})
			at = s.to
		}
	}
	l.tail = l.text[at:]
}

// scalars finds the values of an object, those of objects and arrays in it
// included, where the walker does not look.
type scalars struct {
	w     walker
	found []scalar
}

// of says whether d is an object from end to end that is worth a layout. It
// is stricter than the walker, which looks at no comma of a member that is
// not asked for.
func (s *scalars) of(d []byte) bool {
	s.w = walker{d: d}
	s.found = s.found[:0]
	return s.value(0, 0) == len(d) && len(s.found) <= maxScalars
}

func (s *scalars) value(i, depth int) int {
	w := &s.w
	d := w.d
	if i < len(d) && (d[i] == '{' || d[i] == '[') && (depth == maxDepth || len(s.found) > maxScalars) {
		return w.broken("too much for a layout")
	}
	switch {
	case i < len(d) && d[i] == '{':
		return w.members(i, func(_ []byte, at int) int { return s.value(at, depth+1) })
	case i < len(d) && d[i] == '[':
		i = w.space(i + 1)
		if i < len(d) && d[i] == ']' {
			return i + 1
		}
		for {
			if i = s.value(i, depth+1); i < 0 {
				return i
			}
			var done bool
			if i, done = w.comma(i, ']'); i < 0 || done {
				return i
			}
		}
	}
	next, v := w.value(i)
	if next > 0 {
		from := i
		if v.kind == str {
			from++
		}
		if v.kind != null {
			s.found = append(s.found, scalar{from: from, to: from + len(v.raw), kind: v.kind})
		}
	}
	return next
}
