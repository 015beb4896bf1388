package sessions

import "hash/maphash"

// interner numbers byte strings from 0, in the order in which they come. It
// lies close together in memory: at a hundred thousand accounts, looking one
// up waits for memory and for little else.
type interner struct {
	seed  maphash.Seed
	slots []internSlot
	ends  []uint64 // where each string ends in bytes
	bytes []byte
}

type internSlot struct {
	hash uint32
	next uint32 // the number of the string and 1; 0: empty
}

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), slots: make([]internSlot, 64)}
}

func (n *interner) len() int { return len(n.ends) }

func (n *interner) at(i uint32) []byte {
	var from uint64
	if i > 0 {
		from = n.ends[i-1]
	}
	return n.bytes[from:n.ends[i]]
}

// find returns the number of b, or the slot in which it would stand.
func (n *interner) find(b []byte) (number uint32, slot int, ok bool) {
	hash := uint32(maphash.Bytes(n.seed, b))
	mask := uint32(len(n.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &n.slots[i]
		if s.next == 0 {
			return hash, int(i), false
		}
		if s.hash == hash && string(n.at(s.next-1)) == string(b) {
			return s.next - 1, 0, true
		}
	}
}

// add takes a string that find did not find.
func (n *interner) add(b []byte) uint32 {
	if (len(n.ends)+1)*2 > len(n.slots) {
		n.grow()
	}
	hash, slot, _ := n.find(b)
	n.bytes = append(n.bytes, b...)
	n.ends = append(n.ends, uint64(len(n.bytes)))
	n.slots[slot] = internSlot{hash, uint32(len(n.ends))}
	return uint32(len(n.ends) - 1)
}

func (n *interner) grow() {
	old := n.slots
	n.slots = make([]internSlot, 2*len(old))
	mask := uint32(len(n.slots) - 1)
	for _, s := range old {
		if s.next == 0 {
			continue
		}
		i := s.hash & mask
		for n.slots[i].next != 0 {
			i = (i + 1) & mask
		}
		n.slots[i] = s
	}
}
