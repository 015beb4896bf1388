package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// PartNames finds what a table calls a product: its part number as the rules
// spell it, for a part number in any case or the reseller's own article for
// it; false for one that nothing knows.
type PartNames func(written string) (partNumber string, known bool)

// History reads the quantities of months that were reported before splameter:
// month, tenant (empty: the provider's total), part_number, quantity. The
// tenants and the totals of one month are two answers to one question: a month
// has either. unknown are part numbers that no rule and no price knows; they
// are kept, and shown nowhere until a rule does.
func History(path string, tenants []register.Tenant, names PartNames) (months []statement.Earlier, unknown []string, faults diag.Faults) {
	return historyOf(open(path), tenants, names)
}

func historyOf(t *table, tenants []register.Tenant, names PartNames) ([]statement.Earlier, []string, diag.Faults) {
	t.parse([]column{{name: "month", needed: true}, {name: "tenant"}, {name: "part_number", needed: true}, {name: "quantity", needed: true}})
	known := knownTenants(tenants)
	type key struct{ month, tenant, part string }
	type kind struct {
		total bool
		line  int
	}
	seen, kinds := map[key]int{}, map[string]kind{}
	byMonth := map[string]*statement.Earlier{}
	var unknown []string
	for _, r := range t.rows {
		m := r.filled("month", "the month")
		if m != "" {
			p, err := month.Parse(m, time.UTC)
			if err != nil || p.String() != m {
				r.fault("month", show(m)+" is no month", "write it as YYYY-MM, such as 2026-08")
				continue
			}
		}
		q := statement.Quantity{PartNumber: r.filled("part_number", "the part number")}
		if r.get("tenant") != "" {
			q.Tenant = r.tenant("tenant", known, register.Unassigned, register.Shared)
		}
		n, given := r.number("quantity")
		if !given {
			r.fault("quantity", "the quantity is missing", "write it in digits; none is 0")
		}
		q.Quantity = n
		if m == "" || q.PartNumber == "" {
			continue
		}
		if part, ok := names(q.PartNumber); ok {
			q.PartNumber = part
		} else if !slices.Contains(unknown, q.PartNumber) {
			unknown = append(unknown, q.PartNumber)
		}
		k := key{m, q.Tenant, strings.ToLower(q.PartNumber)}
		if line, ok := seen[k]; ok {
			r.fault("part_number", fmt.Sprintf("the part number %s of %s stands here again, first on line %d", show(q.PartNumber), m, line), "add the quantities up in one line")
			continue
		}
		seen[k] = r.line
		if first, ok := kinds[m]; ok && first.total != (q.Tenant == "") {
			r.fault("tenant", fmt.Sprintf("%s has quantities with a tenant and without: line %d has it the other way", m, first.line), "give a month either by tenant or in total")
			continue
		} else if !ok {
			kinds[m] = kind{q.Tenant == "", r.line}
		}
		e := byMonth[m]
		if e == nil {
			e = &statement.Earlier{Month: m}
			byMonth[m] = e
		}
		e.Quantities = append(e.Quantities, q)
	}
	out := make([]statement.Earlier, 0, len(byMonth))
	for _, e := range byMonth {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b statement.Earlier) int { return cmp.Compare(a.Month, b.Month) })
	slices.Sort(unknown)
	return out, unknown, t.done()
}
