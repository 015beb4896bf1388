package sessions

import (
	"cmp"
	"slices"

	"splameter/collector/sessions/evtx"
)

// widen takes over what the reader of an event log says of all its records,
// wanted or not. It is believed only where its numbers can be those that the
// events themselves carry: an export through a query, or a log of forwarded
// events, numbers its records anew.
func widen(all []*hostLog, info Info, firstRead uint64) (done bool) {
	lowest, highest, records := pointOf(info.First), pointOf(info.Last), uint64(info.Records)
	if len(all) == 0 || lowest.id == 0 || firstRead != lowest.id {
		return false
	}
	low, high := all[0], all[0]
	for _, e := range all {
		if e.channel != all[0].channel || e.count == 0 {
			return false
		}
		if e.first.id < low.first.id {
			low = e
		}
		if e.last.id > high.last.id {
			high = e
		}
	}
	if low.first.id < lowest.id || high.last.id > highest.id {
		return false
	}
	// A host that was renamed leaves one log with several names, one after
	// the other. Names that alternate are another thing.
	sorted := slices.SortedFunc(slices.Values(all), func(a, b *hostLog) int {
		return cmp.Compare(a.first.id, b.first.id)
	})
	for i := range sorted[1:] {
		if sorted[i].last.id >= sorted[i+1].first.id {
			return false
		}
	}
	low.first, high.last = lowest, highest
	span := highest.id - lowest.id + 1
	for _, e := range sorted {
		switch {
		case e.causes != [causes]int{}: // which of the others they are is not known
			continue
		case len(info.Spans) > 0:
			e.spans = clip(info.Spans, e.first.id, e.last.id)
			e.count = 0
			for _, s := range e.spans {
				e.count += s.Last.ID - s.First.ID + 1
			}
		case records >= span: // nothing is missing, so nothing is missing of any part
			e.count = e.last.id - e.first.id + 1
		case len(sorted) == 1:
			e.count = records
		} // several names and a gap somewhere: only what was read counts
	}
	return true
}

// clip is what of the spans lies from first to last.
func clip(spans []evtx.Span, first, last uint64) (out []evtx.Span) {
	for _, s := range spans {
		if s.Last.ID < first || s.First.ID > last {
			continue
		}
		s.First.ID, s.Last.ID = max(s.First.ID, first), min(s.Last.ID, last)
		out = append(out, s)
	}
	return out
}
