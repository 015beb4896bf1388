package tables

import (
	"path"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/register/prices"
)

// Otherwise reads what licences would cost otherwise, as the provider states
// it. A way without an assumption is a fault: the number would say more than
// anybody knows.
func Otherwise(path string, tenants []register.Tenant) ([]prices.Alternative, diag.Faults) {
	return otherwiseOf(open(path), tenants)
}

func otherwiseOf(t *table, tenants []register.Tenant) ([]prices.Alternative, diag.Faults) {
	t.parse([]column{{name: "way", needed: true}, {name: "tenant", needed: true}, {name: "product", needed: true}, {name: "assumption", needed: true},
		{name: "unit_price", also: "price"}, {name: "currency"}, {name: "instead"}, {name: "only"}, {name: "minimum"}, {name: "from"}, {name: "until"}})
	known := knownTenants(tenants)
	var list []prices.Alternative
	for _, r := range t.rows {
		a := prices.Alternative{Way: r.filled("way", "the way"), Tenant: r.tenant("tenant", known, "*"), Product: r.filled("product", "the product"), Only: r.get("only"),
			Instead: r.get("instead"), Assumption: r.filled("assumption", "the assumption"), Line: r.line}
		for name, pattern := range map[string]string{"product": a.Product, "only": a.Only} {
			if _, err := path.Match(pattern, ""); err != nil {
				r.fault(name, show(pattern)+" is no pattern of products", "write a product's id, or a pattern such as office-*")
			}
		}
		a.From, a.Until = r.period("from", "until")
		a.Minimum, _ = r.number("minimum")
		switch priced := r.get("unit_price") != ""; {
		case priced && a.Instead != "":
			r.fault("instead", "both a price and a product instead of it are given", "write unit_price for what the price list does not have, or instead for a product of the rules")
		case priced:
			a.Unit, _ = r.price("unit_price")
			a.Currency = r.currency("currency")
		case a.Instead == "":
			r.fault("unit_price", "neither a price nor a product instead of it is given", "write what one unit costs a month, or a product of the rules under instead")
		}
		if a.Way != "" && a.Product != "" && a.Assumption != "" {
			list = append(list, a)
		}
	}
	return list, t.done()
}
