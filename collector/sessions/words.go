package sessions

import (
	"encoding/binary"
	"unsafe"

	"splameter/internal/packed"
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
	index packed.Index // places of pairs
	long  interner     // the texts that an entry has no room for; the text is their ref
}

func newWordings() wordings {
	return wordings{index: packed.NewIndex(), long: newInterner()}
}

// hash may be asked from any goroutine.
func (w *wordings) hash(text []byte) uint32 { return w.index.Hash(text) }

// fetch has the slot brought near where the wording of a fact may stand.
func (w *wordings) fetch(fa *fact) {
	if fa.worded {
		fetch(unsafe.Pointer(w.index.Slot(fa.hash)))
	}
}

// near wishes for the entry to which it points, if there is one.
func (t *tracker) near(fa *fact, w *wish, n int) int {
	if !fa.worded {
		return n
	}
	if fa.pair = t.peek(fa.hash); fa.pair != nil {
		w[n] = unsafe.Pointer(fa.pair)
		n++
	}
	return n
}

func (t *tracker) peek(hash uint32) *pair {
	if at, _, ok := t.words.index.Next(hash, hash); ok {
		return t.at(at)
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
	for from := hash; ; {
		at, next, ok := t.words.index.Next(hash, from)
		if !ok {
			return nil
		}
		if p := t.at(at); t.says(p, text, host) {
			return p
		}
		from = next
	}
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
	t.words.index.Put(fa.hash, uint32(t.n-1))
}

// refer and ref keep where a long text stands.
func (w *wording) refer(ref uint32) { binary.LittleEndian.PutUint32(w.text[:], ref) }
func (w *wording) ref() uint32      { return binary.LittleEndian.Uint32(w.text[:]) }
