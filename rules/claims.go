package rules

import (
	"cmp"
	"iter"
	"math/bits"
	"slices"
	"strings"

	"splameter/internal/statement"
)

// claim is one person's right to one product in the month, by any of its
// accounts.
type claim struct {
	product     int32  // index into the products
	days        uint32 // of any of its reaches
	from, until int32  // its reaches, in claims.reached
	excluded    int32  // the entry of the register, counted from 1; 0: none
	counted     bool   // reported, or excluded, under this product (the highest of its family)
}

// claims are all claims of the month, by person, then product. They are the
// most numerous thing that a month is counted with, and stand in one piece.
type claims struct {
	start []int32 // those of person n are list[start[n]:start[n+1]]
	list  []claim
	// reached are, claim by claim and by account's ID, places among the reaches
	// of the claim's product.
	reached []int32
	reach   []reaches
	// others are the further entries that cover a claim together with the one
	// that it names.
	others map[int32][]int32
}

// of are a person's claims.
func (cs *claims) of(person int) []claim { return cs.list[cs.start[person]:cs.start[person+1]] }

// each goes through a person's claims.
func (cs *claims) each(person int) iter.Seq[*claim] {
	return func(yield func(*claim) bool) {
		for i := cs.start[person]; i < cs.start[person+1]; i++ {
			if !yield(&cs.list[i]) {
				return
			}
		}
	}
}

// reaches goes through the reaches of a claim.
func (cs *claims) reaches(c *claim) iter.Seq[*reach] {
	return func(yield func(*reach) bool) {
		for _, at := range cs.reached[c.from:c.until] {
			if !yield(&cs.reach[c.product].list[at]) {
				return
			}
		}
	}
}

func (e *entitlement) claims(persons []person) *claims {
	cs := &claims{start: make([]int32, len(persons)+1), reach: e.reach}
	last := make([]int32, len(persons))
	// each calls f with every reach of a person, and whether it is the
	// person's first of the product.
	each := func(f func(n, product, at int32, r *reach, first bool)) {
		for i := range last {
			last[i] = -1
		}
		for pi := range e.products {
			for at := range e.reach[pi].list {
				r := &e.reach[pi].list[at]
				if n := e.w.accounts[r.account].person; n >= 0 && e.products[pi].countsTenant(e.in.Register, persons[n].tenant) {
					f(n, int32(pi), int32(at), r, last[n] != int32(pi))
					last[n] = int32(pi)
				}
			}
		}
	}
	all := 0
	each(func(n, _, _ int32, _ *reach, first bool) {
		all++
		if first {
			cs.start[n+1]++
		}
	})
	for n := range persons {
		cs.start[n+1] += cs.start[n]
	}
	cs.list, cs.reached = make([]claim, cs.start[len(persons)]), make([]int32, all)
	next := slices.Clone(cs.start)
	each(func(n, product, _ int32, r *reach, first bool) {
		if first {
			cs.list[next[n]] = claim{product: product}
			next[n]++
		}
		c := &cs.list[next[n]-1]
		c.days |= r.days
		c.until++ // for now how many they are
	})
	from := int32(0)
	for i := range cs.list {
		c := &cs.list[i]
		from, c.from, c.until = from+c.until, from, from
	}
	copy(next, cs.start)
	each(func(n, _, at int32, _ *reach, first bool) {
		if first {
			next[n]++
		}
		c := &cs.list[next[n]-1]
		cs.reached[c.until] = at
		c.until++
	})
	for i := range cs.list {
		if c := &cs.list[i]; c.until-c.from > 1 {
			list := e.reach[c.product].list
			slices.SortFunc(cs.reached[c.from:c.until], func(a, b int32) int {
				return strings.Compare(e.w.accounts[list[a].account].id, e.w.accounts[list[b].account].id)
			})
		}
	}
	return cs
}

// basis is the reason on the claim's first day.
func (e *entitlement) basis(cs *claims, c *claim) statement.Basis {
	for r := range cs.reaches(c) {
		if bits.TrailingZeros32(r.days) == bits.TrailingZeros32(c.days) {
			return e.w.basis(r)
		}
	}
	return statement.Basis{Way: &statement.Way{}, Installed: &statement.Installed{}}
}

// elect settles under which product of each family a person is shown: the
// highest; where that is excluded, the lower ones only where the register
// does not cover them too. Products that others make needless (unless) come
// last: they are no claim of a person who is counted for one of those.
func (e *entitlement) elect(cs *claims) {
	last := map[string]bool{} // families with such a product; "" of one without a family
	for _, p := range e.products {
		if len(p.Unless) > 0 || p.Entitled.CountedAs {
			last[p.Family] = true
		}
	}
	var family []*claim
	for n := range len(cs.start) - 1 {
		list := cs.of(n)
		e.electOf(list, &family, func(p *Product) bool {
			return !last[p.Family] || p.Family == "" && len(p.Unless) == 0 && !p.Entitled.CountedAs
		})
		if len(last) > 0 {
			e.electOf(list, &family, func(p *Product) bool {
				return last[p.Family] && (p.Family != "" || len(p.Unless) > 0 || p.Entitled.CountedAs)
			})
		}
	}
}

// electOf settles a person's claims of those products.
func (e *entitlement) electOf(list []claim, family *[]*claim, of func(*Product) bool) {
	for i := range list {
		c := &list[i]
		p := e.products[c.product]
		if !of(p) {
			continue
		}
		f := p.Family
		if f == "" {
			c.counted = !e.needless(list, p)
			continue
		}
		same := func(o *claim) bool { return e.products[o.product].Family == f }
		if slices.ContainsFunc(list[:i], func(o claim) bool { return same(&o) }) {
			continue // settled with the first of its family
		}
		fam := (*family)[:0]
		for j := range list[i:] {
			if o := &list[i+j]; same(o) && !e.needless(list, e.products[o.product]) {
				fam = append(fam, o)
			}
		}
		*family = fam
		if len(fam) == 0 {
			continue
		}
		slices.SortStableFunc(fam, func(a, b *claim) int { return cmp.Compare(e.products[b.product].Rank, e.products[a.product].Rank) })
		fam[0].counted = true
		if fam[0].excluded == 0 {
			continue
		}
		for _, o := range fam[1:] {
			if o.excluded == 0 {
				o.counted = true
				break
			}
		}
	}
}

// needless says whether a person is counted, and not excluded, for one of the
// products beside which this one is not due; or, of a product that exclusions
// count others as, that none took the person out for it.
func (e *entitlement) needless(list []claim, p *Product) bool {
	if p.Entitled.CountedAs && !slices.ContainsFunc(list, func(o claim) bool {
		return o.excluded != 0 && e.in.Register.Exclusions[o.excluded-1].CountedAs == p.base()
	}) {
		return true
	}
	return len(p.Unless) > 0 && slices.ContainsFunc(list, func(o claim) bool {
		return o.counted && o.excluded == 0 && slices.Contains(p.Unless, e.products[o.product].base())
	})
}

// has says whether a person is entitled to a product, or to a higher one of
// its family.
func (e *entitlement) has(list []claim, id string) bool {
	var want *Product
	for _, p := range e.products {
		if p.ID == id {
			want = p
		}
	}
	for _, c := range list {
		p := e.products[c.product]
		if p.base() == id || want != nil && want.Family != "" && p.Family == want.Family && p.Rank >= want.Rank {
			return true
		}
	}
	return false
}
