package statement

import "slices"

// Totals is the statement without anything that could name a person: the
// lines, the tenants' lines and history, the coverage of sources, and what
// made it. Of the findings only their kinds and counts stay.
func (s *Statement) Totals() *Statement {
	out := *s
	out.Persons, out.Machines, out.Applications = Persons{}, nil, nil
	type kind struct {
		code     string
		severity Severity
	}
	at := map[kind]int{}
	out.Findings = []Finding{}
	for i := range s.Findings {
		f := &s.Findings[i]
		k := kind{f.Code, f.Severity}
		n, ok := at[k]
		if !ok {
			n = len(out.Findings)
			at[k] = n
			out.Findings = append(out.Findings, Finding{Code: f.Code, Severity: f.Severity})
		}
		switch {
		case f.Subject == "" && f.Message == "" && f.Count > 0:
			out.Findings[n].Count += f.Count // reduced before
		default:
			out.Findings[n].Count++
		}
	}
	// Questions may be about persons: of them only their kinds and numbers stay.
	out.Questions = nil
	for i := range s.Questions {
		q := &s.Questions[i]
		out.Questions = append(out.Questions, Question{Kind: q.Kind, Product: q.Product, Count: q.Count, Units: q.Units, Amount: q.Amount, Currency: q.Currency, Answer: q.Answer})
	}
	out.Moves, out.Reason = nil, ""
	out.Lines = causesOnly(s.Lines)
	out.Tenants = slices.Clone(s.Tenants)
	for i := range out.Tenants {
		out.Tenants[i].Lines = causesOnly(out.Tenants[i].Lines)
	}
	out.Coverage.Gaps = nil
	for _, g := range s.Coverage.Gaps {
		if g.Accepted != "" {
			g.Accepted = "accepted"
		}
		out.Coverage.Gaps = append(out.Coverage.Gaps, g)
	}
	return &out
}

// causesOnly are lines whose changes tell their causes, and nothing that
// somebody wrote or is called.
func causesOnly(lines []Line) []Line {
	lines = slices.Clone(lines)
	for i := range lines {
		l := &lines[i]
		if len(l.Changes) == 0 {
			continue
		}
		l.Changes = slices.Clone(l.Changes)
		for j := range l.Changes {
			l.Changes[j].Detail = ""
		}
	}
	return lines
}
