package closing

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/invoice"
	"splameter/internal/invoice/ubl"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
)

// ReadBill reads what somebody is charged: a UBL invoice or credit note, or a
// list as CSV or xlsx. What a file is, its content says.
func ReadBill(path string, opt tables.BillOptions) (*invoice.Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 4096)
	n, err := io.ReadFull(f, head)
	if err != nil && n == 0 {
		return nil, fmt.Errorf("%s is empty", path)
	}
	if ubl.Is(head[:n]) {
		return ubl.Read(io.MultiReader(bytes.NewReader(head[:n]), f), path)
	}
	doc, faults := tables.Bill(path, opt)
	return doc, faults.Err()
}

// partNumber is the part number of an article: itself one, the reseller's own
// for one by the price list, or decided. An article that nobody knows stays as
// it is called.
func (d *Desk) partNumber(st *statement.Statement, l *invoice.Line) string {
	names := l.Names()
	for _, n := range names {
		if to, ok := register.ArticleOf(d.Setup.Decisions, n); ok {
			names = append([]string{string(to)}, names...)
			break
		}
	}
	for _, n := range names {
		for i := range st.Products {
			if p := &st.Products[i]; strings.EqualFold(p.PartNumber, n) || p.Alias != "" && strings.EqualFold(p.Alias, n) {
				return p.PartNumber
			}
		}
		if p, ok := d.Setup.Prices.ByAlias(n); ok {
			return p.PartNumber
		}
		if i := slices.IndexFunc(d.Setup.Prices, func(p prices.Price) bool { return strings.EqualFold(p.PartNumber, n) }); i >= 0 {
			return d.Setup.Prices[i].PartNumber
		}
	}
	if len(names) == 0 {
		return "(" + l.Text + ")" // a line that names no article is charged all the same
	}
	return names[0]
}

// invoiced are the lines of a document by part number and price. Lines of one
// part number at one price are one.
func (d *Desk) invoiced(st *statement.Statement, doc *invoice.Document) ([]statement.PartQuantity, error) {
	type key struct{ part, price, currency string }
	type sum struct {
		quantity, amount, allowance decimal.Decimal
		known                       bool
	}
	sums := map[key]*sum{}
	var order []key
	for i := range doc.Lines {
		l := &doc.Lines[i]
		k := key{part: d.partNumber(st, l), currency: l.Currency}
		if l.UnitPrice.Known {
			k.price = l.UnitPrice.String()
		}
		s := sums[k]
		if s == nil {
			s = &sum{known: true}
			sums[k], order = s, append(order, k)
		}
		s.quantity, s.amount, s.allowance = s.quantity.Add(l.Quantity.Decimal), s.amount.Add(l.Amount.Decimal), s.allowance.Add(l.Allowance)
		s.known = s.known && l.Amount.Known
	}
	var out []statement.PartQuantity
	for _, k := range order {
		s := sums[k]
		if !s.quantity.IsInteger() || s.quantity.Abs().GreaterThan(decimal.New(1, 9)) {
			return nil, fmt.Errorf("%s: of %s %s is invoiced, which is no number of licences; check the column of quantities", doc.File, k.part, s.quantity)
		}
		q := statement.PartQuantity{PartNumber: k.part, Quantity: int(s.quantity.IntPart()), UnitPrice: k.price, Currency: k.currency}
		if s.known {
			q.Amount = s.amount.StringFixed(2)
		}
		if !s.allowance.IsZero() {
			q.Allowance = s.allowance.String()
		}
		out = append(out, q)
	}
	return out, nil
}
