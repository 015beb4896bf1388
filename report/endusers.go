package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"splameter/internal/lazyregexp"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// EndUser is one product of one customer, as the agreement lets Microsoft ask
// for it. It holds no person, unless the customer itself is one.
type EndUser struct {
	Tenant, Name, Street, Postal, City, Country string
	Product, PartNumber, Unit                   string
	Quantity                                    int
	Note                                        string
}

// EndUserRest is what of the month's report is no end customer's: with the
// list it adds up to the report.
type EndUserRest struct{ Internal, Unassigned, Shared int }

// mayBePerson is the note of a customer whose name tells no legal form: a
// one-man business's name and address are a person's.
const mayBePerson = "may be a one-man business: personal data"

var legalForm = lazyregexp.New(`(?i)(^|[\s(,&])(b\.?\s?v\.?|n\.?v\.?|b\.?v\.?b\.?a\.?|v\.?z\.?w\.?|ltd\.?|limited|llp|plc|p\.?l\.?c\.?|gmbh|ag|ug|kg|ohg|e\.?v\.?|s\.?a\.?|s\.?a\.?s\.?|s\.?a\.?r\.?l\.?|s\.?r\.?l\.?|s\.?p\.?a\.?|inc\.?|llc|corp\.?|corporation|stichting|vereniging|co[öo]peratie(ve)?|u\.?a\.?|foundation|association|university|universiteit|gemeente|provincie|ministerie|waterschap)($|[\s),&])`)

// EndUsers are the month's quantities by customer and product, in the order of
// the statement. The provider's own use is no end customer's, and what belongs
// to no customer is none either: the rest says how much that is.
func (w *Workbooks) EndUsers() ([]EndUser, EndUserRest) {
	var out []EndUser
	var rest EndUserRest
	for i := range w.Statement.Tenants {
		t := &w.Statement.Tenants[i]
		r := w.tenant(t)
		for j := range t.Lines {
			l := &t.Lines[j]
			switch {
			case l.Quantity == 0:
			case t.ID == register.Unassigned:
				rest.Unassigned += l.Quantity
			case t.ID == register.Shared:
				rest.Shared += l.Quantity
			case t.Internal || r.Internal:
				rest.Internal += l.Quantity
			default:
				e := EndUser{Tenant: t.ID, Name: cmpOr(r.Name, cmpOr(t.Name, t.ID)), Street: r.Street, Postal: r.Postal, City: r.City, Country: r.Country,
					Product: w.productLabel(l.Product, "en"), PartNumber: l.PartNumber, Unit: w.looks["en"].unitText(l.Unit), Quantity: l.Quantity}
				if !legalForm().MatchString(line(e.Name)) {
					e.Note = mayBePerson
				}
				out = append(out, e)
			}
		}
	}
	return out, rest
}

var endUserColumns = []string{"month", "customer_id", "customer", "street", "postal_code", "city", "country", "product", "part_number", "unit", "quantity", "note"}

// EndUserCSV writes the list of end customers as CSV.
func (w *Workbooks) EndUserCSV(ctx context.Context, out io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all, _ := w.EndUsers()
	to := csv.NewWriter(out)
	if err := to.Write(endUserColumns); err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		row := []string{w.Month.String(), e.Tenant, e.Name, e.Street, e.Postal, e.City, e.Country, e.Product, e.PartNumber, e.Unit, strconv.Itoa(e.Quantity), e.Note}
		for j := range row {
			row[j] = safetext.Cell(row[j])
		}
		if err := to.Write(row); err != nil {
			return err
		}
	}
	to.Flush()
	return to.Error()
}

// EndUserWorkbook writes the list of end customers as a workbook.
func (w *Workbooks) EndUserWorkbook(ctx context.Context, out io.Writer) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	lk, p := w.looks["en"], w.Config.Provider
	title := "End customer report " + lk.monthName(w.Month)
	b, err := lk.newBook(properties{title: title, status: w.contentStatus(lk), day: w.Month.LastDay(), identifier: w.identifier("end-users", "")}, p.Name)
	if err != nil {
		return err
	}
	b.mark = w.mark(lk.test, lk.draft, lk.incomplete)
	all, rest := w.EndUsers()
	widths := []float64{32, 24, 12, 20, 16, 34, 18, 22, 12, 38}
	columns := len(widths)
	g := grid{}
	g.add(30, wide(styleTitle, title, columns))
	if b.mark != "" {
		g.add(22, wide(styleMark, b.mark, columns))
	}
	fact := func(label, value string) {
		g.add(0, text(styleLabel, label), wide(styleText, value, columns-1))
	}
	fact(lk.serviceProvider, p.Name)
	fact(lk.agreement, p.Agreement)
	fact(lk.usageMonth, w.Month.String()+", "+strings.ToLower(lk.revision)+" "+strconv.Itoa(w.Statement.Revision))
	g.add(8)
	head := g.add(30, text(styleHead, lk.customer), text(styleHead, "Street"), text(styleHead, "Postal code"), text(styleHead, "City"), text(styleHead, "Country"),
		text(styleHead, lk.product), text(styleHead, lk.partNumber), text(styleHead, lk.unit), text(styleHeadRight, lk.quantity), text(styleHead, "Note"))
	for i := range all {
		e := &all[i]
		country := w.country(e.Country, "-", lk) // always shown
		g.add(rowHeight(linesOf(e.Name, 32), linesOf(e.Street, 24), linesOf(e.City, 20), linesOf(country, 16), linesOf(e.Product, 34), linesOf(e.PartNumber, 18), linesOf(e.Unit, 22), linesOf(e.Note, 36)),
			text(styleWrap, e.Name), text(styleWrap, e.Street), text(styleCell, e.Postal), text(styleWrap, e.City), text(styleWrap, cmpOr(country, e.Country)),
			text(styleWrap, e.Product), text(styleWrap, e.PartNumber), text(styleWrap, e.Unit), number(styleInt, e.Quantity), text(styleWrap, e.Note))
	}
	last := max(len(g.rows), head+1)
	g.add(0)
	note := fmt.Sprintf("Not listed, since no end customer's: the provider's own use %d, not assigned %d, shared machines %d. With them the quantities add up to the usage report.",
		rest.Internal, rest.Unassigned, rest.Shared)
	g.add(textHeight(note, widths), wide(styleNote, note, columns))
	g.add(0, wide(styleNote, "Confidential. A customer that is a one-man business is a person: its name and address are personal data.", columns))
	return putOrDrop(b, &g, "End customers", layout{widths: widths, landscape: true, freeze: head, repeat: head,
		filter: fmt.Sprintf("A%d:J%d", head, last), reference: w.Month.String() + "  " + b.revision + " " + strconv.Itoa(w.Statement.Revision)}, out)
}

func putOrDrop(b *book, g *grid, name string, lay layout, out io.Writer) error {
	if err := g.put(b, name, lay, nil); err != nil {
		b.drop()
		return err
	}
	return b.write(out)
}

// Imported is a month from before splameter as a statement, so that it can be
// shown as others are: quantities only, and nothing about how they came to be.
func Imported(e *statement.Earlier, reg *register.Register, products []statement.Product) *statement.Statement {
	st := &statement.Statement{Month: e.Month, Status: statement.Complete, State: statement.Submitted, Products: products}
	at := map[string]int{}
	id := func(q *statement.Quantity) string {
		if q.Product != "" {
			return q.Product
		}
		for i := range products {
			if foldPart(products[i].PartNumber) == foldPart(q.PartNumber) {
				return products[i].ID
			}
		}
		return q.PartNumber
	}
	for i := range e.Quantities {
		q := &e.Quantities[i]
		tenant := cmpOr(q.Tenant, register.Unassigned)
		n, ok := at[tenant]
		if !ok {
			n = len(st.Tenants)
			at[tenant] = n
			t := statement.Tenant{ID: tenant}
			if r := reg.Tenant(tenant); r != nil {
				t.Name, t.Internal, t.Partner = r.Name, r.Internal, r.Partner
			}
			st.Tenants = append(st.Tenants, t)
		}
		var unit statement.Unit
		for j := range products {
			if products[j].ID == id(q) {
				unit = products[j].Unit
			}
		}
		st.Tenants[n].Lines = append(st.Tenants[n].Lines, statement.Line{Product: id(q), PartNumber: q.PartNumber, Unit: unit, Quantity: q.Quantity})
	}
	return st
}
