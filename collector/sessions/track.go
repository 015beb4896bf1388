package sessions

import (
	"hash/fnv"
	"strconv"
)

// tracker remembers, within one file, what came before an event in the same
// session: the key is (host, user, session id), since ids are used again and
// a session passes to nobody else. All that an event of a user on a host needs
// stands in one entry.
type tracker struct {
	slots     []uint64     // upper half of mix(who), and the entry's place and 1; 0: empty
	blocks    [][]hostUser // of pairBlock each; asking an array's pointer would touch its first entry
	n         int
	spellings spellingCache // the entries by what logs write
	file      uint32        // which file this is, counted from 1
	boots     []uint32      // by host: how often it went down so far
	more      map[moreKey]*session
}

const hostUserBlock = 512

// hostUser is a user on a host: in its first 64 bytes, which events change, and in
// the next 64, by which it is found.
type hostUser struct {
	who      uint64 // host<<32 | user; 0: empty
	file     uint32 // of which the rest tells
	boot     uint32 // of the host, in which open was counted
	row      uint32 // the Folder's latest row of the pair and 1, which outlives the file
	month    int32  // of that row
	open     int32  // sessions that are open and were remote
	last     uint32 // the one of them that was the latest to begin or go on; 0: none
	s        [2]session
	spelling spelling
}

// session is one session id of a pair.
type session struct {
	ticks int64 // of the end; of a log-on, of its beginning
	id    uint32
	is    sessionState
	kind  origin // of the latest piece
	logon int8   // a log-on's type
}

type sessionState uint8

const (
	inUse     sessionState = 1 << iota
	started                // its beginning stands in the file
	wasRemote              // some piece of it was remote
	isOpen                 // it counts in pair.open
	ended
)

// maxMore bounds what is kept of sessions beyond two a user and host, and of
// log-ons. Beyond it the tracker forgets them and goes on, as at the beginning
// of a log.
const maxMore = 1 << 18

type moreKey struct {
	who uint64
	id  uint32
}

func (t *tracker) reset() {
	t.file++
	clear(t.boots)
	clear(t.more)
}

func (t *tracker) boot(host uint32) uint32 {
	if int(host) < len(t.boots) {
		return t.boots[host]
	}
	return 0
}

func (t *tracker) hostStopped(host uint32) {
	for int(host) >= len(t.boots) {
		t.boots = append(t.boots, 0)
	}
	t.boots[host]++
}

func (t *tracker) at(i uint32) *hostUser { return &t.blocks[i/hostUserBlock][i%hostUserBlock] }

// hostUser is the entry of an event's user on its host.
func (t *tracker) hostUser(ce *codedEvent) *hostUser {
	who := uint64(ce.host)<<32 | uint64(ce.user)
	p := ce.entry
	if p == nil || p.who != who {
		p = t.find(who)
	}
	boot := t.boot(ce.host)
	if p.file != t.file {
		p.file, p.boot, p.open, p.last, p.s = t.file, boot, 0, 0, [2]session{}
	}
	if p.boot != boot {
		p.boot, p.open = boot, 0
		p.s[0].is &^= isOpen
		p.s[1].is &^= isOpen
	}
	return p
}

func (t *tracker) find(who uint64) *hostUser {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	h := mix(who)
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if s := t.slots[i]; s>>32 == h>>32 {
			if p := t.at(uint32(s) - 1); p.who == who {
				return p
			}
		}
	}
	p := t.add(who)
	t.slots[i] = h>>32<<32 | uint64(t.n)
	return p
}

// add makes one more entry, at place t.n-1.
func (t *tracker) add(who uint64) *hostUser {
	if t.n%hostUserBlock == 0 {
		t.blocks = append(t.blocks, make([]hostUser, hostUserBlock))
	}
	p := t.at(uint32(t.n))
	p.who = who
	t.n++
	return p
}

func (t *tracker) grow() {
	t.slots = make([]uint64, max(256, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for k := range t.n {
		p := t.at(uint32(k))
		if p.spelling.other {
			continue
		}
		h := mix(p.who)
		i := h & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = h>>32<<32 | uint64(k+1)
	}
}

// session is the entry of a session of a pair; a new one knows nothing. It
// takes the place of one that ended, the oldest first.
func (t *tracker) session(p *hostUser, number uint64) *session {
	id := short(number)
	free := -1
	for i := range p.s {
		s := &p.s[i]
		switch {
		case s.is&inUse == 0:
			if free < 0 || p.s[free].is&inUse != 0 {
				free = i
			}
		case s.id == id:
			return s
		case s.is&ended != 0 && (free < 0 || p.s[free].is&inUse != 0 && s.ticks < p.s[free].ticks):
			free = i
		}
	}
	if len(t.more) > 0 {
		if s := t.more[moreKey{p.who, id}]; s != nil {
			return s
		}
	}
	if free < 0 {
		return t.extra(p, id)
	}
	p.s[free] = session{id: id, is: inUse, logon: -1}
	return &p.s[free]
}

// logon is the entry of a log-on, of which Security tells.
func (t *tracker) logon(p *hostUser, number uint64) *session {
	id := short(number ^ oddSession)
	if s := t.more[moreKey{p.who, id}]; s != nil {
		return s
	}
	return t.extra(p, id)
}

func (t *tracker) extra(p *hostUser, id uint32) *session {
	if t.more == nil || len(t.more) >= maxMore {
		t.more = map[moreKey]*session{}
	}
	s := &session{id: id, is: inUse, logon: -1}
	t.more[moreKey{p.who, id}] = s
	return s
}

// short is a session's number in 32 bits: Windows' own ids as they are. That
// two sessions of one user share one is possible, and as good as never.
func short(n uint64) uint32 {
	if n < 1<<31 {
		return uint32(n)
	}
	return uint32(mix(n)) | 1<<31
}

// mix spreads a number over 64 bits.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// oddSession marks the number of a session id that is no number itself.
const oddSession = 1 << 63

// sessionNumber turns a session id or logon id into a number.
func sessionNumber(b []byte) uint64 {
	var n uint64
	if len(b) > 0 && len(b) < 18 {
		i := 0
		for ; i < len(b) && '0' <= b[i] && b[i] <= '9'; i++ {
			n = n*10 + uint64(b[i]-'0')
		}
		if i == len(b) {
			return n
		}
	}
	if len(b) > 2 && b[0] == '0' && b[1] == 'x' {
		if n, err := strconv.ParseUint(string(b[2:]), 16, 63); err == nil {
			return n
		}
	}
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64() | oddSession
}
