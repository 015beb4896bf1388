package rules

import (
	"fmt"
	"maps"
	"slices"
	"sort"

	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// renewed says that another entry takes over from this one, for the same
// product and persons or machines, and for as many, without a day between
// (docs/counting.md, rule 9).
func (e *evaluation) renewed(u *exclusionUse) bool {
	x := u.entry
	return slices.ContainsFunc(e.Register.Exclusions, func(y register.Exclusion) bool {
		return y.ID != x.ID && y.Tenant == x.Tenant && y.Product == x.Product && y.Match == x.Match &&
			!(y.From.Set && y.From.Day > x.Until.Day+1) && !(y.Until.Set && y.Until.Day <= x.Until.Day) &&
			!(y.Limited && y.Quantity < u.units+u.cores)
	})
}

// checkExclusions looks at every entry of the register (docs/licensing.md 6.2, checks
// 10, 13, 14).
func checkExclusions(e *evaluation) {
	first, last := e.w.m.FirstDay(), e.w.m.LastDay()
	admins, demos := map[string]int{}, 0 // administrators by data centre
	e.checkTaken()
	for i := range e.uses {
		u := &e.uses[i]
		x := u.entry
		at := &snapshot.Evidence{File: e.Config.Exclusions, Line: x.Line}
		tenant := x.Tenant
		if tenant == "*" {
			tenant = ""
		}
		say := func(code string, sev statement.Severity, count int, message, action string) {
			e.finding(statement.Finding{Code: code, Severity: sev, Tenant: tenant, Subject: x.ID, Count: count, Message: message, Action: action, At: at})
		}
		if x.From.Set && x.From.Day > last {
			continue
		}
		over := x.Until.Set && x.Until.Day < first
		switch {
		case x.Until.Set && x.Until.Day < last && u.undated > 0:
			say("exclusion-expired", statement.High, u.undated,
				fmt.Sprintf("exclusion %s (%s) ended on %s; the %d that it would cover were counted", x.ID, x.Ground, x.Until.Day, u.undated),
				"renew it with a new document if the right goes on; else delete the entry")
		case over:
			continue
		case u.undated > 0:
			say("exclusion-part-of-month", statement.Medium, u.undated,
				fmt.Sprintf("exclusion %s (%s) does not cover every day on which %d were entitled; they were counted", x.ID, x.Ground, u.undated),
				"nothing, if it began within the month; else correct its dates")
		case u.units+u.cores+u.over == 0:
			why := ""
			switch {
			case x.Match.Kind == register.MatchHost && !x.Ground.TakesMachines():
				why = fmt.Sprintf(": %s is a ground about persons, and takes no machine", x.Ground)
			case x.Match.Kind != register.MatchHost && x.Match.Kind != register.MatchAll && !x.Ground.TakesPersons():
				why = fmt.Sprintf(": %s is a ground about machines, and takes no person", x.Ground)
			}
			say("exclusion-without-effect", statement.Low, 0,
				fmt.Sprintf("exclusion %s (%s, %s) covers nobody and nothing this month that no other entry covers%s", x.ID, x.Ground, x.Match, why),
				"correct what it matches, or end it")
		}
		if over {
			continue
		}
		if id := x.CountedAs; id != "" && !slices.ContainsFunc(e.products, func(p *Product) bool { return p.ID == id && p.Entitled.CountedAs }) {
			say("exclusion-counted-as", statement.Error, u.units,
				fmt.Sprintf("exclusion %s counts %d as %s, which no rule counts in place of another product", x.ID, u.units, id),
				"add the product to the rules with entitled: {counted_as: true}, or correct the column counted_as")
		}
		if x.Ground == register.Recovery {
			e.checkRecovery(u, say)
		}
		if u.over > 0 {
			say("exclusion-over-quantity", statement.High, u.over,
				fmt.Sprintf("exclusion %s (%s) allows %d and %d more match; those were counted", x.ID, x.Ground, x.Quantity, u.over),
				"get a document for more, or take the others out")
		}
		if x.Until.Set && x.Until.Day >= last && int(x.Until.Day-last) <= e.Config.Checks.RightsEnd && u.units+u.cores > 0 && !e.renewed(u) {
			say("right-ends-soon", statement.Medium, u.units+u.cores,
				fmt.Sprintf("exclusion %s (%s) ends on %s; from then on %d more are owed", x.ID, x.Ground, x.Until.Day, u.units+u.cores),
				"ask the customer for the renewed right before it ends, and enter it from the first day of that month on")
		}
		e.checkTrial(u)
		switch x.Ground {
		case register.Admin:
			admins[x.Site] += u.units
		case register.Demo:
			demos += u.units
		}
		e.checkGround(u)
	}
	for _, site := range slices.Sorted(maps.Keys(admins)) {
		n, limit := admins[site], e.Config.Checks.AdminMax
		if n <= limit {
			continue
		}
		subject, message := "admin", fmt.Sprintf("%d administrators are excluded and the agreement allows %d per data centre", n, limit)
		if site != "" {
			subject, message = "admin of "+site, fmt.Sprintf("%d administrators of %s are excluded and the agreement allows %d per data centre", n, site, limit)
		}
		e.finding(statement.Finding{Code: "too-many-admins", Severity: statement.High, Subject: subject, Count: n - limit,
			Message: message, Action: "report the others, or name the data centre that each belongs to in the column site (checks: admin_max)"})
	}
	if limit := e.Config.Checks.DemoMax; demos > limit {
		e.finding(statement.Finding{Code: "too-many-demos", Severity: statement.High, Subject: "demo", Count: demos - limit,
			Message: fmt.Sprintf("%d demonstration users are excluded and the agreement allows %d", demos, limit),
			Action:  "report the others (checks: demo_max)"})
	}
}

// checkGround finds excluded accounts that are used against their ground: a
// service account that somebody logs on with (docs/counting.md, rule 9).
func (e *evaluation) checkGround(u *exclusionUse) {
	if u.entry.Ground != register.Service {
		return
	}
	for i := range e.st.Persons.Len() {
		if p := e.st.Persons.Brief(i); p.Excluded == nil || p.Excluded.ID != u.entry.ID || !p.Active {
			continue
		}
		p := e.st.Persons.At(i)
		at := p.Session.Evidence
		e.finding(statement.Finding{Code: "excluded-account-used", Severity: statement.High, Tenant: p.Tenant, Subject: p.Accounts[0].Name, Product: p.Product,
			Message: fmt.Sprintf("%s is excluded as a service account (%s) and had a remote session on host %s", p.Accounts[0].Name, u.entry.ID, p.Session.Host),
			Action:  "find out who logs on with it; a person behind it is owed a licence", At: &at})
	}
}

// checkOwnLicence looks at products that SPLA does not rent out, such as
// Microsoft 365 Apps: whoever reaches them needs a right of the customer's
// own, told by an exclusion; and, in checkOwnVolume, a customer with such a right
// should not have volume Office installed (docs/licensing.md 6.2, check 15).
func checkOwnLicence(e *evaluation) {
	told := map[usedKey]bool{}
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		for _, s := range h.software {
			for i := range s.Installs.Len() {
				if t := e.est.recognise(s, i, e.products); t.what.Family != product.M365Apps {
					continue
				}
				in := s.Installs.At(i)
				for _, pi := range h.pools {
					if k := (usedKey{e.Config.Pools[pi].Name, in.Name}); !told[k] {
						told[k] = true
						e.ownIn(pi, h, &in)
					}
				}
			}
		}
	}
}

// checkOwnVolume looks at the other half of it: what the exclusions kept out.
func checkOwnVolume(e *evaluation) {
	for i := range e.uses {
		u := &e.uses[i]
		x := u.entry
		if x.Ground != register.FlexibleVirtual && x.Ground != register.CustomerOwned || u.units == 0 {
			continue
		}
		for _, p := range e.products {
			used := 0
			for k, n := range u.used {
				if k.product == p.ID {
					used += n
				}
			}
			if used == 0 || p.Family != "office" {
				continue
			}
			for pi := range e.Config.Pools {
				if inst := e.est.installed(pi, p); inst != nil {
					at := inst.At
					e.finding(statement.Finding{Code: "own-licence-and-volume-office", Severity: statement.Medium, Tenant: nameOr(tenantOf(x), ""), Subject: x.ID + "/" + e.Config.Pools[pi].Name, Product: p.ID, Count: used,
						Message: fmt.Sprintf("exclusion %s (%s) keeps %d users of %s out, and %s is installed on host %s of pool %s: the customer's own right must be for that very product", x.ID, x.Ground, used, p.Label(), inst.Name, inst.Host, e.Config.Pools[pi].Name),
						Action:  "check what the customer's right covers; Microsoft 365 Apps in place of volume Office would match it", At: &at})
					break
				}
			}
		}
	}
}

func tenantOf(x *register.Exclusion) string {
	if x.Tenant == "*" {
		return ""
	}
	return x.Tenant
}

// ownIn tells, for Microsoft 365 Apps in one pool, by tenant how many persons
// reach it without an entry in the register.
func (e *evaluation) ownIn(pi int, h *host, in *snapshot.InstallMonth) {
	counts := map[string]int{}
	pool := &e.Config.Pools[pi]
	var sc scratch
	seen := map[int32]bool{}
	for _, b := range e.w.batches() {
		open := e.w.dated(b, pool.From, pool.Until)
		c := e.w.close(e.w.roots(pool.Users, b), b, &sc)
		for i, a := range c.accounts {
			n := e.w.accounts[a].person
			if n < 0 || seen[n] {
				continue
			}
			if enabled, _ := e.w.enabled(a, b); c.masks[i]&enabled&open == 0 {
				continue
			}
			seen[n] = true
			if !e.hasOwnRight(a) {
				counts[e.persons[n].tenant]++
			}
		}
	}
	var tenants []string
	for id := range counts {
		tenants = append(tenants, id)
	}
	sort.Strings(tenants)
	for _, id := range tenants {
		who := "without a tenant"
		if t := e.Register.Tenant(id); t != nil {
			who = "of " + t.Name
		}
		e.finding(statement.Finding{Code: "own-licence-missing", Severity: statement.High, Tenant: id, Subject: pool.Name + "/" + in.Name, Count: counts[id],
			Message: fmt.Sprintf("%d users %s reach %s in pool %s (host %s), which needs licences of the customer's own, and the register names none for them", counts[id], who, in.Name, pool.Name, h.name),
			Action:  "get the customer's proof and enter it as flexible-virtualization or customer-owned, or take the program away", At: &snapshot.Evidence{File: in.File, Line: in.Line}})
	}
}

// hasOwnRight says whether any entry in force all month tells of a right of
// the customer's own to Office for the account, or that no person is behind
// it.
func (e *evaluation) hasOwnRight(a int32) bool {
	tenant := e.w.accounts[a].tenant
	for i := range e.uses {
		u := &e.uses[i]
		x := u.entry
		if x.Tenant != "*" && x.Tenant != tenant || !u.force || !e.givesOffice(u) {
			continue
		}
		if x.Covers(e.w.m.FirstDay()) && x.Covers(e.w.m.LastDay()) && e.ent.means(u, a) {
			return true
		}
	}
	return false
}

// givesOffice says whether an entry's ground and product speak of Office.
func (e *evaluation) givesOffice(u *exclusionUse) bool {
	switch u.entry.Ground {
	case register.FlexibleVirtual, register.CustomerOwned, register.Admin, register.Service:
	default:
		return false
	}
	if u.product.Match("m365-apps") {
		return true
	}
	for _, p := range e.products {
		if (p.Family == "office" || p.OwnLicence) && p.meant(u.product) {
			return true
		}
	}
	return false
}
