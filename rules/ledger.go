package rules

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// ledger compares the month with the one before unit by unit: whatever was
// counted then and is not now has a cause that rests on something seen, or is
// an unexplained decrease. It is the net under all other checks, and relies on
// none of them.
type ledger struct {
	e    *evaluation
	last *statement.Earlier

	units  []unit
	gained map[unitKey][]int // places of what came, by product and key
	lost   map[unitKey][]int // of what went
	vias   map[int]*statement.Via
	known  map[string]string // names, by key
	// accounts are those of the month by the keys of who went.
	accounts map[string]int32
	stray    map[string]bool // names that had sessions and that no reading holds
	alive    map[string]int  // users that any reading holds, by tenant
	sc       scratch
	held     map[string]bool       // group → whether it holds anybody
	within   map[string][]*closure // group → what it holds, by batch
	parts    map[string]*machine
}

// unit is one person or machine that counts otherwise than in the month before.
type unit struct {
	statement.Move
	before int32 // its place in what was counted then, from 1
	now    int32 // its place among the persons, from 1, or the machines, below 0
	cause
}

type unitKey struct{ product, key string }

// cause is why a unit went or came. sure says that it was seen on the unit
// itself, and can be nothing else: much of a line may go by it.
type cause struct {
	what   statement.Cause
	detail string
	own    string // more of the detail, which is the person's own: no line shows it
	day    month.Day
	sure   bool
}

// because is a cause that much of a line does not go by without a question.
func because(what statement.Cause, detail string) cause { return cause{what: what, detail: detail} }

// certain is one that was seen on the unit itself.
func certain(what statement.Cause, detail string) cause {
	return cause{what: what, detail: detail, sure: true}
}

// from says from which day on.
func (c cause) from(day month.Day) cause {
	c.day = day
	return c
}

// unexplained is what nothing explains, with what lies nearest.
func unexplained(suspect string) cause { return because(statement.CauseUnexplained, suspect) }

// newLedger gathers every unit that differs.
func newLedger(e *evaluation, last *statement.Earlier) *ledger {
	l := &ledger{e: e, last: last, gained: map[unitKey][]int{}, lost: map[unitKey][]int{}, vias: map[int]*statement.Via{}, known: map[string]string{},
		stray: e.gathered.stray, held: map[string]bool{}, within: map[string][]*closure{}}
	l.gather()
	for i := range l.units {
		u := &l.units[i]
		k := unitKey{u.Product, u.Key}
		if u.Is > u.Was {
			l.gained[k] = append(l.gained[k], i)
		} else {
			l.lost[k] = append(l.lost[k], i)
		}
	}
	l.find()
	for i := range l.units {
		u := &l.units[i]
		if u.Is < u.Was {
			u.cause = l.why(u)
		}
	}
	for i := range l.units { // what came is told by what went
		u := &l.units[i]
		if u.Is > u.Was {
			u.cause = l.whence(u)
		}
	}
	return l
}

// gather goes through both months, one tenant at a time.
func (l *ledger) gather() {
	e, last := l.e, l.last
	active := map[string]bool{}
	for _, p := range e.products {
		active[p.ID] = p.Count == statement.CountActive
	}
	persons := e.personsByTenant()
	machines := byTenant(len(e.st.Machines), func(i int) string { return e.st.Machines[i].Tenant })
	counted := map[string][2]int32{} // they stand by tenant
	tenants := map[string]bool{}
	for i := range last.Counted.Len() {
		c := last.Counted.At(i)
		if c.Via != nil {
			l.vias[c.Way] = c.Via
		}
		r, ok := counted[c.Tenant]
		if !ok {
			r[0] = int32(i)
		}
		counted[c.Tenant], tenants[c.Tenant] = [2]int32{r[0], int32(i) + 1}, true
	}
	for t := range persons {
		tenants[t] = true
	}
	for t := range machines {
		tenants[t] = true
	}
	for k := range e.manual {
		tenants[k.tenant] = true
	}
	type here struct {
		units int
		at    int32
	}
	now := map[unitKey]here{}
	for t := range tenants {
		clear(now)
		add := func(product, key string, units int, at int32) {
			k := unitKey{product, key}
			now[k] = here{now[k].units + units, at}
		}
		for _, i := range persons[t] {
			if p := e.st.Persons.Brief(int(i)); p.Excluded == nil && (!active[p.Product] || p.Active) {
				add(p.Product, p.Key, p.Units, i+1)
			}
		}
		for _, i := range machines[t] {
			if m := &e.st.Machines[i]; m.Excluded == nil {
				add(m.Product, m.Key, m.Packs, -i-1)
			}
		}
		for k, m := range e.manual {
			if k.tenant == t {
				add(k.product, statement.CorrectionKey, m.change, 0)
			}
		}
		r := counted[t]
		for i := r[0]; i < r[1]; {
			c := last.Counted.At(int(i))
			at := i + 1
			for i++; i < r[1]; i++ { // a key that stands twice is one
				if d := last.Counted.At(int(i)); d.Tenant != c.Tenant || d.Product != c.Product || d.Key != c.Key {
					break
				} else {
					c.Units += d.Units
				}
			}
			if c.Tenant != t { // not in order: what an odd file holds
				continue
			}
			k := unitKey{c.Product, c.Key}
			h := now[k]
			delete(now, k)
			if h.units != c.Units {
				if c.Name != "" { // it stands with the first: who is gone is gone from that too
					l.known[c.Key] = c.Name
				}
				l.units = append(l.units, unit{Move: statement.Move{Tenant: t, Product: c.Product, Key: c.Key, Was: c.Units, Is: h.units}, before: at, now: h.at})
			}
		}
		for k, h := range now {
			if h.units != 0 {
				l.units = append(l.units, unit{Move: statement.Move{Tenant: t, Product: k.product, Key: k.key, Is: h.units}, now: h.at})
			}
		}
	}
	slices.SortFunc(l.units, func(a, b unit) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Product, b.Product), strings.Compare(a.Key, b.Key))
	})
}

// find looks up what this month knows of who went.
func (l *ledger) find() {
	e, went := l.e, map[string]bool{}
	for i := range l.units {
		if u := &l.units[i]; u.Is < u.Was {
			went[u.Key] = true
		}
	}
	if len(went) == 0 {
		return
	}
	l.accounts, l.alive = map[string]int32{}, map[string]int{}
	for i := range e.w.accounts {
		a := &e.w.accounts[i]
		if e.w.isUser(int32(i)) {
			l.alive[a.tenant]++
		}
		if went[a.id] {
			l.accounts[a.id] = int32(i)
		}
	}
	for i := range e.machines {
		if l.parts == nil {
			l.parts = map[string]*machine{}
		}
		l.parts[e.machines[i].key] = e.machines[i]
	}
}

// entry is what the month before said of a unit.
func (l *ledger) entry(u *unit) statement.Counted {
	if u.before == 0 {
		return statement.Counted{}
	}
	return l.last.Counted.At(int(u.before) - 1)
}

// via is how a unit was counted in the month before; nil where an earlier
// version did not say.
func (l *ledger) via(u *unit) *statement.Via { return l.vias[l.entry(u).Way] }

// why is the cause of less.
func (l *ledger) why(u *unit) cause {
	if u.Key == statement.CorrectionKey {
		return certain(statement.CauseCorrection, "")
	}
	p := l.product(u.Product)
	if p == nil {
		return l.ruleGone(u)
	}
	for _, i := range l.gained[unitKey{u.Product, u.Key}] {
		to := &l.units[i]
		switch {
		case to.Tenant == u.Tenant:
		case to.Tenant == register.Shared: // a blank where a customer stood, which moves nothing
			return unexplained("no hosts table of this month says whose " + u.Key + " is")
		default:
			return certain(statement.CauseMoved, to.Tenant).from(l.movedOn(u))
		}
	}
	if p.Unit == statement.UnitCore {
		return l.machine(u, p)
	}
	return l.person(u, p)
}

// whence is the cause of more.
func (l *ledger) whence(u *unit) cause {
	if u.Key == statement.CorrectionKey {
		return certain(statement.CauseCorrection, "")
	}
	for _, i := range l.lost[unitKey{u.Product, u.Key}] {
		if from := &l.units[i]; from.Tenant != u.Tenant {
			return certain(statement.CauseMoved, from.Tenant).from(from.day)
		}
	}
	e := l.e
	switch {
	case u.now > 0:
		x := e.st.Persons.At(int(u.now) - 1)
		u.Name, u.Accounts = x.Name, namesOf(x.Accounts)
		if u.Was > 0 {
			return certain(statement.CauseShared, "")
		}
		if p := l.product(u.Product); p != nil {
			for _, q := range e.products {
				if (p.Family != "" && q.Family == p.Family || q.base() == p.base() || slices.Contains(q.Unless, p.base())) && len(l.lost[unitKey{q.ID, u.Key}]) > 0 {
					return certain(statement.CauseOther, q.ID).from(x.First)
				}
			}
		}
		if w := x.Via.Way; w != nil && w.Kind == statement.ByInstalled && l.was(u.Product) == 0 {
			return because(statement.CauseProgram, w.Application+" · "+w.Host).from(x.First)
		}
		detail := ""
		if w := x.Via.Way; w != nil {
			detail = strings.Join(w.Path, " > ")
		}
		return certain(statement.CauseJoined, detail).from(x.First)
	case u.now < 0:
		m := &e.st.Machines[-u.now-1]
		u.Name = m.Host
		return l.moreMachine(u, m)
	}
	return certain(statement.CauseJoined, "")
}

func (l *ledger) product(id string) *Product {
	for _, p := range l.e.products {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// was is the product's whole quantity in the month before.
func (l *ledger) was(product string) (n int) {
	for _, q := range l.last.Quantities {
		if q.Product == product {
			n += q.Quantity
		}
	}
	return n
}

// ruleGone is for a product that no rule in force counts.
func (l *ledger) ruleGone(u *unit) cause {
	for i := range l.e.Set.Products {
		if p := &l.e.Set.Products[i]; p.ID == u.Product {
			switch {
			case p.Until.Set && p.Until.Day < l.e.w.m.FirstDay():
				return because(statement.CauseRule, p.ID+" until "+p.Until.Day.String()).from(p.Until.Day + 1)
			case p.From.Set && p.From.Day > l.e.w.m.LastDay():
				return because(statement.CauseRule, p.ID+" from "+p.From.Day.String())
			}
		}
	}
	return unexplained("no rule names product " + u.Product + " any more")
}

// movedOn is the day from which the tenant is another.
func (l *ledger) movedOn(u *unit) month.Day {
	a, ok := l.accounts[u.Key]
	if !ok {
		return 0
	}
	w := l.e.w
	for _, s := range w.states(a) {
		x := w.state(&s)
		if nameOr(l.e.tenancies.tenant(w, a, &x, s.first), register.Unassigned) != u.Tenant {
			return w.days[s.first]
		}
	}
	return 0
}
