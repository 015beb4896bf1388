package tables

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/invoice"
)

// BillOptions say what a list of what is charged does not say itself.
type BillOptions struct {
	Sheet   string            // of a workbook; empty: the first
	Columns map[string]string // our column to the file's heading, where that is none of the usual ones
	// Also are headings, by column, that count among the usual ones: those that
	// the provider's own lines to bill have.
	Also map[string][]string
}

// billColumns are the columns of an invoice, or of a list out of an accounting
// program or a PSA.
func billColumns() []heading {
	return []heading{
		{"part_number", false, []string{"partno", "partnr", "mspartnumber", "microsoftpartnumber", "manufacturerpartnumber", "mfrpartnumber", "mfrpartno", "vendorpartnumber", "fabrikantnummer", "herstellernummer", "sku", "mpn"}},
		{"article", false, []string{"articlenumber", "articlecode", "resellersku", "resellerarticle", "artikelnummer", "artikelcode", "artikelnr", "artikel", "itemnumber", "itemcode", "item", "productcode", "productnumber", "productid", "serviceid", "servicecode", "alias", "artnr", "reference"}},
		{"description", false, []string{"omschrijving", "artikelomschrijving", "productname", "product", "itemname", "name", "bezeichnung", "beschreibung", "designation", "dienst", "service"}},
		{"quantity", true, []string{"qty", "aantal", "aantallen", "hoeveelheid", "menge", "anzahl", "quantite", "quantité", "units", "billedquantity", "invoicedquantity", "stuks"}},
		{"unit_price", false, []string{"price", "netprice", "netunitprice", "prijs", "stuksprijs", "stukprijs", "prijsperstuk", "eenheidsprijs", "nettoprijs", "verkoopprijs", "tarief", "rate", "salesprice", "sellprice", "einzelpreis", "preis", "stückpreis", "prixunitaire", "prix"}},
		{"amount", false, []string{"bedrag", "netamount", "linetotal", "lineamount", "totaal", "total", "regelbedrag", "regeltotaal", "nettobedrag", "bedragexcl", "bedragexclbtw", "bedragexbtw", "totaalexclbtw", "totalexclvat", "totalexvat", "amountexclvat", "extendedprice", "totalprice", "betrag", "gesamtpreis", "nettobetrag", "montant", "montantht", "totalht"}},
		{"currency", false, []string{"currencycode", "valuta", "währung", "devise"}},
		{"tenant", false, []string{"tenantid"}},
		{"customer_number", false, []string{"customerno", "customerid", "customercode", "klantnummer", "klantnr", "klantcode", "debiteurnummer", "debiteurennummer", "debiteurnr", "debtornumber", "debtorcode", "relatienummer", "relatiecode", "accountnumber", "kundennummer", "kundennr", "numeroclient"}},
		{"customer", false, []string{"customername", "client", "klant", "klantnaam", "debiteur", "debiteurnaam", "debtor", "relatie", "relatienaam", "bedrijf", "bedrijfsnaam", "company", "companyname", "organisation", "organization", "organisatie", "account", "accountname", "kunde", "kundenname", "firma"}},
	}
}

// sums are how rows begin that add others up: they are no lines.
func sums() []string {
	return []string{"total", "totals", "totaal", "subtotal", "subtotaal", "grandtotal", "eindtotaal", "gesamt", "gesamtsumme", "summe", "zwischensumme", "netto", "bruto", "brutto", "som", "sum",
		"btw", "vat", "mwst", "ust", "tva", "exclbtw", "inclbtw", "totaalexclbtw", "totaalinclbtw", "totaalexcl", "totaalincl", "totalexclvat", "totalinclvat", "tebetalen", "amountdue", "nettobetrag"}
}

// Bill reads what somebody is charged: an invoice as CSV or xlsx, or a list for
// many customers, with columns by name in any order and titles above them. A
// row without an article and with an amount is a line still; rows that add
// others up are passed over.
func Bill(path string, opt BillOptions) (*invoice.Document, diag.Faults) {
	rows, like, faults := readGrid(path, opt.Sheet)
	if len(faults) > 0 {
		return nil, faults
	}
	b := &billReader{t: &table{file: path, dialect: like}, out: &invoice.Document{File: path}}
	body := b.header(rows, opt)
	b.learn(body)
	for _, r := range body {
		b.row(r)
	}
	if len(b.out.Lines) == 0 && len(b.t.faults) == 0 {
		b.t.fault(0, 0, "there is no line with a quantity or an amount beneath the header", "check that it is the right file")
	}
	return b.out, b.t.done()
}

type billReader struct {
	t   *table
	at  map[string]int
	out *invoice.Document
}

// header finds the first row that names a quantity or an amount, and what for.
func (b *billReader) header(rows []gridRow, opt BillOptions) []gridRow {
	columns := billColumns()
	for i := range columns {
		for _, h := range opt.Also[columns[i].name] {
			columns[i].also = append(columns[i].also, foldHeading(h))
		}
	}
	for name := range opt.Columns {
		if !slices.ContainsFunc(columns, func(c heading) bool { return c.name == name }) {
			var names []string
			for _, c := range columns {
				names = append(names, c.name)
			}
			b.t.fault(0, 0, "there is no column "+show(name)+" to be filled", "write one of "+strings.Join(names, ", ")+" before the =")
			return nil
		}
	}
	for i, r := range rows[:min(len(rows), headerSearch)] {
		at, double := placeHeadings(r, columns, opt.Columns)
		_, quantity := at["quantity"]
		_, part := at["part_number"]
		_, article := at["article"]
		_, text := at["description"]
		if !quantity || !part && !article && !text {
			continue
		}
		if double != "" {
			b.t.fault(r.line, 0, double, "say which one is meant with --column NAME=HEADING")
			return nil
		}
		for name, h := range opt.Columns {
			if _, ok := at[name]; !ok {
				b.t.fault(r.line, 0, fmt.Sprintf("the header has no column %s for %s", show(h), name), "write the heading as it stands in the file")
			}
		}
		b.at = at
		return rows[i+1:]
	}
	b.t.fault(0, 0, fmt.Sprintf("none of the first %d rows names an article and a quantity", headerSearch), "say which columns they are with --column article=HEADING --column quantity=HEADING")
	return nil
}

// learn finds how the file writes numbers: its quantities, prices and amounts
// are written one way.
func (b *billReader) learn(rows []gridRow) {
	for _, r := range rows {
		for _, name := range []string{"quantity", "unit_price", "amount"} {
			if i, ok := b.at[name]; ok && i < len(r.cells) {
				b.t.dialect.number(unsigned(r.cells[i]))
			}
		}
	}
}

// unsigned is a number without the sign that makes it a credit: a minus at
// either end, or brackets.
func unsigned(s string) string {
	s, _ = signOf(s)
	return s
}

func signOf(s string) (rest string, minus bool) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "−", "-"))
	if inner, ok := strings.CutPrefix(s, "("); ok && strings.HasSuffix(inner, ")") {
		return strings.TrimSuffix(inner, ")"), true
	}
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutSuffix(s, "-"); ok {
		return rest, true
	}
	if i := strings.IndexByte(s, '-'); i >= 0 && strings.Trim(s[:i], "€$£ \u00a0EUR") == "" {
		return s[:i] + s[i+1:], true
	}
	return s, false
}

func (b *billReader) row(r gridRow) {
	get := func(name string) string {
		if i, ok := b.at[name]; ok && i < len(r.cells) {
			return strings.TrimSpace(r.cells[i])
		}
		return ""
	}
	l := invoice.Line{Article: get("article"), Text: get("description"), Currency: strings.ToUpper(get("currency")), Place: fmt.Sprintf("line %d", r.line)}
	if part := get("part_number"); part != "" {
		l.Article, l.Also = part, slices.DeleteFunc([]string{l.Article}, func(s string) bool { return s == "" })
	}
	for _, name := range []string{"tenant", "customer_number", "customer"} {
		if v := get(name); v != "" {
			l.Customer = append(l.Customer, v)
		}
	}
	quantity, price, amount := get("quantity"), get("unit_price"), get("amount")
	if quantity == "" && amount == "" {
		return // a title, or a remark
	}
	if l.Article == "" && b.isSum(r.cells) || b.isSum([]string{l.Article}) {
		return
	}
	b.number(r, quantity, &l.Quantity)
	b.number(r, price, &l.UnitPrice)
	b.number(r, amount, &l.Amount)
	if !l.Amount.Known && l.Quantity.Known && l.UnitPrice.Known {
		l.Amount = invoice.Of(l.Quantity.Mul(l.UnitPrice.Decimal).Round(2))
	}
	b.out.Lines = append(b.out.Lines, l)
}

// isSum says that cells are of a row that adds others up.
func (b *billReader) isSum(cells []string) bool {
	for _, c := range cells {
		f := strings.TrimRight(foldHeading(c), "0123456789")
		if slices.Contains(sums(), f) {
			return true
		}
	}
	return false
}

func (b *billReader) number(r gridRow, s string, to *invoice.Number) {
	if s == "" {
		return
	}
	rest, minus := signOf(s)
	d, what, instead := b.t.dialect.amount(rest)
	if what != "" {
		b.t.fault(r.line, 0, what, instead)
		return
	}
	if minus {
		d = d.Neg()
	}
	*to = invoice.Number{Decimal: d, Known: true}
}
