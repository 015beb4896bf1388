package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/closing/forecast"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

type forecastCmd struct {
	Month string `help:"The month that runs, as YYYY-MM. Default: the present one." placeholder:"YYYY-MM"`
	JSON  bool   `help:"Print it as JSON." name:"json"`
}

func (forecastCmd) Help() string {
	return `Says what the month that runs comes to so far, what it will come to if nothing
changes until its end, and which customers are off their own line: by two
licences and more than checks: quantity_jump percent off where their last six
months lead. "If nothing changes" carries what was read last on to the last day
and counts it by the same rules, so that an exclusion that ends and a right that
begins in the month are in it; hosts that were not read yet are as last month.
Whoever had access counts already. It changes nothing but
out/MONTH/forecast-MONTH.json, which the desk shows.

Examples:
  splameter forecast
  splameter forecast --month 2026-10 --json`
}

func (c *forecastCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	m := month.Of(a.now(), s.Config.Provider.Location)
	if c.Month != "" {
		if m, err = a.month(s.Setup, c.Month); err != nil {
			return err
		}
	}
	f, err := monthend.Forecast(ctx, s.Store, s.Setup, m, monthend.Options{Version: programVersion(), Workers: a.workers()})
	if err != nil {
		return err
	}
	if f.Until == "" {
		return fmt.Errorf("no directory was read in %s: what it will come to is not known; collect first with splameter collect, or name another month with --month", m)
	}
	if err := s.PutForecast(m, f); err != nil {
		return err
	}
	if c.JSON {
		return a.json(f)
	}
	a.forecast(s.Setup, f)
	return nil
}

func (a *app) forecast(s *monthend.Setup, f *forecast.Forecast) {
	a.printf("%s, read up to %s, %s left\n\n", f.Month, f.Until, days(f.Left))
	a.printf("%-20s %-16s %10s %8s %12s %8s %14s\n", "product", "part number", "last month", "so far", "if nothing", "change", "amount")
	a.printf("%-20s %-16s %10s %8s %12s %8s %14s\n", "", "", "", "", "changes", "", "")
	sums := map[string]decimal.Decimal{}
	for i := range f.Lines {
		l := &f.Lines[i]
		before, change := "n/a", "n/a"
		if l.Compared {
			before, change = strconv.Itoa(l.Previous), signedInt(l.Ahead-l.Previous)
		}
		is := "–"
		if l.SoFar != nil {
			is = strconv.Itoa(*l.SoFar)
		}
		amount := "not known"
		if d, err := decimal.NewFromString(l.Amount); err == nil {
			amount, sums[l.Currency] = l.Currency+" "+d.StringFixed(2), sums[l.Currency].Add(d)
		}
		a.printf("%-20s %-16s %10s %8s %12d %8s %14s\n", clean(l.Product), clean(l.PartNumber), before, is, l.Ahead, change, clean(amount))
	}
	var codes []string
	for c := range sums {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	for _, c := range codes {
		a.printf("%-20s %-16s %10s %8s %12s %8s %14s\n", "total", "", "", "", "", "", clean(strings.TrimSpace(c+" "+sums[c].StringFixed(2))))
	}
	if len(f.Customers) == 0 {
		a.printf("\nNo customer is off its own line.\n")
		return
	}
	a.printf("\nOff their own line:\n  %-28s %-20s %10s %8s %12s %8s %14s\n", "customer", "product", "last month", "own line", "if nothing", "off by", "amount")
	for i := range f.Customers {
		x := &f.Customers[i]
		name := books.Customer(s.Register, &statement.Statement{}, x.Tenant)
		a.printf("  %-28s %-20s %10d %8d %12d %8s %14s\n", clean(safetext.Clip(name, 28)), clean(x.Product), x.Previous, x.Own, x.Ahead, signedInt(x.Off), clean(strings.TrimSpace(cmp.Or(x.Currency, "")+" "+x.Amount)))
	}
}
