package textblock

import (
	"unsafe"

	"splameter/collector/sessions/record"
)

// maxBatch is how many bytes a worker keeps of what it found in a block of
// 128 KiB. Events of the usual 150 bytes and more take some 400 KiB; a block that
// is nothing but tiny broken rows would take 30 MiB.
const maxBatch = 2 << 20

// batch keeps what a worker found in a block until its turn to be delivered.
// It is a record.Handler that copies, since the records are the parser's.
type batch struct {
	items   []item
	fields  []record.Field
	damages []record.Damage
	bytes   []byte

	size int  // bytes kept
	over bool // it was too much: nothing is kept, and the block must be parsed again
}

// item is a record with its fields' place, or, with a nonzero damage, the
// damage of that number.
type item struct {
	rec      record.Record
	from, to int
	damage   int
}

const (
	itemSize   = int(unsafe.Sizeof(item{}))
	fieldSize  = int(unsafe.Sizeof(record.Field{}))
	damageSize = int(unsafe.Sizeof(record.Damage{}))
)

func (b *batch) reset() {
	clear(b.damages) // their texts are strings of their own
	b.items, b.fields, b.damages, b.bytes = b.items[:0], b.fields[:0], b.damages[:0], b.bytes[:0]
	b.size, b.over = 0, false
}

// fits takes n bytes more into account, and says whether they may be kept.
func (b *batch) fits(n int) bool {
	if b.over {
		return false
	}
	if b.size += n; b.size > maxBatch {
		*b = batch{over: true} // at once: a file of such blocks holds several
		return false
	}
	return true
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
	n := itemSize + len(r.Fields)*fieldSize + len(r.Provider) + len(r.Channel) + len(r.Computer) + len(r.ActivityID)
	for i := range r.Fields {
		n += len(r.Fields[i].Name) + len(r.Fields[i].Value)
	}
	if !b.fits(n) {
		return
	}
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
	if !b.fits(itemSize + damageSize + len(d.What)) {
		return
	}
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
