package packed

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"
)

// 5,000 rows of some 200 bytes fill four chunks of 256 KiB; among them stand
// one of a chunk and a half and one of three chunks. Each comes out as it went
// in, whatever is read after it.
func TestShelf(t *testing.T) {
	var s Arena
	var places []uint64
	text := func(i int) string {
		switch i {
		case 1000:
			return strings.Repeat("x", 3<<17)
		case 2500:
			return strings.Repeat("y", 3<<18)
		}
		return strings.Repeat("z", 190+i%20)
	}
	for i := range 5000 {
		b := AppendText(nil, text(i))
		b = binary.AppendUvarint(b, math.MaxUint64-uint64(i))
		b = binary.AppendVarint(b, math.MinInt64+int64(i))
		places = append(places, s.Put(b))
	}
	for i, at := range places {
		c := s.At(at)
		if got := c.Text(); got != text(i) {
			t.Fatalf("row %d has a text of %d bytes, not %d", i, len(got), len(text(i)))
		}
		if u, n := c.Uint(), c.Int(); u != math.MaxUint64-uint64(i) || n != math.MinInt64+int64(i) {
			t.Fatalf("row %d has %d and %d", i, u, n)
		}
	}
	if len(s.chunks) < 6 {
		t.Errorf("%d chunks: the test means to fill several", len(s.chunks))
	}
}

// The empty text is 0, others count from 1 as they come; sorted they stand as
// "", a, b, c.
func TestTexts(t *testing.T) {
	var x Texts
	var got []uint32
	for _, s := range []string{"b", "", "c", "b", "a", "c"} {
		got = append(got, x.Add(s))
	}
	x.Done()
	if !slices.Equal(got, []uint32{1, 0, 2, 1, 3, 2}) {
		t.Errorf("numbers %d", got)
	}
	for i, want := range []string{"", "b", "c", "a"} {
		if s := x.At(uint32(i)); s != want {
			t.Errorf("%d is %q, not %q", i, s, want)
		}
	}
	if r := x.Ranks(); !slices.Equal(r, []uint32{0, 2, 3, 1}) {
		t.Errorf("ranks %d", r)
	}
}
