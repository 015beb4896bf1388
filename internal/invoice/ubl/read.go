// Package ubl reads and writes invoices and credit notes in UBL 2.1, as Peppol
// BIS Billing 3.0 uses it: of the document only what is charged for what and to
// whom. Whether it is a valid invoice for the tax office, or what was paid, is
// not its concern.
package ubl

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/invoice"
	"splameter/internal/safetext"
)

// Limits that no invoice reaches, and that bound what a hostile one costs.
const (
	maxSize  = 32 << 20
	maxLines = 100_000
)

type party struct {
	Endpoint string   `xml:"Party>EndpointID"`
	IDs      []string `xml:"Party>PartyIdentification>ID"`
	Names    []string `xml:"Party>PartyName>Name"`
	Legal    []string `xml:"Party>PartyLegalEntity>RegistrationName"`
	Company  []string `xml:"Party>PartyLegalEntity>CompanyID"`
}

type amount struct {
	Text     string `xml:",chardata"`
	Currency string `xml:"currencyID,attr"`
}

type charge struct {
	Adds   string `xml:"ChargeIndicator"`
	Reason string `xml:"AllowanceChargeReason"`
	Amount amount `xml:"Amount"`
}

type line struct {
	ID       string   `xml:"ID"`
	Invoiced string   `xml:"InvoicedQuantity"`
	Credited string   `xml:"CreditedQuantity"`
	Amount   amount   `xml:"LineExtensionAmount"`
	Charges  []charge `xml:"AllowanceCharge"`
	Name     string   `xml:"Item>Name"`
	Buyers   string   `xml:"Item>BuyersItemIdentification>ID"`
	Sellers  string   `xml:"Item>SellersItemIdentification>ID"`
	Makers   string   `xml:"Item>ManufacturersItemIdentification>ID"`
	Standard string   `xml:"Item>StandardItemIdentification>ID"`
	Price    amount   `xml:"Price>PriceAmount"`
	Base     string   `xml:"Price>BaseQuantity"`
}

type document struct {
	XMLName  xml.Name
	ID       string   `xml:"ID"`
	Issued   string   `xml:"IssueDate"`
	Currency string   `xml:"DocumentCurrencyCode"`
	Buyer    party    `xml:"AccountingCustomerParty"`
	Charges  []charge `xml:"AllowanceCharge"`
	Sum      amount   `xml:"LegalMonetaryTotal>LineExtensionAmount"`
	Invoices []line   `xml:"InvoiceLine"`
	Credits  []line   `xml:"CreditNoteLine"`
}

// Is says whether a file may be XML, so that reading it as UBL makes sense.
func Is(head []byte) bool {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	return bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, []byte("urn:oasis:names:specification:ubl"))
}

// Read reads an invoice or credit note. The sum of its lines must be what it
// says itself: a document that was cut or read in part is refused.
func Read(in io.Reader, name string) (*invoice.Document, error) {
	b, err := io.ReadAll(io.LimitReader(in, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", name, safetext.Clip(fmt.Sprintf(format, args...), 300))
	}
	if len(b) > maxSize {
		return nil, bad("it is larger than %d MiB; check that it is the right file", maxSize>>20)
	}
	var x document
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	if err := d.Decode(&x); err != nil {
		return nil, bad("it cannot be read as XML: %v", err)
	}
	for { // comments and blanks may stand behind it
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, bad("it cannot be read as XML: %v", err)
		}
		if _, ok := t.(xml.StartElement); ok {
			return nil, bad("more than one document stands in it")
		}
	}
	const space = "urn:oasis:names:specification:ubl:schema:xsd:"
	out := &invoice.Document{File: name, Number: strings.TrimSpace(x.ID), Date: strings.TrimSpace(x.Issued), Currency: strings.ToUpper(strings.TrimSpace(x.Currency))}
	lines := x.Invoices
	switch x.XMLName {
	case xml.Name{Space: space + "Invoice-2", Local: "Invoice"}:
	case xml.Name{Space: space + "CreditNote-2", Local: "CreditNote"}:
		out.Credit, lines = true, x.Credits
	default:
		return nil, bad("it is neither a UBL invoice nor a UBL credit note but %q", x.XMLName.Local)
	}
	if len(lines) == 0 {
		return nil, bad("it has no line")
	}
	if len(lines) > maxLines {
		return nil, bad("it has more than %d lines", maxLines)
	}
	p := &x.Buyer
	for _, list := range [][]string{p.IDs, p.Company, {p.Endpoint}, p.Names, p.Legal} {
		for _, s := range list {
			if s = strings.TrimSpace(s); s != "" {
				out.Customer = append(out.Customer, s)
			}
		}
	}
	sum := decimal.Zero
	for i := range lines {
		l, err := readLine(&lines[i], out)
		if err != nil {
			return nil, bad("line %q: %v", lines[i].ID, err)
		}
		sum = sum.Add(l.Amount.Decimal)
		out.Lines = append(out.Lines, l)
	}
	return out, finish(out, &x, sum, bad)
}

// finish takes what stands for the whole document: charges and discounts of all
// lines together become lines, and the sum that it states is held against them.
func finish(out *invoice.Document, x *document, sum decimal.Decimal, bad func(string, ...any) error) error {
	if x.Sum.Text != "" {
		stated, err := number(x.Sum.Text)
		if err != nil {
			return bad("its total: %v", err)
		}
		if out.Credit {
			stated = stated.Neg()
		}
		if !stated.Equal(sum) {
			return bad("its lines come to %s, and it says itself %s: it is not whole", sum, stated)
		}
	}
	for i := range x.Charges {
		d, err := x.Charges[i].value()
		if err != nil {
			return bad("a charge or discount: %v", err)
		}
		if out.Credit {
			d = d.Neg()
		}
		sum = sum.Add(d)
		out.Lines = append(out.Lines, invoice.Line{Text: strings.TrimSpace(x.Charges[i].Reason), Amount: invoice.Of(d), Currency: out.Currency, Place: "charges of the whole"})
	}
	out.Total = invoice.Of(sum)
	return nil
}

func (c *charge) value() (decimal.Decimal, error) {
	d, err := number(c.Amount.Text)
	switch strings.TrimSpace(c.Adds) {
	case "true", "1":
		return d, err
	case "false", "0":
		return d.Neg(), err
	}
	return d, fmt.Errorf("%q does not say whether it is a charge", c.Adds)
}

// readLine is one line. Of a credit note all but the price has its sign turned.
func readLine(l *line, d *invoice.Document) (out invoice.Line, err error) {
	out = invoice.Line{Article: strings.TrimSpace(l.Sellers), Text: strings.TrimSpace(l.Name), Currency: d.Currency, Place: "line " + strings.TrimSpace(l.ID)}
	for _, s := range []string{l.Makers, l.Buyers, l.Standard} {
		if s = strings.TrimSpace(s); s != "" && s != out.Article {
			out.Also = append(out.Also, s)
		}
	}
	for _, x := range []struct {
		to   *invoice.Number
		text string
		what string
	}{{&out.Quantity, l.Invoiced + l.Credited, "quantity"}, {&out.Amount, l.Amount.Text, "amount"}, {&out.UnitPrice, l.Price.Text, "price"}} {
		if strings.TrimSpace(x.text) == "" {
			if x.what == "amount" {
				return out, errors.New("it has no amount")
			}
			continue
		}
		n, err := number(x.text)
		if err != nil {
			return out, fmt.Errorf("its %s: %w", x.what, err)
		}
		*x.to = invoice.Of(n)
	}
	if l.Amount.Currency != "" {
		out.Currency = strings.ToUpper(strings.TrimSpace(l.Amount.Currency))
	}
	if strings.TrimSpace(l.Base) != "" && out.UnitPrice.Known { // the price is for so many
		base, err := number(l.Base)
		if err != nil || !base.IsPositive() {
			return out, fmt.Errorf("its price is for %q", l.Base)
		}
		out.UnitPrice.Decimal = out.UnitPrice.DivRound(base, 8)
	}
	for i := range l.Charges {
		v, err := l.Charges[i].value()
		if err != nil {
			return out, err
		}
		out.Allowance = out.Allowance.Add(v)
	}
	if d.Credit {
		out.Quantity.Decimal, out.Amount.Decimal, out.Allowance = out.Quantity.Neg(), out.Amount.Neg(), out.Allowance.Neg()
	}
	return out, nil
}

// number reads what XML Schema calls a decimal, and nothing beyond what money
// and licences take.
func number(s string) (decimal.Decimal, error) {
	t := strings.TrimSpace(s)
	digits := strings.Trim(strings.TrimLeft(t, "+-"), "0123456789")
	if t == "" || len(t) > 24 || digits != "" && digits != "." || strings.LastIndexAny(t, "+-") > 0 {
		return decimal.Zero, fmt.Errorf("%q is no number", safetext.Clip(s, 40))
	}
	n, err := decimal.NewFromString(t)
	if err != nil {
		return n, fmt.Errorf("%q is no number", safetext.Clip(s, 40))
	}
	return n, nil
}
