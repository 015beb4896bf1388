package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
)

// Misused is an act that was asked for in a way that it does not have.
type Misused string

func (m Misused) Error() string { return string(m) }

// Answer writes decisions on questions or findings of a month into the table
// that the config names, all of them or none. It holds for this month and those
// that follow, and counts when the month is counted again. A decision that
// stands there already, by the same person for the same reason, is not written
// twice. What comes back is what stands in the table then, keys spelt as the
// month has them.
func (d *Desk) Answer(ctx context.Context, m month.Month, list []register.Decision) ([]register.Decision, error) {
	path := d.Setup.Config.Decisions
	if path == "" {
		return nil, errors.New("the config names no table of decisions: write decisions: decisions.csv into it, and decide again")
	}
	s, err := d.Status(ctx, m)
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	var fresh []register.Decision
	for i := range list {
		x := &list[i]
		if x.Decision == "" {
			x.Decision = register.Accepted
		}
		if err := need("decide on", Act{x.By, x.Reason}, true); err != nil {
			return nil, err
		}
		var err error
		switch {
		case x.IsArticle():
			err = d.article(s.Result, x)
		case x.IsCustomer():
			err = d.customer(s.Result, x)
		case x.IsBilled():
			err = d.billedAs(m, s, x)
		default:
			err = answers(s.Result, m, x)
		}
		if err != nil {
			return nil, err
		}
		if x.Until.Set && x.Until.Day < m.FirstDay() {
			return nil, Misused("--until: the decision would be over before the month begins; write a later day, or leave it out")
		}
		if !slices.ContainsFunc(d.Setup.Decisions, func(o register.Decision) bool {
			return o.Key == x.Key && o.Decision == x.Decision && o.By == x.By && o.Reason == x.Reason && o.Until == x.Until
		}) {
			fresh = append(fresh, *x)
		}
	}
	if len(fresh) == 0 {
		return list, nil
	}
	if err := tables.AppendDecisions(path, fresh); err != nil {
		return nil, fmt.Errorf("write the decision: %w", err)
	}
	return list, nil
}

// MakeTable makes the table of decisions where the config names one that is not
// there: the first decision makes it.
func MakeTable(c *config.Config) error {
	if c.Decisions == "" {
		return nil
	}
	if err := tables.MakeDecisions(c.Decisions); err != nil {
		return fmt.Errorf("make the table of decisions: %w", err)
	}
	return nil
}

// answers refuses a decision on what is not there, or with a word that does not
// answer it.
func answers(st *statement.Statement, m month.Month, x *register.Decision) error {
	if st == nil {
		return fmt.Errorf("%s was not counted yet: splameter report --month %s does that", m, m)
	}
	for i := range st.Questions {
		q := &st.Questions[i]
		if !strings.EqualFold(q.Key, x.Key) {
			continue
		}
		x.Key = q.Key
		if x.Decision != register.Accepted && !slices.Contains(q.Answers, x.Decision) {
			return Misused(fmt.Sprintf("%q does not answer the question; write one of: %s", x.Decision, diag.Listed(q.Answers)))
		}
		return nil
	}
	for i := range st.Findings {
		if st.Findings[i].DecisionKey() == x.Key {
			if x.Decision != register.Accepted {
				return Misused("a finding is accepted or not; leave the answer out")
			}
			return nil
		}
	}
	return fmt.Errorf("%s has no question and no finding %q: see splameter questions --month %s", m, x.Key, m)
}
