package rules

import (
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// locate places the changes of a directory in its gaps.
func (b *interim) locate(x *betweenDir) {
	d := x.d
	var last *snapshot.Change // the same thing's change before
	order := newOrder(x)
	put := func(c *snapshot.Change, file string, rank int) {
		same := last != nil && last.Link == c.Link && last.Object == c.Object && last.Key == c.Key
		if same && last.Version == c.Version && last.Changed.Equal(c.Changed) {
			return
		}
		l := located{Change: *c, file: file, fresh: rank >= 0}
		if same && c.Version > last.Version {
			l.rise = c.Version - last.Version
		}
		last = c
		order.place(b, &l, rank)
		gap, ok := x.gap(l.Changed)
		if !ok || gap == 0 && l.Changed.Before(b.from) {
			return
		}
		if l.Link && !l.Changed.Before(b.until) {
			// Of the next month, unless it tells that the membership was made first of
			// all after the last reading and before the month was over.
			if made, _ := x.gap(l.Created); made != gap || !l.Created.Before(b.until) {
				return
			}
		}
		l.gap = gap
		if !c.Link {
			x.owns[c.Object] = append(x.owns[c.Object], l)
			return
		}
		k := linkKey{c.Object, c.Key}
		if x.links[k] == nil {
			x.links[k] = &betweenLink{group: c.Object, key: c.Key}
		}
		x.links[k].changes = append(x.links[k].changes, l)
	}
	type told struct {
		c    *snapshot.Change
		file string
		rank int
	}
	var all []told
	if d.Before != nil {
		for i := range d.Before.Changes {
			all = append(all, told{&d.Before.Changes[i], d.Before.File, -1})
		}
	}
	for i := range d.Changes {
		all = append(all, told{&d.Changes[i].Change, d.Changes[i].File, int(d.Changes[i].First)})
	}
	if d.After != nil {
		for i := range d.After.Changes {
			all = append(all, told{&d.After.Changes[i], d.After.File, len(d.Taken)})
		}
	}
	slices.SortStableFunc(all, func(p, q told) int {
		if p.c.Link != q.c.Link {
			if p.c.Link {
				return -1
			}
			return 1
		}
		if c := strings.Compare(p.c.Object, q.c.Object); c != 0 {
			return c
		}
		if c := strings.Compare(p.c.Key, q.c.Key); c != 0 {
			return c
		}
		return p.rank - q.rank
	})
	for _, t := range all {
		put(t.c, t.file, t.rank)
	}
	b.place(x)
	// The memberships that the readings saw, of those of which changes are told.
	if len(x.links) == 0 {
		return
	}
	for i := range d.Members.Len() {
		m := d.Members.At(i)
		if l := x.links[linkKey{m.Group, m.Key}]; l != nil {
			l.seen = append(l.seen, m.Span)
		}
	}
	if d.Before != nil {
		for i := range d.Before.Members {
			m := &d.Before.Members[i]
			if l := x.links[linkKey{m.Group, m.Key}]; l != nil {
				l.before = true
			}
		}
	}
}

// stood says whether a membership stands in a reading.
func (l *betweenLink) stood(at int32, readings int) bool {
	switch {
	case at < 0:
		return l.before
	case int(at) == readings:
		at-- // the reading after tells of changes only
	}
	for _, s := range l.seen {
		if s.First <= at && at <= s.Last {
			return true
		}
	}
	return false
}

// stays works out the stretches of a membership from its changes.
func (b *interim) stays(x *betweenDir, l *betweenLink) {
	for i := range l.changes {
		c := &l.changes[i]
		left, _, begun := x.sides(c.gap)
		start, end := b.start(x, c.gap), x.ends[c.gap]
		stood := begun && l.stood(left, len(x.d.Taken))
		if begun && left < 0 && !stood && !c.Created.After(x.ends[c.gap-1]) && !c.Gone && c.Version > 1 {
			stood = l.stood(0, len(x.d.Taken)) // the reading before tells what ended, not what went on
		}
		if !c.Gone {
			l.ways = append(l.ways, stay{from: c.Changed, until: end, fromKnown: !c.unsure, change: c})
			if hidden := !stood && c.Version > 1 && (c.rise >= 3 || c.Created.After(start)); hidden {
				// It stood before, was taken away, and came again: when is not told,
				// but that it was made at a moment within the gap is where it is.
				s := stay{from: start, until: c.Changed, unsure: true, change: c}
				if c.Created.After(start) {
					s.from, s.fromKnown = c.Created, true
				}
				l.ways = append(l.ways, s)
			}
			continue
		}
		s := stay{from: start, until: c.Changed, untilKnown: true, change: c}
		switch {
		case c.Version == 2:
			s.from, s.fromKnown = c.Created, true
		case stood:
			s.unsure = c.rise > 1
		case c.Created.After(start):
			s.from, s.fromKnown, s.unsure = c.Created, true, true
		default: // it stood just before it was removed, from when is not told
			s.unsure = true
		}
		s.unsure = s.unsure || c.unsure
		l.ways = append(l.ways, s)
	}
}

// stands says whether a membership stood at a moment.
func (x *betweenDir) stands(l *betweenLink, t time.Time) (stay, bool) {
	sure := -1
	for i := range l.ways {
		if l.ways[i].holds(t) && (sure < 0 || l.ways[sure].unsure && !l.ways[i].unsure) {
			sure = i
		}
	}
	if sure >= 0 {
		return l.ways[sure], true
	}
	gap, ok := x.gap(t)
	if !ok {
		return stay{}, false
	}
	for i := range l.changes {
		if l.changes[i].gap == gap {
			return stay{}, false
		}
	}
	left, right, begun := x.sides(gap)
	n := len(x.d.Taken)
	before, after := begun && l.stood(left, n), l.stood(right, n)
	if begun && left < 0 && after && !l.before {
		before = true
	}
	if !begun {
		before = after
	}
	s := stay{from: t, until: x.ends[gap], unsure: before != after}
	if gap > 0 {
		s.from = x.ends[gap-1]
	}
	return s, before || after
}
