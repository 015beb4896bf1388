package rules

import (
	"fmt"
	"slices"
	"sort"

	"github.com/shopspring/decimal"

	"splameter/internal/diag"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// advise gathers ways to owe less. Advice follows the count and changes
// nothing in it; where a price is missing the money stays unknown.
func (e *evaluation) advise() {
	e.adviseIdle()
	e.adviseDearer()
	e.adviseWindows()
	e.adviseSAL()
	e.adviseSQLHosts()
	sort.SliceStable(e.st.Advice, func(i, j int) bool {
		a, b := &e.st.Advice[i], &e.st.Advice[j]
		switch {
		case a.AtMost != b.AtMost: // what is certain first
			return !a.AtMost
		case !saved(a).Equal(saved(b)):
			return saved(a).GreaterThan(saved(b))
		case a.Tenant != b.Tenant:
			return a.Tenant < b.Tenant
		case a.Code != b.Code:
			return a.Code < b.Code
		case a.Product != b.Product:
			return a.Product < b.Product
		}
		return a.Subject < b.Subject
	})
}

func saved(a *statement.Advice) decimal.Decimal {
	d, err := decimal.NewFromString(a.Saves)
	if err != nil {
		return decimal.Zero
	}
	return d
}

// sum is money of one currency; not known once a price is missing.
type sum struct {
	total    decimal.Decimal
	currency string
	unknown  bool
}

// add counts so many of a part number at the month's price.
func (e *evaluation) add(s *sum, part string, n int) {
	if n == 0 {
		return
	}
	p, ok := e.Prices.For(part, e.w.m)
	if !ok || part == "" || s.currency != "" && s.currency != p.Currency {
		s.unknown = true
		return
	}
	s.currency = p.Currency
	s.total = s.total.Add(prices.Amount(n, p.Unit))
}

// between fills the money of advice. It says whether the advice saves
// anything; where a price is missing that is not known, and it does not.
func between(a *statement.Advice, now, then sum) bool {
	if now.unknown || then.unknown || now.currency != "" && then.currency != "" && now.currency != then.currency {
		return false
	}
	a.Now, a.Then = now.total.StringFixed(2), then.total.StringFixed(2)
	a.Money = nameOr(now.currency, then.currency)
	d := now.total.Sub(then.total)
	a.Saves = d.StringFixed(2)
	return d.IsPositive()
}

// adviseIdle tells, by customer and product, of persons who could use it for
// months and did not. A session is evidence for what is used in sessions only:
// a mailbox is read without one.
func (e *evaluation) adviseIdle() {
	months := e.Config.Checks.IdleMonths
	if months < 1 {
		return
	}
	type key struct{ tenant, product string }
	found := map[key]*statement.Advice{}
	var keys []key
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		if p.Idle < months || p.Excluded != nil || p.Units == 0 || !e.inSessions(&p) {
			continue
		}
		p = e.st.Persons.At(i)
		k := key{p.Tenant, p.Product}
		a := found[k]
		if a == nil {
			a = &statement.Advice{Code: statement.AdviceIdle, Tenant: p.Tenant, Product: p.Product}
			found[k] = a
			keys = append(keys, k)
		}
		a.Count += p.Units
		for _, x := range p.Accounts {
			if !slices.Contains(a.Names, x.Name) {
				a.Names = append(a.Names, x.Name)
			}
		}
	}
	for _, k := range keys {
		a := found[k]
		sort.Strings(a.Names)
		var now sum
		for _, p := range e.products {
			if p.ID == k.product {
				e.add(&now, p.PartNumber, a.Count)
			}
		}
		between(a, now, sum{})
		a.Message = fmt.Sprintf("%d %s entitled to %s, and had no session in %d months or longer whose logs are whole", a.Count, diag.Plural(a.Count, "person is", "persons are"), e.label(k.product), months)
		a.Action = "ask the customer whether they still need it; whoever is disabled, or out of the group, before a month begins is not counted for that month"
		e.st.Advice = append(e.st.Advice, *a)
	}
}

// inSessions says that the person's product is one that is used in a session:
// it is reached through a pool, or requires what is.
func (e *evaluation) inSessions(p *statement.Person) bool {
	if p.Via.Pool != "" {
		return true
	}
	for _, q := range e.products {
		if q.ID != p.Product {
			continue
		}
		if len(q.Entitled.Pools) > 0 {
			return true
		}
		for _, r := range q.Requires {
			for _, x := range e.products {
				if x.ID == r && len(x.Entitled.Pools) > 0 {
					return true
				}
			}
		}
	}
	return false
}

// adviseDearer counts who is counted for a higher edition only because it is
// installed in a pool without a restriction. Who needs it is not known; the
// money is what it would save if nobody did.
func (e *evaluation) adviseDearer() {
	type key struct{ tenant, product, pool string }
	type dearer struct {
		statement.Advice
		via statement.Basis // of the first
	}
	found := map[key]*dearer{}
	var keys []key
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		if p.Excluded != nil || p.Via.Kind != statement.ByInstalled || p.Via.Pool == "" || e.lower(p.Product) == nil {
			continue
		}
		k := key{p.Tenant, p.Product, p.Via.Pool}
		a := found[k]
		if a == nil {
			a = &dearer{statement.Advice{Code: statement.AdviceDearer, Tenant: p.Tenant, Product: p.Product, Subject: p.Via.Pool, AtMost: true}, p.Via}
			found[k] = a
			keys = append(keys, k)
		}
		a.Count += p.Units
	}
	for _, k := range keys {
		a := found[k]
		lower := e.lower(k.product)
		var now, then sum
		for _, p := range e.products {
			if p.ID == k.product {
				e.add(&now, p.PartNumber, a.Count)
			}
		}
		e.add(&then, lower.PartNumber, a.Count)
		if !between(&a.Advice, now, then) && a.Now != "" {
			continue
		}
		a.Message = fmt.Sprintf("%d %s counted for %s because %s is installed on %s, which everyone of pool %s can reach", a.Count, diag.Plural(a.Count, "person is", "persons are"), e.label(k.product), a.via.Application, a.via.Host, k.pool)
		a.Action = fmt.Sprintf("if only some need it, restrict it in the pool by an enforced control, with a document, and give the others %s", lower.Label())
		e.st.Advice = append(e.st.Advice, a.Advice)
	}
}

// lower is the product of the next lower rank of a product's family, or nil.
func (e *evaluation) lower(id string) *Product {
	var p, best *Product
	for _, q := range e.products {
		if q.ID == id {
			p = q
		}
	}
	if p == nil || p.Family == "" {
		return nil
	}
	for _, q := range e.products {
		if q.Family == p.Family && q.Rank < p.Rank && (best == nil || q.Rank > best.Rank) {
			best = q
		}
	}
	return best
}

// sqlSAL is the part number of SQL Server Standard by users: that of the rule
// by that name, else the catalog's.
func (e *evaluation) sqlSAL() (product, part string) {
	const id = "sql-std-sal"
	for _, p := range e.products {
		if p.ID == id || p.Catalog == id {
			return p.ID, p.PartNumber
		}
	}
	if p, ok := Catalog().product(id); ok {
		return p.ID, p.PartNumber
	}
	return "", ""
}
