package sessions

import (
	"math"
	"slices"

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
}

// maxMisdated is how many runs are told apart; what comes after is one.
const maxMisdated = 64

// rise takes a record of a higher id than all before whose time is more than
// tolerance away from that of the one before.
func (c *clock) rise(id uint64, before, ticks int64) {
	open := len(c.wrong) > 0 && c.wrong[len(c.wrong)-1].last == math.MaxUint64
	switch {
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
	switch {
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

// cut takes what is misdated out of the time spans of a log.
func (c *clock) cut(parts []snapshot.Part) []snapshot.Part {
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
	return slices.Clip(parts)
}
