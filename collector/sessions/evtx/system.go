package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
)

// system sends a text to the record's own attributes.
func (d *decoder) system(o *op, vals []value) error {
	var v value // stays null where the text is constant or composed
	if o.sub >= 0 && int(o.sub) < len(vals) {
		v = vals[o.sub]
	}
	raw := d.b[v.at:v.end]
	switch o.do {
	case setProvider, setChannel, setComputer:
		text, err := d.seldom(o, vals, v)
		if err != nil {
			return err
		}
		switch o.do {
		case setProvider:
			d.rec.Provider = text
		case setChannel:
			d.rec.Channel = text
		default:
			d.rec.Computer = text
		}
	case setEventID, setRecordID:
		n, ok := number(v.typ, raw)
		if !ok {
			text, err := d.text(o, vals)
			if err != nil {
				return err
			}
			if len(text) == 0 {
				return nil
			}
			if n, ok = parseNumber(text); !ok {
				return errValue
			}
		}
		if o.do == setRecordID {
			d.rec.ID = n
			return nil
		}
		if n > math.MaxUint32 {
			return errValue
		}
		d.rec.EventID, d.known = uint32(n), true
	case setTime:
		switch {
		case v.typ == typeFileTime && len(raw) == 8:
			d.rec.Ticks = int64(binary.LittleEndian.Uint64(raw))
		case v.typ == typeSysTime:
			ticks, ok := systemTime(raw)
			if !ok {
				return errValue
			}
			d.rec.Ticks = ticks
		default:
			text, err := d.text(o, vals)
			if err != nil {
				return err
			}
			if len(text) == 0 {
				return nil // the header's time stands
			}
			ticks, ok := parseTicks(text)
			if !ok {
				return errTime
			}
			d.rec.Ticks = ticks
		}
	case setActivity:
		if v.typ == typeGUID && len(raw) == 16 {
			n := len(d.out.arena)
			d.out.arena = appendGUID(d.out.arena, raw)
			d.rec.ActivityID = d.out.arena[n:len(d.out.arena):len(d.out.arena)]
			return nil
		}
		text, err := d.text(o, vals)
		if err != nil {
			return err
		}
		d.rec.ActivityID = bytes.ToUpper(bytes.Trim(text, "{} "))
	}
	return nil
}

// maxTexts bounds how many names of providers, channels and hosts are kept.
const maxTexts = 4096

// seldom is the text of an op whose value is mostly that of the record before.
func (d *decoder) seldom(o *op, vals []value, v value) ([]byte, error) {
	raw := d.b[v.at:v.end]
	if v.typ != typeString || len(raw) > 1024 {
		return d.text(o, vals)
	}
	if o.memo != nil && bytes.Equal(o.memo.raw, raw) {
		return o.memo.text, nil
	}
	m := d.texts[string(raw)]
	if m == nil {
		if len(d.texts) >= maxTexts {
			return d.text(o, vals)
		}
		if d.texts == nil {
			d.texts = map[string]*memo{}
		}
		// Never written again: records of an undelivered batch point at it.
		m = &memo{raw: bytes.Clone(raw), text: appendUTF16([]byte{}, raw)}
		d.texts[string(raw)] = m
	}
	o.memo = m
	return m.text, nil
}
