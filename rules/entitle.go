package rules

import (
	"math/bits"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// entitlement computes who could use which product.
type entitlement struct {
	w        *world
	in       *Input
	products []*Product
	est      *estate
	reach    []reaches        // by product
	named    []bool           // by account: entitled to a product that names pools
	ticks    [][]uint64       // by batch, then account: the ticks in which it was entitled to anything
	inGroup  map[int32]uint32 // account → days in a group of a pool's users or of a product
	// exclusions: group name of an exclusion → what it holds, by batch
	exclusions map[string][]*closure
	ways       map[broughtKey]*way // of products that others bring
	// contradicted are what logs and directories tell otherwise of one thing.
	contradicted []string
	open         []int32             // accounts that had come, and of which nothing tells whether they could sign in
	clocks       []statement.Finding // controllers whose stamps contradict the readings
}

func newEntitlement(w *world, in *Input, products []*Product, est *estate) *entitlement {
	e := &entitlement{w: w, in: in, products: products, est: est,
		reach: make([]reaches, len(products)), named: make([]bool, len(w.accounts)),
		inGroup: map[int32]uint32{}, exclusions: map[string][]*closure{}, ways: map[broughtKey]*way{}}
	return e
}

// run finds who could use what.
func (e *entitlement) run() {
	e.walk()
	e.addBetween()
	e.with()
	e.countAs()
	e.shareReach()
}

// walk goes through the month, batch by batch.
func (e *entitlement) walk() {
	var sc scratch
	enabled, present := make([]uint64, len(e.w.accounts)), make([]uint64, len(e.w.accounts))
	for bi, b := range e.w.batches() {
		for a := range e.w.accounts {
			enabled[a], present[a] = e.w.enabled(int32(a), b)
		}
		e.ticks = append(e.ticks, make([]uint64, len(e.w.accounts)))
		e.batch(b, bi, enabled, present, &sc)
	}
}

// batch finds every way to every product and adds what it gives.
func (e *entitlement) batch(b batch, bi int, enabled, present []uint64, sc *scratch) {
	cache := map[string]*closure{}
	closed := func(names []string) *closure {
		key := strings.Join(names, "\x00")
		c, ok := cache[key]
		if !ok {
			c = e.w.close(e.w.roots(names, b), b, sc)
			cache[key] = c
		}
		return c
	}
	mask := make([]uint64, len(e.w.accounts))
	via := make([]int32, len(e.w.accounts))
	for pi, p := range e.products {
		if p.Unit != statement.UnitUser || p.of != "" {
			continue
		}
		sources := e.sources(p, b, closed)
		var touched []int32
		for si := range sources {
			s := &sources[si]
			for i, a := range s.closure.accounts {
				m := s.closure.masks[i] & s.within & enabled[a]
				if m != 0 && s.during != 0 {
					m &= ^s.during | s.less.at(a)
				}
				if m == 0 {
					continue
				}
				if mask[a] == 0 {
					touched = append(touched, a)
					via[a] = int32(si)
				} else if bits.TrailingZeros64(m) < bits.TrailingZeros64(mask[a]) {
					via[a] = int32(si)
				}
				mask[a] |= m
			}
		}
		slices.Sort(touched)
		e.reach[pi].list = slices.Grow(e.reach[pi].list, len(touched))
		for _, a := range touched {
			e.add(pi, a, mask[a], b, &sources[via[a]])
			e.ticks[bi][a] |= mask[a]
			if len(p.Entitled.Pools) > 0 {
				e.named[a] = true
			}
			mask[a] = 0
		}
		if len(p.Entitled.Groups) > 0 {
			e.noteMembers(closed(p.Entitled.Groups), present, b)
		}
	}
	for i := range e.in.Config.Pools {
		e.noteMembers(closed(e.in.Config.Pools[i].Users), present, b)
	}
	for i := range e.in.Register.Exclusions {
		x := &e.in.Register.Exclusions[i]
		if x.Match.Kind == register.MatchGroup {
			list := e.exclusions[x.Match.Pattern]
			if len(list) <= bi {
				e.exclusions[x.Match.Pattern] = append(list, closed([]string{x.Match.Pattern}))
			}
		}
	}
}

// noteMembers keeps on which days an account, enabled or not, sat in a group
// that gives access.
func (e *entitlement) noteMembers(c *closure, present []uint64, b batch) {
	for i, a := range c.accounts {
		if d := e.w.dayBits(c.masks[i]&present[a], b); d != 0 {
			e.inGroup[a] |= d
		}
	}
}

// dayBits turns ticks into days of the month.
func (w *world) dayBits(m uint64, b batch) uint32 {
	var d uint32
	for ; m != 0; m &= m - 1 {
		d |= w.bits[int(b.first)+bits.TrailingZeros64(m)]
	}
	return d
}

// add keeps what an account gained of a product in a batch.
func (e *entitlement) add(pi int, a int32, m uint64, b batch, s *source) {
	rs := &e.reach[pi]
	low := bits.TrailingZeros64(m)
	r := rs.of(a)
	if r == nil {
		x := reach{account: a}
		e.explain(&x, s, uint64(1)<<low)
		rs.add(x, len(e.w.accounts))
		r = rs.of(a)
	}
	r.days |= e.w.dayBits(m, b)
}

// sources lists the ways to a product, in the order in which they are named
// as the reason: its groups, its attributes, pools, installations.
func (e *entitlement) sources(p *Product, b batch, closed func([]string) *closure) []source {
	all := b.mask(b.first, b.last)
	var out []source
	if len(p.Entitled.Groups) > 0 {
		out = append(out, source{closure: closed(p.Entitled.Groups), within: all, basis: way{Way: statement.Way{Kind: statement.ByGroup}}})
	}
	for i := range p.Entitled.Attributes {
		at := &p.Entitled.Attributes[i]
		out = append(out, source{closure: e.attributeClosure(at, b), within: all,
			basis: way{Way: statement.Way{Kind: statement.ByAttribute, Attribute: at.Name}}})
	}
	for i := range e.in.Config.Pools {
		pool := &e.in.Config.Pools[i]
		open := e.w.dated(b, pool.From, pool.Until)
		if open == 0 {
			continue
		}
		if p.pools.Match(pool.Name) { // whoever may log on: no control of programs changes that
			out = append(out, source{closure: closed(pool.Users), within: open,
				basis: way{Way: statement.Way{Kind: statement.ByPool, Pool: pool.Name}}})
		}
		if inst := e.est.installed(i, p); inst != nil {
			out = append(out, e.restricted(p, pool, b, closed, source{closure: closed(pool.Users), within: open,
				basis: way{statement.Way{Kind: statement.ByInstalled, Pool: pool.Name, Host: inst.Host, Application: inst.Name},
					statement.Installed{Install: inst.At}}}))
		}
	}
	return out
}

// restricted narrows a way by the pool's enforced restrictions of the
// product: in the days in which one is in force, only its users pass.
func (e *entitlement) restricted(p *Product, pool *config.Pool, b batch, closed func([]string) *closure, s source) source {
	for i := range pool.Restrict {
		r := &pool.Restrict[i]
		if !NewGlob(r.Product).Match(p.ID) || !Enforced(r.Control) {
			continue
		}
		during := e.w.dated(b, r.From, r.Until)
		if during == 0 {
			continue
		}
		if s.less == nil {
			s.less, s.during = closed(r.Users), during
			continue
		}
		// Two controls at once: whoever passes either of them can start it.
		s.less = either(s.less, s.during, closed(r.Users), during)
		s.during |= during
	}
	return s
}

// either is who passes one of two controls; each counts only while it is in
// force, and where only one is, only that one.
func either(a *closure, da uint64, b *closure, db uint64) *closure {
	out := &closure{}
	i, j := 0, 0
	for i < len(a.accounts) || j < len(b.accounts) {
		var acc int32
		var m uint64
		switch {
		case j == len(b.accounts) || i < len(a.accounts) && a.accounts[i] < b.accounts[j]:
			acc, m = a.accounts[i], a.masks[i]&da
			i++
		case i == len(a.accounts) || b.accounts[j] < a.accounts[i]:
			acc, m = b.accounts[j], b.masks[j]&db
			j++
		default:
			acc, m = a.accounts[i], a.masks[i]&da|b.masks[j]&db
			i++
			j++
		}
		out.accounts, out.masks = append(out.accounts, acc), append(out.masks, m)
	}
	return out
}

// Enforced says whether a control keeps users out for certain: AppLocker or
// WDAC that is enforced, application masking, NTFS rights. A control in audit
// mode, a hidden shortcut or a word that is not known restricts nothing
// (docs/licensing.md 1.4).
func Enforced(control string) bool {
	c := strings.ToLower(control)
	if strings.Contains(c, "audit") {
		return false
	}
	for _, word := range []string{"applocker", "wdac", "app-control", "masking", "fslogix", "ntfs"} {
		if strings.Contains(c, word) {
			return true
		}
	}
	return false
}

// attributeClosure is who has an attribute, or one of its values.
func (e *entitlement) attributeClosure(at *Attribute, b batch) *closure {
	c := &closure{}
	for i := range e.w.accounts {
		var m uint64
		for _, span := range e.w.states(int32(i)) {
			if s := e.w.state(&span); hasAttribute(&s.Account, at) {
				m |= b.mask(span.first, span.last)
			}
		}
		if m != 0 {
			c.accounts, c.masks = append(c.accounts, int32(i)), append(c.masks, m)
		}
	}
	return c
}

func hasAttribute(a *snapshot.Account, at *Attribute) bool {
	values := a.Attributes
	switch at.Name {
	case "mail":
		values = []snapshot.Attribute{{Name: "mail", Value: a.Mail}}
	case "userprincipalname":
		values = []snapshot.Attribute{{Name: "userprincipalname", Value: a.UPN}}
	case "displayname":
		values = []snapshot.Attribute{{Name: "displayname", Value: a.DisplayName}}
	}
	for _, v := range values {
		if v.Name == at.Name && v.Value != "" && (len(at.Values) == 0 || at.Values.Match(v.Value)) {
			return true
		}
	}
	return false
}

// with adds what an additive product brings along: who can use it is counted
// for its base too.
func (e *entitlement) with() {
	byID := map[string]int{}
	for i, p := range e.products {
		byID[p.ID] = i
	}
	for range e.products { // at most so many steps of bringing along
		changed := false
		for pi, p := range e.products {
			for _, id := range p.With {
				bi, ok := byID[id]
				if !ok || bi == pi {
					continue
				}
				for _, r := range e.reach[pi].list {
					changed = e.bring(bi, r, p.ID) || changed
				}
			}
		}
		if !changed {
			return
		}
	}
}

// bring adds one reach of an additive product to its base.
func (e *entitlement) bring(base int, r reach, from string) bool {
	rs := &e.reach[base]
	b := rs.of(r.account)
	if b == nil {
		r.way = e.brought(r.way, from)
		rs.add(r, len(e.w.accounts))
		return true
	}
	if b.days|r.days == b.days && (b.between == nil || r.between != nil) {
		return false
	}
	if r.between == nil {
		b.between = nil
	}
	if bits.TrailingZeros32(r.days) < bits.TrailingZeros32(b.days) {
		b.way, b.edge = e.brought(r.way, from), r.edge
	}
	b.days |= r.days
	return true
}
