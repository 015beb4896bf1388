package sessions

import (
	"encoding/binary"
	"hash/maphash"
	"unsafe"
)

// wording is how a log writes a host and its user, and what that was found to
// mean: of nearly every event somebody else has asked before.
type wording struct {
	spelled uint32 // the computer's spelling
	raw     uint32 // the user's
	nobody  bool
	other   bool  // one more way to write a pair that has its own entry
	host    uint8 // bytes of the host in the text
	user    uint8 // of the user, which follows
	text    [52]byte
}

// wordy says whether a name has a length that a wording can have.
func wordy(length uint32) bool { return 0 < length && length < 1<<8 }

// wordings find the entries of a tracker by what a log writes, in one step
// instead of three: of the host, of the user and of both.
type wordings struct {
	seed  maphash.Seed
	slots []uint64 // hash<<32 | place of the pair and 1; 0: empty
	n     int
	long  interner // the texts that an entry has no room for; the text is their ref
}

func newWordings() wordings {
	return wordings{seed: maphash.MakeSeed(), slots: make([]uint64, 64), long: newInterner()}
}

func (w *wordings) hash(text []byte) uint32 { return uint32(maphash.Bytes(w.seed, text)) }

// fetch has the slot brought near where a wording of that hash may stand.
func (w *wordings) fetch(hash uint32) {
	fetch(unsafe.Pointer(&w.slots[hash&uint32(len(w.slots)-1)]))
}

// near has the entry brought near to which it points, if there is one.
func (t *tracker) near(fa *fact) {
	if !fa.worded {
		return
	}
	if fa.pair = t.peek(fa.hash); fa.pair != nil {
		fetchTwo(unsafe.Pointer(fa.pair))
	}
}

func (t *tracker) peek(hash uint32) *pair {
	w := &t.words
	mask := uint32(len(w.slots) - 1)
	for i := hash & mask; w.slots[i] != 0; i = (i + 1) & mask {
		if s := w.slots[i]; uint32(s>>32) == hash {
			return t.at(uint32(s) - 1)
		}
	}
	return nil
}

// says whether p's wording is that text, of which the first bytes are the host.
func (t *tracker) says(p *pair, text []byte, host int) bool {
	w := &p.words
	if int(w.host) != host || int(w.host)+int(w.user) != len(text) {
		return false
	}
	if len(text) <= len(w.text) {
		return string(w.text[:len(text)]) == string(text)
	}
	return string(t.words.long.at(w.ref())) == string(text)
}

// worded tells of a fact what its words were found to mean before, and reports
// false if nobody asked. first is the entry that peek gave.
func (t *tracker) worded(fa *fact, text []byte, first *pair) bool {
	host := int(fa.text.computer - fa.text.from)
	p := first
	if p == nil || !t.says(p, text, host) {
		if p = t.wording(text, host, fa.hash); p == nil {
			return false
		}
	}
	fa.host, fa.user = uint32(p.who>>32), uint32(p.who)
	fa.computer, fa.spelled, fa.raw = fa.host, p.words.spelled, p.words.raw
	if !fa.bySID {
		fa.nobody = p.words.nobody
	}
	if p.words.other {
		p = t.find(p.who)
	}
	fa.pair = p
	return true
}

func (t *tracker) wording(text []byte, host int, hash uint32) *pair {
	w := &t.words
	mask := uint32(len(w.slots) - 1)
	for i := hash & mask; w.slots[i] != 0; i = (i + 1) & mask {
		if s := w.slots[i]; uint32(s>>32) == hash {
			if p := t.at(uint32(s) - 1); t.says(p, text, host) {
				return p
			}
		}
	}
	return nil
}

// learn keeps what the words of a fact mean. nobody is what the name alone
// says.
func (t *tracker) learn(fa *fact, text []byte, nobody bool) {
	n := t.n
	p := t.find(uint64(fa.host)<<32 | uint64(fa.user))
	fa.pair = p
	if t.n == n { // it is there under other words
		p = t.add(p.who)
		p.words.other = true
	}
	host := fa.text.computer - fa.text.from
	w := &p.words
	w.spelled, w.raw, w.nobody = fa.spelled, fa.raw, nobody
	w.host, w.user = uint8(host), uint8(uint32(len(text))-host)
	if len(text) <= len(w.text) {
		copy(w.text[:], text)
	} else {
		w.refer(t.words.long.add(text, fa.hash, 0, false))
	}
	t.words.put(fa.hash, uint32(t.n))
}

// put files the entry of that number, counted from 1.
func (w *wordings) put(hash, number uint32) {
	if w.n++; w.n*4 > len(w.slots)*3 {
		old := w.slots
		w.slots = make([]uint64, 2*len(old))
		for _, s := range old {
			if s != 0 {
				w.place(s)
			}
		}
	}
	w.place(uint64(hash)<<32 | uint64(number))
}

func (w *wordings) place(slot uint64) {
	mask := uint32(len(w.slots) - 1)
	i := uint32(slot>>32) & mask
	for w.slots[i] != 0 {
		i = (i + 1) & mask
	}
	w.slots[i] = slot
}

// refer and ref keep where a long text stands.
func (w *wording) refer(ref uint32) { binary.LittleEndian.PutUint32(w.text[:], ref) }
func (w *wording) ref() uint32      { return binary.LittleEndian.Uint32(w.text[:]) }
