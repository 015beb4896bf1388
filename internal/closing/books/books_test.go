package books_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

type line = statement.Line

func lines(unit map[string]string, quantities ...any) []line {
	parts := map[string]string{"rds": "R", "office": "O", "visio": "V", "visio-old": "V", "win": "W"}
	var out []line
	for i := 0; i < len(quantities); i += 2 {
		id := quantities[i].(string)
		out = append(out, line{Product: id, PartNumber: parts[id], Unit: statement.UnitUser, Quantity: quantities[i+1].(int), UnitPrice: unit[id], Currency: "EUR"})
	}
	return out
}

// A provider with two customers of its own, two of the partner kompas, its own
// use, one person of nobody and a host of all. RDS is sold at 6.00 (4.00 is
// paid), Office at 20.00, Visio at 10.00; Windows has no sales price, and 40.00
// is paid for it. Two products count Visio's one part number.
//
//	rds 5 + 3 + 4 + 2 + 1 own + 1 nobody's = 16; office 5; visio 1 + 1 old = 2; win 8
func scene(bills ...statement.BilledLine) books.Input {
	tenants := []statement.Tenant{
		{ID: "a", Name: "A B.V.", Lines: lines(nil, "rds", 5, "office", 5)},
		{ID: "b", Name: "B B.V.", Lines: lines(nil, "rds", 3, "visio", 1, "visio-old", 1)},
		{ID: "c", Name: "C B.V.", Partner: "kompas", Lines: lines(nil, "rds", 4)},
		{ID: "d", Name: "D B.V.", Partner: "kompas", Lines: lines(nil, "rds", 2)},
		{ID: "own", Name: "Us", Internal: true, Lines: lines(nil, "rds", 1)},
		{ID: register.Unassigned, Lines: lines(nil, "rds", 1)},
		{ID: register.Shared, Lines: lines(nil, "win", 8)},
	}
	st := &statement.Statement{Month: "2026-10", Tenants: tenants,
		Lines: lines(map[string]string{"rds": "4.00", "office": "15.00", "visio": "8.00", "win": "40.00"}, "rds", 16, "office", 5, "visio", 1, "visio-old", 1, "win", 8)}
	price := func(tenant, product, unit string) prices.SalesPrice {
		return prices.SalesPrice{Tenant: tenant, Product: product, Currency: "EUR", Unit: decimal.RequireFromString(unit)}
	}
	return books.Input{Statement: st, Bills: bills, Month: month.New(2026, time.October, time.UTC),
		Sales:    prices.Sales{price("*", "rds", "6.00"), price("*", "office", "20.00"), price("*", "visio", "10.00"), price("*", "BUNDLE", "30.00")},
		Register: &register.Register{Partners: []register.Partner{{ID: "kompas", Name: "Kompas"}}}}
}

func bill(tenant, product, quantity, price, amount string) statement.BilledLine {
	return statement.BilledLine{Tenant: tenant, Products: strings.Split(product, "+"), Article: "x", Quantity: quantity, UnitPrice: price, Amount: amount, Currency: "EUR"}
}

// whole is a bill with which nothing differs.
func whole() []statement.BilledLine {
	return []statement.BilledLine{bill("a", "rds", "5", "6.00", "30.00"), bill("a", "office", "5", "20", "100.00"),
		bill("b", "rds", "3", "6.00", "18.00"), bill("b", "visio", "2", "10.00", "20.00"), bill("c", "rds", "4", "6.00", "24.00"), bill("d", "rds", "2", "6.00", "12.00")}
}

func shown(all []statement.BilledDifference) []string {
	var out []string
	for _, d := range all {
		agreed := ""
		if d.Agreed != "" {
			agreed = " agreed"
		}
		cost := ""
		if d.Cost {
			cost = " cost"
		}
		out = append(out, strings.Join([]string{d.Tenant + d.Customer, strings.Join(d.Products, "+"), string(d.What), d.Counted + "→" + d.Billed, d.Units, d.Amount}, " ")+cost+agreed)
	}
	return out
}

func TestCompare(t *testing.T) {
	agree := func(key string, decision register.Answer, until string) register.Decision {
		d := register.Decision{Key: key, Decision: decision, By: "C", Reason: "agreed"}
		if until != "" {
			if err := d.Until.UnmarshalText([]byte(until)); err != nil {
				t.Fatal(err)
			}
		}
		return d
	}
	for name, c := range map[string]struct {
		bills     []statement.BilledLine
		decisions []register.Decision
		want      []string
		unpriced  string
	}{
		"as the annexes":               {bills: whole()},
		"by the partner":               {bills: append(whole()[:4], bill("partner:kompas", "rds", "6", "6.00", "36.00"))},
		"not billed":                   {bills: whole()[:5], want: []string{"d rds not billed 2→0 -2 -12.00"}},
		"too little":                   {bills: append(whole()[1:], bill("a", "rds", "4", "6", "24")), want: []string{"a rds billed too little 5→4 -1 -6.00"}},
		"a part of the month too much": {bills: append(whole(), bill("a", "rds", "0.5", "6", "3.00")), want: []string{"a rds billed too much 5→5.5 0.5 3.00"}},
		"nothing counted":              {bills: append(whole(), bill("c", "office", "2", "20", "40.00")), want: []string{"c office billed, nothing counted 0→2 2 40.00"}},
		"own use":                      {bills: append(whole(), bill("own", "rds", "1", "6", "6.00")), want: []string{"own rds billed, own use 0→1 1 6.00"}},
		"nobody knows the customer":    {bills: append(whole()[1:], statement.BilledLine{Customer: "A", Products: []string{"rds"}, Quantity: "5", UnitPrice: "6", Currency: "EUR"}), want: []string{"A rds customer not known 0→5 5 30.00", "a rds not billed 5→0 -5 -30.00"}},
		"nobody knows the article":     {bills: append(whole(), statement.BilledLine{Tenant: "a", Article: "WIFI", Quantity: "1", Amount: "9.00", Currency: "EUR"}), want: []string{"a  article not known →1 1 9.00"}},
		"no quantity":                  {bills: append(whole(), statement.BilledLine{Tenant: "a", Products: []string{"rds"}, Amount: "9.00", Currency: "EUR"}), want: []string{"a rds quantity not known →  9.00"}},
		"another price":                {bills: append(whole()[1:], bill("a", "rds", "5", "5.50", "27.50")), want: []string{"a rds price 6→5.5  -2.50"}},
		"a discount":                   {bills: append(whole()[1:], statement.BilledLine{Tenant: "a", Products: []string{"rds"}, Quantity: "5", UnitPrice: "6.00", Amount: "27.00", Allowance: "-3", Currency: "EUR"}), want: []string{"a rds price 6→6 -3  -3.00"}},
		"an amount and no price":       {bills: append(whole()[1:], bill("a", "rds", "5", "", "20.00")), want: []string{"a rds price 6→4  -10.00"}},
		"two wrong prices that cancel": {bills: append(whole()[1:], bill("a", "rds", "2", "5", "10.00"), bill("a", "rds", "2", "7", "14.00"), bill("a", "rds", "1", "6", "6")), want: []string{"a rds price 6→5, 7  0.00"}},
		"multiplied wrong":             {bills: append(whole()[1:], bill("a", "rds", "5", "6.00", "300.00")), want: []string{"a rds quantity times unit price 30.00→300.00  270.00"}},
		"dollars":                      {bills: append(whole()[1:], statement.BilledLine{Tenant: "a", Products: []string{"rds"}, Quantity: "5", UnitPrice: "6", Amount: "30", Currency: "USD"}), want: []string{"a rds currency EUR→USD  "}},
		"a cent a line":                {bills: append(whole()[1:], statement.BilledLine{Tenant: "a", Products: []string{"rds"}, Quantity: "5", UnitPrice: "6", Amount: "30.02", Currency: "EUR", Lines: 2})},
		"credited":                     {bills: append(whole(), bill("a", "rds", "2", "6", "12"), bill("a", "rds", "-2", "6", "-12"))},
		// 5 bundles are 5 of each; 30.00 is the article's own row of the list.
		"a bundle":              {bills: append(whole()[2:], statement.BilledLine{Tenant: "a", Products: []string{"rds", "office"}, Article: "BUNDLE", Quantity: "5", UnitPrice: "30", Amount: "150", Currency: "EUR"})},
		"a bundle without list": {bills: append(whole()[2:], bill("a", "rds+office", "4", "31", "124")), want: []string{"a office billed too little 5→4 -1 -20.00", "a rds billed too little 5→4 -1 -6.00"}, unpriced: "a rds+office"},
		"no sales price":        {bills: append(whole(), bill("b", "win", "1", "50", "50.00")), want: []string{"b win billed, nothing counted 0→1 1 50.00"}, unpriced: "b win"},
		"a free month":          {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|rds", register.Free, "2026-12-31")}},
		"free, and billed":      {bills: whole(), decisions: []register.Decision{agree("billed|a|rds", register.Free, "2026-10-31")}, want: []string{"a rds billed too much 0→5 5 30.00"}},
		"free until yesterday":  {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|rds", register.Free, "2026-09-30")}, want: []string{"a rds not billed 5→0 -5 -30.00"}},
		"a flat number":         {bills: append(whole()[1:], bill("a", "rds", "9", "6", "54")), decisions: []register.Decision{agree("billed|a|rds", "9", "2026-12-31")}},
		"agreed, whatever it is": {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|*", register.Accepted, "2026-12-31")},
			want: []string{"a rds not billed 5→0 -5 -30.00 agreed"}},
		"agreed without an end": {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|rds", register.Accepted, "")}, want: []string{"a rds not billed 5→0 -5 -30.00"}},
		"agreed as it is": {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|rds|not billed|5|0", register.Accepted, "")},
			want: []string{"a rds not billed 5→0 -5 -30.00 agreed"}},
		"agreed as it was": {bills: whole()[1:], decisions: []register.Decision{agree("billed|a|rds|not billed|4|0", register.Accepted, "")},
			want: []string{"a rds not billed 5→0 -5 -30.00"}},
		"the worst first": {bills: whole()[2:5], want: []string{"a office not billed 5→0 -5 -100.00", "a rds not billed 5→0 -5 -30.00", "d rds not billed 2→0 -2 -12.00"}},
	} {
		in := scene(c.bills...)
		in.Decisions = c.decisions
		got := books.Compare(in)
		if diff := cmp.Diff(c.want, shown(got.Differences)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		var unpriced []string
		for _, u := range got.Unpriced {
			unpriced = append(unpriced, u.Tenant+" "+strings.Join(u.Products, "+"))
		}
		if s := strings.Join(unpriced, ", "); s != c.unpriced {
			t.Errorf("%s: without a price: %q", name, s)
		}
		ties(t, name, in)
	}
}

// ties holds every tie-out against itself: what is billed, own use and not
// charged differ from what is reported by exactly the causes that are told.
func ties(t *testing.T, name string, in books.Input) {
	t.Helper()
	reported := 0
	for _, r := range books.TieOut(in, true, books.Invoice{}) {
		reported += r.Reported
		sum, tied := decimal.Zero, decimal.Zero
		for _, k := range r.Causes {
			n, err := decimal.NewFromString(k.Units)
			switch {
			case err != nil:
			case k.Ties:
				tied = tied.Add(n)
			default:
				sum = sum.Add(n)
			}
		}
		if sum.String() != r.FromBilled || !tied.Equal(decimal.NewFromInt(int64(r.Own+r.NotCharged))) {
			t.Errorf("%s: %s%s is off by %s, and its causes by %s; own use and not charged are %d, and their causes %s", name, r.PartNumber, r.Article, r.FromBilled, sum, r.Own+r.NotCharged, tied)
		}
	}
	if reported != 31 {
		t.Errorf("%s: %d of 31 reported", name, reported)
	}
}
