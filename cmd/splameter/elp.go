package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/shopspring/decimal"

	"splameter/internal/atomicfile"
	"splameter/report"
)

type elpCmd struct {
	Months string `help:"The months, as YYYY-MM..YYYY-MM." required:"" placeholder:"A..B"`
	Mask   bool   `help:"Without names of persons, and without texts that people wrote."`
	Out    string `help:"The workbook to write. Default: licence-position-A-B.xlsx in the folder of output." placeholder:"FILE"`
}

func (elpCmd) Help() string {
	return `Makes the licence position as auditors build it: of each part number and month what
was reported, what the sealed facts require when they are counted today (with the
rules of then, and with those of now), the difference, and its money at the prices
of then with the mark-up that audit.mark_up of the config names. A sheet says month
by month what cannot be proved: gaps, accepted ones too, hosts that were never read,
programs that nobody decided on, months without evidence. Nothing is kept.

Examples:
  splameter elp --months 2024-01..2026-12
  splameter elp --months 2024-01..2026-12 --mask --out position.xlsx`
}

func (c *elpCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	from, until, err := a.monthRange(s.Setup, c.Months)
	if err != nil {
		return err
	}
	p, err := s.Desk.Position(ctx, from, until, c.Mask)
	if err != nil {
		return err
	}
	path := c.Out
	if path == "" {
		path = filepath.Join(s.Config.Output, "licence-position-"+from.String()+"-"+until.String()+".xlsx")
	}
	if err := atomicfile.Write(path, atomicfile.Normal, func(out io.Writer) error {
		return report.WritePosition(ctx, out, s.Config, s.Register, p)
	}); err != nil {
		return fmt.Errorf("write the licence position: %w", err)
	}
	a.position(p)
	a.printf("%s\n", path)
	if len(p.Unproved) > 0 {
		return errIncomplete
	}
	return nil
}

// position prints the lines that differ, and what they come to.
func (a *app) position(p *report.Position) {
	a.printf("%-8s %-16s %9s %9s %9s %12s %9s %9s %12s\n", "month", "part number", "reported", "then", "short", "amount", "now", "short", "amount")
	for i := range p.Lines {
		l := &p.Lines[i]
		if zero(l.Then.Difference) && zero(l.Now.Difference) {
			continue
		}
		a.printf("%-8s %-16s %9s %9s %9s %12s %9s %9s %12s %s\n", l.Month, clean(l.PartNumber), whole(l.Reported), whole(l.Then.Required), plus(l.Then.Difference), due(&l.Then),
			whole(l.Now.Required), plus(l.Now.Difference), due(&l.Now), clean(l.Currency))
	}
	for i := range p.Totals {
		t := &p.Totals[i]
		a.printf("Reported too little: %s by the rules of then, %s with %s %%; %s by those of now, %s with it. %s\n", t.Then.Amount.StringFixed(2), t.Then.Marked.StringFixed(2), p.MarkUp,
			t.Now.Amount.StringFixed(2), t.Now.Marked.StringFixed(2), clean(t.Currency))
		if n := t.Then.Unpriced + t.Now.Unpriced; n > 0 {
			a.printf("%s without a price: their money is in no sum\n", lines(n))
		}
	}
	for i := range p.Months {
		if m := &p.Months[i]; m.Unproved > 0 {
			a.printf("%s: %s\n", m.Month, number(m.Unproved, "thing cannot be proved", "things cannot be proved"))
		}
	}
}

func zero(n *int) bool { return n != nil && *n == 0 }

func whole(n *int) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprint(*n)
}

func plus(n *int) string {
	if n == nil {
		return "–"
	}
	return fmt.Sprintf("%+d", *n)
}

// due is what a count costs more; nothing where it costs none.
func due(c *report.PositionCount) string {
	if c.Amount == nil && c.Difference != nil && *c.Difference <= 0 {
		return decimal.Zero.StringFixed(2)
	}
	if c.Amount == nil {
		return "not known"
	}
	return c.Amount.StringFixed(2)
}
