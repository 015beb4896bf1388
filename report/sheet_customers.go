package report

import (
	"fmt"

	"github.com/shopspring/decimal"

	"splameter/internal/statement"
)

// customerTable is the table of lines, with where each tenant's are.
type customerTable struct {
	table
	at map[[2]string]int // tenant and product to the row's index
}

// Columns of Per customer that Triage sums.
const (
	columnQuantity   = "G"
	columnPrevious   = "H"
	columnAmount     = "Q"
	columnAmountLast = "R"
)

// customers is the sheet with every line of every tenant, and beneath them the
// lines of the report, to which they add up.
func (r *review) customers() customerTable {
	st, x := r.w.Statement, r.words
	type entry struct {
		t *statement.Tenant
		l *statement.Line
	}
	var all []entry
	at := map[[2]string]int{}
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			at[[2]string{t.ID, t.Lines[j].Product}] = len(all)
			all = append(all, entry{t, &t.Lines[j]})
		}
	}
	for i := range st.Lines {
		all = append(all, entry{nil, &st.Lines[i]})
	}
	return customerTable{table{
		name: r.sheetName("customers"), screen: true, totals: len(st.Lines),
		columns: []column{
			{r.customer, 36, false}, {x.id, 14, false}, {r.labels.partner, 15, false}, {r.labels.product, 30, false}, {r.partNumber, 17, false}, {r.unit, 22, false},
			{r.quantity, 10, true}, {r.lastMonth, 10, true}, {r.added, 11, true}, {r.removed, 10, true}, {x.change, 10, true},
			{r.active, 9, true}, {x.authorized, 13, true}, {r.notCharged, 11, true}, {r.unitPrice, 13, true}, {r.labels.currency, 9, false},
			{r.amount, 14, true}, {x.amountLast, 14, true}, {x.difference, 14, true}, {x.manual, 22, false},
		},
		n: len(all),
		fill: func(i int, row *row) {
			t, l := all[i].t, all[i].l
			id := ""
			if t == nil {
				row.text(x.allCustomers)
				row.blank()
				row.blank()
			} else {
				id = t.ID
				row.text(r.tenantName(t.ID))
				row.text(t.ID)
				row.text(r.partnerName(t))
			}
			row.text(r.product(l.Product))
			if l.PartNumber == "" && l.Quantity > 0 {
				row.warn(r.fillIn)
			} else {
				row.text(l.PartNumber)
			}
			row.text(r.unitText(l.Unit))
			row.put(r.w.figure(l, number(styleInt, l.Quantity)))
			switch {
			case l.Compared && r.w.unread(l):
				row.int(l.Previous)
				for range 3 {
					row.none()
				}
			case l.Compared:
				row.int(l.Previous)
				row.int(l.Added)
				row.int(l.Removed)
				change := number(styleSigned, l.Quantity-l.Previous)
				row.put(change.summed(fmt.Sprintf("%s%d-%s%d", columnQuantity, row.at, columnPrevious, row.at)))
			default:
				for range 4 {
					row.put(text(styleNA, r.na))
				}
			}
			row.put(r.w.figure(l, number(styleInt, l.Active)))
			row.positive(l.Authorized)
			row.put(r.w.figure(l, number(styleInt, l.Excluded)))
			m := r.look.money[l.Currency]
			if row.bold { // the price stands with the customers
				row.blank()
				m.amount = m.total
			} else {
				row.decimal(m.price, l.UnitPrice)
			}
			row.text(l.Currency)
			row.decimal(m.amount, l.Amount)
			was, known := r.w.amountBefore(id, l)
			row.money(m.amount, was, known && t != nil)
			is, err := decimal.NewFromString(l.Amount)
			if known && err == nil && t != nil {
				c := money(m.signed, is.Sub(was))
				row.put(c.summed(fmt.Sprintf("%s%d-%s%d", columnAmount, row.at, columnAmountLast, row.at)))
			} else {
				row.none()
			}
			if l.Manual != "" {
				row.warn(l.Manual)
			} else {
				row.blank()
			}
		},
	}, at}
}

// amountBefore is what a tenant's line cost last month; false where that is
// not known. Nothing counted then cost nothing.
func (w *Workbooks) amountBefore(tenant string, l *statement.Line) (decimal.Decimal, bool) {
	if !l.Compared {
		return decimal.Zero, false
	}
	q := w.previous[tenant+"\x00"+l.Product]
	if q == nil || q.Amount == "" {
		return decimal.Zero, l.Previous == 0
	}
	d, err := decimal.NewFromString(q.Amount)
	return d, err == nil
}

// where is the cell of a tenant's product in a column, for a formula; false
// where there is none, or where it is on a further sheet.
func (c *customerTable) where(tenant, product, column string, maxRows int) (string, bool) {
	at, ok := c.at[[2]string{tenant, product}]
	if !ok || at+tableTop+1 >= maxRows {
		return "", false
	}
	return fmt.Sprintf("'%s'!%s%d", c.name, column, at+tableTop+1), true
}
