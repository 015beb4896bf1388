package closing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// Approve says that a draft is right. A month with a gap that nobody accepted
// is refused, and one with such a finding of severity error: with that the
// report must not go out.
func (d *Desk) Approve(ctx context.Context, m month.Month, who Act) (*Result, error) {
	if err := need("approve", who, false); err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := d.repeated(l, statement.ActApprove); err != nil {
		return nil, err
	}
	switch l.State {
	case statement.Open:
		return nil, l.cannot("approved", "close it first with splameter close")
	case statement.Approved, statement.Submitted:
		return nil, l.cannot("approved again", "to change it, begin a new revision with splameter amend")
	}
	r, err := d.decide(ctx, m, l, d.act(l, statement.ActApprove, who), true, func(st *statement.Statement) error {
		return errors.Join(refuseRunning(m, l), refuseGaps(m, st), refuseQuestions(m, st), refuseErrors(m, st))
	})
	if err != nil {
		return nil, fmt.Errorf("approve %s: %w", m, err)
	}
	return r, nil
}

// refuseRunning refuses a draft that was made before the month was over.
func refuseRunning(m month.Month, l *Life) error {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Action == statement.ActClose {
			if a.At.Before(m.End()) {
				return fmt.Errorf("%s was closed before it was over: whoever gets access until it ends counts too; close it again on %s or later", m, m.LastDay()+1)
			}
			break
		}
	}
	return nil
}

func refuseGaps(m month.Month, st *statement.Statement) error {
	keys := openGaps(st)
	if len(keys) == 0 {
		return nil
	}
	return fmt.Errorf("%s is incomplete: %d %s open:\n  %s\ncollect what is missing and close again, or accept each by name: splameter accept --month %s --gap KEY --by NAME --reason WHY",
		m, len(keys), diag.Plural(len(keys), "gap is", "gaps are"), strings.Join(keys, "\n  "), m)
}

// refuseQuestions refuses a month with something in it that nobody has placed.
func refuseQuestions(m month.Month, st *statement.Statement) error {
	open := st.OpenQuestions()
	if len(open) == 0 {
		return nil
	}
	var lines []string
	for _, q := range open {
		cost := ""
		if q.Amount != "" {
			cost = fmt.Sprintf(" (at most %s %s)", q.Amount, q.Currency)
		}
		lines = append(lines, fmt.Sprintf("  %s%s\n    %s; %s", q.Key, cost, q.Message, q.Action))
	}
	return fmt.Errorf("%s is incomplete: %d %s open:\n%s\ndecide each and close again: splameter decide KEY --by NAME --reason WHY",
		m, len(open), diag.Plural(len(open), "question is", "questions are"), strings.Join(lines, "\n"))
}

func refuseErrors(m month.Month, st *statement.Statement) error {
	open := OpenErrors(st)
	if len(open) == 0 {
		return nil
	}
	var lines []string
	for _, f := range open {
		lines = append(lines, fmt.Sprintf("  %s\n    %s; %s", f.DecisionKey(), f.Message, f.Action))
	}
	return fmt.Errorf("the report of %s must not go out like this: %d %s open:\n%s\ncorrect what is wrong and close again, or accept each by name: splameter accept --month %s --finding KEY --by NAME --reason WHY",
		m, len(open), diag.Plural(len(open), "error is", "errors are"), strings.Join(lines, "\n"), m)
}

// OpenErrors are the findings with which a report must not go out, and which
// nobody accepted.
func OpenErrors(st *statement.Statement) []*statement.Finding {
	var out []*statement.Finding
	for i := range st.Findings {
		if f := &st.Findings[i]; f.Severity == statement.Error && f.Accepted == "" {
			out = append(out, f)
		}
	}
	return out
}

// openGaps are the keys of a statement's gaps that nobody accepted.
func openGaps(st *statement.Statement) []string {
	var out []string
	for i := range st.Coverage.Gaps {
		if g := &st.Coverage.Gaps[i]; g.Accepted == "" {
			out = append(out, g.Key())
		}
	}
	return out
}
