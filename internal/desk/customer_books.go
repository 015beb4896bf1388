package desk

import (
	"cmp"
	"sync"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/closing/monthend"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// book is what a customer is to be billed at the sales list's prices, and what
// it was billed.
type book struct {
	Any      bool // something is to be billed
	Due      decimal.Decimal
	Unpriced bool // the sales list lacks a price of it
	Currency string
	Was      bool // bills name it
	Billed   decimal.Decimal
	Partner  bool // bills name its partner in its place
	Mixed    bool // in several currencies, which nobody adds up
	Off      bool // they differ, and nobody agreed to it
}

// bookSums add up a list of customers.
type bookSums struct {
	Amount, Diff, Due, Billed decimal.Decimal
	Currency, Sold            string
	Mixed                     bool // the books are in several currencies
	Unpriced                  bool // the amount lacks what has no price
	HasDiff                   bool // the difference is known of all
}

// billsOf are the bills that were entered up to a revision; nil where none were.
func billsOf(h *head) []statement.BilledLine {
	if bills, entered := books.Billed(h.acts()); entered {
		return append([]statement.BilledLine{}, bills...)
	}
	return nil
}

// customerBooks are the books of each customer, by its id: what the commands
// billing-lines and billed say of it.
func (s *Server) customerBooks(r *request, h *head) map[string]book {
	bills := billsOf(h)
	if len(r.set.Sales) == 0 && bills == nil || !r.who.role.names() {
		return nil
	}
	x := &s.booked
	x.mu.Lock()
	defer x.mu.Unlock()
	if key := h.Base + " " + h.Token; x.key != key || x.set != r.set {
		x.key, x.set, x.by = key, r.set, booksOf(r.set, h, bills)
	}
	return x.by
}

// booked are the books of the month that was looked at last, as they were with
// its acts and the tables then.
type booked struct {
	mu  sync.Mutex
	key string
	set *monthend.Setup
	by  map[string]book
}

func booksOf(set *monthend.Setup, h *head, bills []statement.BilledLine) map[string]book {
	out := map[string]book{}
	in := books.Input{Statement: h.res.Statement, Register: set.Register, Sales: set.Sales, Decisions: set.Decisions, Month: h.m}
	lines, _ := books.Billing(in)
	for i := range lines {
		l := &lines[i]
		b := out[l.Tenant]
		b.Any = true
		b.in(l.Currency)
		if l.Priced {
			b.Due = b.Due.Add(l.UnitPrice.Mul(decimal.NewFromInt(int64(l.Quantity))))
		} else {
			b.Unpriced = true
		}
		out[l.Tenant] = b
	}
	if bills == nil {
		return out
	}
	payers := map[string]bool{}
	for i := range bills {
		n := &bills[i]
		payers[n.Tenant] = true
		b := out[n.Tenant]
		b.Was = true
		b.in(n.Currency)
		if d, err := decimal.NewFromString(n.Amount); err == nil {
			b.Billed = b.Billed.Add(d)
		}
		out[n.Tenant] = b
	}
	in.Bills = bills
	for _, x := range books.Compare(in).Open() {
		b := out[x.Tenant]
		b.Off = true
		out[x.Tenant] = b
	}
	for i := range h.res.Tenants {
		t := &h.res.Tenants[i]
		if b := out[t.ID]; t.Partner != "" && !payers[t.ID] && payers[register.PartnerPrefix+t.Partner] {
			b.Partner = true
			out[t.ID] = b
		}
	}
	return out
}

// in takes a currency that an amount is in.
func (b *book) in(currency string) {
	b.Mixed = b.Mixed || currency != "" && b.Currency != "" && currency != b.Currency
	b.Currency = cmp.Or(b.Currency, currency)
}

// addUp adds up what a list of customers comes to, the part that is known.
func addUp(list []customerRow) *bookSums {
	x := &bookSums{HasDiff: len(list) > 0}
	for i := range list {
		c := &list[i]
		x.Amount, x.Currency = x.Amount.Add(c.Sums.amount), cmp.Or(x.Currency, c.Sums.currency)
		x.Unpriced = x.Unpriced || c.Sums.unpriced
		x.HasDiff = x.HasDiff && c.HasDiff
		x.Diff = x.Diff.Add(c.Diff)
		x.Due, x.Billed = x.Due.Add(c.Book.Due), x.Billed.Add(c.Book.Billed)
		x.Mixed = x.Mixed || c.Book.Mixed || c.Book.Currency != "" && x.Sold != "" && x.Sold != c.Book.Currency
		x.Sold = cmp.Or(x.Sold, c.Book.Currency)
	}
	return x
}
