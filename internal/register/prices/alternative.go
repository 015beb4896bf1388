package prices

import (
	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// Alternative is another way to license what a customer uses, as the provider
// states it: what it costs a month, under which assumption. Nothing is counted
// by it.
type Alternative struct {
	Way     string // what the provider calls it, such as flexible virtualization
	Tenant  string // id, or * for all
	Product string // glob over product ids
	// Only narrows it to persons for whom such a product, a glob, is counted or
	// excluded too; empty: all.
	Only string
	// Instead is a product of the rules that is owed in place of it, at its
	// purchase price; empty: Unit is the price.
	Instead     string
	Unit        decimal.Decimal // of what stands for one unit of the product
	Currency    string
	Minimum     int // units that are paid at least
	Assumption  string
	From, Until month.OptionalDay
	Line        int
}
