package prices

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

func date(t *testing.T, s string) month.OptionalDay {
	t.Helper()
	var d month.OptionalDay
	if err := d.UnmarshalText([]byte(s)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Rounded half up by hand: 4.6132 × 190 = 876.508, the rest as shown.
func TestAmount(t *testing.T) {
	for _, c := range []struct {
		quantity   int
		unit, want string
	}{
		{190, "4.6132", "876.51"},
		{1, "0.005", "0.01"},   // a half goes up
		{1, "0.015", "0.02"},   // also to an even cent
		{1, "0.025", "0.03"},   // and to an odd one
		{1, "0.0049", "0.00"},  // less than a half goes down
		{3, "0.335", "1.01"},   // 1.005 exactly, which no float is
		{7, "1.0650", "7.46"},  // 7.455
		{0, "4.6132", "0.00"},  // nothing costs nothing
		{-1, "0.005", "-0.01"}, // away from zero
		{1000000000, "0.00000001", "10.00"},
	} {
		if got := Amount(c.quantity, decimal.RequireFromString(c.unit)).StringFixed(2); got != c.want {
			t.Errorf("%d × %s: got %s, want %s", c.quantity, c.unit, got, c.want)
		}
	}
}

// More units never cost less.
func TestAmountGrows(t *testing.T) {
	unit := decimal.RequireFromString("0.0033")
	for q := range 1000 {
		if Amount(q+1, unit).LessThan(Amount(q, unit)) {
			t.Fatalf("%d cost more than %d", q, q+1)
		}
	}
}

func TestFor(t *testing.T) {
	price := func(part, unit, from, until string) Price {
		return Price{PartNumber: part, Unit: decimal.RequireFromString(unit), From: date(t, from), Until: date(t, until)}
	}
	list := List{
		price("A", "1", "2025-01-01", "2025-12-31"),
		price("A", "2", "2026-01-01", ""),
		price("A", "3", "2026-03-15", ""), // within March: from April on
		price("B", "4", "", "2026-01-31"), // from ever
		price("B", "5", "2026-02-01", ""),
		price("C", "6", "2026-02-02", ""),
	}
	for _, c := range []struct {
		part  string
		month time.Month
		want  string
	}{
		{"A", 1, "2"}, {"A", 3, "2"}, {"a", 4, "3"}, {"B", 1, "4"}, {"B", 2, "5"}, {"C", 2, ""}, {"C", 3, "6"}, {"D", 1, ""},
	} {
		for _, reversed := range []bool{false, true} { // the order of the rows decides nothing
			l := list
			if reversed {
				l = nil
				for i := range list {
					l = append(l, list[len(list)-1-i])
				}
			}
			p, ok := l.For(c.part, month.New(2026, c.month, time.UTC))
			if ok != (c.want != "") || ok && p.Unit.String() != c.want {
				t.Errorf("%s in %s, reversed %v: got %s, %v; want %q", c.part, c.month, reversed, p.Unit, ok, c.want)
			}
		}
	}
	// December 2025 is still the old price, and before 2025 there is none.
	if p, _ := list.For("A", month.New(2025, 12, time.UTC)); p.Unit.String() != "1" {
		t.Error(p)
	}
	if _, ok := list.For("A", month.New(2024, 12, time.UTC)); ok || !list.Knows("a") || list.Knows("D") {
		t.Error("a price before its time, or a part number that is not known")
	}
}

func TestSalesFor(t *testing.T) {
	price := func(tenant, product, unit, from, until string) SalesPrice {
		return SalesPrice{Tenant: tenant, Product: product, Unit: decimal.RequireFromString(unit), From: date(t, from), Until: date(t, until)}
	}
	list := Sales{
		price("alfa", "rds", "1", "", "2026-06-30"),
		price("*", "rds", "2", "2026-01-01", ""),
		price("*", "rds", "3", "2026-04-01", ""),
	}
	for _, c := range []struct {
		tenant, product string
		month           time.Month
		want            string
	}{
		{"alfa", "rds", 6, "1"},  // its own before a later one of all
		{"alfa", "rds", 7, "3"},  // its own ended
		{"bravo", "rds", 3, "2"}, // of all
		{"bravo", "rds", 4, "3"}, // the later one
		{"bravo", "sql", 4, ""},
	} {
		for _, l := range []Sales{list, {list[2], list[1], list[0]}} {
			p, ok := l.For(c.tenant, c.product, month.New(2026, c.month, time.UTC))
			if ok != (c.want != "") || ok && p.Unit.String() != c.want {
				t.Errorf("%s, %s in %s: got %s, %v; want %q", c.tenant, c.product, c.month, p.Unit, ok, c.want)
			}
		}
	}
}
