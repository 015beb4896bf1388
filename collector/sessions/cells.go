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
	return s.place(o, files) < 0
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
	return s.place(o, files) < 0
}

func (s *sight) kind(o *sight) int {
	return cmp.Or(cmp.Compare(s.chn, o.chn), cmp.Compare(s.event, o.event), cmp.Compare(s.record, o.record))
}

func (s *sight) place(o *sight, files []string) int {
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

// earliest and latest keep the one of two that comes first or last.
func (m *mark) earliest(o *mark, files []string) {
	if !o.none() && (m.none() || o.before(&m.sight, files)) {
		*m = *o
	}
}

func (m *mark) latest(o *mark, files []string) {
	if !o.none() && (m.none() || o.after(&m.sight, files)) {
		*m = *o
	}
}

// cell is a snapshot.Use in numbers.
type cell struct {
	key                         uint64
	days                        uint32
	raw                         uint32 // spelling in the earliest event of the user
	sid                         uint32
	named                       int64 // ticks of that event
	first, last                 sight
	opened, closed, ended, left mark
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

func (c *cell) host() uint32 { return uint32(c.key >> (userBits + monthBits)) }
func (c *cell) user() uint32 { return uint32(c.key>>monthBits) & (1<<userBits - 1) }
func (c *cell) month() int   { return int(c.key&(1<<monthBits-1)) + monthBase }

// cells is a set of cells by key: open addressing over blocks that never
// move, so that growing copies nothing but numbers.
type cells struct {
	slots  []cellSlot
	blocks []*[blockCells]cell
	n      int
}

type cellSlot struct {
	key   uint64
	index uint32
}

const blockCells = 256

func (t *cells) at(i int) *cell { return &t.blocks[i/blockCells][i%blockCells] }

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
				t.blocks = append(t.blocks, new([blockCells]cell))
			}
			*s = cellSlot{key, uint32(t.n)}
			t.at(t.n).key = key
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
