package rules

import (
	"sort"
	"time"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Access between two readings. A reading tells what was so at its moment, and
// the directory itself tells of the last change of a membership and of an
// account. Where such a change shows that somebody had access at a moment that
// no reading saw, the person is counted for it.
//
// Only moments at which something began are looked at: whatever several facts
// together allow between two readings begins when the last of them does. A small
// world is made of the accounts concerned, with those moments as its readings,
// and counted as the month itself is; what it finds beyond the month's own is
// added to it. So what the readings show is never less for it.

// interim is the search for such access in one month.
type interim struct {
	w        *world
	from     time.Time // of the month
	until    time.Time
	dirs     []*betweenDir
	accounts map[string]int32 // by id and by SID, of those concerned
	moments  map[int64]bool   // in ticks of a nanosecond since 1970
	who      map[int32]map[int64]bool
	touched  map[int32]bool // looked at before
	names    *eventNames    // nil: no events
}

// betweenDir is a directory with the ends of its gaps: its readings, the one
// before the month and the one after, as far as there are.
type betweenDir struct {
	d     *snapshot.DirectoryMonth
	ends  []time.Time
	at    []int32 // of each end, the reading's index; -1: before, number of readings: after
	links map[linkKey]*betweenLink
	owns  map[string][]located // changes of accounts, by id
	signs map[string][]located // events of accounts, by id, in order
	last  map[linkKey]lastWord // the directory's last word on each thing of which events tell
	gaps  []betweenGap         // the gap that ends with each end; the first has no beginning
	off   map[string]*clockOff // by controller, where its stamps contradict the order of the readings
	fresh map[string]bool      // accounts that the reading before did not have as the first one has
	came  map[string]*newcomer // by id
	made  []snapshot.Group     // groups that the reading after the month has and no reading of it
}

type linkKey struct{ group, key string }

// located is a change and the gap it lies in.
type located struct {
	snapshot.Change
	gap   int
	rise  uint32 // by how much the version rose since the reading before; 0: not known
	file  string
	fresh bool // it is told first by the reading that ends the gap
	// event is the number of the event of a domain controller's log that tells it, or
	// that, where both is set, tells the same as the directory; what is the event's.
	event uint32
	both  bool
	what  snapshot.What
	// unsure says that its time was moved: the clocks of two controllers differ.
	unsure bool
}

// betweenLink is one membership of which changes are told.
type betweenLink struct {
	group   string
	key     string
	seen    []snapshot.Span // in which readings it stands
	before  bool            // it stands in the reading before the month, and no more
	changes []located
	events  []located // of domain controllers' logs, in order
	ways    []stay
}

// stay is a stretch in which a membership stood, or an account could sign in.
type stay struct {
	from, until           time.Time
	fromKnown, untilKnown bool
	unsure                bool // that it stood at all of the stretch is not proved
	open                  bool // nor that it stood at any of it
	change                *located
}

func (s *stay) holds(t time.Time) bool { return !t.Before(s.from) && t.Before(s.until) }

// betweenGap is what of a gap concerns all who have changes in it.
type betweenGap struct {
	starts []time.Time // at which a group came into another, or left it
	ends   bool        // a group left another
}

// addBetween finds access between readings and adds it to the month's.
func (e *entitlement) addBetween() {
	b := newBetween(e.w)
	if b == nil {
		return
	}
	b.gather()
	e.contradicted, e.clocks = b.contradictions(), b.clocks()
	if len(b.moments) == 0 {
		return
	}
	if e.addFound(b, false) {
		e.addFound(b, true)
	}
}

// addFound counts at the moments that were found. Accounts of which nothing tells
// whether they could sign in are looked at the second time, and not counted but
// asked about; whether there are any, it says.
func (e *entitlement) addFound(b *interim, open bool) bool {
	small, stays := b.facts(open)
	w := newWorld(small)
	w.follow = e.w.follow
	found := newEntitlement(w, e.in, e.products, e.est)
	found.walk()
	index := map[string]int32{}
	for a := range b.who {
		index[e.w.accounts[a].id] = a
	}
	for pi := range e.products {
		for i := range found.reach[pi].list {
			r := &found.reach[pi].list[i]
			a, ok := index[w.accounts[r.account].id]
			if !ok || e.reach[pi].of(a) != nil {
				continue
			}
			how := stays.of(w, found, r)
			if how.Short(time.Duration(e.in.Config.Access.Shortest)) {
				continue
			}
			if open {
				e.open = append(e.open, a)
				continue
			}
			x := reach{account: a, days: r.days, way: r.way, edge: -1, between: how}
			e.reach[pi].add(x, len(e.w.accounts))
			e.settleBetween(a, how.From)
			if len(e.products[pi].Entitled.Pools) > 0 {
				e.named[a] = true
			}
		}
	}
	return stays.open
}

// settleBetween lets an account that no reading saw entitled stand in the tenant
// of the reading next to the moment at which it was.
func (e *entitlement) settleBetween(a int32, t time.Time) {
	for _, all := range e.ticks {
		if all[a] != 0 {
			return
		}
	}
	best := int32(-1)
	for _, s := range e.w.states(a) {
		for tick := s.first; tick <= s.last; tick++ {
			if best < 0 || !e.w.ticks[tick].After(t) {
				best = tick
			}
		}
	}
	if best >= 0 {
		e.ticks[best/64][a] |= 1 << (best % 64)
	}
}

// newBetween prepares the search; nil where no directory tells of changes.
func newBetween(w *world) *interim {
	b := &interim{w: w, from: w.m.Start(), until: w.m.End(), accounts: map[string]int32{}, moments: map[int64]bool{}, who: map[int32]map[int64]bool{}, touched: map[int32]bool{}}
	any := false
	for i := range w.dirs {
		d := w.dirs[i].dir
		any = any || len(d.Changes) > 0 || len(d.Deleted) > 0 || d.After != nil || len(d.Events) > 0
		b.dirs = append(b.dirs, newBetweenDir(d))
	}
	if !any {
		return nil
	}
	for i := range w.accounts {
		a := &w.accounts[i]
		b.accounts[a.id] = int32(i)
		if sid := w.lastState(int32(i)).SID; sid != "" {
			b.accounts[snapshot.KeySID+sid] = int32(i)
		}
	}
	return b
}

func newBetweenDir(d *snapshot.DirectoryMonth) *betweenDir {
	x := &betweenDir{d: d, links: map[linkKey]*betweenLink{}, owns: map[string][]located{}, signs: map[string][]located{}, last: map[linkKey]lastWord{}, off: map[string]*clockOff{}, fresh: map[string]bool{}, came: map[string]*newcomer{}}
	if d.Before != nil {
		x.ends, x.at = append(x.ends, d.Before.Time), append(x.at, -1)
		for _, id := range d.Before.New {
			x.fresh[id] = true
		}
	}
	for i := range d.Taken {
		x.ends, x.at = append(x.ends, d.Taken[i].Time), append(x.at, int32(i))
	}
	if d.After != nil {
		x.ends, x.at = append(x.ends, d.After.Time), append(x.at, int32(len(d.Taken)))
	}
	x.gaps = make([]betweenGap, len(x.ends))
	x.made = newGroups(d)
	return x
}

// groups are the IDs of all groups that may have given access.
func (b *interim) groups() map[string]bool {
	out := map[string]bool{}
	for i := range b.w.groups {
		out[b.w.groups[i].id] = true
	}
	for _, x := range b.dirs {
		for i := range x.made {
			out[x.made[i].ID] = true
		}
	}
	return out
}

// gap is the one that a moment lies in, by the place of its end; false where it
// lies after all readings.
func (x *betweenDir) gap(t time.Time) (int, bool) {
	i := sort.Search(len(x.ends), func(i int) bool { return !x.ends[i].Before(t) })
	return i, i < len(x.ends)
}

// sides are the readings before and after a gap; before is none for the first.
func (x *betweenDir) sides(gap int) (before, after int32, begun bool) {
	if gap == 0 {
		return 0, x.at[0], false
	}
	return x.at[gap-1], x.at[gap], true
}

// start is when a gap begins, as far as the month is concerned.
func (b *interim) start(x *betweenDir, gap int) time.Time {
	if gap > 0 && x.ends[gap-1].After(b.from) {
		return x.ends[gap-1]
	}
	return b.from
}

// betweenOf is the access by which alone a claim is made, where no reading saw
// any of it: of a person with several accounts, the first.
func (e *evaluation) betweenOf(c *claim) (first *statement.Between) {
	for r := range e.claims.reaches(c) {
		if r.between == nil {
			return nil
		}
		if first == nil || r.between.From.Before(first.From) {
			first = r.between
		}
	}
	return first
}
