package main

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"

	"splameter/internal/closing"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

type diffCmd struct {
	Before  string `arg:"" help:"A month, as YYYY-MM."`
	After   string `arg:"" help:"Another month, as YYYY-MM."`
	Tenant  string `help:"Only this tenant." placeholder:"ID"`
	Persons bool   `help:"Also list who came and who went."`
}

func (diffCmd) Help() string {
	return `Shows, by tenant and product, what differs between two months. A month that was
closed is counted from the facts, config, rules and prices that were sealed with
it, an open one from the store as it is now; of one that was imported only the
quantities are known. Lines in which nobody came or went are not listed.

Examples:
  splameter diff 2026-09 2026-10
  splameter diff 2026-09 2026-10 --tenant bakkerij --persons`
}

func (c *diffCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx, c.Before, c.After)
	if err != nil {
		return err
	}
	defer s.Close()
	d := s.Desk
	var both [2]*statement.Statement
	for i, m := range s.Months {
		if both[i], err = c.compute(ctx, a, d, m); err != nil {
			return err
		}
	}
	if c.Tenant != "" {
		c.Tenant = tenantID(s.Register, c.Tenant)
		if s.Register.Tenant(c.Tenant) == nil && !inMonth(both[0], c.Tenant) && !inMonth(both[1], c.Tenant) {
			return fmt.Errorf("no tenant has the id %q, neither in %s nor in %s nor in the tenants table", safetext.Clip(c.Tenant, 60), s.Months[0], s.Months[1])
		}
	}
	a.diff(both, c)
	if both[0].Status != statement.Complete || both[1].Status != statement.Complete {
		return errIncomplete
	}
	return nil
}

// compute is a month as it was sealed, or as the store has it where it is open.
func (c *diffCmd) compute(ctx context.Context, a *app, d *closing.Desk, m month.Month) (*statement.Statement, error) {
	l, err := d.Life(ctx, m)
	if err != nil {
		return nil, err
	}
	if l.Retained != nil { // its totals are left, and nobody's name
		if c.Persons {
			a.printf("Nobody of %s can be named any more: the facts about its persons were reduced to counts.\n", m)
		}
		t, err := d.Issued(ctx, m, true)
		if err != nil {
			return nil, err
		}
		defer t.Close()
		return t.Statement, nil
	}
	if l.Sealed == nil { // nobody of an imported month is known by name
		if st, err := imported(ctx, d, m); err != nil || st != nil {
			return st, err
		}
	}
	v, err := d.View(ctx, m)
	if err != nil {
		return nil, err
	}
	return v.Statement, nil
}

// inMonth says whether a month knows a tenant, or the ones that stand for none.
func inMonth(st *statement.Statement, id string) bool {
	return id == register.Unassigned || id == register.Shared || slices.ContainsFunc(st.Tenants, func(t statement.Tenant) bool { return t.ID == id })
}

// diffKey is one line of the comparison.
type diffKey struct{ tenant, product string }

func (a *app) diff(both [2]*statement.Statement, c *diffCmd) {
	quantities := map[diffKey][2]int{}
	who := map[diffKey][2]map[string]string{}
	var unread [2]map[diffKey]bool // lines that are not known; without a tenant: products
	for i, st := range both {
		unread[i] = map[diffKey]bool{}
		if st.Status != statement.Complete {
			open := ""
			if n := len(st.OpenQuestions()); n > 0 {
				open = ", " + diag.Several(n, "question") + " open"
			}
			a.printf("%s is incomplete: %s%s.\n", st.Month, diag.Several(len(st.Coverage.Gaps), "gap"), open)
			for j := range st.Lines {
				unread[i][diffKey{"", st.Lines[j].Product}] = st.Unread(&st.Lines[j])
			}
			for _, t := range st.Tenants {
				for j := range t.Lines {
					unread[i][diffKey{t.ID, t.Lines[j].Product}] = st.Unread(&t.Lines[j])
				}
			}
		}
		for _, t := range st.Tenants {
			for _, l := range t.Lines {
				k := diffKey{t.ID, l.Product}
				q := quantities[k]
				q[i] += l.Quantity
				quantities[k] = q
			}
		}
		add := func(k diffKey, key, name string) {
			w := who[k]
			if w[i] == nil {
				w[i] = map[string]string{}
			}
			w[i][key] = name
			who[k] = w
		}
		for j := range st.Persons.Len() {
			if p := st.Persons.Brief(j); p.Excluded == nil {
				add(diffKey{p.Tenant, p.Product}, p.Key, p.Name)
			}
		}
		for j := range st.Machines {
			if m := &st.Machines[j]; m.Excluded == nil {
				add(diffKey{m.Tenant, m.Product}, m.Key, m.Host)
			}
		}
	}
	var keys []diffKey
	for k := range quantities {
		if c.Tenant == "" || k.tenant == c.Tenant {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool {
		return keys[i].tenant < keys[j].tenant || keys[i].tenant == keys[j].tenant && keys[i].product < keys[j].product
	})
	named := both[0].Persons.Len()+len(both[0].Machines) > 0 && both[1].Persons.Len()+len(both[1].Machines) > 0
	keys = slices.DeleteFunc(keys, func(k diffKey) bool {
		q, w := quantities[k], who[k]
		return q[0] == q[1] && (!named || len(missingFrom(w[1], w[0]))+len(missingFrom(w[0], w[1])) == 0)
	})
	wide := [2]int{20, 14}
	for _, k := range keys {
		wide[0], wide[1] = max(wide[0], len(clean(k.tenant))), max(wide[1], len(clean(k.product)))
	}
	a.printf("%-*s %-*s %8s %8s %8s\n", wide[0], "tenant", wide[1], "product", both[0].Month, both[1].Month, "change")
	for _, k := range keys {
		q := quantities[k]
		came, went := missingFrom(who[k][1], who[k][0]), missingFrom(who[k][0], who[k][1])
		cells := [3]string{strconv.Itoa(q[0]), strconv.Itoa(q[1]), fmt.Sprintf("%+d", q[1]-q[0])}
		for i := range unread {
			if unread[i][diffKey{"", k.product}] || unread[i][k] {
				cells[i], cells[2] = "–", "–"
			}
		}
		a.printf("%-*s %-*s %8s %8s %8s\n", wide[0], clean(k.tenant), wide[1], clean(k.product), cells[0], cells[1], cells[2])
		if causes := a.causes(both, k); cells[2] != "–" && len(causes) > 0 {
			for _, line := range causes {
				a.printf("    %s\n", line)
			}
		}
		if c.Persons && named && cells[2] != "–" {
			if moves := movesOf(both, k); len(moves) > 0 {
				for _, line := range moves {
					a.printf("    %s\n", line)
				}
				continue
			}
			for _, n := range came {
				a.printf("    + %s\n", clean(n))
			}
			for _, n := range went {
				a.printf("    - %s\n", clean(n))
			}
		}
	}
}

// follows says that the later month was compared with the earlier one.
func follows(both [2]*statement.Statement) bool { return both[1].Made.Previous == both[0].Month }

// causes tell a line's change by cause, where one month follows the other.
func (a *app) causes(both [2]*statement.Statement, k diffKey) (out []string) {
	if !follows(both) {
		return nil
	}
	for _, t := range both[1].Tenants {
		for _, l := range t.Lines {
			if t.ID != k.tenant || l.Product != k.product {
				continue
			}
			for _, x := range l.Changes {
				for _, n := range []int{x.Added, -x.Removed} {
					if n != 0 {
						out = append(out, fmt.Sprintf("%+d %s", n, because(x.Cause, x.Detail, x.Day)))
					}
				}
			}
		}
	}
	return out
}

func because(cause statement.Cause, detail, day string) string {
	text := string(cause)
	if detail != "" {
		text += " (" + clean(detail) + ")"
	}
	if day != "" {
		text += " from " + day
	}
	return text
}

// movesOf are who and what came and went in a line, where one month follows the
// other.
func movesOf(both [2]*statement.Statement, k diffKey) (out []string) {
	if !follows(both) {
		return nil
	}
	for _, m := range both[1].Moves {
		if m.Tenant != k.tenant || m.Product != k.product {
			continue
		}
		sign, day := "+", ""
		if m.Is < m.Was {
			sign = "-"
		}
		if m.Day != 0 {
			day = m.Day.String()
		}
		name := m.Name
		if name == "" {
			name = m.Key
		}
		out = append(out, fmt.Sprintf("%s %s: %s", sign, clean(name), because(m.Cause, m.Detail, day)))
	}
	return out
}

// missingFrom lists the names in a whose keys are not in b, sorted.
func missingFrom(a, b map[string]string) []string {
	var out []string
	for k, name := range a {
		if _, ok := b[k]; !ok {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}
