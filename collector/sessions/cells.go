package sessions

import (
	"cmp"
	"strings"
)

// sight is a snapshot.Sighting in numbers.
type sight struct {
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
	markHex // the session is a logon id
	markAll // the session is every session of the host
)

// none says that there is no such event.
func (s *sight) none() bool { return s.ticks == 0 }

// before orders as snapshot.Sighting.Before does.
func (s *sight) before(o *sight, files []string) bool {
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
func (s *sight) after(o *sight, files []string) bool {
	if s.ticks != o.ticks {
		return s.ticks > o.ticks
	}
	if c := s.kind(o); c != 0 {
		return c > 0
	}
	return s.where(o, files) < 0
}

func (s *sight) kind(o *sight) int {
	return cmp.Or(cmp.Compare(s.chn, o.chn), cmp.Compare(s.event, o.event), cmp.Compare(s.record, o.record))
}

func (s *sight) where(o *sight, files []string) int {
	if s.file != o.file {
		if c := strings.Compare(files[s.file], files[o.file]); c != 0 {
			return c
		}
	}
	return cmp.Compare(s.line, o.line)
}

// mark is a snapshot.Mark in numbers.
type mark struct {
	sight
	session uint64
}

// what names the marks of a row.
type what uint8

const (
	first what = iota
	left
	endedAt // up to here the earliest is kept, from here on the latest
	last
	opened
	closed
	whats
)

func (w what) isLatest() bool { return w >= last }

// cell is a snapshot.Use in numbers. What every event compares stands in its
// first 64 bytes; the rest is written only.
type cell struct {
	days  uint32
	raw   uint32       // spelling in the earliest event of the user
	named int64        // ticks of that event
	ticks [whats]int64 // of each mark; 0: none
	at    [whats]place
}

// place is what a mark holds besides its time.
type place struct {
	record  uint64
	session uint64
	file    uint32
	line    uint32
	event   uint16
	chn     Channel
	flags   markFlags
}

func (c *cell) mark(w what) mark {
	p := &c.at[w]
	return mark{sight{ticks: c.ticks[w], record: p.record, file: p.file, line: p.line, event: p.event, chn: p.chn, flags: p.flags}, p.session}
}

func (c *cell) set(w what, m *mark) {
	c.ticks[w] = m.ticks
	c.at[w] = place{m.record, m.session, m.file, m.line, m.event, m.chn, m.flags}
}

// earliest and latest keep the one of two that comes first or last.
func (c *cell) earliest(w what, m *mark, files []string) {
	t := c.ticks[w]
	if m.none() || t != 0 && m.ticks > t {
		return
	}
	if m.ticks == t {
		if old := c.mark(w); !m.before(&old.sight, files) {
			return
		}
	}
	c.set(w, m)
}

func (c *cell) latest(w what, m *mark, files []string) {
	t := c.ticks[w]
	if m.none() || m.ticks < t {
		return
	}
	if m.ticks == t {
		if old := c.mark(w); !m.after(&old.sight, files) {
			return
		}
	}
	c.set(w, m)
}

// A key is host, user and month in one number; the month is counted from
// December 1969, so that no key is 0.
const (
	monthBits = 12
	userBits  = 28
	hostBits  = 64 - userBits - monthBits
	monthBase = 1970*12 - 1
)

func cellKey(host, user uint32, month int32) uint64 {
	return uint64(host)<<(userBits+monthBits) | uint64(user)<<monthBits | uint64(month-monthBase)
}

func keyHost(key uint64) uint32 { return uint32(key >> (userBits + monthBits)) }
func keyUser(key uint64) uint32 { return uint32(key>>monthBits) & (1<<userBits - 1) }
func keyMonth(key uint64) int   { return int(key&(1<<monthBits-1)) + monthBase }

// cells is a set of cells by key: open addressing over blocks that never
// move, so that growing copies nothing but numbers.
type cells struct {
	slots  []cellSlot
	blocks []*block
	n      int
}

type cellSlot struct {
	key   uint64
	index uint32
}

const blockCells = 256

// block holds cells, and apart from them what no event asks for.
type block struct {
	cells [blockCells]cell // 256 bytes each, so that the first 64 are one line
	keys  [blockCells]uint64
	sids  [blockCells]uint32
}

func (t *cells) at(i int) *cell    { return &t.blocks[i/blockCells].cells[i%blockCells] }
func (t *cells) key(i int) uint64  { return t.blocks[i/blockCells].keys[i%blockCells] }
func (t *cells) sid(i int) *uint32 { return &t.blocks[i/blockCells].sids[i%blockCells] }

// find returns the cell of a key, a new one if there was none.
func (t *cells) find(key uint64) *cell { return t.at(t.index(key)) }

// index is find for callers that remember the place.
func (t *cells) index(key uint64) int {
	if t.n*4 >= len(t.slots)*3 {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for i := mix(key) & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.key == key {
			return int(s.index)
		}
		if s.key == 0 {
			if t.n%blockCells == 0 {
				t.blocks = append(t.blocks, new(block))
			}
			*s = cellSlot{key, uint32(t.n)}
			t.blocks[t.n/blockCells].keys[t.n%blockCells] = key
			t.n++
			return t.n - 1
		}
	}
}

func (t *cells) grow() {
	old := t.slots
	t.slots = make([]cellSlot, max(1024, 2*len(old)))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.key == 0 {
			continue
		}
		i := mix(s.key) & mask
		for t.slots[i].key != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}
