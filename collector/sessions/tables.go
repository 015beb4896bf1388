package sessions

import (
	"bytes"
	"errors"
	"sync"
)

// tables are what the Folders of one collection write into together: the names,
// the rows and how far each log reaches. mu is held by whoever looks into it
// while there may be others.
type tables struct {
	mu        sync.Mutex
	nameTable *nameTable
	months    monthTable
	files     []string
	fileIDs   map[string]uint32
	logs      logTable
	clients   clientTable
}

func newTables() *tables {
	return &tables{
		nameTable: newNameTable(),
		fileIDs:   map[string]uint32{"": 0}, files: []string{""},
		logs: newLogTable(),
	}
}

// file is the number of a file's name.
func (t *tables) file(name string) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return intern(t.fileIDs, &t.files, name)
}

// rowOf is the row of an account. Its entry remembers the latest, which saves
// looking it up.
func (t *tables) rowOf(p *hostUser, ce *codedEvent, month int32) uint32 {
	if p.row > 0 && p.month == month {
		return p.row - 1
	}
	row := t.months.index(rowKey(ce.host, ce.user, month))
	p.row, p.month = row+1, month
	return row
}

// addName keeps the spelling of the earliest event; of two at the same time the
// smaller.
func (t *tables) addName(c *monthRow, ticks int64, raw uint32) {
	if c.named != 0 && (ticks > c.named || ticks == c.named && (raw == c.raw || t.nameTable.written(raw) >= t.nameTable.written(c.raw))) {
		return
	}
	c.named, c.raw = ticks, raw
}

func (t *tables) addSighting(c *monthRow, row uint32, d day, m *codedMark) {
	c.days |= d.bit
	t.months.earliest(c, row, firstSeen, m, t.files)
	t.months.latest(c, row, lastSeen, m, t.files)
}

// addSID keeps the smallest of the SIDs that logs tell of one name: there is
// only one, unless an account was made anew under its old name.
func (t *tables) addSID(c *monthRow, sid uint32) {
	old := &c.sid
	if *old == 0 || *old != sid && bytes.Compare(t.nameTable.sids.at(sid), t.nameTable.sids.at(*old)) < 0 {
		*old = sid
	}
}

var errTooMany = errors.New("the logs name more than 16 million hosts or 268 million accounts: they are no session logs, or they were made up; take the odd file out")

// full says that the logs held more hosts or accounts than can be told apart.
func (t *tables) full() error {
	if len(t.nameTable.hosts) > 1<<hostBits || len(t.nameTable.keys) > 1<<userBits {
		return errTooMany
	}
	return nil
}
