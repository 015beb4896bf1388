package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkSessions finds sessions of accounts that were never entitled to a
// product that names pools (docs/counting.md, rule 7).
func checkSessions(e *evaluation) {
	pools := false
	for _, p := range e.products {
		pools = pools || len(p.Entitled.Pools) > 0
	}
	if !pools {
		return
	}
	last := int32(-1)
	for _, x := range e.usage.owned {
		a := x.account
		if a == last {
			continue
		}
		if last = a; e.ent.named[a] || e.isAdmin(a) {
			continue
		}
		name, tenant := e.account(a)
		u := e.usage.use(x.use)
		at := u.First.Evidence
		e.finding(statement.Finding{Code: "session-without-entitlement", Severity: statement.High, Tenant: tenant, Subject: name,
			Message: fmt.Sprintf("%s had a session on host %s on %s and was entitled to no pool's product in any snapshot of the month", name, u.Host, e.w.day(&u)),
			Action:  "find out how access was given; put the account into the group that is counted, or take the access away", At: &at})
	}
	for i := range e.usage.stray {
		s := &e.usage.stray[i]
		if i > 0 && strings.EqualFold(s.name, e.usage.stray[i-1].name) {
			continue
		}
		u := e.usage.use(s.use)
		at := u.First.Evidence
		e.finding(statement.Finding{Code: "session-without-entitlement", Severity: statement.High, Subject: s.name,
			Message: fmt.Sprintf("%s had a session on host %s on %s and is in no snapshot of the month, although its domain is one that is read", s.name, u.Host, e.w.day(&u)),
			Action:  "find out whether the account was made and deleted between two readings; if a person used it, correct the month by hand", At: &at})
	}
}

// isAdmin says whether an account is under an entry with the ground admin that
// is in force on any day of the month.
func (e *evaluation) isAdmin(a int32) bool {
	for i := range e.uses {
		u := &e.uses[i]
		if u.entry.Ground != register.Admin || !u.force || u.entry.Tenant != "*" && u.entry.Tenant != e.w.accounts[a].tenant {
			continue
		}
		if e.ent.means(u, a) {
			return true
		}
	}
	return false
}

// checkDisabled finds accounts that were disabled all month and still sit in a
// group that gives access (docs/counting.md, rule 8).
func checkDisabled(e *evaluation) {
	for i := range e.w.accounts {
		a := &e.w.accounts[i]
		if !e.w.isUser(int32(i)) || e.ent.inGroup[int32(i)] == 0 {
			continue
		}
		always := true
		for _, s := range e.w.states(int32(i)) {
			always = always && s.disabled
		}
		if !always || slices.ContainsFunc(e.ent.reach, func(r reaches) bool { return r.of(int32(i)) != nil }) {
			continue // enabled at a time, or between two readings
		}
		s := e.w.lastState(int32(i))
		e.finding(statement.Finding{Code: "disabled-in-group", Severity: statement.Low, Tenant: a.tenant, Subject: s.Name,
			Message: fmt.Sprintf("%s was disabled all month and still sits in a group that gives access; it was not counted", s.Name),
			Action:  "take it out of the group, so that enabling it by mistake gives nothing", At: &snapshot.Evidence{File: s.File, Line: s.Line}})
	}
}

// checkTenants finds entitled accounts that belong to no tenant (docs/counting.md,
// rule 3).
func checkTenants(e *evaluation) {
	for n := range e.persons {
		p := &e.persons[n]
		if p.tenant != "" || len(e.claims.of(n)) == 0 {
			continue
		}
		done := map[int32]bool{}
		for c := range e.claims.each(n) {
			for r := range e.claims.reaches(c) {
				if done[r.account] {
					continue
				}
				done[r.account] = true
				s := e.w.lastState(r.account)
				e.finding(statement.Finding{Code: "no-tenant", Severity: statement.High, Subject: s.Name,
					Message: fmt.Sprintf("%s is entitled and lies beneath no tenant's organizational unit (%s); it is counted as unassigned", s.Name, s.DN),
					Action:  "add the unit to tenants.csv, or move the account", At: &snapshot.Evidence{File: s.File, Line: s.Line}})
			}
		}
	}
}

// checkSigns finds entitled accounts that are two tenants' by the signs of the
// tenants table: whose they are follows from an order, and may not be meant.
func checkSigns(e *evaluation) {
	h := e.tenancies
	if len(h.groups)+len(h.attributes)+len(h.suffixes) == 0 {
		return
	}
	type pair struct{ is, also string }
	both := map[pair][]string{}
	var keys []pair
	for n := range e.persons {
		if len(e.claims.of(n)) == 0 {
			continue
		}
		for _, a := range e.persons[n].accounts {
			last := e.w.states(a)[len(e.w.states(a))-1].last
			s := e.w.lastState(a)
			h.signs(e.w, a, &s, last, func(tenant string) bool {
				if k := (pair{e.w.accounts[a].tenant, tenant}); tenant != k.is {
					if both[k] == nil {
						keys = append(keys, k)
					}
					both[k] = append(both[k], s.Name)
				}
				return true
			})
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].is < keys[j].is || keys[i].is == keys[j].is && keys[i].also < keys[j].also
	})
	for _, k := range keys {
		sort.Strings(both[k])
		e.finding(statement.Finding{Code: "tenant-ambiguous", Severity: statement.High, Tenant: k.is, Subject: k.also, Count: len(both[k]),
			Message: fmt.Sprintf("%s %s counted for %s, and %s %s too by group, attribute or suffix", listed(both[k], 5), diag.Plural(len(both[k]), "is", "are"), nameOr(k.is, register.Unassigned), diag.Plural(len(both[k]), "is", "are"), k.also),
			Action:  "make the signs in tenants.csv such that each account is one customer's; the deepest unit comes first, then a group, an attribute, the suffix"})
	}
}

// checkPairs finds persons entitled to a product and not to one that it
// requires (docs/counting.md, rule 6; docs/licensing.md 6.2, check 4).
func checkPairs(e *evaluation) {
	type need struct {
		account int32
		product string
	}
	for n := range e.persons {
		var named map[need]bool
		for _, counted := range []bool{true, false} { // the product that is counted first, then what lies under it
			for c := range e.claims.each(n) {
				if c.counted != counted {
					continue
				}
				p := e.products[c.product]
				for _, id := range p.Requires {
					if e.ent.has(e.claims.of(n), id) {
						continue
					}
					for r := range e.claims.reaches(c) { // each of the person's accounts that gives it: taking it from one alone corrects nothing
						if named[need{r.account, id}] {
							continue
						}
						if named == nil {
							named = map[need]bool{}
						}
						named[need{r.account, id}] = true
						name, tenant := e.account(r.account)
						at := e.w.membership(r)
						e.finding(statement.Finding{Code: "product-pair", Severity: statement.High, Tenant: tenant, Subject: name, Product: p.ID,
							Message: fmt.Sprintf("%s is entitled to %s and not to %s, which it requires", name, p.Label(), e.label(id)),
							Action:  fmt.Sprintf("if the person works there, give access through the group that counts %s; else take %s away", e.label(id), p.Label()), At: &at})
					}
				}
			}
		}
	}
}

func (e *evaluation) label(id string) string {
	for _, p := range e.products {
		if p.ID == id {
			return p.Label()
		}
	}
	return id
}

// checkPersons looks at who is one person (docs/licensing.md 6.2, checks 8, 11, 12).
func checkPersons(e *evaluation) {
	for _, c := range e.sharedValues {
		e.finding(statement.Finding{Code: "person-value-crowded", Severity: statement.Medium, Tenant: c.tenant, Subject: c.attribute + "=" + c.value, Count: len(c.accounts),
			Message: fmt.Sprintf("%d accounts share the %s %q, more than one person has (person_max %d): none of them were merged", len(c.accounts), c.attribute, c.value, e.Config.PersonMax),
			Action:  "correct the value in the directory, or raise person_max if one person really has so many accounts"})
	}
	for _, c := range e.doubts {
		var names []string
		for _, a := range c.accounts {
			names = append(names, e.w.accountName(a))
		}
		e.ask(statement.Question{Kind: statement.AskPerson, Subject: c.subject(), Tenant: c.tenant, About: names, Assumed: fmt.Sprintf("they were counted as %d persons", len(names)),
			Message: fmt.Sprintf("%d accounts of tenant %s with different names (%s) have the %s %q, which looks like a word that somebody typed and like no person's own number: they were not made one person", len(names), c.tenant, listed(names, 5), c.attribute, c.value),
			Action:  "correct the value in the directory; or decide that the accounts are the same person, or that they are separate ones", Answers: []register.Answer{register.Separate, register.Same}})
	}
	type key struct{ tenant, mail string }
	byMail := map[key][]int32{}
	var keys []key
	for n := range e.persons {
		if len(e.claims.of(n)) == 0 {
			continue
		}
		for _, a := range e.persons[n].accounts {
			mail := strings.ToLower(strings.TrimSpace(e.w.lastState(a).Mail))
			if mail == "" || e.persons[n].tenant == "" {
				continue
			}
			k := key{e.persons[n].tenant, mail}
			if byMail[k] == nil {
				keys = append(keys, k)
			}
			if l := byMail[k]; len(l) == 0 || l[len(l)-1] != int32(n) {
				byMail[k] = append(l, int32(n))
			}
		}
	}
	for _, k := range keys {
		list := byMail[k]
		if len(list) < 2 {
			continue
		}
		var names []string
		for _, n := range list {
			names = append(names, e.w.accountName(e.persons[n].accounts[0]))
		}
		sort.Strings(names)
		e.finding(statement.Finding{Code: "person-counted-twice", Severity: statement.Medium, Tenant: k.tenant, Subject: names[0], Count: len(list) - 1,
			Message: fmt.Sprintf("%s have one mail address and are counted as %d persons", strings.Join(names[:min(len(names), 5)], ", "), len(list)),
			Action:  "if it is one person, give the accounts one " + strings.Join(e.Config.Person, " or ")})
	}
}
