package packed

import "testing"

// However hashes fall, each number is found by its own, and by no other, before
// and after the index grew.
func TestIndex(t *testing.T) {
	for name, hash := range map[string]func(n uint32) uint32{
		"spread": func(n uint32) uint32 { return n * 2654435761 },
		"one":    func(uint32) uint32 { return 7 },
		"high":   func(n uint32) uint32 { return n<<16 | 1<<16 - 1 },
	} {
		x := NewIndex()
		find := func(want uint32) bool {
			for at := hash(want); ; {
				n, next, ok := x.Next(hash(want), at)
				if !ok || n == want {
					return ok
				}
				at = next
			}
		}
		const last = 3000 // beyond several growths
		for n := range uint32(last) {
			if find(n) {
				t.Fatalf("%s: %d is found before it was put", name, n)
			}
			x.Put(hash(n), n)
		}
		for n := range uint32(last) {
			if !find(n) {
				t.Fatalf("%s: %d is lost", name, n)
			}
		}
	}
}
