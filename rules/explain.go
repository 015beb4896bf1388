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
	upns := e.w.ofUPN(person)
	out, err := explain(e.st, in.Register, tenant, product, person, upns)
	if err == nil && person != "" && len(out.Persons) == 0 {
		out.Absent = e.absent(person, out.Product.ID)
		if len(out.Absent) == 0 {
			return nil, fmt.Errorf("no account in any snapshot of %s is called %q; write its sAMAccountName, UPN or display name", e.st.Month, person)
		}
	}
	return out, err
}

// ExplainCounted picks one number out of a statement that was counted, which
// must have the persons and machines of that tenant, and the register that it
// was counted with. A UPN stands in the facts alone: where facts are given, a
// person may be asked for by it.
func ExplainCounted(st *statement.Statement, reg *register.Register, facts *snapshot.Facts, tenant, product, person string) (*Explanation, error) {
	var upns map[string]bool
	if facts != nil {
		upns = newWorld(facts).ofUPN(person)
	}
	return explain(st, reg, tenant, product, person, upns)
}

// ofUPN are the ids of the accounts whose UPN it is.
func (w *world) ofUPN(upn string) map[string]bool {
	out := map[string]bool{}
	for i := range w.accounts {
		if upn != "" && strings.EqualFold(w.lastState(int32(i)).UPN, upn) {
			out[w.accounts[i].id] = true
		}
	}
	return out
}

// KnownTenant is a tenant's id as it may be asked for: unassigned or shared with
// or without its dash.
func KnownTenant(tenant string) string {
	if "-"+tenant == register.Unassigned || "-"+tenant == register.Shared {
		return "-" + tenant
	}
	return tenant
}

func explain(st *statement.Statement, reg *register.Register, tenant, product, person string, upns map[string]bool) (*Explanation, error) {
	out := &Explanation{Month: st.Month, Status: st.Status, Tenant: KnownTenant(tenant), Gaps: st.Coverage.Gaps, Made: st.Made}
	if err := out.pick(st, product); err != nil {
		return nil, err
	}
	tenant = out.Tenant // as the table writes it
	out.Unread = out.Status != statement.Complete && st.Unread(&out.Line)
	for i := range st.Persons.Len() {
		if b := st.Persons.Brief(i); b.Tenant != tenant || b.Product != out.Product.ID {
			continue
		}
		if p := st.Persons.At(i); answersTo(&p, person, upns) {
			out.Persons = append(out.Persons, p)
		}
	}
	if person == "" {
		for i := range st.Machines {
			if m := &st.Machines[i]; m.Tenant == tenant && m.Product == out.Product.ID {
				out.Machines = append(out.Machines, *m)
			}
		}
	}
	entries := map[string]bool{} // of the register, that speak of this tenant and product
	for i := range reg.Exclusions {
		x := &reg.Exclusions[i]
		if (x.Tenant == "*" || x.Tenant == out.Tenant) && NewGlob(x.Product).Match(out.Product.ID) {
			entries[x.ID] = true
		}
	}
	for _, f := range st.Findings {
		aboutEntry := f.Product == "" && entries[f.Subject] && (f.Tenant == "" || f.Tenant == out.Tenant)
		if aboutEntry || f.Tenant == out.Tenant && (f.Product == out.Product.ID || f.Subject == out.Product.ID) {
			out.Notes = append(out.Notes, f)
		}
	}
	return out, nil
}

// pick finds the tenant's line.
func (out *Explanation) pick(st *statement.Statement, product string) error {
	found := false
	for i := range st.Products {
		if p := &st.Products[i]; strings.EqualFold(p.ID, product) || p.PartNumber != "" && strings.EqualFold(p.PartNumber, product) {
			out.Product, found = *p, true
			break
		}
	}
	if !found {
		var ids []string
		for i := range st.Products {
			ids = append(ids, st.Products[i].ID)
		}
		return fmt.Errorf("no rule in force in %s counts %q; the products are %s", st.Month, product, strings.Join(ids, ", "))
	}
	out.Line = statement.Line{Product: out.Product.ID, PartNumber: out.Product.PartNumber, Unit: out.Product.Unit}
	for ti := range st.Tenants {
		t := &st.Tenants[ti]
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
