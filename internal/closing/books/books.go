// Package books holds a month's three books against each other: what was
// reported, what the reseller invoiced, and what customers were billed. It is
// a pure function of them and of what was agreed; it reads no files and keeps
// nothing.
package books

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// Input is what is compared.
type Input struct {
	Statement *statement.Statement
	Register  *register.Register
	Sales     prices.Sales
	Decisions []register.Decision
	Month     month.Month
	Bills     []statement.BilledLine
}

// item is what is compared as one: all products of one part number, for a bill
// cannot tell them apart; a product without one by itself.
type item struct {
	part     string // the part number; empty where there is none
	products []string
	price    decimal.Decimal // what is paid for one
	paid     bool            // whether that is known
	currency string
}

// id is the product by which an item goes.
func (x *item) id() string { return x.products[0] }

// ledger is an Input made ready to be looked things up in.
type ledger struct {
	Input
	items   []*item
	of      map[string]*item // by product
	tenants map[string]*statement.Tenant
	payers  map[string]bool // who the bills name
}

func open(in Input) *ledger {
	if in.Register == nil {
		in.Register = &register.Register{}
	}
	l := &ledger{Input: in, of: map[string]*item{}, tenants: map[string]*statement.Tenant{}, payers: map[string]bool{}}
	byPart := map[string]*item{}
	add := func(product, part string) *item {
		if x := l.of[product]; x != nil {
			return x
		}
		x := byPart[strings.ToLower(part)]
		if x == nil {
			x = &item{part: part}
			l.items = append(l.items, x)
			if part != "" {
				byPart[strings.ToLower(part)] = x
			}
		}
		x.products = append(x.products, product)
		l.of[product] = x
		return x
	}
	for i := range in.Statement.Products {
		add(in.Statement.Products[i].ID, in.Statement.Products[i].PartNumber)
	}
	for i := range in.Statement.Lines {
		n := &in.Statement.Lines[i]
		x := add(n.Product, n.PartNumber)
		if p, err := decimal.NewFromString(n.UnitPrice); err == nil && !x.paid {
			x.price, x.paid, x.currency = p, true, n.Currency
		}
	}
	for i := range in.Statement.Tenants {
		t := &in.Statement.Tenants[i]
		l.tenants[t.ID] = t
		for j := range t.Lines {
			add(t.Lines[j].Product, t.Lines[j].PartNumber)
		}
	}
	for i := range in.Bills {
		l.payers[in.Bills[i].Tenant] = true
	}
	return l
}

// itemOf is the item of a product that a bill names; what the month does not
// know stands by itself.
func (l *ledger) itemOf(product string) *item {
	if x := l.of[product]; x != nil {
		return x
	}
	x := &item{products: []string{product}}
	l.of[product] = x
	l.items = append(l.items, x)
	return x
}

// payer is who is billed for a customer: its partner, where the bills name that
// one and not the customer itself.
func (l *ledger) payer(t *statement.Tenant) string {
	if id := register.PartnerPrefix + t.Partner; t.Partner != "" && !l.payers[t.ID] && l.payers[id] {
		return id
	}
	return t.ID
}

// own says that a tenant is the provider itself, nobody that somebody is, or
// machines of nobody: none of them is billed.
func own(t *statement.Tenant) bool {
	return t.Internal || t.ID == register.Unassigned || t.ID == register.Shared
}

// due is what is to be billed to a payer of an item.
type due struct {
	payer   string
	item    *item
	counted int
	expect  int            // what is to be billed: less what is free, or as many as was agreed
	prices  []prices.Price // of the sales list, each once
	whole   bool           // whether each customer behind the payer has one
	partial []partial      // of the customers behind it
	reason  string         // why it is not what was counted
}

// partial is one customer's part of what is due.
type partial struct {
	tenant  *statement.Tenant
	product string
	counted int
	expect  int
	price   prices.SalesPrice
	known   bool
	reason  string
}

// agreement is what was agreed with a customer on a product: the decision that
// counts, by the customer and the product, before any product, before any
// customer; of several alike the last.
func (l *ledger) agreement(x *item, payers ...string) *register.Decision {
	var keys []string
	for _, who := range payers {
		for _, p := range append(slices.Clone(x.products), x.part, "*") {
			if p != "" {
				keys = append(keys, register.BilledKey(who, p))
			}
		}
	}
	for _, key := range keys {
		if d := l.decided(key); d != nil {
			return d
		}
	}
	return nil
}

func (l *ledger) decided(key string) *register.Decision {
	for i := len(l.Decisions) - 1; i >= 0; i-- {
		if d := &l.Decisions[i]; strings.EqualFold(d.Key, key) && (!d.Until.Set || d.Until.Day >= l.Month.LastDay()) {
			return d
		}
	}
	return nil
}

// Agreed is how many a decision says are billed; false where it says none.
func Agreed(decision register.Answer) (int, bool) {
	if decision == register.Free {
		return 0, true
	}
	n, err := decimal.NewFromString(string(decision))
	if err != nil || !n.IsInteger() || n.IsNegative() || len(decision) > 9 {
		return 0, false
	}
	return int(n.IntPart()), true
}

func because(d *register.Decision) string { return d.By + ": " + d.Reason }

// dues are what is to be billed, by payer and item, in the order of the
// customers and of the rules.
func (l *ledger) dues() []*due {
	at := map[string]*due{}
	var out []*due
	for i := range l.Statement.Tenants {
		t := &l.Statement.Tenants[i]
		if own(t) {
			continue
		}
		payer := l.payer(t)
		perItem, counts := map[*item]int{}, map[*item]string{} // and the product that is counted
		var order []*item
		for j := range t.Lines {
			n := &t.Lines[j]
			x := l.of[n.Product]
			if _, ok := perItem[x]; !ok {
				order = append(order, x)
			}
			perItem[x] += n.Quantity
			if counts[x] == "" && n.Quantity > 0 {
				counts[x] = n.Product
			}
		}
		for _, x := range order {
			key := payer + "\x00" + x.id()
			u := at[key]
			if u == nil {
				u = &due{payer: payer, item: x, whole: true}
				at[key], out = u, append(out, u)
			}
			p := partial{tenant: t, product: x.id(), counted: perItem[x], expect: perItem[x]}
			if d := l.agreement(x, t.ID); d != nil {
				p.agree(d)
			} else if d := l.agreement(x, register.PartnerPrefix+t.Partner); d != nil && t.Partner != "" && d.Decision == register.Free {
				p.agree(d) // how many of several customers it is, a number for all does not say
			} else if d := l.agreement(x, "*"); d != nil {
				p.agree(d)
			}
			for _, product := range append([]string{cmp.Or(counts[x], x.id())}, x.products...) {
				if s, ok := l.Sales.For(t.ID, product, l.Month); ok && !p.known {
					p.price, p.known, p.product = s, true, product
				}
			}
			u.add(p)
		}
	}
	for _, u := range out {
		if !strings.HasPrefix(u.payer, register.PartnerPrefix) {
			continue
		}
		if d := l.agreement(u.item, u.payer); d != nil {
			if n, ok := Agreed(d.Decision); ok {
				u.expect, u.reason = n, because(d)
			}
		}
	}
	return out
}

// agree takes how many a decision says are billed, where it says so.
func (p *partial) agree(d *register.Decision) {
	if n, ok := Agreed(d.Decision); ok {
		p.expect, p.reason = n, because(d)
	}
}

func (u *due) add(p partial) {
	u.counted, u.expect = u.counted+p.counted, u.expect+p.expect
	if p.reason != "" {
		u.reason = p.reason
	}
	u.partial = append(u.partial, p)
	if !p.known {
		u.whole = u.whole && p.counted == 0 && p.expect == 0
		return
	}
	for _, have := range u.prices {
		if have.Unit.Equal(p.price.Unit) && have.Currency == p.price.Currency {
			return
		}
	}
	u.prices = append(u.prices, prices.Price{Unit: p.price.Unit, Currency: p.price.Currency})
}
