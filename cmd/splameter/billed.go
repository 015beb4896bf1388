package main

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

type billedCmd struct {
	Path    string            `arg:"" help:"What customers were charged: a list as CSV or xlsx, a UBL invoice, or a folder of them." placeholder:"FILE|FOLDER" type:"path"`
	Month   string            `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Sheet   string            `help:"Which sheet of a workbook. Default: its first." placeholder:"NAME"`
	Further bool              `help:"It stands beside the bills entered before it, such as credit notes."`
	Column  map[string]string `help:"Which heading a column of a list has, where it is none of the usual: tenant, customer_number, customer, article, part_number, description, quantity, unit_price, amount, currency." placeholder:"NAME=HEADING" mapsep:"none"`
	By      string            `help:"Who entered it." placeholder:"NAME"`
	JSON    bool              `help:"Print what differs as JSON." name:"json"`
}

func (billedCmd) Help() string {
	return `Compares what customers were charged for a month with their annexes: what was not
billed, too little or too much, billed for whom nothing is counted, and at
another price than the sales list's; in units and money, the worst first. What
is compared is the month's last result, sealed where it was closed. The bills
are kept with the month, and a difference ends with exit code 3.

A customer is known by its id, name or number in the tenants table, or a
partner's; an article by the product's id, part number, name or the price
list's article. The rest is decided once, in the table of decisions:

  splameter decide "customer|4711" bakkerij --by NAME --reason WHY
  splameter decide "article|WP-100" rds+office-std --by NAME --reason WHY
  splameter decide "article|SUPPORT" free --by NAME --reason "no licence"

What is agreed with a customer too, until a day: that it is free, how many are
billed, or that whatever differs is as it should be:

  splameter decide "billed|bakkerij|rds" free --until 2026-12-31 --by NAME --reason WHY

Examples:
  splameter billed --month 2026-10 lines.xlsx
  splameter billed --month 2026-10 invoices/ --by "C. de Vries"
  splameter billed --month 2026-10 psa.csv --column article=Service --column customer=Account`
}

func (c *billedCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		b, err := d.Billed(ctx, m, closing.BilledFile{Path: c.Path, Sheet: c.Sheet, Further: c.Further, Columns: c.Column}, closing.Act{By: c.By})
		if repeated := (*closing.Repeated)(nil); errors.As(err, &repeated) {
			if !c.JSON {
				a.printf("%s\n", clean(repeated.Error()))
			}
			b, err = billedBefore(ctx, d, m)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			if err := a.json(billedJSON{m.String(), append([]statement.BilledDifference{}, b.Differences...), append([]books.Unpriced{}, b.Unpriced...)}); err != nil {
				return err
			}
		} else {
			a.billed(d, m, b)
		}
		if len(b.Open()) > 0 {
			return errIncomplete
		}
		return nil
	})
}

// billedJSON is what billed --json prints.
type billedJSON struct {
	Month       string                       `json:"month"`
	Differences []statement.BilledDifference `json:"differences"`
	Unpriced    []books.Unpriced             `json:"unpriced"`
}

// billedBefore compares what was entered before anew.
func billedBefore(ctx context.Context, d *closing.Desk, m month.Month) (*closing.Billed, error) {
	s, err := d.Status(ctx, m)
	if err != nil {
		return nil, err
	}
	bills, _ := s.Billed()
	return &closing.Billed{Result: s.Result, Comparison: books.Compare(d.Books(m, s.Result, bills))}, nil
}

// billed prints what bills came to.
func (a *app) billed(d *closing.Desk, m month.Month, b *closing.Billed) {
	if b.Life != nil {
		a.printf("%s: %s in %s, held against revision %d (%s).\n", m, diag.Several(b.Lines, "line"), diag.Several(b.Documents, "file"), b.Result.Revision, cmp.Or(b.Result.State, statement.Open))
		if b.Other > 0 {
			a.printf("%s no licence by decision.\n", number(b.Other, "line is", "lines are"))
		}
		if len(b.Passed) > 0 {
			few := b.Passed[:min(len(b.Passed), 5)]
			more := ""
			if len(b.Passed) > len(few) {
				more = ", …"
			}
			a.printf("Passed over, no bill: %s%s.\n", clean(strings.Join(few, ", ")), more)
		}
	}
	for _, u := range b.Unpriced {
		a.printf("The sales list has no price for %s of %s: only its quantity was compared.\n", clean(cmp.Or(u.Article, strings.Join(u.Products, "+"))), clean(books.Customer(d.Setup.Register, b.Result, u.Tenant)))
	}
	open, agreed := b.Open(), len(b.Differences)-len(b.Open())
	if len(open) == 0 {
		a.printf("What was billed for %s is what the annexes say.\n", m)
	} else {
		a.printf("What was billed for %s differs from the annexes:\n", m)
		a.billedDifferences(d, b.Result, open)
	}
	if agreed > 0 {
		a.printf("%s agreed; splameter tie-out shows them.\n", number(agreed, "difference is", "differences are"))
	}
}

// billedDifferences prints what bills say otherwise, with whom it is about.
func (a *app) billedDifferences(d *closing.Desk, st *statement.Statement, all []statement.BilledDifference) {
	a.printf("  %-28s %-24s %-26s %12s %12s %8s %14s\n", "customer", "product", "", "to bill", "billed", "units", "amount")
	for i := range all {
		x := &all[i]
		amount := ""
		if x.Amount != "" {
			amount = strings.TrimSpace(x.Currency + " " + x.Amount)
			if x.Cost {
				amount += " *"
			}
		}
		customer := cmp.Or(x.Customer, "?")
		if x.Tenant != "" {
			customer = books.Customer(d.Setup.Register, st, x.Tenant)
		}
		a.printf("  %-28s %-24s %-26s %12s %12s %8s %14s\n", clean(safetext.Clip(customer, 28)), clean(safetext.Clip(cmp.Or(strings.Join(x.Products, "+"), x.Article), 24)),
			x.What, clean(x.Counted), clean(x.Billed), clean(x.Units), clean(amount))
	}
	a.billedTotals(all)
	for i := range all {
		if all[i].Cost {
			a.printf("  * at what you pay: the sales list has no price.\n")
			break
		}
	}
	for i := range all {
		switch x := &all[i]; {
		case x.What == statement.BilledNobody && x.Customer != "":
			a.printf("  Say who it is: splameter decide %s CUSTOMER --by NAME --reason WHY\n", quoted(register.CustomerKey(firstOf(x.Customer))))
			return
		case x.What == statement.BilledNothing && x.Article != "":
			a.printf("  Say what it is, or free where it is no licence: splameter decide %s PRODUCT --by NAME --reason WHY\n", quoted(register.ArticleKey(x.Article)))
			return
		}
	}
}

// billedTotals prints what all of it comes to, each way by itself: too little
// at one customer is not made good by too much at another.
func (a *app) billedTotals(all []statement.BilledDifference) {
	less, more := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for i := range all {
		d, err := decimal.NewFromString(all[i].Amount)
		if err != nil || all[i].Tenant == "" || len(all[i].Products) == 0 { // what nobody can place is neither
			continue
		}
		if d.IsNegative() {
			less[all[i].Currency] = less[all[i].Currency].Add(d)
		} else {
			more[all[i].Currency] = more[all[i].Currency].Add(d)
		}
	}
	for _, x := range []struct {
		what string
		sums map[string]decimal.Decimal
	}{{"too little", less}, {"too much", more}} {
		for _, c := range slices.Sorted(maps.Keys(x.sums)) {
			if !x.sums[c].IsZero() {
				a.printf("  In all %s: %s\n", x.what, clean(strings.TrimSpace(c+" "+x.sums[c].StringFixed(2))))
			}
		}
	}
}

// firstOf is the first of a bill's names for a customer.
func firstOf(names string) string {
	first, _, _ := strings.Cut(names, ", ")
	return first
}

// quoted is a key as a shell takes it.
func quoted(key string) string { return `"` + clean(strings.ReplaceAll(key, `"`, "")) + `"` }
