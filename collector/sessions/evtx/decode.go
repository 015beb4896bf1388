package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"splameter/collector/sessions/record"
)

// chunkBudget bounds what one chunk may unfold to, in bytes or so: templates
// can repeat a value as often as they like. An honest chunk needs a tenth.
const chunkBudget = 8 << 20

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

	rec      record.Record
	end      int // of the record at hand
	fields   int // where its fields begin in out
	numbered int // its Data elements without a name
	judged   bool
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
	d.rec = record.Record{ID: id, Ticks: ticks}
	d.end, d.fields, d.numbered = end, len(d.out.fields), 0
	d.judged, d.unwanted = d.filter == nil, false
	d.vals, d.ops = d.vals[:0], d.ops[:0]
	err := d.fragment(at+recordHeader, end, inDocument, 0)
	r := &d.rec
	if err == nil && !d.judged && !d.unwanted {
		d.unwanted = !d.filter(nil, r.EventID) || !d.filter(r.Channel, r.EventID)
	}
	if err != nil || d.unwanted {
		d.out.fields = d.out.fields[:d.fields]
		return err
	}
	r.Fields = d.out.fields[d.fields:len(d.out.fields):len(d.out.fields)]
	d.out.records = append(d.out.records, *r)
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
	for range count {
		size := int(binary.LittleEndian.Uint16(d.b[at:]))
		d.vals = append(d.vals, value{int32(data), int32(data + size), d.b[at+2]})
		data += size
		at += 4
	}
	if data > end {
		return 0, errSizes
	}
	vals := d.vals[base:]
	if early && plan.channel >= 0 {
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
	id, ok := uint64(0), true
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
		if typ := d.b[at+2]; typ != typeNull {
			if id, ok = number(typ, d.b[data:data+size]); !ok {
				return false, errValue
			}
		}
	case o.sub < 0:
		if id, ok = parseNumber(o.lit); !ok {
			return false, errValue
		}
	}
	if id > math.MaxUint32 {
		return false, errValue
	}
	d.rec.EventID = uint32(id)
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

// run sends the values of a template, or literal text, to their places.
func (d *decoder) run(ops []op, vals []value, depth int) error {
	for i := range ops {
		o := &ops[i]
		if o.dep >= 0 && absent(o, vals) {
			continue
		}
		if err := d.charge(64); err != nil {
			return err
		}
		var err error
		switch o.do {
		case setField, setNumbered:
			err = d.field(o, vals, depth)
		case descend:
			err = d.descend(o, vals, depth)
		case openElement:
			if o.end > o.at {
				_, err = d.instance(int(o.at), int(o.end), o.in, depth+1)
			}
		default:
			err = d.system(o, vals)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// absent tells whether an element is left out, because it, or one around it,
// depends on a value that is null.
func absent(o *op, vals []value) bool {
	if int(o.dep) < len(vals) && vals[o.dep].typ == typeNull {
		return true
	}
	for _, dep := range o.deps {
		if int(dep) < len(vals) && vals[dep].typ == typeNull {
			return true
		}
	}
	return false
}

func (d *decoder) descend(o *op, vals []value, depth int) error {
	if int(o.sub) >= len(vals) {
		return nil
	}
	v := vals[o.sub]
	if v.typ == typeXML {
		return d.fragment(int(v.at), int(v.end), o.in, depth+1)
	}
	if o.in == inEventData && v.typ != typeNull {
		loose := op{do: setNumbered, in: inFields, sub: o.sub, dep: -1}
		return d.field(&loose, vals, depth)
	}
	return nil
}

// text is the op's text; a single constant is not copied.
func (d *decoder) text(o *op, vals []value) ([]byte, error) {
	if o.sub < 0 && o.parts == nil {
		return o.lit, nil
	}
	if o.parts != nil {
		return d.join(o.parts, vals)
	}
	if int(o.sub) >= len(vals) {
		return nil, nil
	}
	return d.valueText(vals[o.sub])
}

func (d *decoder) valueText(v value) ([]byte, error) {
	raw := d.b[v.at:v.end]
	if err := d.charge(len(raw)); err != nil {
		return nil, err
	}
	out := d.out.arena
	n := len(out)
	var err error
	if v.typ == typeString {
		out = appendUTF16(out, raw)
	} else if out, err = appendValue(out, v.typ, raw); err != nil {
		return nil, err
	}
	d.out.arena = out
	return out[n:len(out):len(out)], nil
}

// join writes parts one after another.
func (d *decoder) join(parts []part, vals []value) ([]byte, error) {
	n := len(d.out.arena)
	for _, p := range parts {
		if p.sub < 0 {
			if err := d.charge(len(p.lit)); err != nil {
				return nil, err
			}
			d.out.arena = append(d.out.arena, p.lit...)
		} else if int(p.sub) < len(vals) {
			if vals[p.sub].typ == typeXML || vals[p.sub].typ&typeArray != 0 {
				return nil, errType
			}
			if _, err := d.valueText(vals[p.sub]); err != nil {
				return nil, err
			}
		}
	}
	return d.out.arena[n:len(d.out.arena):len(d.out.arena)], nil
}

// addField adds a field under the op's name.
func (d *decoder) addField(o *op, vals []value, text []byte) error {
	name := o.name
	switch {
	case o.do == setNumbered:
		d.numbered++
		n := len(d.out.arena)
		d.out.arena = strconv.AppendInt(append(d.out.arena, "Data"...), int64(d.numbered), 10)
		name = d.out.arena[n:len(d.out.arena):len(d.out.arena)]
	case o.nameParts != nil:
		var err error
		if name, err = d.join(o.nameParts, vals); err != nil {
			return err
		}
	}
	if text == nil {
		text = []byte{} // present, and empty
	}
	d.out.fields = append(d.out.fields, record.Field{Name: name, Value: text})
	return nil
}

func (d *decoder) field(o *op, vals []value, depth int) error {
	if o.sub >= 0 && int(o.sub) < len(vals) {
		switch v := vals[o.sub]; {
		case v.typ == typeXML:
			return d.fragment(int(v.at), int(v.end), o.in, depth+1)
		case v.typ&typeArray != 0:
			return d.array(o, vals, v)
		}
	}
	text, err := d.text(o, vals)
	if err != nil {
		return err
	}
	return d.addField(o, vals, text)
}

// array adds a field for each item: Windows repeats the element.
func (d *decoder) array(o *op, vals []value, v value) error {
	raw, typ := d.b[v.at:v.end], v.typ&^typeArray
	for len(raw) > 0 {
		n := len(raw)
		switch size := fixedSize(typ); {
		case size > 0:
			if n = size; n > len(raw) {
				return errValue
			}
		case typ == typeString:
			n = len(raw) &^ 1
			for i := 0; i+2 <= len(raw); i += 2 {
				if raw[i]|raw[i+1] == 0 {
					n = i + 2
					break
				}
			}
			if n == 0 {
				return errValue
			}
		case typ == typeANSI:
			if i := bytes.IndexByte(raw, 0); i >= 0 {
				n = i + 1
			}
		case typ == typeSID:
			if len(raw) < 8 || 8+4*int(raw[1]) > len(raw) {
				return errValue
			}
			n = 8 + 4*int(raw[1])
		case typ == typeSize && len(raw)%8 == 0:
			n = 8
		case typ == typeSize:
			n = 4
		}
		if err := d.charge(64); err != nil {
			return err
		}
		at := v.end - int32(len(raw))
		text, err := d.valueText(value{at, at + int32(n), typ})
		if err != nil {
			return err
		}
		if err := d.addField(o, vals, text); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return nil
}
