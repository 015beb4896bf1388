package directory

import (
	"bytes"
	"fmt"
	"testing"
)

// Numbers are found whatever their hashes are: all different, all the same, or
// the same in the half that says where to look first.
func TestTable(t *testing.T) {
	for name, hash := range map[string]func(n int32) uint32{
		"spread": func(n int32) uint32 { return uint32(n) * 2654435761 },
		"one":    func(int32) uint32 { return 7 },
		"high":   func(n int32) uint32 { return uint32(n)<<16 | 1<<16 - 1 },
	} {
		tab := newTable()
		const last = 3000 // beyond several growths
		for n := range int32(last) {
			if got, ok := tab.find(hash(n), func(m int32) bool { return m == n }); ok {
				t.Fatalf("%s: %d is found as %d before it was put", name, n, got)
			}
			tab.put(hash(n), n)
		}
		for n := range int32(last) {
			if got, ok := tab.find(hash(n), func(m int32) bool { return m == n }); !ok || got != n {
				t.Fatalf("%s: %d is found as %d, %v", name, n, got, ok)
			}
		}
	}
}

// Texts stay what they were, also empty ones and one that is larger than a
// piece of memory.
func TestTexts(t *testing.T) {
	var all texts
	large := bytes.Repeat([]byte("x"), textPiece+1)
	var want [][]byte
	for n := range 20_000 {
		b := []byte(fmt.Sprint("name ", n))
		switch n {
		case 0, 5:
			b = nil
		case 10:
			b = large
		}
		all.add(b)
		want = append(want, b)
	}
	for n, b := range want {
		if !bytes.Equal(all.at(int32(n)), b) {
			t.Fatalf("text %d is %.20q, want %.20q", n, all.at(int32(n)), b)
		}
	}
}
