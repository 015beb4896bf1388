package sessions

import (
	"slices"
	"sort"
	"unsafe"

	"splameter/collector/sessions/evtx"
	"splameter/internal/snapshot"
)

// maxGaps is how many gaps between record ids are remembered of one log. Where
// there are more, small ones are put together (see coarsen); records that fill
// a gap that is not remembered are taken for doubles: the log then shows a gap
// that it may not have, never the reverse.
const maxGaps = 4096

// hostLog is how far the records of one host and channel reach in one file,
// and how many different ones there are.
//
// What every record asks for stands in 64 bytes.
type hostLog struct {
	first, last point
	count       uint64
	host        uint32
	name        uint32 // how the computer is spelled in the record with the lowest id, 0: not at all
	breaks      uint32 // hostLogs.breaks when the latest record came
	channel     Channel
	*logDetails
}

// logDetails is what few records of a log change.
type logDetails struct {
	gaps      []gap // between first and last, ascending
	coarse    bool  // small gaps are not remembered any more
	timeSpans []timeSpan
	lost      []timeSpan  // of events that do not say whose or where they are
	spans     []evtx.Span // instead of the gaps: what an event log holds, wanted or not
	cleared   [2]int64    // ticks of the earliest and the latest event that says that a log was cleared
	causes    [causes]int // how many events are lost for want of what
	clock     clock
	whose     sessionUsers
}

// sessionUsers are those of the events that show a session: how many are a
// person's, and how many of accounts of Windows or of machines; and the one
// user that they all name, 0 where there are several.
type sessionUsers struct {
	persons, system int
	user            uint32
	several         bool
}

func (x *sessionUsers) add(user uint32, system bool) {
	x.several = x.several || x.user != 0 && x.user != user
	x.user = user
	if system {
		x.system++
	} else {
		x.persons++
	}
}

// newHostLog is a log of a file whose records can bear no time after limit.
func newHostLog(host uint32, chn Channel, limit int64) *hostLog {
	return &hostLog{host: host, channel: chn, logDetails: &logDetails{clock: clock{limit: limit}}}
}

// point is a record's place: its id, 0 where the log has none, and its time.
type point struct {
	id    uint64
	ticks int64
}

// gap is a run of missing ids, with the times of the records on both sides.
type gap struct {
	from, to      uint64
	before, after int64
	broken        bool // something that could not be read stands there
}

// timeSpan is a time in which records of a log without ids follow each other
// within silence.
type timeSpan struct {
	from, until int64
	broken      bool // something that could not be read stands before it
}

const silence = int64(snapshot.MaxSilence / 100)

// add takes one more record and says whether its computer's name is to be
// kept. broken says that something stands before it that could not be read.
func (e *hostLog) add(id uint64, ticks int64, broken bool) (name bool) {
	p := point{id, ticks}
	switch {
	case id == 0:
		return e.addTime(p, broken)
	case e.count == 0:
		e.first, e.last, e.count = p, p, 1
		return true
	case id > e.last.id:
		if id > e.last.id+1 {
			e.missing(len(e.gaps), gap{e.last.id + 1, id - 1, e.last.ticks, ticks, broken})
		}
		if d := ticks - e.last.ticks; d > tolerance || d < -tolerance {
			e.clock.rise(id, e.last.ticks, ticks)
		}
		e.last.id, e.last.ticks = id, ticks // not e.last = p: see monthTable.set
		e.count++
	case id < e.first.id:
		if id+1 < e.first.id {
			e.missing(0, gap{id + 1, e.first.id - 1, ticks, e.first.ticks, broken})
		}
		if d := ticks - e.first.ticks; d > tolerance || d < -tolerance {
			e.clock.fall(id, e.first.id, ticks, e.first.ticks, e.last.id)
		}
		e.first = p
		e.count++
		return true
	case id == e.last.id:
		e.last.ticks = max(e.last.ticks, ticks)
	case id == e.first.id:
		e.first.ticks = earlier(e.first.ticks, ticks)
	default:
		e.fill(id, ticks)
	}
	return false
}

func (e *hostLog) missing(at int, g gap) {
	if len(e.gaps) >= maxGaps {
		at = min(at, 1) * len(e.coarsen())
	}
	e.gaps = slices.Insert(e.gaps, at, g)
}

// coarsen makes room for more gaps: of chosen events the small ones do not
// matter, of a log with every record two neighbours become one, and what
// stands between them is taken for missing too.
func (e *hostLog) coarsen() []gap {
	if !e.dense() {
		e.coarse = true
		e.gaps = slices.DeleteFunc(e.gaps, func(g gap) bool { return !g.broken && g.after-g.before <= silence })
	}
	for len(e.gaps) > maxGaps/2 {
		n := 0
		for i := 0; i < len(e.gaps); i += 2 {
			g := e.gaps[i]
			if i+1 < len(e.gaps) {
				next := &e.gaps[i+1]
				g.to, g.after, g.broken = next.to, next.after, g.broken || next.broken
			}
			e.gaps[n] = g
			n++
		}
		e.gaps = e.gaps[:n]
	}
	return e.gaps
}

// dense says that the log holds every record, but for holes: at least nine in
// ten of the ids between its first and its last, or no more than one hole in
// ten records, besides those where something could not be read. Of an export or
// a subscription of chosen events it does not.
func (e *hostLog) dense() bool {
	width, holes := e.last.id-e.first.id+1, uint64(0)
	for i := range e.gaps {
		if !e.gaps[i].broken {
			holes++
		}
	}
	return !e.coarse && (e.count >= width-width/10 || holes <= e.count/10)
}

// addTime is for logs without record ids: they reach over times and not over ids.
func (e *hostLog) addTime(p point, broken bool) (name bool) {
	if e.count > 0 || p.ticks == 0 { // a log with ids here and there is one with ids
		return e.name == 0
	}
	if n := len(e.timeSpans); n > 0 && !broken {
		if s := &e.timeSpans[n-1]; s.from <= p.ticks && p.ticks-s.until <= silence {
			s.until = max(s.until, p.ticks)
			e.last.ticks = max(e.last.ticks, p.ticks)
			return false
		}
	}
	e.timeSpans = addTimeSpan(e.timeSpans, timeSpan{p.ticks, p.ticks, broken && len(e.timeSpans) > 0})
	if e.first.ticks == 0 || p.ticks < e.first.ticks {
		e.first, name = p, true
	}
	e.last.ticks = max(e.last.ticks, p.ticks)
	return name
}

// addTimeSpan adds a time span, and joins those that are not further apart than
// silence. The one that was added or grew comes last: records mostly follow
// each other.
func addTimeSpan(all []timeSpan, s timeSpan) []timeSpan {
	keep := all[:0]
	for _, o := range all {
		apart := o.from-s.until > silence || s.from-o.until > silence
		if broken := s.broken && o.from <= s.from || o.broken && s.from <= o.from; apart || broken && (o.until < s.from || s.until < o.from) {
			keep = append(keep, o)
			continue
		}
		if o.from < s.from {
			s.broken = o.broken
		}
		s.from, s.until = min(s.from, o.from), max(s.until, o.until)
	}
	if len(keep) >= maxGaps { // hostile: what stands between is not known any more
		keep = keep[len(keep)/2:]
	}
	return append(keep, s)
}

// fill counts a record that lies between others, if it is in a known gap.
func (e *hostLog) fill(id uint64, ticks int64) {
	i := sort.Search(len(e.gaps), func(i int) bool { return e.gaps[i].to >= id })
	if i == len(e.gaps) || e.gaps[i].from > id {
		return
	}
	e.count++
	g := &e.gaps[i]
	switch {
	case g.from == g.to:
		e.gaps = slices.Delete(e.gaps, i, i+1)
	case id == g.from:
		g.from++
		g.before = ticks
	case id == g.to:
		g.to--
		g.after = ticks
	case len(e.gaps) < maxGaps:
		upper := gap{id + 1, g.to, ticks, g.after, g.broken}
		g.to, g.after = id-1, ticks
		e.gaps = slices.Insert(e.gaps, i+1, upper)
	default:
		e.count-- // it stays missing
	}
}

// earlier is the smaller of two times, where 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// hostLogs are those of one file.
type hostLogs struct {
	by       map[hostLogKey]*hostLog
	sessions []*hostLog // those of LSM, by host: nearly all that is asked for
	found    [foldSize]*hostLog

	breaks uint32 // how often something came that could not be read, and may be any host's
	whose  sessionUsers
	limit  int64 // as of clock
}

type hostLogKey struct {
	host    uint32
	channel Channel
}

// find finds those of the computers that wrote the events, for add.
func (x *hostLogs) find(events []codedEvent, w *prefetchList) {
	for i := range events {
		x.found[i] = x.of(events[i].computer, events[i].channel)
		w[i] = unsafe.Pointer(x.found[i])
	}
	prefetchAll(w, len(events))
}

// add counts the records of the events that find was given.
func (x *hostLogs) add(events []codedEvent) {
	for i := range events {
		ce, e := &events[i], x.found[i]
		if ce.provesSession && x.session(ce, e) {
			continue
		}
		broken := e.breaks != x.breaks
		e.breaks = x.breaks
		if e.add(ce.record, ce.ticks, broken) {
			e.name = ce.spelled
		}
	}
}

// session takes note of whose the session is that an event shows. An event that
// does not tell is lost, as though it could not be read.
func (x *hostLogs) session(ce *codedEvent, e *hostLog) (lost bool) {
	cause := -1
	switch {
	case ce.ticks < minDay*ticksPerDay || ce.ticks >= maxDay*ticksPerDay:
		cause = ofNoTime
	case ce.host == 0 || ce.computer == 0:
		cause = ofNoHost
	case ce.user == 0 || ce.ofNoKind():
		cause = ofNobody
	}
	if ce.user != 0 {
		x.whose.add(ce.user, ce.system)
	}
	if cause < 0 {
		e.whose.add(ce.user, ce.system)
		return false
	}
	e.causes[cause]++
	if cause != ofNoTime {
		e.lost = addTimeSpan(e.lost, timeSpan{ce.ticks, ce.ticks, false})
	}
	if cause == ofNobody {
		e.breaks = x.breaks - 1
	} else {
		x.breaks++
	}
	return true
}

// ofNoKind says that an event shows a session, and not whether it was remote or at the
// console: a 4624 without its type, a beginning that Windows writes with the
// client's address and an export left out. Who signed in there would be at no
// host at all.
func (ce *codedEvent) ofNoKind() bool {
	switch ce.channel {
	case Security:
		return ce.event == 4624 && ce.logon < 0
	case LSM:
		return (ce.event == 21 || ce.event == 25) && !ce.system && ce.address == unsaid && ce.activity == unsaid
	}
	return false
}

// unread makes of a log whose sessions are nobody's events that do not say whose
// they are: it proves nothing, and the days that it reaches over are lost.
func (e *hostLog) unread() {
	e.causes[ofNobody] += e.whose.persons + e.whose.system
	e.lost = addTimeSpan(e.lost, timeSpan{min(e.first.ticks, e.last.ticks), max(e.first.ticks, e.last.ticks), false})
	e.first, e.last, e.count = point{}, point{}, 0
	e.gaps, e.timeSpans, e.spans, e.clock = nil, nil, nil, clock{}
}

func (x *hostLogs) of(host uint32, chn Channel) *hostLog {
	if chn == LSM && int(host) < len(x.sessions) && x.sessions[host] != nil {
		return x.sessions[host]
	}
	k := hostLogKey{host, chn}
	e := x.by[k]
	if e == nil {
		e = newHostLog(host, chn, x.limit)
		e.breaks = x.breaks
		x.by[k] = e
	}
	if chn == LSM {
		for int(host) >= len(x.sessions) {
			x.sessions = append(x.sessions, nil)
		}
		x.sessions[host] = e
	}
	return e
}

// What an event may not tell, by number.
const (
	ofNobody = iota
	ofNoHost
	ofNoTime
	causes
)

var causeNames = [causes]snapshot.LostCause{snapshot.LostUser, snapshot.LostHost, snapshot.LostTime}
