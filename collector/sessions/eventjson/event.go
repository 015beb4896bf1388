package eventjson

import (
	"splameter/collector/sessions/textblock"
)

// member is a name with its value, as it stands in the text.
type member struct {
	key, val value
}

// found is what the walk over an object found.
type found struct {
	val    [targets]value
	extras []member // of the top object
	data   []member // of user_data and event_data
	props  []value
	valid  bool // all of it is known to be UTF-8
}

// object walks over the object at the beginning of d.
func (p *parser) object(d []byte, lines bool) int {
	p.w = walker{d: d, lines: lines}
	f := &p.walked
	*f = found{extras: f.extras[:0], data: f.data[:0], props: f.props[:0]}
	p.f = f
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
	for {
		if i >= len(d) {
			return more
		}
		if d[i] != '"' {
			return w.broken("no name where a member must begin")
		}
		end := w.str(i)
		if end < 0 {
			return end
		}
		key := d[i+1 : end-1]
		name := key
		if w.escaped {
			var ok bool
			if p.scratch, name, ok = decode(p.scratch[:0], name); !ok {
				return w.broken("an escape in a name that JSON does not know")
			}
		}
		if i = w.colon(end); i < 0 {
			return i
		}
		if i = p.member(targetOf(ctx, name), key, i); i < 0 {
			return i
		}
		var done bool
		if i, done = w.comma(i, '}'); i < 0 || done {
			return i
		}
	}
}

// member takes the value at i of a member that t tells, and returns the place
// behind it.
func (p *parser) member(t target, key []byte, i int) int {
	w := &p.w
	var opening byte
	if i < len(w.d) {
		opening = w.d[i]
	}
	var v value
	switch {
	case (t == winlog || t == event) && opening == '{':
		if p.f.val[t].kind != absent {
			return w.broken("the member winlog or event stands there twice")
		}
		p.f.val[t] = value{kind: compound}
		if t == event {
			return p.walk(inEvent, i)
		}
		return p.walk(inWinlog, i)
	case t == hostInfo && opening == '{':
		return p.walk(inHost, i)
	case (t == userData || t == eventData) && opening == '{':
		return p.leaves(i, 0)
	case t == properties && opening == '[':
		return p.properties(i)
	case t == psTime && opening == '{':
		i, v = p.inner(i, 0)
	default:
		i, v = w.value(i)
	}
	if i > 0 {
		p.keep(t, key, v)
	}
	return i
}

// keep puts a value where it belongs.
func (p *parser) keep(t target, key []byte, v value) {
	switch t {
	case skip, winlog, event, hostInfo, userData, eventData, properties:
	case extra, account:
		if v.kind == str || v.kind == number || v.kind == literal {
			p.f.extras = append(p.f.extras, member{value{raw: key, kind: str}, v})
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
			p.f.data = append(p.f.data, member{value{raw: key, kind: str}, v})
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

// take gives the text of a value: of a string without escapes, of a number as
// it is written, of null nothing. It sets p.unknown for an escape that JSON
// does not know.
func (p *parser) take(v *value) []byte {
	if v.plain {
		return v.raw
	}
	return p.resolve(v)
}

func (p *parser) resolve(v *value) []byte {
	switch v.kind {
	case str:
		var text []byte
		var ok bool
		p.scratch, text, ok = decode(p.scratch, v.raw)
		p.unknown = p.unknown || !ok
		return text
	case number, literal, compound:
		return v.raw
	}
	return nil
}

// guid gives an activity id in the record's form.
func (p *parser) guid(v *value) []byte {
	s := p.take(v)
	if len(s) == 0 {
		return nil
	}
	from := len(p.scratch)
	p.scratch = textblock.AppendGUID(p.scratch, s)
	return p.scratch[from:len(p.scratch):len(p.scratch)]
}
