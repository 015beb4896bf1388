package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type submitCmd struct {
	Month      string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	By         string `help:"Who submitted it." required:"" placeholder:"NAME"`
	Reason     string `help:"Anything worth knowing about it." placeholder:"TEXT"`
	Reference  string `help:"The reseller's reference." placeholder:"TEXT"`
	On         string `help:"The day on which it was handed in. Default: today." placeholder:"YYYY-MM-DD"`
	Attach     string `help:"The reseller's confirmation, which is sealed with the month." placeholder:"FILE" type:"existingfile"`
	Quantities string `help:"What was typed into the portal: CSV with part_number and quantity." placeholder:"FILE" type:"existingfile"`
}

func (submitCmd) Help() string {
	return `Records that the approved report was handed to the reseller. From then on
nothing changes the month's files and result; a correction is an amendment.
With --quantities, anything typed otherwise than approved is refused. With
four_eyes: true in the config, who submits must be another than who approved,
under another account.

Examples:
  splameter submit --month 2026-10 --by "J. Smit" --reference PO-4711
  splameter submit --month 2026-10 --by "J. Smit" --quantities portal.csv --attach confirmation.pdf`
}

func (c *submitCmd) Run(ctx context.Context, a *app) error {
	on, err := date("--on", c.On)
	if err != nil {
		return err
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		r, err := d.Submit(ctx, m, closing.Submission{Act: closing.Act{By: c.By, Reason: c.Reason}, Reference: c.Reference,
			On: on, Attach: c.Attach, Quantities: c.Quantities})
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}
