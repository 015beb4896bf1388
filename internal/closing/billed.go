package closing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/config"
	"splameter/internal/invoice"
	"splameter/internal/month"
	"splameter/internal/register/tables"
	"splameter/internal/safetext"
	"splameter/internal/statement"
	"splameter/report"
)

// BilledFile is what customers were charged, to be recorded.
type BilledFile struct {
	Path    string // a list, an invoice, or a folder of them
	Sheet   string
	Further bool              // it stands beside what was entered before it
	Columns map[string]string // headings of a list that are none of the usual
}

// Billed is what comparing bills came to.
type Billed struct {
	Life   *Life
	Result *statement.Statement // what was compared with
	*books.Comparison
	Documents, Lines int
	Other            int      // lines that are no licences, by decision
	Passed           []string // files that hold no bill
}

// Billed records what customers were charged for a month and compares it with
// their annexes. It is kept whatever comes of it.
func (d *Desk) Billed(ctx context.Context, m month.Month, in BilledFile, who Act) (*Billed, error) {
	if in.Path == "" {
		return nil, errors.New("the bills need a file or folder: write its path")
	}
	bills, err := ReadBills(in.Path, tables.BillOptions{Sheet: in.Sheet, Columns: in.Columns, Also: ownHeadings(d.Setup.Config.Report.Billing.Columns)})
	if err != nil {
		return nil, err
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	b, err := d.newest(ctx, l)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, notCounted{m.String()}
	}
	st, err := parseResult(l.Month, b)
	if err != nil {
		return nil, err
	}
	out := &Billed{Result: st, Documents: len(bills.Documents), Passed: bills.Passed}
	act := d.act(l, statement.ActBilled, who)
	act.Further = in.Further
	p := &placer{d, st}
	if act.Bills, err = p.place(bills.Documents, out); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Path, err)
	}
	all := act.Bills
	if in.Further {
		before, _ := l.Billed()
		all = append(before, all...)
	}
	out.Comparison = books.Compare(d.Books(m, st, all))
	act.Unlike = out.Differences
	if err := l.once(&act); err != nil {
		return nil, err
	}
	if act.Attachment, err = d.attachData(l.Month, bills.name, bills.data); err != nil {
		return nil, err
	}
	if err := d.Store.Record(ctx, []statement.Act{act}, nil, false); err != nil {
		return nil, fmt.Errorf("keep the bills of %s: %w", m, err)
	}
	out.Life = l.with(act)
	return out, nil
}

// ownHeadings are the headings that the provider's own lines to bill have, by
// the column that reading them back knows.
func ownHeadings(columns []config.CSVColumn) map[string][]string {
	out := map[string][]string{}
	for _, c := range columns {
		name := c.Value
		if name == "product" {
			name = "article"
		}
		out[name] = append(out[name], c.Heading)
	}
	return out
}

// Books are a month's bills with all that they are held against.
func (d *Desk) Books(m month.Month, st *statement.Statement, bills []statement.BilledLine) books.Input {
	return books.Input{Statement: st, Register: d.Setup.Register, Sales: d.Setup.Sales, Decisions: d.Setup.Decisions, Month: m, Bills: bills}
}

// Billed is what the month's customers were charged: the last that stands for
// itself, and what was entered further after it; false where nothing was.
func (l *Life) Billed() (out []statement.BilledLine, entered bool) {
	return books.Billed(l.Acts)
}

// place finds out who and what the lines are, and adds up those that are alike.
func (p *placer) place(docs []*invoice.Document, out *Billed) ([]statement.BilledLine, error) {
	type key struct{ tenant, customer, products, article, bill, price, currency string }
	type sum struct {
		line                        statement.BilledLine
		quantity, amount, allowance decimal.Decimal
		amounts                     bool
		lines                       int
	}
	at := map[key]*sum{}
	var order []*sum
	named := false
	for _, doc := range docs {
		for i := range doc.Lines {
			n := &doc.Lines[i]
			out.Lines++
			names := n.Customer
			if len(names) == 0 {
				names = doc.Customer
			}
			named = named || len(names) > 0
			tenant, customer, other := p.customer(names)
			products, licence := []string(nil), false
			if !other {
				products, licence = p.products(n)
			}
			if other || licence {
				out.Other++
				continue
			}
			if n.Quantity.Abs().GreaterThan(decimal.New(1, 9)) || n.Amount.Abs().GreaterThan(decimal.New(1, 12)) {
				return nil, fmt.Errorf("%s: a quantity or amount is beyond what anybody is billed; check the columns", n.Place)
			}
			x := statement.BilledLine{Tenant: tenant, Products: products, Article: brief(cmp.Or(n.Article, n.Text)), Bill: brief(doc.Number), Currency: cmp.Or(n.Currency, doc.Currency)}
			if tenant == "" {
				x.Customer = brief(customer)
			}
			if n.UnitPrice.Known {
				x.UnitPrice = n.UnitPrice.String()
			}
			k := key{x.Tenant, x.Customer, strings.Join(products, "+"), x.Article, x.Bill, x.UnitPrice, x.Currency}
			if !n.Quantity.Known {
				k.bill += "\x00" + n.Place // by itself
			}
			s := at[k]
			if s == nil {
				s = &sum{line: x, amounts: true}
				at[k], order = s, append(order, s)
			}
			s.quantity, s.amount, s.allowance = s.quantity.Add(n.Quantity.Decimal), s.amount.Add(n.Amount.Decimal), s.allowance.Add(n.Allowance)
			s.amounts, s.lines = s.amounts && n.Amount.Known, s.lines+1
			if n.Quantity.Known {
				s.line.Quantity = s.quantity.String()
			}
		}
	}
	if !named {
		return nil, errNoCustomers
	}
	lines := make([]statement.BilledLine, 0, len(order))
	for _, s := range order {
		if s.amounts {
			s.line.Amount = s.amount.String()
		}
		if !s.allowance.IsZero() {
			s.line.Allowance = s.allowance.String()
		}
		if s.lines > 1 {
			s.line.Lines = s.lines
		}
		lines = append(lines, s.line)
	}
	slices.SortStableFunc(lines, func(a, b statement.BilledLine) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Customer, b.Customer), strings.Compare(strings.Join(a.Products, "+"), strings.Join(b.Products, "+")),
			strings.Compare(a.Article, b.Article), strings.Compare(a.Bill, b.Bill), strings.Compare(a.UnitPrice, b.UnitPrice))
	})
	return lines, nil
}

// brief bounds what is kept of a foreign name.
func brief(s string) string { return safetext.Clip(strings.Join(strings.Fields(s), " "), 120) }

// Input is a month's last result with today's tables, for what is made of it
// anew.
func (d *Desk) Input(m month.Month, s *Status) (report.Input, error) {
	if s.Result == nil {
		return report.Input{}, notCounted{m.String()}
	}
	return report.Input{Statement: s.Result, Config: d.Setup.Config, Register: d.Setup.Register, Sales: d.Setup.Sales,
		Decisions: d.Setup.Decisions, Acts: s.Acts, Month: m, Workers: d.Workers}, nil
}
