package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// A stamp bears the time of the controller on which a change was made, and a
// reading that of the machine that read. Where their clocks differ, or a change
// takes long until it reaches the controller that is read, a stamp contradicts the
// order of the readings: it tells of a change before a reading that did not have it,
// or after the reading that told it.

// slack is by how much that is nothing to speak of: controllers take a while to
// hear of each other, and a change may be made while a reading goes on.
const slack = time.Hour

// clockOff is what contradicts the readings in the stamps of one controller.
type clockOff struct {
	late, ahead           int
	mostLate, mostAhead   time.Duration
	firstLate, firstAhead time.Time
}

// readingOrder tells which readings could have told of a membership's change.
type readingOrder struct {
	x      *betweenDir
	told   []bool // by reading of the month: it told of changes of memberships
	groups map[string][]snapshot.Span
}

func newOrder(x *betweenDir) *readingOrder {
	o := &readingOrder{x: x, told: make([]bool, len(x.d.Taken)), groups: map[string][]snapshot.Span{}}
	for i := range x.d.Changes {
		if c := &x.d.Changes[i]; c.Link {
			for k := c.First; k <= c.Last; k++ {
				o.told[k] = true
			}
		}
	}
	for i := range x.d.Groups {
		o.groups[x.d.Groups[i].ID] = append(o.groups[x.d.Groups[i].ID], x.d.Groups[i].Span)
	}
	return o
}

// place moves a change to where the readings allow it, and notes by how much its
// stamp is off. Only what would be lost is moved: over the border of the month, or
// behind the reading that told it.
func (o *readingOrder) place(b *interim, l *located, rank int) {
	n := len(o.x.d.Taken)
	if !l.Link || rank < 1 || rank > n || !o.told[rank-1] || !slices.ContainsFunc(o.groups[l.Object], func(s snapshot.Span) bool { return int(s.First) < rank && rank-1 <= int(s.Last) }) {
		return
	}
	prev := o.x.d.Taken[rank-1].Time
	var told time.Time
	if rank < n {
		told = o.x.d.Taken[rank].Time
	} else {
		told = o.x.d.After.Time
	}
	off := o.x.off[l.Origin]
	if off == nil {
		off = &clockOff{}
	}
	late, ahead := prev.Sub(l.Changed), l.Changed.Sub(told)
	switch {
	case late > slack:
		if off.late++; late > off.mostLate {
			off.mostLate, off.firstLate = late, l.Changed
		}
		if l.Changed.Before(b.from) && late <= settled {
			by := late
			if since := prev.Sub(l.Created); !l.Created.IsZero() && since > 0 && since <= settled {
				by = max(by, since) // all of it lies behind that reading
			}
			l.move(by + time.Second)
		}
	case ahead > slack:
		if off.ahead++; ahead > off.mostAhead {
			off.mostAhead, off.firstAhead = ahead, l.Changed
		}
		l.move(-ahead - time.Second)
	default:
		return
	}
	o.x.off[l.Origin] = off
}

func (l *located) move(by time.Duration) {
	l.Changed, l.unsure = l.Changed.Add(by), true
	if !l.Created.IsZero() {
		l.Created = l.Created.Add(by)
	}
}

// clocks are sentences on controllers whose stamps contradict the readings, sorted.
func (b *interim) clocks() []statement.Finding {
	var out []statement.Finding
	for _, x := range b.dirs {
		for origin, o := range x.off {
			at := func(t time.Time) string { return t.In(b.w.m.Location()).Format("2 January 15:04:05") }
			f := statement.Finding{Code: "access-clocks", Severity: statement.Medium, Subject: x.d.Source + ": " + nameOr(origin, "?"), Count: o.late + o.ahead,
				Action: "look at the clock of that controller, and at how long changes take to reach the one that is read (repadmin /showrepl); look at those changes in the Security logs"}
			if o.late > 0 {
				f.Message = fmt.Sprintf("%d changes of memberships made on %s were not known to a reading after them, and to the next one (such as one of %s, by %s): its clock is behind, or changes take so long to reach the controller that is read; where one would lie before the month by its own time, it was counted in it", o.late, nameOr(origin, "?"), at(o.firstLate), o.mostLate.Round(time.Minute))
				out = append(out, f)
			}
			if o.ahead > 0 {
				f.Message = fmt.Sprintf("%d changes of memberships made on %s bear a time after the reading that told them (such as one of %s, by %s): its clock is ahead; they were counted as made just before that reading", o.ahead, nameOr(origin, "?"), at(o.firstAhead), o.mostAhead.Round(time.Minute))
				out = append(out, f)
			}
		}
	}
	slices.SortFunc(out, func(p, q statement.Finding) int {
		return cmp.Or(strings.Compare(p.Subject, q.Subject), strings.Compare(p.Message, q.Message))
	})
	return out
}
