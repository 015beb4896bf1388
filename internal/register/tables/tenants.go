package tables

import (
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/dn"
	"splameter/internal/month"
	"splameter/internal/register"
)

// own are the columns that a tenant has once, however many rows give its
// organizational units.
var own = []string{"name", "reseller", "number", "street", "postal_code", "city", "country", "contact", "email",
	"reference", "language", "internal", "named_users", "suspended_from", "suspended_until",
	"segment", "agreement", "terms_signed", "terms_document"}

// Tenants reads tenants.csv. Several rows with one id that differ in ou (or
// group, attribute and value, upn_suffix), from and until are one tenant; what else they say must be the same, and may be
// left out in all but one. An empty path is no tenants. An empty language is
// left empty.
func Tenants(path string) ([]register.Tenant, diag.Faults) {
	return tenantsOf(open(path))
}

func tenantsOf(t *table) ([]register.Tenant, diag.Faults) {
	columns := []column{{name: "id", needed: true}, {name: "name", needed: true}, {name: "ou", needed: true, or: []string{"group", "attribute", "upn_suffix"}}, {name: "group"}, {name: "attribute"},
		{name: "value"}, {name: "upn_suffix"}, {name: "from"}, {name: "until"}, {name: "number", also: "customer_number"}}
	for _, c := range own[1:] {
		if c != "number" {
			columns = append(columns, column{name: c})
		}
	}
	t.parse(columns)
	var (
		tenants []register.Tenant
		first   []map[string]row // per tenant: the row that gives a column
		index   = map[string]int{}
		folded  = map[string]int{}
	)
	for _, r := range t.rows {
		id := r.id("id", "the tenant's id")
		if id == "" {
			continue
		}
		i, ok := index[id]
		if !ok {
			if line, ok := folded[strings.ToLower(id)]; ok {
				r.fault("id", fmt.Sprintf("the tenant %s differs from the one on line %d in upper and lower case only", show(id), line), "write both alike if they are one, or choose another id")
			} else {
				folded[strings.ToLower(id)] = r.line
			}
			i = len(tenants)
			index[id] = i
			tenants = append(tenants, register.Tenant{ID: id, Line: r.line})
			first = append(first, map[string]row{})
		}
		for _, c := range own {
			v := r.get(c)
			if v == "" {
				continue
			}
			before, ok := first[i][c]
			if !ok {
				first[i][c] = r
			} else if !strings.EqualFold(before.get(c), v) {
				r.fault(c, fmt.Sprintf("%s of the tenant %s is another than on line %d", c, show(id), before.line), "write the same in each row of a tenant, or leave it empty in all but one")
			}
		}
		if ou := r.ou(); ou.DN != "" {
			tenants[i].OUs = append(tenants[i].OUs, ou)
		}
		tenants[i].Signs = append(tenants[i].Signs, r.signs()...)
	}
	for i := range tenants {
		fill(&tenants[i], t, first[i])
	}
	t.distinct(tenants)
	t.distinctSigns(tenants)
	return tenants, t.done()
}

// fill gives a tenant what its rows say, each column from the row that has it.
func fill(n *register.Tenant, t *table, rows map[string]row) {
	in := func(c string) row { // a column that no row fills reads as empty
		if r, ok := rows[c]; ok {
			return r
		}
		return row{t: &table{}}
	}
	get := func(c string) string { return in(c).get(c) }
	if n.Name = get("name"); n.Name == "" {
		t.fault(n.Line, 0, fmt.Sprintf("the tenant %s has no name", show(n.ID)), "write it in the column name")
	}
	n.Partner, n.Number, n.Ref = get("reseller"), get("number"), get("reference")
	n.Street, n.Postal, n.City, n.Contact = get("street"), get("postal_code"), get("city"), get("contact")
	n.Country = in("country").country("country")
	n.Email = in("email").email("email")
	n.Language = in("language").language("language")
	n.Internal = in("internal").yes("internal")
	n.Named = in("named_users").yes("named_users")
	n.Segment, n.Agreement = strings.ToLower(get("segment")), get("agreement")
	n.TermsSigned, n.TermsDocument = in("terms_signed").date("terms_signed"), get("terms_document")
	n.SuspendedFrom = in("suspended_from").date("suspended_from")
	if r, ok := rows["suspended_until"]; ok {
		n.SuspendedUntil = r.date("suspended_until")
		if n.SuspendedFrom.Set && n.SuspendedUntil.Set && n.SuspendedUntil.Day < n.SuspendedFrom.Day {
			r.fault("suspended_until", fmt.Sprintf("the suspension ends on %s, before it begins on %s", n.SuspendedUntil.Day, n.SuspendedFrom.Day), "write a date that is not before suspended_from")
		}
	}
}

func (r row) ou() register.OU {
	ou := register.OU{DN: r.get("ou"), Line: r.line}
	ou.From, ou.Until = r.period("from", "until")
	if ou.DN == "" {
		return ou
	}
	if _, err := dn.Key(ou.DN); err != nil {
		r.fault("ou", show(ou.DN)+" is no distinguished name", `write it as "OU=customer,OU=Customers,DC=host,DC=example", in quotes`)
		return register.OU{}
	}
	return ou
}

// distinct refuses an organizational unit that is two tenants' at once, or one
// tenant's twice: whose accounts they are would be a matter of chance.
func (t *table) distinct(tenants []register.Tenant) {
	type owner struct {
		register.OU
		tenant string
	}
	seen := map[string][]owner{}
	for _, n := range tenants {
		for _, ou := range n.OUs {
			key, _ := dn.Key(ou.DN)
			for _, o := range seen[key] {
				if !month.Overlap(o.From, o.Until, ou.From, ou.Until) {
					continue
				}
				what := fmt.Sprintf("the organizational unit %s is %s's on line %d at the same time", show(ou.DN), show(o.tenant), o.Line)
				t.fault(ou.Line, 0, what, "give it to one tenant, or write a from and until that do not overlap")
				break
			}
			seen[key] = append(seen[key], owner{ou, n.ID})
		}
	}
}

// Partners reads resellers.csv: the provider's customers that resell. An empty
// path is none.
func Partners(path string) ([]register.Partner, diag.Faults) {
	return partnersOf(open(path))
}

func partnersOf(t *table) ([]register.Partner, diag.Faults) {
	t.parse([]column{{name: "id", needed: true}, {name: "name", needed: true}, {name: "street"}, {name: "postal_code"},
		{name: "city"}, {name: "country"}, {name: "contact"}, {name: "email"}, {name: "language"}, {name: "annex_to"},
		{name: "suspended_from"}, {name: "suspended_until"}})
	var partners []register.Partner
	seen := map[string]int{}
	for _, r := range t.rows {
		p := register.Partner{
			ID: r.id("id", "the reseller's id"), Name: r.filled("name", "the reseller's name"),
			Street: r.get("street"), Postal: r.get("postal_code"), City: r.get("city"), Country: r.country("country"),
			Contact: r.get("contact"), Email: r.email("email"), Language: r.language("language"), AnnexTo: register.AnnexToBoth,
			Line: r.line,
		}
		p.SuspendedFrom, p.SuspendedUntil = r.period("suspended_from", "suspended_until")
		switch a := register.AnnexTo(strings.ToLower(r.get("annex_to"))); a {
		case "":
		case register.AnnexToPartner, register.AnnexToCustomer, register.AnnexToBoth:
			p.AnnexTo = a
		default:
			r.fault("annex_to", show(r.get("annex_to"))+" is nobody whom an annex goes to", "write partner, customer or both")
		}
		if p.ID == "" {
			continue
		}
		if line, ok := seen[strings.ToLower(p.ID)]; ok {
			r.fault("id", fmt.Sprintf("the reseller %s stands here again, first on line %d", show(p.ID), line), "keep one row, or choose another id, different in more than upper and lower case")
			continue
		}
		seen[strings.ToLower(p.ID)] = r.line
		partners = append(partners, p)
	}
	return partners, t.done()
}
