package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// severityOrder is worst first.
func severityOrder(s statement.Severity) int {
	return slices.Index([]statement.Severity{statement.Error, statement.High, statement.Medium, statement.Low, statement.Info}, s)
}

// findings is the sheet of what a person must look at, worst first; what
// somebody has accepted comes last.
func (r *review) findings() table {
	st, x := r.w.Statement, r.words
	order := make([]int, len(st.Findings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		f, g := &st.Findings[a], &st.Findings[b]
		accepted := func(f *statement.Finding) int { return min(len(f.Accepted), 1) }
		return cmp.Or(cmp.Compare(accepted(f), accepted(g)), cmp.Compare(severityOrder(f.Severity), severityOrder(g.Severity)))
	})
	return table{
		name:  "Findings",
		print: 11, // the key is for copying into decisions.csv
		columns: []column{
			{x.severity, 10, false}, {x.state, 13, false}, {x.code, 24, false}, {r.customer, 22, false}, {r.labels.product, 20, false}, {x.subject, 24, false},
			{x.message, 46, false}, {x.action, 40, false}, {x.count, 9, true}, {x.accepted, 18, false}, {x.place, 26, false}, {x.key, 40, false},
		},
		n: len(order),
		fill: func(i int, row *row) {
			f := &st.Findings[order[i]]
			name := cmpOr(x.severities[string(f.Severity)], string(f.Severity))
			if f.Accepted == "" && (f.Severity == statement.Error || f.Severity == statement.High) {
				row.warn(name)
			} else {
				row.text(name)
			}
			row.text(r.findingState(f))
			row.long(f.Code)
			row.long(r.tenantName(f.Tenant))
			if f.Product == "" {
				row.blank()
			} else {
				row.long(r.product(f.Product))
			}
			row.long(f.Subject)
			row.long(f.Message)
			row.long(f.Action)
			row.positive(f.Count)
			row.long(f.Accepted)
			if f.At == nil {
				row.blank()
			} else {
				row.long(r.evidence(*f.At))
			}
			row.long(f.DecisionKey())
		},
	}
}

// findingState says how a finding stands: accepted by somebody, new since last
// month, known from it, or just open, where no month before was counted.
func (r *review) findingState(f *statement.Finding) string {
	a := adviceLabelsFor(r.language)
	switch before := r.w.before(); {
	case f.Accepted != "":
		return a.stateAccepted
	case f.New:
		return a.stateNew
	case before != nil && before.Computed:
		return a.stateKnown
	}
	return a.stateOpen
}

// evidence is where a fact was read.
func (r *review) evidence(e snapshot.Evidence) string {
	if e.File == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(", " + r.words.lineNo + " " + strconv.Itoa(e.Line))
	}
	if e.Record > 0 {
		b.WriteString(", " + r.words.record + " " + strconv.FormatUint(e.Record, 10))
	}
	return b.String()
}
