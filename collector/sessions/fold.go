package sessions

import (
	"time"
	"unsafe"
)

// A Folder turns events into uses: one row a host, account and month. What it
// holds grows with these, not with events. The order of files, several Folders
// beside each other and reading a file twice change nothing, because every
// member of a row is a minimum, a maximum or a union, and what a file proves
// depends on that file alone.
//
// Besides the rows of accounts there is one row a host and month with an
// empty User wherever the host went down in the month: its Closed, with the
// session "*", ends every session of the host that was open by then.
//
// A row may have no day at all: then the month holds only an end that proves
// nothing by itself (Ended, Closed), which matters for a session that was open
// from an earlier month.
type Folder struct {
	book  *book
	judge *Judge
	cal   calendar
	file  uint32

	// timeless counts the events of the file at hand that prove or end a
	// session and have no time that a log can hold.
	timeless int
	extents  *extents // where somebody asks how far the file reaches
	judged   []judgement
	wish     wish
}

// wish is memory that is needed soon.
type wish [batch]unsafe.Pointer

// NewFolder is an empty folder for a provider's zone.
func NewFolder(loc *time.Location) *Folder {
	return newFolder(newBook(), loc)
}

// Beside is a Folder for another goroutine, which reads other files into the
// same rows. What either yields in the end is what both have folded.
func (f *Folder) Beside() *Folder {
	return newFolder(f.book, f.cal.loc)
}

func newFolder(b *book, loc *time.Location) *Folder {
	return &Folder{book: b, judge: newJudge(b), cal: calendar{loc: loc}}
}

// Begin turns to another file, named as evidence names it.
func (f *Folder) Begin(file string) {
	f.judge.NewFile()
	f.file = f.book.file(file)
	f.timeless = 0
}

// batch is how many events are folded at a time: enough for the memory that
// they need to be fetched at once instead of one after the other. some is how
// many wait for it: what the first batch of them needs nobody has asked for
// yet.
const (
	batch = 32
	some  = 24 * batch
)

// take folds facts, of which text has the names. Memory far away is asked for
// before what needs it, so that no event waits for another one's. The book is
// held for the passes that use it, and not for judging.
func (f *Folder) take(facts []fact, text []byte) {
	if len(facts) == 0 {
		return
	}
	if f.judged == nil {
		f.judged = make([]judgement, batch)
	}
	words := &f.judge.track.words
	for i := range facts[:min(batch, len(facts))] {
		words.fetch(&facts[i])
	}
	for len(facts) > 0 {
		n := min(batch, len(facts))
		now, next := facts[:n], facts[n:]
		k := 0
		for i := range now {
			k = f.judge.track.near(&now[i], &f.wish, k)
		}
		fetchAll(&f.wish, k)
		for i := range next[:min(batch, len(next))] {
			words.fetch(&next[i])
		}
		f.whoAll(now, text)
		if f.extents != nil {
			f.extents.add(now)
		}
		f.judgeAll(now)
		f.foldAll(now)
		facts = next
	}
}

// whoAll finds whom the events concern.
func (f *Folder) whoAll(facts []fact, text []byte) {
	for i := range facts {
		f.who(&facts[i], text)
	}
	if f.extents != nil {
		f.extents.find(facts, &f.wish)
	}
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	n := 0
	for i := range facts {
		if p := facts[i].pair; p != nil && p.cell > 0 {
			f.wish[n] = unsafe.Pointer(f.book.cells.at(p.cell - 1))
			n++
		}
	}
	fetchAll(&f.wish, n)
}

func (f *Folder) who(fa *fact, text []byte) {
	j, t := f.judge, &fa.text
	words := text[t.from:t.user]
	known := fa.worded && j.track.worded(fa, words, fa.pair)
	if known && t.sid == t.user {
		return
	}
	if !known {
		fa.computer, fa.spelled = j.hosts.host(text[t.from:t.computer], f.book)
		fa.host = fa.computer
		if fa.elsewhere {
			fa.host, _ = j.hosts.host(text[t.computer:t.resource], f.book)
		}
	}
	if !fa.personal {
		return
	}
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	if t.sid > t.user {
		fa.sid = f.book.names.sid(text[t.user:t.sid])
	}
	if !known {
		nobody := j.name(fa, text[t.resource:t.user])
		if fa.worded && fa.host != 0 && fa.user != 0 {
			j.track.learn(fa, words, nobody)
		}
	}
}

func (f *Folder) judgeAll(facts []fact) {
	for i := range facts {
		f.judge.judge(&facts[i], &f.judged[i])
	}
}

func (f *Folder) foldAll(facts []fact) {
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	for i := range facts {
		f.fold(&facts[i], &f.judged[i])
	}
}

// fold writes into the book what a judged event proves. Whoever calls it
// holds the book.
func (f *Folder) fold(fa *fact, jm *judgement) {
	if jm.Evidence == No && jm.effect == 0 || fa.host == 0 {
		return
	}
	d, ok := f.cal.find(fa.ticks)
	if !ok {
		f.timeless++
		return
	}
	b := f.book
	var m mark // one by one, as in cells.set
	m.ticks, m.record, m.file, m.line, m.event, m.chn = fa.ticks, fa.record, fa.file, fa.line, uint16(fa.event), fa.channel
	if jm.effect&stops != 0 {
		m.flags = markAll
		row := b.cells.index(cellKey(fa.host, 0, d.month))
		b.cells.latest(b.cells.at(row), row, closed, &m, b.files)
		return
	}
	row := b.row(jm.pair, fa, d.month)
	c := b.cells.at(row)
	b.name(c, fa.ticks, fa.raw)
	if fa.sid != 0 {
		b.keepSID(c, fa.sid)
	}
	if jm.Evidence != No {
		b.seen(c, row, d, &m)
		if fa.seconds > 0 {
			f.began(fa, m)
		}
	}
	if jm.effect == 0 {
		return
	}
	m.session, m.flags = fa.session, fa.sessionForm
	if m.flags == 0 {
		m.session = 0
	}
	if jm.Evidence != No {
		m.flags |= markRemote
	}
	if jm.effect&opens != 0 {
		b.cells.latest(c, row, opened, &m, b.files)
	}
	if jm.effect&closes != 0 {
		m := m
		if jm.ended != 0 { // of two sessions at once the one that began last ended first: now both did
			m.session, m.flags = uint64(jm.ended), m.flags|markSession
		}
		b.cells.latest(c, row, closed, &m, b.files)
	}
	if jm.effect&ends != 0 {
		b.cells.earliest(c, row, endedAt, &m, b.files)
	}
	if jm.effect&leaves != 0 {
		b.cells.earliest(c, row, left, &m, b.files)
	}
}

// longest is the longest connection through a gateway that is believed.
const longest = 366 * 24 * 3600

// began files the beginning that the end of a gateway's connection tells:
// its own event may be in no log. Durations are whole seconds, so up to two
// are left out, lest a session at midnight begin a day early.
func (f *Folder) began(fa *fact, m mark) {
	if fa.seconds <= 2 || fa.seconds > longest {
		return
	}
	m.ticks -= (fa.seconds - 2) * 1e7
	d, ok := f.cal.find(m.ticks)
	if !ok {
		return
	}
	row := f.book.cells.index(cellKey(fa.host, fa.user, d.month))
	c := f.book.cells.at(row)
	f.book.name(c, m.ticks, fa.raw)
	f.book.seen(c, row, d, &m)
}

// userName is the account of a number, folded.
func (f *Folder) userName(user uint32) []byte {
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	return f.book.names.account(user)
}

// done lets go of what only reading needs.
func (f *Folder) done() { f.judge, f.judged = nil, nil }
