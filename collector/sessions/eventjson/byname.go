package eventjson

import (
	"bytes"
	"fmt"

	"splameter/collector/forms"
	"splameter/collector/sessions/embedded"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// envelopes are what others put around a document.
var envelopes = [][]string{nil, {"source"}, {"hits", "hits", "source"}, {"result"}, {"value"}, {"data"}, {"events"}, {"records"}, {"results"}, {"fields"}, {"hits", "hits", "fields"}}

// gathered is what an object has for a form.
type gathered struct {
	val   [roles]value
	ranks [roles]int
	moved []movedValue
	list  []value // of roleStrings
}

type movedValue struct {
	name []byte
	rank int
	val  value
}

// reading is where an object stands, for what is told of it.
type reading struct {
	pos    int
	data   []byte
	c      *textblock.Counts
	out    record.Handler
	damage func(at int, id uint64, lost int, what string)
}

// byNames reads an object by a form's descriptor: the file's, or, where the
// file's head told none, the first that has its parts. It reports false for an
// object that is none of a form.
func (p *parser) byNames(d []byte, pos int, c *textblock.Counts, out record.Handler, damage func(at int, id uint64, lost int, what string), data []byte) bool {
	at := &reading{pos, data, c, out, damage}
	n := p.form
	if n == nil {
		found := forms.Detect(d[:min(len(d), forms.HeadSize)])
		if n = namesOf(found.Form); n == nil {
			return false
		}
	}
	for _, under := range envelopes {
		if n.rows != nil {
			under = n.rows
		}
		done := false
		rows(d, under, func(row []byte) { done = p.row(n, row, at) || done })
		if done {
			p.form = n
			return true
		}
		if n.rows != nil {
			break
		}
	}
	return false
}

// rows calls f for each object at a path, through lists where they are.
func rows(d []byte, path []string, f func([]byte)) {
	w := walker{d: d}
	var down func(i int, path []string, depth int) int
	down = func(i int, path []string, depth int) int {
		if depth > maxDepth {
			return broken
		}
		switch {
		case i >= len(d):
			return more
		case d[i] == '[':
			i = w.space(i + 1)
			if i < len(d) && d[i] == ']' {
				return i + 1
			}
			for {
				if i = down(i, path, depth+1); i < 0 {
					return i
				}
				var done bool
				if i, done = w.comma(i, ']'); i < 0 || done {
					return i
				}
			}
		case d[i] != '{':
			next, _ := w.value(i)
			return next
		case len(path) == 0:
			next, _ := w.value(i)
			if next > 0 {
				f(d[i:next])
			}
			return next
		}
		var folded [64]byte
		return w.members(i, func(key []byte, at int) int {
			if string(appendFolded(folded[:0], key)) == path[0] {
				return down(at, path[1:], depth+1)
			}
			next, _ := w.value(at)
			return next
		})
	}
	down(0, path, 0)
}

// gather takes from a flat object what a form has names for.
func (p *parser) gather(n *names, g *gathered) {
	*g = gathered{moved: g.moved[:0], list: g.list[:0]}
	for i := range p.flat.leaves {
		l := &p.flat.leaves[i]
		for _, t := range n.parts[string(p.flat.pathOf(l))] {
			if t.value != nil {
				g.moved = append(g.moved, movedValue{t.value, t.rank, l.val})
				continue
			}
			if t.role == roleStrings {
				g.list = append(g.list, l.val)
				continue
			}
			if l.val.kind == null || l.val.kind == str && len(l.val.raw) == 0 {
				continue
			}
			if g.val[t.role].kind == absent || t.rank < g.ranks[t.role] {
				g.val[t.role], g.ranks[t.role] = l.val, t.rank
			}
		}
	}
}

// row reads one object, and says whether it is an event in the form.
func (p *parser) row(n *names, d []byte, at *reading) bool {
	p.flat.pairs = n.form.Pairs
	if !p.flat.flatten(d) {
		return false
	}
	g := &p.gathered
	p.gather(n, g)
	if g.val[roleRaw].kind == str {
		return p.rawEvent(g, at)
	}
	if n.event != 0 {
		return p.seen(n, g, at)
	}
	event := g.val[roleEvent]
	if event.kind != str && event.kind != number || g.val[roleTime].kind == absent || g.val[roleChannel].kind == absent && g.val[roleProvider].kind == absent && len(n.channel) == 0 {
		return false
	}
	p.scratch, p.unknown = p.scratch[:0], false
	id, ok := textblock.Uint(p.take(&event))
	if !ok || id > 1<<32-1 {
		at.damage(at.pos, 0, 1, "the event has an event id that is no number")
		return true
	}
	r := &p.rec
	*r = record.Record{Fields: r.Fields[:0], EventID: uint32(id), Line: p.lines.to(at.data, at.pos)}
	at.c.Records++
	if r.Channel, r.Provider = p.take(&g.val[roleChannel]), p.take(&g.val[roleProvider]); len(r.Channel) == 0 {
		r.Channel = n.channel
	}
	if p.opt.Filter != nil && !p.opt.Filter(r.Channel, r.EventID) {
		return true
	}
	if v := &g.val[roleRecord]; v.kind == str || v.kind == number {
		if r.ID, ok = textblock.Uint(p.take(v)); !ok {
			at.damage(at.pos, 0, 0, fmt.Sprintf("the record id %.20q is no number", v.raw))
		}
	}
	r.Computer = p.take(&g.val[roleHost])
	r.ActivityID = p.guid(&g.val[roleActivity])
	if what := p.time(p.take(&g.val[roleTime]), !n.form.UTC); what != "" {
		at.damage(at.pos, r.ID, 1, what)
		return true
	}
	if p.opt.Dates != nil {
		return true // it is only looked at
	}
	what := p.valuesByName(n, g)
	if p.unknown {
		at.damage(at.pos, r.ID, 1, "the object is damaged: a string holds an escape that JSON does not know")
		return true
	}
	if what != "" {
		at.damage(at.pos, r.ID, 0, what)
	}
	if textblock.Clean(r) {
		at.damage(at.pos, r.ID, 0, textblock.NotUTF8)
	}
	if r.LocalTime {
		at.c.Local++
	}
	at.out.Record(r)
	return true
}

// valuesByName takes the event's values: those beneath the form's paths first,
// then what stands as text, what was moved, and last the message.
func (p *parser) valuesByName(n *names, g *gathered) (what string) {
	r := &p.rec
	channel := r.Channel
	if len(channel) == 0 {
		r.Channel = message.ChannelOf(r.Provider)
		defer func() { r.Channel = channel }()
	}
	security := bytes.EqualFold(r.Channel, []byte("Security"))
	for i := range p.flat.leaves {
		l := &p.flat.leaves[i]
		path := p.flat.pathOf(l)
		if l.val.kind == null || l.val.kind == absent || l.val.kind == compound || !n.isValue(path, l) {
			continue
		}
		if n.every && l.val.kind == str && len(l.val.raw) == 0 {
			continue // a column that this event has no value for
		}
		if n.every && !security && string(path) == "accountname" {
			continue // the account that wrote the event is none of its values
		}
		key := value{raw: l.key[bytes.LastIndexByte(l.key, '.')+1:], kind: str} // {"winlog.event_data.LogonType": …}
		p.field(p.take(&key), p.take(&l.val))
	}
	if v := &g.val[rolePayload]; v.kind == str {
		r.Fields, _ = embedded.Values(r.Fields, p.take(v))
	}
	if len(g.list) > 0 && !message.NamesUser(r) {
		r.Fields = message.Ordered(r.Fields, r.Channel, r.EventID, p.texts(g.list))
	}
	p.takeMoved(g)
	message.Join(r)
	if v := &g.val[roleMessage]; message.Known(r.Channel, r.EventID) && !message.NamesUser(r) {
		text := p.take(v)
		if n := len(text); n > 1 && text[0] == '"' && text[n-1] == '"' { // Wazuh's
			text = text[1 : n-1]
		}
		var ok bool
		if r.Fields, ok = message.Fields(r.Fields, r.Channel, r.EventID, text); !ok {
			return "the event's values stand only in its message, which has not the usual form: who it concerns is unknown"
		}
	}
	return ""
}

func (p *parser) texts(list []value) [][]byte {
	out := make([][]byte, len(list))
	for i := range list {
		out[i] = p.take(&list[i])
	}
	return out
}

// isValue says that a leaf is one of the event's own values.
func (n *names) isValue(path []byte, l *leaf) bool {
	for _, under := range n.values {
		if len(path) > len(under) && string(path[:len(under)]) == under {
			return true
		}
	}
	if !n.every || bytes.IndexByte(path, '.') >= 0 {
		return false
	}
	for _, t := range n.parts[string(path)] {
		if t.value == nil {
			return false
		}
	}
	return true
}

// takeMoved appends values that the event itself does not tell.
func (p *parser) takeMoved(g *gathered) {
	r := &p.rec
	for i := range g.moved {
		m := &g.moved[i]
		best := true
		for k := range g.moved {
			o := &g.moved[k]
			best = best && (o.rank >= m.rank || !bytes.Equal(o.name, m.name) || o.val.kind == null)
		}
		if v := p.take(&m.val); best && len(v) > 0 && len(r.Value(string(m.name))) == 0 {
			p.field(m.name, v)
		}
	}
}

// moved takes what a collector's module moved out of the event's values.
func (p *parser) moved(d []byte) {
	n := p.form
	if n == nil || n.form.ID != "winlogbeat" {
		n = namesOf(forms.ByID("winlogbeat"))
	}
	p.flat.pairs = false
	if p.flat.flatten(d) {
		p.gather(n, &p.gathered)
		p.takeMoved(&p.gathered)
	}
}

// rawEvent reads an event that stands as text in a member.
func (p *parser) rawEvent(g *gathered, at *reading) bool {
	p.scratch, p.unknown = p.scratch[:0], false
	a := embedded.Around{Line: p.lines.to(at.data, at.pos), Host: p.take(&g.val[roleHost])}
	p.rec.Line = a.Line
	if v := &g.val[roleTime]; v.kind != absent {
		p.rec.LocalTime = false
		if p.time(p.take(v), true) == "" {
			a.Ticks, a.Local = p.rec.Ticks, p.rec.LocalTime
		}
	}
	if p.opt.Dates != nil {
		return true
	}
	if p.embedded == nil {
		p.embedded = embedded.NewReader(p.file, p.opt.Filter)
	}
	c, ok := p.embedded.Read(p.take(&g.val[roleRaw]), a, at.out)
	at.c.Records += c.Records
	at.c.Damaged += c.Damaged
	at.c.Local += c.Local
	return ok
}
