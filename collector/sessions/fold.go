package sessions

import (
	"cmp"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/collector/sessions/record"
	"splameter/snapshot"
)

// A Folder turns events into uses: one row a host, account and month. What it
// holds grows with these, not with events. Folders of different goroutines
// are merged in the end; the order of files, the order of merging and reading
// a file twice change nothing, because every member of a row is a minimum, a
// maximum or a union, and what a file proves depends on that file alone.
//
// Besides the rows of accounts there is one row a host and month with an
// empty User wherever the host went down in the month: its Closed, with the
// session "*", ends every session of the host that was open by then.
//
// A row may have no day at all: then the month holds only an end that proves
// nothing by itself (Ended, Closed), which matters for a session that was open
// from an earlier month.
type Folder struct {
	judge   *Judge
	compose Composer
	cal     calendar
	cells   cells
	files   []string
	fileIDs map[string]uint32
	file    uint32
	logs    map[logKey]snapshot.Log

	// timeless counts the events of the file at hand that prove or end a
	// session and have no time that a log can hold.
	timeless int
	ev       Event
	waiting  []fact
	text     []byte // the names of the users that wait
	touched  uint64
}

type logKey struct {
	host    string
	channel Channel
	file    string
}

// NewFolder is an empty folder for a provider's zone.
func NewFolder(loc *time.Location) *Folder {
	return &Folder{
		judge: NewJudge(), cal: calendar{loc: loc},
		fileIDs: map[string]uint32{"": 0}, files: []string{""},
		logs: map[logKey]snapshot.Log{},
	}
}

// Begin turns to another file, named as evidence names it.
func (f *Folder) Begin(file string) {
	f.flush()
	f.judge.NewFile()
	f.file = intern(f.fileIDs, &f.files, file)
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
	return f.fold(&fa), true
}

// batch is how many events are folded at a time: enough for the memory that
// they need to be fetched at once instead of one after the other.
const batch = 64

// Queue is Add for callers that need no verdict. The event waits until some
// dozens are there; every other method folds those first.
func (f *Folder) Queue(r *record.Record) bool {
	if !f.compose.Compose(r, &f.ev) {
		return false
	}
	fa, user := f.judge.unnamed(&f.ev)
	fa.file = f.file
	fa.hash = f.judge.names.spelled.hash(user)
	fa.from = uint32(len(f.text))
	f.text = append(f.text, user...)
	fa.to = uint32(len(f.text))
	f.waiting = append(f.waiting, fa)
	if len(f.waiting) == batch {
		f.flush()
	}
	return true
}

// flush folds what waits. The passes before the last only fetch what they and
// the next one need: within a pass no event waits for another one's memory.
func (f *Folder) flush() {
	var (
		touched uint64
		names   = &f.judge.names.spelled
		track   = &f.judge.track
	)
	if len(f.waiting) >= batch/4 {
		for i := range f.waiting {
			touched += uint64(names.touch(f.waiting[i].hash))
		}
		for i := range f.waiting {
			touched += uint64(names.touchText(f.waiting[i].hash))
		}
	}
	for i := range f.waiting {
		fa := &f.waiting[i]
		f.judge.name(fa, f.text[fa.from:fa.to])
	}
	for i := range f.waiting {
		touched += track.touch(f.waiting[i].host, f.waiting[i].user)
	}
	for i := range f.waiting {
		if c := track.peek(f.waiting[i].host, f.waiting[i].user); c > 0 {
			touched += uint64(f.cells.at(int(c - 1)).days)
		}
	}
	f.touched += touched // or the compiler would leave the passes out
	for i := range f.waiting {
		f.fold(&f.waiting[i])
	}
	f.waiting, f.text = f.waiting[:0], f.text[:0]
}

func (f *Folder) fold(fa *fact) Verdict {
	jm := f.judge.judge(fa)
	if jm.Evidence == No && jm.effect == 0 || fa.host == 0 {
		return jm.Verdict
	}
	d, ok := f.cal.find(fa.ticks)
	if !ok {
		f.timeless++
		return jm.Verdict
	}
	m := mark{sight: sight{ticks: fa.ticks, record: fa.record, file: fa.file, line: fa.line, event: uint16(fa.event), chn: fa.channel}}
	if jm.effect&stops != 0 {
		m.flags = markAll
		f.cells.find(cellKey(fa.host, 0, d.month)).latest(closed, &m, f.files)
		return jm.Verdict
	}
	i := f.row(jm.pair, fa, d.month)
	c := f.cells.at(i)
	f.name(c, fa.ticks, fa.raw)
	if fa.sid != 0 {
		f.keepSID(i, fa.sid)
	}
	if jm.Evidence != No {
		f.seen(c, d, &m)
		if fa.seconds > 0 {
			f.began(fa, m)
		}
	}
	if jm.effect == 0 {
		return jm.Verdict
	}
	m.session, m.flags = fa.session, fa.sessionForm
	if m.flags == 0 {
		m.session = 0
	}
	if jm.Evidence != No {
		m.flags |= markRemote
	}
	if jm.effect&opens != 0 {
		c.latest(opened, &m, f.files)
	}
	if jm.effect&closes != 0 {
		m := m
		if jm.ended != 0 { // of two sessions at once the one that began last ended first: now both did
			m.session, m.flags = uint64(jm.ended), m.flags|markSession
		}
		c.latest(closed, &m, f.files)
	}
	if jm.effect&ends != 0 {
		c.earliest(endedAt, &m, f.files)
	}
	if jm.effect&leaves != 0 {
		c.earliest(left, &m, f.files)
	}
	return jm.Verdict
}

// row is the row of an account. Its pair remembers the latest, which saves
// looking it up.
func (f *Folder) row(p *pair, fa *fact, month int32) int {
	if p.cell > 0 && p.month == month {
		return int(p.cell - 1)
	}
	i := f.cells.index(cellKey(fa.host, fa.user, month))
	p.cell, p.month = uint32(i+1), month
	return i
}

// name keeps the spelling of the earliest event; of two at the same time the
// smaller.
func (f *Folder) name(c *cell, ticks int64, raw uint32) {
	if c.named != 0 && (ticks > c.named || ticks == c.named && (raw == c.raw || f.judge.names.written(raw) >= f.judge.names.written(c.raw))) {
		return
	}
	c.named, c.raw = ticks, raw
}

func (f *Folder) seen(c *cell, d day, m *mark) {
	c.days |= d.bit
	c.earliest(first, m, f.files)
	c.latest(last, m, f.files)
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
	c := f.cells.find(cellKey(fa.host, fa.user, d.month))
	f.name(c, m.ticks, fa.raw)
	f.seen(c, d, &m)
}

// keepSID keeps the smallest of the SIDs that logs tell of one name: there is
// only one, unless an account was made anew under its old name.
func (f *Folder) keepSID(row int, sid uint32) {
	if old := f.cells.sid(row); sid != 0 && (*old == 0 || f.judge.names.sids[sid] < f.judge.names.sids[*old]) {
		*old = sid
	}
}

// done lets go of what only reading needs.
func (f *Folder) done() {
	f.flush()
	f.judge.track, f.waiting, f.text = tracker{}, nil, nil
}

// Merge takes over all that o holds; o is not used any more.
func (f *Folder) Merge(o *Folder) {
	f.flush()
	o.flush()
	var (
		n, m  = &f.judge.names, &o.judge.names
		hosts = make([]uint32, len(m.hosts))
		users = make([]uint32, len(m.keys))
		raws  = make([]uint32, m.spelled.len())
		sids  = make([]uint32, len(m.sids))
		files = make([]uint32, len(o.files))
	)
	for i, s := range m.hosts {
		hosts[i] = intern(n.hostKeys, &n.hosts, s)
	}
	for i, s := range m.keys {
		users[i] = n.key([]byte(s))
	}
	for i, s := range m.sids {
		sids[i] = intern(n.sidIDs, &n.sids, s)
	}
	for i, s := range o.files {
		files[i] = intern(f.fileIDs, &f.files, s)
	}
	for i := range raws {
		b := m.spelled.at(uint32(i))
		id, _, ok := n.spelled.find(b)
		if !ok {
			id = n.spelled.add(b)
			n.users = append(n.users, spelling{users[m.users[i].user], m.users[i].nobody})
		}
		raws[i] = id
	}
	for i := range o.cells.n {
		a := o.cells.at(i)
		key := o.cells.key(i)
		row := f.cells.index(cellKey(hosts[keyHost(key)], users[keyUser(key)], int32(keyMonth(key))))
		c := f.cells.at(row)
		c.days |= a.days
		f.keepSID(row, sids[*o.cells.sid(i)])
		if a.named != 0 {
			f.name(c, a.named, raws[a.raw])
		}
		for what := range whats {
			m := a.mark(what)
			m.file = files[m.file]
			if what.isLatest() {
				c.latest(what, &m, f.files)
			} else {
				c.earliest(what, &m, f.files)
			}
		}
	}
	for k, l := range o.logs {
		f.addLog(k, l)
	}
}

// addLog keeps the wider of two readings of one file.
func (f *Folder) addLog(k logKey, l snapshot.Log) {
	if old, ok := f.logs[k]; ok {
		if old.Records > l.Records || old.Records == l.Records && !old.Last.Before(l.Last) {
			return
		}
	}
	f.logs[k] = l
}

var errTooMany = errors.New("the logs name more than 16 million hosts or 268 million accounts: they are no session logs, or they were made up; take the odd file out")

// Err says that the logs held more hosts or accounts than can be told apart.
func (f *Folder) Err() error {
	if len(f.judge.names.hosts) > 1<<hostBits || len(f.judge.names.keys) > 1<<userBits {
		return errTooMany
	}
	return nil
}

// Len is the number of rows.
func (f *Folder) Len() int {
	f.flush()
	return f.cells.n
}

// Uses yields the rows, sorted by host, user and month.
func (f *Folder) Uses() iter.Seq[snapshot.Use] {
	rows := f.sorted()
	return func(yield func(snapshot.Use) bool) {
		for i := range rows.Len() {
			if !yield(rows.At(i)) {
				return
			}
		}
	}
}

// Rows are the same by their place, in no order, each made when it is asked
// for. Nothing may be added meanwhile.
func (f *Folder) Rows() snapshot.Rows {
	f.flush()
	return &rows{f: f}
}

func (f *Folder) sorted() snapshot.Rows {
	f.flush()
	n := &f.judge.names
	hosts, users := ranks(n.hosts), ranks(n.keys)
	keys := make([]cellOrder, f.cells.n)
	for i := range keys {
		key := f.cells.key(i)
		keys[i] = cellOrder{cellKey(hosts[keyHost(key)], users[keyUser(key)], int32(keyMonth(key))), uint32(i)}
	}
	slices.SortFunc(keys, func(a, b cellOrder) int {
		return cmp.Compare(a.key, b.key)
	})
	return &rows{f, keys}
}

type rows struct {
	f    *Folder
	keys []cellOrder // nil: as they came
}

// Len implements snapshot.Rows.
func (r *rows) Len() int { return r.f.cells.n }

// At implements snapshot.Rows.
func (r *rows) At(i int) snapshot.Use {
	f, n, at := r.f, &r.f.judge.names, i
	if r.keys != nil {
		at = int(r.keys[i].index)
	}
	c, key := f.cells.at(at), f.cells.key(at)
	return snapshot.Use{
		Host: n.hosts[keyHost(key)], User: n.keys[keyUser(key)], SID: n.sids[*f.cells.sid(at)], Month: keyMonth(key), Days: c.days,
		First: f.mark(c, first).Sighting, Last: f.mark(c, last).Sighting,
		Opened: f.mark(c, opened), Closed: f.mark(c, closed), Ended: f.mark(c, endedAt), Left: f.mark(c, left),
		Name: n.written(c.raw),
	}
}

type cellOrder struct {
	key   uint64
	index uint32
}

// ranks says for each name which one it is in order.
func ranks(all []string) []uint32 {
	order := make([]uint32, len(all))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return strings.Compare(all[a], all[b])
	})
	rank := make([]uint32, len(all))
	for i, o := range order {
		rank[o] = uint32(i)
	}
	return rank
}

func (f *Folder) mark(c *cell, what what) snapshot.Mark {
	m := c.mark(what)
	if m.none() {
		return snapshot.Mark{}
	}
	out := snapshot.Mark{
		Sighting: snapshot.Sighting{
			Time: record.FromTicks(m.ticks), EventID: uint32(m.event), Channel: m.chn.String(),
			Evidence: snapshot.Evidence{File: f.files[m.file], Line: int(m.line), Record: m.record},
		},
		Remote: m.flags&markRemote != 0,
	}
	switch {
	case m.flags&markAll != 0:
		out.Session = "*"
	case m.flags&markHex != 0:
		out.Session = "0x" + strconv.FormatUint(m.session, 16)
	case m.flags&markSession != 0:
		out.Session = strconv.FormatUint(m.session, 10)
	}
	return out
}

// Logs are how far each file reaches, sorted by host, channel, file.
func (f *Folder) Logs() []snapshot.Log {
	keys := make([]logKey, 0, len(f.logs))
	for k := range f.logs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b logKey) int {
		switch {
		case a.host != b.host:
			return strings.Compare(a.host, b.host)
		case a.channel != b.channel:
			return int(a.channel) - int(b.channel)
		}
		return strings.Compare(a.file, b.file)
	})
	out := make([]snapshot.Log, len(keys))
	for i, k := range keys {
		out[i] = f.logs[k]
	}
	return out
}
