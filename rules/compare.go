package rules

import (
	"slices"
	"sort"

	"splameter/internal/statement"
)

// compare sets every line against the month directly before, where there is
// one, and gives each tenant its history.
func (e *evaluation) compare() {
	e.history()
	e.compareOverHoles()
	gone := e.withdrawn()
	n := len(e.Earlier)
	if n == 0 || e.Earlier[n-1].Month != e.w.m.Add(-1).String() {
		return
	}
	last := &e.Earlier[n-1]
	e.st.Made.Previous = last.Month
	if !last.Computed {
		e.compareImported(last, gone)
		return
	}
	l := newLedger(e, last)
	type tp struct{ tenant, product string }
	added, removed := map[tp]int{}, map[tp]int{}
	for i := range l.units {
		u := &l.units[i]
		added[tp{u.Tenant, u.Product}] += max(0, u.Is-u.Was)
		removed[tp{u.Tenant, u.Product}] += max(0, u.Was-u.Is)
	}
	e.setChanges(last, gone, func(tenant, product string, _, _ int) (int, int) {
		return added[tp{tenant, product}], removed[tp{tenant, product}]
	})
	e.st.Moves = l.moves()
	l.fillChanges()
	l.tell()
}

// byTenant are the places of n rows by their tenants: who looks at one tenant
// after the other need not hold what it makes of a hundred thousand rows.
func byTenant(n int, tenant func(i int) string) map[string][]int32 {
	out := map[string][]int32{}
	for i := range n {
		t := tenant(i)
		out[t] = append(out[t], int32(i))
	}
	return out
}

func (e *evaluation) personsByTenant() map[string][]int32 {
	return byTenant(e.st.Persons.Len(), func(i int) string { return e.st.Persons.Brief(i).Tenant })
}

// compareImported compares with quantities that were submitted before there
// was any record of persons: only the net change is known.
func (e *evaluation) compareImported(last *statement.Earlier, gone []*Product) {
	e.setChanges(last, gone, func(_, _ string, previous, quantity int) (int, int) {
		return max(0, quantity-previous), max(0, previous-quantity)
	})
	e.tellImported(last)
}

// withdrawn are the products that an earlier month counted and whose rule is
// over, in the order of the file. The statement names them, so that whatever
// shows those months can.
func (e *evaluation) withdrawn() []*Product {
	known, counted := map[string]bool{}, map[string]bool{}
	for _, p := range e.products {
		known[p.ID] = true
	}
	for _, m := range e.Earlier {
		for _, q := range m.Quantities {
			counted[q.Product] = counted[q.Product] || q.Quantity > 0
		}
	}
	var out []*Product
	for i := range e.Set.Products {
		p := &e.Set.Products[i]
		if known[p.ID] || !counted[p.ID] || p.From.Set && p.From.Day > e.w.m.LastDay() {
			continue
		}
		known[p.ID] = true
		out = append(out, p)
		e.st.Products = append(e.st.Products, e.describe(p))
	}
	return out
}

// setChanges fills the change columns of all lines. A line, a tenant's or the
// report's, that was there last month and is not now comes back with a
// quantity of zero; gone are the products whose rule is over.
func (e *evaluation) setChanges(last *statement.Earlier, gone []*Product, change func(tenant, product string, previous, quantity int) (added, removed int)) {
	all := slices.Concat(e.products, gone)
	byPart := map[string]string{}
	for _, p := range e.products {
		if p.PartNumber != "" {
			byPart[p.PartNumber] = p.ID
		}
	}
	previous := map[string]map[string]int{}
	totals := map[string]int{}
	perTenant := false
	for _, q := range last.Quantities {
		id := q.Product
		if id == "" {
			id = byPart[q.PartNumber]
		}
		if id == "" || q.Unread {
			continue
		}
		totals[id] += q.Quantity
		if q.Tenant == "" {
			continue
		}
		perTenant = true
		if previous[q.Tenant] == nil {
			previous[q.Tenant] = map[string]int{}
		}
		previous[q.Tenant][id] += q.Quantity
	}
	for _, p := range gone {
		if totals[p.ID] > 0 {
			e.st.Lines = append(e.st.Lines, e.line(p, &tally{}))
		}
	}
	sums := map[string][2]int{}
	for ti := range e.st.Tenants {
		t := &e.st.Tenants[ti]
		if !perTenant && !last.Computed {
			continue
		}
		have := map[string]bool{}
		for _, l := range t.Lines {
			have[l.Product] = true
		}
		for _, p := range all {
			if !have[p.ID] && previous[t.ID][p.ID] > 0 {
				t.Lines = append(t.Lines, e.line(p, &tally{}))
			}
		}
		sortLines(t.Lines, all)
		for li := range t.Lines {
			l := &t.Lines[li]
			if last.Unread(l.Product) {
				continue
			}
			l.Compared, l.Previous = true, previous[t.ID][l.Product]
			l.Added, l.Removed = change(t.ID, l.Product, l.Previous, l.Quantity)
			s := sums[l.Product]
			sums[l.Product] = [2]int{s[0] + l.Added, s[1] + l.Removed}
		}
	}
	if !last.Computed { // customers who are no more: nobody is left whose line could tell of it
		shown := map[string]bool{}
		for ti := range e.st.Tenants {
			shown[e.st.Tenants[ti].ID] = true
		}
		for id, products := range previous {
			for product, n := range products {
				if !shown[id] {
					s := sums[product]
					sums[product] = [2]int{s[0], s[1] + n}
				}
			}
		}
	}
	for li := range e.st.Lines {
		l := &e.st.Lines[li]
		if last.Unread(l.Product) {
			continue
		}
		l.Compared, l.Previous = true, totals[l.Product]
		l.Added, l.Removed = sums[l.Product][0], sums[l.Product][1]
		if !perTenant && !last.Computed {
			l.Added, l.Removed = max(0, l.Quantity-l.Previous), max(0, l.Previous-l.Quantity)
		}
	}
}

// sortLines puts lines into the order of the products.
func sortLines(lines []statement.Line, products []*Product) {
	rank := map[string]int{}
	for i, p := range products {
		rank[p.ID] = i
	}
	sort.SliceStable(lines, func(i, j int) bool { return rank[lines[i].Product] < rank[lines[j].Product] })
}

// history gives each tenant its quantities of the months before.
func (e *evaluation) history() {
	byPart := map[string]string{}
	for _, p := range e.products {
		if p.PartNumber != "" {
			byPart[p.PartNumber] = p.ID
		}
	}
	index := map[string]*statement.Tenant{}
	for i := range e.st.Tenants {
		index[e.st.Tenants[i].ID] = &e.st.Tenants[i]
	}
	for _, m := range e.Earlier[max(0, len(e.Earlier)-12):] {
		var unread []string
		for _, q := range m.Quantities {
			if q.Unread {
				unread = append(unread, q.Product)
			}
		}
		seen := map[string]bool{}
		for _, q := range m.Quantities {
			t := index[q.Tenant]
			if t == nil {
				continue
			}
			id := q.Product
			if id == "" {
				id = byPart[q.PartNumber]
			}
			if id == "" {
				continue
			}
			if !seen[t.ID] {
				seen[t.ID] = true
				t.History = append(t.History, statement.History{Month: m.Month, Quantities: map[string]int{}, Computed: m.Computed, Unread: unread})
			}
			t.History[len(t.History)-1].Quantities[id] += q.Quantity
		}
	}
}
