package report

import (
	"strconv"

	"splameter/internal/register/prices"
)

// priceChanges states, where the config asks for it, the sales prices that are
// others than last month's: the January annex of a provider that passes a
// price list on. What is above the limit for notice is the provider's matter;
// the customer sees the percentage.
func (a *annex) priceChanges() {
	if !a.w.Config.Report.PriceChanges || len(a.w.Sales) == 0 {
		return
	}
	var changed []prices.Change
	for i := range a.t.Lines { // in the order of the table above
		l := &a.t.Lines[i]
		held := []prices.Held{{Tenant: a.t.ID, Product: l.Product, Quantity: l.Quantity}}
		for _, c := range prices.Compare(held, a.w.Month.Add(-1), a.w.Month, a.w.Config.Checks.PriceNotice, a.w.Sales.BySales) {
			if c.Comparable() && !c.Old.Equal(c.New) {
				changed = append(changed, c)
			}
		}
	}
	if len(changed) == 0 {
		return
	}
	b, words := a.b, adviceLabelsFor(a.b.language)
	a.g.add(0)
	a.g.add(20, wide(styleSection, words.changedSince+" "+b.dayText(a.w.Month.FirstDay()), a.wide))
	// The columns are those of the tables above.
	a.g.add(30, wide(styleHead, b.product, 2), wide(styleHeadRight, words.pricesFrom+" "+a.w.shortMonth(b.look, -1), 2),
		wide(styleHeadRight, words.pricesTo+" "+a.w.shortMonth(b.look, 0), 2), wide(styleHeadRight, words.percent, a.wide-6))
	for _, c := range changed {
		m := b.look.money[c.Currency]
		name := a.w.productLabel(c.Product, b.language)
		old, is := money(m.price, c.Old), money(m.price, c.New)
		old.span, is.span = 2, 2
		a.g.add(rowHeight(linesOf(name, 58)), wide(styleWrap, name, 2), old, is, wide(styleNA, b.look.percentText(c.Rise), a.wide-6))
	}
}

// shortMonth is the month so many before or after this one, such as dec 2026.
func (w *Workbooks) shortMonth(lk *look, n int) string {
	m := w.Month.Add(n)
	return lk.shortMonths[m.Month()-1] + " " + strconv.Itoa(m.Year())
}
