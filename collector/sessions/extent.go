package sessions

import (
	"cmp"
	"slices"
	"sort"
	"unsafe"
)

// maxGaps is how many gaps between record ids are remembered of one log.
// Records that fill a gap beyond them are taken for doubles: the log then
// shows a gap that it may not have, never the reverse.
const maxGaps = 4096

// extent is how far the records of one host and channel reach in one file,
// and how many different ones there are.
//
// What every record asks for stands in 64 bytes.
type extent struct {
	first, last point
	count       uint64
	host        uint32
	name        uint32 // how the computer is spelled in the record with the lowest id, 0: not at all
	channel     Channel
	*seldom
}

// seldom is what few records of a log change.
type seldom struct {
	gaps    []gap // between first and last, ascending
	cleared int64 // ticks of the latest event that says that a log was cleared
}

func newExtent(host uint32, chn Channel) *extent {
	return &extent{host: host, channel: chn, seldom: &seldom{}}
}

// point is a record's place: its id, 0 where the log has none, and its time.
type point struct {
	id    uint64
	ticks int64
}

type gap struct{ from, to uint64 } // both missing

// add takes one more record and says whether its computer's name is to be
// kept.
func (e *extent) add(id uint64, ticks int64) (name bool) {
	p := point{id, ticks}
	switch {
	case id == 0:
		return e.addTime(p)
	case e.count == 0:
		e.first, e.last, e.count = p, p, 1
		return true
	case id > e.last.id:
		if id > e.last.id+1 && len(e.gaps) < maxGaps {
			e.gaps = append(e.gaps, gap{e.last.id + 1, id - 1})
		}
		e.last.id, e.last.ticks = id, ticks // not e.last = p: see cells.set
		e.count++
	case id < e.first.id:
		if id+1 < e.first.id && len(e.gaps) < maxGaps {
			e.gaps = slices.Insert(e.gaps, 0, gap{id + 1, e.first.id - 1})
		}
		e.first = p
		e.count++
		return true
	case id == e.last.id:
		e.last.ticks = max(e.last.ticks, ticks)
	case id == e.first.id:
		e.first.ticks = earlier(e.first.ticks, ticks)
	default:
		e.fill(id)
	}
	return false
}

// addTime is for logs without record ids: their extent is one of time.
func (e *extent) addTime(p point) (name bool) {
	if e.count > 0 || p.ticks == 0 { // a log with ids here and there is one with ids
		return e.name == 0
	}
	if e.first.ticks == 0 || p.ticks < e.first.ticks {
		e.first, name = p, true
	}
	e.last.ticks = max(e.last.ticks, p.ticks)
	return name
}

// fill counts a record that lies between others, if it is in a known gap.
func (e *extent) fill(id uint64) {
	i := sort.Search(len(e.gaps), func(i int) bool { return e.gaps[i].to >= id })
	if i == len(e.gaps) || e.gaps[i].from > id {
		return
	}
	e.count++
	g := e.gaps[i]
	switch {
	case g.from == g.to:
		e.gaps = slices.Delete(e.gaps, i, i+1)
	case id == g.from:
		e.gaps[i].from++
	case id == g.to:
		e.gaps[i].to--
	case len(e.gaps) < maxGaps:
		e.gaps[i].to = id - 1
		e.gaps = slices.Insert(e.gaps, i+1, gap{id + 1, g.to})
	default:
		e.gaps[i].from = id + 1 // the lower half is forgotten
	}
}

// earlier is the smaller of two times, where 0 is none.
func earlier(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// extents are those of one file.
type extents struct {
	by       map[extentKey]*extent
	sessions []*extent // those of LSM, by host: nearly all that is asked for
	found    [batch]*extent
}

type extentKey struct {
	host    uint32
	channel Channel
}

// find finds those of facts whose computers are known, for add.
func (x *extents) find(facts []fact, w *wish) {
	for i := range facts {
		x.found[i] = x.of(facts[i].computer, facts[i].channel)
		w[i] = unsafe.Pointer(x.found[i])
	}
	fetchAll(w, len(facts))
}

// add counts the records of the facts that find was given.
func (x *extents) add(facts []fact) {
	for i := range facts {
		if fa, e := &facts[i], x.found[i]; e.add(fa.record, fa.ticks) {
			e.name = fa.spelled
		}
	}
}

func (x *extents) of(host uint32, chn Channel) *extent {
	if chn == LSM && int(host) < len(x.sessions) && x.sessions[host] != nil {
		return x.sessions[host]
	}
	k := extentKey{host, chn}
	e := x.by[k]
	if e == nil {
		e = newExtent(host, chn)
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

// widen takes over what the reader of an event log says of all its records,
// wanted or not. It is believed only where its numbers can be those that the
// events themselves carry: an export through a query, or a log of forwarded
// events, numbers its records anew.
func widen(all []*extent, lowest, highest point, records uint64, firstRead uint64) {
	if len(all) == 0 || lowest.id == 0 || firstRead != lowest.id {
		return
	}
	low, high := all[0], all[0]
	for _, e := range all {
		if e.channel != all[0].channel || e.count == 0 {
			return
		}
		if e.first.id < low.first.id {
			low = e
		}
		if e.last.id > high.last.id {
			high = e
		}
	}
	if low.first.id < lowest.id || high.last.id > highest.id {
		return
	}
	// A host that was renamed leaves one log with several names, one after
	// the other. Names that alternate are another thing.
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *extent) int {
		return cmp.Compare(a.first.id, b.first.id)
	})
	for i := range sorted[1:] {
		if sorted[i].last.id >= sorted[i+1].first.id {
			return
		}
	}
	low.first, high.last = lowest, highest
	span := highest.id - lowest.id + 1
	for _, e := range sorted {
		switch {
		case records >= span: // nothing is missing, so nothing is missing of any part
			e.count = e.last.id - e.first.id + 1
		case len(sorted) == 1:
			e.count = records
		} // several names and a gap somewhere: only what was read counts
	}
}
