package rules

import (
	"fmt"
	"slices"
	"sort"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// bySegment adds, behind each product with part numbers of segments, one of
// each segment: what tenants of that segment are counted for, under its own
// number. It is reached as the product is, and has no ways of its own.
func bySegment(products []*Product) (out []*Product) {
	for _, p := range products {
		out = append(out, p)
		segments := make([]string, 0, len(p.PartNumbers))
		for s := range p.PartNumbers {
			segments = append(segments, s)
		}
		sort.Strings(segments)
		for _, s := range segments {
			q := *p
			q.ID, q.of, q.segment = p.ID+"."+s, p.ID, s
			q.PartNumber, q.Alias, q.PartNumbers = p.PartNumbers[s], "", nil
			q.Entitled, q.groups, q.installed, q.pools = Entitled{}, nil, nil, nil
			q.Name = map[string]string{}
			for lang, n := range p.Name {
				q.Name[lang] = n + " (" + s + ")"
			}
			out = append(out, &q)
		}
	}
	return out
}

// base is the id by which rules and tables speak of a product, of whatever
// segment.
func (p *Product) base() string {
	if p.of != "" {
		return p.of
	}
	return p.ID
}

// meant says whether a pattern of a table means the product.
func (p *Product) meant(g Glob) bool { return g.Match(p.ID) || p.of != "" && g.Match(p.of) }

// counts says whether a product counts a tenant: that of its segment, or, the
// product itself, every tenant of a segment that has no number of its own.
func (p *Product) countsTenant(r *register.Register, tenant string) bool {
	if p.segment == "" && len(p.PartNumbers) == 0 {
		return true
	}
	segment := ""
	if t := r.Tenant(tenant); t != nil {
		segment = t.Segment
	}
	if p.segment != "" {
		return segment == p.segment
	}
	return p.PartNumbers[segment] == ""
}

// shareReach gives a product of a segment the reaches of the one that it is of.
func (e *entitlement) shareReach() {
	for i, p := range e.products {
		if p.of == "" {
			continue
		}
		for k, q := range e.products {
			if q.ID == p.of {
				e.reach[i] = e.reach[k]
			}
		}
	}
}

// checkSegments tells tenants of a segment for which no product has a number.
func checkSegments(e *evaluation) {
	known := map[string]bool{}
	for _, p := range e.products {
		if p.segment != "" {
			known[p.segment] = true
		}
	}
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		if t.Segment == "" || known[t.Segment] {
			continue
		}
		var list []string
		for s := range known {
			list = append(list, s)
		}
		slices.Sort(list)
		e.finding(statement.Finding{Code: "segment-without-part-number", Severity: statement.Medium, Tenant: t.ID, Subject: t.Segment,
			Message: fmt.Sprintf("tenant %s is of segment %s, for which no rule has a part number: it is reported under the usual ones", t.ID, t.Segment),
			Action:  "write part_numbers: with the segment's numbers into the rules, or correct the segment in tenants.csv"})
	}
}

// productOf is the product of an id that the month counts.
func (e *evaluation) productOf(id string) *Product {
	for _, p := range e.products {
		if p.ID == id {
			return p
		}
	}
	return &Product{ID: id}
}

// checkTerms tells customers without the end-user terms that SPLA asks for,
// where the tenants table says of any that they were signed.
func checkTerms(e *evaluation) {
	kept := slices.ContainsFunc(e.Register.Tenants, func(t register.Tenant) bool { return t.TermsSigned.Set || t.TermsDocument != "" })
	if !kept {
		return
	}
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		if t.Internal {
			continue
		}
		say := func(what string) {
			e.finding(statement.Finding{Code: "end-user-terms-missing", Severity: statement.Medium, Tenant: t.ID, Subject: t.ID,
				Message: fmt.Sprintf("tenant %s %s", t.ID, what), Action: "have the terms signed, and write the day and the document into tenants.csv: terms_signed and terms_document"})
		}
		switch {
		case !t.TermsSigned.Set:
			say("has not signed the end-user terms that SPLA asks for, as far as tenants.csv knows")
		case t.TermsSigned.Day > e.w.m.LastDay():
			say(fmt.Sprintf("signed the end-user terms on %s, after this month", t.TermsSigned.Day))
		case t.TermsDocument == "":
			say(fmt.Sprintf("signed the end-user terms on %s, and no document shows it", t.TermsSigned.Day))
		}
	}
}
