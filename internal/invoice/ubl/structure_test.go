package ubl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"splameter/internal/invoice"
	"splameter/internal/invoice/ubl"
)

// made is an invoice or credit note with every part that Peppol BIS Billing 3.0
// has, in the order of its syntax, of our own text; and what it must come to.
type made struct {
	text  string
	total decimal.Decimal
	lines []string // article, quantity, price of one, discounts, amount
}

// bis makes one of random lines. All sums are worked out in decimals, as an
// accounting program does: an amount is quantity times price through the base
// quantity, rounded to cents, with charges and less discounts.
func bis(r *rand.Rand, credit bool, n int) made {
	var out made
	kind, line, quantityName, code := "Invoice", "InvoiceLine", "InvoicedQuantity", "380"
	if credit {
		kind, line, quantityName, code = "CreditNote", "CreditNoteLine", "CreditedQuantity", "381"
	}
	cents := func(most int64) decimal.Decimal { return decimal.New(r.Int64N(most), -2) }
	sign := decimal.NewFromInt(1)
	if credit {
		sign = sign.Neg()
	}
	var body strings.Builder
	sum := decimal.Zero
	for i := range n {
		quantity, places := decimal.NewFromInt(r.Int64N(400)-20), -r.Int32N(5)
		price := decimal.New(r.Int64N(90000)+1, places)
		base := []int64{1, 1, 10, 100}[r.IntN(4)]
		amount := quantity.Mul(price).DivRound(decimal.NewFromInt(base), 2)
		charges, allowance := "", decimal.Zero
		if r.IntN(3) == 0 {
			c := cents(500)
			adds := r.IntN(2) == 0
			if adds {
				allowance = c
			} else {
				allowance = c.Neg()
			}
			charges = fmt.Sprintf(`<cac:AllowanceCharge><cbc:ChargeIndicator>%v</cbc:ChargeIndicator><cbc:AllowanceChargeReasonCode>%s</cbc:AllowanceChargeReasonCode><cbc:AllowanceChargeReason>by contract</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">%s</cbc:Amount></cac:AllowanceCharge>`,
				adds, map[bool]string{true: "FC", false: "95"}[adds], c.StringFixed(2))
		}
		amount = amount.Add(allowance)
		sum = sum.Add(amount)
		baseQuantity := ""
		if base > 1 || r.IntN(2) == 0 {
			baseQuantity = fmt.Sprintf(`<cbc:BaseQuantity unitCode="C62">%d</cbc:BaseQuantity>`, base)
		}
		article := fmt.Sprintf("ART-%d", i)
		fmt.Fprintf(&body, `<cac:%s><cbc:ID>%d</cbc:ID><cbc:Note>of the month</cbc:Note><cbc:%s unitCode="C62">%s</cbc:%s><cbc:LineExtensionAmount currencyID="EUR">%s</cbc:LineExtensionAmount><cbc:AccountingCost>4000</cbc:AccountingCost>`+
			`<cac:InvoicePeriod><cbc:StartDate>2026-10-01</cbc:StartDate><cbc:EndDate>2026-10-31</cbc:EndDate></cac:InvoicePeriod><cac:OrderLineReference><cbc:LineID>1</cbc:LineID></cac:OrderLineReference>%s`+
			`<cac:Item><cbc:Description>in full</cbc:Description><cbc:Name>Licence %d &amp; more</cbc:Name><cac:BuyersItemIdentification><cbc:ID>B-%d</cbc:ID></cac:BuyersItemIdentification><cac:SellersItemIdentification><cbc:ID>%s</cbc:ID></cac:SellersItemIdentification>`+
			`<cac:StandardItemIdentification><cbc:ID schemeID="0160">00000000000017</cbc:ID></cac:StandardItemIdentification><cac:OriginCountry><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:OriginCountry>`+
			`<cac:CommodityClassification><cbc:ItemClassificationCode listID="STI">43230000</cbc:ItemClassificationCode></cac:CommodityClassification><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:ClassifiedTaxCategory>`+
			`<cac:AdditionalItemProperty><cbc:Name>term</cbc:Name><cbc:Value>month</cbc:Value></cac:AdditionalItemProperty></cac:Item>`+
			`<cac:Price><cbc:PriceAmount currencyID="EUR">%s</cbc:PriceAmount>%s<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount currencyID="EUR">0.10</cbc:Amount><cbc:BaseAmount currencyID="EUR">%s</cbc:BaseAmount></cac:AllowanceCharge></cac:Price></cac:%s>`,
			line, i+1, quantityName, quantity, quantityName, amount.StringFixed(2), charges, i, i, article, price, baseQuantity, price.Add(decimal.RequireFromString("0.1")), line)
		one := price.DivRound(decimal.NewFromInt(base), 8)
		out.lines = append(out.lines, strings.Join([]string{article, quantity.Mul(sign).String(), one.String(), allowance.Mul(sign).String(), amount.Mul(sign).String()}, " "))
	}
	charge := cents(1000)
	total := sum.Add(charge)
	tax := total.Mul(decimal.New(21, -2)).Round(2)
	period, references := "", ""
	if !credit {
		period, references = "<cbc:DueDate>2026-11-26</cbc:DueDate>", `<cac:ProjectReference><cbc:ID>P-1</cbc:ID></cac:ProjectReference>`
	}
	address := `<cac:PostalAddress><cbc:StreetName>Example street 1</cbc:StreetName><cbc:AdditionalStreetName>yard</cbc:AdditionalStreetName><cbc:CityName>Example</cbc:CityName><cbc:PostalZone>0000 AA</cbc:PostalZone><cac:Country><cbc:IdentificationCode>NL</cbc:IdentificationCode></cac:Country></cac:PostalAddress>`
	party := func(id, name string) string {
		return `<cac:Party><cbc:EndpointID schemeID="0106">` + id + `</cbc:EndpointID><cac:PartyIdentification><cbc:ID>` + id + `</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>` + name + `</cbc:Name></cac:PartyName>` + address +
			`<cac:PartyTaxScheme><cbc:CompanyID>NL000000000B01</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme><cac:PartyLegalEntity><cbc:RegistrationName>` + name + `</cbc:RegistrationName><cbc:CompanyID schemeID="0106">` + id + `</cbc:CompanyID></cac:PartyLegalEntity>` +
			`<cac:Contact><cbc:Name>accounts</cbc:Name><cbc:Telephone>0000</cbc:Telephone><cbc:ElectronicMail>a@b.example</cbc:ElectronicMail></cac:Contact></cac:Party>`
	}
	const space = "urn:oasis:names:specification:ubl:schema:xsd:"
	out.total = total.Mul(sign)
	out.text = `<?xml version="1.0" encoding="UTF-8"?>` + "\n<!-- made by a test -->\n" +
		`<` + kind + ` xmlns="` + space + kind + `-2" xmlns:cac="` + space + `CommonAggregateComponents-2" xmlns:cbc="` + space + `CommonBasicComponents-2">` +
		`<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID><cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID><cbc:ID>T-1</cbc:ID><cbc:IssueDate>2026-11-12</cbc:IssueDate>` + period +
		`<cbc:` + kind + `TypeCode>` + code + `</cbc:` + kind + `TypeCode><cbc:Note>a month of licences</cbc:Note><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode><cbc:AccountingCost>4000</cbc:AccountingCost><cbc:BuyerReference>REF</cbc:BuyerReference>` +
		`<cac:InvoicePeriod><cbc:StartDate>2026-10-01</cbc:StartDate><cbc:EndDate>2026-10-31</cbc:EndDate></cac:InvoicePeriod><cac:OrderReference><cbc:ID>O-1</cbc:ID><cbc:SalesOrderID>S-1</cbc:SalesOrderID></cac:OrderReference>` +
		`<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>T-0</cbc:ID><cbc:IssueDate>2026-10-12</cbc:IssueDate></cac:InvoiceDocumentReference></cac:BillingReference><cac:ContractDocumentReference><cbc:ID>C-1</cbc:ID></cac:ContractDocumentReference>` +
		`<cac:AdditionalDocumentReference><cbc:ID>D-1</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="t.pdf">JVBERg==</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>` + references +
		`<cac:AccountingSupplierParty>` + party("00000000", "Reseller Example B.V.") + `</cac:AccountingSupplierParty><cac:AccountingCustomerParty>` + party("11111111", "Duinrand Hosting B.V.") + `</cac:AccountingCustomerParty>` +
		`<cac:Delivery><cbc:ActualDeliveryDate>2026-10-31</cbc:ActualDeliveryDate></cac:Delivery><cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode><cbc:PaymentID>T-1</cbc:PaymentID><cac:PayeeFinancialAccount><cbc:ID>NL00EXAM0000000000</cbc:ID></cac:PayeeFinancialAccount></cac:PaymentMeans>` +
		`<cac:PaymentTerms><cbc:Note>14 days</cbc:Note></cac:PaymentTerms><cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator><cbc:AllowanceChargeReason>administration</cbc:AllowanceChargeReason><cbc:Amount currencyID="EUR">` + charge.StringFixed(2) + `</cbc:Amount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:AllowanceCharge>` +
		`<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">` + tax.StringFixed(2) + `</cbc:TaxAmount><cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">` + total.StringFixed(2) + `</cbc:TaxableAmount><cbc:TaxAmount currencyID="EUR">` + tax.StringFixed(2) + `</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>21</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal>` +
		`<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">` + sum.StringFixed(2) + `</cbc:LineExtensionAmount><cbc:TaxExclusiveAmount currencyID="EUR">` + total.StringFixed(2) + `</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount currencyID="EUR">` + total.Add(tax).StringFixed(2) + `</cbc:TaxInclusiveAmount>` +
		`<cbc:ChargeTotalAmount currencyID="EUR">` + charge.StringFixed(2) + `</cbc:ChargeTotalAmount><cbc:PrepaidAmount currencyID="EUR">0.00</cbc:PrepaidAmount><cbc:PayableRoundingAmount currencyID="EUR">0.00</cbc:PayableRoundingAmount><cbc:PayableAmount currencyID="EUR">` + total.Add(tax).StringFixed(2) + `</cbc:PayableAmount></cac:LegalMonetaryTotal>` +
		body.String() + `</` + kind + `>`
	return out
}

// Whatever an invoice of that structure holds, its lines and its total come out
// to the cent; what is not of the lines (tax, prices' own discounts, other
// documents' numbers) is taken for none of it.
func TestStructure(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 18))
		credit := seed%3 == 0
		m := bis(r, credit, 1+r.IntN(40))
		d := read(t, m.text)
		if d.Number != "T-1" || d.Date != "2026-11-12" || d.Credit != credit || !d.Total.Equal(m.total) {
			t.Errorf("seed %d: %s of %s, credit %v, comes to %s, want %s", seed, d.Number, d.Date, d.Credit, d.Total, m.total)
		}
		if got := strings.Join(d.Customer, "|"); got != "11111111|11111111|11111111|Duinrand Hosting B.V.|Duinrand Hosting B.V." {
			t.Errorf("seed %d: it is to %s", seed, got)
		}
		var got []string
		for _, l := range d.Lines[:len(d.Lines)-1] { // the last is the charge of the whole
			got = append(got, strings.Join([]string{l.Article, l.Quantity.String(), l.UnitPrice.String(), l.Allowance.String(), l.Amount.String()}, " "))
		}
		if !slices.Equal(got, m.lines) {
			t.Errorf("seed %d: %q, want %q", seed, got, m.lines)
		}
		valid(t, m.text)
	}
	for _, name := range []string{"invoice.xml", "credit.xml"} {
		valid(t, file(t, name))
	}
}

// What is written is read back as it is, in the order that the schema of UBL
// 2.1 asks for.
func TestWrite(t *testing.T) {
	number := func(s string) invoice.Number { return invoice.Of(decimal.RequireFromString(s)) }
	d := &invoice.Document{Number: "2026-10-x", Date: "2026-10-31", Currency: "EUR", Total: number("43.83"), Lines: []invoice.Line{
		{Article: "rds", Also: []string{"6WC-00002"}, Text: "RDS <SAL> & more", Quantity: number("3"), UnitPrice: number("6.25"), Amount: number("18.75"), Currency: "EUR"},
		{Text: "one\nwithout an article", Quantity: number("7"), UnitPrice: number("3.583"), Amount: number("25.08"), Currency: "EUR"}}}
	h := ubl.Head{Supplier: ubl.Party{Name: "Duinrand", Country: "nl"}, From: "2026-10-01", Until: "2026-10-31", Reference: "PO 7", Note: "draft",
		Buyer: ubl.Party{IDs: []string{"x", "10010", ""}, Name: "X & Zn.", Street: "Kasweg 12", City: "Dorp", Postal: "0000 AA", Country: "NL", Contact: "A.", Email: "a@x.example"}}
	var b bytes.Buffer
	if err := ubl.Write(&b, d, h); err != nil {
		t.Fatal(err)
	}
	valid(t, b.String())
	if strings.Contains(b.String(), "TaxAmount") || !strings.Contains(b.String(), "<cbc:InvoiceTypeCode>325<") {
		t.Error("a draft states a tax, or does not say that it is one")
	}
	got := read(t, b.String())
	if strings.Join(got.Customer, "|") != "x|10010|X & Zn.|X & Zn." || got.Number != d.Number || got.Date != d.Date || !got.Total.Equal(d.Total.Decimal) || len(got.Lines) != 2 {
		t.Errorf("%+v", got)
	}
	if l := got.Lines[0]; l.Article != "rds" || l.Also[0] != "6WC-00002" || l.Text != "RDS <SAL> & more" || !l.Quantity.Equal(decimal.NewFromInt(3)) || l.UnitPrice.String() != "6.25" {
		t.Errorf("%+v", l)
	}
	if got.Lines[1].Article != "" || got.Lines[1].Text != "one without an article" {
		t.Errorf("%+v", got.Lines[1])
	}
	d.Lines[1].UnitPrice.Known = false
	if err := ubl.Write(io.Discard, d, h); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line without a price: %v", err)
	}
	if err := ubl.Write(io.Discard, &invoice.Document{}, h); err == nil {
		t.Error("nothing was written as a draft")
	}
}

// order are the elements that may stand within one, in the order of the schema,
// of those that these tests and Write use.
var order = map[string]string{
	"Invoice": "CustomizationID ProfileID ID IssueDate DueDate InvoiceTypeCode Note DocumentCurrencyCode AccountingCost BuyerReference InvoicePeriod OrderReference BillingReference ContractDocumentReference AdditionalDocumentReference ProjectReference " +
		"AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans PaymentTerms AllowanceCharge TaxTotal LegalMonetaryTotal InvoiceLine",
	"CreditNote": "CustomizationID ProfileID ID IssueDate CreditNoteTypeCode Note DocumentCurrencyCode AccountingCost BuyerReference InvoicePeriod OrderReference BillingReference ContractDocumentReference AdditionalDocumentReference " +
		"AccountingSupplierParty AccountingCustomerParty Delivery PaymentMeans PaymentTerms AllowanceCharge TaxTotal LegalMonetaryTotal CreditNoteLine",
	"Party":              "EndpointID PartyIdentification PartyName PostalAddress PartyTaxScheme PartyLegalEntity Contact",
	"PostalAddress":      "StreetName AdditionalStreetName CityName PostalZone Country",
	"Contact":            "Name Telephone ElectronicMail",
	"LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount PayableAmount",
	"InvoiceLine":        "ID Note InvoicedQuantity LineExtensionAmount AccountingCost InvoicePeriod OrderLineReference AllowanceCharge Item Price",
	"CreditNoteLine":     "ID Note CreditedQuantity LineExtensionAmount AccountingCost InvoicePeriod OrderLineReference AllowanceCharge Item Price",
	"Item":               "Description Name BuyersItemIdentification SellersItemIdentification ManufacturersItemIdentification StandardItemIdentification OriginCountry CommodityClassification ClassifiedTaxCategory AdditionalItemProperty",
	"Price":              "PriceAmount BaseQuantity AllowanceCharge",
}

// valid holds a document against that order; and, where UBL_XSD names the
// folder of the schemas of UBL 2.1 (docs/dependencies.md), against them by xmllint.
func valid(t *testing.T, text string) {
	t.Helper()
	type level struct {
		name string
		at   int
	}
	var open []level
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			if n := len(open); n > 0 {
				if list, ok := order[open[n-1].name]; ok {
					at := slices.Index(strings.Fields(list), x.Name.Local)
					if at < open[n-1].at {
						t.Fatalf("%s stands in %s where the schema has it not", x.Name.Local, open[n-1].name)
					}
					open[n-1].at = at
				}
			}
			open = append(open, level{x.Name.Local, 0})
		case xml.EndElement:
			open = open[:len(open)-1]
		}
	}
	dir := os.Getenv("UBL_XSD")
	if dir == "" {
		return
	}
	kind := "Invoice"
	if strings.Contains(text, ":CreditNote-2") {
		kind = "CreditNote"
	}
	path := filepath.Join(t.TempDir(), "x.xml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "xmllint", "--nonet", "--noout", "--schema", filepath.Join(dir, "maindoc", "UBL-"+kind+"-2.1.xsd"), path).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
