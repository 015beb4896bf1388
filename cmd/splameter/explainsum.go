package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// sum explains what is no single line: a total by its tenants, a tenant by its
// lines, or all that a person is counted for.
func (c *explainCmd) sum(ctx context.Context, a *app, d *closing.Desk, m month.Month) error {
	if c.JSON {
		return usageError("--json needs --tenant and --product; the statement of the month has every line as JSON")
	}
	if c.Person != "" {
		if c.Revision >= 0 {
			return usageError("--person of an earlier --revision needs --tenant and --product")
		}
		v, err := d.View(ctx, m)
		if err != nil {
			return err
		}
		return c.person(a, v.Statement, m.Location())
	}
	st, err := d.Counted(ctx, m, c.Revision)
	if err != nil {
		return err
	}
	if c.Tenant != "" && !inMonth(st, c.Tenant) {
		return fmt.Errorf("%s knows no tenant %q", m, c.Tenant)
	}
	a.printf("%s, revision %d, %s\n", clean(st.Month), st.Revision, st.Status)
	found := false
	for i := range st.Lines {
		l := &st.Lines[i]
		if !c.means(l) {
			continue
		}
		found = true
		if c.Tenant == "" {
			a.sumLine(st, "total", l)
		}
		for j := range st.Tenants {
			t := &st.Tenants[j]
			if c.Tenant != "" && t.ID != c.Tenant {
				continue
			}
			for k := range t.Lines {
				if x := &t.Lines[k]; x.Product == l.Product && (x.Quantity != 0 || x.Excluded != 0 || x.Compared && x.Previous != 0) {
					a.sumLine(st, "  "+clean(t.ID)+" "+clean(t.Name), x)
				}
			}
		}
	}
	if !found {
		var ids []string
		for i := range st.Lines {
			ids = append(ids, st.Lines[i].Product)
		}
		return fmt.Errorf("no rule in force in %s counts %q; the products are %s", m, c.Product, strings.Join(ids, ", "))
	}
	a.printf("\nWho and what is behind one of them: splameter explain --month %s --tenant ID --product ID\n", m)
	return nil
}

// means says whether a line is of the product or part number that was asked for.
func (c *explainCmd) means(l *statement.Line) bool {
	return c.Product == "" || strings.EqualFold(l.Product, c.Product) || l.PartNumber != "" && strings.EqualFold(l.PartNumber, c.Product)
}

func (a *app) sumLine(st *statement.Statement, label string, l *statement.Line) {
	quantity := fmt.Sprint(l.Quantity)
	if st.Status != statement.Complete && st.Unread(l) {
		quantity = "not read"
	}
	a.printf("%-36s %-20s %-14s %8s", label, clean(l.Product), clean(l.PartNumber), quantity)
	if l.Excluded > 0 {
		a.printf(", %d excluded", l.Excluded)
	}
	if l.Compared && l.Unread {
		a.printf(", last month %d", l.Previous)
	} else if l.Compared {
		a.printf(", last month %d, +%d −%d", l.Previous, l.Added, l.Removed)
	}
	if l.Amount != "" {
		a.printf(", %s %s", l.Currency, l.Amount)
	}
	a.printf("\n")
}

// person prints all that a person is counted for.
func (c *explainCmd) person(a *app, st *statement.Statement, loc *time.Location) error {
	found := 0
	for i := range st.Persons.Len() {
		p := st.Persons.At(i)
		named := strings.EqualFold(p.Name, c.Person) || slices.ContainsFunc(p.Accounts, func(x statement.Account) bool {
			return strings.EqualFold(x.Name, c.Person) || strings.EqualFold(x.DisplayName, c.Person)
		})
		if !named || c.Tenant != "" && p.Tenant != c.Tenant {
			continue
		}
		found++
		a.printf("\n%s %s, %s", clean(st.Month), clean(p.Tenant), clean(p.Product))
		a.explainPerson(&p, loc)
	}
	if found == 0 {
		return fmt.Errorf("nobody called %q is counted in %s; with --tenant and --product splameter explain says what was seen of an account that is not counted", c.Person, st.Month)
	}
	return nil
}
