package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// priceList are a tenant's sales prices of the month, line by line.
type priceList struct {
	any    bool
	gap    bool // a line that counts has none
	prices []prices.SalesPrice
	found  []bool
	amount []decimal.Decimal
}

func (a *annex) priced() priceList {
	p := priceList{
		prices: make([]prices.SalesPrice, len(a.t.Lines)), found: make([]bool, len(a.t.Lines)), amount: make([]decimal.Decimal, len(a.t.Lines)),
	}
	if len(a.w.Sales) == 0 {
		return p
	}
	for i := range a.t.Lines {
		l := &a.t.Lines[i]
		if !shown(l) || a.w.unread(l) {
			continue
		}
		p.prices[i], p.found[i] = a.w.Sales.For(a.t.ID, l.Product, a.w.Month)
		if p.found[i] {
			p.amount[i] = prices.Amount(l.Quantity, p.prices[i].Unit)
			p.any = true
		} else if l.Quantity > 0 {
			p.gap = true
		}
	}
	return p
}

// cells are the price and the amount of a line. A price that is not known is
// no zero.
func (p *priceList) cells(i int, b *book) []cell {
	if !p.found[i] {
		return []cell{text(styleNA, "–"), text(styleNA, "–")}
	}
	m := b.look.money[p.prices[i].Currency]
	return []cell{money(m.price, p.prices[i].Unit), money(m.amount, p.amount[i])}
}

// totals are the sums beneath the amounts, one a currency, and what is to be
// said of them.
func (p *priceList) totals(g *grid, head, wideness int, b *book) {
	first, last := head+1, len(g.rows)
	sums := map[string]decimal.Decimal{}
	var order []string
	for i, ok := range p.found {
		if !ok {
			continue
		}
		c := p.prices[i].Currency
		if _, seen := sums[c]; !seen {
			order = append(order, c)
		}
		sums[c] = sums[c].Add(p.amount[i])
	}
	column, _ := excelize.ColumnNumberToName(wideness)
	for _, c := range order {
		sum := money(b.look.money[c].total, sums[c])
		if len(order) == 1 {
			sum = sum.summed(fmt.Sprintf("SUM(%s%d:%s%d)", column, first, column, last))
		}
		g.add(rowHeight(1), wide(styleBold, b.labels.total, wideness-1), sum)
	}
	note := b.currencyNote
	if p.gap {
		note += " " + b.priceGap
	}
	g.add(0, wide(styleNote, note, wideness))
}

// users lists who was counted, for a tenant that asked for it: no activity, no
// machine, nothing that tells how somebody worked.
func (a *annex) users() error {
	b, st := a.b, a.w.Statement
	g := grid{}
	const columns = 6
	g.add(30, wide(styleTitle, b.users+" "+b.monthName(a.w.Month), columns))
	g.add(0, wide(styleText, cmpOr(line(a.t.Name), a.t.ID), columns))
	if m := a.w.mark(b.test, b.draft, ""); m != "" {
		g.add(22, wide(styleMark, m, columns))
	}
	head := g.add(30, text(styleHead, b.name), text(styleHead, b.account), text(styleHead, b.product),
		text(styleHead, b.accessFrom), text(styleHead, b.accessUntil), text(styleHeadRight, b.countsAs))
	excluded := false
	for _, i := range a.w.persons[a.t.ID] {
		p := st.Persons.At(i)
		counts := p.Units
		if p.Excluded != nil {
			counts, excluded = 0, true
		}
		accounts, product := accountNames(&p), a.w.productLabel(p.Product, b.language)
		g.add(rowHeight(linesOf(p.Name, 28), linesOf(accounts, 22), linesOf(product, 34)), text(styleWrap, p.Name), text(styleWrap, accounts), text(styleWrap, product),
			a.accessDay(p.First, &p, true), a.accessDay(p.Last, &p, false), number(styleInt, counts))
	}
	last := len(g.rows)
	if excluded {
		g.add(0)
		g.add(0, wide(styleNote, b.excludedNote, columns))
	}
	return g.put(b, a.part(b.users), layout{
		widths: []float64{30, 24, 36, 17, 17, 10}, freeze: head, repeat: head,
		filter: fmt.Sprintf("A%d:F%d", head, max(last, head+1)), reference: a.w.documentNumber(a.t.ID),
	}, nil)
}

// accessDay is the first or last day of a person's access; where it lay between
// two readings, the moment, as far as it is known.
func (a *annex) accessDay(on month.Day, p *statement.Person, first bool) cell {
	if b := p.Between; b != nil {
		switch loc := a.w.Month.Location(); {
		case first && b.FromKnown:
			return text(styleWrap, b.From.In(loc).Format("2006-01-02 15:04:05"))
		case !first && b.UntilKnown:
			return text(styleWrap, b.Until.In(loc).Format("2006-01-02 15:04:05"))
		}
	}
	return day(styleDay, on)
}

// textHeight is the height that wrapped text needs over merged columns, which
// no program works out by itself.
func textHeight(s string, widths []float64) float64 {
	total := 0.0
	for _, w := range widths {
		total += w
	}
	return 13 * float64(linesOf(s, int(total*1.05)))
}

// rowHeight is the height of a table's row in which the cells take so many
// lines.
func rowHeight(lines ...int) float64 {
	return min(13.5*float64(max(1, slices.Max(lines)))+5, maxHeight)
}

// linesOf is how many lines a text takes at a width in characters.
func linesOf(s string, width int) int {
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		n += max(1, int(math.Ceil(float64(safetext.Units(l))/float64(max(width, 1)))))
	}
	return n
}

// untilCell is the last day of a right; open-ended where there is none, and as
// it stands where it is no date.
func (b *book) untilCell(s string) cell {
	if s == "" {
		return text(styleCell, b.openEnded)
	}
	if d, err := month.ParseDay(s); err == nil {
		return day(styleDay, d)
	}
	return text(styleCell, s)
}

// address is a party's lines, without empty ones.
func address(name, street, postal, city, country string) []string {
	var out []string
	for _, s := range []string{name, street, line(postal + "  " + city), country} {
		if line(s) != "" {
			out = append(out, line(s))
		}
	}
	return out
}

func at(s []string, i int) string {
	if i < len(s) {
		return s[i]
	}
	return ""
}

func cmpOr(s, otherwise string) string {
	if strings.TrimSpace(s) != "" {
		return s
	}
	return otherwise
}
