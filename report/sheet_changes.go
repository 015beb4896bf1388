package report

import (
	"cmp"
	"slices"
	"strings"

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
	st := r.w.Statement
	details := map[[2]string][]changeRow{}
	if e := r.w.before(); e != nil && e.Computed && e.Counted.Len() > 0 {
		r.changed(e, details)
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

// changed adds, by customer and product, who or what counts otherwise than in
// the month before. One customer is looked at after the other: a large provider
// counts hundreds of thousands.
func (r *review) changed(e *statement.Earlier, details map[[2]string][]changeRow) {
	st := r.w.Statement
	counted, machines := map[string][]int{}, map[string][]int{}
	tenants := map[string]bool{}
	for i := range e.Counted.Len() {
		t := e.Counted.At(i).Tenant
		counted[t], tenants[t] = append(counted[t], i), true
	}
	for i := range st.Machines {
		t := st.Machines[i].Tenant
		machines[t], tenants[t] = append(machines[t], i), true
	}
	for t := range r.w.persons {
		tenants[t] = true
	}
	type claim struct{ product, key string }
	type place struct {
		of [2]string
		at int
	}
	var left []place // who is named last
	before, gone := map[claim]int{}, map[string]bool{}
	for t := range tenants {
		clear(before)
		for _, i := range counted[t] {
			c := e.Counted.At(i)
			before[claim{c.Product, c.Key}] += c.Units
		}
		compare := func(c claim, who, accounts string, units int) {
			was := before[c]
			delete(before, c)
			if was != units {
				k := [2]string{t, c.product}
				details[k] = append(details[k], changeRow{t, c.product, false, who, accounts, c.key, was, units})
			}
		}
		for _, i := range r.w.persons[t] {
			if p := st.Persons.At(i); p.Excluded == nil {
				compare(claim{p.Product, p.Key}, p.Name, accountNames(&p), p.Units)
			}
		}
		for _, i := range machines[t] {
			if m := &st.Machines[i]; m.Excluded == nil {
				compare(claim{m.Product, m.Key}, m.Host, "", m.Packs)
			}
		}
		for c, units := range before {
			k := [2]string{t, c.product}
			details[k] = append(details[k], changeRow{t, c.product, false, "", "", c.key, units, 0})
			left, gone[c.key] = append(left, place{k, len(details[k]) - 1}), true
		}
	}
	names := r.called(gone)
	for _, p := range left {
		x := &details[p.of][p.at]
		x.who = names[x.key]
	}
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
