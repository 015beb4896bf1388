package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/report"
)

type tieOutCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	JSON  bool   `help:"Print it as JSON, and write no workbook." name:"json"`
}

func (tieOutCmd) Help() string {
	return `Holds a month's three books against each other, by part number: what was
reported is what the reseller invoiced (splameter invoice), and what customers
were billed (splameter billed), the own use and what is not charged. Each
difference stands beneath with its cause, and with the key by which it is agreed
as it is (splameter decide KEY). Writes out/MONTH/tie-out-MONTH.xlsx as well.
What does not tie and is not agreed ends with exit code 3.

Examples:
  splameter tie-out --month 2026-10
  splameter tie-out --month 2026-10 --json`
}

func (c *tieOutCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		s, w, err := newest(ctx, d, m)
		if err != nil {
			return err
		}
		rows := w.TieOut()
		if c.JSON {
			err = a.json(struct {
				Month    string      `json:"month"`
				Revision int         `json:"revision"`
				Rows     []books.Row `json:"rows"`
			}{m.String(), s.Result.Revision, rows})
		} else {
			err = c.show(ctx, a, d, w, rows)
		}
		if err == nil && slices.ContainsFunc(rows, func(r books.Row) bool { return r.Open() }) {
			return errIncomplete
		}
		return err
	})
}

// newest is the newest result of a month, with the writer of its workbooks.
func newest(ctx context.Context, d *closing.Desk, m month.Month) (*closing.Status, *report.Workbooks, error) {
	s, err := d.Status(ctx, m)
	if err != nil {
		return s, nil, err
	}
	in, err := d.Input(m, s)
	if err != nil {
		return s, nil, err
	}
	w, err := report.New(in)
	return s, w, err
}

func (c *tieOutCmd) show(ctx context.Context, a *app, d *closing.Desk, w *report.Workbooks, rows []books.Row) error {
	a.printf("%-24s %-16s %9s %9s %9s %9s %9s\n", "product", "part number", "reported", "invoiced", "billed", "own use", "not charged")
	off, invoiced, billed := 0, false, false
	for i := range rows {
		r := &rows[i]
		is := "–"
		if r.Invoiced != nil {
			is, invoiced = strconv.Itoa(*r.Invoiced), true
		}
		billed = billed || r.Billed != ""
		a.printf("%-24s %-16s %9d %9s %9s %9d %9d\n", clean(cmp.Or(strings.Join(r.Products, ", "), r.Article)), clean(r.PartNumber), r.Reported, is, cmp.Or(r.Billed, "–"), r.Own, r.NotCharged)
		if r.Open() {
			off++
		}
		for j := range r.Causes {
			a.cause(d, w, &r.Causes[j])
		}
	}
	a.printf("\n")
	switch {
	case off > 0:
		a.printf("%s not agree.\n", number(off, "part number does", "part numbers do"))
	case invoiced && billed:
		a.printf("Reported, invoiced and billed agree.\n")
	}
	if !invoiced {
		a.printf("No invoice was entered yet: splameter invoice.\n")
	}
	if !billed {
		a.printf("No bills to customers were entered yet: splameter billed.\n")
	}
	path := filepath.Join(d.Dir(w.Month.String(), w.Statement.Revision), "tie-out-"+w.Month.String()+".xlsx")
	if err := atomicfile.Write(path, atomicfile.Normal, func(out io.Writer) error { return w.TieOutWorkbook(ctx, out) }); err != nil {
		return fmt.Errorf("write the tie-out: %w", err)
	}
	a.printf("%s\n", clean(path))
	return nil
}

// cause prints why a part number does not tie, or is not billed.
func (a *app) cause(d *closing.Desk, w *report.Workbooks, x *books.Cause) {
	who := x.Customer
	switch x.Tenant {
	case "":
	case register.Unassigned, register.Shared:
	default:
		who = books.Customer(d.Setup.Register, w.Statement, x.Tenant)
	}
	parts := []string{report.WordsIn("en").TieText(x)}
	if who != "" {
		parts = append([]string{who}, parts...)
	}
	units := "" // what ties stands in the row above; what does not, with its sign
	if x.Units != "" {
		units = x.Units
		if !x.Ties && !strings.HasPrefix(units, "-") {
			units = "+" + units
		}
	}
	if x.Amount != "" {
		parts = append(parts, strings.TrimSpace(x.Currency+" "+x.Amount))
	}
	a.printf("  %6s  %s\n", units, clean(strings.Join(parts, ": ")))
	if x.Key != "" && !x.Agreed {
		a.printf("          key %s\n", clean(x.Key))
	}
}
