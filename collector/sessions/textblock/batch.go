package textblock

import (
	"unsafe"

	"splameter/collector/sessions/record"
)

// maxBatch is how many bytes a worker keeps of what it found in a block of
// 256 KiB. Events of the usual 150 bytes and more take some 800 KiB; a block that
// is nothing but tiny broken rows would take 60 MiB.
const maxBatch = 4 << 20

// finds takes what a worker finds in a block, up to maxBatch bytes.
type finds struct {
	part record.Batch
	over bool // it was too much: nothing is kept, and the block must be parsed again
}

// newFinds shares h's work with a worker, where h lets it.
func newFinds(h record.Handler) finds {
	if s, ok := h.(record.BatchHandler); ok {
		return finds{part: s.NewBatch()}
	}
	return finds{part: &batch{to: h}}
}

func (f *finds) reset() {
	f.part.Reset()
	f.over = false
}

// Record implements record.Handler.
func (f *finds) Record(r *record.Record) {
	if !f.over {
		f.part.Record(r)
		f.bound()
	}
}

// Damaged implements record.Handler.
func (f *finds) Damaged(d record.Damage) {
	if !f.over {
		f.part.Damaged(d)
		f.bound()
	}
}

func (f *finds) bound() {
	if f.part.Size() > maxBatch {
		f.over = true
		f.part.Reset() // at once: a file of such blocks holds several
	}
}

// batch keeps records and damages for a Handler that shares no work. It
// copies, since the records are the parser's.
type batch struct {
	to      record.Handler
	items   []item
	fields  []record.Field
	damages []record.Damage
	bytes   []byte

	size int // bytes kept
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

// Reset implements record.Part.
func (b *batch) Reset() {
	if b.size > maxBatch {
		*b = batch{to: b.to} // another block will not need as much
		return
	}
	clear(b.damages) // their texts are strings of their own
	b.items, b.fields, b.damages, b.bytes = b.items[:0], b.fields[:0], b.damages[:0], b.bytes[:0]
	b.size = 0
}

// Size implements record.Part.
func (b *batch) Size() int { return b.size }

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
	b.size += n
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
	b.size += itemSize + damageSize + len(d.What)
	b.damages = append(b.damages, d)
	b.items = append(b.items, item{damage: len(b.damages)})
}

// Deliver implements record.Part.
func (b *batch) Deliver() {
	for i := range b.items {
		it := &b.items[i]
		if it.damage > 0 {
			b.to.Damaged(b.damages[it.damage-1])
			continue
		}
		it.rec.Fields = b.fields[it.from:it.to:it.to]
		b.to.Record(&it.rec)
	}
}
