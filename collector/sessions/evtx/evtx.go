// Package evtx reads Windows event logs (.evtx) and hands each wanted event
// over as a record.Record. It owns the file format: chunks, checksums, binary
// XML and its templates; which events are wanted, and what they prove, is the
// business of package sessions.
//
// A record is decoded only as far as it is asked for: its template is compiled
// once into a short list of which value goes where, so the event id of a
// record that nobody wants is two loads away.
//
// Values are written as Windows writes them in XML: hexadecimal numbers as
// 0x… without leading zeros, accounts as S-1-…, identifiers in upper case and
// braces (only ActivityID goes without), times as 2026-08-03T00:00:00.0000000Z.
// Fields are the leaves of UserData by their element's name, and the children
// of EventData by their attribute Name; Data elements without it are named
// Data1, Data2 and so on. An array gives a field for each item, under the same
// name. A field whose value is null is present and empty, unless its element
// depends on the value. Where SystemTime or EventRecordID is missing, the
// time and number in the record's header stand.
package evtx

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sort"

	"splameter/collector/sessions/record"
)

const (
	fileHeaderSize  = 4096
	chunkSize       = 65536
	chunkHeaderSize = 512
	recordHeader    = 24
	minRecord       = recordHeader + 4 // header and the copy of the size
	probeSize       = chunkHeaderSize + recordHeader
)

var (
	fileMagic  = []byte("ElfFile\x00")
	chunkMagic = []byte("ElfChnk\x00")
)

// Options say what of a log is wanted and how many chunks are decoded at once.
type Options struct {
	// Filter is asked with a nil channel first, and again with the channel
	// where it said yes. With more than one worker it is called from several
	// goroutines at once. Nil wants every event.
	Filter record.Filter
	// Workers is the number of chunks decoded at once; 0 and 1 decode on the
	// caller's goroutine.
	Workers int
}

// Mark is one record of a file: its number in the record's header, and its
// time in units of 100 ns since 1601-01-01 UTC.
type Mark struct {
	ID    uint64
	Ticks int64
}

// Info says what a log holds, wanted or not.
type Info struct {
	Chunks  int // chunk slots that hold a chunk, whole or cut off
	Records int // whole records, wanted or not
	// First and Last are the records with the lowest and the highest number
	// in the record headers, which is the order of writing in this file; both
	// are zero where Records is 0. In a log of one host and channel that was
	// not exported through a query, it is the EventRecordID.
	First, Last Mark
	// Spans are the runs of consecutive numbers in the record headers,
	// ascending; nil where there are more of them than are kept.
	Spans   []Span
	Dirty   bool // the header says the log was not closed: a copy of a live log
	Damaged int  // calls of Handler.Damaged
}

// Span is a run of records with consecutive numbers.
type Span struct{ First, Last Mark }

// maxSpans is how many runs of numbers are kept of one log.
const maxSpans = 4096

// Sniff tells whether a file that begins with head is an event log.
func Sniff(head []byte) bool { return bytes.HasPrefix(head, fileMagic) }

// Read reads the log of size bytes in r. Records reach h in the order of the
// first record that their chunks hold, because a full log is a ring; chunks
// with the same one keep their order in the file. Each damage is told when its
// chunk has been delivered. Handler calls are never concurrent.
//
// An error means that r could not be read, is no event log, or that ctx ended:
// damage inside the log is never an error. name stands for the file in
// damages and errors.
func Read(ctx context.Context, r io.ReaderAt, size int64, name string, opt Options, h record.Handler) (Info, error) {
	d := &delivery{name: name, h: h}
	head := make([]byte, min(size, fileHeaderSize))
	if err := readAt(r, head, 0); err != nil {
		return d.info, fmt.Errorf("read the header of event log %s: %w", name, err)
	}
	if err := d.fileHeader(head); err != nil {
		return d.info, err
	}
	slots, err := findChunks(ctx, r, size, d)
	if err != nil {
		return d.info, fmt.Errorf("look for the chunks of event log %s: %w", name, err)
	}
	if opt.Workers > 1 && len(slots) > 1 {
		err = readParallel(ctx, r, size, slots, opt, d)
	} else {
		err = readSerial(ctx, r, size, slots, opt, d)
	}
	if err != nil {
		return d.info, fmt.Errorf("read event log %s: %w", name, err)
	}
	d.slots(size)
	return d.info, nil
}

// readAt fills p; a file that became shorter in the meantime is an error.
func readAt(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == io.EOF || err == nil {
		return fmt.Errorf("the file ends at byte %d, before its own size: read it again when nothing writes to it", off+int64(n))
	}
	return err
}

// delivery hands over what decoders found; it is used by one goroutine.
type delivery struct {
	name      string
	h         record.Handler
	info      Info
	scattered bool   // more runs of numbers than are kept
	next      uint64 // number of the next record, as the header tells
	told      int    // chunks by the header of a log that was closed properly; 0 where it does not say
}

func (d *delivery) damage(dm record.Damage) {
	dm.File = d.name
	d.info.Damaged++
	d.h.Damaged(dm)
}

// batch delivers what was decoded of one run of chunks.
func (d *delivery) batch(b *batch) {
	for i := range b.records {
		d.h.Record(&b.records[i])
	}
	for _, dm := range b.damages {
		d.damage(dm)
	}
	in := &d.info
	in.Chunks += b.chunks
	if b.walked > 0 {
		if in.Records == 0 || b.first.ID < in.First.ID {
			in.First = b.first
		}
		if in.Records == 0 || b.last.ID > in.Last.ID {
			in.Last = b.last
		}
		in.Records += b.walked
		d.join(b.spans)
	}
}

// join adds runs of numbers to those that are known. Chunks come in the order
// of their first records, so a run mostly goes on where the one before ended.
func (d *delivery) join(spans []Span) {
	if d.scattered {
		return
	}
	for _, s := range spans {
		if n := len(d.info.Spans); n > 0 && d.info.Spans[n-1].Last.ID+1 == s.First.ID {
			d.info.Spans[n-1].Last = s.Last
		} else {
			d.info.Spans = append(d.info.Spans, s)
		}
	}
	if len(d.info.Spans) > maxSpans {
		d.united()
	}
	if d.scattered = len(d.info.Spans) > maxSpans; d.scattered {
		d.info.Spans = nil
	}
}

// united puts the runs in order: in a stream of a log that went round, and where
// chunks are there twice, they are not.
func (d *delivery) united() {
	all := d.info.Spans
	sort.SliceStable(all, func(i, j int) bool { return all[i].First.ID < all[j].First.ID })
	out := all[:0]
	for _, s := range all {
		n := len(out)
		switch {
		case n == 0 || s.First.ID > out[n-1].Last.ID+1:
			out = append(out, s)
		case s.Last.ID > out[n-1].Last.ID:
			out[n-1].Last = s.Last
		}
	}
	d.info.Spans = out
}

// fileHeader checks the file's header. Its count of chunks never decides what
// is read: in a copy of a live log it tells of an earlier moment.
func (d *delivery) fileHeader(head []byte) error {
	if !Sniff(head) {
		return fmt.Errorf("read %s: not a Windows event log (.evtx): it does not begin with ElfFile; export the log again with wevtutil epl", d.name)
	}
	if len(head) < 128 {
		d.damage(record.Damage{What: "the file is cut off inside its header; all its events are missing"})
		return nil
	}
	d.info.Dirty = binary.LittleEndian.Uint32(head[120:])&1 != 0
	if crc32.ChecksumIEEE(head[:120]) != binary.LittleEndian.Uint32(head[124:]) {
		d.damage(record.Damage{GoesOn: true, What: "the checksum of the file header is wrong; the chunks were read all the same"})
	} else {
		d.next = binary.LittleEndian.Uint64(head[24:])
		if n := binary.LittleEndian.Uint16(head[42:]); !d.info.Dirty && n != 0xffff { // where it stays in greater logs
			d.told = int(n)
		}
	}
	if len(head) < fileHeaderSize {
		d.damage(record.Damage{Offset: int64(len(head)), What: "the file is cut off before its first chunk; all its events are missing"})
	}
	return nil
}

// slots compares the size of the log with what its header tells of it. A log
// that was closed properly and has too few chunks was cut between two.
func (d *delivery) slots(size int64) {
	d.united()
	if n := (size - fileHeaderSize + chunkSize - 1) / chunkSize; n >= 0 && n < int64(d.told) {
		d.damage(record.Damage{Offset: size, What: fmt.Sprintf("the file is cut off: its header tells of %d chunks, and %d are there; copy the log again", d.told, n)})
		return
	}
	// Chunks that were zeroed at the end look like those that Windows allocates
	// ahead. (In a copy of a live log the header tells of an earlier moment.)
	if last := d.info.Last.ID; d.info.Damaged == 0 && d.info.Records > 0 && d.next > last+1 && d.next-last < 1<<31 {
		d.damage(record.Damage{Offset: size, Lost: int(d.next - last - 1),
			What: fmt.Sprintf("the header tells of records up to %d, and the last that is there is %d: the end of the log is missing; copy it again", d.next-1, last)})
	}
}

// slot is the place of a chunk in the file and the number it is ordered by.
type slot struct {
	key   uint64
	index int32
	state slotState
}

type slotState uint8

const (
	holdsChunk   slotState = iota
	holdsNothing           // all zero, though chunks follow it
)

// findChunks lists the slots that are worth decoding, in the order of their
// first records. A slot without readable number stays behind its neighbour.
func findChunks(ctx context.Context, r io.ReaderAt, size int64, d *delivery) ([]slot, error) {
	var (
		slots []slot
		buf   []byte
		probe [probeSize]byte
		key   uint64
		used  int // slots up to the last that is not all zero
	)
	if size/chunkSize > 1<<31-2 {
		return nil, fmt.Errorf("the file has %d bytes, more than an event log can have", size)
	}
	for i, off := int32(0), int64(fileHeaderSize); off < size; i, off = i+1, off+chunkSize {
		if i%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p := probe[:min(probeSize, size-off)]
		if err := readAt(r, p, off); err != nil {
			return nil, err
		}
		if id, ok := firstRecordID(p); ok {
			key = id
		} else if allZero(p) {
			if buf == nil {
				buf = make([]byte, chunkSize)
			}
			b := buf[:min(chunkSize, size-off)]
			if err := readAt(r, b, off); err != nil {
				return nil, err
			}
			if allZero(b) {
				slots = append(slots, slot{key, i, holdsNothing})
				continue
			}
		}
		slots = append(slots, slot{key, i, holdsChunk})
		used = len(slots)
	}
	slots = slots[:used] // Windows allocates ahead: empty slots at the end are no damage
	sort.SliceStable(slots, func(i, j int) bool { return slots[i].key < slots[j].key })
	return slots, nil
}

// firstRecordID is the number of the first record of the chunk that begins
// with p; the header's own figure where the first record is unreadable.
func firstRecordID(p []byte) (uint64, bool) {
	if len(p) < 48 || !bytes.HasPrefix(p, chunkMagic) {
		return 0, false
	}
	if len(p) >= probeSize && binary.LittleEndian.Uint32(p[chunkHeaderSize:]) == recordMagic {
		return binary.LittleEndian.Uint64(p[chunkHeaderSize+8:]), true
	}
	id := binary.LittleEndian.Uint64(p[24:])
	return id, id != noRecord // an empty chunk names no record
}

func allZero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
