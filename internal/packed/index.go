package packed

import "hash/maphash"

// Index finds numbers by what they stand for, of which it knows no more than
// the hash: whoever asks compares. The collector of garbage has nothing to
// follow in it, as it would have in a map of strings. NewIndex makes one.
type Index struct {
	seed  maphash.Seed
	slots []uint64 // hash<<32 | number and 1; 0: empty
	n     int
}

// NewIndex is an empty index.
func NewIndex() Index { return Index{seed: maphash.MakeSeed(), slots: make([]uint64, 64)} }

// Hash is the hash to put and to ask with; another one for each process.
func (x *Index) Hash(b []byte) uint32 { return uint32(maphash.Bytes(x.seed, b)) }

// Slot is where a search for a hash begins, for who has it fetched early.
func (x *Index) Slot(hash uint32) *uint64 { return &x.slots[hash&uint32(len(x.slots)-1)] }

// Next is a number that was put with a hash, and where to look for one more.
// The search begins at the hash itself.
func (x *Index) Next(hash, from uint32) (number, next uint32, ok bool) {
	mask := uint32(len(x.slots) - 1)
	for {
		s := x.slots[from&mask]
		from++
		if s == 0 {
			return 0, from, false
		}
		if uint32(s>>32) == hash {
			return uint32(s) - 1, from, true
		}
	}
}

// Put files a number, up to 1<<32-2, under its hash.
func (x *Index) Put(hash, number uint32) {
	if (x.n+1)*4 > len(x.slots)*3 {
		old := x.slots
		x.slots = make([]uint64, 2*len(old))
		for _, s := range old {
			if s != 0 {
				x.place(s)
			}
		}
	}
	x.n++
	x.place(uint64(hash)<<32 | uint64(number+1))
}

func (x *Index) place(slot uint64) {
	mask := uint32(len(x.slots) - 1)
	i := uint32(slot>>32) & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = slot
}
