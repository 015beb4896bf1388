package sessions

import (
	"bytes"
	"errors"
	"sync"
)

// book is what the Folders of one collection write into together: the names,
// the rows and how far each log reaches. mu is held by whoever looks into it
// while there may be others.
type book struct {
	mu      sync.Mutex
	names   *names
	cells   cells
	files   []string
	fileIDs map[string]uint32
	logs    logs
}

func newBook() *book {
	return &book{
		names:   newNames(),
		fileIDs: map[string]uint32{"": 0}, files: []string{""},
		logs: newLogs(),
	}
}

// file is the number of a file's name.
func (b *book) file(name string) uint32 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return intern(b.fileIDs, &b.files, name)
}

// row is the row of an account. Its pair remembers the latest, which saves
// looking it up.
func (b *book) row(p *pair, fa *fact, month int32) uint32 {
	if p.cell > 0 && p.month == month {
		return p.cell - 1
	}
	row := b.cells.index(cellKey(fa.host, fa.user, month))
	p.cell, p.month = row+1, month
	return row
}

// name keeps the spelling of the earliest event; of two at the same time the
// smaller.
func (b *book) name(c *cell, ticks int64, raw uint32) {
	if c.named != 0 && (ticks > c.named || ticks == c.named && (raw == c.raw || b.names.written(raw) >= b.names.written(c.raw))) {
		return
	}
	c.named, c.raw = ticks, raw
}

func (b *book) seen(c *cell, row uint32, d day, m *mark) {
	c.days |= d.bit
	b.cells.earliest(c, row, first, m, b.files)
	b.cells.latest(c, row, last, m, b.files)
}

// keepSID keeps the smallest of the SIDs that logs tell of one name: there is
// only one, unless an account was made anew under its old name.
func (b *book) keepSID(c *cell, sid uint32) {
	old := &c.sid
	if *old == 0 || *old != sid && bytes.Compare(b.names.sids.at(sid), b.names.sids.at(*old)) < 0 {
		*old = sid
	}
}

var errTooMany = errors.New("the logs name more than 16 million hosts or 268 million accounts: they are no session logs, or they were made up; take the odd file out")

// full says that the logs held more hosts or accounts than can be told apart.
func (b *book) full() error {
	if len(b.names.hosts) > 1<<hostBits || len(b.names.keys) > 1<<userBits {
		return errTooMany
	}
	return nil
}
