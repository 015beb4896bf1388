package rules

import (
	"context"
	"fmt"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Explanation answers "why is it this number?" for one tenant and product.
type Explanation struct {
	Month    string              `json:"month"`
	Status   statement.Status    `json:"status"`
	Tenant   string              `json:"tenant"`
	Name     string              `json:"tenant_name"`
	Product  statement.Product   `json:"product"`
	Line     statement.Line      `json:"line"`
	Unread   bool                `json:"unread,omitempty"` // nothing was read that could have given a quantity: it is not known, not zero
	Persons  []statement.Person  `json:"persons"`
	Machines []statement.Machine `json:"machines"`
	// Absent are accounts asked for by name that make no claim to the product:
	// what was seen of them instead.
	Absent []Absent            `json:"absent,omitempty"`
	Gaps   []statement.Gap     `json:"gaps,omitempty"`
	Notes  []statement.Finding `json:"findings,omitempty"` // about this tenant and product
	// Made are the versions of the rules and prices that made the number.
	Made statement.Made `json:"made"`
}

// Absent is an account that is not counted, and what the month knows of it.
type Absent struct {
	Account   string            `json:"account"`
	Tenant    string            `json:"tenant"`
	DN        string            `json:"dn"`
	Seen      [2]month.Day      `json:"seen"` // first and last snapshot that holds it
	Enabled   bool              `json:"enabled"`
	Groups    []string          `json:"groups"` // those that rules or pools name, at any depth
	Instead   string            `json:"instead,omitempty"`
	At        snapshot.Evidence `json:"at"`
	Statement string            `json:"statement"`
}

// Explain evaluates the month and picks out one number. tenant may be
// unassigned or shared with or without its dash; person is an account's name,
// UPN or display name, or empty for all.
func Explain(ctx context.Context, in Input, tenant, product, person string) (*Explanation, error) {
	e, err := evaluate(ctx, &in)
	if err != nil {
		return nil, err
	}
	if "-"+tenant == register.Unassigned || "-"+tenant == register.Shared {
		tenant = "-" + tenant
	}
	out := &Explanation{Month: e.st.Month, Status: e.st.Status, Tenant: tenant, Gaps: e.st.Coverage.Gaps, Made: e.st.Made}
	if err := e.pick(out, product); err != nil {
		return nil, err
	}
	tenant = out.Tenant // as the table writes it
	out.Unread = out.Status != statement.Complete && e.st.Unread(&out.Line)
	upns := map[string]bool{} // the accounts whose UPN it is
	for i := range e.w.accounts {
		if person != "" && strings.EqualFold(e.w.lastState(int32(i)).UPN, person) {
			upns[e.w.accounts[i].id] = true
		}
	}
	for i := range e.st.Persons.Len() {
		if p := e.st.Persons.At(i); p.Tenant == tenant && p.Product == out.Product.ID && answersTo(&p, person, upns) {
			out.Persons = append(out.Persons, p)
		}
	}
	if person == "" {
		for i := range e.st.Machines {
			if m := &e.st.Machines[i]; m.Tenant == tenant && m.Product == out.Product.ID {
				out.Machines = append(out.Machines, *m)
			}
		}
	}
	entries := map[string]bool{} // of the register, that speak of this tenant and product
	for i := range e.uses {
		if u := &e.uses[i]; (u.entry.Tenant == "*" || u.entry.Tenant == out.Tenant) && u.product.Match(out.Product.ID) {
			entries[u.entry.ID] = true
		}
	}
	for _, f := range e.st.Findings {
		aboutEntry := f.Product == "" && entries[f.Subject] && (f.Tenant == "" || f.Tenant == out.Tenant)
		if aboutEntry || f.Tenant == out.Tenant && (f.Product == out.Product.ID || f.Subject == out.Product.ID) {
			out.Notes = append(out.Notes, f)
		}
	}
	if person != "" && len(out.Persons) == 0 {
		out.Absent = e.absent(person, out.Product.ID)
		if len(out.Absent) == 0 {
			return nil, fmt.Errorf("no account in any snapshot of %s is called %q; write its sAMAccountName, UPN or display name", e.st.Month, person)
		}
	}
	return out, nil
}

// pick finds the tenant's line.
func (e *evaluation) pick(out *Explanation, product string) error {
	found := false
	for i := range e.st.Products {
		if p := &e.st.Products[i]; strings.EqualFold(p.ID, product) || p.PartNumber != "" && strings.EqualFold(p.PartNumber, product) {
			out.Product, found = *p, true
			break
		}
	}
	if !found {
		var ids []string
		for i := range e.st.Products {
			ids = append(ids, e.st.Products[i].ID)
		}
		return fmt.Errorf("no rule in force in %s counts %q; the products are %s", e.st.Month, product, strings.Join(ids, ", "))
	}
	out.Line = statement.Line{Product: out.Product.ID, PartNumber: out.Product.PartNumber, Unit: out.Product.Unit}
	for ti := range e.st.Tenants {
		t := &e.st.Tenants[ti]
		if !strings.EqualFold(t.ID, out.Tenant) {
			continue
		}
		out.Tenant, out.Name = t.ID, t.Name
		for _, l := range t.Lines {
			if l.Product == out.Product.ID {
				out.Line = l
			}
		}
		return nil
	}
	if out.Tenant == register.Unassigned || out.Tenant == register.Shared {
		return nil // there is nothing of that kind this month: zero
	}
	return fmt.Errorf("no tenant has the id %q; the ids stand in tenants.csv", out.Tenant)
}

func answersTo(p *statement.Person, name string, upns map[string]bool) bool {
	if name == "" || strings.EqualFold(p.Name, name) {
		return true
	}
	for _, a := range p.Accounts {
		if strings.EqualFold(a.Name, name) || strings.EqualFold(a.DisplayName, name) || strings.EqualFold(a.ID, name) || upns[a.ID] {
			return true
		}
	}
	return false
}

// absent tells what is known of accounts by that name.
func (e *evaluation) absent(name, product string) []Absent {
	var out []Absent
	names, _ := e.namedGroups()
	for i := range e.w.accounts {
		a := &e.w.accounts[i]
		s := e.w.lastState(int32(i))
		if !strings.EqualFold(s.Name, name) && !strings.EqualFold(s.UPN, name) && !strings.EqualFold(s.DisplayName, name) {
			continue
		}
		x := Absent{Account: s.Name, Tenant: nameOr(a.tenant, register.Unassigned), DN: s.DN,
			Seen: [2]month.Day{e.w.days[e.w.spans[a.from].first], e.w.days[e.w.spans[a.until-1].last]},
			At:   snapshot.Evidence{File: s.File, Line: s.Line}}
		var sc scratch
		for _, b := range e.w.batches() {
			enabled, _ := e.w.enabled(int32(i), b)
			x.Enabled = x.Enabled || enabled != 0
			for _, g := range names {
				if e.w.close(e.w.roots([]string{g}, b), b, &sc).at(int32(i)) != 0 && !contains(x.Groups, g) {
					x.Groups = append(x.Groups, g)
				}
			}
		}
		x.Statement = e.reason(int32(i), &x, product)
		out = append(out, x)
	}
	return out
}

// reason says in a sentence why an account makes no claim here.
func (e *evaluation) reason(a int32, x *Absent, product string) string {
	if n := e.w.accounts[a].person; n >= 0 {
		for c := range e.claims.each(int(n)) {
			p := e.products[c.product]
			switch {
			case p.ID == product && !c.counted:
				for o := range e.claims.each(int(n)) {
					if q := e.products[o.product]; o.counted && q.Family == p.Family {
						x.Instead = q.ID
						return fmt.Sprintf("the person can reach %s, and is counted for %s, the higher one of its family", p.ID, q.ID)
					}
				}
				return fmt.Sprintf("the person can reach %s, and is not reported by an exclusion of a higher product that covers it too", p.ID)
			case p.ID == product:
				return fmt.Sprintf("the person is counted in tenant %s", x.Tenant)
			}
		}
	}
	switch {
	case !e.w.isUser(a):
		return "it is no user account, so no person stands behind it"
	case !x.Enabled:
		return "it was disabled or expired in every snapshot of the month"
	case len(x.Groups) == 0:
		return "it was in no group that a rule or a pool names, in any snapshot of the month"
	}
	return "none of its groups gives this product"
}
