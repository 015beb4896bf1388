package sessions

import (
	"cmp"
	"slices"

	"splameter/internal/snapshot"
)

// maxParts is how many stretches of one log are handed on.
const maxParts = 512

// parts are the stretches that the file holds of a log. all says that every
// record of the log that the file has was seen, and not only those that tell
// of sessions.
func (e *extent) parts(all bool) (out []snapshot.Part) {
	part := func(first, last uint64, from, until int64) {
		if max(from, until) > 0 {
			if from == 0 || until == 0 {
				from, until = max(from, until), max(from, until)
			}
			out = append(out, snapshot.Part{First: first, Last: last, From: when(from), Until: when(until)})
		}
	}
	switch {
	case len(e.spans) > 0:
		for _, s := range e.spans {
			part(s.First.ID, s.Last.ID, s.First.Ticks, s.Last.Ticks)
		}
	case e.last.id == 0:
		slices.SortFunc(e.stretches, func(a, b stretch) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until)) })
		for _, s := range e.stretches {
			out = append(out, snapshot.Part{From: when(s.from), Until: when(s.until), Chosen: true, Broken: s.broken})
		}
	default:
		from, broken := e.first, false
		end := func(id uint64, ticks int64) {
			n := len(out)
			if part(from.id, id, from.ticks, ticks); len(out) > n {
				out[n].Broken = broken
			}
		}
		chosen := !all || !e.dense()
		for _, g := range e.gaps {
			if chosen && !g.broken && g.after-g.before <= silence {
				continue
			}
			end(g.from-1, g.before)
			from, broken = point{g.to + 1, g.after}, g.broken
		}
		end(e.last.id, e.last.ticks)
		for i := range out {
			out[i].Chosen = chosen
		}
	}
	out = e.clock.cut(out)
	for i := range out {
		if p := &out[i]; p.Until.Before(p.From) {
			p.From, p.Until = p.Until, p.From
		}
	}
	for len(out) > maxParts { // what was smallest is taken for missing
		at, least := 0, out[0].Until.Sub(out[0].From)
		for i := range out {
			if d := out[i].Until.Sub(out[i].From); d < least {
				at, least = i, d
			}
		}
		if at+1 < len(out) {
			out[at+1].Broken = out[at+1].Broken || out[at].Broken
		}
		out = slices.Delete(out, at, at+1)
	}
	return out
}

// lostEvents are the events that are nobody's, by cause.
func (e *extent) lostEvents() (out []snapshot.Lost) {
	slices.SortFunc(e.lost, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for cause, n := range e.causes {
		if n == 0 {
			continue
		}
		l := snapshot.Lost{Cause: causeNames[cause], Events: n}
		if cause != ofNoTime {
			l.From, l.Until = when(e.lost[0].from), when(e.lost[0].until)
			for _, s := range e.lost {
				l.Until = laterOf(l.Until, when(s.until))
			}
		}
		out = append(out, l)
	}
	return out
}
