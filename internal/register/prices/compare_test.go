package prices

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
)

// Exactly 10 % is not above 10 %. 3.333 to 3.6663 is exactly 10 %; to 3.66631
// it is 10.0003 %, which two decimals would hide.
func TestRise(t *testing.T) {
	for _, c := range []struct {
		old, new string
		above    bool
		text     string
	}{
		{"4.10", "4.51", false, "+10.00"},
		{"3.333", "3.6663", false, "+10.00"},
		{"3.333", "3.66631", true, "+10.0003"},
		{"20", "22.60", true, "+13.00"},
		{"6", "5", false, "-16.67"},
		{"3", "3", false, "0.00"},
		{"3", "4", true, "+33.33"},
		{"0", "1", true, "–"},
		{"0", "0", false, "–"},
	} {
		r := Difference(decimal.RequireFromString(c.old), decimal.RequireFromString(c.new))
		if r.Above(10) != c.above || r.Text() != c.text {
			t.Errorf("%s to %s: %v %s, want %v %s", c.old, c.new, r.Above(10), r.Text(), c.above, c.text)
		}
	}
}

// Alfa has a price of its own from 2027 on. 3 x 6.25 = 18.75 and 3 x 6.95 =
// 20.85: +2.10, +11.2 %. Bravo's product has no price in 2027: not comparable.
func TestCompare(t *testing.T) {
	d := func(y, m, day int) month.OptionalDay {
		return month.OptionalDay{Day: month.Date(y, time.Month(m), day), Set: true}
	}
	unit := decimal.RequireFromString
	sales := Sales{
		{Tenant: "*", Product: "rds", Currency: "EUR", Unit: unit("6.25"), Until: d(2026, 12, 31)},
		{Tenant: "alfa", Product: "rds", Currency: "EUR", Unit: unit("6.95"), From: d(2027, 1, 1)},
	}
	got := Compare([]Held{{"bravo", "rds", "", 2}, {"alfa", "rds", "", 3}, {"alfa", "none", "", 0}}, month.New(2026, 12, time.UTC), month.New(2027, 1, time.UTC), 10, sales.BySales)
	if len(got) != 2 || got[0].Tenant != "alfa" || !got[0].Above || got[0].Rise.Text() != "+11.20" || got[0].Effect.String() != "2.1" {
		t.Errorf("%+v", got)
	}
	if got[1].Comparable() || got[1].Above || got[1].Known || !got[1].OldKnown {
		t.Errorf("%+v", got[1])
	}
}
