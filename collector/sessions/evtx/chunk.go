package evtx

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"splameter/collector/sessions/record"
)

const (
	recordMagic = 0x2a2a
	noRecord    = ^uint64(0) // record numbers of an empty chunk
	// maxDamages bounds what one chunk may report one by one; the rest is summed up.
	maxDamages = 16
)

// batch is what was decoded of one or a few chunks. Records point into its
// arena and fields, or into templates, until it is filled again.
type batch struct {
	records []record.Record
	fields  []record.Field
	arena   []byte
	damages []record.Damage

	chunks, walked int
	first, last    Mark
	spans          []Span

	chunkDamages, muted, mutedLost int // of the chunk at hand
}

func (b *batch) reset() {
	// A hostile chunk may have blown up the buffers; do not keep them so.
	if cap(b.arena) > 4<<20 {
		b.arena = nil
	}
	if cap(b.fields) > 1<<16 {
		b.fields = nil
	}
	clear(b.damages)
	*b = batch{records: b.records[:0], fields: b.fields[:0], arena: b.arena[:0], damages: b.damages[:0], spans: b.spans[:0]}
}

func (b *batch) damage(d record.Damage) {
	if b.chunkDamages++; b.chunkDamages > maxDamages {
		b.muted++
		b.mutedLost += d.Lost
		return
	}
	b.damages = append(b.damages, d)
}

// endChunk sums up the damages that were too many to list.
func (b *batch) endChunk(off int64) {
	if b.muted > 0 {
		b.damages = append(b.damages, record.Damage{Offset: off, Lost: b.mutedLost,
			What: fmt.Sprintf("this chunk has %d more damages of the kinds told above", b.muted)})
	}
	b.chunkDamages, b.muted, b.mutedLost = 0, 0, 0
}

func (b *batch) emptySlot(off int64, slots int64) {
	what := "a chunk is all zero although chunks follow it; its events are missing"
	if slots > 1 {
		what = fmt.Sprintf("%d chunks are all zero although chunks follow them; their events are missing", slots)
	}
	b.damages = append(b.damages, record.Damage{Offset: off, What: what})
}

func (b *batch) count(id uint64, ticks int64) {
	if b.walked == 0 || id < b.first.ID {
		b.first = Mark{id, ticks}
	}
	if b.walked == 0 || id > b.last.ID {
		b.last = Mark{id, ticks}
	}
	b.walked++
	if n := len(b.spans); n > 0 && b.spans[n-1].Last.ID+1 == id {
		b.spans[n-1].Last = Mark{id, ticks}
		return
	}
	b.spans = append(b.spans, Span{Mark{id, ticks}, Mark{id, ticks}})
}

// chunkHeader is what a chunk says of itself.
type chunkHeader struct {
	lastID     uint64
	records    uint64 // by its record numbers; 0 where they make no sense
	free       int    // where its records end
	sound      bool   // its checksum is right
	dataSum    uint32
	signature  bool
	freeInside bool
}

func readChunkHeader(p []byte) chunkHeader {
	le := binary.LittleEndian
	h := chunkHeader{signature: bytes.HasPrefix(p, chunkMagic), lastID: le.Uint64(p[32:]), dataSum: le.Uint32(p[52:])}
	sum := crc32.Update(crc32.ChecksumIEEE(p[:120]), crc32.IEEETable, p[128:chunkHeaderSize])
	h.sound = sum == le.Uint32(p[124:])
	if first, last := le.Uint64(p[8:]), le.Uint64(p[16:]); last != noRecord && last-first < chunkSize/minRecord {
		h.records = last - first + 1
	}
	free := le.Uint32(p[48:])
	h.freeInside = free >= chunkHeaderSize && free <= chunkSize
	h.free = int(min(free, chunkSize))
	return h
}

// chunk decodes the chunk p, which lies at off in the file and is shorter than
// chunkSize where the file is cut off. Records end at the free-space offset:
// what lies behind it is left from earlier use of the chunk, and no evidence.
func (d *decoder) chunk(p []byte, off int64, b *batch) {
	defer b.endChunk(off)
	if len(p) < chunkHeaderSize {
		b.damage(record.Damage{Offset: off, What: fmt.Sprintf("the file is cut off inside the header of its last chunk: %d of 65,536 bytes are there; the events of this chunk are missing", len(p))})
		return
	}
	h := readChunkHeader(p)
	limit := min(h.free, len(p))
	if !h.freeInside {
		limit = len(p)
	}
	cut := len(p) < chunkSize && (h.free > len(p) || !h.freeInside)
	dataSound := !cut && h.freeInside && crc32.ChecksumIEEE(p[chunkHeaderSize:limit]) == h.dataSum
	switch {
	case !h.signature && dataSound:
		b.damage(record.Damage{Offset: off, GoesOn: true, What: "the chunk does not begin with ElfChnk; its records have the right checksum and were read all the same"})
	case !h.signature:
		lost := 0
		walk(p, chunkHeaderSize, len(p), func(int, int) { lost++ })
		b.damage(record.Damage{Offset: off, Lost: lost, What: "this part of the file is no chunk: it does not begin with ElfChnk and its checksum is wrong; nothing was read from it"})
		return
	case !h.freeInside:
		b.damage(record.Damage{Offset: off, What: fmt.Sprintf("the chunk says that its records end outside of it, at byte %d; they were read as far as they are in order", binary.LittleEndian.Uint32(p[48:]))})
	case !h.sound && !cut:
		b.damage(record.Damage{Offset: off, GoesOn: true, What: "the checksum of the chunk's header is wrong; its records were read all the same"})
	}
	if h.signature && h.freeInside && !cut && !dataSound {
		b.damage(record.Damage{Offset: off, GoesOn: true, What: "the checksum of the chunk's records is wrong; those that are whole were read all the same, and may be altered"})
	}
	b.chunks++
	d.begin(p[:limit], b)
	before := b.walked
	at, last := d.records(p, limit, off, cut, dataSound || h.sound && h.freeInside, b)
	if at >= limit && !cut {
		if len(p) < chunkSize {
			b.damage(record.Damage{Offset: off + int64(len(p)), What: "the file is cut off behind the last record of this chunk; if chunks followed, their events are missing"})
		}
		return
	}
	// The framing was lost for good, or the chunk is cut off.
	lost := 0
	if got := uint64(b.walked - before); h.sound && h.records > got {
		lost = int(h.records - got)
		if b.walked > before && h.lastID-last < h.records { // what was lost in between has been told
			lost = int(h.lastID - last)
		}
	}
	what := "the records of this chunk cannot be followed any further from here; the rest of its events is missing"
	if cut {
		what = fmt.Sprintf("the file is cut off inside this chunk: %d of 65,536 bytes are there; its whole records were read, the rest of its events is missing", len(p))
	}
	b.damage(record.Damage{Offset: off + int64(at), Lost: lost, What: what})
}

// records decodes the records of p up to limit and returns where it had to
// stop and the number of the last record it saw. trusted says that
// limit is; without it, numbers that do not rise end the chunk, because they
// tell of older records.
func (d *decoder) records(p []byte, limit int, off int64, cut, trusted bool, b *batch) (at int, last uint64) {
	le := binary.LittleEndian
	seen := false
	at = chunkHeaderSize
	for at < limit {
		n, ok := frame(p, at, limit)
		if ok && !trusted && seen && le.Uint64(p[at+8:]) <= last {
			break
		}
		if !ok {
			if cut && at+8 <= limit && le.Uint32(p[at:]) == recordMagic && int64(at)+int64(le.Uint32(p[at+4:])) > int64(limit) {
				break // the record that the cut went through
			}
			next := resync(p, at+1, limit, last, seen && !trusted)
			if next < 0 {
				break
			}
			gap := 0
			if id := le.Uint64(p[next+8:]); seen && id-last-1 <= uint64(next-at)/minRecord {
				gap = int(id - last - 1)
			}
			b.damage(record.Damage{Offset: off + int64(at), Lost: gap, GoesOn: true,
				What: fmt.Sprintf("%d bytes of this chunk are no record; reading goes on at byte %d", next-at, off+int64(next))})
			at = next
			continue
		}
		id, ticks := le.Uint64(p[at+8:]), int64(le.Uint64(p[at+16:]))
		last, seen = id, true
		b.count(id, ticks)
		if err := d.record(at, at+n-4, id, ticks); err != nil {
			b.damage(record.Damage{Offset: off + int64(at), Record: id, Lost: 1, GoesOn: true, What: "this record cannot be decoded: " + err.Error()})
		}
		at += n
	}
	return at, last
}

// frame is the size of the record at p[at:], if it is whole: its signature and
// both copies of its size are right.
func frame(p []byte, at, limit int) (int, bool) {
	if limit-at < minRecord || binary.LittleEndian.Uint32(p[at:]) != recordMagic {
		return 0, false
	}
	n := binary.LittleEndian.Uint32(p[at+4:])
	if n < minRecord || n > uint32(limit-at) || binary.LittleEndian.Uint32(p[at+int(n)-4:]) != n {
		return 0, false
	}
	return int(n), true
}

// resync looks for the next whole record with a higher number than last.
func resync(p []byte, from, limit int, last uint64, seen bool) int {
	for from < limit {
		i := bytes.Index(p[from:limit], []byte{0x2a, 0x2a, 0, 0})
		if i < 0 {
			return -1
		}
		from += i
		if _, ok := frame(p, from, limit); ok && (!seen || binary.LittleEndian.Uint64(p[from+8:]) > last) {
			return from
		}
		from++
	}
	return -1
}

// walk calls each for every whole record in a row.
func walk(p []byte, at, limit int, each func(at, n int)) {
	for at < limit {
		n, ok := frame(p, at, limit)
		if !ok {
			return
		}
		each(at, n)
		at += n
	}
}
