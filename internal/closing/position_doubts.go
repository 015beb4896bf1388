package closing

import (
	"slices"

	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/report"
)

// doubts adds what of a sealed month its facts do not prove: gaps, accepted
// ones too, hosts that were never read, questions that nobody decided, and what
// was corrected by hand. names masks; nil shows everything.
func (p *position) doubts(m month.Month, st *statement.Statement, hand []statement.Correction, names *auditNames) {
	subject := func(s string) string {
		if names != nil {
			return names.of(s)
		}
		return s
	}
	for i := range st.Coverage.Gaps {
		g := &st.Coverage.Gaps[i]
		u := report.Unproved{Month: m, Kind: report.UnprovedGap, Subject: subject(g.Source), Tenant: g.Tenant, From: g.From, Until: g.Until, Message: p.text(g.Message), By: p.text(g.Accepted)}
		if g.Host != "" {
			u.Subject = g.Host
			if names != nil && g.Kind != statement.CoverageSessions && g.Kind != statement.CoverageInventory && g.Kind != statement.CoverageMachines {
				u.Subject = names.of(g.Host) // a group, an attribute
			}
		}
		switch {
		case g.Host != "" && !readAtAll(st, g.Host, g.Kind):
			u.Kind = report.UnprovedHost
		case g.Accepted != "":
			u.Kind = report.UnprovedAccepted
		}
		p.unproved(u)
	}
	for i := range st.Questions {
		q := &st.Questions[i]
		if !q.Open() {
			continue
		}
		u := report.Unproved{Month: m, Kind: report.UnprovedQuestion, Subject: subject(q.Subject), Tenant: q.Tenant, Product: q.Product, Count: q.Count, Units: q.Units,
			Amount: q.Amount, Currency: q.Currency, Message: p.text(q.Message)}
		if q.Kind == statement.AskTitle {
			u.Kind = report.UnprovedTitle
		}
		p.unproved(u)
	}
	for i := range hand {
		c := &hand[i]
		u := report.Unproved{Month: m, Kind: report.UnprovedByHand, Subject: c.Code, Tenant: c.Tenant, Product: c.Product, Count: c.Quantity, Message: p.text(c.Reason), By: c.By}
		if names != nil {
			u.By = names.staff(c.By)
		}
		p.unproved(u)
	}
}

// readAtAll says whether anything of a kind was read of a host in the month.
// What is no host's own reading, such as a group's gap, was.
func readAtAll(st *statement.Statement, host string, kind statement.CoverageKind) bool {
	if kind != statement.CoverageSessions && kind != statement.CoverageInventory && kind != statement.CoverageMachines {
		return true
	}
	return slices.ContainsFunc(st.Coverage.Sources, func(s statement.SourceCoverage) bool {
		return s.Host == host && s.Kind == kind && (len(s.Days) > 0 || s.From != "")
	})
}
