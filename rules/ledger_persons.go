package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// person is why a person is not counted for a product any more.
func (l *ledger) person(u *unit, p *Product) cause {
	e, via := l.e, l.via(u)
	a, ok := l.accounts[u.Key]
	if !ok {
		return l.gone(u, p, via)
	}
	n := e.w.accounts[a].person
	if n < 0 {
		return certain(statement.CauseNoPerson, e.w.spans[e.w.accounts[a].until-1].class.String()).from(l.leftOn(u))
	}
	if c, ok := l.claimed(u, p, n, a); ok {
		return c
	}
	if c, ok := l.closed(u, a); ok {
		return c
	}
	if via == nil {
		return l.weaker(p)
	}
	return l.lostWay(u, p, via, a)
}

// leftOn is the day after the one on which a person was last seen entitled, by
// what the month before says; else the first reading of this one.
func (l *ledger) leftOn(u *unit) month.Day {
	if c := l.entry(u); c.Last > 0 {
		return l.e.w.m.Add(-1).FirstDay() + month.Day(c.Last)
	}
	if len(l.e.w.days) > 0 {
		return l.e.w.days[0]
	}
	return 0
}

// gone is an account that no reading of the month holds. It was deleted, as
// far as its directory was read and shows others of its tenant: what a reader
// may not list looks just the same.
func (l *ledger) gone(u *unit, p *Product, via *statement.Via) cause {
	e := l.e
	read, named := false, false
	for i := range e.w.dirs {
		d := e.w.dirs[i].dir
		if via == nil || via.Directory == "" || strings.EqualFold(via.Directory, d.Source) {
			named = true
			read = read || len(d.Taken) > 0
		}
	}
	switch {
	case !named && via != nil:
		return unexplained("directory " + via.Directory + " is not read any more")
	case !read:
		return unexplained("no directory was read")
	case l.known[u.Key] != "" && l.stray[strings.ToLower(l.known[u.Key])]:
		return unexplained("an account of that name had sessions, and no reading shows it")
	case e.Register.Tenant(u.Tenant) != nil && l.alive[u.Tenant] == 0:
		if l.leftTogether(u, p, via) {
			return certain(statement.CauseDeleted, nameOr(via.Directory, u.Tenant)).from(l.leftOn(u))
		}
		return unexplained("no reading shows any account of the tenant; what the reader may not list looks just like that")
	}
	where := ""
	if via != nil {
		where = via.Directory
	}
	return because(statement.CauseDeleted, where).from(l.leftOn(u))
}

// claimed is for a person who still has a right to the product, and is not
// counted for it under the same key.
func (l *ledger) claimed(u *unit, p *Product, n, account int32) (cause, bool) {
	e := l.e
	who := &e.persons[n]
	for i := e.claims.start[n]; i < e.claims.start[n+1]; i++ {
		c := &e.claims.list[i]
		if e.products[c.product] != p {
			continue
		}
		switch {
		case c.excluded != 0:
			var ids []string
			for _, x := range e.claims.entries(i) {
				x := e.uses[x-1].entry
				ids = append(ids, strings.TrimSpace(x.ID+" "+x.Document))
			}
			return certain(statement.CauseExcluded, strings.Join(ids, ", ")), true
		case !c.counted:
			for o := range e.claims.each(int(n)) {
				q := e.products[o.product]
				if !o.counted || (p.Family == "" || q.Family != p.Family) && q.base() != p.base() && !slices.Contains(p.Unless, q.base()) {
					continue
				}
				if who.key == u.Key && len(l.gained[unitKey{q.ID, u.Key}]) == 0 { // counted for it in the month before, too: it takes nothing's place
					return because(statement.CauseRule, p.ID+": not beside "+q.ID), true
				}
				return certain(statement.CauseOther, q.ID), true
			}
			return because(statement.CauseRule, p.ID), true
		case who.key != u.Key:
			return l.sameBy(who, account), true
		case u.Is > 0:
			return certain(statement.CauseShared, ""), true
		case p.Count == statement.CountActive:
			return certain(statement.CauseInactive, ""), true
		case nameOr(who.tenant, "-unassigned") != u.Tenant:
			return certain(statement.CauseMoved, who.tenant).from(l.movedOn(u)), true
		case who.shared != nil: // every person behind it has an own account
			return certain(statement.CauseShared, ""), true
		}
	}
	return cause{}, false
}

// sameBy is the attribute and value by which an account is one person with
// another.
func (l *ledger) sameBy(who *person, account int32) cause {
	w := l.e.w
	for _, attribute := range l.e.Config.Person {
		name := strings.ToLower(attribute)
		v := w.attribute(account, name)
		if placeholder(v) {
			continue
		}
		for _, o := range who.accounts {
			if o != account && strings.EqualFold(strings.TrimSpace(w.attribute(o, name)), strings.TrimSpace(v)) {
				c := because(statement.CauseSamePerson, attribute)
				c.own = "= " + v
				return c
			}
		}
	}
	return because(statement.CauseSamePerson, strings.Join(l.e.Config.Person, ", "))
}

// closed is for an account that was disabled or had expired in every reading of
// the month that holds it.
func (l *ledger) closed(u *unit, account int32) (cause, bool) {
	w := l.e.w
	disabled := false
	for _, b := range w.batches() {
		if enabled, _ := w.enabled(account, b); enabled != 0 {
			return cause{}, false
		}
	}
	for _, s := range w.states(account) {
		disabled = disabled || s.disabled
	}
	if disabled {
		return certain(statement.CauseDisabled, "").from(l.leftOn(u)), true
	}
	if s := w.lastState(account); !s.Expires.IsZero() {
		return certain(statement.CauseExpired, "").from(month.DayOf(s.Expires, w.m.Location())), true
	}
	return cause{}, false
}

// weaker is all that can be said where the month before does not tell how the
// person came to be counted: nobody else lost the product at once.
func (l *ledger) weaker(p *Product) cause {
	for i := range l.e.claims.list {
		if l.e.products[l.e.claims.list[i].product] == p {
			return because(statement.CauseGroup, "")
		}
	}
	return unexplained("nobody reaches " + p.ID + " any more")
}

// lostWay is for an account that was enabled, and is not entitled any more: what
// became of the way by which it was.
func (l *ledger) lostWay(u *unit, p *Product, via *statement.Via, account int32) cause {
	switch via.Kind {
	case statement.ByAttribute:
		return l.lostAttribute(p, via)
	case statement.ByWith:
		return l.lostWith(u, p, via)
	case statement.ByGroup:
		if c, lost := l.lostGroup(u, via, account); lost {
			return c
		}
		if len(via.Path) > 0 && !l.names(p.Entitled.Groups, via.Path[0]) {
			return because(statement.CauseRule, p.ID+": entitled.groups")
		}
		return l.notThen(u, account)
	case statement.ByPool, statement.ByInstalled:
		pool, i := l.pool(via.Pool)
		switch {
		case pool == nil:
			return because(statement.CauseConfig, "pools: "+via.Pool)
		case pool.Until.Set && pool.Until.Day < l.e.w.m.FirstDay():
			return because(statement.CauseConfig, "pools: "+via.Pool+" until").from(pool.Until.Day + 1)
		case pool.From.Set && pool.From.Day > l.e.w.m.LastDay():
			return because(statement.CauseConfig, "pools: "+via.Pool+" from")
		}
		if c, lost := l.lostGroup(u, via, account); lost {
			return c
		}
		if len(via.Path) > 0 && !l.names(pool.Users, via.Path[0]) {
			return because(statement.CauseConfig, "pools: "+via.Pool+": users")
		}
		if via.Kind == statement.ByPool {
			if !p.pools.Match(pool.Name) {
				return because(statement.CauseRule, p.ID+": entitled.pools")
			}
			return l.notThen(u, account)
		}
		return l.lostProgram(u, p, via, pool, i, account)
	}
	return l.weaker(p)
}

func (l *ledger) pool(name string) (*config.Pool, int) {
	for i := range l.e.Config.Pools {
		if strings.EqualFold(l.e.Config.Pools[i].Name, name) {
			return &l.e.Config.Pools[i], i
		}
	}
	return nil, 0
}

// names says whether a list of groups names one, that the month knows by its
// name.
func (l *ledger) names(list []string, group string) bool {
	w := l.e.w
	for _, g := range globs(list) {
		if g.Match(group) {
			return true
		}
		for _, b := range w.batches() {
			if slices.ContainsFunc(w.roots([]string{g.raw}, b), func(r root) bool { return strings.EqualFold(w.groupName(r.node), group) }) {
				return true
			}
		}
	}
	return false
}

// holds is what a group holds, batch by batch; nil where no reading has it.
func (l *ledger) holds(group string) []*closure {
	if c, ok := l.within[group]; ok {
		return c
	}
	var out []*closure
	found := false
	for _, b := range l.e.w.batches() {
		rs := l.e.w.roots([]string{group}, b)
		found = found || len(rs) > 0
		out = append(out, l.e.w.close(rs, b, &l.sc))
	}
	if !found {
		out = nil
	}
	l.within[group] = out
	return out
}

// lostGroup looks whether the account is still in the group that gave access;
// where it is not, which membership is gone.
func (l *ledger) lostGroup(u *unit, via *statement.Via, account int32) (cause, bool) {
	if len(via.Path) == 0 || strings.HasPrefix(via.Path[0], "…") {
		return cause{}, false
	}
	top := l.holds(via.Path[0])
	if top == nil {
		return unexplained("group " + via.Path[0] + " is in no reading"), true
	}
	members := 0
	for _, c := range top {
		if c.at(account) != 0 {
			return cause{}, false
		}
		members += len(c.accounts)
	}
	if members == 0 {
		return unexplained("group " + via.Path[0] + " shows no members"), true
	}
	path := strings.Join(via.Path, " > ")
	for i := len(via.Path) - 1; i > 0; i-- { // from the account up: the group that it is still in
		c := l.holds(via.Path[i])
		if c == nil {
			path = strings.Join(via.Path[:i], " > ") + " > " + via.Path[i] + " (gone)"
			continue
		}
		if slices.ContainsFunc(c, func(c *closure) bool { return c.at(account) != 0 }) {
			return because(statement.CauseGroup, fmt.Sprintf("%s, out of %s", via.Path[i], via.Path[i-1])).from(l.leftOn(u)), true
		}
	}
	return because(statement.CauseGroup, path).from(l.leftOn(u)), true
}

// notThen is for an account that is in the group, and enabled, and was both at
// no one time.
func (l *ledger) notThen(u *unit, account int32) cause {
	for _, s := range l.e.w.states(account) {
		if s.disabled {
			return certain(statement.CauseDisabled, "").from(l.leftOn(u))
		}
	}
	if s := l.e.w.lastState(account); !s.Expires.IsZero() {
		return certain(statement.CauseExpired, "").from(month.DayOf(s.Expires, l.e.w.m.Location()))
	}
	return because(statement.CauseGroup, "").from(l.leftOn(u))
}

func (l *ledger) lostAttribute(p *Product, via *statement.Via) cause {
	name, _, _ := strings.Cut(via.Attribute, "=")
	at := Attribute{Name: strings.ToLower(strings.TrimSpace(name))}
	named := slices.ContainsFunc(p.Entitled.Attributes, func(x Attribute) bool { return strings.EqualFold(x.Name, at.Name) })
	if !named {
		return because(statement.CauseRule, p.ID+": entitled.attributes")
	}
	for i := range l.e.w.spans {
		if s := l.e.w.state(&l.e.w.spans[i]); hasAttribute(&s.Account, &at) {
			return because(statement.CauseAttribute, via.Attribute)
		}
	}
	return unexplained("no reading shows the attribute " + at.Name + " of anybody")
}

// lostWith is for a product that another one brought.
func (l *ledger) lostWith(u *unit, p *Product, via *statement.Via) cause {
	for _, i := range l.lost[unitKey{via.Product, u.Key}] {
		if from := &l.units[i]; from.Tenant == u.Tenant && from != u {
			if q := l.product(from.Product); q != nil {
				return l.person(from, q)
			}
			return l.ruleGone(from)
		}
	}
	if q := l.product(via.Product); q != nil && !slices.Contains(q.With, p.ID) {
		return because(statement.CauseRule, q.ID+": with")
	}
	return unexplained("counted with " + via.Product + ", of which nothing is known")
}

// lostProgram is for a product that was installed on a host of a pool.
func (l *ledger) lostProgram(u *unit, p *Product, via *statement.Via, pool *config.Pool, at int, account int32) cause {
	e := l.e
	if e.est.installed(at, p) != nil {
		for i := range pool.Restrict {
			if r := &pool.Restrict[i]; p.meant(NewGlob(r.Product)) && Enforced(r.Control) {
				return because(statement.CauseRestricted, strings.TrimSpace(pool.Name+"/"+r.Product+" "+r.Document))
			}
		}
		return l.notThen(u, account)
	}
	if from, is := l.retired(via.Host); is {
		return certain(statement.CauseRetired, via.Host).from(from)
	}
	h := e.est.find(via.Host)
	if h == nil {
		return unexplained("host " + via.Host + " is in no source of this month")
	}
	var first month.Day
	for _, s := range h.software {
		for _, d := range s.Days {
			if first == 0 || d < first {
				first = d
			}
		}
	}
	if first == 0 {
		return unexplained("host " + via.Host + " has no software inventory this month")
	}
	if !slices.Contains(h.pools, at) {
		return because(statement.CauseConfig, "pools: "+pool.Name+": hosts")
	}
	for i := range e.st.Applications {
		if a := &e.st.Applications[i]; strings.EqualFold(a.Host, h.name) && a.Name == via.Application {
			return because(statement.CauseRule, p.ID+": entitled.installed")
		}
	}
	if source := l.silent(h); source != "" {
		return unexplained(fmt.Sprintf("inventory %s, which read host %s in the month before, did not read it; another need not list the same programs", source, via.Host))
	}
	return because(statement.CauseProgram, via.Application+" · "+via.Host).from(first)
}

// silent is a source that read a host's programs in the month before, and not in
// this one: a program that it alone listed is not shown to be gone by another.
func (l *ledger) silent(h *host) string {
	for _, b := range l.e.Facts.Before.Software {
		if b.Last >= l.e.w.m.Add(-1).FirstDay() && l.e.est.names.key(b.Host) == h.key &&
			!slices.ContainsFunc(h.software, func(s *snapshot.SoftwareMonth) bool { return s.Source == b.Source }) {
			return b.Source
		}
	}
	return ""
}
