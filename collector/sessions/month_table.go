package sessions

import (
	"cmp"
	"strings"
)

// codedSighting is a snapshot.Sighting in numbers.
type codedSighting struct {
	ticks  int64
	record uint64
	file   uint32
	line   uint32
	event  uint16
	chn    Channel
	flags  markFlags
}

// markFlags say what the session of a mark is.
type markFlags uint8

const (
	markRemote markFlags = 1 << iota
	markSession
	markHex  // the session is a logon id
	markAll  // the session is every session of the host
	markLong // the row's numbers stand apart
)

// none says that there is no such event.
func (s *codedSighting) none() bool { return s.ticks == 0 }

// before orders as snapshot.Sighting.Before does.
func (s *codedSighting) before(o *codedSighting, files []string) bool {
	if s.ticks != o.ticks {
		return s.ticks < o.ticks
	}
	if c := s.kind(o); c != 0 {
		return c < 0
	}
	return s.where(o, files) < 0
}

// after orders the other way round; of one event that stands in two files it
// prefers the same file as before does, so that a copy beside a log changes
// no evidence.
func (s *codedSighting) after(o *codedSighting, files []string) bool {
	if s.ticks != o.ticks {
		return s.ticks > o.ticks
	}
	if c := s.kind(o); c != 0 {
		return c > 0
	}
	return s.where(o, files) < 0
}

func (s *codedSighting) kind(o *codedSighting) int {
	return cmp.Or(cmp.Compare(s.chn, o.chn), cmp.Compare(s.event, o.event), cmp.Compare(s.record, o.record))
}

func (s *codedSighting) where(o *codedSighting, files []string) int {
	if s.file != o.file {
		if c := strings.Compare(files[s.file], files[o.file]); c != 0 {
			return c
		}
	}
	return cmp.Compare(s.line, o.line)
}

// codedMark is a snapshot.Mark in numbers.
type codedMark struct {
	codedSighting
	session uint64
}

// markKind names the marks of a row.
type markKind uint8

const (
	lastSeen markKind = iota
	lastOpened
	lastClosed
	firstSeen // up to here the latest is kept, from here on the earliest
	firstLeft
	firstEnded
	markKinds
)

// monthRow is a snapshot.Use in numbers: a host, an account and a month. What every event compares stands in its
// first 64 bytes, what most write in the next 64: one fetch from memory each,
// and both from one page.
type monthRow struct {
	days  uint32
	raw   uint32           // spelling in the earliest event of the user
	named int64            // ticks of that event
	ticks [markKinds]int64 // of each mark; 0: none
	sid   uint32
	at    [markKinds]storedMark
	_     uint32
}

// storedMark is what a mark in a row holds besides its time. Numbers of records and sessions
// fit, but for those of very long logs and of some log-ons.
type storedMark struct {
	record, session uint32
	file, line      uint32
	event           uint16
	chn             Channel
	flags           markFlags
}

// longNumbers are a mark's numbers that do not fit.
type longNumbers struct{ record, session uint64 }

type longKey struct {
	row  uint32
	kind markKind
}

// A key is host, user and month in one number; the month is counted from
// December 1969, so that no key is 0.
const (
	monthBits = 12
	userBits  = 28
	hostBits  = 64 - userBits - monthBits
	monthBase = 1970*12 - 1
)

func rowKey(host, user uint32, month int32) uint64 {
	return uint64(host)<<(userBits+monthBits) | uint64(user)<<monthBits | uint64(month-monthBase)
}

func keyHost(key uint64) uint32 { return uint32(key >> (userBits + monthBits)) }
func keyUser(key uint64) uint32 { return uint32(key>>monthBits) & (1<<userBits - 1) }
func keyMonth(key uint64) int   { return int(key&(1<<monthBits-1)) + monthBase }

// monthTable is a set of rows by key: open addressing over blocks that never move,
// so that growing copies nothing but numbers.
type monthTable struct {
	slots []uint64     // upper half of mix(key), and the row and 1; 0: empty
	rows  [][]monthRow // blockCells in each
	keys  [][]uint64
	n     int
	long  map[longKey]longNumbers
}

const blockCells = 512

func (t *monthTable) at(i uint32) *monthRow { return &t.rows[i/blockCells][i%blockCells] }
func (t *monthTable) key(i uint32) uint64   { return t.keys[i/blockCells][i%blockCells] }

// index returns the row of a key, a new one if there was none.
func (t *monthTable) index(key uint64) uint32 {
	if (t.n+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	h := mix(key)
	mask := uint64(len(t.slots) - 1)
	i := h & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if s := t.slots[i]; s>>32 == h>>32 && t.key(uint32(s)-1) == key {
			return uint32(s) - 1
		}
	}
	if t.n%blockCells == 0 {
		t.rows = append(t.rows, make([]monthRow, blockCells))
		t.keys = append(t.keys, make([]uint64, blockCells))
	}
	row := uint32(t.n)
	t.keys[row/blockCells][row%blockCells] = key
	t.n++
	t.slots[i] = h>>32<<32 | uint64(t.n)
	return row
}

func (t *monthTable) grow() {
	t.slots = make([]uint64, max(256, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for k := range t.n {
		h := mix(t.key(uint32(k)))
		i := h & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = h>>32<<32 | uint64(k+1)
	}
}

func (t *monthTable) mark(i uint32, w markKind) codedMark {
	c := t.at(i)
	p := &c.at[w]
	m := codedMark{codedSighting{ticks: c.ticks[w], record: uint64(p.record), file: p.file, line: p.line, event: p.event, chn: p.chn, flags: p.flags &^ markLong}, uint64(p.session)}
	if p.flags&markLong != 0 {
		v := t.long[longKey{i, w}]
		m.record, m.session = v.record, v.session
	}
	return m
}

func (t *monthTable) set(c *monthRow, i uint32, w markKind, m *codedMark) {
	p := &c.at[w]
	before := p.flags
	c.ticks[w] = m.ticks
	// One by one: a literal is made in small pieces and copied in large ones,
	// for which the processor waits.
	p.record, p.session, p.file, p.line = uint32(m.record), uint32(m.session), m.file, m.line
	p.event, p.chn, p.flags = m.event, m.chn, m.flags
	if (m.record|m.session)>>32 != 0 {
		if t.long == nil {
			t.long = map[longKey]longNumbers{}
		}
		p.flags |= markLong
		t.long[longKey{i, w}] = longNumbers{m.record, m.session}
	} else if before&markLong != 0 {
		delete(t.long, longKey{i, w})
	}
}

// earliest and latest keep the one of two that comes first or last in c, the
// row i.
func (t *monthTable) earliest(c *monthRow, i uint32, w markKind, m *codedMark, files []string) {
	old := c.ticks[w]
	if m.none() || old != 0 && m.ticks > old {
		return
	}
	if m.ticks == old {
		if o := t.mark(i, w); !m.before(&o.codedSighting, files) {
			return
		}
	}
	t.set(c, i, w, m)
}

func (t *monthTable) latest(c *monthRow, i uint32, w markKind, m *codedMark, files []string) {
	old := c.ticks[w]
	if m.none() || m.ticks < old {
		return
	}
	if m.ticks == old {
		if o := t.mark(i, w); !m.after(&o.codedSighting, files) {
			return
		}
	}
	t.set(c, i, w, m)
}
