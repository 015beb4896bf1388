package sessions

import (
	"time"
	"unsafe"

	"splameter/collector/sessions/record"
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
	book    *book
	judge   *Judge
	compose Composer
	cal     calendar
	file    uint32

	// timeless counts the events of the file at hand that prove or end a
	// session and have no time that a log can hold.
	timeless int
	extents  *extents // where somebody asks how far the file reaches
	ev       Event
	waiting  []fact
	judged   []judgement
	text     []byte // the names of the users that wait
}

// NewFolder is an empty folder for a provider's zone.
func NewFolder(loc *time.Location) *Folder {
	b := newBook()
	return &Folder{book: b, judge: newJudge(b), cal: calendar{loc: loc}}
}

// Beside is a Folder for another goroutine, which reads other files into the
// same rows. What either yields in the end is what both have folded.
func (f *Folder) Beside() *Folder {
	return &Folder{book: f.book, judge: newJudge(f.book), cal: calendar{loc: f.cal.loc}}
}

// Begin turns to another file, named as evidence names it.
func (f *Folder) Begin(file string) {
	f.flush()
	f.judge.NewFile()
	f.file = f.book.file(file)
	f.timeless = 0
}

// Add folds one event of the file at hand. It reports whether the event is
// one that this package knows, and what it proves.
func (f *Folder) Add(r *record.Record) (Verdict, bool) {
	if !f.compose.Compose(r, &f.ev) {
		return Verdict{}, false
	}
	f.flush()
	fa := f.judge.fact(&f.ev)
	fa.file = f.file
	var jm judgement
	f.judge.judge(&fa, &jm)
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	f.fold(&fa, &jm)
	return jm.Verdict, true
}

// batch is how many events are folded at a time: enough for the memory that
// they need to be fetched at once instead of one after the other.
const batch = 64

// ahead is how many events come between asking for the memory that tells where
// an event's entry is, and asking for the entry.
const ahead = 8

// Queue is Add for callers that need no verdict. The event waits until some
// dozens are there; every other method folds those first. Where the Folder
// gathers extents, events wait that are no use for anything else, too.
func (f *Folder) Queue(r *record.Record) bool {
	ok := f.compose.Compose(r, &f.ev)
	if !ok && (f.extents == nil || f.ev.Channel == NoChannel) {
		return false
	}
	if f.waiting == nil {
		f.waiting, f.judged = make([]fact, 0, batch), make([]judgement, batch)
	}
	if !ok {
		f.ev.use = unused
	}
	n := len(f.waiting)
	f.waiting = f.waiting[:n+1]
	fa := &f.waiting[n]
	*fa = fact{file: f.file}
	f.judge.nameless(&f.ev, fa)
	t := &fa.text
	t.from = uint32(len(f.text))
	if len(f.ev.Host) <= maxName {
		f.text = append(f.text, f.ev.Host...)
	}
	t.computer = uint32(len(f.text))
	if fa.elsewhere && len(f.ev.Resource) <= maxName {
		f.text = append(f.text, f.ev.Resource...)
	}
	t.resource = uint32(len(f.text))
	if fa.personal {
		f.text = append(f.text, plainName(f.ev.User)...)
		t.user = uint32(len(f.text))
		if fa.bySID {
			f.text = append(f.text, fa.sidOf(&f.ev)...)
		}
		t.sid = uint32(len(f.text))
	} else {
		t.user, t.sid = t.resource, t.resource
	}
	fa.worded = fa.personal && !fa.elsewhere && wordy(t.computer-t.from) && wordy(t.user-t.resource)
	if fa.worded {
		fa.hash = f.judge.track.words.hash(f.text[t.from:t.user])
		f.judge.track.words.fetch(fa.hash)
	}
	if n >= ahead {
		f.judge.track.near(&f.waiting[n-ahead])
	}
	if n+1 == batch {
		f.flush()
	}
	return ok
}

// flush folds what waits. Memory far away is asked for a pass before the one
// that needs it, so that no event waits for another one's. The book is held for
// the passes that use it, and not for judging.
func (f *Folder) flush() {
	if len(f.waiting) == 0 {
		return
	}
	f.whoAll()
	if f.extents != nil {
		f.extents.add(f.waiting)
	}
	f.judgeAll()
	f.foldAll()
	f.waiting, f.text = f.waiting[:0], f.text[:0]
}

// whoAll finds whom the events concern.
func (f *Folder) whoAll() {
	track := &f.judge.track
	for i := max(0, len(f.waiting)-ahead); i < len(f.waiting); i++ {
		track.near(&f.waiting[i])
	}
	for i := range f.waiting {
		f.who(&f.waiting[i])
	}
	if f.extents != nil {
		f.extents.find(f.waiting)
	}
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	for i := range f.waiting {
		if p := f.waiting[i].pair; p != nil && p.cell > 0 {
			fetchTwo(unsafe.Pointer(f.book.cells.at(p.cell - 1)))
		}
	}
}

func (f *Folder) who(fa *fact) {
	j, t := f.judge, &fa.text
	words := f.text[t.from:t.user]
	known := fa.worded && j.track.worded(fa, words, fa.pair)
	if known && t.sid == t.user {
		return
	}
	if !known {
		fa.computer, fa.spelled = j.hosts.host(f.text[t.from:t.computer], f.book)
		fa.host = fa.computer
		if fa.elsewhere {
			fa.host, _ = j.hosts.host(f.text[t.computer:t.resource], f.book)
		}
	}
	if !fa.personal {
		return
	}
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	if t.sid > t.user {
		fa.sid = f.book.names.sid(f.text[t.user:t.sid])
	}
	if !known {
		nobody := j.name(fa, f.text[t.resource:t.user])
		if fa.worded && fa.host != 0 && fa.user != 0 {
			j.track.learn(fa, words, nobody)
		}
	}
}

func (f *Folder) judgeAll() {
	for i := range f.waiting {
		f.judge.judge(&f.waiting[i], &f.judged[i])
	}
}

func (f *Folder) foldAll() {
	f.book.mu.Lock()
	defer f.book.mu.Unlock()
	for i := range f.waiting {
		f.fold(&f.waiting[i], &f.judged[i])
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
	m := mark{sight: sight{ticks: fa.ticks, record: fa.record, file: fa.file, line: fa.line, event: uint16(fa.event), chn: fa.channel}}
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

// done folds what waits, and lets go of what only reading needs.
func (f *Folder) done() {
	f.flush()
	f.judge, f.waiting, f.judged, f.text = nil, nil, nil, nil
}
