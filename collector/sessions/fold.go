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
	jm := f.judge.judge(&f.ev)
	if jm.Evidence != No || jm.effect != 0 {
		f.fold(&f.ev, &jm)
	}
	return jm.Verdict, true
}

func (f *Folder) fold(ev *Event, jm *judgement) {
	if jm.host == 0 {
		return // only an event of the host itself comes here without one
	}
	d, ok := f.cal.find(ev.Ticks)
	if !ok {
		f.timeless++
		return
	}
	s := sight{ticks: ev.Ticks, record: ev.RecordID, file: f.file, line: uint32(ev.Line), event: uint16(ev.EventID), chn: ev.Channel}
	if jm.effect&stops != 0 {
		c := f.cells.find(cellKey(jm.host, 0, d.month))
		m := mark{sight: s}
		m.flags = markAll
		c.closed.latest(&m, f.files)
		return
	}
	c := f.row(jm, d.month)
	f.name(c, s.ticks, jm.raw)
	if len(ev.SID) > 0 {
		f.keepSID(c, f.judge.names.sid(ev.SID))
	}
	if jm.Evidence != No {
		f.seen(c, d, &s)
		if ev.Seconds > 0 {
			f.began(ev, jm, s)
		}
	}
	if jm.effect == 0 {
		return
	}
	m := mark{sight: s}
	m.flags, m.session = sessionOf(ev.Session)
	if jm.Evidence != No {
		m.flags |= markRemote
	}
	if jm.effect&opens != 0 {
		c.opened.latest(&m, f.files)
	}
	if jm.effect&closes != 0 {
		c.closed.latest(&m, f.files)
	}
	if jm.effect&ends != 0 {
		c.ended.earliest(&m, f.files)
	}
	if jm.effect&leaves != 0 {
		c.left.earliest(&m, f.files)
	}
}

// row is the row of an account. Its pair remembers the latest, which saves
// looking it up.
func (f *Folder) row(jm *judgement, month int32) *cell {
	p := jm.pair
	if p.cell > 0 && p.month == month {
		return f.cells.at(int(p.cell - 1))
	}
	i := f.cells.index(cellKey(jm.host, jm.user, month))
	p.cell, p.month = uint32(i+1), month
	return f.cells.at(i)
}

// name keeps the spelling of the earliest event; of two at the same time the
// smaller.
func (f *Folder) name(c *cell, ticks int64, raw uint32) {
	if c.named != 0 && (ticks > c.named || ticks == c.named && (raw == c.raw || f.judge.names.written(raw) >= f.judge.names.written(c.raw))) {
		return
	}
	c.named, c.raw = ticks, raw
}

func (f *Folder) seen(c *cell, d day, s *sight) {
	c.days |= d.bit
	if c.first.none() || s.before(&c.first, f.files) {
		c.first = *s
	}
	if c.last.none() || s.after(&c.last, f.files) {
		c.last = *s
	}
}

// longest is the longest connection through a gateway that is believed.
const longest = 366 * 24 * 3600

// began files the beginning that the end of a gateway's connection tells:
// its own event may be in no log. Durations are whole seconds, so up to two
// are left out, lest a session at midnight begin a day early.
func (f *Folder) began(ev *Event, jm *judgement, s sight) {
	if ev.Seconds <= 2 || ev.Seconds > longest {
		return
	}
	s.ticks -= (ev.Seconds - 2) * 1e7
	d, ok := f.cal.find(s.ticks)
	if !ok {
		return
	}
	c := f.cells.find(cellKey(jm.host, jm.user, d.month))
	f.name(c, s.ticks, jm.raw)
	f.seen(c, d, &s)
}

// keepSID keeps the smallest of the SIDs that logs tell of one name: there is
// only one, unless an account was made anew under its old name.
func (f *Folder) keepSID(c *cell, sid uint32) {
	if sid != 0 && (c.sid == 0 || f.judge.names.sids[sid] < f.judge.names.sids[c.sid]) {
		c.sid = sid
	}
}

func sessionOf(id []byte) (markFlags, uint64) {
	if len(id) == 0 {
		return 0, 0
	}
	n := sessionNumber(id)
	if n&oddSession != 0 {
		return 0, 0
	}
	if len(id) > 2 && id[1] == 'x' {
		return markSession | markHex, n
	}
	return markSession, n
}

// Merge takes over all that o holds; o is not used any more.
func (f *Folder) Merge(o *Folder) {
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
		users[i] = intern(n.folded, &n.keys, s)
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
	moved := func(s sight) sight { s.file = files[s.file]; return s }
	movedMark := func(m mark) *mark { m.sight = moved(m.sight); return &m }
	for i := range o.cells.n {
		a := o.cells.at(i)
		c := f.cells.find(cellKey(hosts[a.host()], users[a.user()], int32(a.month())))
		c.days |= a.days
		f.keepSID(c, sids[a.sid])
		if a.named != 0 {
			f.name(c, a.named, raws[a.raw])
		}
		if s := moved(a.first); !s.none() && (c.first.none() || s.before(&c.first, f.files)) {
			c.first = s
		}
		if s := moved(a.last); !s.none() && (c.last.none() || s.after(&c.last, f.files)) {
			c.last = s
		}
		c.opened.latest(movedMark(a.opened), f.files)
		c.closed.latest(movedMark(a.closed), f.files)
		c.ended.earliest(movedMark(a.ended), f.files)
		c.left.earliest(movedMark(a.left), f.files)
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
func (f *Folder) Len() int { return f.cells.n }

// Uses yields the rows, sorted by host, user and month, one at a time: a
// million of them need not stand in memory twice.
func (f *Folder) Uses() iter.Seq[snapshot.Use] {
	n := &f.judge.names
	hosts, users := ranks(n.hosts), ranks(n.keys)
	keys := make([]cellOrder, f.cells.n)
	for i := range keys {
		c := f.cells.at(i)
		keys[i] = cellOrder{cellKey(hosts[c.host()], users[c.user()], int32(c.month())), uint32(i)}
	}
	slices.SortFunc(keys, func(a, b cellOrder) int {
		return cmp.Compare(a.key, b.key)
	})
	return func(yield func(snapshot.Use) bool) {
		for _, k := range keys {
			c := f.cells.at(int(k.index))
			u := snapshot.Use{
				Host: n.hosts[c.host()], User: n.keys[c.user()], SID: n.sids[c.sid], Month: c.month(), Days: c.days,
				First: f.sighting(&c.first), Last: f.sighting(&c.last),
				Opened: f.mark(&c.opened), Closed: f.mark(&c.closed), Ended: f.mark(&c.ended), Left: f.mark(&c.left),
				Name: n.written(c.raw),
			}
			if !yield(u) {
				return
			}
		}
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

func (f *Folder) sighting(s *sight) snapshot.Sighting {
	if s.none() {
		return snapshot.Sighting{}
	}
	return snapshot.Sighting{
		Time: record.FromTicks(s.ticks), EventID: uint32(s.event), Channel: s.chn.String(),
		Evidence: snapshot.Evidence{File: f.files[s.file], Line: int(s.line), Record: s.record},
	}
}

func (f *Folder) mark(m *mark) snapshot.Mark {
	if m.none() {
		return snapshot.Mark{}
	}
	out := snapshot.Mark{Sighting: f.sighting(&m.sight), Remote: m.flags&markRemote != 0}
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
