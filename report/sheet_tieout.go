package report

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/statement"
)

// TieOut are the month's three books held against each other.
func (w *Workbooks) TieOut() []books.Row {
	in, invoice := w.Books(), books.Invoiced(w.Acts)
	_, billed := books.Billed(w.Acts)
	return books.TieOut(in, billed, invoice)
}

// TieOutWorkbook writes the tie-out as a workbook of its own, for invoices and
// bills come after the review was sealed.
func (w *Workbooks) TieOutWorkbook(ctx context.Context, out io.Writer) error {
	lk := w.own()
	b, err := lk.newBook(properties{title: lk.review.sheets["tieout"] + " " + lk.monthName(w.Month), day: w.Month.LastDay(), identifier: w.identifier("tie-out", "")}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	r := review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}
	if err := r.table(ctx, r.tieOut()); err != nil {
		b.drop()
		return fmt.Errorf("make the tie-out: %w", err)
	}
	return b.write(out)
}

// tieOut is the sheet that holds what was reported, invoiced and billed
// against each other, a row a part number and beneath it each cause.
func (r *review) tieOut() table {
	x := tieWords(r.language)
	type at struct {
		row   *books.Row
		cause *books.Cause
	}
	var rows []at
	list := r.w.TieOut()
	for i := range list {
		rows = append(rows, at{&list[i], nil})
		for j := range list[i].Causes {
			rows = append(rows, at{&list[i], &list[i].Causes[j]})
		}
	}
	_, billed := books.Billed(r.w.Acts)
	return table{
		// Where nothing was entered yet there is nothing to hold against another.
		name: r.sheetName("tieout"), screen: !billed && !books.Invoiced(r.w.Acts).Entered,
		columns: []column{{x.what, 42, false}, {r.partNumber, 17, false}, {x.reported, 14, true}, {x.invoiced, 13, true}, {x.off, 11, true},
			{x.billed, 12, true}, {x.own, 11, true}, {x.notCharged, 11, true}, {x.off, 11, true}, {x.worth, 15, true}, {x.cause, 56, false}},
		n: len(rows),
		fill: func(i int, row *row) {
			if c := rows[i].cause; c != nil {
				r.tieCause(c, row)
				return
			}
			r.tieRow(rows[i].row, &x, row)
		},
	}
}

func (r *review) tieRow(t *books.Row, x *tieLabels, row *row) {
	row.bold = true
	name := t.Article
	if len(t.Products) > 0 {
		var names []string
		for _, id := range t.Products {
			names = append(names, r.product(id))
		}
		name = strings.Join(names, ", ")
	}
	row.long(cmpOr(name, t.PartNumber))
	row.text(t.PartNumber)
	row.int(t.Reported)
	if t.Invoiced == nil {
		row.none()
	} else {
		row.int(*t.Invoiced)
	}
	row.units(t.FromInvoice, true)
	row.units(t.Billed, false)
	row.int(t.Own)
	row.int(t.NotCharged)
	row.units(t.FromBilled, true)
	row.blank()
	row.long(x.summary(t))
}

// tieCause is a row of one cause: its units stand where they belong, in the
// difference or among what is not charged.
func (r *review) tieCause(c *books.Cause, row *row) {
	who := c.Customer
	if c.Tenant != "" {
		who = r.payerName(c.Tenant)
	}
	row.long("    " + who)
	row.blank()
	_, invoice := c.What.OfInvoice()
	row.blank()
	row.blank()
	put := func(here bool) {
		if here && c.Units != "" {
			row.units(c.Units, !c.Ties)
		} else {
			row.blank()
		}
	}
	put(invoice)
	row.blank()
	put(c.What == books.CauseOwn)
	put(c.Ties && c.What != books.CauseOwn)
	put(!c.Ties && !invoice)
	m, known := r.look.money[c.Currency]
	switch {
	case c.Amount == "":
		row.blank()
	case known:
		row.decimal(m.signed, c.Amount)
	default: // a bill may say no currency, or one that nothing else is in
		row.put(text(styleNA, strings.TrimSpace(c.Currency+" "+c.Amount)))
	}
	row.long(tieText(r.language, c))
}

// payerName is a customer's or a partner's name.
func (r *review) payerName(id string) string {
	if strings.HasPrefix(id, "-") {
		return r.tenantName(id)
	}
	return books.Customer(r.w.Register, r.w.Statement, id)
}

// units is a number of licences, which may be a part of one.
func (r *row) units(s string, signed bool) {
	d, err := decimal.NewFromString(s)
	style := styleInt
	if signed {
		style = styleSigned
	}
	switch {
	case err != nil:
		r.none()
	case d.IsInteger():
		r.put(number(style, int(d.IntPart())))
	default:
		r.put(text(styleNA, d.String()))
	}
}

// tieLabels are the words of the tie-out.
type tieLabels struct {
	what, reported, invoiced, billed, own, notCharged, off, worth, cause string
	ties, noInvoice, noBills, agreed, key                                string
	causes                                                               map[books.CauseKind]string
	bills                                                                map[statement.BillFault]string
	fields                                                               map[statement.InvoiceField]string
}

func tieWords(language string) tieLabels {
	if strings.EqualFold(language, "nl") {
		return tieLabels{
			what: "Product, klant", reported: "Gerapporteerd", invoiced: "Gefactureerd aan u", billed: "Doorbelast", own: "Eigen gebruik", notCharged: "Niet belast", off: "Verschil", worth: "Waarde", cause: "Oorzaak",
			ties: "sluit aan", noInvoice: "nog geen factuur ingevoerd", noBills: "nog geen facturen aan klanten ingevoerd", agreed: "afgesproken", key: "sleutel",
			causes: map[books.CauseKind]string{
				books.CauseOwn: "eigen gebruik", books.CauseUnassigned: "van niemand", books.CauseFree: "gratis volgens besluit", books.CauseAgreed: "aantal volgens besluit", books.CauseInvoice: "factuur",
			},
			bills: map[statement.BillFault]string{
				statement.NotBilled: "niet doorbelast", statement.BilledLess: "te weinig doorbelast", statement.BilledMore: "te veel doorbelast", statement.BilledUncounted: "doorbelast, niets geteld",
				statement.BilledOwn: "doorbelast, eigen gebruik", statement.BilledNobody: "klant onbekend", statement.BilledNothing: "artikel onbekend", statement.BilledNumber: "aantal onbekend",
				statement.BilledPrice: "prijs", statement.BilledCurrency: "valuta", statement.BilledProduct: "aantal maal stuksprijs",
			},
			fields: map[statement.InvoiceField]string{statement.InvoiceQuantity: "aantal", statement.InvoiceUnitPrice: "stuksprijs", statement.InvoiceAmount: "bedrag",
				statement.InvoiceCurrency: "valuta", statement.InvoiceProduct: "aantal maal stuksprijs"},
		}
	}
	return tieLabels{
		what: "Product, customer", reported: "Reported", invoiced: "Invoiced to you", billed: "Billed", own: "Own use", notCharged: "Not charged", off: "Difference", worth: "Worth", cause: "Cause",
		ties: "ties", noInvoice: "no invoice entered yet", noBills: "no bills to customers entered yet", agreed: "agreed", key: "key",
		causes: map[books.CauseKind]string{books.CauseUnassigned: "of no customer"},
	}
}

// summary says of a part number whether it ties, and what was not entered.
func (x *tieLabels) summary(t *books.Row) string {
	var parts []string
	if t.Ties() && !t.Open() {
		parts = append(parts, x.ties)
	}
	if t.Invoiced == nil {
		parts = append(parts, x.noInvoice)
	}
	if t.Billed == "" {
		parts = append(parts, x.noBills)
	}
	return strings.Join(parts, "; ")
}

// tieText is a cause in words.
func tieText(language string, c *books.Cause) string {
	x := tieWords(language)
	field, invoice := c.What.OfInvoice()
	var out string
	switch fault := statement.BillFault(c.What); {
	case invoice:
		out = word(x.causes, books.CauseInvoice)
		if field != "" {
			out += ": " + word(x.fields, field)
		}
	case x.bills[fault] != "":
		out = x.bills[fault]
	default:
		out = word(x.causes, c.What)
	}
	if c.Counted != "" || c.Billed != "" {
		out += ", " + cmpOr(c.Counted, "–") + " → " + cmpOr(c.Billed, "–")
	}
	if c.Reason != "" {
		if c.Agreed && !c.Ties {
			out += "; " + x.agreed
		}
		out += " (" + c.Reason + ")"
	}
	return out
}

// TieText is a cause of the tie-out in words.
func (w Words) TieText(c *books.Cause) string { return tieText(w.l.language, c) }

// TieSummary says of a part number whether it ties, and what was not entered.
func (w Words) TieSummary(t *books.Row) string {
	x := tieWords(w.l.language)
	return x.summary(t)
}
