package rules

import (
	"fmt"
	"strings"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// decide marks the gaps and findings that somebody accepted: in the month's
// life, or, findings, in the table of decisions, until a date. A decision
// by key is about one finding as it was: with a number in it, such as a
// quantity, it comes back when the number changes. Accepting never changes a
// quantity.
func (e *evaluation) decide() {
	last := e.w.m.LastDay()
	for i := range e.st.Findings {
		f := &e.st.Findings[i]
		for j := range e.Decisions {
			d := &e.Decisions[j]
			if d.Decision != register.Accepted || d.Until.Set && d.Until.Day < last || !decides(d, f) {
				continue
			}
			f.Accepted = fmt.Sprintf("%s: %s", d.By, d.Reason)
			break
		}
		if f.Accepted == "" {
			f.Accepted = e.AcceptedFindings[f.DecisionKey()]
		}
	}
	for i := range e.st.Coverage.Gaps {
		g := &e.st.Coverage.Gaps[i]
		g.Accepted = e.Accepted[g.Key()]
	}
}

func decides(d *register.Decision, f *statement.Finding) bool {
	if d.Key != "" {
		return d.Key == f.DecisionKey()
	}
	return d.Code == f.Code && (d.Tenant == "" || d.Tenant == f.Tenant) && (d.Subject == "" || strings.EqualFold(d.Subject, f.Subject))
}
