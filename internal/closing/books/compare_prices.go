package books

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// price tells where lines have another price than the sales list.
func (c *comparing) price(u *due, b *billed) {
	if b.payer == "" || len(b.lines) == 0 {
		return
	}
	if t := c.tenants[b.payer]; t != nil && own(t) {
		return
	}
	list, whole := c.list(u, b)
	if len(list) == 0 || !whole {
		c.unpriced(b.payer, b.item.products, "")
		if len(list) == 0 {
			return
		}
	}
	c.priced(b.payer, b.item.products, b.lines, list)
}

// list are the prices that a payer may be billed for an item.
func (c *comparing) list(u *due, b *billed) ([]prices.Price, bool) {
	if u != nil {
		return u.prices, u.whole
	}
	for _, product := range b.item.products {
		if s, ok := c.Sales.For(b.payer, product, c.Month); ok {
			return []prices.Price{{Unit: s.Unit, Currency: s.Currency}}, true
		}
	}
	return nil, false
}

func (c *comparing) unpriced(payer string, products []string, article string) {
	x := Unpriced{payer, products, article}
	if !slices.ContainsFunc(c.out.Unpriced, func(o Unpriced) bool {
		return o.Tenant == x.Tenant && o.Article == x.Article && slices.Equal(o.Products, x.Products)
	}) {
		c.out.Unpriced = append(c.out.Unpriced, x)
	}
}

// priced holds lines against the prices of the list: each must be at one of
// them, and what they come to may differ by a cent a line.
func (c *comparing) priced(payer string, products []string, lines []*statement.BilledLine, list []prices.Price) {
	var other []string
	off, amounts := decimal.Zero, false
	for _, n := range lines {
		if n.Currency != "" && !slices.ContainsFunc(list, func(p prices.Price) bool { return p.Currency == n.Currency }) {
			c.tell(statement.BilledDifference{Tenant: payer, Products: products, Article: n.Article, What: statement.BilledCurrency, Counted: list[0].Currency, Billed: n.Currency}, nil, "")
			continue
		}
		quantity, _ := number(n.Quantity)
		amount, price := amountOf(n)
		if amount == nil && price == nil {
			c.unpriced(payer, products, n.Article)
			continue
		}
		amounts = true
		best := list[0]
		for _, p := range list {
			if price != nil && p.Unit.Equal(*price) {
				best = p
			}
		}
		diff := decimal.Zero
		if amount != nil {
			diff = amount.Sub(best.Unit.Mul(quantity))
		}
		wrong := price != nil && !price.Equal(best.Unit)
		if wrong || diff.Abs().GreaterThan(cents(n)) {
			// A line that multiplies wrong is told of by itself.
			if !wrong && miscounted(n) {
				continue
			}
			other = append(other, shownPrice(n, price, quantity))
			if price != nil && miscounted(n) {
				diff = price.Sub(best.Unit).Mul(quantity)
			}
			off = off.Add(diff)
		}
	}
	if len(other) == 0 || !amounts {
		return
	}
	slices.Sort(other)
	other = slices.Compact(other)
	var wanted []string
	for _, p := range list {
		wanted = append(wanted, p.Unit.String())
	}
	off = off.Round(2)
	c.tell(statement.BilledDifference{Tenant: payer, Products: products, What: statement.BilledPrice, Counted: strings.Join(wanted, ", "), Billed: strings.Join(other, ", ")}, &off, list[0].Currency)
}

// miscounted says that a line is told of for its own arithmetic.
func miscounted(n *statement.BilledLine) bool {
	quantity, ok1 := number(n.Quantity)
	price, ok2 := number(n.UnitPrice)
	amount, ok3 := number(n.Amount)
	allowance, _ := number(n.Allowance)
	return ok1 && ok2 && ok3 && amount.Sub(quantity.Mul(price)).Sub(allowance).Abs().GreaterThan(cents(n))
}

// shownPrice is a line's price as a person looks for it: its own, with what is
// taken off it or added; else what one comes to.
func shownPrice(n *statement.BilledLine, price *decimal.Decimal, quantity decimal.Decimal) string {
	if price == nil {
		amount, _ := number(n.Amount)
		if quantity.IsZero() {
			return amount.String()
		}
		return amount.DivRound(quantity, 4).String()
	}
	if a, ok := number(n.Allowance); ok && !a.IsZero() {
		sign := ""
		if a.IsPositive() {
			sign = "+"
		}
		return price.String() + " " + sign + a.String()
	}
	return price.String()
}

// bundles holds the price of articles that are several products against the
// sales list's row of that article.
func (c *comparing) bundles() {
	for _, n := range c.bundle {
		if n.Tenant == "" {
			continue
		}
		s, ok := c.Sales.For(n.Tenant, n.Article, c.Month)
		if !ok {
			c.unpriced(n.Tenant, n.Products, n.Article)
			continue
		}
		c.priced(n.Tenant, n.Products, []*statement.BilledLine{n}, []prices.Price{{Unit: s.Unit, Currency: s.Currency}})
	}
}
