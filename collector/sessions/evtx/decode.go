package evtx

import (
	"encoding/binary"
	"math"
	"slices"

	"splameter/collector/sessions/record"
)

// chunkBudget bounds what one chunk may unfold to, in bytes or so: templates
// can repeat a value as often as they like. An honest chunk needs a tenth.
const chunkBudget = 8 << 20

func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }

// value is one value of a template instance: b[at:end] of the chunk.
type value struct {
	at, end int32
	typ     byte
}

// decoder turns the chunks it is given into records. It is used by one
// goroutine; its compiled templates serve all chunks that it sees.
type decoder struct {
	filter record.Filter
	cache  planCache
	plans  chunkPlans

	b      []byte // the chunk, up to where its records end
	out    *batch
	budget int

	rec      *record.Record // in out, where it stays if it is wanted
	fields   int            // where its fields begin in out
	numbered int            // its Data elements without a name
	judged   bool
	known    bool // the event id was found
	unwanted bool
	texts    map[string]*memo // of values that seldom change
	vals     []value          // a stack: one stretch for each template in use
	ops      []op             // a stack too, of literal XML
}

func newDecoder(filter record.Filter) *decoder { return &decoder{filter: filter} }

// begin turns to another chunk.
func (d *decoder) begin(b []byte, out *batch) {
	d.b, d.out, d.budget = b, out, chunkBudget
	d.plans.begin()
}

func (d *decoder) charge(n int) error {
	if d.budget -= n; d.budget < 0 {
		return errBudget
	}
	return nil
}

// record decodes the record whose header is at b[at:] and whose binary XML
// ends at end, and adds it to the batch if it is wanted.
func (d *decoder) record(at, end int, id uint64, ticks int64) error {
	out := d.out
	n := len(out.records)
	out.records = append(out.records, record.Record{ID: id, Ticks: ticks})
	r := &out.records[n]
	d.rec, d.fields, d.numbered = r, len(out.fields), 0
	d.judged, d.unwanted, d.known = d.filter == nil, false, false
	d.vals, d.ops = d.vals[:0], d.ops[:0]
	err := d.fragment(at+recordHeader, end, inDocument, 0)
	if err == nil && !d.known && !d.unwanted {
		err = errNoEvent
	}
	if err == nil && !d.judged && !d.unwanted {
		d.unwanted = !d.filter(nil, r.EventID) || !d.filter(r.Channel, r.EventID)
	}
	if err != nil || d.unwanted {
		out.fields = out.fields[:d.fields]
		out.records = out.records[:n]
		return err
	}
	r.Fields = out.fields[d.fields:len(out.fields):len(out.fields)]
	return nil
}

// fragment decodes a piece of binary XML.
func (d *decoder) fragment(pos, end int, in place, depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	for pos < end && !d.unwanted {
		switch d.b[pos] {
		case 0x00:
			return nil
		case 0x0f:
			pos += 4
		case 0x0c:
			var err error
			if pos, err = d.instance(pos, end, in, depth); err != nil {
				return err
			}
		default:
			return d.literal(pos, end, in, depth)
		}
	}
	return nil
}

// literal decodes binary XML that is written out, without a template.
func (d *decoder) literal(pos, end int, in place, depth int) error {
	base := len(d.ops)
	c := compiler{b: d.b, pos: pos, end: end, ops: d.ops, budget: &d.budget}
	if err := d.charge(64 + (end-pos)/4); err != nil {
		return err
	}
	if _, err := c.content(in, 0, 0); err != nil {
		return err
	}
	d.ops = c.ops
	err := d.run(c.ops[base:], nil, depth)
	d.ops = d.ops[:base]
	return err
}

// instance decodes one use of a template, and returns where it ends.
func (d *decoder) instance(pos, end int, in place, depth int) (int, error) {
	if depth > maxDepth {
		return 0, errDepth
	}
	if end-pos < 14 {
		return 0, errEnds
	}
	off := binary.LittleEndian.Uint32(d.b[pos+6:])
	e, known := d.plans.entry(off, in)
	if !known {
		if err := d.define(e, off, in); err != nil {
			return 0, err
		}
	}
	p := pos + 10
	if int(off) == p {
		p = e.next // the definition stands here
	}
	at, count, err := listAt(d.b, p, end)
	if err != nil {
		return 0, err
	}
	plan := e.plan // e may be reused by nested templates
	if err := d.charge(64); err != nil {
		return 0, err
	}
	// Sizes are summed up only as far as the event id first: most records
	// of a Security log end here.
	data := at + 4*count
	early := depth == 0 && !d.judged && plan.eventID >= 0
	if early {
		if no, err := d.refused(plan, at, count, data, end); no || err != nil {
			d.unwanted = no
			return end, err
		}
	}
	base := len(d.vals)
	d.vals = slices.Grow(d.vals, count)[:base+count]
	vals := d.vals[base:]
	list := d.b[at:data]
	for i := range vals {
		v := le32(list[4*i:]) // size, type, and a byte of nothing
		from := int32(data)
		data += int(v & 0xffff)
		vals[i] = value{from, int32(data), byte(v >> 16)}
	}
	if data > end {
		return 0, errSizes
	}
	if early && d.known && plan.channel >= 0 {
		if err := d.judge(plan, vals, depth); d.unwanted || err != nil {
			return end, err
		}
	}
	err = d.run(plan.ops, vals, depth)
	d.vals = d.vals[:base]
	return data, err
}

// refused asks the filter by the event id alone.
func (d *decoder) refused(plan *plan, at, count, data, end int) (bool, error) {
	o := &plan.ops[plan.eventID]
	id, ok := uint64(0), false
	switch {
	case o.sub >= 0 && int(o.sub) < count:
		for range o.sub {
			data += int(binary.LittleEndian.Uint16(d.b[at:]))
			at += 4
		}
		size := int(binary.LittleEndian.Uint16(d.b[at:]))
		if data+size > end {
			return false, errSizes
		}
		if id, ok = number(d.b[at+2], d.b[data:data+size]); !ok {
			return false, nil // an unusual form; it is judged when it is decoded
		}
	case o.sub < 0:
		id, ok = parseNumber(o.lit)
	}
	if !ok || id > math.MaxUint32 || o.dep >= 0 && o.dep != o.sub {
		return false, nil
	}
	d.rec.EventID, d.known = uint32(id), true
	return !d.filter(nil, d.rec.EventID), nil
}

// judge asks the filter by channel and event id.
func (d *decoder) judge(plan *plan, vals []value, depth int) error {
	i := plan.channel
	if err := d.run(plan.ops[i:i+1], vals, depth); err != nil {
		return err
	}
	d.judged = true
	d.unwanted = !d.filter(d.rec.Channel, d.rec.EventID)
	return nil
}

// define finds or compiles the template that is defined at off.
func (d *decoder) define(e *chunkPlan, off uint32, in place) error {
	b := d.b
	if off < chunkHeaderSize || int64(off)+definitionOverhead > int64(len(b)) {
		return errDefined
	}
	pos := int(off) + definitionOverhead
	size := binary.LittleEndian.Uint32(b[off+20:])
	if size > uint32(len(b)-pos) {
		return errDefined
	}
	end := pos + int(size)
	k := cacheKey{guid: [16]byte(b[off+4 : off+20]), in: in}
	p := d.cache.find(k, b, pos, end)
	if p == nil {
		c := compiler{b: b, pos: pos, end: end, mark: pos, budget: &d.budget, template: true, portable: true}
		if err := d.charge(256 + int(size)/4); err != nil {
			return err
		}
		if _, err := c.content(in, 0, 0); err != nil {
			return err
		}
		c.vary(step{})
		p = &plan{ops: c.ops, steps: c.steps, weight: c.weight, eventID: -1, channel: -1}
		for i := len(p.ops) - 1; i >= 0; i-- {
			switch o := &p.ops[i]; {
			case o.do == setEventID && o.parts == nil:
				p.eventID = int32(i)
			case o.do == setChannel:
				p.channel = int32(i)
			}
		}
		if c.portable {
			d.cache.add(k, p)
		}
	}
	*e = chunkPlan{off: off, round: d.plans.round, in: in, next: end, plan: p}
	return nil
}
