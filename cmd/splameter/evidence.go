package main

import (
	"context"
	"path/filepath"
	"strings"

	"splameter/internal/month"
)

type evidenceCmd struct {
	Months string `help:"The months, as YYYY-MM..YYYY-MM." required:"" placeholder:"A..B"`
	Mask   bool   `help:"Without names: accounts and persons under masks, the same in every month."`
	Prices bool   `help:"With --mask: show what is paid too."`
	Out    string `help:"The file to write." required:"" placeholder:"FILE"`
}

func (evidenceCmd) Help() string {
	return `Makes an auditor's pack: the sealed evidence of every revision of the months.
With --mask it holds only what a quantity can be followed by: no name of a person,
no session, no workbook, no text that anybody wrote and no name of a file, and for
each person and account a mask that is the same in all months; what is paid only
with --prices. splameter verify checks it like any evidence.

Examples:
  splameter evidence --months 2024-01..2026-10 --out audit.zip
  splameter evidence --months 2024-01..2026-10 --mask --out audit.zip`
}

func (c *evidenceCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	from, until, err := a.monthRange(s.Setup, c.Months)
	if err != nil {
		return err
	}
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	months, missing, err := s.Desk.Audit(ctx, from, until, c.Mask, c.Prices, out)
	if err != nil {
		return err
	}
	for _, m := range months {
		a.printf("%s revision %d, %s, manifest %s\n", m.Month, m.Revision, clean(m.State), m.Manifest)
	}
	if len(missing) > 0 {
		a.printf("Not sealed, and so not in it: %s\n", strings.Join(missing, ", "))
		return errIncomplete
	}
	return nil
}

type retainCmd struct {
	Before string `help:"The first month whose names stay. Default: as evidence.keep_named_months in the config says." placeholder:"YYYY-MM"`
}

func (retainCmd) Help() string {
	return `Reduces what is known of named persons in old months to counts and digests: in
the store, in the evidence and in the months' files; addresses that annexes were
mailed to and drafts of such mails go too. Totals, usage reports and annexes
stay, and so does the digest of all that went. It cannot be undone, and never
reaches into the months that the config says to keep.

Examples:
  splameter retain`
}

func (c *retainCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	d := s.Desk
	var before month.Month
	if c.Before == "" {
		before = d.KeepFrom()
	} else if before, err = a.month(s.Setup, c.Before); err != nil {
		return err
	}
	months, n, err := d.Retain(ctx, before)
	if err != nil {
		return err
	}
	if len(months) == 0 {
		a.printf("No month before %s had names left.\n", before)
	} else {
		a.printf("Reduced: %s\n", strings.Join(months, ", "))
	}
	a.printf("Taken out of the store: %d facts of directories, %d of sessions, %d names, %d addresses of mails; %d results reduced to totals.\n", n.Spans, n.Uses, n.Names, n.Sent, n.Results)
	return nil
}
