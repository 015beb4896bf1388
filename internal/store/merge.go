package store

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// What is known of a use or a log is merged member by member: each is a
// minimum, a maximum or a union under a full order, so that merging twice,
// or in another order, gives the same.

// mergeUse adds what b knows to a; both are of the same host, user and month.
func mergeUse(a *snapshot.Use, b *snapshot.Use) {
	a.Name = earlierName(a.Name, a.First, b.Name, b.First)
	a.SID = filled(a.SID, b.SID)
	a.Days |= b.Days
	a.First = earliest(a.First, b.First)
	a.Last = latest(a.Last, b.Last)
	a.Opened = latestMark(a.Opened, b.Opened)
	a.Closed = latestMark(a.Closed, b.Closed)
	a.Ended = earliestMark(a.Ended, b.Ended)
	a.Left = earliestMark(a.Left, b.Left)
}

// filled is the smaller of two texts, and never an empty one if there is
// another: which of two is right cannot be known, but it must always be the
// same one.
func filled(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// earlierName is the name of the row that was seen first.
func earlierName(a string, at snapshot.Sighting, b string, bt snapshot.Sighting) string {
	switch {
	case a == "" || b == "":
		return a + b
	case at.IsZero() != bt.IsZero():
		if bt.IsZero() {
			return a
		}
		return b
	case compareSightings(at, bt) < 0:
		return a
	case compareSightings(at, bt) > 0:
		return b
	}
	return min(a, b)
}

// compareSightings is Sighting.Before as a full order.
func compareSightings(a, b snapshot.Sighting) int {
	switch {
	case a.Before(b):
		return -1
	case b.Before(a):
		return 1
	}
	return 0
}

func earliest(a, b snapshot.Sighting) snapshot.Sighting {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b snapshot.Sighting) snapshot.Sighting {
	if a.IsZero() || !b.IsZero() && a.Before(b) {
		return b
	}
	return a
}

func compareMarks(a, b snapshot.Mark) int {
	remote := func(m snapshot.Mark) int {
		if m.Remote {
			return 1
		}
		return 0
	}
	return cmp.Or(compareSightings(a.Sighting, b.Sighting), strings.Compare(a.Session, b.Session), cmp.Compare(remote(a), remote(b)))
}

func earliestMark(a, b snapshot.Mark) snapshot.Mark {
	if a.IsZero() || !b.IsZero() && compareMarks(b, a) < 0 {
		return b
	}
	return a
}

func latestMark(a, b snapshot.Mark) snapshot.Mark {
	if a.IsZero() || !b.IsZero() && compareMarks(a, b) < 0 {
		return b
	}
	return a
}

// extent is a stretch of record ids of which so many are missing, nobody
// knows where.
type extent struct {
	first, last, missing uint64
}

// reach is everything known of one log over all its readings. The whole are
// stretches without a gap, apart from each other and ascending. The holed are
// those with gaps that tell something the others do not.
type reach struct {
	snapshot.Log // Records, FirstRecord and LastRecord follow from the two
	whole, holed []extent
}

// reset makes it as good as new, and keeps its room.
func (r *reach) reset() { r.Log, r.whole, r.holed = snapshot.Log{}, r.whole[:0], r.holed[:0] }

func reachOf(l snapshot.Log) reach {
	r := reach{Log: l}
	if l.LastRecord < l.FirstRecord || l.LastRecord == 0 {
		return r // no record ids: Records is all there is
	}
	width := l.LastRecord - l.FirstRecord + 1
	x := extent{first: l.FirstRecord, last: l.LastRecord}
	if width > l.Records {
		x.missing = width - l.Records
		r.holed = []extent{x}
	} else {
		r.whole = []extent{x}
	}
	r.count()
	return r
}

// merge adds what b knows: the same file read again, or in part.
func (r *reach) merge(b *reach) {
	r.Name = filled(r.Name, b.Name)
	if r.First.IsZero() || !b.First.IsZero() && b.First.Before(r.First) {
		r.First = b.First
	}
	r.Last = later(r.Last, b.Last)
	r.Cleared = later(r.Cleared, b.Cleared)
	r.Until = later(r.Until, b.Until)
	r.Records = max(r.Records, b.Records)
	r.whole = union(append(slices.Clone(r.whole), b.whole...))
	r.holed = append(slices.Clone(r.holed), b.holed...)
	r.count()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func compareExtents(x, y extent) int {
	return cmp.Or(cmp.Compare(x.first, y.first), cmp.Compare(x.last, y.last), cmp.Compare(x.missing, y.missing))
}

// union joins stretches that overlap or touch.
func union(all []extent) []extent {
	if !slices.IsSortedFunc(all, compareExtents) {
		slices.SortFunc(all, compareExtents)
	}
	out := all[:0]
	for _, x := range all {
		if n := len(out); n > 0 && (x.first <= out[n-1].last || x.first == out[n-1].last+1) {
			out[n-1].last = max(out[n-1].last, x.last)
			continue
		}
		out = append(out, x)
	}
	return out
}

// within says that x tells nothing that y does not: y reaches at least as
// far, and misses no more.
func (x extent) within(y extent) bool {
	return y.first <= x.first && x.last <= y.last && y.missing <= x.missing
}

// count drops what is told twice, and works out the record ids from the rest.
func (r *reach) count() {
	slices.SortFunc(r.holed, compareExtents)
	r.holed = slices.Compact(r.holed)
	keep := make([]extent, 0, len(r.holed))
	for i, x := range r.holed {
		told := slices.ContainsFunc(r.whole, func(y extent) bool { return x.within(y) })
		for j, y := range r.holed {
			told = told || i != j && x.within(y)
		}
		if !told {
			keep = append(keep, x)
		}
	}
	r.holed = keep
	if len(r.whole)+len(r.holed) == 0 {
		return
	}
	r.FirstRecord, r.LastRecord, r.Records = ^uint64(0), 0, 0
	seen := slices.Clone(r.whole)
	for _, x := range seen {
		r.Records += x.last - x.first + 1
	}
	for _, x := range r.holed { // what it adds, were all that it misses in what it adds
		was := width(seen)
		at, _ := slices.BinarySearchFunc(seen, extent{first: x.first, last: x.last}, compareExtents)
		seen = union(slices.Insert(seen, at, extent{first: x.first, last: x.last}))
		if added := width(seen) - was; added > x.missing {
			r.Records += added - x.missing
		}
	}
	r.FirstRecord, r.LastRecord = seen[0].first, seen[len(seen)-1].last
}

func width(all []extent) (n uint64) {
	for _, x := range all {
		n += x.last - x.first + 1
	}
	return n
}
