package eventxml

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"splameter/collector/sessions/record"
)

// text reads the text of an element that has just been started, and its end
// tag. leaf is false if it has child elements; i then stands before the first.
func (p *parser) text(i int, t *tag) (next int, text []byte, leaf bool) {
	s := &p.s
	if t.empty {
		return i, s.d[i:i], true
	}
	n := bytes.IndexByte(s.d[i:], '<')
	if n < 0 || i+n+1 >= len(s.d) {
		return more, nil, false
	}
	raw := s.d[i : i+n]
	var ok bool
	switch s.d[i+n+1] {
	case '/':
		if p.scratch, text, ok = s.decode(p.scratch, raw); !ok {
			return s.broken(whatText), nil, false
		}
		return s.close(i+n, t.full), text, true
	case '!', '?':
	default:
		return i + n, nil, false
	}
	// Text in pieces, between comments and CDATA.
	s.seen |= isHigh
	from := len(p.scratch)
	for {
		if p.scratch, ok = appendText(p.scratch, raw); !ok {
			return s.broken(whatText), nil, false
		}
		i += n
		switch s.d[i+1] {
		case '/':
			return s.close(i, t.full), p.scratch[from:len(p.scratch):len(p.scratch)], true
		case '!', '?':
			var inside []byte
			if i, inside = s.special(i); i < 0 {
				return i, nil, false
			}
			if p.scratch, ok = appendCDATA(p.scratch, inside); !ok {
				return s.broken(whatText), nil, false
			}
		default:
			return i, nil, false
		}
		n = bytes.IndexByte(s.d[i:], '<')
		if n < 0 || i+n+1 >= len(s.d) {
			return more, nil, false
		}
		raw = s.d[i : i+n]
	}
}

// userData reads the leaves of UserData's element.
func (p *parser) userData(i int, t *tag) int { return p.leaves(i, t, true) }

// leaves reads all elements beneath t that have none beneath them, as fields:
// by their Name attribute in EventData, else by the element's own name. Data
// without a name are Data1, Data2 and so on, counted among their like.
func (p *parser) leaves(i int, t *tag, event bool) int {
	if t.empty {
		return i
	}
	s := &p.s
	var open [maxDepth][]byte
	open[0] = t.full
	depth, nameless := 1, 0
	for {
		if i = p.between(i); i < 0 {
			return i
		}
		if s.d[i+1] == '/' {
			depth--
			if i = s.close(i, open[depth]); i < 0 || depth == 0 {
				return i
			}
			continue
		}
		var child tag
		if i = s.start(i, &child); i < 0 {
			return i
		}
		if string(child.name) == "Event" && !s.mayNest(event) {
			return s.broken(whatNested)
		}
		next, value, leaf := p.text(i, &child)
		if next < 0 {
			return next
		}
		i = next
		if !leaf {
			if depth == maxDepth {
				return s.broken(whatDeep)
			}
			open[depth] = child.full
			depth++
			continue
		}
		if event && depth == 1 && child.empty {
			continue // <EventXML/>: the element of UserData itself, without values
		}
		name := child.name
		if !event {
			if v := attr(child.attrs, "Name"); v != nil {
				var ok bool
				if p.scratch, name, ok = s.decode(p.scratch, v); !ok {
					return s.broken(whatText)
				}
			} else if string(name) == "Data" {
				nameless++
				from := len(p.scratch)
				p.scratch = strconv.AppendInt(append(p.scratch, "Data"...), int64(nameless), 10)
				name = p.scratch[from:len(p.scratch):len(p.scratch)]
			}
		} else if !utf8.Valid(name) {
			return s.broken(whatTag)
		}
		p.rec.Fields = append(p.rec.Fields, record.Field{Name: name, Value: value})
	}
}
