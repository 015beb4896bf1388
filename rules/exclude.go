package rules

import (
	"math/bits"
	"strings"

	"splameter/internal/register"
)

// exclusionUse is what became of one entry of the register in the month.
type exclusionUse struct {
	entry   *register.Exclusion
	number  int32           // its place in the register, counted from 1
	product Glob            // of product ids
	who     Glob            // of names; unused for groups
	force   bool            // in force on any day of the month
	days    uint32          // on which it is in force
	used    map[usedKey]int // persons, or cores, by tenant and product
	units   int             // distinct persons
	cores   int             // of machines
	over    int             // that were counted because the quantity was used up
	undated int             // that were counted because it does not cover their days
}

type usedKey struct{ tenant, product string }

// newUses are the entries of the register before they covered anybody.
func (e *entitlement) newUses() []exclusionUse {
	uses := make([]exclusionUse, len(e.in.Register.Exclusions))
	first := e.w.m.FirstDay()
	for i := range uses {
		x := &e.in.Register.Exclusions[i]
		u := &uses[i]
		*u = exclusionUse{entry: x, number: int32(i + 1), product: NewGlob(x.Product), who: NewGlob(x.Match.Pattern), used: map[usedKey]int{}}
		for d := first; d <= e.w.m.LastDay(); d++ {
			if x.Covers(d) {
				u.days |= 1 << (d - first)
			}
		}
		u.force = u.days != 0
	}
	return uses
}

// exclude takes persons out by the register (docs/counting.md, rule 9).
func (e *entitlement) exclude(persons []person, cs *claims) []exclusionUse {
	uses := e.newUses()
	if len(uses) == 0 {
		return uses
	}
	byTenant := map[string][]int32{}
	for n := range persons {
		if len(cs.of(n)) > 0 {
			byTenant[persons[n].tenant] = append(byTenant[persons[n].tenant], int32(n))
			byTenant["*"] = append(byTenant["*"], int32(n))
		}
	}
	a := &allotment{days: make([]uint32, len(cs.list)), owner: make([]int32, len(cs.list)), bids: make([]bid, len(uses))}
	for n := range persons {
		for i := cs.start[n]; i < cs.start[n+1]; i++ {
			a.days[i], a.owner[i] = cs.list[i].days, int32(n)
		}
	}
	meant := make([][]award, len(uses)) // whatever its dates
	for i := range uses {
		u, b := &uses[i], &a.bids[i]
		*b = bid{id: u.entry.ID, limited: u.entry.Limited, quantity: u.entry.Quantity}
		meant[i] = e.meant(u, byTenant[u.entry.Tenant], cs)
		for _, w := range meant[i] {
			if w.days &= u.days; w.days != 0 {
				b.awards = append(b.awards, w)
			}
		}
	}
	a.order = func(x, y int32) int { return strings.Compare(persons[x].key, persons[y].key) }
	a.units = func(n int32) int { return persons[n].units }
	a.ids = e.behindShared(persons)
	a.above = func(i int32, yield func(int32) bool) { e.above(cs, a.owner[i], i, yield) }
	out := a.run()
	for i := range uses {
		uses[i].units = a.bids[i].used
		for _, w := range a.bids[i].taken {
			cs.cover(w, uses[i].number, out)
		}
	}
	for i := range uses {
		e.fellShort(&uses[i], meant[i], a, out, persons)
	}
	return uses
}

// cover notes an entry that covers some of a claim's days. The claim names the
// one that covers its last day.
func (cs *claims) cover(w award, number int32, out []bool) {
	c := &cs.list[w.item]
	last := uint32(1) << (31 - bits.LeadingZeros32(c.days))
	switch {
	case c.excluded == 0:
		c.excluded = number
		return
	case w.days&last != 0:
		number, c.excluded = c.excluded, number
	}
	if cs.others == nil {
		cs.others = map[int32][]int32{}
	}
	cs.others[w.item] = append(cs.others[w.item], number)
}

// entries are the places of all entries, counted from 1, that cover a claim.
func (cs *claims) entries(c int32) []int32 {
	if cs.list[c].excluded == 0 {
		return nil
	}
	return append([]int32{cs.list[c].excluded}, cs.others[c]...)
}

// above goes through the claims of a person that are higher ones of a claim's
// family.
func (e *entitlement) above(cs *claims, person, claim int32, yield func(int32) bool) {
	p := e.products[cs.list[claim].product]
	if p.Family == "" {
		return
	}
	for o := cs.start[person]; o < cs.start[person+1]; o++ {
		if q := e.products[cs.list[o].product]; q.Family == p.Family && q.Rank > p.Rank && !yield(o) {
			return
		}
	}
}

// meant are the claims that an entry means, whatever its dates, each with the
// days on which it means every account by which the product is reached: one
// that is not meant is owed for.
func (e *entitlement) meant(u *exclusionUse, within []int32, cs *claims) (out []award) {
	if u.entry.Match.Kind == register.MatchHost || !u.entry.Ground.TakesPersons() {
		return nil
	}
	for _, n := range within {
		for i := cs.start[n]; i < cs.start[n+1]; i++ {
			c := &cs.list[i]
			p := e.products[c.product]
			if !p.meant(u.product) || u.entry.CountedAs != "" && p.base() == u.entry.CountedAs { // whom it counts so instead
				continue
			}
			days := c.days
			for r := range cs.reaches(c) {
				days &^= r.days &^ e.meansOn(u, r.account)
			}
			if days != 0 {
				out = append(out, award{i, days})
			}
		}
	}
	return out
}

// fellShort counts whom an entry would have kept out, had it allowed more or
// lasted longer.
func (e *entitlement) fellShort(u *exclusionUse, meant []award, a *allotment, out []bool, persons []person) {
	for i := 0; i < len(meant); {
		owner := a.owner[meant[i].item]
		over, undated := false, false
		for ; i < len(meant) && a.owner[meant[i].item] == owner; i++ {
			w := meant[i]
			if out[w.item] || !e.standing(a, out, w.item) {
				continue
			}
			switch {
			case a.reach[w.item] == a.days[w.item]:
				over = over || u.entry.Limited && w.days&u.days != 0
			case w.days == a.days[w.item]:
				undated = undated || w.days&^u.days != 0
			}
		}
		switch {
		case over:
			u.over += persons[owner].units
		case undated:
			u.undated += persons[owner].units
		}
	}
}

// standing says whether a claim is one that its person is counted for: there is
// no higher one of its family that is not kept out.
func (e *entitlement) standing(a *allotment, out []bool, item int32) bool {
	ok := true
	a.above(item, func(o int32) bool {
		ok = ok && out[o]
		return ok
	})
	return ok
}

// behindShared gives the identities by which a person may also be behind a
// shared account that names them, or those that a shared account names; nil
// where no shared account names anybody.
func (e *entitlement) behindShared(persons []person) func(int32) []string {
	named := map[string]bool{}
	for i := range e.in.Register.Shared {
		for _, id := range e.in.Register.Shared[i].IDs {
			named[strings.ToLower(id)] = true
		}
	}
	if len(named) == 0 {
		return nil
	}
	return func(n int32) (out []string) {
		p := &persons[n]
		if p.shared != nil {
			for _, id := range p.shared.IDs {
				out = append(out, p.tenant+"\x00"+strings.ToLower(id))
			}
			return out
		}
		for _, v := range e.w.identities(p, e.in.Config.Person) {
			if named[v] {
				out = append(out, p.tenant+"\x00"+v)
			}
		}
		return out
	}
}

// identities are a person's values of the configured attributes, in lower case.
func (w *world) identities(p *person, attributes []string) (out []string) {
	for _, a := range p.accounts {
		for _, attribute := range attributes {
			if v := w.attribute(a, strings.ToLower(attribute)); !placeholder(v) {
				out = append(out, strings.ToLower(strings.TrimSpace(v)))
			}
		}
	}
	return out
}

// meansOn are the days of the month on which an entry means an account,
// whatever its dates.
func (e *entitlement) meansOn(u *exclusionUse, a int32) uint32 {
	x := u.entry
	switch x.Match.Kind {
	case register.MatchAll:
		return ^uint32(0)
	case register.MatchUser:
		if e.w.isCalled(a, u.who) {
			return ^uint32(0)
		}
	case register.MatchGroup:
		var in uint32
		for bi, b := range e.w.batches() {
			if list := e.exclusions[x.Match.Pattern]; bi < len(list) {
				in |= e.w.dayBits(list[bi].at(a), b)
			}
		}
		return in
	}
	return 0
}

// means says whether an entry means an account on any day of the month.
func (e *entitlement) means(u *exclusionUse, a int32) bool { return e.meansOn(u, a) != 0 }

// isCalled says whether an account answers to a name of a table kept by hand:
// its sAMAccountName, DOMAIN\name or UPN; a pattern is allowed.
func (w *world) isCalled(a int32, g Glob) bool {
	if domain, name, ok := strings.Cut(g.folded, `\`); ok {
		d := w.dirs[w.accounts[a].dir].dir
		return (domain == strings.ToLower(d.Domain) || domain == strings.ToLower(d.DNS)) && NewGlob(name).Match(w.accountName(a))
	}
	if strings.Contains(g.folded, "@") {
		return g.Match(w.lastState(a).UPN)
	}
	return g.Match(w.accountName(a))
}
