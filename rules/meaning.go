package rules

import (
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/strictyaml"
)

// Meaning finds what a rule file says that changes nothing, or that could be
// meant in two ways. Parse takes such files, since sealed months were counted
// with them; a provider is told before the next one.
func (s *Set) Meaning(data []byte) (faults diag.Faults) {
	doc, _ := strictyaml.Decode(s.File, data, &Set{})
	fault := func(what, instead string, path ...any) { faults = append(faults, doc.Fault(what, instead, path...)) }
	for i := range s.Products {
		p := &s.Products[i]
		at := func(key ...any) []any { return append([]any{"products", i}, key...) }
		if p.Unit == statement.UnitCore {
			s.meaningOfCores(p, doc, i, fault)
		}
		if p.Rank != 0 && p.Family == "" {
			fault(fmt.Sprintf("product %s has a rank and no family, and so is above nothing", p.ID), "write family:, or leave rank: out", at("rank")...)
		}
		for j, id := range p.Requires {
			if id == p.ID {
				fault(fmt.Sprintf("product %s requires itself", p.ID), "name another product, or leave it out", at("requires", j)...)
			}
		}
		for k := range s.Products[:i] {
			q := &s.Products[k]
			switch {
			case p.Family == "" || !strings.EqualFold(p.Family, q.Family):
			case p.Family != q.Family:
				fault(fmt.Sprintf("the families %s and %s differ in case alone, and so are two", q.Family, p.Family), "write them alike", at("family")...)
			case p.ID != q.ID && p.Rank == q.Rank && overlaps(p, q) && p.Unit == statement.UnitUser && q.Unit == statement.UnitUser:
				fault(fmt.Sprintf("products %s and %s of family %s have one rank: which of them is the higher is not said", q.ID, p.ID, p.Family), "give the dearer one the higher rank", at("rank")...)
			}
		}
		s.dates(p, i, fault)
	}
	return faults
}

// meaningOfCores: families, bringing along and counting the active are for
// users.
func (s *Set) meaningOfCores(p *Product, doc *strictyaml.Doc, i int, fault func(string, string, ...any)) {
	if p.Family != "" {
		fault(fmt.Sprintf("product %s counts cores and has a family, of which only the highest would count for users", p.ID), "leave family: out", "products", i, "family")
	}
	if p.Count == statement.CountActive {
		fault(fmt.Sprintf("product %s counts cores and only active users", p.ID), "leave count: out", "products", i, "count")
	}
	if len(p.With) > 0 {
		fault(fmt.Sprintf("product %s counts cores and brings others along, which only users do", p.ID), "leave with: out", "products", i, "with")
	}
	for k := range s.Products {
		for j, id := range s.Products[k].With {
			if id == p.ID {
				fault(fmt.Sprintf("product %s brings %s along, which counts cores", s.Products[k].ID, p.ID), "name a product with unit: user", "products", k, "with", j)
			}
		}
	}
}

// dates: an entry begins with a month, and ends with one, since one entry
// counts a month.
func (s *Set) dates(p *Product, i int, fault func(string, string, ...any)) {
	if p.From.Set && !firstOfMonth(p.From.Day) && p.MidMonth == "" {
		fault(fmt.Sprintf("product %s begins inside a month, which the entry before it counts to its end", p.ID), "begin it on the first of a month, or write mid_month: higher for the dearer of both", "products", i, "from")
	}
	if p.Until.Set && !firstOfMonth(p.Until.Day+1) && p.MidMonth == "" {
		follows := false
		for k := range s.Products {
			if q := &s.Products[k]; q.ID == p.ID && q.From.Set && q.From.Day == p.Until.Day+1 {
				follows = true // told there
			}
		}
		if !follows {
			fault(fmt.Sprintf("product %s ends inside a month, which it counts to its end", p.ID), "end it on the last of a month, or write mid_month: higher", "products", i, "until")
		}
	}
}

func firstOfMonth(d month.Day) bool {
	_, _, day := d.Civil()
	return day == 1
}
