package main

import (
	"context"

	"splameter/closing"
	"splameter/month"
)

type acceptCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Gap    string `help:"The gap's key, as splameter status --month shows it." required:"" placeholder:"KEY"`
	By     string `help:"Who accepts it." required:"" placeholder:"NAME"`
	Reason string `help:"Why nothing is lost by it, or why it cannot be mended." required:"" placeholder:"TEXT"`
}

func (acceptCmd) Help() string {
	return `Accepts one gap of a month, so that the month can be approved although something
was not read. The acceptance stands in the review workbook and in the evidence,
and in nothing that leaves the house.

Examples:
  splameter status --month 2026-10
  splameter accept --month 2026-10 --gap logs:session-hosts/rdsh-a03 --by "C. de Vries" --reason "host was switched off all month, ticket 123"`
}

func (c *acceptCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		r, err := d.Accept(ctx, m, c.Gap, closing.Act{By: c.By, Reason: c.Reason})
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}
