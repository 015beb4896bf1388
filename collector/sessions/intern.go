package sessions

import (
	"encoding/binary"

	"splameter/internal/packed"
)

// interner keeps byte strings once each, with a number that its user gives
// them. At a hundred thousand accounts, looking one up waits for memory and
// for little else: so a slot is small, all that is known of a string stands
// before its text, and growing moves no text. The garbage collector finds no
// pointer in it.
type interner struct {
	index  packed.Index // refs
	chunks [][]byte
}

// A ref is where a string stands: the chunk, and the place in it by eights.
const (
	placeBits = 15
	chunkSize = 8 << placeBits
	smallest  = 4 << 10 // of the first chunk: most collections are small
)

// headSize is what stands before a string: its number, its length, and, in
// the length's highest bit, whether it is the name of an account of Windows or of a machine.
const (
	textAt    = 8
	systemBit = 1 << 31
)

func newInterner() interner {
	return interner{index: packed.NewIndex()}
}

func (n *interner) head(ref uint32) []byte {
	return n.chunks[ref>>placeBits][ref&(1<<placeBits-1)*8:]
}

// at is the string of a ref.
func (n *interner) at(ref uint32) []byte {
	b := n.head(ref)
	return b[textAt : textAt+binary.LittleEndian.Uint32(b[4:])&^systemBit]
}

// number is what its user called the string of a ref.
func (n *interner) number(ref uint32) (number uint32, nobody bool) {
	b := n.head(ref)
	return binary.LittleEndian.Uint32(b), b[7]&(systemBit>>24) != 0
}

func (n *interner) hash(b []byte) uint32 { return n.index.Hash(b) }

// find is the ref of a string that is there.
func (n *interner) find(b []byte, hash uint32) (ref uint32, ok bool) {
	for at := hash; ; {
		ref, at, ok = n.index.Next(hash, at)
		if !ok || string(n.at(ref)) == string(b) {
			return ref, ok
		}
	}
}

// add takes a string that find did not find.
func (n *interner) add(b []byte, hash, number uint32, nobody bool) (ref uint32) {
	ref = n.place(len(b))
	head := n.head(ref)
	length := uint32(len(b))
	if nobody {
		length |= systemBit
	}
	binary.LittleEndian.PutUint32(head, number)
	binary.LittleEndian.PutUint32(head[4:], length)
	copy(head[textAt:], b)
	n.index.Put(hash, ref)
	return ref
}

// place makes room for a string.
func (n *interner) place(length int) (ref uint32) {
	size := (textAt + length + 7) &^ 7
	last := len(n.chunks) - 1
	if last < 0 || len(n.chunks[last])+size > cap(n.chunks[last]) || len(n.chunks[last]) >= chunkSize {
		last++
		n.chunks = append(n.chunks, make([]byte, 0, max(size, min(chunkSize, smallest<<min(last, 10)))))
	}
	c := n.chunks[last]
	n.chunks[last] = c[:len(c)+size]
	return uint32(last)<<placeBits | uint32(len(c)/8)
}
