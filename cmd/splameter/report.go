package main

import (
	"context"
	"path/filepath"

	"splameter/internal/diag"

	"splameter/internal/closing/monthend"
	"splameter/internal/statement"
	"splameter/report"
)

type reportCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Test  bool   `help:"A trial: written beside the real months and marked as such on every page."`
}

func (reportCmd) Help() string {
	return `Computes the month from the store and writes, under the output folder: the
statement, the usage report for the reseller, the review workbook, and an annex
for each customer. Exits with 3 where the month is incomplete: everything is
written all the same, and says so on its face.

A month that was closed is left as it is: then the command counts it again
and says what an amendment would change, with the days left to correct it.

Examples:
  splameter report
  splameter report --month 2026-10`
}

func (c *reportCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx, c.Month)
	if err != nil {
		return err
	}
	defer s.Close()
	m := s.Months[0]
	if c.Test {
		result, written, err := monthend.Report(ctx, s.Store, s.Setup, m, monthend.Options{Version: programVersion(), Workers: a.workers(), Test: true})
		if err != nil {
			return err
		}
		return a.reported(result, written)
	}
	desk := s.Desk
	r, closed, err := desk.Report(ctx, m)
	switch {
	case err != nil:
		return err
	case closed:
		return a.propose(ctx, desk, m)
	}
	return a.reported(r.Statement, r.Written)
}

// reported prints what a month came to, and where its files are.
func (a *app) reported(result *statement.Statement, written report.Written) error {
	a.summary(result)
	a.files(written)
	if result.Status != statement.Complete {
		return errIncomplete
	}
	return nil
}

// files prints where a month's files are.
func (a *app) files(written report.Written) {
	a.printf("\nUsage report: %s\n", written.Usage)
	for _, form := range written.Forms { // of each agreement, and as each reseller wants it
		a.printf("Hand in:      %s\n", form)
	}
	a.printf("Review:       %s\n", written.Review)
	if written.Persons != "" {
		a.printf("Persons:      %s\n", written.Persons)
	}
	a.printf("Annexes:      %d in %s\n", len(written.Annexes), filepath.Join(filepath.Dir(written.Usage), "annex"))
}

// summary prints what the month came to.
func (a *app) summary(st *statement.Statement) {
	a.printf("%s, %s\n\n", st.Month, st.Status)
	wide := len("product")
	currencies := map[string]bool{}
	for i := range st.Lines {
		wide = max(wide, len(clean(st.Lines[i].Product)))
		if c := st.Lines[i].Currency; c != "" {
			currencies[c] = true
		}
	}
	a.printf("%-*s  %-14s %8s %8s %8s %12s\n", wide, "product", "part number", "quantity", "active", "excluded", "amount")
	for i := range st.Lines {
		l := &st.Lines[i]
		if st.Status != statement.Complete && st.Unread(l) {
			a.printf("%-*s  %-14s %8s %8s %8s %12s\n", wide, clean(l.Product), clean(l.PartNumber), "–", "–", "–", "not read")
			continue
		}
		amount := l.Amount
		switch {
		case amount == "":
			amount = "not known"
		case len(currencies) > 1: // amounts that cannot be added up
			amount = l.Currency + " " + amount
		}
		part := l.PartNumber
		if part == "" {
			part = "to be filled"
		}
		a.printf("%-*s  %-14s %8d %8d %8d %12s\n", wide, clean(l.Product), clean(part), l.Quantity, l.Active, l.Excluded, amount)
	}
	counts := map[statement.Severity]int{}
	accepted, fresh := 0, 0
	for i := range st.Findings {
		switch f := &st.Findings[i]; {
		case f.Accepted != "":
			accepted++
		default:
			counts[f.Severity]++
			if f.New {
				fresh++
			}
		}
	}
	a.printf("\nFindings: %d error, %d high, %d medium, %d low, %d info\n",
		counts[statement.Error], counts[statement.High], counts[statement.Medium], counts[statement.Low], counts[statement.Info])
	if accepted > 0 {
		a.printf("Of these %d are new; %d more were accepted\n", fresh, accepted)
	}
	if gaps := st.Coverage.Gaps; len(gaps) > 0 {
		a.printf("\nThe month is incomplete:\n")
		for i := range gaps {
			if i == 20 {
				a.printf("  … and %d more; all are in the review workbook\n", len(gaps)-i)
				break
			}
			a.printf("  %s\n    %s\n", clean(gaps[i].Message), clean(gaps[i].Action))
		}
	}
	if open := st.OpenQuestions(); len(open) > 0 {
		a.printf("\nThe month is incomplete: %s open (splameter questions --month %s)\n", diag.Several(len(open), "question"), st.Month)
		for i, q := range open {
			if i == 20 {
				a.printf("  … and %d more\n", len(open)-i)
				break
			}
			a.printf("  %s\n    %s\n", clean(q.Message), clean(q.Action))
		}
	}
}
