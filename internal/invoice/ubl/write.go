package ubl

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"splameter/internal/invoice"
	"splameter/internal/safetext"
)

// Party is who sells or who is billed.
type Party struct {
	IDs                                 []string
	Name, Street, City, Postal, Country string // the country as two letters; empty: not known
	Contact, Email                      string
}

// Head is what a draft says besides its lines.
type Head struct {
	Supplier, Buyer Party
	From, Until     string // YYYY-MM-DD: the period that is billed
	Reference       string // the buyer's
	Note            string
}

// proForma is the code of a document that asks for no payment (UNTDID 1001): a
// draft is not to be taken for an invoice.
const proForma = "325"

// The elements of UBL 2.1 stand in the order of its schema.
type (
	outID struct {
		ID string `xml:"cbc:ID"`
	}
	outName struct {
		Name string `xml:"cbc:Name"`
	}

	outAddress struct {
		Street  string      `xml:"cbc:StreetName,omitempty"`
		City    string      `xml:"cbc:CityName,omitempty"`
		Postal  string      `xml:"cbc:PostalZone,omitempty"`
		Country *outCountry `xml:"cac:Country"`
	}
	outCountry struct {
		Code string `xml:"cbc:IdentificationCode"`
	}
	outLegal struct {
		Name string `xml:"cbc:RegistrationName"`
	}
	outContact struct {
		Name  string `xml:"cbc:Name,omitempty"`
		Email string `xml:"cbc:ElectronicMail,omitempty"`
	}
	outParty struct {
		IDs     []outID     `xml:"cac:Party>cac:PartyIdentification"`
		Names   []outName   `xml:"cac:Party>cac:PartyName"`
		Address *outAddress `xml:"cac:Party>cac:PostalAddress"`
		Legal   outLegal    `xml:"cac:Party>cac:PartyLegalEntity"`
		Contact *outContact `xml:"cac:Party>cac:Contact"`
	}
	outAmount struct {
		Text     string `xml:",chardata"`
		Currency string `xml:"currencyID,attr"`
	}
	outQuantity struct {
		Text string `xml:",chardata"`
		Unit string `xml:"unitCode,attr"`
	}
	outPeriod struct {
		From  string `xml:"cbc:StartDate"`
		Until string `xml:"cbc:EndDate"`
	}
	outTotal struct {
		Lines   outAmount `xml:"cbc:LineExtensionAmount"`
		Before  outAmount `xml:"cbc:TaxExclusiveAmount"`
		Payable outAmount `xml:"cbc:PayableAmount"`
	}
	outItem struct {
		Name    string `xml:"cbc:Name"`
		Sellers *outID `xml:"cac:SellersItemIdentification"`
		Makers  *outID `xml:"cac:ManufacturersItemIdentification"`
	}
	outPrice struct {
		Amount outAmount `xml:"cbc:PriceAmount"`
	}
	outLine struct {
		ID       string      `xml:"cbc:ID"`
		Quantity outQuantity `xml:"cbc:InvoicedQuantity"`
		Amount   outAmount   `xml:"cbc:LineExtensionAmount"`
		Item     outItem     `xml:"cac:Item"`
		Price    outPrice    `xml:"cac:Price"`
	}
	outDocument struct {
		XMLName  xml.Name  `xml:"Invoice"`
		Space    string    `xml:"xmlns,attr"`
		CAC      string    `xml:"xmlns:cac,attr"`
		CBC      string    `xml:"xmlns:cbc,attr"`
		ID       string    `xml:"cbc:ID"`
		Date     string    `xml:"cbc:IssueDate"`
		Type     string    `xml:"cbc:InvoiceTypeCode"`
		Note     string    `xml:"cbc:Note,omitempty"`
		Currency string    `xml:"cbc:DocumentCurrencyCode"`
		Buyers   string    `xml:"cbc:BuyerReference,omitempty"`
		Period   outPeriod `xml:"cac:InvoicePeriod"`
		Supplier outParty  `xml:"cac:AccountingSupplierParty"`
		Buyer    outParty  `xml:"cac:AccountingCustomerParty"`
		Total    outTotal  `xml:"cac:LegalMonetaryTotal"`
		Lines    []outLine `xml:"cac:InvoiceLine"`
	}
)

// Write writes a document's lines as a UBL 2.1 draft, for a program that makes
// invoices of them: it says itself that it is pro forma, and holds no tax, no
// due date and no account. Each line must have all its numbers.
func Write(w io.Writer, d *invoice.Document, h Head) error {
	if len(d.Lines) == 0 {
		return errors.New("a document without lines is no draft")
	}
	const space = "urn:oasis:names:specification:ubl:schema:xsd:"
	money := func(n invoice.Number, fixed bool) outAmount {
		if fixed {
			return outAmount{n.StringFixed(2), d.Currency}
		}
		return outAmount{n.String(), d.Currency}
	}
	total := money(d.Total, true)
	x := outDocument{Space: space + "Invoice-2", CAC: space + "CommonAggregateComponents-2", CBC: space + "CommonBasicComponents-2",
		ID: plain(d.Number), Date: d.Date, Type: proForma, Note: plain(h.Note), Currency: d.Currency, Buyers: plain(h.Reference), Period: outPeriod{h.From, h.Until},
		Supplier: partyOf(h.Supplier), Buyer: partyOf(h.Buyer), Total: outTotal{total, total, total}}
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.Quantity.Known || !l.UnitPrice.Known || !l.Amount.Known || l.Currency != d.Currency {
			return fmt.Errorf("line %d: its quantity, price or amount is not known, or in another currency", i+1)
		}
		o := outLine{ID: strconv.Itoa(i + 1), Quantity: outQuantity{l.Quantity.String(), "C62"}, Amount: money(l.Amount, true), Item: outItem{Name: plain(l.Text)}, Price: outPrice{money(l.UnitPrice, false)}}
		if l.Article != "" {
			o.Item.Sellers = &outID{plain(l.Article)}
		}
		if len(l.Also) > 0 {
			o.Item.Makers = &outID{plain(l.Also[0])}
		}
		x.Lines = append(x.Lines, o)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(&x); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func partyOf(p Party) outParty {
	out := outParty{Legal: outLegal{plain(p.Name)}, Names: []outName{{plain(p.Name)}}}
	for _, id := range p.IDs {
		if id = plain(id); id != "" {
			out.IDs = append(out.IDs, outID{id})
		}
	}
	if a := (outAddress{Street: plain(p.Street), City: plain(p.City), Postal: plain(p.Postal)}); a != (outAddress{}) || len(p.Country) == 2 {
		if len(p.Country) == 2 {
			a.Country = &outCountry{strings.ToUpper(p.Country)}
		}
		out.Address = &a
	}
	if c := (outContact{plain(p.Contact), plain(p.Email)}); c != (outContact{}) {
		out.Contact = &c
	}
	return out
}

func plain(s string) string { return safetext.Line(s) }
