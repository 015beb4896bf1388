package rules

import (
	"math/bits"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// countPersons writes down every claim that is shown, counted or excluded.
func (e *evaluation) countPersons() {
	order := make([]int, len(e.persons))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool {
		a, b := &e.persons[order[i]], &e.persons[order[j]]
		x, y := nameOr(a.tenant, register.Unassigned), nameOr(b.tenant, register.Unassigned)
		return x < y || x == y && a.key < b.key
	})
	shared, shown := e.ownIdentities(), 0
	for i := range e.claims.list {
		if e.claims.list[i].counted {
			shown++
		}
	}
	rank := map[string]int{}
	for i, p := range e.products {
		rank[p.ID] = i
	}
	list := &e.st.Persons
	list.Grow(shown)
	from := 0 // of the tenant: its claims are put by product
	for i, n := range order {
		p := &e.persons[n]
		if i > 0 && nameOr(e.persons[order[i-1]].tenant, register.Unassigned) != nameOr(p.tenant, register.Unassigned) {
			list.ByProduct(from, rank)
			from = list.Len()
		}
		session := e.usage.session(p)
		for i := e.claims.start[n]; i < e.claims.start[n+1]; i++ {
			c := &e.claims.list[i]
			if !c.counted {
				continue
			}
			x := e.person(p, c, session, shared)
			list.Add(x)
			for _, entry := range e.claims.entries(i) {
				e.uses[entry-1].used[usedKey{x.Tenant, x.Product}] += x.Units
			}
		}
	}
	list.ByProduct(from, rank)
}

// person describes one claim.
func (e *evaluation) person(p *person, c *claim, session *statement.Session, shared map[sharedKey]own) statement.Person {
	out := statement.Person{
		Tenant: nameOr(p.tenant, register.Unassigned), Product: e.products[c.product].ID, Key: p.key,
		Units: p.units, Via: e.ent.basis(e.claims, c),
		First: e.w.m.FirstDay() + month.Day(bits.TrailingZeros32(c.days)), Last: e.w.m.FirstDay() + month.Day(31-bits.LeadingZeros32(c.days)),
	}
	out.Accounts = e.accountsOf(c)
	for _, a := range out.Accounts {
		if out.Name == "" {
			out.Name = nameOr(a.DisplayName, a.Name)
		}
	}
	out.Between = e.betweenOf(c)
	if p.shared != nil {
		for _, id := range p.shared.IDs { // a person behind it who is counted by an own account is no second one
			switch shared[sharedKey{p.tenant, out.Product, strings.ToLower(id)}] {
			case ownCounted:
			case ownExcluded: // by an own account; the shared one counts the person all the same
				if c.excluded == 0 {
					continue
				}
			default:
				continue
			}
			if out.Units > 0 {
				out.Units--
			}
		}
	}
	if c.excluded != 0 {
		x := e.uses[c.excluded-1].entry
		out.Excluded = &statement.Exclusion{ID: x.ID, Ground: x.Ground, Document: x.Document}
	}
	out.Active, out.Session = session != nil, session
	return out
}

// accountsOf are the accounts by which a claim is reached. A person's claims
// mostly are by the same ones, and then share the list.
func (e *evaluation) accountsOf(c *claim) []statement.Account {
	by := make([]int32, 0, 4)
	for r := range e.claims.reaches(c) {
		by = append(by, r.account)
	}
	if slices.Equal(e.lastBy, by) {
		return e.lastAccounts
	}
	out := make([]statement.Account, len(by))
	for i, n := range by {
		a, s := &e.w.accounts[n], e.w.lastState(n)
		out[i] = statement.Account{ID: a.id, Name: s.Name, DisplayName: s.DisplayName, Directory: e.w.dirs[a.dir].dir.Source, DN: s.DN}
	}
	e.lastBy, e.lastAccounts = by, out
	return out
}

type sharedKey struct{ tenant, product, identity string }

// own is how somebody who is also behind a shared account stands by an account
// of their own.
type own uint8

const (
	ownExcluded own = iota + 1
	ownCounted
)

// ownIdentities are, by tenant and product, the identities that are counted, or
// excluded, by an account of their own.
func (e *evaluation) ownIdentities() map[sharedKey]own {
	out := map[sharedKey]own{}
	if len(e.Register.Shared) == 0 {
		return out
	}
	for n := range e.persons {
		p := &e.persons[n]
		if p.shared != nil {
			continue
		}
		var ids []string
		for c := range e.claims.each(n) {
			if !c.counted {
				continue
			}
			if ids == nil {
				ids = e.w.identities(p, e.Config.Person)
			}
			how := ownCounted
			if c.excluded != 0 {
				how = ownExcluded
			}
			for _, v := range ids {
				k := sharedKey{p.tenant, e.products[c.product].ID, v}
				out[k] = max(out[k], how)
			}
		}
	}
	return out
}
