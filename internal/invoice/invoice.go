// Package invoice is the noun for what somebody is charged: the reseller's
// invoice to the provider, and the provider's to its customers. It reads no
// files (packages tables and ubl do) and compares nothing.
package invoice

import "github.com/shopspring/decimal"

// Line is one line of an invoice, of a credit note with its sign turned, or of
// a list out of an accounting program.
type Line struct {
	Article   string   // what it is called by whoever sells it; empty: the line names none
	Also      []string // the buyer's and the maker's numbers for it
	Text      string
	Quantity  Number
	UnitPrice Number
	// Allowance is what the line's own charges add, less its discounts: the
	// amount is quantity times price, and this.
	Allowance decimal.Decimal
	Amount    Number
	Currency  string
	Customer  []string // by what a list tells whom the line is for: number, name
	Place     string   // such as line 12
}

// Number is a number that may be missing: missing is not zero.
type Number struct {
	decimal.Decimal
	Known bool
}

// Of is a known number.
func Of(d decimal.Decimal) Number { return Number{d, true} }

// Names are all names of the line's article, the seller's own first.
func (l *Line) Names() []string {
	var out []string
	for _, n := range append([]string{l.Article}, l.Also...) {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// Document is one invoice or credit note, or a list of many lines.
type Document struct {
	File     string
	Number   string
	Date     string // YYYY-MM-DD; empty: it does not say
	Currency string
	Credit   bool     // a credit note: its lines have their signs turned
	Customer []string // whom it is to: the buyer's numbers and name
	Lines    []Line
	Total    Number // what it says its lines come to, before tax
}
