package rules

import (
	"slices"

	"splameter/snapshot"
	"splameter/statement"
)

// idle notes for how many months in a row each counted person was not seen.
// The number is carried on from month to month with what was counted, so that
// no earlier month's facts have to be read again, and so that evidence, which
// holds what was counted last month, gives the same. A month whose logs have a
// gap neither adds to it nor ends it: who was not seen in it is not known.
func (e *evaluation) idle() {
	type key struct{ tenant, product, key string }
	before := map[key]int{}
	if n := len(e.Earlier); n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() {
		for _, c := range e.Earlier[n-1].Counted {
			before[key{c.Tenant, c.Product, c.Key}] = c.Idle
		}
	}
	whole := e.logsWhole()
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		if p.Active || p.Excluded != nil {
			continue
		}
		n := before[key{p.Tenant, p.Product, p.Key}]
		if whole {
			n++
		}
		e.st.Persons.SetIdle(i, n)
	}
}

// logsWhole says that session logs were read, and that no gap is known in
// them.
func (e *evaluation) logsWhole() bool {
	if !e.gathered.logged {
		return false
	}
	return !slices.ContainsFunc(e.st.Coverage.Gaps, func(g statement.Gap) bool { return g.Kind == string(snapshot.KindSessions) })
}
