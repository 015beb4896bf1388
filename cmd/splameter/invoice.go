package main

import (
	"context"
	"errors"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/statement"
)

type invoiceCmd struct {
	Month   string            `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Date    string            `help:"The invoice's date. Default: what the file says." placeholder:"YYYY-MM-DD"`
	File    string            `help:"The invoice: UBL (Peppol), CSV or xlsx." required:"" placeholder:"FILE" type:"existingfile"`
	Further bool              `help:"It stands beside the invoices entered before it, such as a credit note."`
	Column  map[string]string `help:"Which heading a column of a list has, where it is none of the usual: part_number, article, quantity, unit_price, amount, currency." placeholder:"NAME=HEADING" mapsep:"none"`
	By      string            `help:"Who entered it." placeholder:"NAME"`
}

func (invoiceCmd) Help() string {
	return `Records the reseller's invoice of a submitted month, starts the time in which
a quantity can be corrected downward, and compares what is invoiced with what
was submitted: the quantity, the unit price with the month's price list, and the
amount, of each part number and of all together. A difference is kept, stands in
splameter status with the days left to object (calendar: objection_days), and
ends with exit code 3.

The file is a UBL invoice or credit note (Peppol BIS), or a list as CSV or xlsx
in which a header names an article and a quantity, and perhaps a price and an
amount. An article is known by its part number, by the price list, or by a
decision: splameter decide "article|EX-12" 6WC-00002.

Examples:
  splameter invoice --month 2026-10 --file invoice.xml
  splameter invoice --month 2026-10 --date 2026-11-12 --file invoice.xlsx --column article=Code
  splameter invoice --month 2026-10 --file creditnote.xml --further`
}

func (c *invoiceCmd) Run(ctx context.Context, a *app) error {
	on, err := date("--date", c.Date)
	if err != nil {
		return err
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		in, err := d.Invoice(ctx, m, closing.InvoiceFile{File: c.File, On: on, Further: c.Further, Columns: c.Column}, closing.Act{By: c.By})
		if repeated := (*closing.Repeated)(nil); errors.As(err, &repeated) {
			a.printf("%s\n", clean(repeated.Error()))
			in, err = &closing.Invoiced{Differences: repeated.Act.Differences}, nil
		}
		if err != nil {
			return err
		}
		if len(in.Unpriced) > 0 {
			a.printf("Only the quantity was compared, since the invoice says no amount or the month has no price, of %s.\n", clean(strings.Join(in.Unpriced, ", ")))
		}
		if len(in.Differences) == 0 {
			a.printf("The invoice of %s says what was submitted.\n", m)
		} else {
			a.printf("The invoice of %s differs from what was submitted; ask the reseller:\n", m)
			a.invoiceDifferences(in.Differences)
		}
		if in.Unsealed != "" {
			a.printf("The evidence of %s does not hold the invoice: %s. splameter evidence takes it along beside it.\n", m, clean(in.Unsealed))
		}
		s, err := d.Status(ctx, m)
		if err != nil {
			return err
		}
		a.window(s)
		if len(in.Differences) > 0 {
			return errIncomplete
		}
		return nil
	})
}

// invoiceDifferences prints what an invoice says otherwise.
func (a *app) invoiceDifferences(all []statement.InvoiceDifference) {
	a.printf("  %-16s %-24s %-26s %14s %14s\n", "part number", "product", "", "submitted", "invoiced")
	for _, x := range all {
		part := x.PartNumber
		if part == "" {
			part = "in total"
		}
		a.printf("  %-16s %-24s %-26s %14s %14s\n", clean(part), clean(x.Products), x.What, clean(x.Submitted), clean(x.Invoiced))
	}
}
