package closing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// Invoiced is what comparing an invoice came to.
type Invoiced struct {
	Life        *Life
	Differences []statement.InvoiceDifference
	// Unpriced are the part numbers of which the invoice says no amount, or the
	// month's price list no price: of these only quantities were compared.
	Unpriced []string
}

// Invoice takes down the reseller's invoice of a submitted month: it starts
// the time in which a quantity may be corrected downward. What it says
// otherwise than what was submitted comes back, and stands with the act; it is
// kept all the same.
func (d *Desk) Invoice(ctx context.Context, m month.Month, on config.Date, file string, who Act) (*Invoiced, error) {
	if !on.Set || file == "" {
		return nil, errors.New("the invoice needs its date and its quantities: write --date and --file")
	}
	billed, err := quantities(file)
	if err != nil {
		return nil, err
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
	act := d.act(l, statement.ActInvoice, who)
	act.Revision, act.On, act.Quantities = l.Submission.Revision, on.Day.String(), billed
	if err := l.once(&act); err != nil {
		return nil, err
	}
	out := CompareInvoice(st, billed)
	act.Differences = out.Differences
	if act.Attachment, err = d.attach(l.Month, file); err != nil {
		return nil, err
	}
	if err := d.Store.Record(ctx, []statement.Act{act}, nil, false); err != nil {
		return nil, fmt.Errorf("keep the invoice of %s: %w", m, err)
	}
	out.Life = l.with(act)
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
	add := func(part, products, what, was, is string) {
		out.Differences = append(out.Differences, statement.InvoiceDifference{PartNumber: part, Products: products, What: what, Submitted: was, Invoiced: is})
	}
	total, totalBilled, lines, whole := decimal.Zero, decimal.Zero, int64(0), true
	seen := map[string]bool{}
	compare := func(q statement.PartQuantity) {
		b, found := submitted[q.PartNumber]
		b.known = b.known || !found // nothing was submitted of it, and nothing is owed
		seen[q.PartNumber] = true
		names := strings.Join(b.products, ", ")
		if b.quantity != q.Quantity {
			add(q.PartNumber, names, statement.InvoiceQuantity, fmt.Sprint(b.quantity), fmt.Sprint(q.Quantity))
		}
		if q.Currency != "" && b.currency != "" && q.Currency != b.currency {
			add(q.PartNumber, names, statement.InvoiceCurrency, b.currency, q.Currency)
		}
		price, priceErr := decimal.NewFromString(q.UnitPrice)
		if priceErr == nil {
			if was, err := decimal.NewFromString(b.price); err == nil && !was.Equal(price) {
				add(q.PartNumber, names, statement.InvoiceUnitPrice, b.price, q.UnitPrice)
			}
		}
		amount, err := decimal.NewFromString(q.Amount)
		if err != nil {
			whole = false
			if q.Quantity > 0 {
				out.Unpriced = append(out.Unpriced, q.PartNumber)
			}
			return
		}
		if priceErr == nil {
			if product := price.Mul(decimal.NewFromInt(int64(q.Quantity))); product.Sub(amount).Abs().GreaterThan(cent) {
				add(q.PartNumber, names, statement.InvoiceProduct, product.StringFixed(2), q.Amount)
			}
		}
		switch {
		case !b.known && !amount.IsZero():
			whole = false
			out.Unpriced = append(out.Unpriced, q.PartNumber)
		case b.amount.Sub(amount).Abs().GreaterThan(cent):
			add(q.PartNumber, names, statement.InvoiceAmount, b.amount.StringFixed(2), q.Amount)
		}
		total, totalBilled, lines = total.Add(b.amount), totalBilled.Add(amount), lines+1
	}
	for _, q := range billed {
		compare(q)
	}
	var missing []string
	for key := range submitted {
		if !seen[key] {
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

// Repeated says that what is asked for was done before.
type Repeated struct{ Act statement.Act }

// Error implements error.
func (r *Repeated) Error() string {
	return fmt.Sprintf("this was done already: act %d of %s, %s at %s; it was not done again (to do the same once more on purpose, give it another --request)",
		r.Act.Seq, r.Act.Month, r.Act.Action, r.Act.At.UTC().Format("2006-01-02 15:04:05Z"))
}

// repeated looks for an act by the request that it was asked for with, where the
// state of the month alone would refuse it.
func (d *Desk) repeated(l *Life, action string) error {
	for i := range l.Acts {
		if a := &l.Acts[i]; d.Request != "" && a.Request == d.Request && a.Action == action {
			return &Repeated{*a}
		}
	}
	return nil
}

// once gives an act the request by which a repeat is known, where it has none:
// the digest of what is asked for. It is an error of type Repeated where the
// same was done before in this revision.
func (l *Life) once(a *statement.Act) error {
	if a.Request == "" {
		same := *a
		same.Seq, same.Account, same.Note, same.At = 0, "", "", time.Time{}
		b, err := indented(same)
		if err != nil {
			return err
		}
		a.Request = "content " + digest.Of(b)[:32]
	}
	for i := range l.Acts {
		if b := &l.Acts[i]; b.Request == a.Request && b.Revision == a.Revision {
			if b.Action != a.Action {
				return fmt.Errorf("the request %q was another act, %s: give each its own", a.Request, b.Action)
			}
			return &Repeated{*b}
		}
	}
	return nil
}
