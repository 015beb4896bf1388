package main

import (
	"context"
	"fmt"
	"io"

	"github.com/shopspring/decimal"

	"splameter/internal/atomicfile"
	"splameter/internal/otherwise"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
	"splameter/report"
)

// otherwise prints what a month's licences would cost otherwise.
func (c *savingsCmd) otherwise(ctx context.Context, a *app, st *statement.Statement) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	if s.Config.Otherwise == "" {
		return usageError("the config names no table of what licences would cost otherwise: write otherwise: and its path (docs/otherwise.md)")
	}
	list, faults := tables.Otherwise(s.Config.Otherwise, s.Register.Tenants)
	if err := faults.Err(); err != nil {
		return err
	}
	m, err := a.month(s, st.Month)
	if err != nil {
		return err
	}
	rows := otherwise.Compare(st, list, s.Prices, m)
	if c.XLSX != "" {
		in := report.Input{Statement: st, Config: s.Config, Register: s.Register, Sales: s.Sales, Month: m}
		if err := atomicfile.Write(c.XLSX, atomicfile.Normal, func(out io.Writer) error { return report.Otherwise(ctx, out, in, rows) }); err != nil {
			return fmt.Errorf("write what licences would cost otherwise: %w", err)
		}
	}
	if c.JSON {
		return a.json(struct {
			Month string          `json:"month"`
			Rows  []otherwise.Row `json:"rows"`
		}{st.Month, append([]otherwise.Row{}, rows...)})
	}
	a.printf("%s, %s\n", st.Month, number(len(rows), "other way", "other ways"))
	tenant := ""
	for i := range rows {
		r := &rows[i]
		if r.Tenant != tenant {
			tenant = r.Tenant
			a.printf("\n%s\n", clean(tenant))
		}
		what := clean(r.Way)
		if r.Product != "" {
			what += ", " + clean(r.Product)
		}
		if r.Instead != "" {
			what += " as " + clean(r.Instead)
		}
		a.printf("  %s: %d now %s, then %s, saves %s %s\n    assumed: %s\n", what, r.Units, amount(r.Now), amount(r.Then), difference(r.Saves), clean(r.Currency), clean(r.Assumption))
	}
	if c.XLSX != "" {
		a.printf("%s\n", c.XLSX)
	}
	return nil
}

func difference(d *decimal.Decimal) string {
	if d == nil {
		return "not known"
	}
	return signed(*d)
}
