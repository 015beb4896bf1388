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
	tables *tables
	judge  *Judge
	cal    calendar
	file   uint32

	// timeless counts the events of the file at hand that prove or end a
	// session and have no time that a log can hold.
	timeless int
	logs     *hostLogs // where somebody asks how far the file reaches
	judged   []judgement
	prefetch prefetchList
}

// prefetchList is memory that is needed soon.
type prefetchList [foldSize]unsafe.Pointer

// NewFolder is an empty folder for a provider's zone.
func NewFolder(loc *time.Location) *Folder {
	return newFolder(newTables(), loc)
}

// Fork is a Folder for another goroutine, which reads other files into the
// same rows. What either yields in the end is what both have folded.
func (f *Folder) Fork() *Folder {
	return newFolder(f.tables, f.cal.loc)
}

func newFolder(t *tables, loc *time.Location) *Folder {
	return &Folder{tables: t, judge: newJudge(t), cal: calendar{loc: loc}}
}

// Begin turns to another file, named as evidence names it.
func (f *Folder) Begin(file string) {
	f.judge.NewFile()
	f.file = f.tables.file(file)
	f.timeless = 0
}

// foldSize is how many events are folded at a time: enough for the memory that
// they need to be fetched at once instead of one after the other. foldAfter
// is how many wait for it: what the first foldSize of them need is not asked
// for ahead.
const (
	foldSize  = 32
	foldAfter = 24 * foldSize
)

// foldEvents folds events, of which text has the names. Memory far away is asked for
// before what needs it, so that no event waits for another one's. The
// tables are locked for the passes that use it, and not for judging.
func (f *Folder) foldEvents(events []codedEvent, text []byte) {
	if len(events) == 0 {
		return
	}
	if f.judged == nil {
		f.judged = make([]judgement, foldSize)
	}
	spellings := &f.judge.track.spellings
	for i := range events[:min(foldSize, len(events))] {
		spellings.prefetch(&events[i])
	}
	for len(events) > 0 {
		n := min(foldSize, len(events))
		now, next := events[:n], events[n:]
		k := 0
		for i := range now {
			k = f.judge.track.prefetchEntry(&now[i], &f.prefetch, k)
		}
		prefetchAll(&f.prefetch, k)
		for i := range next[:min(foldSize, len(next))] {
			spellings.prefetch(&next[i])
		}
		f.resolveAll(now, text)
		if f.logs != nil {
			f.logs.add(now)
		}
		f.judgeAll(now)
		f.foldAll(now)
		events = next
	}
}

// resolveAll finds the numbers of the names in the events.
func (f *Folder) resolveAll(events []codedEvent, text []byte) {
	for i := range events {
		f.resolve(&events[i], text)
	}
	if f.logs != nil {
		f.logs.find(events, &f.prefetch)
	}
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	n := 0
	for i := range events {
		if p := events[i].entry; p != nil && p.row > 0 {
			f.prefetch[n] = unsafe.Pointer(f.tables.months.at(p.row - 1))
			n++
		}
	}
	prefetchAll(&f.prefetch, n)
}

func (f *Folder) resolve(ce *codedEvent, text []byte) {
	j, t := f.judge, &ce.spans
	words := text[t.from:t.user]
	known := ce.cacheable && j.track.recall(ce, words, ce.entry)
	if known && t.client == t.user {
		return
	}
	if !known {
		ce.computer, ce.spelled = j.hosts.host(text[t.from:t.computer], f.tables)
		ce.host = ce.computer
		if ce.elsewhere {
			ce.host, _ = j.hosts.host(text[t.computer:t.resource], f.tables)
		}
	}
	if !ce.namesUser {
		return
	}
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	if t.sid > t.user {
		ce.sid = f.tables.nameTable.sid(text[t.user:t.sid])
	}
	if t.client > t.sid {
		ce.client = f.tables.client(text[t.sid:t.client])
	}
	if !known {
		nobody := j.name(ce, text[t.resource:t.user])
		if ce.cacheable && ce.host != 0 && ce.user != 0 {
			j.track.remember(ce, words, nobody)
		}
	}
}

func (f *Folder) judgeAll(events []codedEvent) {
	for i := range events {
		f.judge.judge(&events[i], &f.judged[i])
	}
}

func (f *Folder) foldAll(events []codedEvent) {
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	for i := range events {
		f.fold(&events[i], &f.judged[i])
	}
}

// fold writes into the tables what a judged event proves. Whoever calls it
// holds their lock.
func (f *Folder) fold(ce *codedEvent, jm *judgement) {
	atClient := ce.client != 0 && jm.user != nil
	if jm.Evidence == No && jm.effect == 0 && !atClient || ce.host == 0 {
		return
	}
	d, ok := f.cal.find(ce.ticks)
	if !ok {
		f.timeless++
		return
	}
	t := f.tables
	var m codedMark // one by one, as in monthTable.set
	m.ticks, m.record, m.file, m.line, m.event, m.chn = ce.ticks, ce.record, ce.file, ce.line, uint16(ce.event), ce.channel
	if jm.effect&stops != 0 {
		m.flags = markAll
		row := t.months.index(rowKey(ce.host, 0, d.month))
		t.months.latest(t.months.at(row), row, lastClosed, &m, t.files)
		return
	}
	row := t.rowOf(jm.user, ce, d.month)
	c := t.months.at(row)
	t.addName(c, ce.ticks, ce.raw)
	if ce.sid != 0 {
		t.addSID(c, ce.sid)
	}
	if atClient {
		t.addClient(row, ce.client, d)
	}
	if jm.Evidence != No {
		t.addSighting(c, row, d, &m)
		if ce.seconds > 0 {
			f.began(ce, m)
		}
	}
	if jm.effect == 0 {
		return
	}
	m.session, m.flags = ce.session, ce.sessionForm
	if m.flags == 0 {
		m.session = 0
	}
	if jm.Evidence != No {
		m.flags |= markRemote
	}
	if jm.effect&opens != 0 {
		t.months.latest(c, row, lastOpened, &m, t.files)
	}
	if jm.effect&closes != 0 {
		m := m
		if jm.ended != 0 { // of two sessions at once the one that began last ended first: now both did
			m.session, m.flags = uint64(jm.ended), m.flags|markSession
		}
		t.months.latest(c, row, lastClosed, &m, t.files)
	}
	if jm.effect&ends != 0 {
		t.months.earliest(c, row, firstEnded, &m, t.files)
	}
	if jm.effect&leaves != 0 {
		t.months.earliest(c, row, firstLeft, &m, t.files)
	}
}

// longest is the longest connection through a gateway that is believed.
const longest = 366 * 24 * 3600

// began files the beginning that the end of a gateway's connection tells:
// its own event may be in no log. Durations are whole seconds, so up to two
// are left out, lest a session at midnight begin a day early.
func (f *Folder) began(ce *codedEvent, m codedMark) {
	if ce.seconds <= 2 || ce.seconds > longest {
		return
	}
	m.ticks -= (ce.seconds - 2) * 1e7
	d, ok := f.cal.find(m.ticks)
	if !ok {
		return
	}
	row := f.tables.months.index(rowKey(ce.host, ce.user, d.month))
	c := f.tables.months.at(row)
	f.tables.addName(c, m.ticks, ce.raw)
	f.tables.addSighting(c, row, d, &m)
}

// userName is the account of a number, folded.
func (f *Folder) userName(user uint32) []byte {
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	return f.tables.nameTable.account(user)
}

// release lets go of what only reading needs.
func (f *Folder) release() { f.judge, f.judged = nil, nil }
