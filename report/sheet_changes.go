package report

import (
	"cmp"
	"slices"
	"strings"

	"splameter/statement"
)

// changeRow is one line that changed, or one person or machine that came, went
// or counts differently.
type changeRow struct {
	tenant, product string
	line            bool
	who, accounts   string
	key             string
	was, is         int
}

// changes is the sheet of what differs from last month: each line that
// changed, and beneath it who made the difference where last month's count is
// known by name.
func (r *review) changes() table {
	rows := r.changeRows()
	x := r.words
	return table{
		name: "Changes",
		columns: []column{
			{r.customer, 34, false}, {r.labels.product, 36, false}, {x.kind, 13, false}, {x.who, 36, false}, {x.accounts, 28, false},
			{x.was, 10, true}, {x.is, 10, true}, {x.change, 10, true}, {x.key, 40, false},
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
			if c.line {
				row.blank()
			} else {
				row.id(c.key)
			}
		},
	}
}

func (r *review) changeRows() []changeRow {
	type claim struct{ tenant, product, key string }
	st := r.w.Statement
	var before map[claim]int
	if e := r.w.before(); e != nil && e.Computed {
		before = map[claim]int{}
		for _, c := range e.Counted {
			before[claim{c.Tenant, c.Product, c.Key}] += c.Units
		}
	}
	details := map[[2]string][]changeRow{}
	if len(before) > 0 {
		compare := func(c claim, who, accounts string, units int) {
			was := before[c]
			delete(before, c)
			if was != units {
				k := [2]string{c.tenant, c.product}
				details[k] = append(details[k], changeRow{c.tenant, c.product, false, who, accounts, c.key, was, units})
			}
		}
		for i := range st.Persons.Len() {
			if p := st.Persons.At(i); p.Excluded == nil {
				compare(claim{p.Tenant, p.Product, p.Key}, p.Name, accountNames(&p), p.Units)
			}
		}
		for i := range st.Machines {
			if m := &st.Machines[i]; m.Excluded == nil {
				compare(claim{m.Tenant, m.Product, m.Key}, m.Host, "", m.Packs)
			}
		}
		keys := map[string]bool{}
		for c := range before {
			keys[c.key] = true
		}
		names := r.called(keys)
		for c, units := range before {
			k := [2]string{c.tenant, c.product}
			details[k] = append(details[k], changeRow{c.tenant, c.product, false, names[c.key], "", c.key, units, 0})
		}
	}
	var out []changeRow
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			l := &t.Lines[j]
			k := [2]string{t.ID, l.Product}
			d := details[k]
			delete(details, k)
			if !l.Compared || l.Quantity == l.Previous && l.Added == 0 && l.Removed == 0 && len(d) == 0 {
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

// called are the names by which this month still knows who or what is no longer
// counted: for another product, as excluded, or of another customer. Of others
// only the key is known.
func (r *review) called(keys map[string]bool) map[string]string {
	out := map[string]string{}
	for i := range r.w.Statement.Persons.Len() {
		if p := r.w.Statement.Persons.Brief(i); keys[p.Key] {
			out[p.Key] = p.Name
		}
	}
	for i := range r.w.Statement.Machines {
		if m := &r.w.Statement.Machines[i]; keys[m.Key] {
			out[m.Key] = m.Host
		}
	}
	return out
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
