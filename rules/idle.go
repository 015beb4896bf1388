package rules

import (
	"slices"

	"splameter/internal/statement"
)

// idle notes for how many months in a row each counted person was not seen.
// The number is carried on from month to month with what was counted, so that
// no earlier month's facts have to be read again, and so that evidence, which
// holds what was counted last month, gives the same. A month whose logs have a
// gap neither adds to it nor ends it: who was not seen in it is not known.
func (e *evaluation) idle() {
	var last *statement.Earlier
	if n := len(e.Earlier); n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() {
		last = &e.Earlier[n-1]
	}
	list := &e.st.Persons
	unseen := e.personsByTenant()
	for t, places := range unseen {
		places = slices.DeleteFunc(places, func(i int32) bool {
			p := list.Brief(int(i))
			return p.Active || p.Excluded != nil
		})
		if unseen[t] = places; len(places) == 0 {
			delete(unseen, t)
		}
	}
	if len(unseen) == 0 {
		return
	}
	var counted map[string][]int32
	if last != nil {
		counted = byTenant(last.Counted.Len(), func(i int) string { return last.Counted.At(i).Tenant })
	}
	whole := e.logsWhole()
	type key struct{ product, key string }
	before := map[key]int{} // of one tenant at a time
	for t, places := range unseen {
		clear(before)
		for _, i := range counted[t] {
			c := last.Counted.At(int(i))
			before[key{c.Product, c.Key}] = c.Idle
		}
		for _, i := range places {
			p := list.Brief(int(i))
			n := before[key{p.Product, p.Key}]
			if whole {
				n++
			}
			list.SetIdle(int(i), n)
		}
	}
}

// logsWhole says that session logs were read, and that no gap is known in
// them.
func (e *evaluation) logsWhole() bool {
	if !e.gathered.logged {
		return false
	}
	return !slices.ContainsFunc(e.st.Coverage.Gaps, func(g statement.Gap) bool { return g.Kind == statement.CoverageSessions })
}
