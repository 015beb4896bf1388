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
	at   uint64 // where it stands in bytes, and in the lowest 16 bits how long it is
}

// lengthBits hold the length of a string in its slot, so that comparing looks
// at no third place in memory. Names are bounded far below that.
const lengthBits = 16

func (s *internSlot) from() uint64 { return s.at >> lengthBits }

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
	return n.findHash(b, n.hash(b))
}

func (n *interner) hash(b []byte) uint32 { return uint32(maphash.Bytes(n.seed, b)) }

// touch and touchText load the slot where a string of that hash may stand,
// and the text to which it points, for their own sake.
func (n *interner) touch(hash uint32) uint32 { return n.slots[hash&uint32(len(n.slots)-1)].next }

func (n *interner) touchText(hash uint32) byte {
	if s := &n.slots[hash&uint32(len(n.slots)-1)]; s.from() < uint64(len(n.bytes)) {
		return n.bytes[s.from()]
	}
	return 0
}

func (n *interner) findHash(b []byte, hash uint32) (number uint32, slot int, ok bool) {
	mask := uint32(len(n.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &n.slots[i]
		if s.next == 0 {
			return 0, int(i), false
		}
		if s.hash == hash && n.same(s, b) {
			return s.next - 1, 0, true
		}
	}
}

func (n *interner) same(s *internSlot, b []byte) bool {
	if s.at&(1<<lengthBits-1) != uint64(min(len(b), 1<<lengthBits-1)) {
		return false
	}
	if len(b) >= 1<<lengthBits-1 {
		return string(n.at(s.next-1)) == string(b)
	}
	from := s.from()
	return string(n.bytes[from:from+uint64(len(b))]) == string(b)
}

// add takes a string that find did not find.
func (n *interner) add(b []byte) uint32 { return n.addHash(b, n.hash(b)) }

func (n *interner) addHash(b []byte, hash uint32) uint32 {
	if (len(n.ends)+1)*2 > len(n.slots) {
		n.grow()
	}
	mask := uint32(len(n.slots) - 1)
	slot := hash & mask
	for n.slots[slot].next != 0 {
		slot = (slot + 1) & mask
	}
	from := uint64(len(n.bytes))
	n.bytes = append(n.bytes, b...)
	n.ends = append(n.ends, uint64(len(n.bytes)))
	n.slots[slot] = internSlot{hash, uint32(len(n.ends)), from<<lengthBits | uint64(min(len(b), 1<<lengthBits-1))}
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
