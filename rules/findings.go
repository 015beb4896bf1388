package rules

import (
	"fmt"
	"slices"

	"splameter/internal/statement"
)

// How many findings of one code are listed one by one. Nobody works through
// more, and an input that makes ten million must not make ten million rows:
// the rest is one finding that says how many there are. Of the codes that
// say that somebody was, or will be, counted wrongly, a whole provider's
// accounts have room.
const (
	mostFindings      = 5_000
	mostOfTheAccounts = 200_000
)

func mostOf(code string) int {
	switch code {
	case "session-without-entitlement", "session-outside-pool", "disabled-in-group", "no-tenant", "product-pair":
		return mostOfTheAccounts
	}
	return mostFindings
}

// unlisted are the findings of one code that are only counted.
type unlisted struct {
	listed, more int
	worst        statement.Finding
}

// severities are worst first.
var severities = [...]statement.Severity{statement.Error, statement.High, statement.Medium, statement.Low, statement.Info}

// finding adds a finding.
func (e *evaluation) finding(f statement.Finding) {
	if e.told == nil {
		e.told = map[string]*unlisted{}
	}
	u := e.told[f.Code]
	if u == nil {
		u = &unlisted{}
		e.told[f.Code] = u
	}
	if u.listed < mostOf(f.Code) {
		u.listed++
		e.st.Findings = append(e.st.Findings, f)
		return
	}
	if u.more++; u.more == 1 || slices.Index(severities[:], f.Severity) < slices.Index(severities[:], u.worst.Severity) {
		u.worst = f
	}
}

// rest adds, for each code of which not all findings are listed, the one that
// stands for the others.
func (e *evaluation) rest() {
	for code, u := range e.told {
		if u.more == 0 {
			continue
		}
		e.st.Findings = append(e.st.Findings, statement.Finding{Code: code, Severity: u.worst.Severity, Count: u.more,
			Subject: "not listed",
			Message: fmt.Sprintf("%d more findings of this kind are not listed one by one: there are %d in all", u.more, u.listed+u.more),
			Action:  "so many have one cause: find it by those that are listed, correct it, and compute the month again"})
	}
}
