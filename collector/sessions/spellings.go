package sessions

import (
	"encoding/binary"
	"unsafe"

	"splameter/internal/packed"
)

// spelling is how a log writes a host and its user, and which host and account
// that was found to be: of nearly every event somebody else has asked before.
type spelling struct {
	spelled uint32 // the computer's spelling
	raw     uint32 // the user's
	system  bool
	other   bool  // one more way to write a pair that has its own entry
	host    uint8 // bytes of the host in the text
	user    uint8 // of the user, which follows
	text    [52]byte
}

// cacheableLength says whether a name has a length that a spelling can have.
func cacheableLength(length uint32) bool { return 0 < length && length < 1<<8 }

// spellingCache finds the entries of a tracker by what a log writes, in one step
// instead of three: of the host, of the user and of both.
type spellingCache struct {
	index     packed.Index // places of pairs
	longTexts interner     // the texts that an entry has no room for; the text is their ref
}

func newSpellingCache() spellingCache {
	return spellingCache{index: packed.NewIndex(), longTexts: newInterner()}
}

// hash may be asked from any goroutine.
func (w *spellingCache) hash(text []byte) uint32 { return w.index.Hash(text) }

// prefetch has the slot brought near where the spelling of an event may stand.
func (w *spellingCache) prefetch(ce *codedEvent) {
	if ce.cacheable {
		prefetch(unsafe.Pointer(w.index.Slot(ce.hash)))
	}
}

// prefetchEntry adds the entry to which that slot points, if there is one, to
// the n of the list.
func (t *tracker) prefetchEntry(ce *codedEvent, w *prefetchList, n int) int {
	if !ce.cacheable {
		return n
	}
	if ce.entry = t.candidate(ce.hash); ce.entry != nil {
		w[n] = unsafe.Pointer(ce.entry)
		n++
	}
	return n
}

func (t *tracker) candidate(hash uint32) *hostUser {
	if at, _, ok := t.spellings.index.Next(hash, hash); ok {
		return t.at(at)
	}
	return nil
}

// matches says whether p's spelling is that text, of which the first bytes are the host.
func (t *tracker) matches(p *hostUser, text []byte, host int) bool {
	w := &p.spelling
	if int(w.host) != host || int(w.host)+int(w.user) != len(text) {
		return false
	}
	if len(text) <= len(w.text) {
		return string(w.text[:len(text)]) == string(text)
	}
	return string(t.spellings.longTexts.at(w.ref())) == string(text)
}

// recall gives an event the host and account that its spellings were found to be
// before, and reports false if they are new. first is the entry that candidate gave.
func (t *tracker) recall(ce *codedEvent, text []byte, first *hostUser) bool {
	host := int(ce.spans.computer - ce.spans.from)
	p := first
	if p == nil || !t.matches(p, text, host) {
		if p = t.lookUp(text, host, ce.hash); p == nil {
			return false
		}
	}
	ce.host, ce.user = uint32(p.who>>32), uint32(p.who)
	ce.computer, ce.spelled, ce.raw = ce.host, p.spelling.spelled, p.spelling.raw
	if !ce.bySID {
		ce.system = p.spelling.system
	}
	if p.spelling.other {
		p = t.find(p.who)
	}
	ce.entry = p
	return true
}

func (t *tracker) lookUp(text []byte, host int, hash uint32) *hostUser {
	for from := hash; ; {
		at, next, ok := t.spellings.index.Next(hash, from)
		if !ok {
			return nil
		}
		if p := t.at(at); t.matches(p, text, host) {
			return p
		}
		from = next
	}
}

// remember keeps the host and account of an event by their spellings. system is what the name alone
// says.
func (t *tracker) remember(ce *codedEvent, text []byte, nobody bool) {
	n := t.n
	p := t.find(uint64(ce.host)<<32 | uint64(ce.user))
	ce.entry = p
	if t.n == n { // it is there under another spelling
		p = t.add(p.who)
		p.spelling.other = true
	}
	host := ce.spans.computer - ce.spans.from
	w := &p.spelling
	w.spelled, w.raw, w.system = ce.spelled, ce.raw, nobody
	w.host, w.user = uint8(host), uint8(uint32(len(text))-host)
	if len(text) <= len(w.text) {
		copy(w.text[:], text)
	} else {
		w.refer(t.spellings.longTexts.add(text, ce.hash, 0, false))
	}
	t.spellings.index.Put(ce.hash, uint32(t.n-1))
}

// refer and ref keep where a long text stands.
func (w *spelling) refer(ref uint32) { binary.LittleEndian.PutUint32(w.text[:], ref) }
func (w *spelling) ref() uint32      { return binary.LittleEndian.Uint32(w.text[:]) }
