package report

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// changeRow is one line that changed, or one person or machine that came, went
// or counts differently.
type changeRow struct {
	tenant, product string
	line            bool
	who, accounts   string
	key             string
	was, is         int
	why, by         string
	day             month.Day
}

// changes is the sheet of what differs from last month: each line that
// changed, and beneath it who made the difference and why, where last month's
// count is known by name.
func (r *review) changes() table {
	rows := r.changeRows()
	x := r.words
	return table{
		name: r.sheetName("changes"), screen: true,
		columns: []column{
			{r.customer, 34, false}, {r.labels.product, 36, false}, {x.kind, 13, false}, {x.who, 36, false}, {x.accounts, 28, false},
			{x.was, 10, true}, {x.is, 10, true}, {x.change, 10, true}, {x.why, 30, false}, {x.whyDetail, 44, false}, {x.sinceDay, 12, false}, {x.key, 40, false},
		},
		n: len(rows),
		fill: func(i int, row *row) {
			c := &rows[i]
			row.bold = c.line
			row.text(r.tenantName(c.tenant))
			row.text(r.product(c.product))
			switch {
			case c.line:
				row.text(x.line)
			case c.was == 0:
				row.text(x.personAdded)
			case c.is == 0:
				row.text(x.personRemoved)
			default:
				row.text(x.personChanged)
			}
			row.text(c.who)
			row.text(c.accounts)
			row.int(c.was)
			row.int(c.is)
			row.signed(c.is - c.was)
			row.text(c.why)
			row.text(c.by)
			if c.day == 0 {
				row.blank()
			} else {
				row.day(c.day)
			}
			if c.line {
				row.blank()
			} else {
				row.id(c.key)
			}
		},
	}
}

func (r *review) changeRows() []changeRow {
	st := r.w.Statement
	details := map[[2]string][]changeRow{}
	for i := range st.Moves {
		m := &st.Moves[i]
		k := [2]string{m.Tenant, m.Product}
		details[k] = append(details[k], changeRow{tenant: m.Tenant, product: m.Product, who: m.Name, accounts: m.Accounts, key: m.Key, was: m.Was, is: m.Is,
			why: r.labels.causeText(m.Cause, m.Is < m.Was), by: m.Detail, day: m.Day})
	}
	var out []changeRow
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			l := &t.Lines[j]
			k := [2]string{t.ID, l.Product}
			d := details[k]
			delete(details, k)
			if !l.Compared || r.w.unread(l) || l.Quantity == l.Previous && l.Added == 0 && l.Removed == 0 && len(d) == 0 {
				continue
			}
			out = append(out, changeRow{tenant: t.ID, product: l.Product, line: true, was: l.Previous, is: l.Quantity})
			slices.SortFunc(d, func(a, b changeRow) int {
				return cmp.Or(cmp.Compare(b.is-b.was, a.is-a.was), strings.Compare(a.who, b.who), strings.Compare(a.key, b.key))
			})
			out = append(out, d...)
		}
	}
	var rest []changeRow // of a customer or product that this month does not know any more
	for _, d := range details {
		rest = append(rest, d...)
	}
	slices.SortFunc(rest, func(a, b changeRow) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), strings.Compare(a.product, b.product), strings.Compare(a.key, b.key))
	})
	return append(out, rest...)
}

// accountNames are the accounts of a person, on one line.
func accountNames(p *statement.Person) string {
	if len(p.Accounts) == 1 {
		return p.Accounts[0].Name
	}
	var names []string
	for i := range p.Accounts {
		if n := p.Accounts[i].Name; !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}
