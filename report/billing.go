package report

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/config"
	"splameter/internal/invoice"
	"splameter/internal/register"
	"splameter/internal/register/prices"
)

// Books are the month's three books as far as its acts tell.
func (w *Workbooks) Books() books.Input {
	bills, _ := books.Billed(w.Acts)
	return books.Input{Statement: w.Statement, Register: w.Register, Sales: w.Sales, Decisions: w.Decisions, Month: w.Month, Bills: bills}
}

// Billing are the lines to bill for the month, in the order of the customers,
// and those that are agreed to be free.
func (w *Workbooks) Billing() (lines, free []books.BillingLine) { return books.Billing(w.Books()) }

// BillingColumns are the columns that lines to bill have where the config names
// none: those that are read back.
func BillingColumns() []config.CSVColumn {
	var out []config.CSVColumn
	for _, name := range []string{"month", "tenant", "customer_number", "customer", "article", "part_number", "description", "unit", "quantity", "unit_price", "currency", "amount"} {
		out = append(out, config.CSVColumn{Heading: name, Value: name})
	}
	return out
}

// BillingCSV writes the lines to bill as the accounts take them. It names
// customers, and no persons.
func (w *Workbooks) BillingCSV(ctx context.Context, out io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := w.Config.Report.Billing
	if len(c.Columns) == 0 {
		c.Columns = BillingColumns()
	}
	lines, _ := w.Billing()
	return writeCSV(out, &c, "", len(lines), func(i int, name string) any {
		v := w.billingValue(&lines[i], name)
		if d, ok := v.(decimal.Decimal); ok && name == "amount" { // money has two places, which tells how the file writes decimals
			return strings.Replace(d.StringFixed(2), ".", c.Decimal, 1)
		}
		return v
	})
}

func (w *Workbooks) billingValue(l *books.BillingLine, name string) any {
	t := w.tenant(w.tenants[l.Tenant])
	switch name {
	case "month":
		return w.Month.String()
	case "first_day":
		return w.Month.FirstDay()
	case "last_day":
		return w.Month.LastDay()
	case "tenant":
		return l.Tenant
	case "customer_number":
		return t.Number
	case "customer":
		return cmpOr(w.tenants[l.Tenant].Name, l.Tenant)
	case "reference":
		return t.Ref
	case "reseller":
		return l.Partner
	case "article":
		return w.Article(l.Product)
	case "part_number":
		return l.PartNumber
	case "product":
		return l.Product
	case "description":
		return w.productLabel(l.Product, w.tenantLook(t).language)
	case "unit":
		if p := w.products[l.Product]; p != nil {
			return w.tenantLook(t).unitText(p.Unit)
		}
	case "quantity":
		return l.Quantity
	case "currency":
		return l.Currency
	case "unit_price":
		if l.Priced {
			return l.UnitPrice
		}
	case "amount":
		if l.Priced {
			return prices.Amount(l.Quantity, l.UnitPrice)
		}
	}
	return ""
}

// Article is the article of the provider's own accounts for a product: the one
// that is decided to be it alone, else the product's id.
func (w *Workbooks) Article(product string) string {
	part := ""
	if p := w.products[product]; p != nil {
		part = p.PartNumber
	}
	for i := len(w.Decisions) - 1; i >= 0; i-- {
		d := &w.Decisions[i]
		if d.IsArticle() && (d.Decision.Is(register.Answer(product)) || part != "" && d.Decision.Is(register.Answer(part))) {
			_, article, _ := strings.Cut(d.Key, "|")
			return article
		}
	}
	return product
}

// BillingDocument is one payer's lines to bill, as a document of its own.
type BillingDocument struct {
	Payer string // a tenant's id, or partner:ID
	invoice.Document
	Tenant  *register.Tenant  // nil for a partner
	Partner *register.Partner // nil for a customer
}

// BillingDocuments are the lines to bill, by payer: customers whose annexes go
// to their partner alone are billed with it. Lines that have no price stand in
// none of them; they come back by themselves.
func (w *Workbooks) BillingDocuments() (docs []*BillingDocument, unpriced []books.BillingLine) {
	lines, _ := w.Billing()
	at := map[string]*BillingDocument{}
	for i := range lines {
		l := &lines[i]
		if !l.Priced {
			unpriced = append(unpriced, *l)
			continue
		}
		t := w.tenant(w.tenants[l.Tenant])
		payer := l.Tenant
		p := w.Register.Partner(l.Partner)
		if p != nil && p.AnnexTo == register.AnnexToPartner {
			payer = register.PartnerPrefix + p.ID
		} else {
			p = nil
		}
		key := payer + "\x00" + l.Currency
		d := at[key]
		if d == nil {
			d = &BillingDocument{Payer: payer, Partner: p, Document: invoice.Document{Date: w.Month.LastDay().String(), Currency: l.Currency}}
			if p == nil {
				d.Tenant = t
			}
			at[key], docs = d, append(docs, d)
		}
		amount := prices.Amount(l.Quantity, l.UnitPrice)
		text := w.billingValue(l, "description").(string)
		if d.Partner != nil {
			text += ", " + w.billingValue(l, "customer").(string)
		}
		n := invoice.Line{Article: w.Article(l.Product), Text: text, Quantity: invoice.Of(decimal.NewFromInt(int64(l.Quantity))), UnitPrice: invoice.Of(l.UnitPrice), Amount: invoice.Of(amount), Currency: l.Currency}
		if l.PartNumber != "" {
			n.Also = []string{l.PartNumber}
		}
		d.Lines = append(d.Lines, n)
		d.Total = invoice.Of(d.Total.Add(amount))
	}
	numbers := map[string]bool{}
	for _, d := range docs {
		d.Number = w.Month.String() + "-" + strings.ReplaceAll(d.Payer, ":", "-")
		if numbers[d.Number] { // a payer with prices in two currencies has two
			d.Number += "-" + d.Currency
		}
		numbers[d.Number] = true
	}
	slices.SortStableFunc(docs, func(a, b *BillingDocument) int { return strings.Compare(a.Number, b.Number) })
	return docs, unpriced
}
