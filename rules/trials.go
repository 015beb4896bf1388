package rules

import (
	"fmt"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkTrial holds an evaluation against its days: from the day that it names,
// else from the first day on which somebody whom it takes out was seen. That
// day goes on from month to month in the finding that tells it.
func (e *evaluation) checkTrial(u *exclusionUse) {
	x, limit := u.entry, e.Config.Checks.TrialDays
	if x.Ground != register.Evaluation || u.units+u.cores == 0 {
		return
	}
	tell := func(code string, sev statement.Severity, subject, message, action string) {
		e.finding(statement.Finding{Code: code, Severity: sev, Tenant: tenantOf(x), Subject: subject, Count: u.units + u.cores, Message: message, Action: action,
			At: &snapshot.Evidence{File: e.Config.Exclusions, Line: x.Line}})
	}
	began, what := x.From.Day, "evaluation %s began on %s, more than %d days ago"
	if !x.From.Set {
		began, what = e.firstSeen(x), "evaluation %s was first seen on %s, more than %d days ago"
	}
	switch {
	case int(e.w.m.LastDay()-began) > limit:
		tell("trial-too-long", statement.High, x.ID,
			fmt.Sprintf(what, x.ID, began, limit),
			"end the entry; what is used now is owed")
		if x.From.Set {
			return
		}
	case x.From.Set:
		return
	}
	tell("trial-without-start", statement.Medium, x.ID+since+began.String(),
		fmt.Sprintf("evaluation %s does not say when it began; its %d days are held against %s, when it was first seen", x.ID, limit, began),
		"write its first day into the column from")
}

const since = " since "

// firstSeen is the first day on which an entry took out somebody or a machine,
// as far as this month and the one before it tell.
func (e *evaluation) firstSeen(x *register.Exclusion) month.Day {
	first := e.w.m.LastDay()
	for i := range e.st.Persons.Len() {
		if p := e.st.Persons.Brief(i); p.Excluded != nil && p.Excluded.ID == x.ID {
			first = min(first, p.First)
		}
	}
	for i := range e.st.Machines {
		if m := &e.st.Machines[i]; m.Excluded != nil && m.Excluded.ID == x.ID {
			first = min(first, m.First)
		}
	}
	if n := len(e.Earlier); n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() {
		begins := (&statement.Finding{Code: "trial-without-start", Tenant: tenantOf(x), Subject: x.ID + since}).Key()
		for _, k := range e.Earlier[n-1].Findings {
			if text, ok := strings.CutPrefix(k, begins); ok {
				if d, err := month.ParseDay(text); err == nil {
					first = min(first, d)
				}
			}
		}
	}
	return first
}
