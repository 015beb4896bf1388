package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/invoice/ubl"
	"splameter/internal/month"
	"splameter/report"
)

type billingLinesCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	CSV   string `help:"Write the lines to this file; - is the screen. Default: billing-lines-YYYY-MM.csv in the month's folder." placeholder:"FILE" name:"csv"`
	UBL   string `help:"Write drafts in UBL 2.1 into this folder, one a customer, in place of the CSV." placeholder:"FOLDER" name:"ubl" type:"path"`
}

func (billingLinesCmd) Help() string {
	return `Writes what is to be billed to customers for a month, one line a customer and
product, at the sales list's price: as a CSV with the columns that your accounts
take (report.billing in the config), or as UBL drafts. What was agreed counts:
what is free is left out and told, and of a number that was agreed so many are
written. splameter billed reads back what it writes, without a difference.

Your own use, the unassigned and the shared are not billed. A customer whose
annexes go to its partner alone is billed with it in UBL. A line without a sales
price is told, stands in the CSV without one, and ends with exit code 3.

Examples:
  splameter billing-lines --month 2026-10
  splameter billing-lines --month 2026-10 --ubl drafts/`
}

func (c *billingLinesCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		s, w, err := newest(ctx, d, m)
		if err != nil {
			return err
		}
		if c.CSV == "-" {
			return w.BillingCSV(ctx, a.stdout.w) // a file's bytes, harmless by themselves
		}
		lines, free := w.Billing()
		if c.UBL != "" {
			err = c.drafts(a, w)
		} else {
			err = c.list(ctx, a, w, d, s.Revision)
		}
		if err != nil {
			return err
		}
		unpriced := 0
		for i := range lines {
			if l := &lines[i]; !l.Priced {
				unpriced++
				a.printf("Without a sales price: %d %s of %s.\n", l.Quantity, clean(l.Product), clean(books.Customer(d.Setup.Register, s.Result, l.Tenant)))
			}
		}
		for i := range free {
			l := &free[i]
			a.printf("Free, and left out: %d %s of %s (%s).\n", l.Counted, clean(l.Product), clean(books.Customer(d.Setup.Register, s.Result, l.Tenant)), clean(l.Reason))
		}
		if s.Submission == nil && s.Approval == nil {
			a.printf("The month is not approved: the numbers may change.\n")
		}
		if unpriced > 0 {
			return errIncomplete
		}
		return nil
	})
}

func (c *billingLinesCmd) list(ctx context.Context, a *app, w *report.Workbooks, d *closing.Desk, revision int) error {
	path := c.CSV
	if path == "" {
		path = filepath.Join(d.Dir(w.Month.String(), revision), "billing-lines-"+w.Month.String()+".csv")
	}
	var b bytes.Buffer
	if err := w.BillingCSV(ctx, &b); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(path, atomicfile.Normal, b.Bytes()); err != nil {
		return fmt.Errorf("write the lines to bill: %w", err)
	}
	a.printf("%s\n", clean(path))
	return nil
}

// drafts writes a UBL draft for each who is billed.
func (c *billingLinesCmd) drafts(a *app, w *report.Workbooks) error {
	docs, _ := w.BillingDocuments()
	files := map[string][]byte{}
	p := w.Config.Provider
	us := ubl.Party{Name: p.Name, Street: p.Street, City: p.City, Postal: p.PostalCode, Country: p.Country, Contact: p.Reporter.Name, Email: p.Reporter.Email}
	for _, x := range docs {
		h := ubl.Head{Supplier: us, From: w.Month.FirstDay().String(), Until: w.Month.LastDay().String(), Note: "Draft: number, date, tax and payment are for the accounts to fill in."}
		if t := x.Tenant; t != nil {
			h.Reference = t.Ref
			h.Buyer = ubl.Party{IDs: []string{t.ID, t.Number}, Name: t.Name, Street: t.Street, City: t.City, Postal: t.Postal, Country: t.Country, Contact: t.Contact, Email: t.Email}
		} else {
			r := x.Partner
			h.Buyer = ubl.Party{IDs: []string{x.Payer}, Name: r.Name, Street: r.Street, City: r.City, Postal: r.Postal, Country: r.Country, Contact: r.Contact, Email: r.Email}
		}
		var b bytes.Buffer
		if err := ubl.Write(&b, &x.Document, h); err != nil {
			return fmt.Errorf("write the draft for %s: %w", x.Payer, err)
		}
		name := "draft-" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
				return r
			}
			return '_'
		}, x.Number) + ".xml"
		files[name] = b.Bytes()
	}
	if err := atomicfile.WriteFolder(c.UBL, atomicfile.Normal, files); err != nil {
		return fmt.Errorf("write the drafts: %w", err)
	}
	a.printf("%s in %s\n", number(len(files), "draft", "drafts"), clean(c.UBL))
	return nil
}
