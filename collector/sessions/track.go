package sessions

import (
	"hash/fnv"
	"strconv"
)

// maxTracked bounds what is kept of the sessions of one file. A host has some
// dozens at a time; beyond the bound the tracker forgets all and goes on, as
// at the beginning of a log.
const maxTracked = 1 << 20

// tracker remembers, within one file, what came before an event in the same
// session: the key is (host, user, session id), since ids are used again and
// a session passes to nobody else.
type tracker struct {
	slots []tracked
	n     int
	boots []uint32 // by host: how often it went down so far
}

type tracked struct {
	who, session uint64 // host<<32|user, and the id
	ticks        int64  // of the end, or of a logon's beginning
	open         int32  // a session: 1 while it is open and was remote; a user's own entry: how many of those
	boot         uint32 // in which open was counted
	kind         origin // of the latest piece
	used         bool
	started      bool // its beginning stands in the file
	remote       bool // some piece of it was remote
	ended        bool
	logon        int8 // the logon's type; -1 where it is unknown
}

// everySession is the entry of a user itself on a host: how many of its
// sessions are open.
const everySession = ^uint64(0)

func (t *tracker) reset() {
	clear(t.slots)
	t.n = 0
	clear(t.boots)
}

func (t *tracker) boot(host uint32) uint32 {
	if int(host) < len(t.boots) {
		return t.boots[host]
	}
	return 0
}

func (t *tracker) down(host uint32) {
	for int(host) >= len(t.boots) {
		t.boots = append(t.boots, 0)
	}
	t.boots[host]++
}

// reserve makes room for two more, so that two entries can be held at once.
func (t *tracker) reserve() {
	if (t.n+2)*4 <= len(t.slots)*3 {
		return
	}
	old := t.slots
	if t.n+2 > maxTracked {
		clear(old)
		t.n = 0
		return
	}
	t.slots = make([]tracked, max(256, 2*len(old)))
	for i := range old {
		if old[i].used {
			*t.slot(old[i].who, old[i].session) = old[i]
		}
	}
}

func (t *tracker) slot(who, session uint64) *tracked {
	mask := uint64(len(t.slots) - 1)
	for i := mix(who^mix(session)) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if !s.used || s.who == who && s.session == session {
			return s
		}
	}
}

// at is the entry of a session; a new one knows nothing.
func (t *tracker) at(who, session uint64) *tracked {
	s := t.slot(who, session)
	if !s.used {
		*s = tracked{who: who, session: session, used: true, logon: -1}
		t.n++
	}
	return s
}

// mix spreads a number over 64 bits.
func mix(x uint64) uint64 {
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	x ^= x >> 32
	x *= 0xd6e8feb86659fd93
	return x ^ x>>32
}

// oddSession marks the number of a session id that is no number itself, and
// logonSession that of a logon, which is no session id.
const (
	oddSession   = 1 << 63
	logonSession = 1 << 62
)

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
		if len(b) > 2 && b[0] == '0' && b[1] == 'x' {
			if n, err := strconv.ParseUint(string(b[2:]), 16, 62); err == nil {
				return n
			}
		}
	}
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()>>2 | oddSession
}
