package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/month"
	"splameter/internal/statement"
)

type statusCmd struct {
	Month string `help:"Only this month, as YYYY-MM, with its gaps and errors, its acts and what would change." placeholder:"YYYY-MM"`
}

func (statusCmd) Help() string {
	return `Shows where every month stands, and the days left to the reseller's deadline.
With --month: its gaps and errors with the keys by which they are accepted,
everything that was done to it, and for a closed month what counting it again would change.

Examples:
  splameter status
  splameter status --month 2026-10`
}

func (c *statusCmd) Run(ctx context.Context, a *app) error {
	if c.Month != "" {
		return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error { return a.monthStatus(ctx, d, m) })
	}
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.Desk.Months(ctx)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		a.printf("No month is known yet: collect first with splameter collect.\n")
		return a.strange(s.Desk.StrangeMonths(nil))
	}
	d := s.Desk
	var wrong, strange, known []string
	a.printf("%-8s %-30s %-11s %-11s %s\n", "month", "state", "facts", "deadline", "")
	for i := range all {
		x := &all[i]
		a.printf("%-8s %-30s %-11s %-11s %s\n", x.Month, x.Shown(), completeness(x), x.Deadline, left(x))
		wrong = append(wrong, d.Held(ctx, x.Life, false)...)
		strange = append(strange, d.Strange(ctx, x.Life)...)
		known = append(known, x.Month)
	}
	return errors.Join(a.notHeld(wrong), a.strange(append(strange, d.StrangeMonths(known)...)))
}

// strange names files that are called as sealed ones are.
func (a *app) strange(files []string) error {
	return a.unfit("NEVER SEALED", files, "The store has no seal of that, and nothing uses it. Move it out of the folder, so that nobody takes it for what was sealed.")
}

// notHeld says which files are not those that the store holds.
func (a *app) notHeld(wrong []string) error {
	return a.unfit("NOT AS SEALED", wrong, "Nothing of that is used. Put it back from a backup; a draft can be made anew with splameter close.")
}

// unfit names files of which nothing is used, and says what to do about them.
func (a *app) unfit(what string, files []string, action string) error {
	if len(files) == 0 {
		return nil
	}
	for _, s := range files {
		a.printf("%s: %s\n", what, clean(s))
	}
	a.printf("%s\n", action)
	return errIncomplete
}

func completeness(s *closing.Status) string {
	if s.Counted == "" {
		return "not counted"
	}
	return string(s.Counted)
}

// left says what remains to be done by when.
func left(s *closing.Status) string {
	differs := ""
	if n := len(s.InvoiceDiffers()); n > 0 {
		differs = fmt.Sprintf(", INVOICE DIFFERS in %d (%s)", n, objection(s))
	}
	differs = late(s) + differs
	switch {
	case s.State == statement.Submitted && s.HasWindow && s.WindowLeft >= 0:
		return "corrections until " + s.Window.String() + differs
	case s.Submission != nil:
		return "submitted on " + s.Submission.On + differs
	case s.DaysLeft < 0:
		return fmt.Sprintf("OVERDUE by %s", days(-s.DaysLeft))
	}
	return days(s.DaysLeft) + " left"
}

// late says that a month was handed in after its deadline, however long ago.
func late(s *closing.Status) string {
	if s.First == nil {
		return ""
	}
	on, err := month.ParseDay(s.First.On)
	if err != nil || on <= s.Deadline {
		return ""
	}
	return ", LATE by " + days(int(on-s.Deadline))
}

func (a *app) monthStatus(ctx context.Context, d *closing.Desk, m month.Month) error {
	s, err := d.Status(ctx, m)
	if err != nil {
		return err
	}
	a.printf("%s: %s\nDeadline: %s, %s\n", m, s.Shown(), s.Deadline, left(s))
	if s.Deadlines != "" {
		a.printf("By agreement: %s\n", clean(s.Deadlines))
	}
	if s.Submission != nil {
		a.window(s)
	}
	if s.Result != nil {
		a.printf("Facts: %s\n", s.Result.Status)
		for i := range s.Result.Coverage.Gaps {
			g := &s.Result.Coverage.Gaps[i]
			a.printf("\ngap %s\n  %s\n", clean(g.Key()), clean(g.Message))
			if g.Accepted != "" {
				a.printf("  accepted by %s\n", clean(g.Accepted))
			}
		}
	}
	if s.Result != nil {
		for _, q := range s.Result.OpenQuestions() {
			a.question(q)
		}
		for _, f := range closing.OpenErrors(s.Result) {
			a.printf("\nerror %s\n  %s\n  %s\n", clean(f.DecisionKey()), clean(f.Message), clean(f.Action))
		}
	}
	if len(s.Acts) > 0 {
		a.printf("\n")
	}
	for i := range s.Acts {
		a.act(&s.Acts[i])
		if len(s.Acts[i].Differences) > 0 {
			a.printf("     The invoice differs from what was submitted:\n")
			a.invoiceDifferences(s.Acts[i].Differences)
		}
		if open := books.OpenDifferences(s.Acts[i].Unlike); len(open) > 0 {
			a.printf("     What was billed differed from the annexes in %d; splameter tie-out shows it as it is now.\n", len(open))
		}
	}
	for _, line := range d.Stamped(s.Life) {
		a.printf("Evidence: %s\n", clean(line))
	}
	strange := a.strange(d.Strange(ctx, s.Life))
	if s.State == statement.Open && s.Revision == 0 {
		return strange
	}
	if err := errors.Join(a.notHeld(d.Held(ctx, s.Life, true)), strange); err != nil {
		return err
	}
	p, err := d.Propose(ctx, m)
	if err != nil || p == nil {
		return err
	}
	a.printf("\n")
	return a.proposal(p, s)
}

// act prints one act on a line.
func (a *app) act(x *statement.Act) {
	parts := []string{fmt.Sprintf("%3d  %s  r%d  %s", x.Seq, x.At.UTC().Format("2006-01-02 15:04:05Z"), x.Revision, x.Action)}
	add := func(label, value string) {
		if value != "" {
			parts = append(parts, label+clean(value))
		}
	}
	add("by ", x.By)
	add("as ", x.Account)
	add("on ", x.On)
	add("reference ", x.Reference)
	add("gap ", x.Gap)
	add("finding ", x.Finding)
	if c := x.Correction; c != nil {
		sign := fmt.Sprintf("%+d", c.Quantity)
		if c.Set {
			sign = fmt.Sprintf("=%d", c.Quantity)
		}
		add("", fmt.Sprintf("%s of %s %s (%s)", c.Product, c.Tenant, sign, c.Code))
	}
	if x.Attachment != nil {
		add("attached ", x.Attachment.Name)
	}
	add("", x.Reason)
	if x.Manifest != "" {
		add("manifest ", x.Manifest[:min(16, len(x.Manifest))])
	}
	add("note: ", x.Note)
	a.printf("%s\n", strings.Join(parts, ", "))
}
