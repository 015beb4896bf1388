package rules

import (
	"fmt"
	"maps"
	"slices"

	"splameter/internal/diag"
	"splameter/internal/statement"
)

// compareOverHoles asks about quantities that fell over a month that tells
// nothing of them: one that was never counted, or in which nothing was read that
// could have given the product a quantity. The month before the hole is known by
// its quantities, and nobody saw how they went.
func (e *evaluation) compareOverHoles() {
	now := map[string]map[string]int{} // by product and tenant
	for i := range e.st.Tenants {
		t := &e.st.Tenants[i]
		for _, l := range t.Lines {
			if now[l.Product] == nil {
				now[l.Product] = map[string]int{}
			}
			now[l.Product][t.ID] = l.Quantity
		}
	}
	ended := map[string]bool{} // products whose rule is over: that tells why
	for i := range e.Set.Products {
		if p := &e.Set.Products[i]; p.Until.Set && p.Until.Day < e.w.m.FirstDay() {
			ended[p.ID] = true
		}
	}
	products := map[string]bool{}
	for i := range e.Earlier {
		for _, q := range e.Earlier[i].Quantities {
			products[q.Product] = products[q.Product] || q.Product != "" && !ended[q.Product]
		}
	}
	for _, id := range slices.Sorted(maps.Keys(products)) {
		if products[id] {
			e.tellHole(id, now[id])
		}
	}
}

// tellHole looks for the last month that tells of a product. Where that is the
// one directly before, it was compared one by one.
func (e *evaluation) tellHole(product string, now map[string]int) {
	at := len(e.Earlier) - 1
	for ; at >= 0 && e.Earlier[at].Unread(product); at-- {
	}
	if at < 0 || !e.Earlier[at].Computed || e.Earlier[at].Month == e.w.m.Add(-1).String() {
		return
	}
	last := &e.Earlier[at]
	was := map[string]int{}
	for _, q := range last.Quantities {
		if q.Product == product {
			was[q.Tenant] += q.Quantity
		}
	}
	q := statement.Question{Kind: statement.AskDrop, Subject: product + " against " + last.Month, Product: product, Assumed: "what this month's facts count"}
	sum := 0
	for _, t := range slices.Sorted(maps.Keys(was)) {
		sum += was[t]
		if fewer := was[t] - now[t]; fewer > 0 {
			q.Units += fewer
			q.About = append(q.About, fmt.Sprintf("%s: %d, now %d", t, was[t], now[t]))
		}
	}
	if q.Units == 0 {
		return
	}
	total := 0
	for _, n := range now {
		total += n
	}
	q.Count, q.State = q.Units, fmt.Sprintf("%d", q.Units)
	q.Message = fmt.Sprintf("%s of %s fewer than %s counted (%d then, %d now), and no month between tells of the product: nobody saw how they went", diag.Several(q.Units, "licence"), product, last.Month, sum, total)
	q.Action = "collect what there is of the months between, and count them; else find out whom that month counted and this one does not, customer by customer, and decide it, with the reason"
	e.askImported(q)
}
