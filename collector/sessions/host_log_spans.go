package sessions

import (
	"cmp"
	"slices"

	"splameter/internal/snapshot"
)

// maxSpans is how many time spans of one log are handed on.
const maxSpans = 512

// parts are the spans that the file holds of a log. all says that every
// record of the log that the file has was seen, and not only those that tell
// of sessions.
func (e *hostLog) parts(all bool) (out []snapshot.Part) {
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
		slices.SortFunc(e.timeSpans, func(a, b timeSpan) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until)) })
		for _, s := range e.timeSpans {
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
	for len(out) > maxSpans { // what was smallest is taken for missing
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

// lostEvents are the events that show a session and do not say whose, where or
// when, by cause.
func (e *hostLog) lostEvents() (out []snapshot.Lost) {
	slices.SortFunc(e.lost, func(a, b timeSpan) int { return cmp.Compare(a.from, b.from) })
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
