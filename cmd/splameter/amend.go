package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type amendCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	By     string `help:"Who begins the revision." required:"" placeholder:"NAME"`
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
	Today  bool   `help:"Count it with today's config, rules, tables and prices, not those sealed with the month."`
}

func (amendCmd) Help() string {
	return `Begins a new revision of a month that was approved or submitted. It is closed,
approved and submitted like the first, beside it: what was submitted stays as
it was. The revision counts the facts that the store has now, with the settings
that were sealed with the month; --today takes today's, as where an exclusion
had been forgotten.

Examples:
  splameter amend --month 2026-10 --by "C. de Vries" --reason "log of RDSH-A03 came later"
  splameter close --month 2026-10`
}

func (c *amendCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		l, err := d.Amend(ctx, m, closing.Act{By: c.By, Reason: c.Reason}, c.Today)
		if err != nil {
			return err
		}
		a.printf("%s: %s\nClose it to count the revision: splameter close --month %s\n", m, l.Shown(), m)
		return nil
	})
}

type withdrawCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	By     string `help:"Who withdraws it." required:"" placeholder:"NAME"`
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
}

func (withdrawCmd) Help() string {
	return `Gives up a revision that amend began, while it is open or a draft: the revision
before it stands again, as it was submitted. What was corrected and accepted in the
withdrawn one is gone; it stays among the acts, with who and why, and its files and
evidence stay where they lie. The next amend begins a revision of the same number.

Examples:
  splameter withdraw --month 2026-10 --by "C. de Vries" --reason "the log was another host's"`
}

func (c *withdrawCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		l, err := d.Withdraw(ctx, m, closing.Act{By: c.By, Reason: c.Reason})
		if err != nil {
			return err
		}
		a.printf("%s: %s\n", m, l.Shown())
		return nil
	})
}

type reopenCmd struct {
	Month  string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	By     string `help:"Who reopens it." required:"" placeholder:"NAME"`
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
}

func (reopenCmd) Help() string {
	return `Makes a month that was approved and not submitted a draft again, sealed as one.
Where a mail about it went out already it stays: then it is amended.

Examples:
  splameter reopen --month 2026-10 --by "C. de Vries" --reason "approved too early"`
}

func (c *reopenCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		r, err := d.Reopen(ctx, m, closing.Act{By: c.By, Reason: c.Reason})
		if err != nil {
			return err
		}
		a.sealed(r)
		return nil
	})
}
