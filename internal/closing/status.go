package closing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

// Window is the last day on which a quantity may be corrected downward; false
// where no invoice has come yet.
func (l *Life) Window(c config.Calendar) (month.Day, bool) {
	if l.Invoice == nil {
		return 0, false
	}
	day, err := month.ParseDay(l.Invoice.On)
	return day + month.Day(c.CorrectionDays), err == nil
}

// Status is where one month stands.
type Status struct {
	*Life
	Deadline month.Day
	// Deadlines are those of each of several agreements, where they differ.
	Deadlines string
	DaysLeft  int // to the deadline; below zero: it is past
	// Window is the last day for corrections downward, where an invoice came.
	Window     month.Day
	HasWindow  bool
	WindowLeft int
	// Objection is the last day on which the latest invoice, which differs, can
	// be objected to.
	Objection     month.Day
	HasObjection  bool
	ObjectionLeft int
	// Counted says whether the facts behind the result are complete; empty:
	// there is no result.
	Counted statement.Status
	// Result is as it was last computed or sealed; nil: never. In a list of
	// months it is not read.
	Result *statement.Statement
}

// Months is where every month stands that the store knows of, oldest first.
func (d *Desk) Months(ctx context.Context) ([]Status, error) {
	names, err := d.Store.Months(ctx)
	if err != nil {
		return nil, err
	}
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, err
	}
	for i := range acts {
		names = append(names, acts[i].Month)
	}
	slices.Sort(names)
	var out []Status
	for _, name := range slices.Compact(names) {
		m, err := d.monthOf(name)
		if err != nil {
			return nil, err
		}
		s, err := d.Standing(ctx, m)
		if err != nil {
			return nil, err
		}
		b, err := d.newest(ctx, s.Life)
		if err == nil && b != nil {
			s.Counted, err = countedOf(b)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *s)
	}
	return out, nil
}

// Status is where one month stands.
func (d *Desk) Status(ctx context.Context, m month.Month) (*Status, error) {
	s, err := d.Standing(ctx, m)
	if err != nil {
		return nil, err
	}
	b, err := d.newest(ctx, s.Life)
	if err != nil || b == nil {
		return s, err
	}
	if s.Result, err = parseResult(s.Month, b); err == nil {
		s.Counted = s.Result.Status
	}
	return s, err
}

// Standing is a Status without what was counted.
func (d *Desk) Standing(ctx context.Context, m month.Month) (*Status, error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	today := month.DayOf(d.Now(), m.Location())
	s := &Status{Life: l, Deadline: d.Setup.Config.Deadline(m), Deadlines: d.Setup.Config.Deadlines(m)}
	s.DaysLeft = int(s.Deadline - today)
	if s.Window, s.HasWindow = l.Window(d.Setup.Config.Calendar); s.HasWindow {
		s.WindowLeft = int(s.Window - today)
	}
	if s.Objection, s.HasObjection = l.Objection(d.Setup.Config.Calendar); s.HasObjection {
		s.ObjectionLeft = int(s.Objection - today)
	}
	return s, nil
}

// newest is the JSON of a month's newest kept result; nil where there is none.
func (d *Desk) newest(ctx context.Context, l *Life) ([]byte, error) {
	for revision := l.Revision; revision >= 0; revision-- {
		b, err := d.Store.Result(ctx, l.Month, revision)
		if err == nil || !errors.Is(err, store.ErrNone) {
			return b, err
		}
	}
	return nil, nil
}

// countedOf is the status of a result, which stands near its beginning: a list
// of many months does not read all that each of them holds.
func countedOf(b []byte) (statement.Status, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	for depth := 0; ; {
		t, err := d.Token()
		switch {
		case err != nil:
			return "", fmt.Errorf("a kept result cannot be read: %w", err)
		case t == json.Delim('{') || t == json.Delim('['):
			depth++
		case t == json.Delim('}') || t == json.Delim(']'):
			depth--
		case depth == 1 && t == "status":
			var s statement.Status
			err := d.Decode(&s)
			return s, err
		}
	}
}

// result is a kept result, as far as its JSON tells.
func (d *Desk) result(ctx context.Context, m string, revision int) (*statement.Statement, error) {
	b, err := d.Store.Result(ctx, m, revision)
	if err != nil {
		return nil, err
	}
	return parseResult(m, b)
}

func parseResult(m string, b []byte) (*statement.Statement, error) {
	var st statement.Statement
	if err := json.Unmarshal(b, &st); err != nil {
		return nil, fmt.Errorf("the kept result of %s cannot be read: %w", m, err)
	}
	return &st, nil
}

// Proposal is what counting a closed month again would change.
type Proposal struct {
	Life        *Life
	Was, Is     *statement.Statement
	Differences []Difference
}

// Propose counts a month that was closed again, from the facts that the store
// has now, and keeps and writes nothing. A draft at its first revision is
// counted with today's settings, as closing it again would; anything later
// with those sealed with it. It is nil for a month that was never closed.
func (d *Desk) Propose(ctx context.Context, m month.Month) (*Proposal, error) {
	l, err := d.Life(ctx, m)
	if err != nil || l.Retained != nil {
		return nil, err
	}
	revision, seal := l.Revision, l.Sealed
	if seal == nil {
		if revision, seal = revision-1, l.Before; seal == nil {
			return nil, nil
		}
	}
	old, err := d.sealedParts(ctx, l.Month, revision, seal)
	if err != nil {
		return nil, err
	}
	defer old.close()
	if err := old.readStatement(); err != nil {
		return nil, err
	}
	files, hash := old.files(), old.made.ConfigHash
	if l.State == statement.Draft && (l.Revision == 0 || l.Today) || l.State == statement.Open && l.Today {
		if files, err = d.Setup.Files(); err != nil {
			return nil, err
		}
		hash = d.Setup.Config.Digest
	}
	now, err := d.fresh(ctx, m, files, hash)
	if err != nil {
		return nil, err
	}
	st, err := now.evaluate(ctx, l)
	if err != nil {
		return nil, err
	}
	return &Proposal{l, old.statement, st, Compare(old.statement, st)}, nil
}

// Report computes an open month and writes its files, without sealing it. A
// month that was closed is left alone: for that, closed says so, and Propose
// what would change.
func (d *Desk) Report(ctx context.Context, m month.Month) (r *Result, closed bool, err error) {
	l, unlock, err := d.begin(ctx, m, false)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	if l.State != statement.Open || l.Retained != nil {
		return &Result{Life: l}, true, nil
	}
	d.step("compute")
	if l.Revision == 0 {
		st, written, err := monthend.Report(ctx, d.Store, d.Setup, m, monthend.Options{Version: d.Version, Workers: d.Workers,
			Corrections: l.Corrections(), Accepted: l.Accepted(), Findings: l.AcceptedFindings()})
		return &Result{Life: l, Statement: st, Written: written}, false, err
	}
	in, err := d.gather(ctx, m, l)
	if err != nil {
		return nil, false, fmt.Errorf("report %s: %w", m, err)
	}
	st, err := in.evaluate(ctx, l)
	if err != nil {
		return nil, false, fmt.Errorf("report %s: %w", m, err)
	}
	d.step("write files")
	replaced, err := d.replaced(ctx, l.Month, l.Revision)
	if err != nil {
		return nil, false, err
	}
	written, err := report.Write(ctx, d.Dir(l.Month, l.Revision), report.Input{Statement: st, Config: in.setup.Config,
		Register: in.setup.Register, Sales: in.setup.Sales, Earlier: in.earlier, Replaced: replaced, Templates: in.setup.Templates, Acts: l.Acts, Decisions: in.setup.Decisions, Month: m, Workers: d.Workers})
	if err != nil {
		return nil, false, err
	}
	d.step("record")
	if err := d.Store.PutResult(ctx, st); err != nil {
		return nil, false, err
	}
	d.step("done")
	return &Result{Life: l, Statement: st, Written: written}, false, nil
}
