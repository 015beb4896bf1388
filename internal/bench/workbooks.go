package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/report"
)

// annexes writes n annexes as report does: 15 lines, a year's history with its
// chart, 100 named users.
func annexes(ctx context.Context, dir string, n, workers int) error {
	in := monthOfTenants(n)
	w, err := report.New(in)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i := range in.Statement.Tenants {
		g.Go(func() error {
			return saved(filepath.Join(dir, fmt.Sprintf("annex%04d.xlsx", i)), func(out *bufio.Writer) error {
				return w.Annex(ctx, out, in.Statement.Tenants[i].ID, report.AnnexOptions{})
			})
		})
	}
	return g.Wait()
}

// review writes a review workbook with n persons.
func review(ctx context.Context, path string, n int) error {
	in := monthOfTenants(1)
	st := in.Statement
	st.Persons = statement.Persons{}
	for i := range n {
		st.Persons.Add(person("tenant0000", st.Products[0].ID, fmt.Sprintf("Given Surname%06d", i), fmt.Sprintf("user%06d", i)))
	}
	w, err := report.New(in)
	if err != nil {
		return err
	}
	return saved(path, func(out *bufio.Writer) error { return w.Review(ctx, out) })
}

func saved(path string, fill func(*bufio.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<16)
	if err := fill(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// monthOfTenants is a month of n tenants.
func monthOfTenants(n int) report.Input {
	m := october()
	cfg := config.Default()
	cfg.Provider = config.Provider{Name: "Large Hosting B.V.", Agreement: "S0000000", Enrollment: "0000000", Street: "Street 1", City: "City", Country: "NL", Language: "nl", Currency: "EUR", Location: m.Location()}
	st := &statement.Statement{Month: m.String(), Status: statement.Complete, State: statement.Approved, Made: statement.Made{Previous: m.Add(-1).String()}}
	for p := range 15 {
		st.Products = append(st.Products, statement.Product{ID: fmt.Sprintf("p%02d", p), Name: map[string]string{"en": fmt.Sprintf("Product number %d SAL", p)}, PartNumber: fmt.Sprintf("AAA-%05d", p), Unit: statement.UnitUser})
	}
	reg := &register.Register{}
	for i := range n {
		id := fmt.Sprintf("tenant%04d", i)
		t := statement.Tenant{ID: id, Name: "Customer " + id}
		for p := range st.Products {
			product := &st.Products[p]
			t.Lines = append(t.Lines, statement.Line{Product: product.ID, PartNumber: product.PartNumber, Unit: statement.UnitUser, Quantity: 100 + p, Compared: true, Previous: 99, Added: p + 2, Removed: 1})
		}
		for back := 11; back > 0; back-- {
			h := statement.History{Month: m.Add(-back).String(), Quantities: map[string]int{}, Computed: true}
			for p := range st.Products {
				h.Quantities[st.Products[p].ID] = 101 - back
			}
			t.History = append(t.History, h)
		}
		for u := range 100 {
			st.Persons.Add(person(id, st.Products[u%15].ID, fmt.Sprintf("Given Surname%03d", u), fmt.Sprintf("user%04d%03d", i, u)))
		}
		st.Tenants = append(st.Tenants, t)
		reg.Tenants = append(reg.Tenants, register.Tenant{ID: id, Name: t.Name, Number: "1", Street: "Street 1", Postal: "1000", City: "City", Language: "en", Named: true})
	}
	return report.Input{Statement: st, Config: &cfg, Register: reg, Month: m}
}

func person(tenant, product, name, account string) statement.Person {
	return statement.Person{
		Tenant: tenant, Product: product, Key: "guid-" + account, Name: name, Units: 1,
		Accounts: []statement.Account{{ID: "guid-" + account, Name: account, DisplayName: name, Directory: "hosting"}},
		Via: statement.Basis{Way: &statement.Way{Kind: statement.ByPool, Pool: "shared", Path: []string{"RDS-Users", "RDS-appel"}, Directory: "hosting"},
			Group: snapshot.Evidence{File: "directory/2026-10-01.ldif", Line: 812}, Installed: &statement.Installed{}},
		First: month.Date(2026, 10, 1), Last: month.Date(2026, 10, 31),
	}
}
