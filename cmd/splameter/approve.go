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
}

func (approveCmd) Help() string {
	return `Takes down who found the draft right, and writes the month's files anew,
without DRAFT on them. A month with a gap, or with a finding of severity error,
is refused until each is accepted by name: see splameter accept.

Examples:
  splameter approve --month 2026-10 --by "C. de Vries"`
}

func (c *approveCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		r, err := d.Approve(ctx, m, closing.Act{By: c.By, Reason: c.Reason})
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}
