package books

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// Invoice is what the reseller invoiced, as far as it was entered.
type Invoice struct {
	Entered     bool
	Quantities  []statement.PartQuantity
	Differences []statement.InvoiceDifference
}

// Row is one part number of the tie-out: reported = invoiced, and reported =
// billed + own use + not charged. What does not tie has its causes.
type Row struct {
	PartNumber string   `json:"part_number,omitempty"`
	Products   []string `json:"products"` // ids; of an article that nobody knows: none
	Article    string   `json:"article,omitempty"`
	Reported   int      `json:"reported"`
	Invoiced   *int     `json:"invoiced,omitempty"` // nil: no invoice was entered
	Billed     string   `json:"billed,omitempty"`   // decimal; empty: no bills were entered
	Own        int      `json:"own_use"`
	NotCharged int      `json:"not_charged"`
	// FromInvoice is invoiced less reported; FromBilled is billed, own use and
	// not charged less reported. Empty where the one side was not entered.
	FromInvoice string  `json:"from_invoice,omitempty"`
	FromBilled  string  `json:"from_billed,omitempty"`
	Causes      []Cause `json:"causes,omitempty"`
}

// CauseKind is what a cause is about: one of these, or a bill's difference
// (statement.BillFault).
type CauseKind string

// invoicePart stands before what of an invoice a cause is about.
const invoicePart = CauseInvoice + ": "

// InvoiceCause is the cause that an invoice says something otherwise.
func InvoiceCause(f statement.InvoiceField) CauseKind { return invoicePart + CauseKind(f) }

// OfInvoice says whether a cause is an invoice's, and of what in it.
func (k CauseKind) OfInvoice() (statement.InvoiceField, bool) {
	field, more := strings.CutPrefix(string(k), string(invoicePart))
	if !more {
		return "", k == CauseInvoice
	}
	return statement.InvoiceField(field), true
}

// What a cause is about, beside the differences of bills.
const (
	CauseOwn        CauseKind = "own use"
	CauseUnassigned CauseKind = "nobody's" // persons of no customer, machines of none
	CauseFree       CauseKind = "free by decision"
	CauseAgreed     CauseKind = "billed by decision" // as many as was agreed, not as was counted
	CauseInvoice    CauseKind = "invoice"
)

// Cause is why a part number does not tie, or is not billed.
type Cause struct {
	What     CauseKind `json:"what"`
	Tenant   string    `json:"tenant,omitempty"`
	Customer string    `json:"customer,omitempty"` // as a bill names it
	Counted  string    `json:"counted,omitempty"`
	Billed   string    `json:"billed,omitempty"`
	Units    string    `json:"units,omitempty"` // that it moves; empty: none
	Amount   string    `json:"amount,omitempty"`
	Currency string    `json:"currency,omitempty"`
	Reason   string    `json:"reason,omitempty"` // of what was agreed
	Key      string    `json:"key,omitempty"`    // by which it is agreed as it is
	Agreed   bool      `json:"agreed,omitempty"`
	// Ties says that it stands among own use and what is not charged; else it
	// is a part of the difference, or about a price alone.
	Ties bool `json:"ties,omitempty"`
}

// Open says whether anything of the row does not tie and is not agreed.
func (r *Row) Open() bool {
	return slices.ContainsFunc(r.Causes, func(c Cause) bool { return !c.Ties && !c.Agreed })
}

// TieOut holds the three against each other, by part number in the order of
// the rules. billed says whether bills were entered.
func TieOut(in Input, billed bool, invoice Invoice) []Row {
	c := Compare(in)
	l := open(in)
	dues := l.dues()
	rows := map[*item]*Row{}
	for _, x := range l.items {
		rows[x] = &Row{PartNumber: x.part, Products: x.products}
	}
	for i := range in.Statement.Lines {
		rows[l.of[in.Statement.Lines[i].Product]].Reported += in.Statement.Lines[i].Quantity
	}
	for i := range in.Statement.Tenants {
		t := &in.Statement.Tenants[i]
		if !own(t) {
			continue
		}
		for j := range t.Lines {
			n := t.Lines[j].Quantity
			if n == 0 {
				continue
			}
			r := rows[l.of[t.Lines[j].Product]]
			k := Cause{What: CauseUnassigned, Tenant: t.ID, Units: decimal.NewFromInt(int64(n)).String(), Ties: true}
			if t.Internal {
				r.Own, k.What = r.Own+n, CauseOwn
			} else {
				r.NotCharged += n
			}
			r.Causes = append(r.Causes, k)
		}
	}
	if billed {
		l.bill(rows, dues)
		l.differences(rows, c.Differences)
	}
	list := l.inOrder(rows)
	list = append(list, nowhere(c, billed)...)
	list = invoiced(list, invoice)
	for i := range list {
		list[i].balance(billed)
	}
	return slices.DeleteFunc(list, func(r Row) bool {
		return r.Reported == 0 && len(r.Causes) == 0 && (r.Invoiced == nil || *r.Invoiced == 0) && cmp.Or(r.Billed, "0") == "0"
	})
}

// bill adds up what was billed, and what is not to be charged as was agreed.
func (l *ledger) bill(rows map[*item]*Row, dues []*due) {
	sums := map[*item]decimal.Decimal{}
	for i := range l.Bills {
		n := &l.Bills[i]
		q, ok := number(n.Quantity)
		if !ok {
			continue
		}
		for _, product := range n.Products {
			l.row(rows, product)
			sums[l.of[product]] = sums[l.of[product]].Add(q)
		}
	}
	for x, r := range rows {
		r.Billed = sums[x].String()
	}
	for _, u := range dues {
		if u.counted == u.expect {
			continue
		}
		r, waived := rows[u.item], u.counted-u.expect
		r.NotCharged += waived
		k := Cause{What: CauseFree, Tenant: u.payer, Units: decimal.NewFromInt(int64(waived)).String(), Counted: decimal.NewFromInt(int64(u.counted)).String(),
			Billed: decimal.NewFromInt(int64(u.expect)).String(), Reason: u.reason, Agreed: true, Ties: true}
		if u.expect != 0 {
			k.What = CauseAgreed
		}
		r.Causes = append(r.Causes, k)
	}
}

// row is a product's row.
func (l *ledger) row(rows map[*item]*Row, product string) *Row {
	x := l.itemOf(product)
	if rows[x] == nil {
		rows[x] = &Row{PartNumber: x.part, Products: x.products}
	}
	return rows[x]
}

// differences puts each difference to its part number; that of a bundle's price
// to the first of its products.
func (l *ledger) differences(rows map[*item]*Row, all []statement.BilledDifference) {
	for i := range all {
		if d := &all[i]; len(d.Products) > 0 {
			r := l.row(rows, d.Products[0])
			r.Causes = append(r.Causes, causeOf(d))
		}
	}
}

func causeOf(d *statement.BilledDifference) Cause {
	return Cause{What: CauseKind(d.What), Tenant: d.Tenant, Customer: d.Customer, Counted: d.Counted, Billed: d.Billed, Units: d.Units,
		Amount: d.Amount, Currency: d.Currency, Reason: d.Agreed, Agreed: d.Agreed != "", Key: d.Key}
}

// nowhere are rows of what was billed under an article that nobody knows.
func nowhere(c *Comparison, billed bool) []Row {
	if !billed {
		return nil
	}
	at := map[string]int{}
	var out []Row
	for i := range c.Differences {
		d := &c.Differences[i]
		if len(d.Products) > 0 {
			continue
		}
		n, ok := at[d.Article]
		if !ok {
			n = len(out)
			at[d.Article] = n
			out = append(out, Row{Article: d.Article, Products: []string{}, Billed: "0"})
		}
		was, _ := number(out[n].Billed)
		is, _ := number(d.Units)
		out[n].Billed = was.Add(is).String()
		out[n].Causes = append(out[n].Causes, causeOf(d))
	}
	slices.SortStableFunc(out, func(a, b Row) int { return strings.Compare(a.Article, b.Article) })
	return out
}

func (l *ledger) inOrder(rows map[*item]*Row) []Row {
	var out []Row
	for _, x := range l.items {
		if r := rows[x]; r != nil {
			out = append(out, *r)
		}
	}
	return out
}

// invoiced puts what the reseller invoiced beside what was reported.
func invoiced(list []Row, in Invoice) []Row {
	if !in.Entered {
		return list
	}
	at := map[string]int{}
	for i := range list {
		list[i].Invoiced = new(int)
		at[strings.ToLower(list[i].key())] = i
	}
	row := func(part string) *Row {
		i, ok := at[strings.ToLower(part)]
		if !ok {
			i = len(list)
			at[strings.ToLower(part)] = i
			list = append(list, Row{PartNumber: part, Products: []string{}, Invoiced: new(int)})
		}
		return &list[i]
	}
	for _, q := range in.Quantities {
		*row(q.PartNumber).Invoiced += q.Quantity
	}
	amounts := map[string]string{} // what a part number's amount is off
	for i := range in.Differences {
		d := &in.Differences[i]
		was, ok1 := number(d.Submitted)
		is, ok2 := number(d.Invoiced)
		if d.What == statement.InvoiceAmount && ok1 && ok2 {
			amounts[d.PartNumber] = is.Sub(was).StringFixed(2)
		}
	}
	told := map[string]bool{} // of which a cause has the amount
	for _, alone := range []bool{false, true} {
		for i := range in.Differences {
			d := &in.Differences[i]
			if d.PartNumber == "" || (d.What == statement.InvoiceAmount) != alone || alone && told[d.PartNumber] {
				continue // of all together: it has its causes beneath the part numbers; an amount belongs to what made it
			}
			r := row(d.PartNumber)
			k := Cause{What: InvoiceCause(d.What), Counted: d.Submitted, Billed: d.Invoiced}
			was, ok1 := number(d.Submitted)
			is, ok2 := number(d.Invoiced)
			if d.What == statement.InvoiceQuantity && ok1 && ok2 {
				k.Units = is.Sub(was).String()
			}
			if !told[d.PartNumber] {
				k.Amount, told[d.PartNumber] = amounts[d.PartNumber], true
			}
			r.Causes = append(r.Causes, k)
		}
	}
	return list
}

// key is the part number, or the product as an invoice's comparison names it.
func (r *Row) key() string {
	if r.PartNumber == "" && len(r.Products) > 0 {
		return "(" + r.Products[0] + ")"
	}
	return cmp.Or(r.PartNumber, "article "+r.Article)
}

// balance says what does not tie.
func (r *Row) balance(billed bool) {
	if r.Invoiced != nil {
		r.FromInvoice = decimal.NewFromInt(int64(*r.Invoiced - r.Reported)).String()
	}
	if billed {
		was, _ := number(r.Billed)
		r.Billed = was.String()
		r.FromBilled = was.Add(decimal.NewFromInt(int64(r.Own + r.NotCharged - r.Reported))).String()
	}
	slices.SortStableFunc(r.Causes, func(a, b Cause) int { return cmp.Compare(rank(&a), rank(&b)) })
}

// rank puts what is wrong before what is agreed, and that before what ties.
func rank(c *Cause) int {
	switch {
	case c.Ties:
		return 2
	case c.Agreed:
		return 1
	}
	return 0
}

// BillingLine is one line to bill.
type BillingLine struct {
	Tenant, Partner, Product, PartNumber string
	Quantity                             int
	UnitPrice                            decimal.Decimal
	Currency                             string
	Priced                               bool
	Reason                               string // why it is another number than was counted
	Counted                              int
}

// Billing are the lines to bill for a month, and those that are agreed not to
// be: what it says Compare finds no difference in.
func Billing(in Input) (lines, free []BillingLine) {
	in.Bills = nil
	l := open(in)
	for _, u := range l.dues() {
		for _, p := range u.partial {
			b := BillingLine{Tenant: p.tenant.ID, Partner: p.tenant.Partner, Product: p.product, PartNumber: u.item.part, Quantity: p.expect, Counted: p.counted,
				UnitPrice: p.price.Unit, Currency: p.price.Currency, Priced: p.known, Reason: p.reason}
			switch {
			case p.expect > 0:
				lines = append(lines, b)
			case p.counted > 0:
				free = append(free, b)
			}
		}
	}
	return lines, free
}

// Customer is a tenant's, or a partner's, name.
func Customer(r *register.Register, st *statement.Statement, id string) string {
	if name, ok := strings.CutPrefix(id, register.PartnerPrefix); ok {
		if p := r.Partner(name); p != nil && p.Name != "" {
			return p.Name
		}
		return name
	}
	for i := range st.Tenants {
		if st.Tenants[i].ID == id && st.Tenants[i].Name != "" {
			return st.Tenants[i].Name
		}
	}
	if t := r.Tenant(id); t != nil && t.Name != "" {
		return t.Name
	}
	return id
}

// Billed is what the acts of a month say that customers were charged: the last
// that stands for itself, and what was entered further after it; false where
// nothing was.
func Billed(acts []statement.Act) (out []statement.BilledLine, entered bool) {
	for i := range acts {
		a := &acts[i]
		switch {
		case a.Action != statement.ActBilled:
		case a.Further:
			out, entered = append(out, a.Bills...), true
		default:
			out, entered = slices.Clone(a.Bills), true
		}
	}
	return out, entered
}

// Invoiced is what the acts of a month say that the reseller invoiced.
func Invoiced(acts []statement.Act) (out Invoice) {
	for i := range acts {
		a := &acts[i]
		if a.Action != statement.ActInvoice {
			continue
		}
		if !a.Further {
			out.Quantities = nil
		}
		out.Quantities = append(slices.Clone(out.Quantities), a.Quantities...)
		out.Entered, out.Differences = true, a.Differences
	}
	return out
}

// Ties says that everything that was entered agrees, in units.
func (r *Row) Ties() bool {
	return cmp.Or(r.FromInvoice, "0") == "0" && cmp.Or(r.FromBilled, "0") == "0" && (r.FromInvoice != "" || r.FromBilled != "")
}
