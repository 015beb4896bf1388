package forms

import (
	"bytes"
	"strings"
)

// maxNames is how many names of a head are kept.
const maxNames = 2000

// columns are the names of a table's header.
func columns(head []byte) []string {
	comma := byte(0)
	for len(head) > 0 {
		head = bytes.TrimLeft(head, "\r\n")
		line, rest, _ := bytes.Cut(head, []byte{'\n'})
		line = bytes.TrimRight(line, "\r")
		switch {
		case len(bytes.TrimSpace(line)) == 0:
		case line[0] == '#' || bytes.HasPrefix(line, []byte(`"#TYPE`)):
			if !bytes.HasPrefix(line, []byte("#TYPE")) && bytes.Count(line, []byte{','}) > 2 {
				return cells(head, Delimiter(line)) // "# CPU" is a column of some
			}
		case len(line) >= 4 && bytes.EqualFold(line[:4], []byte("sep=")):
			if len(line) > 4 {
				comma = line[4]
			}
		default:
			if comma == 0 {
				comma = Delimiter(line)
			}
			return cells(head, comma)
		}
		head = rest
	}
	return nil
}

// eventViewer says that a table is what Event Viewer saves: five headings in
// the machine's language, and rows of six values, the fourth of which is the
// event's id and the last, without a heading, its message.
func eventViewer(head []byte) bool {
	head = bytes.TrimLeft(head, "\r\n")
	line, rest, ok := bytes.Cut(head, []byte{'\n'})
	comma := Delimiter(line)
	if !ok || len(cells(line, comma)) != 5 {
		return false
	}
	row := cells(bytes.TrimLeft(rest, "\r\n"), comma)
	if len(row) != 6 || row[3] == "" || row[2] == "" || len(row[1]) < 8 {
		return false
	}
	for _, c := range row[3] {
		if c < '0' || '9' < c {
			return false
		}
	}
	return row[1][0]-'0' <= 9
}

// Delimiter is the character that parts a header, whichever of the usual ones
// stands in it most often, outside quotes.
func Delimiter(line []byte) byte {
	const candidates = ",;\t|"
	var count [len(candidates)]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if i := strings.IndexByte(candidates, c); i >= 0 && !quoted {
			count[i]++
		}
	}
	best := 0
	for i := range count {
		if count[i] > count[best] {
			best = i
		}
	}
	return candidates[best]
}

// cells parts the first row of a text.
func cells(text []byte, comma byte) []string {
	var out []string
	var cell []byte
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"' && quoted && i+1 < len(text) && text[i+1] == '"':
			cell = append(cell, '"')
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
			cell = append(cell, c)
		case c == comma:
			out = append(out, strings.TrimSpace(string(cell)))
			cell = cell[:0]
			if len(out) > maxNames {
				return out
			}
		case c == '\n':
			return append(out, strings.TrimSpace(string(cell)))
		default:
			cell = append(cell, c)
		}
	}
	return append(out, strings.TrimSpace(string(cell)))
}

// namer gathers names, each once.
type namer struct {
	list []string
	seen map[string]bool
}

func (n *namer) add(s string) {
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	if s != "" && !n.seen[s] && len(n.list) < maxNames {
		n.seen[s] = true
		n.list = append(n.list, s)
	}
}

// members are the paths of the members of the objects in a head, which may end
// anywhere.
func members(head []byte) []string {
	s := scan{text: head}
	for s.pos < len(s.text) {
		before := s.pos
		if !s.value("", 0) && s.pos == before {
			break
		}
		for s.pos < len(s.text) && strings.IndexByte(" \t\r\n,]", s.text[s.pos]) >= 0 {
			s.pos++
		}
		if s.pos == before {
			s.pos++
		}
	}
	return s.names.list
}

// scan goes through JSON as far as it goes.
type scan struct {
	text  []byte
	pos   int
	names namer
}

func (s *scan) blank() {
	for s.pos < len(s.text) && strings.IndexByte(" \t\r\n", s.text[s.pos]) >= 0 {
		s.pos++
	}
}

// value passes over a value, and says whether it ended.
func (s *scan) value(path string, depth int) bool {
	s.blank()
	if s.pos >= len(s.text) || depth > 24 {
		return false
	}
	switch s.text[s.pos] {
	case '"':
		_, ok := s.text1()
		return ok
	case '{':
		s.pos++
		for {
			s.blank()
			if s.pos >= len(s.text) {
				return false
			}
			if s.text[s.pos] == '}' {
				s.pos++
				return true
			}
			if s.text[s.pos] == ',' {
				s.pos++
				continue
			}
			if s.text[s.pos] != '"' {
				return false
			}
			key, ok := s.text1()
			if !ok {
				return false
			}
			s.blank()
			if s.pos >= len(s.text) || s.text[s.pos] != ':' {
				return false
			}
			s.pos++
			at := key
			if path != "" {
				at = path + "." + key
			}
			s.names.add(at)
			if !s.value(at, depth+1) {
				return false
			}
		}
	case '[':
		s.pos++
		for {
			s.blank()
			if s.pos >= len(s.text) {
				return false
			}
			if s.text[s.pos] == ']' {
				s.pos++
				return true
			}
			if s.text[s.pos] == ',' {
				s.pos++
				continue
			}
			if !s.value(path, depth+1) {
				return false
			}
		}
	}
	start := s.pos
	for s.pos < len(s.text) && strings.IndexByte(" \t\r\n,]}{[\"", s.text[s.pos]) < 0 {
		s.pos++
	}
	return s.pos > start
}

// text1 passes over a string, and gives it as it is written.
func (s *scan) text1() (string, bool) {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case '"':
			t := string(s.text[s.pos+1 : i])
			s.pos = i + 1
			return t, true
		}
	}
	s.pos = len(s.text)
	return "", false
}

// elements are the paths of the elements of XML, without their prefixes.
func elements(head []byte) []string {
	var names namer
	var stack []string
	for len(head) > 0 {
		i := bytes.IndexByte(head, '<')
		if i < 0 {
			break
		}
		head = head[i+1:]
		end := bytes.IndexByte(head, '>')
		if end < 0 {
			break
		}
		tag := head[:end]
		head = head[end+1:]
		if len(tag) == 0 || tag[0] == '?' || tag[0] == '!' {
			continue
		}
		if tag[0] == '/' {
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
			continue
		}
		name, _, _ := strings.Cut(strings.Map(func(r rune) rune {
			if r == '\t' || r == '\n' || r == '\r' || r == '/' {
				return ' '
			}
			return r
		}, string(tag)), " ")
		if k := strings.IndexByte(name, ':'); k >= 0 {
			name = name[k+1:]
		}
		path := strings.Join(append(stack, name), ".")
		names.add(path)
		if tag[len(tag)-1] != '/' && len(stack) < 24 {
			stack = append(stack, name)
		}
	}
	return names.list
}

// properties are the names of NAME=VALUE lines.
func properties(head []byte) []string {
	var names namer
	for line := range bytes.Lines(head) {
		if name, ok := property(bytes.TrimRight(line, "\r\n")); ok {
			names.add(name)
		}
	}
	return names.list
}

func property(line []byte) (string, bool) {
	i := 0
	for i < len(line) && (line[i] == '_' || line[i]|0x20 >= 'a' && line[i]|0x20 <= 'z' || i > 0 && '0' <= line[i] && line[i] <= '9') {
		i++
	}
	rest := bytes.TrimLeft(line[i:], " ")
	if i == 0 || len(rest) == 0 {
		return "", false
	}
	if line[i] == '=' && !bytes.EqualFold(line[:i], []byte("sep")) || rest[0] == ':' && (len(rest) == 1 || rest[1] == ' ') && !bytes.EqualFold(line[:i], []byte("dn")) {
		return string(line[:i]), true
	}
	return "", false
}
