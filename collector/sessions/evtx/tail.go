package evtx

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
)

// maxTail bounds how many chunks a copy may have: the number stands in 16 bits
// of a log's header.
const maxTail = 1<<16 - 1

// Tailed is what a Tail copied, and how far back the log reaches from which it
// did.
type Tailed struct {
	Chunks      int
	Oldest      uint64 // the log's oldest record; 0 where it cannot be told
	OldestTicks int64
}

// Tail copies to w, as a log of its own, those chunks of the log in r that may
// hold a record newer than after, in the order of their records. A chunk is
// the smallest part: up to a chunk of older records comes along, by which the
// copy joins what was read before. The log may be a live one: a chunk whose
// header says nothing that can be trusted is copied too. None makes no log, and
// nothing is written.
func Tail(r io.ReaderAt, size int64, after uint64, w io.Writer) (Tailed, error) {
	var out Tailed
	head := make([]byte, min(size, fileHeaderSize))
	if err := readAt(r, head, 0); err != nil {
		return out, err
	}
	if len(head) < fileHeaderSize || !bytes.HasPrefix(head, fileMagic) {
		return out, errors.New("it is no event log: it does not begin with ElfFile")
	}
	type slot struct {
		off   int64
		first uint64
		last  uint64
		sure  bool
	}
	var slots []slot
	var newest uint64
	oldest := slot{off: -1}
	p := make([]byte, chunkHeaderSize)
	for off := int64(fileHeaderSize); off+chunkSize <= size; off += chunkSize {
		if err := readAt(r, p, off); err != nil {
			return out, err
		}
		h := readChunkHeader(p)
		s := slot{off: off, first: binary.LittleEndian.Uint64(p[24:]), last: h.lastID, sure: h.sound && h.signature}
		if s.sure && s.first > 0 && (oldest.off < 0 || s.first < oldest.first) {
			oldest = s
		}
		switch {
		case !h.signature && allZero(p):
			continue // never written
		case s.sure && h.lastID <= after:
			continue
		}
		if s.sure {
			newest = max(newest, s.last)
		}
		slots = append(slots, s)
	}
	if oldest.off >= 0 {
		if err := readAt(r, p[:24], oldest.off+chunkHeaderSize); err != nil {
			return out, err
		}
		if le := binary.LittleEndian; le.Uint32(p) == recordMagic && le.Uint64(p[8:]) == oldest.first {
			out.Oldest, out.OldestTicks = oldest.first, int64(le.Uint64(p[16:]))
		}
	}
	if len(slots) == 0 {
		return out, nil
	}
	if len(slots) > maxTail {
		return out, fmt.Errorf("the log holds %d chunks, more than a copy can have: copy the file whole", len(slots))
	}
	slices.SortStableFunc(slots, func(a, b slot) int { return cmp.Compare(a.first, b.first) })
	le := binary.LittleEndian
	top := make([]byte, fileHeaderSize)
	copy(top, fileMagic)
	le.PutUint64(top[16:], uint64(len(slots)-1))
	le.PutUint64(top[24:], newest+1)
	le.PutUint32(top[32:], 128)
	copy(top[36:40], head[36:40]) // the version
	le.PutUint16(top[40:], fileHeaderSize)
	le.PutUint16(top[42:], uint16(len(slots)))
	le.PutUint32(top[120:], le.Uint32(head[120:])) // a copy of a live log says that it is one
	le.PutUint32(top[124:], crc32.ChecksumIEEE(top[:120]))
	if _, err := w.Write(top); err != nil {
		return out, err
	}
	chunk := make([]byte, chunkSize)
	for _, s := range slots {
		if err := readAt(r, chunk, s.off); err != nil {
			return out, err
		}
		if _, err := w.Write(chunk); err != nil {
			return out, err
		}
	}
	out.Chunks = len(slots)
	return out, nil
}
