package books

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// Comparison is where bills and annexes differ.
type Comparison struct {
	// Differences are the worst first: what is not agreed before what is, then
	// by money, by units, by customer and product.
	Differences []statement.BilledDifference
	// Unpriced is what was billed and could not be held against a sales price.
	Unpriced []Unpriced
}

// Unpriced is something billed of which the sales list has no price.
type Unpriced struct {
	Tenant   string   `json:"tenant"`
	Products []string `json:"products"`
	Article  string   `json:"article,omitempty"`
}

// Open are the differences that nobody agreed to.
func (c *Comparison) Open() []statement.BilledDifference {
	return OpenDifferences(c.Differences)
}

// OpenDifferences are those that nobody agreed to.
func OpenDifferences(all []statement.BilledDifference) []statement.BilledDifference {
	var out []statement.BilledDifference
	for _, d := range all {
		if d.Agreed == "" {
			out = append(out, d)
		}
	}
	return out
}

// cents is what rounding may make of a line: a cent for each that it adds up.
func cents(n *statement.BilledLine) decimal.Decimal {
	return decimal.New(int64(max(n.Lines, 1)), -2)
}

// Compare says where what customers were billed differs from their annexes: in
// units by customer and product, and in the price from the sales list.
func Compare(in Input) *Comparison {
	c := &comparing{ledger: open(in), billed: map[string]*billed{}}
	dues := c.dues() // before bills bring items of their own
	at := map[string]*due{}
	for _, u := range dues {
		at[u.payer+"\x00"+u.item.id()] = u
	}
	c.bills()
	for _, u := range dues {
		c.quantity(u.payer, u.item, u, c.billed[u.payer+"\x00"+u.item.id()])
	}
	for _, key := range c.order {
		if b := c.billed[key]; at[key] == nil {
			c.quantity(b.payer, b.item, nil, b)
		}
	}
	for _, key := range c.order {
		c.price(at[key], c.billed[key])
	}
	c.bundles()
	for i := range c.out.Differences {
		c.agree(&c.out.Differences[i])
	}
	slices.SortStableFunc(c.out.Differences, worse)
	return &c.out
}

// billed is what a payer was billed of an item.
type billed struct {
	payer    string
	customer string // where nobody knows it
	item     *item
	quantity decimal.Decimal
	lines    []*statement.BilledLine // of the item alone
	amount   decimal.Decimal         // of those lines, as far as known
}

type comparing struct {
	*ledger
	billed map[string]*billed // by payer, or the unknown customer, and item
	order  []string
	bundle []*statement.BilledLine
	out    Comparison
}

// bills adds the lines up by payer and item, and tells of those that nobody
// can place.
func (c *comparing) bills() {
	for i := range c.Bills {
		n := &c.Bills[i]
		quantity, known := number(n.Quantity)
		amount, _ := amountOf(n)
		if len(n.Products) == 0 {
			c.tell(statement.BilledDifference{Tenant: n.Tenant, Customer: n.Customer, Article: n.Article, What: statement.BilledNothing, Billed: n.Quantity, Units: n.Quantity}, amount, n.Currency)
			continue
		}
		if !known {
			c.tell(statement.BilledDifference{Tenant: n.Tenant, Customer: n.Customer, Products: n.Products, Article: n.Article, What: statement.BilledNumber}, amount, n.Currency)
			continue
		}
		if n.Tenant != "" {
			c.arithmetic(n)
		}
		who := cmp.Or(n.Tenant, "\x00"+n.Customer)
		for _, product := range n.Products {
			x := c.itemOf(product)
			key := who + "\x00" + x.id()
			b := c.billed[key]
			if b == nil {
				b = &billed{payer: n.Tenant, item: x}
				if n.Tenant == "" {
					b.customer = n.Customer
				}
				c.billed[key], c.order = b, append(c.order, key)
			}
			b.quantity = b.quantity.Add(quantity)
			if len(n.Products) == 1 {
				b.lines = append(b.lines, n)
				if amount != nil {
					b.amount = b.amount.Add(*amount)
				}
			}
		}
		if len(n.Products) > 1 {
			c.bundle = append(c.bundle, n)
		}
	}
}

// tell keeps a difference with what it is worth.
func (c *comparing) tell(d statement.BilledDifference, worth *decimal.Decimal, currency string) {
	if worth != nil {
		d.Amount, d.Currency = worth.StringFixed(2), currency
	}
	if d.PartNumber == "" && len(d.Products) == 1 {
		d.PartNumber = c.itemOf(d.Products[0]).part
	}
	c.out.Differences = append(c.out.Differences, d)
}

// arithmetic tells of a line that does not multiply right by itself.
func (c *comparing) arithmetic(n *statement.BilledLine) {
	quantity, ok1 := number(n.Quantity)
	price, ok2 := number(n.UnitPrice)
	amount, ok3 := number(n.Amount)
	if !ok1 || !ok2 || !ok3 {
		return
	}
	allowance, _ := number(n.Allowance)
	product := quantity.Mul(price).Add(allowance)
	if diff := amount.Sub(product); diff.Abs().GreaterThan(cents(n)) {
		c.tell(statement.BilledDifference{Tenant: n.Tenant, Products: n.Products, Article: n.Article, What: statement.BilledProduct,
			Counted: product.StringFixed(2), Billed: amount.StringFixed(2)}, &diff, n.Currency)
	}
}

// quantity tells where another number was billed than was to be.
func (c *comparing) quantity(payer string, x *item, u *due, b *billed) {
	expect, was := 0, decimal.Zero
	if u != nil {
		expect = u.expect
	}
	d := statement.BilledDifference{Tenant: payer, Products: x.products, PartNumber: x.part}
	if b != nil {
		was, d.Customer = b.quantity, b.customer
	}
	units := was.Sub(decimal.NewFromInt(int64(expect)))
	if units.IsZero() {
		return
	}
	d.Counted, d.Billed, d.Units = decimal.NewFromInt(int64(expect)).String(), was.String(), units.String()
	t := c.tenants[payer]
	switch {
	case payer == "":
		d.What = statement.BilledNobody
	case t != nil && own(t):
		d.What = statement.BilledOwn
	case was.IsZero():
		d.What = statement.NotBilled
	case expect == 0 && (u == nil || u.counted == 0):
		d.What = statement.BilledUncounted
	case units.IsNegative():
		d.What = statement.BilledLess
	default:
		d.What = statement.BilledMore
	}
	worth, currency, cost := c.worth(units, x, u, b)
	d.Cost = cost
	c.tell(d, worth, currency)
}

// worth is what units of an item are worth: at the sales price; at what they
// were billed for, where that is all there is; else at what is paid for them.
func (c *comparing) worth(units decimal.Decimal, x *item, u *due, b *billed) (worth *decimal.Decimal, currency string, cost bool) {
	at := func(p decimal.Decimal) *decimal.Decimal {
		v := p.Mul(units).Round(2)
		return &v
	}
	if u != nil && len(u.prices) > 0 {
		return at(u.prices[0].Unit), u.prices[0].Currency, false
	}
	if b != nil && u == nil && len(b.lines) > 0 && !b.amount.IsZero() {
		v := b.amount.Round(2)
		return &v, b.lines[0].Currency, false
	}
	if x.paid {
		return at(x.price), x.currency, true
	}
	return nil, "", false
}

// agree gives a difference its key, and says by whom it is agreed.
func (c *comparing) agree(d *statement.BilledDifference) {
	who := cmp.Or(d.Tenant, d.Customer)
	products := strings.Join(d.Products, "+")
	if d.Tenant == "" || len(d.Products) == 0 {
		return // it is settled by saying who or what it is
	}
	if len(d.PartNumber) > 0 {
		products = c.itemOf(d.Products[0]).id()
	}
	d.Key = register.BilledKey(who, products, string(d.What), d.Counted, d.Billed)
	if x := c.decided(d.Key); x != nil && x.Decision == register.Accepted {
		d.Agreed = because(x)
		return
	}
	if x := c.agreement(c.itemOf(d.Products[0]), d.Tenant, "*"); x != nil && x.Decision == register.Accepted && x.Until.Set {
		d.Agreed = because(x)
	}
}

// worse orders differences.
func worse(a, b statement.BilledDifference) int {
	size := func(s string) decimal.Decimal { d, _ := number(s); return d.Abs() }
	agreed := func(d *statement.BilledDifference) int { return min(len(d.Agreed), 1) }
	return cmp.Or(cmp.Compare(agreed(&a), agreed(&b)), size(b.Amount).Cmp(size(a.Amount)), size(b.Units).Cmp(size(a.Units)),
		strings.Compare(a.Tenant+"\x00"+a.Customer, b.Tenant+"\x00"+b.Customer),
		strings.Compare(strings.Join(a.Products, "+")+"\x00"+a.Article, strings.Join(b.Products, "+")+"\x00"+b.Article), cmp.Compare(a.What, b.What))
}

func number(s string) (decimal.Decimal, bool) {
	d, err := decimal.NewFromString(s)
	return d, err == nil
}

// amountOf is what a line comes to, and its price; nil for what is not known.
func amountOf(n *statement.BilledLine) (amount, price *decimal.Decimal) {
	if p, ok := number(n.UnitPrice); ok {
		price = &p
	}
	if a, ok := number(n.Amount); ok {
		return &a, price
	}
	if q, ok := number(n.Quantity); ok && price != nil {
		a := q.Mul(*price).Round(2)
		return &a, price
	}
	return nil, price
}
