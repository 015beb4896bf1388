package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type approveCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	By     string `help:"Who approves it." required:"" placeholder:"NAME"`
	Reason string `help:"What the approval goes by." placeholder:"TEXT"`
	Show   bool   `help:"Only show what would be approved."`
}

func (approveCmd) Help() string {
	return `Records who found the draft right, and writes the month's files anew,
without DRAFT on them. A month with a gap, or with a finding of severity error,
is refused until each is accepted by name: see splameter accept. It prints what
is approved: every line with last month beside it, the total, what was accepted
and corrected, and the high findings that stay open; --show prints only that.

Examples:
  splameter approve --month 2026-10 --by "C. de Vries"`
}

func (c *approveCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		if c.Show {
			t, err := d.Issued(ctx, m, false)
			if err != nil {
				return err
			}
			defer t.Close()
			a.printf("%s: %s\n\n", m, t.Life.Shown())
			a.approves(t.Statement)
			return nil
		}
		r, err := d.Approve(ctx, m, closing.Act{By: c.By, Reason: c.Reason})
		if err != nil {
			return err
		}
		a.approves(r.Statement)
		a.printf("\n")
		a.sealed(r)
		return nil
	})
}
