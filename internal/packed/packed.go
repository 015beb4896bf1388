// Package packed holds many small rows in few large pieces of memory: texts
// that rows share as numbers, and what is a row's own as bytes that are read
// when the row is asked for. A month has hundreds of thousands of rows; packed
// they take a fraction of the room, and the collector of garbage need not look
// through them. What a row is, is its owner's business.
package packed

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Texts gives each text a number, the empty one 0. The zero value is ready to
// be added to.
type Texts struct {
	list []string
	at   map[string]uint32
}

// Add is the number of a text, which from now on is held.
func (t *Texts) Add(s string) uint32 {
	if s == "" {
		return 0
	}
	n, ok := t.at[s]
	if !ok {
		if t.at == nil {
			t.at = map[string]uint32{}
		}
		t.list = append(t.list, s)
		n = uint32(len(t.list))
		t.at[s] = n
	}
	return n
}

// At is the text of a number.
func (t *Texts) At(n uint32) string {
	if n == 0 {
		return ""
	}
	return t.list[n-1]
}

// Done ends the adding: what served only that is let go.
func (t *Texts) Done() { t.list, t.at = slices.Clip(t.list), nil }

// Ranks are, by number, in what place each text stands among all when they are
// sorted: so that rows are sorted without comparing texts.
func (t *Texts) Ranks() []uint32 {
	order := make([]uint32, len(t.list)+1)
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int { return strings.Compare(t.At(x), t.At(y)) })
	rank := make([]uint32, len(order))
	for i, n := range order {
		rank[n] = uint32(i)
	}
	return rank
}

// chunkBits is the size of the pieces in which an arena holds rows.
const chunkBits = 18

// Arena holds rows as bytes. The zero value is ready to be put on.
type Arena struct {
	chunks []string // a row lies in one; one that is larger than a chunk has its own
	open   *strings.Builder
}

// Put copies a row and says where it is.
func (s *Arena) Put(row []byte) (place uint64) {
	if s.open == nil || s.open.Len() >= 1<<chunkBits || len(row) > s.open.Cap()-s.open.Len() {
		s.open = &strings.Builder{}
		s.open.Grow(max(1<<chunkBits, len(row)))
		s.chunks = append(s.chunks, "")
	}
	last := len(s.chunks) - 1
	place = uint64(last)<<chunkBits | uint64(s.open.Len())
	s.open.Write(row)
	s.chunks[last] = s.open.String() // what was handed out before stays as it is
	return place
}

// At reads the row in a place, and what follows it.
func (s *Arena) At(place uint64) Cursor {
	return Cursor(s.chunks[place>>chunkBits][place&(1<<chunkBits-1):])
}

// AppendText appends a text to a row.
func AppendText[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// Cursor reads what this process itself packed, field by field, in the order
// in which the fields were appended: numbers by binary.AppendUvarint and
// AppendVarint, texts by AppendText. The texts that it reads are parts of it.
type Cursor string

// Uint reads what AppendUvarint wrote.
func (c *Cursor) Uint() (n uint64) {
	s := *c
	for i := 0; i < len(s); i++ {
		n |= uint64(s[i]&0x7f) << (7 * i)
		if s[i] < 0x80 {
			*c = s[i+1:]
			return n
		}
	}
	*c = ""
	return n
}

// Int reads what AppendVarint wrote.
func (c *Cursor) Int() int64 {
	n := c.Uint()
	return int64(n>>1) ^ -int64(n&1)
}

// Text reads what AppendText wrote.
func (c *Cursor) Text() string {
	n := c.Uint()
	s := string((*c)[:n])
	*c = (*c)[n:]
	return s
}
