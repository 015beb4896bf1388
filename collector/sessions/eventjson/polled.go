package eventjson

import (
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// seen reads an object of a polled table, which is no event of a log: somebody
// was on a host.
func (p *parser) seen(n *names, g *gathered, at *reading) bool {
	if v := &g.val[roleHost]; v.kind != str || len(g.moved) == 0 {
		return false
	}
	p.scratch, p.unknown = p.scratch[:0], false
	r := &p.rec
	*r = record.Record{Fields: r.Fields[:0], EventID: n.event, Channel: n.channel, Line: p.lines.to(at.data, at.pos)}
	at.c.Records++
	if p.opt.Filter != nil && !p.opt.Filter(r.Channel, r.EventID) {
		return true
	}
	r.Computer = p.take(&g.val[roleHost])
	what := textblock.NotPolled
	switch v := &g.val[roleTime]; {
	case v.kind != absent:
		what = p.time(p.take(v), true)
	case p.opt.Polled != 0:
		r.Ticks, r.LocalTime, what = textblock.InZone(p.opt.Polled, p.opt.Zone), true, ""
	}
	if what != "" {
		at.damage(at.pos, 0, 1, what)
		return true
	}
	if p.opt.Dates != nil {
		return true // it is only looked at
	}
	p.takeMoved(g)
	message.Join(r)
	if p.unknown || textblock.Clean(r) {
		at.damage(at.pos, 0, 0, textblock.NotUTF8)
	}
	if r.LocalTime {
		at.c.Local++
	}
	at.out.Record(r)
	return true
}
