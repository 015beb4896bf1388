package rules

import (
	"slices"
	"sort"

	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// tally is one tenant's count of one product.
type tally struct {
	quantity, active, excluded, authorized, between int
	manual                                          manual
}

// lines adds up what is counted, by tenant and in all.
func (e *evaluation) lines() error {
	counts := map[string]map[string]*tally{}
	at := func(tenant, product string) *tally {
		m := counts[tenant]
		if m == nil {
			m = map[string]*tally{}
			counts[tenant] = m
		}
		t := m[product]
		if t == nil {
			t = &tally{}
			m[product] = t
		}
		return t
	}
	byActive := map[string]bool{}
	for _, p := range e.products {
		byActive[p.ID] = p.Count == statement.CountActive
	}
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		t := at(p.Tenant, p.Product)
		switch {
		case p.Excluded != nil:
			t.excluded += p.Units
			continue
		case byActive[p.Product]:
			t.authorized += p.Units
			if !p.Active {
				continue
			}
		}
		t.quantity += p.Units
		if p.Between != nil {
			t.between += p.Units
		}
		if p.Active {
			t.active += p.Units
		}
	}
	for i := range e.st.Machines {
		m := &e.st.Machines[i]
		if t := at(m.Tenant, m.Product); m.Excluded != nil {
			t.excluded += m.Packs
		} else {
			t.quantity += m.Packs
		}
	}
	if err := e.correct(at); err != nil {
		return err
	}
	for _, p := range e.products {
		var sum tally
		for _, m := range counts {
			if t := m[p.ID]; t != nil {
				sum.quantity += t.quantity
				sum.active += t.active
				sum.excluded += t.excluded
				sum.authorized += t.authorized
				sum.manual.join(&t.manual)
			}
		}
		e.st.Lines = append(e.st.Lines, e.line(p, &sum))
		e.st.Products = append(e.st.Products, e.describe(p))
	}
	for _, id := range e.tenantOrder(counts) {
		e.st.Tenants = append(e.st.Tenants, e.tenant(id, counts[id]))
	}
	return nil
}

// tenantOrder lists every tenant of the register by id, then what belongs to
// none, where there is any, or was last month.
func (e *evaluation) tenantOrder(counts map[string]map[string]*tally) []string {
	var ids []string
	for i := range e.Register.Tenants {
		ids = append(ids, e.Register.Tenants[i].ID)
	}
	sort.Strings(ids)
	for _, id := range []string{register.Unassigned, register.Shared} {
		if counts[id] != nil || e.had(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// had says that the month before counted anything of a tenant.
func (e *evaluation) had(tenant string) bool {
	n := len(e.Earlier)
	return n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() &&
		slices.ContainsFunc(e.Earlier[n-1].Quantities, func(q statement.Quantity) bool { return q.Tenant == tenant && q.Quantity > 0 })
}

func (e *evaluation) tenant(id string, counts map[string]*tally) statement.Tenant {
	out := statement.Tenant{ID: id, Lines: []statement.Line{}}
	if t := e.Register.Tenant(id); t != nil {
		out.Name, out.Partner, out.Internal = t.Name, t.Partner, t.Internal
	}
	for _, p := range e.products {
		if t := counts[p.ID]; t != nil {
			out.Lines = append(out.Lines, e.line(p, t))
		}
	}
	for i := range e.uses {
		u := &e.uses[i]
		x := u.entry
		if len(u.used) == 0 && x.Tenant != id {
			continue
		}
		for _, p := range e.products {
			used := u.used[usedKey{id, p.ID}]
			own := x.Tenant == id && u.force && counts[p.ID] != nil && p.meant(u.product) && u.shownUnused(p)
			if used == 0 && !own {
				continue
			}
			use := statement.ExclusionUse{ID: x.ID, Product: p.ID, Ground: x.Ground, Document: x.Document, Allowed: -1, Used: used}
			if x.Limited && x.Tenant == id { // what is allowed over all tenants is nobody else's business
				use.Allowed = x.Quantity
			}
			if x.Until.Set {
				use.Until = x.Until.Day.String()
			}
			out.Exclusions = append(out.Exclusions, use)
		}
	}
	return out
}

// shownUnused says whether an entry that nobody used is shown to its tenant
// all the same: a right of the customer's own, or one with a number, and only
// beside a product that it can mean.
func (u *exclusionUse) shownUnused(p *Product) bool {
	x := u.entry
	switch x.Match.Kind {
	case register.MatchHost:
		if p.Unit != statement.UnitCore {
			return false
		}
	case register.MatchUser, register.MatchGroup:
		if p.Unit == statement.UnitCore {
			return false
		}
	}
	switch x.Ground {
	case register.CustomerOwned, register.FlexibleVirtual, register.LicenseMobility:
		return true
	}
	return x.Limited
}

// line prices a count. A price that is not known is no zero: it stays empty.
func (e *evaluation) line(p *Product, t *tally) statement.Line {
	l := statement.Line{Product: p.ID, PartNumber: p.PartNumber, Unit: p.Unit,
		Quantity: t.quantity, Active: t.active, Excluded: t.excluded, Between: t.between,
		Manual: t.manual.text(), Correction: t.manual.change}
	if p.Count == statement.CountActive {
		l.Authorized = t.authorized
	}
	if price, ok := e.Prices.For(p.PartNumber, e.w.m); ok && p.PartNumber != "" {
		l.UnitPrice, l.Currency = price.Unit.String(), price.Currency
		l.Amount = prices.Amount(t.quantity, price.Unit).StringFixed(2)
	}
	return l
}

func (e *evaluation) describe(p *Product) statement.Product {
	return statement.Product{ID: p.ID, Name: p.Name, PartNumber: p.PartNumber, Alias: e.alias(p), Unit: p.Unit,
		Family: p.Family, Rank: p.Rank, Count: p.Count, Ground: p.Ground, Document: p.Document}
}

func (e *evaluation) alias(p *Product) string {
	if p.Alias != "" {
		return p.Alias
	}
	if price, ok := e.Prices.For(p.PartNumber, e.w.m); ok {
		return price.Alias
	}
	return ""
}
