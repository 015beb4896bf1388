// Package prices holds dated prices in decimal arithmetic: what the provider
// pays per part number, and what it asks a tenant per product. It rounds in
// one place; it reads no files.
package prices

import (
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// Price is what one unit costs for a month.
type Price struct {
	PartNumber  string
	Alias       string // the reseller's own article for it
	Title       string // what the reseller calls it; only to know a product by
	Currency    string
	Unit        decimal.Decimal
	From, Until month.OptionalDay
	Line        int
}

// List is a purchase price file.
type List []Price

// For is the price of a part number in force on the first day of a month. A
// price that begins within the month applies from the next month on, as the
// reseller invoices a month at one price. The later From wins.
func (l List) For(part string, m month.Month) (Price, bool) {
	var best Price
	found := false
	for _, p := range l {
		if !strings.EqualFold(p.PartNumber, part) || !month.Within(m.FirstDay(), p.From, p.Until) {
			continue
		}
		if !found || !best.From.Set || p.From.Set && p.From.Day >= best.From.Day {
			best, found = p, true
		}
	}
	return best, found
}

// Knows says whether the part number is in the list at any date.
func (l List) Knows(part string) bool {
	for _, p := range l {
		if strings.EqualFold(p.PartNumber, part) {
			return true
		}
	}
	return false
}

// ByAlias is a price whose reseller's own article that is, at any date.
func (l List) ByAlias(article string) (Price, bool) {
	for _, p := range l {
		if p.Alias != "" && strings.EqualFold(p.Alias, article) {
			return p, true
		}
	}
	return Price{}, false
}

// SalesPrice is what a tenant is asked for one unit of a product, excluding
// VAT.
type SalesPrice struct {
	Tenant      string // id, or * for all that have none of their own
	Product     string
	Currency    string
	Unit        decimal.Decimal
	From, Until month.OptionalDay
	Line        int
}

// Sales is a sales price list.
type Sales []SalesPrice

// For is a tenant's price of a product on the first day of a month: its own
// before that of *, the later From before the earlier.
func (l Sales) For(tenant, product string, m month.Month) (SalesPrice, bool) {
	var best SalesPrice
	found := false
	for _, p := range l {
		if p.Product != product || p.Tenant != tenant && p.Tenant != "*" || !month.Within(m.FirstDay(), p.From, p.Until) {
			continue
		}
		own, bestOwn := p.Tenant != "*", best.Tenant != "*"
		later := !best.From.Set || p.From.Set && p.From.Day >= best.From.Day
		if !found || own && !bestOwn || own == bestOwn && later {
			best, found = p, true
		}
	}
	return best, found
}

// Amount is quantity times unit price, rounded half up to cents: the only
// place where money is rounded. (Away from zero for a negative amount.)
func Amount(quantity int, unit decimal.Decimal) decimal.Decimal {
	return unit.Mul(decimal.NewFromInt(int64(quantity))).Round(2)
}
