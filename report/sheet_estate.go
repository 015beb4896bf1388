package report

import "strings"

// applications is the sheet of programs on hosts: what needs a licence, what
// does not, and why.
func (r *review) applications() table {
	st, x := r.w.Statement, r.words
	return table{
		name: r.sheetName("applications"), screen: true,
		columns: []column{
			{r.customer, 28, false}, {x.pool, 16, false}, {x.host, 18, false}, {x.application, 48, false}, {x.version, 18, false}, {x.edition, 20, false},
			{r.labels.product, 32, false}, {x.reason, 44, false}, {x.licensable, 13, false}, {x.reach, 14, true}, {x.first, 12, false}, {x.last, 12, false}, {x.place, 40, false},
		},
		n: len(st.Applications),
		fill: func(i int, row *row) {
			a := &st.Applications[i]
			row.text(r.tenantName(a.Tenant))
			row.text(a.Pool)
			row.text(a.Host)
			row.text(a.Name)
			row.text(a.Version)
			row.text(a.Edition)
			switch {
			case a.Product != "":
				row.text(r.product(a.Product))
			case a.Licensable: // needs a licence, and no rule counts it
				row.warn("–")
			default:
				row.none()
			}
			row.text(a.Reason)
			row.yes(a.Licensable)
			row.positive(a.Reach)
			row.day(a.First)
			row.day(a.Last)
			row.text(r.evidence(a.At))
		},
	}
}

// machines is the sheet of what core licences are counted from.
func (r *review) machines() table {
	st, x := r.w.Statement, r.words
	return table{
		name: r.sheetName("machines"), screen: true,
		columns: []column{
			{r.customer, 36, false}, {x.host, 20, false}, {r.labels.product, 34, false}, {x.edition, 38, false}, {x.cores, 9, true}, {x.minimum, 10, true},
			{x.times, 8, true}, {x.packs, 9, true}, {x.reported, 15, false}, {r.ground, 26, false}, {r.document, 24, false}, {x.guests, 36, false},
			{x.first, 12, false}, {x.last, 12, false}, {x.note, 40, false}, {x.place, 40, false},
		},
		n: len(st.Machines),
		fill: func(i int, row *row) {
			m := &st.Machines[i]
			row.text(r.tenantName(m.Tenant))
			row.text(m.Host)
			row.text(r.product(m.Product))
			row.text(m.Edition)
			row.int(m.Cores)
			row.positive(m.Minimum)
			row.int(m.Times)
			row.int(m.Packs)
			row.yes(m.Excluded == nil)
			r.excluded(row, m.Excluded)
			row.text(strings.Join(m.Guests, ", "))
			row.day(m.First)
			row.day(m.Last)
			row.text(m.Note)
			row.text(r.evidence(m.At))
		},
	}
}
