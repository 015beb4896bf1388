package otherwise

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// A customer with 3 of Plus at 3.333 (10.00), two of whose persons have Office,
// one of them by their own licence; 4 of RDS at 4.10 (16.40). Own use and what
// belongs to nobody are no customer's. By hand:
//
//	Office at 11.70: nothing, since the customer has none that is paid
//	RDS at 5.10, at least 5: 16.40 now, 25.50 then, 9.10 dearer
//	Plus as Standard, at 3.00 of the price list, for who has Office: 2, 6.67 now, 6.00 then
//	Plus at a price in dollars: not known, and no zero
//	Plus as a product without a price: not known
func TestCompare(t *testing.T) {
	line := func(product, unit string, n int) statement.Line {
		return statement.Line{Product: product, Quantity: n, UnitPrice: unit, Currency: "EUR"}
	}
	st := &statement.Statement{
		Products: []statement.Product{{ID: "plus", PartNumber: "P"}, {ID: "std", PartNumber: "S"}, {ID: "none", PartNumber: "N"}},
		Tenants: []statement.Tenant{
			{ID: "a", Lines: []statement.Line{line("plus", "3.333", 3), line("rds", "4.10", 4), {Product: "office-std", Excluded: 1}}},
			{ID: "own", Internal: true, Lines: []statement.Line{line("rds", "4.10", 9)}},
			{ID: "-unassigned", Lines: []statement.Line{line("rds", "4.10", 1)}},
		},
		Persons: statement.PersonsOf(
			statement.Person{Tenant: "a", Key: "1", Product: "plus", Units: 1}, statement.Person{Tenant: "a", Key: "1", Product: "office-std", Units: 1, Excluded: &statement.Exclusion{ID: "X"}},
			statement.Person{Tenant: "a", Key: "2", Product: "plus", Units: 1}, statement.Person{Tenant: "a", Key: "2", Product: "office-pro", Units: 1},
			statement.Person{Tenant: "a", Key: "3", Product: "plus", Units: 1}),
		Advice: []statement.Advice{
			{Code: statement.AdviceIdle, Tenant: "a", Saves: "4.10"},
			{Code: statement.AdviceWindows, Tenant: "a", Count: 10, Now: "400.00", Then: "240.00", Saves: "160.00", Money: "EUR", Message: "m", Action: "do"},
		},
	}
	d := decimal.RequireFromString
	list := []prices.Alternative{
		{Way: "fvb", Tenant: "*", Product: "office-*", Unit: d("11.70"), Currency: "EUR", Assumption: "x"},
		{Way: "csp", Tenant: "*", Product: "rds", Unit: d("5.10"), Currency: "EUR", Minimum: 5, Assumption: "x"},
		{Way: "std", Tenant: "a", Product: "plus", Instead: "std", Only: "office-*", Assumption: "x"},
		{Way: "usd", Tenant: "*", Product: "plus", Unit: d("1"), Currency: "USD", Assumption: "x"},
		{Way: "unpriced", Tenant: "*", Product: "plus", Instead: "none", Assumption: "x"},
		{Way: "itself", Tenant: "*", Product: "std*", Instead: "std", Assumption: "x"},
		{Way: "later", Tenant: "*", Product: "rds", Unit: d("1"), Currency: "EUR", Assumption: "x", From: month.OptionalDay{Day: month.Date(2026, 11, 1), Set: true}},
	}
	bought := prices.List{{PartNumber: "S", Currency: "EUR", Unit: d("3.00")}}
	var got []string
	text := func(x *decimal.Decimal) string {
		if x == nil {
			return "-"
		}
		return x.StringFixed(2)
	}
	for _, r := range Compare(st, list, bought, month.New(2026, time.October, time.UTC)) {
		got = append(got, strings.Join([]string{r.Tenant, r.Way, fmt.Sprintf("%d/%d", r.Units, r.Paid), text(r.Now), text(r.Then), text(r.Saves)}, " "))
		if r.Assumption == "" {
			t.Errorf("%s of %s rests on nothing", r.Way, r.Product)
		}
	}
	want := []string{
		"a windows-edition 10/10 400.00 240.00 160.00",
		"a std 2/2 6.67 6.00 0.67",
		"a unpriced 3/3 10.00 - -",
		"a usd 3/3 10.00 - -",
		"a csp 4/5 16.40 25.50 -9.10",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
