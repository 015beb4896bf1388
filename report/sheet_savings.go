package report

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// savings is the sheet of ways to owe less: what is certain first, the most
// money first. No figure of any other sheet depends on it.
func (r *review) savings() table {
	st, x, a := r.w.Statement, r.words, adviceLabelsFor(r.language)
	return table{
		name: r.sheetName("savings"),
		columns: []column{
			{a.what, 22, false}, {r.customer, 24, false}, {r.labels.product, 24, false}, {x.subject, 15, false}, {a.concerned, 10, true},
			{a.now, 14, true}, {a.then, 14, true}, {a.saves, 14, true}, {a.sure, 12, false}, {x.message, 42, false}, {x.action, 42, false}, {a.names, 34, false},
		},
		n: len(st.Advice),
		fill: func(i int, row *row) {
			v := &st.Advice[i]
			m := r.look.money[v.Money]
			row.long(word(a.advice, v.Code))
			row.long(r.tenantName(v.Tenant))
			if v.Product == "" {
				row.blank()
			} else {
				row.long(r.product(v.Product))
			}
			row.long(v.Subject)
			row.int(v.Count)
			row.decimal(m.amount, v.Now)
			row.decimal(m.amount, v.Then)
			now, err1 := decimal.NewFromString(v.Now)
			then, err2 := decimal.NewFromString(v.Then)
			if err1 == nil && err2 == nil {
				row.put(money(m.amount, now.Sub(then)).summed(fmt.Sprintf("F%d-G%d", row.at, row.at)))
			} else {
				row.none()
			}
			if v.AtMost {
				row.text(a.upTo)
			} else {
				row.text(a.certain)
			}
			row.long(r.said(v.Message))
			row.long(r.said(v.Action))
			row.long(strings.Join(v.Names, ", "))
		},
	}
}
