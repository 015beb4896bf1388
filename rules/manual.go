package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/statement"
)

type manualKey struct{ tenant, product string }

// manual is what corrections did to one quantity.
type manual struct {
	change int
	codes  []string // sorted
}

func (m *manual) join(o *manual) {
	m.change += o.change
	for _, c := range o.codes {
		if i, ok := slices.BinarySearch(m.codes, c); !ok {
			m.codes = slices.Insert(m.codes, i, c)
		}
	}
}

func (m *manual) text() string { return strings.Join(m.codes, ", ") }

// correct applies the corrections, in their order, to what was counted. One
// that names what the month does not have, or takes more than there is, ends
// the computation: a quantity below zero can be no report.
func (e *evaluation) correct(at func(tenant, product string) *tally) error {
	e.manual = map[manualKey]*manual{}
	for _, c := range e.Corrections {
		if !slices.ContainsFunc(e.products, func(p *Product) bool { return p.ID == c.Product }) {
			return fmt.Errorf("a correction by hand is for product %q, which the rules of %s do not have; correct its name", c.Product, e.w.m)
		}
		if !e.knownTenant(c.Tenant) {
			return fmt.Errorf("a correction by hand is for tenant %q, which the tenants table does not have; correct its id", c.Tenant)
		}
		t := at(c.Tenant, c.Product)
		change := c.Quantity
		if c.Set {
			change -= t.quantity
		}
		if t.quantity+change < 0 {
			return fmt.Errorf("a correction by hand takes %d from %s of tenant %s, which has only %d; correct by less", -change, c.Product, c.Tenant, t.quantity)
		}
		t.quantity += change
		t.manual.join(&manual{change: change, codes: []string{c.Code}})
		e.manual[manualKey{c.Tenant, c.Product}] = &t.manual
		e.finding(statement.Finding{Code: "manual-correction", Severity: statement.High, Tenant: c.Tenant, Subject: c.Product, Product: c.Product, Count: change,
			Message: fmt.Sprintf("%s was corrected by hand by %+d to %d (%s): %s", c.Product, change, t.quantity, c.Code, c.Reason),
			Action:  "be sure that a document proves it; the quantity is not what was counted"})
	}
	return nil
}
