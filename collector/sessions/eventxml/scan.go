package eventxml

import "bytes"

// What the scanner returns in place of a position.
const (
	more   = -1 // the text ends before the element does
	broken = -2 // not well formed; scanner.what says why
)

// maxDepth is how deep elements may be nested within an event. Windows
// writes six levels.
const maxDepth = 64

// maxInner is how many elements called Event one event may hold beneath
// UserData: each could be the next event behind one that was cut off.
const maxInner = 16

// scanner walks over the text of one event. Its methods take a position and
// return the next, or more or broken.
type scanner struct {
	d    []byte
	what string
	seen class // of the characters of names and values

	inner int // elements called Event within the event

	// d is all[base:base+len(d)]; find remembers searches in all.
	all  []byte
	base int
	find *[markers]finder
}

// seek returns where pre and marker next stand in d from i on, or -1.
func (s *scanner) seek(kind int, pre, marker string, i int) int {
	n := s.find[kind].next(s.all, pre, marker, s.base+i, s.base+len(s.d))
	if n < 0 {
		return -1
	}
	return n - s.base
}

func (s *scanner) broken(what string) int {
	if s.what == "" {
		s.what = what
	}
	return broken
}

// mayNest says whether another element called Event may stand here.
func (s *scanner) mayNest(event bool) bool {
	s.inner++
	return event && s.inner <= maxInner
}

// nested says whether an event without a prefix begins in d[i:end].
func (s *scanner) nested(i, end int) bool {
	const start = "<Event"
	for {
		i = s.seek(eventStart, "<", "Event", i)
		if i < 0 || i >= end {
			return false
		}
		i += len(start)
		if i >= len(s.d) || !isName(s.d[i]) && s.d[i] != ':' {
			return true
		}
	}
}

// What of events that are not well formed.
const (
	whatTag      = "a tag of the event is not well formed"
	whatMismatch = "an end tag of the event does not fit its start tag: the event is cut off or damaged"
	whatNested   = "an event begins before this one is closed: it is cut off"
	whatDeep     = "elements of the event are nested more than 64 deep"
	whatText     = "the text of the event holds a character or an entity that XML does not know"
)

// tag is a start tag: name without prefix, and where its attributes stand.
type tag struct {
	full  []byte // with prefix, as the end tag must have it
	name  []byte
	attrs []byte
	empty bool // <name/>
}

// start reads the start tag at i, where a '<' stands.
func (s *scanner) start(i int, t *tag) int {
	d := s.d
	j := i + 1
	colon := -1
	var seen class
	for j < len(d) {
		k := classes[d[j]]
		if k&(inName|isColon) == 0 {
			break
		}
		if k == isColon {
			if colon >= 0 {
				return s.broken(whatTag)
			}
			colon = j
		}
		seen |= k
		j++
	}
	if j == len(d) {
		return more
	}
	s.seen |= seen
	t.full = d[i+1 : j]
	t.name = t.full
	if colon >= 0 {
		t.name = d[colon+1 : j]
	}
	if len(t.name) == 0 || t.full[0] == ':' || (t.full[0] >= '0' && t.full[0] <= '9') || t.full[0] == '-' || t.full[0] == '.' {
		return s.broken(whatTag)
	}
	if d[j] == '>' {
		t.attrs, t.empty = nil, false
		return j + 1
	}
	from := j
	for {
		for j < len(d) && isSpace(d[j]) {
			j++
		}
		if j == len(d) {
			return more
		}
		switch d[j] {
		case '>':
			t.attrs, t.empty = d[from:j], false
			return j + 1
		case '/':
			if j+1 == len(d) {
				return more
			}
			if d[j+1] != '>' {
				return s.broken(whatTag)
			}
			t.attrs, t.empty = d[from:j], true
			return j + 2
		}
		k := j
		for k < len(d) && (isName(d[k]) || d[k] == ':') {
			k++
		}
		if k < len(d) && k == j {
			return s.broken(whatTag)
		}
		for k < len(d) && isSpace(d[k]) {
			k++
		}
		if k == len(d) {
			return more
		}
		if d[k] != '=' {
			return s.broken(whatTag)
		}
		k++
		for k < len(d) && isSpace(d[k]) {
			k++
		}
		if k == len(d) {
			return more
		}
		quote := d[k]
		if quote != '"' && quote != '\'' {
			return s.broken(whatTag)
		}
		n := bytes.IndexByte(d[k+1:], quote)
		if n < 0 {
			if bytes.IndexByte(d[k+1:], '<') >= 0 {
				return s.broken(whatTag)
			}
			return more
		}
		if bytes.IndexByte(d[k+1:k+1+n], '<') >= 0 {
			return s.broken(whatTag)
		}
		j = k + n + 2
	}
}

// attr returns the raw value of the attribute of that name, prefix not
// regarded, or nil. attrs has been read by start, so it is well formed.
func attr(attrs []byte, name string) []byte {
	for {
		i := 0
		for i < len(attrs) && isSpace(attrs[i]) {
			i++
		}
		if i == len(attrs) {
			return nil
		}
		eq := bytes.IndexByte(attrs, '=')
		key := bytes.TrimRight(attrs[i:eq], " \t\r\n")
		prefix := bytes.IndexByte(key, ':')
		v := eq + 1
		for isSpace(attrs[v]) {
			v++
		}
		end := v + 1 + bytes.IndexByte(attrs[v+1:], attrs[v])
		if string(key[prefix+1:]) == name && (prefix < 0 || string(key[:prefix]) != "xmlns") {
			return attrs[v+1 : end]
		}
		attrs = attrs[end+1:]
	}
}

// close reads the end tag of full at i, where "</" stands.
func (s *scanner) close(i int, full []byte) int {
	d := s.d
	j := i + 2 + len(full)
	if j >= len(d) {
		if bytes.HasPrefix(full, d[min(i+2, len(d)):]) {
			return more
		}
		return s.broken(whatMismatch)
	}
	if !bytes.Equal(d[i+2:j], full) {
		return s.broken(whatMismatch)
	}
	for j < len(d) && isSpace(d[j]) {
		j++
	}
	if j == len(d) {
		return more
	}
	if d[j] != '>' {
		return s.broken(whatMismatch)
	}
	return j + 1
}

// special reads a comment, CDATA section or processing instruction at i,
// where "<!" or "<?" stands. text is the inside of a CDATA section.
func (s *scanner) special(i int) (next int, text []byte) {
	rest := s.d[i:]
	for kind, k := range [...]struct{ open, shut string }{commentEnd: {"<!--", "-->"}, cdataEnd: {"<![CDATA[", "]]>"}, instructionEnd: {"<?", "?>"}} {
		if len(rest) < len(k.open) && string(rest) == k.open[:len(rest)] {
			return more, nil
		}
		if !bytes.HasPrefix(rest, []byte(k.open)) {
			continue
		}
		n := s.seek(kind, "", k.shut, i+len(k.open))
		if n < 0 {
			return more, nil
		}
		if kind == cdataEnd {
			text = s.d[i+len(k.open) : n]
		}
		return n + len(k.shut), text
	}
	return s.broken(whatTag), nil
}

// skip passes over the content of t, which has just been started, and its
// end tag. event says whether an element may be called Event: only beneath
// UserData do providers name elements as they like.
func (s *scanner) skip(i int, t *tag, event bool) int {
	if t.empty {
		return i
	}
	var open [maxDepth][]byte
	open[0] = t.full
	depth := 1
	d := s.d
	for {
		n := bytes.IndexByte(d[i:], '<')
		if n < 0 || i+n+1 >= len(d) {
			return more
		}
		i += n
		switch d[i+1] {
		case '/':
			depth--
			if i = s.close(i, open[depth]); i < 0 || depth == 0 {
				return i
			}
		case '!', '?':
			if i, _ = s.special(i); i < 0 {
				return i
			}
		default:
			var child tag
			if i = s.start(i, &child); i < 0 {
				return i
			}
			if string(child.name) == "Event" && !s.mayNest(event) {
				return s.broken(whatNested)
			}
			if child.empty {
				continue
			}
			if depth == maxDepth {
				return s.broken(whatDeep)
			}
			open[depth] = child.full
			depth++
		}
	}
}

// tagKind is what stands between events.
type tagKind uint8

const (
	tagUnknown tagKind = iota // too little text to tell
	tagOther                  // a root element, a comment, a declaration
	tagEvent                  // the start of an event
	tagStray                  // the end of an event that has no start
)

// outside reads what begins at 0, a '<' between two events.
func (s *scanner) outside() (n int, kind tagKind) {
	d := s.d
	if len(d) < 2 {
		return more, tagUnknown
	}
	switch d[1] {
	case '!', '?':
		if bytes.HasPrefix(d, []byte("<!D")) { // DOCTYPE, of which nothing is used
			if n = bytes.IndexByte(d, '>'); n < 0 {
				return more, tagOther
			}
			return n + 1, tagOther
		}
		n, _ = s.special(0)
		return n, tagOther
	case '/':
		j := 2
		for j < len(d) && (isName(d[j]) || d[j] == ':') {
			j++
		}
		name := d[2:j]
		n = s.close(0, name)
		if n == more {
			return more, tagUnknown
		}
		if string(name[bytes.IndexByte(name, ':')+1:]) == "Event" {
			return broken, tagStray
		}
		return n, tagOther
	}
	var t tag
	n = s.start(0, &t)
	kind = tagOther
	switch {
	case n == more:
		kind = tagUnknown
	case n > 0 && string(t.name) == "Event":
		kind = tagEvent
	}
	return n, kind
}
