package evtxtest

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"iter"
	"os"
	"slices"
)

const (
	// ChunkSize is the size of a chunk; HeaderSize that of what precedes the first.
	ChunkSize, HeaderSize = 65536, 4096

	chunkHeader = 512
)

// Options change the file around the events.
type Options struct {
	// Dirty writes the header of a copied live log: flag 1, and the counts of
	// an earlier moment, when there was one chunk.
	Dirty bool
	// SpareSlots is the number of empty chunks at the end, as Windows
	// allocates ahead.
	SpareSlots int
	// Ring moves this many chunks from the front to the end, as in a full log
	// that went round. Log only.
	Ring int
}

// Written says what a log holds.
type Written struct {
	Records, Chunks int
	Bytes           int64
}

// Log is a log of the events, in their order. Events that cannot be written
// (too great for a chunk) panic: a test's own mistake.
func Log(events []Event, opt Options) []byte {
	log := make([]byte, HeaderSize)
	w := writer{emit: func(chunk []byte) error { log = append(log, chunk...); return nil }}
	for i := range events {
		if err := w.add(&events[i]); err != nil {
			panic(err)
		}
	}
	if err := w.finish(); err != nil {
		panic(err)
	}
	if n := opt.Ring * ChunkSize; n > 0 && n < len(log)-HeaderSize {
		log = slices.Concat(log[:HeaderSize], log[HeaderSize+n:], log[HeaderSize:HeaderSize+n])
	}
	copy(log, w.header(opt))
	return append(log, make([]byte, opt.SpareSlots*ChunkSize)...)
}

// Write writes the events to a file, one chunk in memory at a time; an event
// may be used again by the sequence once it has been taken.
func Write(path string, events iter.Seq[*Event], opt Options) (Written, error) {
	if opt.Ring != 0 {
		return Written{}, fmt.Errorf("write %s: a ring is written by Log only", path)
	}
	f, err := os.Create(path)
	if err != nil {
		return Written{}, err
	}
	defer f.Close()
	at := int64(HeaderSize)
	w := writer{emit: func(chunk []byte) error {
		_, err := f.WriteAt(chunk, at)
		at += ChunkSize
		return err
	}}
	for e := range events {
		if err := w.add(e); err != nil {
			return Written{}, err
		}
	}
	if err := w.finish(); err != nil {
		return Written{}, err
	}
	head := make([]byte, HeaderSize)
	copy(head, w.header(opt))
	if _, err := f.WriteAt(head, 0); err != nil {
		return Written{}, err
	}
	at += int64(opt.SpareSlots) * ChunkSize
	if err := f.Truncate(at); err != nil {
		return Written{}, err
	}
	return Written{w.records, w.chunks, at}, f.Close()
}

// writer fills chunks and passes each on when it is full.
type writer struct {
	emit            func([]byte) error
	buf             []byte // the chunk; nil before the first event
	names           names
	first, last     uint64
	lastAt, count   int
	records, chunks int
	lastID, stale   uint64
	outer           map[outerKey]*template
	inner           map[string]*template
	keyBuf          []byte
}

// add writes an event, in a new chunk if it does not fit into this one.
func (w *writer) add(e *Event) error {
	for {
		if w.buf == nil {
			w.buf = make([]byte, chunkHeader, ChunkSize+4096)
			w.names.reset(w.chunks)
		} else if len(w.buf) == 0 {
			w.buf = w.buf[:chunkHeader]
		}
		at := len(w.buf)
		w.names.mark()
		b := binary.LittleEndian.AppendUint32(w.buf, 0x2a2a)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint64(b, e.ID)
		b = binary.LittleEndian.AppendUint64(b, uint64(e.Ticks))
		if e.Literal {
			b = w.literal(b, e)
		} else {
			b = w.instance(b, e)
		}
		b = append(b, 0)
		for (len(b)-at)%8 != 4 {
			b = append(b, 0)
		}
		size := len(b) - at + 4
		b = binary.LittleEndian.AppendUint32(b, uint32(size))
		binary.LittleEndian.PutUint32(b[at+4:], uint32(size))
		if len(b) < ChunkSize { // never to the last byte: Windows does not either
			w.buf = b
			if w.count == 0 {
				w.first = e.ID
			}
			w.count++
			w.last, w.lastAt = e.ID, at
			return nil
		}
		if w.count == 0 {
			return fmt.Errorf("event %d does not fit into a chunk", e.ID)
		}
		w.buf = b[:at]
		w.names.rollBack()
		if err := w.finish(); err != nil {
			return err
		}
	}
}

// finish closes the present chunk, if there is one.
func (w *writer) finish() error {
	if w.count == 0 {
		return nil
	}
	free := len(w.buf)
	b := w.buf[:ChunkSize]
	clear(b[free:])
	le := binary.LittleEndian
	clear(b[:chunkHeader])
	copy(b, "ElfChnk\x00")
	le.PutUint64(b[8:], uint64(w.records+1))
	le.PutUint64(b[16:], uint64(w.records+w.count))
	le.PutUint64(b[24:], w.first)
	le.PutUint64(b[32:], w.last)
	le.PutUint32(b[40:], 128)
	le.PutUint32(b[44:], uint32(w.lastAt))
	le.PutUint32(b[48:], uint32(free))
	le.PutUint32(b[52:], crc32.ChecksumIEEE(b[chunkHeader:free]))
	le.PutUint32(b[120:], 1)
	w.names.tables(b[128:chunkHeader])
	Seal(b)
	w.records += w.count
	w.chunks++
	w.lastID = w.last
	if w.chunks == 1 {
		w.stale = w.first + (w.last-w.first)/3 + 1
	}
	w.count = 0
	w.buf = w.buf[:0]
	w.names.reset(w.chunks)
	return w.emit(b)
}

// Seal makes the checksum of a chunk's header right again, for tests that
// change the header. The checksum of its records is left as it is.
func Seal(chunk []byte) {
	sum := crc32.Update(crc32.ChecksumIEEE(chunk[:120]), crc32.IEEETable, chunk[128:chunkHeader])
	binary.LittleEndian.PutUint32(chunk[124:], sum)
}

// SealRecords makes both checksums right again, for tests that change records.
func SealRecords(chunk []byte) {
	free := binary.LittleEndian.Uint32(chunk[48:])
	binary.LittleEndian.PutUint32(chunk[52:], crc32.ChecksumIEEE(chunk[chunkHeader:free]))
	Seal(chunk)
}

func (w *writer) header(opt Options) []byte {
	le := binary.LittleEndian
	b := make([]byte, 128)
	chunks, next := max(w.chunks, 1), w.lastID+1
	first := 0
	if opt.Ring > 0 && opt.Ring < w.chunks {
		first = w.chunks - opt.Ring
	}
	last := (first + chunks - 1) % chunks
	if opt.Dirty {
		chunks, next, first, last = 1, w.stale, 0, 0
	}
	copy(b, "ElfFile\x00")
	le.PutUint64(b[8:], uint64(first))
	le.PutUint64(b[16:], uint64(last))
	le.PutUint64(b[24:], next)
	le.PutUint32(b[32:], 128)
	le.PutUint16(b[36:], 1)
	le.PutUint16(b[38:], 3)
	le.PutUint16(b[40:], HeaderSize)
	le.PutUint16(b[42:], uint16(min(chunks, 0xffff)))
	if opt.Dirty {
		b[120] = 1
	}
	le.PutUint32(b[124:], crc32.ChecksumIEEE(b[:120]))
	return b
}
