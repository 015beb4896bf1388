package textblock

import "splameter/collector/sessions/record"

// batch keeps what a worker found in a block until its turn to be delivered.
// It is a record.Handler that copies, since the records are the parser's.
type batch struct {
	items   []item
	fields  []record.Field
	damages []record.Damage
	bytes   []byte
}

// item is a record with its fields' place, or, with a nonzero damage, the
// damage of that number.
type item struct {
	rec      record.Record
	from, to int
	damage   int
}

func (b *batch) reset() {
	b.items, b.fields, b.damages, b.bytes = b.items[:0], b.fields[:0], b.damages[:0], b.bytes[:0]
}

func (b *batch) keep(v []byte) []byte {
	if v == nil {
		return nil
	}
	if cap(b.bytes)-len(b.bytes) < len(v) {
		// The old piece lives on as long as records point into it.
		b.bytes = make([]byte, 0, max(64<<10, 2*cap(b.bytes), len(v)))
	}
	n := len(b.bytes)
	b.bytes = append(b.bytes, v...)
	return b.bytes[n:len(b.bytes):len(b.bytes)]
}

// Record implements record.Handler.
func (b *batch) Record(r *record.Record) {
	it := item{rec: *r, from: len(b.fields)}
	it.rec.Provider, it.rec.Channel = b.keep(r.Provider), b.keep(r.Channel)
	it.rec.Computer, it.rec.ActivityID = b.keep(r.Computer), b.keep(r.ActivityID)
	for _, f := range r.Fields {
		b.fields = append(b.fields, record.Field{Name: b.keep(f.Name), Value: b.keep(f.Value)})
	}
	it.to = len(b.fields)
	b.items = append(b.items, it)
}

// Damaged implements record.Handler.
func (b *batch) Damaged(d record.Damage) {
	b.damages = append(b.damages, d)
	b.items = append(b.items, item{damage: len(b.damages)})
}

func (b *batch) deliver(h record.Handler) {
	for i := range b.items {
		it := &b.items[i]
		if it.damage > 0 {
			h.Damaged(b.damages[it.damage-1])
			continue
		}
		it.rec.Fields = b.fields[it.from:it.to:it.to]
		h.Record(&it.rec)
	}
}
