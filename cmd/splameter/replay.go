package main

import (
	"context"
	"errors"
	"fmt"
	"sort"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/register/prices"
	"splameter/internal/register/tables"
	"splameter/internal/store"
	"splameter/rules"
)

type replayCmd struct {
	Rules  string `help:"Another rule file." placeholder:"FILE" type:"existingfile"`
	Prices string `help:"Another price file." placeholder:"FILE" type:"existingfile"`
	Months string `help:"The months, as YYYY-MM..YYYY-MM." required:"" placeholder:"A..B"`
}

func (replayCmd) Help() string {
	return `Counts past months with other rules or other prices, and shows by month and part
number what they would have given, in quantity and money. Sealed months are
counted from their sealed facts and settings. Nothing is kept.

Examples:
  splameter replay --rules new.yaml --months 2026-01..2026-10
  splameter replay --prices 2027.csv --months 2026-10`
}

func (c *replayCmd) Run(ctx context.Context, a *app) error {
	if c.Rules == "" && c.Prices == "" {
		return usageError(closing.ErrNothing.Error())
	}
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	from, until, err := a.monthRange(s.Setup, c.Months)
	if err != nil {
		return err
	}
	var set *rules.Set
	var list prices.List
	if c.Rules != "" {
		other, faults := monthend.LoadRules(c.Rules)
		if err := faults.Err(); err != nil {
			return err
		}
		set = other
	}
	if c.Prices != "" {
		other, faults := tables.Prices(c.Prices, s.Config.Report.Alias)
		if err := faults.Err(); err != nil {
			return err
		}
		list = append(prices.List{}, other...)
	}
	d := s.Desk
	sum := totals{}
	missing := false
	a.printf("%-8s %-16s %-20s %8s %8s %8s %14s %14s %14s\n", "month", "part number", "product", "old", "new", "change", "old amount", "new amount", "change")
	for m := from; m.Number() <= until.Number(); m = m.Add(1) {
		r, err := d.Replay(ctx, m, set, list)
		if errors.Is(err, store.ErrNone) {
			a.printf("%-8s no facts\n", m)
			missing = true
			continue
		}
		if err != nil {
			return err
		}
		missing = missing || !r.Complete
		a.replayed(r, sum)
	}
	a.totals(sum)
	if missing {
		return errIncomplete
	}
	return nil
}

// totals are the sums by currency; unknown counts the lines that lack a price.
type totals map[string]*total

type total struct {
	old, is decimal.Decimal
	unknown int
}

func (a *app) replayed(r *closing.Replayed, sum totals) {
	note := ""
	if !r.Sealed {
		note = " (not sealed: from the store, with today's settings)"
	}
	if !r.Complete {
		note += " (incomplete)"
	}
	if note != "" {
		a.printf("%-8s%s\n", r.Month, note)
	}
	for i := range r.Lines {
		x := &r.Lines[i]
		change := "not known"
		t := sum[x.Currency]
		if t == nil {
			t = &total{}
			sum[x.Currency] = t
		}
		if x.OldAmount != nil && x.NewAmount != nil {
			change = signed(x.NewAmount.Sub(*x.OldAmount))
			t.old, t.is = t.old.Add(*x.OldAmount), t.is.Add(*x.NewAmount)
		} else {
			t.unknown++
		}
		a.printf("%-8s %-16s %-20s %8d %8d %+8d %14s %14s %14s %s\n", r.Month, clean(x.PartNumber), clean(x.Products), x.Old, x.New, x.New-x.Old,
			amount(x.OldAmount), amount(x.NewAmount), change, x.Currency)
	}
	for _, s := range r.Skipped {
		a.printf("%-8s the correction by hand of %s has no line in the other rules\n", r.Month, clean(s))
	}
}

func (a *app) totals(sum totals) {
	var currencies []string
	for k := range sum {
		currencies = append(currencies, k)
	}
	sort.Strings(currencies)
	for _, k := range currencies {
		t := sum[k]
		if k != "" {
			a.printf("%-80s %14s %14s %14s %s\n", "together", t.old.StringFixed(2), t.is.StringFixed(2), signed(t.is.Sub(t.old)), k)
		}
		if t.unknown > 0 {
			a.printf("%s without a price: their money is in no sum\n", lines(t.unknown))
		}
	}
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

func amount(d *decimal.Decimal) string {
	if d == nil {
		return "not known"
	}
	return d.StringFixed(2)
}

func signed(d decimal.Decimal) string {
	if d.IsNegative() {
		return d.StringFixed(2)
	}
	return "+" + d.StringFixed(2)
}
