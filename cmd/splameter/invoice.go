package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type invoiceCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Date  string `help:"The invoice's date." required:"" placeholder:"YYYY-MM-DD"`
	File  string `help:"What is invoiced: CSV with part_number, quantity and perhaps amount." required:"" placeholder:"FILE" type:"existingfile"`
	By    string `help:"Who entered it." placeholder:"NAME"`
}

func (invoiceCmd) Help() string {
	return `Takes down the reseller's invoice of a submitted month, starts the time in which
a quantity can be corrected downward, and compares what is invoiced with what
was submitted.

Examples:
  splameter invoice --month 2026-10 --date 2026-11-12 --file invoice.csv`
}

func (c *invoiceCmd) Run(ctx context.Context, a *app) error {
	on, err := date("--date", c.Date)
	if err != nil {
		return err
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		_, diff, err := d.Invoice(ctx, m, on, c.File, closing.Act{By: c.By})
		if err != nil {
			return err
		}
		if len(diff) == 0 {
			a.printf("The invoice of %s says what was submitted.\n", m)
		} else {
			a.printf("The invoice of %s differs from what was submitted; ask the reseller:\n", m)
			a.differences("submitted", "invoiced", diff)
		}
		s, err := d.Status(ctx, m)
		if err != nil {
			return err
		}
		a.window(s)
		return nil
	})
}
