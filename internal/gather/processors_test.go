package gather

import (
	"encoding/binary"
	"slices"
	"testing"
)

func TestCountProcessors(t *testing.T) {
	entry := func(relation uint32, groups ...uint64) []byte {
		b := make([]byte, 32+16*max(1, len(groups)))
		binary.LittleEndian.PutUint32(b, relation)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
		binary.LittleEndian.PutUint16(b[30:], uint16(len(groups)))
		for i, g := range groups {
			binary.LittleEndian.PutUint64(b[32+16*i:], g)
		}
		return b
	}
	// Two processors of two cores with two threads each.
	all := slices.Concat(entry(3, 0x0f), entry(3, 0xf0), entry(0, 0x03), entry(0, 0x0c), entry(2, 1), entry(0, 0x30), entry(0, 0xc0))
	p, c, n, err := countProcessors(all)
	if err != nil || p != 2 || c != 4 || n != 8 {
		t.Error(p, c, n, err)
	}
	for cut := range len(all) {
		_, _, _, _ = countProcessors(all[:cut]) // no panic
	}
	if _, _, _, err := countProcessors(nil); err == nil {
		t.Error("no processors are some")
	}
}
