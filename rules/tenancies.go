package rules

import (
	"math/bits"
	"strings"
	"unicode/utf8"

	"splameter/internal/dn"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
)

// tenancies find the tenant of an account as a snapshot saw it: the deepest of the
// tenants' organizational units above it; beneath none, the tenant of a group
// that holds it, then of an attribute's value, then of its UPN's suffix. All
// of them only while they are in force.
type tenancies struct {
	ous   map[string][]tenancy
	above parents
	moves []unitMove
	dated bool // what makes a tenant's begins or ends on a day, or follows from a group

	groups     []groupTenancy
	attributes []attributeTenancy
	suffixes   map[string][]tenancy // by suffix in lower case
}

type tenancy struct {
	tenant      string
	from, until month.OptionalDay
}

type groupTenancy struct {
	tenancy
	name  string
	holds []*closure // by batch
}

type attributeTenancy struct {
	tenancy
	Attribute
}

func newTenancies(w *world, reg *register.Register) *tenancies {
	h := &tenancies{ous: map[string][]tenancy{}, above: parents{}, suffixes: map[string][]tenancy{}}
	var sc scratch
	for i := range reg.Tenants {
		t := &reg.Tenants[i]
		for _, ou := range t.OUs {
			if key, err := dn.Key(ou.DN); err == nil {
				h.dated = h.dated || ou.From.Set || ou.Until.Set
				h.ous[key] = append(h.ous[key], tenancy{t.ID, ou.From, ou.Until})
			}
		}
	}
	h.follow(w)
	for i := range reg.Tenants {
		t := &reg.Tenants[i]
		for j := range t.Signs {
			s := &t.Signs[j]
			at := tenancy{t.ID, s.From, s.Until}
			h.dated = h.dated || s.From.Set || s.Until.Set
			switch s.Kind {
			case register.SignGroup:
				g := groupTenancy{tenancy: at, name: s.Value}
				for _, b := range w.batches() {
					g.holds = append(g.holds, w.close(w.roots([]string{s.Value}, b), b, &sc))
				}
				h.groups, h.dated = append(h.groups, g), true
			case register.SignAttribute:
				h.attributes = append(h.attributes, attributeTenancy{at, Attribute{Name: strings.ToLower(s.Name), Values: globs([]string{s.Value})}})
			case register.SignSuffix:
				k := strings.ToLower(strings.TrimPrefix(s.Value, "@"))
				h.suffixes[k] = append(h.suffixes[k], at)
			}
		}
	}
	return h
}

// unitMove is a tenant's unit that has another name than its table says.
type unitMove struct {
	tenancy
	unit     int32 // in the directory's Units: the first state under the new name
	dir      int32
	old, new string
}

// follow adds the other names that a tenant's unit had in the month: a unit is
// known by its objectGUID, so that a rename or a move stays the same one. A name
// that the table gives to somebody is left alone.
func (h *tenancies) follow(w *world) {
	given := map[string]bool{}
	for key := range h.ous {
		given[key] = true
	}
	for di := range w.dirs {
		d := w.dirs[di].dir
		var was map[string]string // name just before the month, by id
		if d.Before != nil {
			was = map[string]string{}
			for i := range d.Before.Units {
				was[d.Before.Units[i].ID] = d.Before.Units[i].DN
			}
		}
		for from := 0; from < len(d.Units); {
			until := from
			for until < len(d.Units) && d.Units[until].ID == d.Units[from].ID {
				until++
			}
			old, moved := was[d.Units[from].ID]
			if moved || until-from > 1 {
				names := []string{}
				if moved {
					names = append(names, old)
				}
				for i := from; i < until; i++ {
					names = append(names, d.Units[i].DN)
				}
				h.followUnit(int32(di), from, names, len(names)-(until-from), given)
			}
			from = until
		}
	}
}

// followUnit looks at the names that one unit had in the order of time; those
// from skip on are those of the directory's Units from first on.
func (h *tenancies) followUnit(di int32, first int, names []string, skip int, given map[string]bool) {
	var of []tenancy
	old := ""
	for i, name := range names {
		key, err := dn.Key(name)
		switch {
		case err != nil:
		case given[key]:
			of, old = h.ous[key], name
		case len(of) > 0 && i >= skip:
			for _, o := range of {
				h.ous[key] = append(h.ous[key], o)
				h.moves = append(h.moves, unitMove{o, int32(first + i - skip), di, old, name})
			}
		}
	}
}

func (o *tenancy) holds(day month.Day) bool { return month.Within(day, o.from, o.until) }

// of is the id of the tenant whose unit a name lies beneath, or "".
func (h *tenancies) of(name string, day month.Day) string {
	if len(h.ous) == 0 {
		return ""
	}
	key, _ := h.above.of(name)
	for ; key != ""; key = dn.Parent(key) {
		for i := range h.ous[key] {
			if o := &h.ous[key][i]; o.holds(day) {
				return o.tenant
			}
		}
	}
	return ""
}

// tenant is an account's at a tick, as it then was; "" where it is nobody's.
func (h *tenancies) tenant(w *world, a int32, s *snapshot.AccountSpan, tick int32) string {
	if t := h.of(s.DN, w.days[tick]); t != "" {
		return t
	}
	if len(h.groups)+len(h.attributes)+len(h.suffixes) == 0 {
		return ""
	}
	found := ""
	h.signs(w, a, s, tick, func(tenant string) bool {
		found = tenant
		return false
	})
	return found
}

// before is the tenant of an account as the last reading before the month saw it.
func (h *tenancies) before(w *world, b *snapshot.DirectoryBefore, a *snapshot.Account) string {
	if t := h.of(a.DN, w.days[0]); t != "" {
		return t
	}
	for i := range h.groups {
		for _, r := range w.roots([]string{h.groups[i].name}, w.batches()[0]) {
			for j := range b.Members {
				if m := &b.Members[j]; m.Key == a.ID && m.Group == w.groups[r.node].id {
					return h.groups[i].tenant
				}
			}
		}
	}
	for i := range h.attributes {
		if hasAttribute(a, &h.attributes[i].Attribute) {
			return h.attributes[i].tenant
		}
	}
	if at := strings.LastIndexByte(a.UPN, '@'); at >= 0 {
		for _, o := range h.suffixes[strings.ToLower(a.UPN[at+1:])] {
			return o.tenant
		}
	}
	return ""
}

// signs goes through the tenants whose groups, attributes and suffixes an
// account shows at a tick, in the order in which they count.
func (h *tenancies) signs(w *world, a int32, s *snapshot.AccountSpan, tick int32, yield func(tenant string) bool) {
	day := w.days[tick]
	for i := range h.groups {
		g := &h.groups[i]
		if g.tenancy.holds(day) && g.holds[tick/64].at(a)&(1<<uint(tick%64)) != 0 && !yield(g.tenant) {
			return
		}
	}
	for i := range h.attributes {
		x := &h.attributes[i]
		if x.tenancy.holds(day) && hasAttribute(&s.Account, &x.Attribute) && !yield(x.tenant) {
			return
		}
	}
	if len(h.suffixes) == 0 {
		return
	}
	if at := strings.LastIndexByte(s.UPN, '@'); at >= 0 {
		list := h.suffixes[strings.ToLower(s.UPN[at+1:])]
		for i := range list {
			if list[i].holds(day) && !yield(list[i].tenant) {
				return
			}
		}
	}
}

// settle gives each account the tenant of the last snapshot in which it was
// entitled within one; one that never was gets the tenant in which it was last
// seen (docs/counting.md, rule 2). entitled is, by batch and account, the ticks in
// which it was.
func (w *world) settle(h *tenancies, entitled [][]uint64) {
	batches := w.batches()
	for i := range w.accounts {
		a := &w.accounts[i]
		a.tenant = w.entitledAt(h, int32(i), batches, entitled)
		if a.tenant == "" {
			last := &w.spans[a.until-1]
			s := w.state(last)
			a.tenant = h.tenant(w, int32(i), &s, last.last)
		}
	}
}

// entitledAt is the tenant of the last tick at which an account was entitled
// within one.
func (w *world) entitledAt(h *tenancies, a int32, batches []batch, entitled [][]uint64) string {
	states := w.states(a)
	for s := len(states) - 1; s >= 0; s-- {
		var state snapshot.AccountSpan
		read := false
		for bi := len(batches) - 1; bi >= 0; bi-- {
			b := batches[bi]
			for m := entitled[bi][a] & b.mask(states[s].first, states[s].last); m != 0; {
				top := 63 - bits.LeadingZeros64(m)
				m &^= 1 << top
				if !read {
					state, read = w.state(&states[s]), true
				}
				if t := h.tenant(w, a, &state, b.first+int32(top)); t != "" {
					return t
				}
				if !h.dated { // the same at each tick
					m, bi = 0, 0
				}
			}
		}
	}
	return ""
}

// parents are the keys of what names lie beneath. Of a hundred thousand names
// few lie in different places: where a name's first part has nothing odd in
// it, the rest is looked at only once.
type parents map[string]string

// of is the key of the name one level up, or "" at the root; false where the
// name is none.
func (p parents) of(name string) (string, bool) {
	rest, plain := behind(name)
	if plain {
		if key, ok := p[rest]; ok {
			return key, true
		}
	}
	key, err := dn.Key(name)
	if err != nil {
		return "", false
	}
	key = dn.Parent(key)
	if plain {
		p[rest] = key
	}
	return key, true
}

// behind is what follows a name's first part, where that is a plain common
// name: one value, of which nothing but single characters is escaped.
func behind(name string) (string, bool) {
	if len(name) < 4 || name[:3] != "CN=" || name[3] == ' ' {
		return "", false
	}
	for i := 3; i < len(name); i++ {
		switch c := name[i]; {
		case c == ',':
			return name[i+1:], i > 3
		case c == '\\':
			i++
			if i == len(name) || strings.IndexByte(`,+"\<>;= `, name[i]) < 0 {
				return "", false
			}
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == ' ', c == '.', c == '-', c == '_', c == '\'', c == '(', c == ')', c >= utf8.RuneSelf:
		default:
			return "", false
		}
	}
	return "", false
}
