package evtx

import (
	"bytes"
	"strconv"

	"splameter/collector/sessions/record"
)

// run sends the values of a template, or literal text, to their places.
func (d *decoder) run(ops []op, vals []value, depth int) error {
	if err := d.charge(64 * len(ops)); err != nil {
		return err
	}
	for i := range ops {
		o := &ops[i]
		if o.dep >= 0 && absent(o, vals) {
			continue
		}
		var err error
		switch o.do {
		case setField:
			// Most fields are text or a number, under a constant name.
			if o.sub >= 0 && int(o.sub) < len(vals) && o.nameParts == nil {
				if v := vals[o.sub]; v.typ == typeString || v.typ == typeU32 {
					text, err := d.valueText(v)
					if err != nil {
						return err
					}
					d.out.fields = append(d.out.fields, record.Field{Name: o.name, Value: text})
					continue
				}
			}
			err = d.field(o, vals, depth)
		case setNumbered:
			err = d.field(o, vals, depth)
		case descend:
			err = d.descend(o, vals, depth)
		case openElement:
			if o.end > o.at {
				_, err = d.instance(int(o.at), int(o.end), o.in, depth+1)
			}
		case setChannel:
			if d.rec.Channel == nil { // it may have been looked at first
				err = d.system(o, vals)
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
	if len(out) == n {
		return []byte{}, nil // present, and empty
	}
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
	size := fixedSize(typ)
	if typ == typeSize { // of the machine that wrote the log
		if size = 4; len(raw)%8 == 0 {
			size = 8
		}
	}
	for len(raw) > 0 {
		n := len(raw)
		switch {
		case size > 0:
			n = size
		case typ == typeString:
			n = len(raw) &^ 1
			for i := 0; i+2 <= len(raw); i += 2 {
				if raw[i]|raw[i+1] == 0 {
					n = i + 2
					break
				}
			}
		case typ == typeANSI:
			if i := bytes.IndexByte(raw, 0); i >= 0 {
				n = i + 1
			}
		case typ == typeSID:
			n = 8
			if len(raw) >= n {
				n += 4 * int(raw[1])
			}
		}
		if n == 0 || n > len(raw) { // the last item is cut, or half a character
			return errValue
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
