// Package otherwise sets what customers' licences cost in a month beside what
// they would cost if they were licensed otherwise, by a table that the provider
// fills in. It counts nothing: quantities come from a statement, prices from
// tables, and each result carries the assumption that it rests on.
package otherwise

import (
	"cmp"
	"path"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// Row is one customer's product licensed in another way. Money that is not
// known is nil.
type Row struct {
	Tenant     string           `json:"tenant"`
	Way        string           `json:"way"`
	Product    string           `json:"product,omitempty"`
	Instead    string           `json:"instead,omitempty"`
	Only       string           `json:"only,omitempty"`
	Units      int              `json:"units"` // concerned
	Paid       int              `json:"paid"`  // for which the other way is paid: its minimum, where that is more
	Now        *decimal.Decimal `json:"now"`
	Then       *decimal.Decimal `json:"then"`
	Saves      *decimal.Decimal `json:"saves"`
	Currency   string           `json:"currency"`
	Assumption string           `json:"assumption"`
	Action     string           `json:"action,omitempty"`  // of advice: what to do first
	Advice     bool             `json:"advice,omitempty"`  // counted of the month's facts, and no way of the table
	AtMost     bool             `json:"at_most,omitempty"` // of advice: it may be less
}

// Compare is every way of the table that fits a customer's line, and what the
// month's own advice says of editions and units, by customer; what saves most
// first.
func Compare(st *statement.Statement, list []prices.Alternative, bought prices.List, m month.Month) []Row {
	var out []Row
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			l := &t.Lines[j]
			for k := range list {
				a := &list[k]
				if l.Quantity == 0 || !concerns(a, t) || !matches(a.Product, l.Product) || a.Instead == l.Product || !month.Within(m.FirstDay(), a.From, a.Until) {
					continue
				}
				r := Row{Tenant: t.ID, Way: a.Way, Product: l.Product, Instead: a.Instead, Only: a.Only, Units: l.Quantity, Assumption: a.Assumption}
				if a.Only != "" {
					r.Units = also(st, t.ID, l.Product, a.Only)
				}
				if r.Units == 0 {
					continue
				}
				r.Paid = max(r.Units, a.Minimum)
				r.money(l, price(a, st, bought, m))
				out = append(out, r)
			}
		}
	}
	for i := range st.Advice {
		if r, ok := advised(&st.Advice[i]); ok {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), b.saves().Cmp(a.saves()), cmp.Compare(a.Way, b.Way), cmp.Compare(a.Product, b.Product))
	})
	return out
}

// concerns says whether a way is for a customer: * is for all, and so neither
// for own use nor for what belongs to no customer.
func concerns(a *prices.Alternative, t *statement.Tenant) bool {
	if a.Tenant == "*" {
		return !t.Internal && t.ID != register.Unassigned && t.ID != register.Shared
	}
	return a.Tenant == t.ID
}

func (r *Row) saves() decimal.Decimal {
	if r.Saves == nil {
		return decimal.Zero
	}
	return *r.Saves
}

// money fills what it costs now, and would cost. Only money of one currency is
// compared.
func (r *Row) money(l *statement.Line, then unit) {
	r.Currency = cmp.Or(l.Currency, then.currency)
	if d, err := decimal.NewFromString(l.UnitPrice); err == nil {
		v := prices.Amount(r.Units, d)
		r.Now = &v
	}
	if then.known && (r.Now == nil || then.currency == l.Currency) {
		v := prices.Amount(r.Paid, then.price)
		r.Then = &v
	}
	if r.Now != nil && r.Then != nil {
		v := r.Now.Sub(*r.Then)
		r.Saves = &v
	}
}

type unit struct {
	price    decimal.Decimal
	currency string
	known    bool
}

// price is what one unit costs in the other way.
func price(a *prices.Alternative, st *statement.Statement, bought prices.List, m month.Month) unit {
	if a.Instead == "" {
		return unit{a.Unit, a.Currency, true}
	}
	for i := range st.Products {
		if p := &st.Products[i]; p.ID == a.Instead && p.PartNumber != "" {
			if x, ok := bought.For(p.PartNumber, m); ok {
				return unit{x.Unit, x.Currency, true}
			}
		}
	}
	return unit{}
}

// also is how many of a customer's persons who are counted for a product have
// another one too, counted or excluded.
func also(st *statement.Statement, tenant, product, only string) int {
	has, units := map[string]bool{}, map[string]int{}
	for i := range st.Persons.Len() {
		p := st.Persons.Brief(i)
		if p.Tenant != tenant {
			continue
		}
		if p.Product == product && p.Excluded == nil {
			units[p.Key] += p.Units
		} else if p.Product != product && matches(only, p.Product) {
			has[p.Key] = true
		}
	}
	n := 0
	for key, u := range units {
		if has[key] {
			n += u
		}
	}
	return n
}

func matches(pattern, id string) bool {
	ok, err := path.Match(pattern, id)
	return ok && err == nil
}

// advised is advice on another edition or unit; other advice is about persons.
func advised(a *statement.Advice) (Row, bool) {
	switch a.Code {
	case statement.AdviceWindows, statement.AdviceSAL, statement.AdviceSQLHost:
	default:
		return Row{}, false
	}
	r := Row{Tenant: a.Tenant, Way: string(a.Code), Product: a.Product, Units: a.Count, Paid: a.Count, Currency: a.Money, Assumption: a.Message, Action: a.Action, Advice: true, AtMost: a.AtMost}
	for _, x := range []struct {
		text string
		to   **decimal.Decimal
	}{{a.Now, &r.Now}, {a.Then, &r.Then}, {a.Saves, &r.Saves}} {
		if d, err := decimal.NewFromString(x.text); err == nil {
			*x.to = &d
		}
	}
	return r, true
}
