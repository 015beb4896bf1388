package eventjson

import (
	"bytes"

	"splameter/collector/sessions/textblock"
)

// member is a name with its value, as it stands in the text.
type member struct {
	key []byte
	val value
}

// found is what the walk over an object found.
type found struct {
	val    [targets]value
	extras []member // of the top object
	data   []member // of user_data and event_data
	props  []value
}

// memo is what a member looked like in the object before. A member whose text
// is the same, byte for byte, has the same value: most of a log is passed over
// by comparing it.
type memo struct {
	raw    []byte // from the key's quote to the value's end
	key    int    // length of the key in raw, quotes and colon included
	target target
	val    value // in raw
	misses int8
}

const (
	maxMemo    = 48      // members of an object
	maxMemoRaw = 1 << 10 // bytes of a member
	giveUp     = 8       // misses in a row after which only the key is kept
)

// object walks over the object at the beginning of d.
func (p *parser) object(d []byte, lines bool) int {
	p.w = walker{d: d, lines: lines}
	p.f.val = [targets]value{}
	p.f.extras, p.f.data, p.f.props = p.f.extras[:0], p.f.data[:0], p.f.props[:0]
	return p.walk(inTop, 0)
}

// walk goes through the object at i, whose members ctx tells.
func (p *parser) walk(ctx, i int) int {
	w := &p.w
	d := w.d
	i = w.space(i + 1)
	if i < len(d) && d[i] == '}' {
		return i + 1
	}
	for k := 0; ; k++ {
		if i >= len(d) {
			return more
		}
		m := &p.spare
		if k < maxMemo {
			m = &p.memo[ctx][k]
		} else {
			m.key, m.val = 0, value{}
		}
		rest := d[i:]
		var t target
		from, keyLen := i, m.key // keyLen is 0 where the key is not worth keeping
		switch {
		case m.val.kind != absent && bytes.HasPrefix(rest, m.raw) && ends(m.val.kind, rest[len(m.raw):]):
			m.misses = 0
			p.keep(m.target, m.raw[1:m.key], m.val)
			i += len(m.raw)
			goto separator
		case m.key > 0 && bytes.HasPrefix(rest, m.raw[:m.key]):
			t = m.target
			i = w.space(i + m.key)
		default:
			if d[i] != '"' {
				return w.broken("no name where a member must begin")
			}
			end := w.str(i)
			if end < 0 {
				return end
			}
			key := d[i+1 : end-1]
			if bytes.IndexByte(key, '\\') >= 0 {
				var ok bool
				if p.scratch, key, ok = decode(p.scratch, key); !ok {
					return w.broken("an escape in a name that JSON does not know")
				}
			}
			t = targetOf(ctx, key)
			next := w.colon(end)
			if next < 0 {
				return next
			}
			i = next
			keyLen = 0
			if bytes.HasPrefix(d[end:], []byte{':'}) && end+1-from <= maxMemoRaw {
				keyLen = end + 1 - from
			}
			m.misses = 0
		}
		{
			valueAt := i
			var v value
			switch t {
			case winlog, event:
				if i < len(d) && d[i] == '{' {
					if p.f.val[t].kind != absent {
						return w.broken("the member winlog or event stands there twice")
					}
					ctx := inWinlog
					if t == event {
						ctx = inEvent
					}
					p.f.val[t] = value{kind: compound}
					i = p.walk(ctx, i)
				} else {
					i, v = w.value(i)
				}
			case hostInfo:
				// Of a forwarded log its name changes from event to event, and
				// the rest does not: member by member that is soon passed over.
				if i < len(d) && d[i] == '{' {
					i = p.walk(inHost, i)
				} else {
					i, v = w.value(i)
				}
			case userData, eventData:
				if i < len(d) && d[i] == '{' {
					i = p.leaves(i, 0)
				} else {
					i, v = w.value(i)
				}
			case properties:
				if i < len(d) && d[i] == '[' {
					i = p.properties(i)
				} else {
					i, v = w.value(i)
				}
			case psTime:
				if i < len(d) && d[i] == '{' {
					i, v = p.inner(i, 0)
				} else {
					i, v = w.value(i)
				}
			default:
				i, v = w.value(i)
			}
			if i < 0 {
				return i
			}
			p.keep(t, d[from+1:valueAt], v)
			if keyLen > 0 {
				m.key, m.target = keyLen, t
				if v.kind != absent && t != psTime && i-from <= maxMemoRaw && m.misses < giveUp {
					m.misses++
					m.raw = append(m.raw[:0], d[from:i]...)
					m.val = v
					switch start := valueAt - from; v.kind {
					case str:
						m.val.raw = m.raw[start+1 : len(m.raw)-1]
					default:
						m.val.raw = m.raw[start:]
					}
				} else {
					m.raw, m.val = append(m.raw[:0], d[from:from+keyLen]...), value{}
				}
			} else {
				m.key, m.val = 0, value{}
			}
		}
	separator:
		var done bool
		if i, done = w.comma(i, '}'); i < 0 || done {
			return i
		}
	}
}

// ends says whether a value of that kind is over where rest begins: a number
// may go on.
func ends(k kind, rest []byte) bool {
	return k != number || len(rest) > 0 && !inNumber[rest[0]]
}

// keep puts a value where it belongs. key begins within the quotes of the
// member's name and reaches to the value.
func (p *parser) keep(t target, key []byte, v value) {
	switch t {
	case skip, winlog, event, hostInfo, userData, eventData, properties:
	case extra, account:
		if v.kind == str || v.kind == number || v.kind == literal {
			end := bytes.LastIndexByte(key, '"')
			p.f.extras = append(p.f.extras, member{key[:end], v})
		}
	default:
		p.f.val[t] = v
	}
}

// leaves takes the members of the object at i, and of the objects in it, as
// values of the event.
func (p *parser) leaves(i, depth int) int {
	if depth == maxDepth {
		return p.w.broken("values are nested more than 64 deep")
	}
	return p.w.members(i, func(key []byte, at int) int {
		if at < len(p.w.d) && p.w.d[at] == '{' {
			return p.leaves(at, depth+1)
		}
		next, v := p.w.value(at)
		if next > 0 && string(key) != "xml_name" {
			p.f.data = append(p.f.data, member{key, v})
		}
		return next
	})
}

// properties takes the values of Get-WinEvent's Properties, in order.
func (p *parser) properties(i int) int {
	w := &p.w
	i = w.space(i + 1)
	if i < len(w.d) && w.d[i] == ']' {
		return i + 1
	}
	for {
		var v value
		if i < len(w.d) && w.d[i] == '{' {
			i, v = p.inner(i, 0)
		} else {
			i, v = w.value(i)
			v.kind = absent // a type's name, where ConvertTo-Json's depth was too small
		}
		if i < 0 {
			return i
		}
		p.f.props = append(p.f.props, v)
		var done bool
		if i, done = w.comma(i, ']'); i < 0 || done {
			return i
		}
	}
}

// inner is the member Value of the object at i, or of the object that this
// member holds (a SID, a time of Windows PowerShell).
func (p *parser) inner(i, depth int) (next int, v value) {
	if depth == maxDepth {
		return p.w.broken("values are nested more than 64 deep"), v
	}
	next = p.w.members(i, func(key []byte, at int) int {
		is := string(key) == "Value" || string(key) == "value"
		if is && at < len(p.w.d) && p.w.d[at] == '{' {
			at, v = p.inner(at, depth+1)
			return at
		}
		end, val := p.w.value(at)
		if is && end > 0 {
			v = val
		}
		return end
	})
	return next, v
}

// string gives the text of a value: of a string without escapes, of a number
// as it is written, of anything else nothing.
func (p *parser) string(v value) ([]byte, bool) {
	switch v.kind {
	case str:
		var text []byte
		var ok bool
		p.scratch, text, ok = decode(p.scratch, v.raw)
		return text, ok
	case number, literal, compound:
		return v.raw, true
	}
	return nil, true
}

// guid gives an activity id in the record's form.
func (p *parser) guid(v value) ([]byte, bool) {
	s, ok := p.string(v)
	if len(s) == 0 {
		return nil, ok
	}
	from := len(p.scratch)
	p.scratch = textblock.AppendGUID(p.scratch, s)
	return p.scratch[from:len(p.scratch):len(p.scratch)], ok
}
