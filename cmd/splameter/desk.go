package main

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// account is who runs the program, as the system has it; a test sets it.
var account = func() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	for _, name := range []string{"USERNAME", "USER"} {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return "unknown"
}

// at opens everything that an act on a month needs, and gives it to f.
func (a *app) at(ctx context.Context, text string, f func(*closing.Desk, month.Month) error) error {
	s, err := a.begin(ctx, text)
	if err != nil {
		return err
	}
	defer s.Close()
	return f(s.Desk, s.Months[0])
}

// date reads a day of the command line.
func date(flag, text string) (month.OptionalDay, error) {
	var d month.OptionalDay
	if err := d.UnmarshalText([]byte(text)); err != nil {
		return d, usageError(flag + ": " + err.Error())
	}
	return d, nil
}

// sealed prints where the month now stands.
func (a *app) sealed(r *closing.Result) {
	a.printf("%s: %s\n", r.Life.Month, r.Life.Shown())
	if r.Note != "" {
		a.printf("NOTE: %s.\n", clean(r.Note))
	}
	if r.Pack != "" {
		a.printf("Evidence: %s\nSHA-256 of its manifest: %s\n", r.Pack, r.Manifest)
	}
}

// differences prints quantities that do not agree.
func (a *app) differences(was, is string, all []closing.Difference) {
	a.printf("  %-16s %-24s %10s %10s %8s\n", "part number", "product", was, is, "change")
	for _, x := range all {
		a.printf("  %-16s %-24s %10d %10d %+8d\n", clean(x.PartNumber), clean(x.Products), x.Was, x.Is, x.Is-x.Was)
	}
}

// propose prints what counting a closed month again would change.
func (a *app) propose(ctx context.Context, d *closing.Desk, m month.Month) error {
	l, err := d.Life(ctx, m)
	if err != nil {
		return err
	}
	heldErr := a.notHeld(d.Held(ctx, l, true))
	p, err := d.Propose(ctx, m)
	if err != nil {
		return err
	}
	if p == nil {
		a.printf("%s cannot be counted again: the facts about its persons were reduced to counts. Its sealed totals stay.\n", m)
		return heldErr
	}
	s, err := d.Status(ctx, m)
	if err != nil {
		return err
	}
	a.printf("%s is %s; its files were left as they are.\n", m, s.Shown())
	if err := a.proposal(p, s); err != nil {
		return err
	}
	if p.Is.Status != statement.Complete {
		return errIncomplete
	}
	return heldErr
}

func (a *app) proposal(p *closing.Proposal, s *closing.Status) error {
	if len(p.Differences) == 0 {
		a.printf("Counted again today, every quantity is the same.\n")
		return nil
	}
	how := "splameter close would take this over"
	if s.State == statement.Approved || s.State == statement.Submitted {
		how = "splameter amend begins a revision that takes this over"
	}
	a.printf("Counted again today, these differ (%s):\n", how)
	a.differences("sealed", "now", p.Differences)
	if s.Submission != nil {
		a.window(s)
	}
	return nil
}

// objection is how long an invoice that differs can be objected to.
func objection(s *closing.Status) string {
	switch {
	case !s.HasObjection:
		return ""
	case s.ObjectionLeft < 0:
		return fmt.Sprintf("the time to object ended on %s", s.Objection)
	}
	return fmt.Sprintf("%s left to object, until %s", days(s.ObjectionLeft), s.Objection)
}

// window prints how long a quantity can still be corrected downward.
func (a *app) window(s *closing.Status) {
	if o := objection(s); o != "" {
		a.printf("The invoice differs from what was submitted: %s.\n", o)
	}
	switch {
	case !s.HasWindow:
		a.printf("The correction window begins with the invoice, which has not been entered yet.\n")
	case s.WindowLeft < 0:
		a.printf("The correction window closed on %s, %s ago: a correction downward is too late. One upward is always due.\n", s.Window, days(-s.WindowLeft))
	default:
		a.printf("The correction window closes on %s: %s left.\n", s.Window, days(s.WindowLeft))
	}
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// monthRange reads A..B, or one month.
func (a *app) monthRange(s *monthend.Setup, text string) (from, until month.Month, err error) {
	first, last, ok := strings.Cut(text, "..")
	if !ok {
		last = first
	}
	if first == "" || last == "" {
		return from, until, usageError(fmt.Sprintf("%q is no range of months; write it like 2026-01..2026-10", safetext.Clip(text, 40)))
	}
	if from, err = a.month(s, first); err != nil {
		return from, until, err
	}
	if until, err = a.month(s, last); err != nil {
		return from, until, err
	}
	if n := until.Number() - from.Number(); n < 0 || n > 1200 {
		return from, until, usageError(fmt.Sprintf("%s..%s is no range of months: it ends before it begins, or is too long", from, until))
	}
	return from, until, nil
}
