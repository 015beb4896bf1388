package directory

import "hash/maphash"

// table finds numbers by what they stand for, of which it knows no more than
// the hash. It has no pointer for each, as a map of strings would, that the
// collection of garbage had to follow.
type table struct {
	seed  maphash.Seed
	slots []uint64 // half of a hash, and the number and 1; 0: empty
	n     int
}

func newTable() table { return table{seed: maphash.MakeSeed()} }

func (t *table) hash(b []byte) uint32 { return uint32(maphash.Bytes(t.seed, b)) }

// find is the number with that hash for which is says yes.
func (t *table) find(hash uint32, is func(n int32) bool) (n int32, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if s := t.slots[i]; uint32(s>>32) == hash {
			if n = int32(uint32(s) - 1); is(n) {
				return n, true
			}
		}
	}
	return 0, false
}

// put adds a number that is not there yet.
func (t *table) put(hash uint32, n int32) {
	if (t.n+1)*4 > len(t.slots)*3 {
		old := t.slots
		t.slots = make([]uint64, max(256, 2*len(old)))
		for _, s := range old {
			if s != 0 {
				t.set(s)
			}
		}
	}
	t.set(uint64(hash)<<32 | uint64(uint32(n)+1))
	t.n++
}

func (t *table) set(s uint64) {
	mask := uint32(len(t.slots) - 1)
	i := uint32(s>>32) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// texts holds texts by number, many to one piece of memory.
type texts struct {
	pieces [][]byte
	places []textPlace
}

type textPlace struct{ piece, from, to uint32 }

const textPiece = 256 << 10

func (t *texts) add(b []byte) {
	last := len(t.pieces) - 1
	if last < 0 || cap(t.pieces[last])-len(t.pieces[last]) < len(b) {
		size := 4 << 10
		if last >= 0 {
			size = min(2*cap(t.pieces[last]), textPiece)
		}
		t.pieces = append(t.pieces, make([]byte, 0, max(size, len(b))))
		last++
	}
	from := len(t.pieces[last])
	t.pieces[last] = append(t.pieces[last], b...)
	t.places = append(t.places, textPlace{uint32(last), uint32(from), uint32(from + len(b))})
}

func (t *texts) at(n int32) []byte {
	p := t.places[n]
	return t.pieces[p.piece][p.from:p.to]
}
