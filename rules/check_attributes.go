package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkAttributes finds attributes that rules name and that no account shows in
// any snapshot: the directory was read without them, or the name is wrong.
func checkAttributes(e *evaluation) {
	if len(e.w.accounts) == 0 {
		return
	}
	e.attributesGone()
	e.hiddenAttributes()
	told := map[string]bool{}
	for _, p := range e.products {
		for i := range p.Entitled.Attributes {
			at := Attribute{Name: p.Entitled.Attributes[i].Name}
			if told[at.Name] {
				continue
			}
			told[at.Name] = true
			found := false
			for i := range e.w.spans {
				if e.w.spans[i].at < 0 {
					continue // no reading saw it
				}
				if found {
					break
				}
				s := e.w.state(&e.w.spans[i])
				found = hasAttribute(&s.Account, &at)
			}
			if found {
				e.unread(at.Name, p.ID)
			} else {
				e.finding(statement.Finding{Code: "attribute-missing", Severity: statement.Error, Subject: at.Name, Product: p.ID,
					Message: fmt.Sprintf("no account has the attribute %s, which %s counts by, in any snapshot of the month: nobody was counted through it", at.Name, p.ID),
					Action:  "correct the name, give the reader the right to see it, or, where the rule is newer than the snapshots, collect again: exports are read again by themselves"})
			}
		}
	}
}

// byPerson is what needs an attribute that makes persons.
const byPerson = "person:"

// needed are the attributes that products count by, that make persons and that
// tell tenants apart, with what needs each.
func (e *evaluation) needed() (out []Attribute, by []string) {
	add := func(name, what string) {
		name = strings.ToLower(name)
		if !slices.ContainsFunc(out, func(a Attribute) bool { return a.Name == name }) {
			out, by = append(out, Attribute{Name: name}), append(by, what)
		}
	}
	for _, p := range e.products {
		for i := range p.Entitled.Attributes {
			add(p.Entitled.Attributes[i].Name, "product "+p.ID+" ("+p.PartNumber+")")
		}
	}
	for _, a := range e.Config.Person {
		add(a, byPerson)
	}
	for _, a := range e.Register.Attributes() {
		add(a, "the tenants table")
	}
	return out, by
}

// unread tells of days on which a directory was read without an attribute that
// a product counts by: who had it then is not known.
func (e *evaluation) unread(name, product string) {
	for di := range e.w.dirs {
		d := e.w.dirs[di].dir
		kept := make([]bool, len(d.Taken))
		said := false
		for i := range e.Facts.Readings {
			r := &e.Facts.Readings[i]
			if r.Source != d.Source || r.Status != snapshot.Complete {
				continue
			}
			if k := slices.IndexFunc(d.Taken, func(t snapshot.Taken) bool { return t.Time.Equal(r.Taken) }); k >= 0 {
				kept[k] = slices.Contains(r.Kept, name)
				said = said || r.Kept != nil
			}
		}
		if !said {
			continue // none of them says
		}
		for i := range e.w.spans {
			if e.w.spans[i].at < 0 {
				continue // no reading saw it
			}
			if s := &e.w.spans[i]; int(s.dir) == di {
				if a := e.w.state(s); hasAttribute(&a.Account, &Attribute{Name: name}) {
					for k := a.First; k <= a.Last; k++ {
						kept[k] = true
					}
				}
			}
		}
		for k := 0; k < len(kept); k++ {
			from := k
			for k < len(kept) && !kept[k] {
				k++
			}
			if k > from {
				e.gap(statement.Gap{Source: d.Source, Kind: statement.CoverageAttribute, Host: name, From: d.Taken[from].Day.String(), Until: d.Taken[k-1].Day.String(),
					Message: fmt.Sprintf("directory %s was read without the attribute %s, which %s counts by, on %s: who had it then is not known", d.Source, name, product, span(d.Taken[from].Day, d.Taken[k-1].Day)),
					Action:  "collect the exports of those days again, if there are any; else accept the gap by name: the month counts who was seen with it later"})
			}
		}
	}
}

// attributeLoss is one attribute that went away from a tenant's accounts from
// one reading to the next.
type attributeLoss struct {
	attribute, dir, at int32
	tenant             string
}

// attributesGone finds attributes that were taken away from a tenant's accounts
// in one reading, though the accounts are there and enabled as before: from all
// who had it is a gap, since one that may no longer be read looks just like
// that; from half of them is a finding.
func (e *evaluation) attributesGone() {
	needed, by := e.needed()
	if len(needed) == 0 {
		return
	}
	w := e.w
	lost := map[attributeLoss][]string{}
	compare := func(was, is *snapshot.Account, dir, at int32, tenant string) {
		if tenant == "" || was.Class != snapshot.User || is.Class != snapshot.User || was.Disabled || is.Disabled {
			return
		}
		for n := range needed {
			if hasAttribute(was, &needed[n]) && !hasAttribute(is, &needed[n]) {
				k := attributeLoss{int32(n), dir, at, tenant}
				lost[k] = append(lost[k], is.Name)
			}
		}
	}
	for i := range w.accounts {
		states := w.states(int32(i))
		for j := 1; j < len(states); j++ {
			if states[j].dir != states[j-1].dir {
				continue
			}
			was, is := w.state(&states[j-1]), w.state(&states[j])
			if was.Last+1 == is.First {
				compare(&was.Account, &is.Account, states[j].dir, is.First, e.tenancies.tenant(w, int32(i), &is, states[j].first))
			}
		}
	}
	for di := range w.dirs {
		if b := w.dirs[di].dir.Before; b != nil {
			for i := range b.Accounts {
				n, ok := w.byID(b.Accounts[i].ID)
				if !ok || int(w.states(n)[0].dir) != di {
					continue
				}
				if is := w.state(&w.states(n)[0]); is.First == 0 {
					compare(&b.Accounts[i], &is.Account, int32(di), 0, e.tenancies.tenant(w, n, &is, w.states(n)[0].first))
				}
			}
		}
	}
	var keys []attributeLoss
	for k, names := range lost {
		if len(names) > 1 {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if a.tenant != b.tenant {
			return a.tenant < b.tenant
		}
		if a.attribute != b.attribute {
			return a.attribute < b.attribute
		}
		return a.dir < b.dir || a.dir == b.dir && a.at < b.at
	})
	for _, k := range keys {
		e.tellLoss(k, lost[k], &needed[k.attribute], by[k.attribute])
	}
}

func (e *evaluation) tellLoss(k attributeLoss, names []string, at *Attribute, by string) {
	d := e.w.dirs[k.dir].dir
	have := make([]int, len(d.Taken)) // the tenant's enabled users that show it
	for i := range e.w.spans {
		if e.w.spans[i].at < 0 {
			continue // no reading saw it
		}
		s := &e.w.spans[i]
		if s.dir != k.dir || s.class != snapshot.User || s.disabled {
			continue
		}
		if a := e.w.state(s); hasAttribute(&a.Account, at) && e.tenancies.tenant(e.w, s.account, &a, s.first) == k.tenant {
			for t := a.First; t <= a.Last; t++ {
				have[t]++
			}
		}
	}
	n, left := len(names), have[k.at]
	until := k.at
	for int(until)+1 < len(have) && have[until+1] <= left {
		until++
	}
	slices.Sort(names)
	days := [2]month.Day{d.Taken[k.at].Day, d.Taken[until].Day}
	what := fmt.Sprintf("%d enabled %s of tenant %s (%s) had the attribute %s, which %s needs, in the reading before and no more in that of %s in directory %s", n, diag.Plural(n, "account", "accounts"), k.tenant, listed(names, 5), at.Name, by, days[0], d.Source)
	switch {
	case left == 0:
		e.gap(statement.Gap{Source: d.Source, Kind: statement.CoverageAttribute, Host: at.Name, Tenant: k.tenant, From: days[0].String(), Until: days[1].String(),
			Message: what + ", and nobody of the tenant shows it: one that the reader may not see looks just like that",
			Action:  "give the reader the right to see it, and collect again; if it is gone from all of them, accept the gap by name, with the reason"})
	case n >= left:
		e.finding(statement.Finding{Code: "attribute-gone", Severity: statement.High, Tenant: k.tenant, Subject: at.Name, Count: n,
			Message: what, Action: "make sure that it was taken from them, and that the reader may see it on all accounts"})
	}
}

// fewUsers is from how many users on a tenant without an attribute is told.
const fewUsers = 3

// hiddenAttributes tells, tenant by tenant, of attributes that none of its users
// shows while most of the others' do: perhaps nobody has it, perhaps the reader
// may not see it there.
func (e *evaluation) hiddenAttributes() {
	needed, by := e.needed()
	if len(needed) == 0 {
		return
	}
	type count struct{ users, show int }
	tenants := map[string][]count{}
	all := make([]count, len(needed))
	for i := range e.w.accounts {
		last := &e.w.spans[e.w.accounts[i].until-1]
		tenant := e.w.accounts[i].tenant
		if last.class != snapshot.User || last.disabled || tenant == "" {
			continue
		}
		list := tenants[tenant]
		if list == nil {
			list = make([]count, len(needed))
			tenants[tenant] = list
		}
		s := e.w.state(last)
		for n := range needed {
			list[n].users++
			all[n].users++
			if hasAttribute(&s.Account, &needed[n]) {
				list[n].show++
				all[n].show++
			}
		}
	}
	for i := range e.Register.Tenants {
		id := e.Register.Tenants[i].ID
		for n, c := range tenants[id] {
			if by[n] == byPerson {
				continue // who has none is a person by each account: more, and not less
			}
			if c.show == 0 && c.users >= fewUsers && 2*all[n].show >= all[n].users-c.users {
				e.finding(statement.Finding{Code: "attribute-not-shown", Severity: statement.Low, Tenant: id, Subject: needed[n].Name, Count: c.users,
					Message: fmt.Sprintf("none of the %d users of tenant %s shows the attribute %s, which %s needs, and most of the others' do", c.users, id, needed[n].Name, by[n]),
					Action:  "make sure that they really lack it, and that the reader may see it on them"})
			}
		}
	}
}
