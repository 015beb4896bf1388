package prices

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// Rise is by how much a price goes up or down, exactly: the two prices, from
// which a percentage follows. Contracts ask whether a rise is above a limit,
// and the usual rise is exactly at it, so that nothing may be rounded before
// the answer is given (docs/licensing.md 5.3).
type Rise struct{ old, new decimal.Decimal }

// Difference is the rise from one price to another. The old one may not be
// zero where a percentage is asked for.
func Difference(old, new decimal.Decimal) Rise { return Rise{old, new} }

// Above says whether the price rises by more than so many percent. A price
// that was nothing rises above any limit once it is something.
func (r Rise) Above(percent int) bool {
	return r.new.Sub(r.old).Mul(decimal.NewFromInt(100)).GreaterThan(r.old.Mul(decimal.NewFromInt(int64(percent))))
}

// Text is the percentage with its sign and two decimals, or with as many more
// (up to ten) as tell it from a whole percent that it is not.
func (r Rise) Text() string {
	if r.old.IsZero() {
		return "–"
	}
	hundred := decimal.NewFromInt(100)
	exact := r.new.Sub(r.old).Mul(hundred)
	for places := int32(2); ; places++ {
		d := exact.DivRound(r.old, places)
		if places < 10 && d.Equal(d.Round(0)) && !d.Mul(r.old).Equal(exact) {
			continue
		}
		if d.IsPositive() {
			return "+" + d.StringFixed(places)
		}
		return d.StringFixed(places)
	}
}

// Held is a customer's quantity of a product.
type Held struct {
	Tenant, Product, PartNumber string
	Quantity                    int
}

// Change is what becomes of one customer's price of one product.
type Change struct {
	Held
	Old, New         decimal.Decimal
	OldKnown, Known  bool // whether there is a price in the one month, in the other
	OldCurrency      string
	Currency         string
	Above            bool // whether it rises by more than the limit
	Rise             Rise
	Effect, OldTotal decimal.Decimal // a month, at the quantity; both amounts rounded as an invoice has them
}

// Comparable says that both prices are known and of one currency.
func (c *Change) Comparable() bool { return c.OldKnown && c.Known && c.OldCurrency == c.Currency }

// Compare sets the prices of two months against each other for everybody who
// holds something, sorted by tenant, then product. price finds what one costs
// in a month.
func Compare(held []Held, from, to month.Month, notice int, price func(Held, month.Month) (unit decimal.Decimal, currency string, ok bool)) []Change {
	var out []Change
	for _, h := range held {
		if h.Quantity == 0 {
			continue
		}
		c := Change{Held: h}
		c.Old, c.OldCurrency, c.OldKnown = price(h, from)
		c.New, c.Currency, c.Known = price(h, to)
		if c.Comparable() {
			c.Rise = Difference(c.Old, c.New)
			c.Above = c.Rise.Above(notice)
			c.OldTotal = Amount(h.Quantity, c.Old)
			c.Effect = Amount(h.Quantity, c.New).Sub(c.OldTotal)
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Product, b.Product))
	})
	return out
}

// BySales finds sales prices.
func (l Sales) BySales(h Held, m month.Month) (decimal.Decimal, string, bool) {
	p, ok := l.For(h.Tenant, h.Product, m)
	return p.Unit, p.Currency, ok
}

// ByPart finds purchase prices.
func (l List) ByPart(h Held, m month.Month) (decimal.Decimal, string, bool) {
	p, ok := l.For(h.PartNumber, m)
	return p.Unit, p.Currency, ok && h.PartNumber != ""
}
