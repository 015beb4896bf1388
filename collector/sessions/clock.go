package sessions

import (
	"math"
	"slices"
	"time"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

// tolerance is how far the times of a log may go back from one record to the
// next: clocks are set, and records of one moment are written in any order.
const tolerance = ticksPerDay

// misdated are records whose times cannot be right: one of a higher id says
// that it was written more than a day before one of a lower id. What they prove
// of the days between is nothing.
type misdated struct {
	first, last   uint64
	before, after int64 // ticks of the records beside them; 0: there is none
}

// leap is the longest time that went by between two records, and where: the
// place at which a clock may have been set forward.
type leap struct {
	id            uint64 // of the record behind it
	before, after int64
}

// clock follows the times of a log's records in the order in which they come,
// rising ids or falling ones.
type clock struct {
	wrong []misdated
	leap  leap
	peak  int64 // the time that rising records must reach again; 0: none
	// trough is the time from which falling records went up, at which record;
	// where they come down to it again, those between were ahead.
	trough int64
	up     uint64
	// limit is the latest time that a record of the file can bear, which is
	// when the file was looked at; 0: that is not known. ahead is the place in
	// wrong, from 1 on, of the run of records beyond it that is not at its end.
	limit int64
	ahead int
}

// maxMisdated is how many runs are told apart; what comes after is one.
const maxMisdated = 64

// reaches says how late a record of a file may say that it was written: up to
// when it was looked at, or to the file's own time or to when a person states that
// it was exported, if that is later.
func reaches(looked, modified, exported time.Time) int64 {
	if looked.IsZero() {
		return 0
	}
	return record.ToTicks(laterOf(laterOf(looked, modified), exported)) + tolerance
}

// late says that a time lies after the moment at which the file was looked at:
// the clock that wrote it was ahead.
func (c *clock) late(ticks int64) bool { return c.limit > 0 && ticks > c.limit }

// rise takes a record of a higher id than all before whose time is more than
// tolerance away from that of the one before.
func (c *clock) rise(id uint64, before, ticks int64) {
	switch was := c.late(before); {
	case c.late(ticks) && was:
		return
	case c.late(ticks):
		c.begin(misdated{id, math.MaxUint64, before, 0})
		return
	case was && c.ahead > 0:
		w := &c.wrong[c.ahead-1]
		w.last, w.after, before, c.ahead = id-1, ticks, w.before, 0
	case was: // from the first record on
		c.begin(misdated{0, id - 1, 0, ticks})
		c.ahead = 0
		return
	}
	open := len(c.wrong) > 0 && c.wrong[len(c.wrong)-1].last == math.MaxUint64
	switch {
	case max(ticks-before, before-ticks) <= tolerance:
	case ticks < before && open && c.peak > 0: // further back
	case ticks < before && c.leap.id > 0 && c.leap.after > ticks && c.leap.before <= ticks+tolerance:
		c.wrong = append(c.wrong, misdated{c.leap.id, id - 1, c.leap.before, ticks})
		c.leap = leap{}
	case ticks < before && len(c.wrong) < maxMisdated:
		c.wrong = append(c.wrong, misdated{id, math.MaxUint64, before, 0})
		c.peak, c.leap = before, leap{}
	case ticks < before:
		c.wrong[len(c.wrong)-1].last = math.MaxUint64
	case open && c.peak > 0 && ticks >= c.peak-tolerance:
		w := &c.wrong[len(c.wrong)-1]
		w.last, w.after, c.peak = id-1, ticks, 0
	case !open && ticks-before > c.leap.after-c.leap.before:
		c.leap = leap{id, before, ticks}
	}
}

// fall takes a record of a lower id than all before whose time is more than
// tolerance away from that of the next, which came before it. top is the
// highest id so far.
func (c *clock) fall(id, next uint64, ticks, after int64, top uint64) {
	switch was := c.late(after); {
	case c.late(ticks) && was:
		return
	case c.late(ticks):
		c.begin(misdated{0, next - 1, 0, after})
		return
	case was && c.ahead > 0:
		w := &c.wrong[c.ahead-1]
		w.first, w.before, after, c.ahead = next, ticks, w.after, 0
	case was: // from the last record back
		c.begin(misdated{next, math.MaxUint64, ticks, 0})
		c.ahead = 0
		return
	}
	switch {
	case max(ticks-after, after-ticks) <= tolerance:
	case ticks < after && c.trough > 0 && ticks <= c.trough+tolerance:
		w := &c.wrong[len(c.wrong)-1]
		*w = misdated{id + 1, c.up, ticks, c.trough}
		c.trough = 0
	case ticks < after:
		if after-ticks > c.leap.after-c.leap.before {
			c.leap = leap{next, ticks, after}
		}
	case len(c.wrong) >= maxMisdated:
		c.wrong[len(c.wrong)-1].first = id + 1
	case c.leap.id > 0 && c.leap.after >= ticks-tolerance:
		c.wrong = append(c.wrong, misdated{id + 1, c.leap.id - 1, ticks, c.leap.after})
		c.leap = leap{}
	default:
		c.wrong = append(c.wrong, misdated{id + 1, max(top, id+1), ticks, 0})
		c.leap, c.trough, c.up = leap{}, after, id
	}
}

// begin takes a run of records that are ahead, of which one end may not be known
// yet. Of too many the one before it takes in what follows.
func (c *clock) begin(w misdated) {
	if len(c.wrong) >= maxMisdated {
		l := &c.wrong[len(c.wrong)-1]
		l.first, l.last = min(l.first, w.first), max(l.last, w.last)
		if w.last == math.MaxUint64 {
			l.after = 0
		}
		if w.first == 0 {
			l.before = 0
		}
		return
	}
	c.wrong = append(c.wrong, w)
	c.ahead = len(c.wrong)
}

// cut takes what is misdated out of the time spans of a log. No part
// reaches beyond the moment at which the file was looked at.
func (c *clock) cut(parts []snapshot.Part) []snapshot.Part {
	if c.limit > 0 {
		limit := when(c.limit)
		parts = slices.DeleteFunc(parts, func(p snapshot.Part) bool { return p.From.After(limit) && p.Until.After(limit) })
	}
	for _, w := range c.wrong {
		var out []snapshot.Part
		for _, p := range parts {
			if p.First == 0 || w.last < p.First || w.first > p.Last {
				out = append(out, p)
				continue
			}
			if w.first > p.First {
				left := p
				left.Last, left.Until = w.first-1, when(w.before)
				if !left.Until.Before(left.From) {
					out = append(out, left)
				}
			}
			if w.last < p.Last {
				right := p
				right.First, right.From, right.Broken = w.last+1, when(w.after), true
				if !right.Until.Before(right.From) {
					out = append(out, right)
				}
			}
		}
		parts = out
	}
	for i := range parts {
		if p := &parts[i]; c.late(record.ToTicks(p.Until)) {
			p.Until = when(c.limit)
		}
	}
	return slices.Clip(parts)
}
