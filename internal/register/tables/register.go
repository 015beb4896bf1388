package tables

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
)

// Exclusions reads exclusions.csv: who and what is not reported. The tenants
// are those that an entry may name; nil lets any pass.
func Exclusions(path string, tenants []register.Tenant) ([]register.Exclusion, diag.Faults) {
	return exclusionsOf(open(path), tenants)
}

func exclusionsOf(t *table, tenants []register.Tenant) ([]register.Exclusion, diag.Faults) {
	t.parse([]column{{name: "id", needed: true}, {name: "tenant", needed: true}, {name: "product", needed: true},
		{name: "ground", needed: true}, {name: "match", needed: true}, {name: "quantity", needed: true}, {name: "document", needed: true},
		{name: "from", needed: true}, {name: "until", needed: true}, {name: "counted_as"}, {name: "site"}})
	known := knownTenants(tenants)
	var entries []register.Exclusion
	seen := map[string]int{}
	for _, r := range t.rows {
		e := register.Exclusion{
			ID: r.filled("id", "the entry's id"), Tenant: r.tenant("tenant", known, "*"), Product: r.filled("product", "the product"),
			Ground: r.ground(), Match: r.match(), Document: r.get("document"), Site: r.get("site"), Line: r.line,
		}
		e.Quantity, e.Limited = r.number("quantity")
		if e.CountedAs = r.get("counted_as"); e.CountedAs != "" && e.Match.Kind == register.MatchHost {
			r.fault("counted_as", "an entry about hosts counts them as nothing else", "leave counted_as empty, or match users")
		}
		if e.Site != "" && e.Ground != register.Admin {
			r.fault("site", fmt.Sprintf("an entry on the ground %s belongs to no data centre", e.Ground), "leave site empty; administrators alone are counted by it")
		}
		e.From, e.Until = r.period("from", "until")
		if line, ok := seen[strings.ToLower(e.ID)]; ok && e.ID != "" {
			r.fault("id", fmt.Sprintf("the entry %s stands here again, first on line %d", show(e.ID), line), "give each entry an id of its own")
		} else {
			seen[strings.ToLower(e.ID)] = r.line
		}
		entries = append(entries, e)
	}
	return entries, t.done()
}

func knownTenants(tenants []register.Tenant) *ids {
	if tenants == nil {
		return nil
	}
	return idsOf(tenants)
}

func (r row) ground() register.Ground {
	v := strings.ToLower(r.get("ground"))
	if slices.Contains(register.Grounds(), register.Ground(v)) {
		return register.Ground(v)
	}
	var names []string
	for _, g := range register.Grounds() {
		names = append(names, string(g))
	}
	instead := "write one of " + strings.Join(names, ", ")
	if near, ok := diag.Nearest(v, names); ok {
		instead = fmt.Sprintf("did you mean %q?", near)
	}
	what := show(r.get("ground")) + " is no ground for an exclusion"
	if v == "" {
		what = "the ground is missing"
	}
	r.fault("ground", what, instead)
	return ""
}

func (r row) match() register.Match {
	v := r.get("match")
	if v == "*" {
		return register.Match{Kind: register.MatchAll}
	}
	kind, pattern, _ := strings.Cut(v, ":")
	pattern = strings.TrimSpace(pattern)
	switch k := register.MatchKind(strings.ToLower(strings.TrimSpace(kind))); k {
	case register.MatchUser, register.MatchGroup, register.MatchHost:
		if pattern != "" {
			return register.Match{Kind: k, Pattern: pattern}
		}
	}
	what := show(v) + " does not say whom it matches"
	if v == "" {
		what = "the match is missing"
	}
	r.fault("match", what, "write user:GLOB, group:NAME, host:GLOB, or * for all")
	return register.Match{}
}

// SharedAccounts reads shared_accounts.csv: accounts that several persons use.
func SharedAccounts(path string, tenants []register.Tenant) ([]register.SharedAccount, diag.Faults) {
	return sharedAccountsOf(open(path), tenants)
}

func sharedAccountsOf(t *table, tenants []register.Tenant) ([]register.SharedAccount, diag.Faults) {
	t.parse([]column{{name: "tenant", needed: true}, {name: "account", needed: true}, {name: "persons", needed: true},
		{name: "ids"}, {name: "document"}, {name: "from"}, {name: "until"}})
	known := knownTenants(tenants)
	var accounts []register.SharedAccount
	seen := map[string][]register.SharedAccount{}
	for _, r := range t.rows {
		a := register.SharedAccount{
			Tenant: r.tenant("tenant", known, "*"), Account: r.filled("account", "the account"),
			Document: r.get("document"), Line: r.line,
		}
		a.From, a.Until = r.period("from", "until")
		for id := range strings.SplitSeq(r.get("ids"), ";") {
			if id = strings.TrimSpace(id); id == "" {
				continue
			}
			if slices.ContainsFunc(a.IDs, func(b string) bool { return strings.EqualFold(b, id) }) {
				r.fault("ids", "the id "+show(id)+" stands here twice", "name each person once")
				continue
			}
			a.IDs = append(a.IDs, id)
		}
		n, given := r.number("persons")
		switch {
		case !given:
			r.fault("persons", "the number of persons is missing", "write how many persons use the account")
		case n == 0:
			r.fault("persons", "nobody would use the account", "write how many persons use it, at least 1")
		case n < len(a.IDs):
			r.fault("persons", fmt.Sprintf("%s are said to use the account, and %d are named", count(n, "person"), len(a.IDs)), "write at least as many persons as ids")
		}
		a.Persons = n
		key := strings.ToLower(a.Account)
		for _, b := range seen[key] {
			if a.Tenant == b.Tenant && month.Overlap(a.From, a.Until, b.From, b.Until) {
				r.fault("account", fmt.Sprintf("the account %s stands here again, first on line %d, at the same time", show(a.Account), b.Line), "keep one of them, or write a from and until that do not overlap")
				break
			}
		}
		seen[key] = append(seen[key], a)
		accounts = append(accounts, a)
	}
	return accounts, t.done()
}

// Decisions reads decisions.csv: what was decided on findings, by their key or
// by their code.
func Decisions(path string, tenants []register.Tenant) ([]register.Decision, diag.Faults) {
	return decisionsOf(open(path), tenants)
}

func decisionsOf(t *table, tenants []register.Tenant) ([]register.Decision, diag.Faults) {
	t.parse([]column{{name: "key"}, {name: "code"}, {name: "tenant"}, {name: "subject"},
		{name: "decision", needed: true}, {name: "by", needed: true}, {name: "reason", needed: true}, {name: "until", needed: true}})
	if len(t.cols) > 0 && !t.has("key") && !t.has("code") {
		t.fault(1, 1, "the first line names neither a column key nor a column code", "write one of them: it says which finding is decided on")
		return nil, t.done()
	}
	known := knownTenants(tenants)
	var decisions []register.Decision
	for _, r := range t.rows {
		d := register.Decision{
			Key: r.get("key"), Code: r.get("code"), Subject: r.get("subject"),
			By: r.filled("by", "the name of who decided"), Reason: r.filled("reason", "the reason"), Until: r.date("until"), Line: r.line,
		}
		if r.get("tenant") != "" {
			d.Tenant = r.tenant("tenant", known, register.Unassigned, register.Shared, "*")
		}
		if d.Tenant == "*" {
			d.Tenant = ""
		}
		if d.Key == "" && d.Code == "" {
			name := "key"
			if !t.has(name) {
				name = "code"
			}
			r.fault(name, "the row does not say which finding is decided on", "write its key, or the code of all findings like it")
		}
		d.Decision = register.ParseAnswer(r.get("decision"))
		if d.Decision == "" || d.Decision != register.Accepted && !d.IsQuestion() && !d.IsArticle() && !d.IsCustomer() && !d.IsBilled() { // which words answer a question, it says itself
			r.fault("decision", show(r.get("decision"))+" is no decision that splameter knows", "write accepted, or beside a question's key one of the answers that it names")
		}
		decisions = append(decisions, d)
	}
	return decisions, t.done()
}
