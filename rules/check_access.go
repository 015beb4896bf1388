package rules

import (
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkBroad follows an entitling group down and tells of every principal in
// it that holds everyone.
func (e *evaluation) checkBroad(node int32, by string, sc *scratch) {
	told := map[string]bool{}
	for _, b := range e.w.batches() {
		c := e.w.close([]root{{node, b.mask(b.first, b.last)}}, b, sc)
		for _, g := range c.gains {
			if e.w.isAccount(g.node) {
				continue
			}
			name := e.w.broadName(g.node)
			if name == "" || told[name] {
				continue
			}
			told[name] = true
			root := e.w.groupName(node)
			var at *snapshot.Evidence
			if g.edge >= 0 && e.w.edges[g.edge].span >= 0 {
				ed := &e.w.edges[g.edge]
				m := e.w.dirs[ed.dir].dir.Members.At(int(ed.span))
				at = &snapshot.Evidence{File: m.File, Line: m.Line}
			}
			e.finding(statement.Finding{Code: "broad-principal", Severity: statement.High, Subject: root, Count: len(c.accounts),
				Message: fmt.Sprintf("group %s, which %s counts, holds %s: every user of the directory is counted through it", root, by, name),
				Action:  "put the users themselves, or a group of their own, in its place", At: at})
		}
	}
}

// broadName is the name of a group that holds everyone, or "".
func (w *world) broadName(g int32) string {
	n := &w.groups[g]
	if n.broad != "" {
		return n.broad
	}
	s := &w.dirs[n.dir].dir.Groups[n.spans[len(n.spans)-1]]
	if strings.HasSuffix(s.SID, "-513") && strings.HasPrefix(s.SID, "S-1-5-21-") {
		return s.Name
	}
	if s.SID == "S-1-5-32-545" {
		return s.Name
	}
	return ""
}

// checkRestrictions looks at what keeps users from a product (docs/licensing.md 1.4 and
// 6.2, check 6).
func checkRestrictions(e *evaluation) {
	for i := range e.Config.Pools {
		pool := &e.Config.Pools[i]
		for j := range pool.Restrict {
			r := &pool.Restrict[j]
			if r.From.Set && r.From.Day > e.w.m.LastDay() || r.Until.Set && r.Until.Day < e.w.m.FirstDay() {
				continue
			}
			subject := pool.Name + "/" + r.Product
			matched := false
			for _, p := range e.Set.Products {
				matched = matched || NewGlob(r.Product).Match(p.ID)
			}
			for _, p := range e.products {
				if p.pools.Match(pool.Name) && p.meant(NewGlob(r.Product)) {
					e.finding(statement.Finding{Code: "restriction-of-the-pool", Severity: statement.Medium, Subject: subject, Product: p.ID,
						Message: fmt.Sprintf("the restriction of %s in pool %s also names %s, which everyone who may log on to the pool needs; that was not restricted", r.Product, pool.Name, p.Label()),
						Action:  "name only programs that the control keeps from starting"})
				}
			}
			if !matched {
				e.finding(statement.Finding{Code: "restriction-unknown-product", Severity: statement.Error, Subject: subject,
					Message: fmt.Sprintf("pool %s restricts %q, which no rule counts", pool.Name, r.Product), Action: "name a product of the rule file"})
				continue
			}
			switch {
			case strings.Contains(strings.ToLower(r.Control), "audit"):
				e.finding(statement.Finding{Code: "restriction-audit-only", Severity: statement.High, Subject: subject,
					Message: fmt.Sprintf("the control of %s in pool %s is in audit mode (%s): it keeps nobody out, so everyone who may log on was counted", r.Product, pool.Name, r.Control),
					Action:  "enforce the control, and say so in the config from the day on which it is enforced"})
			case !Enforced(r.Control):
				e.finding(statement.Finding{Code: "restriction-not-enforced", Severity: statement.High, Subject: subject,
					Message: fmt.Sprintf("the control %q of %s in pool %s is none that is known to keep users out, so everyone who may log on was counted", r.Control, r.Product, pool.Name),
					Action:  "use AppLocker, application masking or NTFS rights that are enforced, and name it under control"})
			case r.Document == "":
				saved, severity := e.saved(i, r.Product), statement.Medium
				if saved > 0 {
					severity = statement.High
				}
				e.finding(statement.Finding{Code: "restriction-without-document", Severity: severity, Subject: subject, Count: saved,
					Message: fmt.Sprintf("the restriction of %s in pool %s has no document; it saves %d %s", r.Product, pool.Name, saved, diag.Plural(saved, "licence", "licences")),
					Action:  "keep proof of the control (the policy's export, with its date) and name it under document"})
			}
		}
	}
}

// saved is how many persons could log on to a pool where a restricted product
// is installed, and are not counted for it.
func (e *evaluation) saved(pool int, products string) int {
	g := NewGlob(products)
	n := 0
	for pi, p := range e.products {
		if !g.Match(p.ID) || e.est.installed(pool, p) == nil {
			continue
		}
		var sc scratch
		seen := map[int32]bool{}
		cfg := &e.Config.Pools[pool]
		for _, b := range e.w.batches() {
			open := e.w.dated(b, cfg.From, cfg.Until)
			c := e.w.close(e.w.roots(cfg.Users, b), b, &sc)
			for i, a := range c.accounts {
				who := e.w.accounts[a].person
				if who < 0 || seen[who] || e.ent.reach[pi].of(a) != nil {
					continue
				}
				if enabled, _ := e.w.enabled(a, b); c.masks[i]&enabled&open != 0 && !e.reaches(who, p) && !e.excludable(a, p) {
					seen[who] = true
					n += e.persons[who].units
				}
			}
		}
	}
	return n
}

// excludable says whether an entry in force would keep an account out of a
// product's quantity anyway.
func (e *evaluation) excludable(a int32, p *Product) bool {
	for i := range e.uses {
		u := &e.uses[i]
		if u.force && (u.entry.Tenant == "*" || u.entry.Tenant == e.w.accounts[a].tenant) && p.meant(u.product) && e.ent.means(u, a) {
			return true
		}
	}
	return false
}

// reaches says whether a person is counted for the product, or for a higher
// one of its family.
func (e *evaluation) reaches(person int32, p *Product) bool {
	for c := range e.claims.each(int(person)) {
		q := e.products[c.product]
		if q == p || p.Family != "" && q.Family == p.Family && q.Rank >= p.Rank {
			return true
		}
	}
	return false
}
