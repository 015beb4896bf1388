package tables

import (
	"strings"

	"splameter/internal/diag"
	"splameter/internal/statement"
)

// Quantities reads a list of quantities by part number: what was typed into
// the reseller's portal, or what an invoice says. A part number stands in it
// once.
func Quantities(path string) ([]statement.PartQuantity, diag.Faults) {
	return quantitiesOf(open(path))
}

func quantitiesOf(t *table) ([]statement.PartQuantity, diag.Faults) {
	t.parse([]column{{name: "part_number", needed: true}, {name: "quantity", needed: true}, {name: "unit_price"}, {name: "amount"}, {name: "currency"}})
	var out []statement.PartQuantity
	seen := map[string]bool{}
	for _, r := range t.rows {
		q := statement.PartQuantity{PartNumber: r.filled("part_number", "the part number")}
		n, given := r.number("quantity")
		if !given {
			r.fault("quantity", "the quantity is missing", "write it in digits; a part number without use is 0")
		}
		q.Quantity = n
		if r.get("unit_price") != "" {
			if d, ok := r.price("unit_price"); ok {
				q.UnitPrice = d.String()
			}
		}
		q.Currency = strings.ToUpper(r.get("currency"))
		if r.get("amount") != "" {
			if d, ok := r.price("amount"); ok {
				q.Amount = d.StringFixed(2)
			}
		}
		if q.PartNumber == "" {
			continue
		}
		if seen[q.PartNumber] {
			r.fault("part_number", "the part number "+show(q.PartNumber)+" is there twice", "add its quantities up in one line")
			continue
		}
		seen[q.PartNumber] = true
		out = append(out, q)
	}
	return out, t.done()
}
