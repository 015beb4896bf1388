package eventjson

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/message"
)

// form says where a kind of export keeps the parts of an event.
type form struct {
	channel, id, record, computer, provider, activity, time target
	local                                                   bool // a time without offset is local
}

var (
	winlogbeat7 = form{w7Channel, w7ID, w7Record, w7Computer, w7Provider, w7Activity, timestamp, false}
	winlogbeat6 = form{w6Channel, w6ID, w6Record, w6Computer, w6Provider, w6Activity, timestamp, false}
	nxlog       = form{nxChannel, nxID, nxRecord, nxComputer, nxProvider, nxActivity, nxTime, true}
	getWinEvent = form{psChannel, psID, psRecord, psComputer, psProvider, psActivity, psTime, true}
)

// formOf tells the form by the names that only it has; nil is no event.
func (f *found) formOf() *form {
	has := func(t target) bool { return f.val[t].kind != absent }
	switch {
	case has(winlog):
		return &winlogbeat7
	case has(w6Channel) && has(w6ID):
		return &winlogbeat6
	case has(psID) && (has(psChannel) || has(psProvider)):
		return &getWinEvent
	case has(nxID) && (has(nxChannel) || has(nxProvider)):
		return &nxlog
	}
	return nil
}

// send makes a record of the object at pos, of n bytes, which has been walked
// over. An object that lacks what its form must have is read by the names of
// the form's descriptor, which knows its variants, or by another form's.
func (p *parser) send(pos, n int, c *textblock.Counts, out record.Handler, damage func(at int, id uint64, lost int, what string), data []byte) {
	f := p.f
	form := f.formOf()
	if form == nil || !f.whole(form) {
		if p.byNames(data[pos:pos+n], pos, c, out, damage, data) {
			return
		}
		if form == nil {
			c.Foreign++
			return
		}
	}
	p.scratch = p.scratch[:0]
	r := &p.rec
	*r = record.Record{Fields: r.Fields[:0]}
	id := f.val[form.id]
	if id.kind == absent && form == &winlogbeat7 {
		id = f.val[ecsCode]
	}
	event, ok := textblock.Uint(id.raw)
	if !ok || event > 1<<32-1 || (id.kind != str && id.kind != number) {
		damage(pos, 0, 1, "the event has no event id, or one that is no number")
		return
	}
	c.Records++
	r.EventID = uint32(event)
	p.unknown = false
	r.Channel = p.take(&f.val[form.channel])
	if p.opt.Filter != nil && !p.opt.Filter(r.Channel, r.EventID) {
		return
	}
	if v := f.val[form.record]; v.kind == str || v.kind == number {
		if r.ID, ok = textblock.Uint(v.raw); !ok {
			damage(pos, 0, 0, fmt.Sprintf("the record id %.20q is no number", v.raw))
		}
	}
	r.Computer = p.take(&f.val[form.computer])
	if r.Provider = p.take(&f.val[form.provider]); r.Provider == nil && form == &winlogbeat7 {
		r.Provider = p.take(&f.val[ecsProvider])
	}
	r.ActivityID = p.guid(&f.val[form.activity])
	if what := p.time(p.take(&f.val[form.time]), form.local); what != "" {
		damage(pos, r.ID, 1, what)
		return
	}
	if p.opt.Dates != nil {
		return // it is only looked at
	}
	what := p.fields(form)
	if form == &winlogbeat7 && p.mayBeMoved() {
		p.moved(data[pos : pos+n])
	}
	if p.unknown {
		damage(pos, r.ID, 1, "the object is damaged: a string holds an escape that JSON does not know")
		return
	}
	if what != "" {
		damage(pos, r.ID, 0, what)
	}
	if !f.valid && textblock.Clean(r) {
		damage(pos, r.ID, 0, textblock.NotUTF8)
	}
	if r.LocalTime {
		c.Local++
	}
	r.Line = p.lines.to(data, pos)
	out.Record(r)
}

// time reads an event's time into the record, or says what is wrong with it.
func (p *parser) time(at []byte, local bool) (what string) {
	r := &p.rec
	var offset, ok bool
	if r.Ticks, offset, ok = p.clock.Stamp(at); !ok {
		if r.Ticks, ok = dateCall(at); !ok {
			r.Ticks, ok = textblock.Epoch(at)
		}
		offset = ok
	}
	if !ok {
		at = bytes.TrimSpace(at)
		if r.Ticks, offset, ok = textblock.Stamp(at); !ok {
			if p.opt.Dates != nil && p.opt.Dates.See(at, r.Line) {
				return ""
			}
			r.Ticks, _, _, ok = textblock.Wall(at, p.opt.Order)
		}
	}
	if !ok {
		if len(at) == 0 {
			return "the event has no time under a name that is known (@timestamp, EventTime, TimeCreated)"
		}
		return fmt.Sprintf("the event's time %.40q is not of the form 2026-10-01T05:11:08", at)
	}
	if !offset && local {
		r.LocalTime = true
		r.Ticks = textblock.InZone(r.Ticks, p.opt.Zone)
	}
	return ""
}

// mayBeMoved says that a Security event lacks a value that Winlogbeat's module
// may have moved out of it.
func (p *parser) mayBeMoved() bool {
	r := &p.rec
	if len(r.Channel) != len("Security") || !bytes.EqualFold(r.Channel, []byte("Security")) {
		return false
	}
	switch r.EventID {
	case 4624:
		return len(r.Value("TargetUserName")) == 0 || len(r.Value("IpAddress")) == 0 || len(r.Value("LogonType")) == 0
	case 4634, 4647:
		return len(r.Value("TargetUserName")) == 0
	case 4778, 4779:
		return len(r.Value("AccountName")) == 0 || len(r.Value("ClientAddress")) == 0
	}
	return false
}

// whole says that an object has what its form must have to tell of a session.
func (f *found) whole(form *form) bool {
	return f.val[form.time].kind != absent && f.val[form.computer].kind != absent
}

// dateCall reads what Windows PowerShell makes of a time: /Date(1601442668000)/,
// milliseconds since 1970 in UTC, an offset behind them not regarded.
func dateCall(b []byte) (ticks int64, ok bool) {
	b, ok = bytes.CutPrefix(b, []byte("/Date("))
	if !ok {
		return 0, false
	}
	if b, ok = bytes.CutSuffix(b, []byte(")/")); !ok {
		return 0, false
	}
	if i := bytes.LastIndexAny(b, "+-"); i > 0 {
		b = b[:i]
	}
	ms, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || ms < -11_644_473_600_000 || ms > 253_402_300_799_999 {
		return 0, false
	}
	return (ms + 11_644_473_600_000) * 10_000, true
}

// fields puts the event's values into the record.
func (p *parser) fields(form *form) (what string) {
	f, r := p.f, &p.rec
	switch form {
	case &nxlog:
		security := bytes.EqualFold(r.Channel, []byte("Security"))
		for i := range f.extras {
			m := &f.extras[i]
			// The account that wrote the event is none of its values, but in
			// Security events AccountName is.
			if !security && string(m.key.raw) == "AccountName" {
				continue
			}
			p.field(p.take(&m.key), p.take(&m.val))
		}
		return p.fromMessage()
	case &getWinEvent:
		if p.named() {
			return ""
		}
		return p.fromMessage()
	}
	for i := range f.data {
		m := &f.data[i]
		if m.val.kind == null {
			continue
		}
		p.field(p.take(&m.key), p.take(&m.val))
	}
	return ""
}

func (p *parser) field(name, val []byte) {
	p.rec.Fields = append(p.rec.Fields, record.Field{Name: name, Value: val})
}

// fromMessage takes the values of an event from its text, where they stand
// nowhere else.
func (p *parser) fromMessage() (what string) {
	r := &p.rec
	if !message.Known(r.Channel, r.EventID) || message.NamesUser(r) {
		return ""
	}
	var ok bool
	if r.Fields, ok = message.Fields(r.Fields, r.Channel, r.EventID, p.take(&p.f.val[text])); !ok {
		return "the event's values stand only in its message, which has not the usual form: who it concerns is unknown"
	}
	return ""
}

// named names Get-WinEvent's Properties by the event's template. It says
// whether there were any.
func (p *parser) named() bool {
	props := p.f.props
	if len(props) == 0 {
		return false
	}
	for _, v := range props {
		if v.kind == absent {
			return false
		}
	}
	names := message.Names(p.rec.Channel, p.rec.EventID, len(props))
	for i := range props {
		v := &props[i]
		if v.kind == null {
			continue
		}
		var name []byte
		if i < len(names) {
			name = []byte(names[i])
		} else {
			name = strconv.AppendInt([]byte("Data"), int64(i+1), 10)
		}
		val := p.take(v)
		// Logon ids are numbers here and 0x… everywhere else.
		if v.kind == number && strings.HasSuffix(strings.ToLower(string(name)), "logonid") {
			if n, ok := textblock.Uint(val); ok {
				val = strconv.AppendUint([]byte("0x"), n, 16)
			}
		}
		p.field(name, val)
	}
	return true
}
