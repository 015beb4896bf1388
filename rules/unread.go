package rules

import (
	"slices"

	"splameter/internal/statement"
)

// tellUnread marks the zeros that nobody knows to be zeros: what could have
// given the product a quantity was not read all month, and nobody answered
// for that. Such a line has no amount either. (A quantity that is too small
// for such a reason is a number, and the month is incomplete by name.)
func (e *evaluation) tellUnread() {
	var whole []*statement.Gap
	for i := range e.st.Coverage.Gaps {
		if g := &e.st.Coverage.Gaps[i]; e.Accepted[g.Key()] == "" && e.wholeMonth(g) {
			whole = append(whole, g)
		}
	}
	if len(whole) == 0 {
		return
	}
	needs := e.needs()
	mark := func(tenant string, l *statement.Line) {
		if l.Quantity != 0 || l.Excluded != 0 {
			return
		}
		l.Unread = slices.ContainsFunc(whole, func(g *statement.Gap) bool {
			return (g.Tenant == "" || tenant == "" || g.Tenant == tenant) && needs[l.Product].of(e, g)
		})
		if l.Unread {
			l.Amount = ""
		}
	}
	for i := range e.st.Lines {
		mark("", &e.st.Lines[i])
	}
	for i := range e.st.Tenants {
		t := &e.st.Tenants[i]
		for j := range t.Lines {
			mark(t.ID, &t.Lines[j])
		}
	}
}

// wholeMonth says that a gap leaves no day of the month.
func (e *evaluation) wholeMonth(g *statement.Gap) bool {
	return g.From == "" || g.From <= e.w.m.FirstDay().String() && g.Until >= e.w.m.LastDay().String()
}

// need is what a product's quantity is made of.
type need struct {
	persons  bool // accounts and their groups
	machines bool
	pooled   bool // programs on the hosts of pools
	programs bool // programs on any host
}

// of says whether a gap is one of what a product needs.
func (n need) of(e *evaluation, g *statement.Gap) bool {
	switch g.Kind {
	case statement.CoverageSite:
		return true
	case statement.CoverageDirectory, statement.CoverageUnit:
		return n.persons
	case statement.CoverageMachines:
		return n.machines
	case statement.CoverageInventory:
		if g.Host == "" { // of a source that gives programs, machines or both
			return n.machines || n.pooled || n.programs
		}
		h := e.est.find(g.Host)
		return n.programs || n.pooled && (h == nil || len(h.pools) > 0)
	}
	return false
}

// needs are what each product's quantity is made of, with that of the products
// that bring it along.
func (e *evaluation) needs() map[string]need {
	out := map[string]need{}
	for _, p := range e.products {
		byPrograms := len(p.Entitled.Programs)+len(p.Entitled.Installed) > 0
		if p.Unit == statement.UnitCore {
			out[p.ID] = need{machines: true, programs: byPrograms || len(p.Hosts.SQLEdition) > 0}
		} else {
			out[p.ID] = need{persons: true, pooled: byPrograms}
		}
	}
	for range e.products { // at most so many steps of bringing along
		for _, p := range e.products {
			for _, id := range p.With {
				if n, ok := out[id]; ok && out[p.ID].pooled {
					n.pooled = true
					out[id] = n
				}
			}
		}
	}
	for _, p := range e.products {
		if p.of != "" {
			out[p.ID] = out[p.of]
		}
	}
	return out
}
