package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type acceptCmd struct {
	Month   string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Gap     string `help:"The gap's key, as splameter status --month shows it." required:"" xor:"what" placeholder:"KEY"`
	Finding string `help:"In its place: the key of a finding, as splameter status --month or the review shows it." required:"" xor:"what" placeholder:"KEY"`
	By      string `help:"Who accepts it." required:"" placeholder:"NAME"`
	Reason  string `help:"Why nothing is lost by it, or why it cannot be mended." required:"" placeholder:"TEXT"`
}

func (acceptCmd) Help() string {
	return `Accepts one gap of a month, so that the month can be approved although something
was not read; or one finding, for this month alone, so that the month can be
approved although the finding says error. (What holds for several months stands
in the decisions of the config.) The acceptance stands in the review workbook
and in the evidence, and in nothing that leaves the house. It changes no number.

Examples:
  splameter status --month 2026-10
  splameter accept --month 2026-10 --gap logs:session-hosts/rdsh-a03 --by "C. de Vries" --reason "host was switched off all month, ticket 123"
  splameter accept --month 2026-10 --finding "price-missing||rds|rds|190" --by "C. de Vries" --reason "new price follows on the 12th"`
}

func (c *acceptCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		who := closing.Act{By: c.By, Reason: c.Reason}
		accept, key := d.Accept, c.Gap
		if c.Finding != "" {
			accept, key = d.AcceptFinding, c.Finding
		}
		r, err := accept(ctx, m, key, who)
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}
