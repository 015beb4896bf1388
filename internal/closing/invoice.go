package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/closing/books"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
)

// Invoiced is what comparing an invoice came to.
type Invoiced struct {
	Life        *Life
	Differences []statement.InvoiceDifference
	// Unpriced are the part numbers of which the invoice says no amount, or the
	// month's price list no price: of these only quantities were compared.
	Unpriced []string
	// Unsealed says why the evidence does not hold the invoice; empty where it does.
	Unsealed string
}

// InvoiceFile is an invoice to be recorded.
type InvoiceFile struct {
	File    string
	On      month.OptionalDay // where the file does not say its date
	Further bool              // it stands beside those entered before it
	Columns map[string]string // headings of a list that are none of the usual
}

// Invoice records the reseller's invoice of a submitted month: it starts
// the time in which a quantity may be corrected downward. What it says
// otherwise than what was submitted comes back, and stands with the act; it is
// kept all the same.
//
// A further document, such as a credit note, is compared together with those
// entered before it; else the document takes their place.
func (d *Desk) Invoice(ctx context.Context, m month.Month, in InvoiceFile, who Act) (*Invoiced, error) {
	file, on, further := in.File, in.On, in.Further
	if file == "" {
		return nil, errors.New("the invoice needs its lines: write --file")
	}
	doc, err := ReadBill(file, tables.BillOptions{Columns: in.Columns})
	if err != nil {
		return nil, err
	}
	if !on.Set && doc.Date != "" {
		if err := on.UnmarshalText([]byte(doc.Date)); err != nil {
			return nil, fmt.Errorf("%s: its date: %w", file, err)
		}
	}
	if !on.Set {
		return nil, errors.New("the file does not say the invoice's date: write --date")
	}
	if doc.Credit && !further {
		return nil, fmt.Errorf("%s is a credit note: write --further, so that it is compared together with the invoice", file)
	}
	l, unlock, err := d.begin(ctx, m, true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if l.Submission == nil {
		return nil, l.cannot("invoiced", "it was never submitted")
	}
	st, err := d.result(ctx, l.Month, l.Submission.Revision)
	if err != nil {
		return nil, err
	}
	if err := d.plausible(m, "invoiced", "--date", on.Day); err != nil {
		return nil, err
	}
	billed, err := d.invoiced(st, doc)
	if err != nil {
		return nil, err
	}
	act := d.act(l, statement.ActInvoice, who)
	act.Revision, act.On, act.Quantities, act.Further = l.Submission.Revision, on.Day.String(), billed, further
	if act.Reference = doc.Number; len(act.Reference) > 200 {
		return nil, fmt.Errorf("%s: its number is longer than 200 characters", file)
	}
	if err := l.once(&act); err != nil {
		return nil, err
	}
	if further {
		billed = append(l.Invoiced(), billed...)
	}
	out := CompareInvoice(st, billed)
	act.Differences = out.Differences
	if act.Attachment, err = d.attach(l.Month, file); err != nil {
		return nil, err
	}
	if out.Life, out.Unsealed, err = d.keepInvoice(ctx, m, l, act); err != nil {
		return nil, fmt.Errorf("keep the invoice of %s: %w", m, err)
	}
	return out, nil
}

// billable is what was submitted of a part number.
type billable struct {
	part
	price, currency string          // empty: not known, or several
	amount          decimal.Decimal // where known
	known           bool
}

func billables(st *statement.Statement) map[string]billable {
	out := map[string]billable{}
	for key, p := range byPart(st.Lines) {
		b := billable{part: p, known: true}
		amount, currency := amountOf(st.Lines, key)
		if amount == nil {
			b.known = false
		} else {
			b.amount = *amount
		}
		b.currency = currency
		for i := range st.Lines {
			l := &st.Lines[i]
			if l.PartNumber != key || l.UnitPrice == "" {
				continue
			}
			if b.price != "" && b.price != l.UnitPrice {
				b.price = ""
				break
			}
			b.price = l.UnitPrice
		}
		out[key] = b
	}
	return out
}

// CompareInvoice says where an invoice differs from what was submitted: in the
// quantity, in the unit price of the month's price list, in the amount, by part
// number and in total; and where it does not multiply right by itself. A cent a
// line is rounding.
func CompareInvoice(st *statement.Statement, billed []statement.PartQuantity) *Invoiced {
	out := &Invoiced{}
	submitted := billables(st)
	cent := decimal.New(1, -2)
	add := func(part, products string, what statement.InvoiceField, was, is string) {
		out.Differences = append(out.Differences, statement.InvoiceDifference{PartNumber: part, Products: products, What: what, Submitted: was, Invoiced: is})
	}
	total, totalBilled, lines, whole := decimal.Zero, decimal.Zero, int64(0), true
	compare := func(part string, list []statement.PartQuantity) {
		b, found := submitted[part]
		b.known = b.known || !found // nothing was submitted of it, and nothing is owed
		names := strings.Join(b.products, ", ")
		quantity, amount, amounts := 0, decimal.Zero, true
		for _, q := range list {
			quantity += q.Quantity
		}
		if b.quantity != quantity {
			add(part, names, statement.InvoiceQuantity, fmt.Sprint(b.quantity), fmt.Sprint(quantity))
		}
		for _, q := range list {
			lines++
			if q.Currency != "" && b.currency != "" && q.Currency != b.currency {
				add(part, names, statement.InvoiceCurrency, b.currency, q.Currency)
			}
			price, priceErr := decimal.NewFromString(q.UnitPrice)
			if was, err := decimal.NewFromString(b.price); priceErr == nil && err == nil && !was.Equal(price) {
				add(part, names, statement.InvoiceUnitPrice, b.price, q.UnitPrice)
			}
			of, err := decimal.NewFromString(q.Amount)
			if err != nil {
				amounts = false
				continue
			}
			amount = amount.Add(of)
			if priceErr == nil {
				product := price.Mul(decimal.NewFromInt(int64(q.Quantity)))
				if a, err := decimal.NewFromString(q.Allowance); err == nil {
					product = product.Add(a)
				}
				if product.Sub(of).Abs().GreaterThan(cent) {
					add(part, names, statement.InvoiceProduct, product.StringFixed(2), q.Amount)
				}
			}
		}
		if !amounts {
			whole = false
			if quantity > 0 {
				out.Unpriced = append(out.Unpriced, part)
			}
			return
		}
		switch {
		case !b.known && !amount.IsZero():
			whole = false
			out.Unpriced = append(out.Unpriced, part)
		case b.amount.Sub(amount).Abs().GreaterThan(cent.Mul(decimal.NewFromInt(int64(max(len(list), 1))))):
			add(part, names, statement.InvoiceAmount, b.amount.StringFixed(2), amount.StringFixed(2))
		}
		total, totalBilled = total.Add(b.amount), totalBilled.Add(amount)
	}
	seen := map[string][]statement.PartQuantity{}
	var order []string
	for _, q := range billed {
		if seen[q.PartNumber] == nil {
			order = append(order, q.PartNumber)
		}
		seen[q.PartNumber] = append(seen[q.PartNumber], q)
	}
	for _, part := range order {
		compare(part, seen[part])
	}
	var missing []string
	for key := range submitted {
		if seen[key] == nil {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	for _, key := range missing {
		b := submitted[key]
		if b.quantity == 0 && b.amount.IsZero() {
			continue
		}
		add(key, strings.Join(b.products, ", "), statement.InvoiceQuantity, fmt.Sprint(b.quantity), "0")
		whole = whole && b.known
		total = total.Add(b.amount)
	}
	if whole && total.Sub(totalBilled).Abs().GreaterThan(cent.Mul(decimal.NewFromInt(max(lines, 1)))) {
		add("", "", statement.InvoiceAmount, total.StringFixed(2), totalBilled.StringFixed(2))
	}
	slices.Sort(out.Unpriced)
	return out
}

// InvoiceDiffers is what the latest invoice of the month says otherwise than
// what was submitted.
func (l *Life) InvoiceDiffers() []statement.InvoiceDifference {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Action == statement.ActInvoice {
			return a.Differences
		}
	}
	return nil
}

// Invoiced is what the month's invoices come to: the last that stands for
// itself, and those entered as further ones after it.
func (l *Life) Invoiced() []statement.PartQuantity { return books.Invoiced(l.Acts).Quantities }

// Objection is the last day on which the latest invoice that differs can be
// objected to; false where none does.
func (l *Life) Objection(c config.Calendar) (month.Day, bool) {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Action == statement.ActInvoice {
			day, err := month.ParseDay(a.On)
			return day + month.Day(c.ObjectionDays), err == nil && len(a.Differences) > 0
		}
	}
	return 0, false
}

// Repeated says that what is asked for was done before: by an act of a month, or
// in What, which is not one.
type Repeated struct {
	Act  statement.Act
	What string
}

// Error implements error.
func (r *Repeated) Error() string {
	what := r.What
	if what == "" {
		what = fmt.Sprintf("act %d of %s, %s at %s", r.Act.Seq, r.Act.Month, r.Act.Action, r.Act.At.UTC().Format("2006-01-02 15:04:05Z"))
	}
	return fmt.Sprintf("this was done already: %s; it was not done again (to do the same once more on purpose, give it another --request)", what)
}

// repeated looks for an act by the request that it was asked for with, where the
// state of the month alone would refuse it.
func (d *Desk) repeated(l *Life, action statement.ActKind) error {
	for i := range l.Acts {
		if a := &l.Acts[i]; d.Request != "" && a.Request == d.Request && a.Action == action {
			return &Repeated{Act: *a}
		}
	}
	return nil
}

// once gives an act the request by which a repeat is known, where it has none:
// the digest of what is asked for. It is an error of type Repeated where a
// request that somebody gave was done before in whatever revision, and where the
// same is asked for again in this one. What was done to a revision that was
// withdrawn is gone with it, and may be asked for anew.
func (l *Life) once(a *statement.Act) error {
	acts := l.Acts
	if a.Request == "" {
		same := *a
		same.Seq, same.Account, same.Note, same.At = 0, "", "", time.Time{}
		b, err := indented(same)
		if err != nil {
			return err
		}
		a.Request, acts = "content "+digest.Of(b)[:32], l.live
	}
	for i := range acts {
		if b := &acts[i]; b.Request == a.Request {
			if b.Action != a.Action {
				return fmt.Errorf("the request %q was another act, %s: give each its own", a.Request, b.Action)
			}
			return &Repeated{Act: *b}
		}
	}
	return nil
}
