package report

// mapping is the sheet of what does not fit between directory, tables, config
// and inventories.
func (r *review) mapping() table {
	st, x, a := r.w.Statement, r.words, adviceLabelsFor(r.language)
	return table{
		name: r.sheetName("mapping"), screen: true,
		columns: []column{
			{x.kind, 24, false}, {x.subject, 44, false}, {r.customer, 24, false}, {a.accounts, 11, true}, {a.counted, 12, true}, {x.message, 56, false}, {x.action, 48, false},
		},
		n: len(st.Mapping),
		fill: func(i int, row *row) {
			m := &st.Mapping[i]
			row.long(word(a.mapping, m.Kind))
			row.long(m.Subject)
			row.long(r.tenantName(m.Tenant))
			row.positive(m.Count)
			row.positive(m.Counted)
			row.long(r.said(m.Message))
			row.long(r.said(m.Action))
		},
	}
}
