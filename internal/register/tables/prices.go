package tables

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
)

// Prices reads the purchase prices. alias names the column with the reseller's
// own articles; empty, it is alias where there is one.
//
// A price whose end is left open gives way to a later one of its part number,
// as List.For has it; any other overlap is two answers to one question.
func Prices(path, alias string) (prices.List, diag.Faults) {
	return purchaseOf(open(path), alias)
}

func purchaseOf(t *table, alias string) (prices.List, diag.Faults) {
	columns := []column{{name: "part_number", needed: true}, {name: "currency", needed: true},
		{name: "unit_price", needed: true, also: "price"}, {name: "from"}, {name: "until"}, {name: "description"}}
	if alias == "" {
		columns = append(columns, column{name: "alias"})
	} else {
		alias = strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(alias))
		columns = append(columns, column{name: alias, needed: true})
	}
	if alias == "" {
		alias = "alias"
	}
	t.parse(columns)
	var list prices.List
	var spans []span
	for _, r := range t.rows {
		p := prices.Price{PartNumber: r.filled("part_number", "the part number"), Alias: r.get(alias), Title: r.get("description"), Currency: r.currency("currency"), Line: r.line}
		p.From, p.Until = r.period("from", "until")
		unit, ok := r.price("unit_price")
		if !ok || p.PartNumber == "" {
			continue
		}
		p.Unit = unit
		list = append(list, p)
		spans = append(spans, span{strings.ToLower(p.PartNumber), "the part number " + show(p.PartNumber), p.From, p.Until, r})
	}
	overlaps(spans)
	return list, t.done()
}

// SalesPrices reads what tenants are asked, excluding VAT.
func SalesPrices(path string, tenants []register.Tenant) (prices.Sales, diag.Faults) {
	return salesOf(open(path), tenants)
}

func salesOf(t *table, tenants []register.Tenant) (prices.Sales, diag.Faults) {
	t.parse([]column{{name: "tenant", needed: true}, {name: "product", needed: true}, {name: "currency", needed: true},
		{name: "unit_price", needed: true, also: "price"}, {name: "from"}, {name: "until"}})
	known := knownTenants(tenants)
	var list prices.Sales
	var spans []span
	for _, r := range t.rows {
		p := prices.SalesPrice{Tenant: r.tenant("tenant", known, "*"), Product: r.filled("product", "the product"), Currency: r.currency("currency"), Line: r.line}
		p.From, p.Until = r.period("from", "until")
		unit, ok := r.price("unit_price")
		if !ok || p.Product == "" {
			continue
		}
		p.Unit = unit
		list = append(list, p)
		spans = append(spans, span{p.Tenant + "\x00" + p.Product, fmt.Sprintf("the product %s for %s", show(p.Product), show(p.Tenant)), p.From, p.Until, r})
	}
	overlaps(spans)
	return list, t.done()
}

// span is when a price holds.
type span struct {
	key, what   string
	from, until month.OptionalDay
	row         row
}

// overlaps tells prices of one thing that hold on the same day.
func overlaps(spans []span) {
	begin := func(d month.OptionalDay) int64 {
		if !d.Set {
			return -1 << 40
		}
		return int64(d.Day)
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(begin(a.from), begin(b.from)))
	})
	for i := 1; i < len(spans); i++ {
		a, b := spans[i-1], spans[i]
		if a.key != b.key {
			continue
		}
		same := begin(a.from) == begin(b.from)
		if same || a.until.Set && month.Overlap(a.from, a.until, b.from, b.until) {
			later, earlier := b.row, a.row
			if later.line < earlier.line {
				later, earlier = earlier, later
			}
			later.fault("from", fmt.Sprintf("%s has another price at the same time on line %d", b.what, earlier.line), "end one on the day before the other begins")
		}
		// What lasts longest is what the next one may overlap.
		if a.until.Set && b.until.Set && a.until.Day > b.until.Day {
			spans[i].until = a.until
		}
	}
}
