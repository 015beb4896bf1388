package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

type endUsersCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	CSV   string `help:"Write CSV to this file; - is the screen." placeholder:"FILE" name:"csv"`
	XLSX  string `help:"Write the workbook to this file. Default: end-users-YYYY-MM.xlsx in the month's folder." placeholder:"FILE" name:"xlsx"`
}

func (endUsersCmd) Help() string {
	return `Lists each end customer with its address, country, products and quantities, for
any past month: the agreement lets Microsoft ask for it, through the reseller.
It is made from the month as it was approved, where it was, and with the
addresses sealed with it. The provider's own use is not listed. Customers that
may be one-man businesses are marked: their names and addresses are personal
data.

Examples:
  splameter end-users --month 2026-10
  splameter end-users --month 2024-03 --csv end-users.csv`
}

func (c *endUsersCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		in, note, err := c.input(ctx, d, m)
		if err != nil {
			return err
		}
		w, err := report.New(in)
		if err != nil {
			return err
		}
		if c.CSV == "-" {
			return w.EndUserCSV(ctx, a.stdout.w) // a file's bytes, harmless by themselves
		}
		path := c.XLSX
		if path == "" && c.CSV == "" {
			path = filepath.Join(d.Dir(m.String(), in.Statement.Revision), "end-users-"+m.String()+".xlsx")
		}
		for _, f := range []struct {
			path string
			make func(context.Context, io.Writer) error
		}{{c.CSV, w.EndUserCSV}, {path, w.EndUserWorkbook}} {
			if f.path == "" {
				continue
			}
			if err := atomicfile.Write(f.path, atomicfile.Normal, func(out io.Writer) error { return f.make(ctx, out) }); err != nil {
				return fmt.Errorf("write the list of end customers: %w", err)
			}
			a.printf("%s\n", f.path)
		}
		all, rest := w.EndUsers()
		doubtful := map[string]bool{}
		for i := range all {
			if all[i].Note != "" {
				doubtful[all[i].Tenant] = true
			}
		}
		a.printf("Not listed: own use %d, unassigned %d, shared %d.\n", rest.Internal, rest.Unassigned, rest.Shared)
		if len(doubtful) > 0 {
			a.printf("Customers whose name tells no legal form, and that may be persons: %d. Look at them before it is sent.\n", len(doubtful))
		}
		if note != "" {
			a.printf("%s\n", note)
		}
		return nil
	})
}

// input is the month as it was approved, else as it stands, else as it was
// imported.
func (c *endUsersCmd) input(ctx context.Context, d *closing.Desk, m month.Month) (report.Input, string, error) {
	t, err := d.Issued(ctx, m, true)
	if err == nil {
		defer t.Close()
		note := ""
		switch {
		case !t.Life.Settled(t.Revision):
			note = "The month is not approved: the list says so."
		case t.Today:
			note = "Names and addresses are today's: those of the time are not at hand."
		}
		return t.Input, note, nil
	}
	if !errors.Is(err, store.ErrNone) {
		return report.Input{}, "", err
	}
	old, err2 := imported(ctx, d, m)
	switch {
	case err2 != nil:
		return report.Input{}, "", err2
	case old != nil:
		return report.Input{Statement: old, Config: d.Setup.Config, Register: d.Setup.Register, Month: m},
			"The month was imported from before splameter; names and addresses are today's.", nil
	}
	return report.Input{}, "", err
}

// imported is a month that was imported from before splameter; nil where it was
// not.
func imported(ctx context.Context, d *closing.Desk, m month.Month) (*statement.Statement, error) {
	earlier, err := d.Store.Earlier(ctx, m.Add(1), 1)
	if err != nil {
		return nil, err
	}
	for i := range earlier {
		if earlier[i].Month == m.String() && !earlier[i].Computed {
			var products []statement.Product
			for _, p := range d.Setup.Rules.Products {
				products = append(products, statement.Product{ID: p.ID, Name: p.Name, PartNumber: p.PartNumber, Unit: p.Unit})
			}
			return report.Imported(&earlier[i], d.Setup.Register, products), nil
		}
	}
	return nil, nil
}
