package report

import "strings"

// questions is the sheet of what was met and nobody has placed: the dearest
// first, what was decided last.
func (r *review) questions() table {
	st, x := r.w.Statement, r.words
	var order []int
	for _, open := range []bool{true, false} {
		for i := range st.Questions {
			if st.Questions[i].Open() == open {
				order = append(order, i)
			}
		}
	}
	return table{
		name:  r.sheetName("questions"),
		print: 11,
		columns: []column{
			{x.state, 13, false}, {x.kind, 14, false}, {x.subject, 30, false}, {r.customer, 22, false}, {x.message, 46, false}, {x.action, 40, false},
			{x.atMost, 10, true}, {r.labels.amount, 14, false}, {x.assumed, 30, false}, {x.accepted, 24, false}, {x.key, 34, false}, {x.about, 40, false},
		},
		n: len(order),
		fill: func(i int, row *row) {
			q := &st.Questions[order[i]]
			if q.Open() {
				row.warn(x.openQuestion)
			} else {
				row.text(string(q.Answer))
			}
			row.text(word(x.questionKinds, q.Kind))
			row.long(q.Subject)
			row.long(r.tenantName(q.Tenant))
			row.long(r.said(q.Message))
			row.long(r.said(q.Action))
			row.positive(q.Units)
			row.text(strings.TrimSpace(q.Amount + " " + q.Currency))
			row.long(r.said(q.Assumed))
			row.long(q.Decided)
			row.long(q.Key)
			row.long(strings.Join(q.About, ", "))
		},
	}
}
