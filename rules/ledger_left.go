package rules

import (
	"slices"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// leftTogether says that a person went with a customer that is none any more: its
// rows of the tenants table ended before the month, no reading shows an account of
// it, and the groups by which the person was counted are there and hold nobody who
// cannot be seen. A directory leaves in its groups what a reader may not list, and
// takes out of them what was deleted, with the unit and the groups beneath it.
func (l *ledger) leftTogether(u *unit, p *Product, via *statement.Via) bool {
	t := l.e.Register.Tenant(u.Tenant)
	if via == nil || t == nil || !l.over(t) {
		return false
	}
	switch via.Kind {
	case statement.ByGroup:
		return l.nobodyHidden(p.Entitled.Groups)
	case statement.ByPool, statement.ByInstalled:
		if pool, _ := l.pool(via.Pool); pool != nil {
			return l.nobodyHidden(pool.Users)
		}
	}
	return false
}

// over says that every row of a tenant ended before the month.
func (l *ledger) over(t *register.Tenant) bool {
	first := l.e.w.m.FirstDay()
	for _, o := range t.OUs {
		if !o.Until.Set || o.Until.Day >= first {
			return false
		}
	}
	for _, s := range t.Signs {
		if !s.Until.Set || s.Until.Day >= first {
			return false
		}
	}
	return len(t.OUs)+len(t.Signs) > 0
}

// nobodyHidden says that in every reading of the month each of the groups is there,
// holds somebody, and that neither it nor a group in it lists a member whom no
// directory shows.
func (l *ledger) nobodyHidden(groups []string) bool {
	w := l.e.w
	if len(groups) == 0 {
		return false
	}
	within := map[int32]bool{}
	for _, name := range groups {
		for _, b := range w.batches() {
			rs := w.roots([]string{name}, b)
			c := w.close(rs, b, &l.sc)
			if len(rs) == 0 || len(c.accounts) == 0 {
				return false
			}
			for _, r := range rs {
				within[r.node] = true
			}
			for _, g := range c.gains {
				within[g.node] = true
			}
		}
	}
	return !slices.ContainsFunc(w.lost, func(x lost) bool { return within[x.group] })
}
