package store

// What a span is about. The numbers are in the store.
const (
	kindAccount  = 1  // a: the object's id
	kindGroup    = 2  // a: the object's id
	kindMember   = 3  // a: the group's id, b: the member's key; no value
	kindSoftware = 4  // a: the host's key; value: its list of programs
	kindMachine  = 5  // a: the machine's key
	kindUnit     = 6  // a: the organizational unit's id
	kindLink     = 7  // a: the group's id, b: the member's key; value: the last change of the membership
	kindStamp    = 8  // a: the account's id, b: the attribute; value: its last change
	kindDeleted  = 9  // a: the account's id
	kindEvent    = 10 // an event of a domain controller's log, one tick long; a: the digest of what it tells, b: the file
)

// pair is what a span is about within its source and kind.
type pair struct{ a, b int64 }

func (p pair) before(o pair) bool { return p.a < o.a || p.a == o.a && p.b < o.b }

func (p pair) compare(o pair) int {
	switch {
	case p.before(o):
		return -1
	case o.before(p):
		return 1
	}
	return 0
}

// span is one row as far as placing a snapshot needs it: the stretch
// [first, until) over which a fact was seen unchanged. until is the moment of
// the first snapshot of the series that did not see it so, or forever.
type span struct {
	pair
	first, until int64
	digest       valueDigest // of the value; zero for a membership
}

// item is one fact of a snapshot.
type item struct {
	pair
	digest valueDigest
	line   int64
	at     int // where it stands in the snapshot's own list
}

// change is what one snapshot does to the spans of one fact.
type change struct {
	pair
	item   *item // nil: the snapshot did not see it
	cut    *span // ends at the snapshot
	split  *span // ends at the snapshot, and resumes at end
	back   *span // begins at the snapshot
	insert bool  // a new span from the snapshot to end
	end    int64
}

// place works out what a snapshot at t does to one fact, which it saw as it,
// or not at all (nil). over is the span over the snapshot before t, next the
// one that begins after t, nil where there is none; end is the moment of the
// snapshot after t that belongs to the same series, or forever.
//
// The spans that result are the same for the same set of snapshots, whatever
// their order: one for each longest run of snapshots that follow each other
// and saw the same value. Every existing span ends at forever or at a
// snapshot, so one that covers the snapshot before t reaches at least to end.
func place(over, next *span, t, end int64, p pair, it *item) (c change, changed bool) {
	c = change{pair: p, item: it, end: end}
	if over != nil {
		if it != nil && over.digest == it.digest {
			return c, false // a run that goes on
		}
		if over.until > end {
			c.split, c.insert = over, it != nil
			return c, true
		}
		c.cut = over
	}
	if it != nil {
		if next != nil && next.first == end && next.digest == it.digest {
			c.back = next
		} else {
			c.insert = true
		}
	}
	return c, c.cut != nil || it != nil
}
