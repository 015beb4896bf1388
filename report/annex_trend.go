package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
)

// above is how many rows of 15 points the chart covers, which excelize takes
// for 18 pixels each.
const above = 20

// chartSeries is how many products a chart shows before it is a tangle.
const chartSeries = 6

// trend is the sheet with the last twelve months, this one included: a chart
// over a table. Without an earlier month there is none.
func (a *annex) trend() error {
	months, counted := a.months()
	if len(months) < 2 {
		return nil
	}
	products := a.charted(counted)
	if len(products) == 0 {
		return nil
	}
	if len(products) > chartSeries {
		return a.longTrend(months, counted, products)
	}
	b := a.b
	widths := []float64{16}
	columns := 1 + len(products)
	for range products {
		widths = append(widths, 15)
	}
	for len(widths) < 6 {
		widths = append(widths, 15)
	}
	width := len(widths)
	g := grid{}
	g.add(30, wide(styleTitle, b.quantitiesByMonth, width))
	g.add(0, wide(styleText, line(a.t.Name), width))
	if m := a.w.mark(b.test, b.draft, ""); m != "" {
		g.add(22, wide(styleMark, m, width))
	} else {
		g.add(0)
	}
	for range above {
		g.add(15)
	}
	cells := []cell{text(styleHead, b.labels.month)}
	longest := 1
	for _, id := range products {
		name := a.w.productLabel(id, b.language)
		longest = max(longest, linesOf(name, 13))
		cells = append(cells, text(styleHeadRight, name))
	}
	head := g.add(14*float64(longest)+4, cells...)
	imported := false
	for _, m := range months {
		row := counted[m]
		label := b.shortMonths[m.Month()-1] + " " + strconv.Itoa(m.Year())
		if row.known && !row.computed {
			label, imported = label+" *", true
		}
		cells := []cell{text(styleCell, label)}
		for _, id := range products {
			n, ok := row.quantities[id]
			switch {
			case ok || row.computed && !slices.Contains(row.unread, id):
				cells = append(cells, number(styleInt, n))
			default: // a month of which nothing is known: a gap, not a zero
				cells = append(cells, empty(styleInt))
			}
		}
		g.add(rowHeight(1), cells...)
	}
	last := len(g.rows)
	if imported {
		g.add(0)
		g.add(13*2, wide(styleNote, "* "+b.importedNote, width))
	}
	chart := func(sheet string) error {
		return b.f.AddChart(sheet, "A4", a.chart(sheet, widths, len(products), func(i int) (name, categories, values string) {
			column, _ := excelize.ColumnNumberToName(i + 2)
			return fmt.Sprintf("'%s'!$%s$%d", sheet, column, head), fmt.Sprintf("'%s'!$A$%d:$A$%d", sheet, head+1, last), fmt.Sprintf("'%s'!$%s$%d:$%s$%d", sheet, column, head+1, column, last)
		}))
	}
	return g.put(b, b.months12, layout{widths: widths, landscape: columns > 7, freeze: 1, repeat: head, reference: a.w.documentNumber(a.t.ID)}, chart)
}

// longTrend is the sheet of more products than fit beside each other: each is a
// row, and the months are the columns, so that it goes on over any number of
// pages with the months over each.
func (a *annex) longTrend(months []month.Month, counted map[month.Month]monthRow, products []string) error {
	b := a.b
	widths := []float64{34}
	for range months {
		widths = append(widths, 9.5)
	}
	for len(widths) < 7 {
		widths = append(widths, 9.5)
	}
	width := len(widths)
	g := grid{}
	g.add(30, wide(styleTitle, b.quantitiesByMonth, width))
	g.add(0, wide(styleText, line(a.t.Name), width))
	if m := a.w.mark(b.test, b.draft, ""); m != "" {
		g.add(22, wide(styleMark, m, width))
	} else {
		g.add(0)
	}
	for range above {
		g.add(15)
	}
	cells, imported := []cell{text(styleHead, b.product)}, false
	for _, m := range months {
		label := b.shortMonths[m.Month()-1] + " " + strconv.Itoa(m.Year())
		if row := counted[m]; row.known && !row.computed {
			label, imported = label+" *", true
		}
		cells = append(cells, text(styleHeadRight, label))
	}
	head := g.add(32, cells...)
	for _, id := range products {
		name := a.w.productLabel(id, b.language)
		cells := []cell{text(styleWrap, name)}
		for _, m := range months {
			row := counted[m]
			if n, ok := row.quantities[id]; ok || row.computed && !slices.Contains(row.unread, id) {
				cells = append(cells, number(styleInt, n))
			} else {
				cells = append(cells, empty(styleInt))
			}
		}
		g.add(rowHeight(linesOf(name, 34)), cells...)
	}
	if imported {
		g.add(0)
		g.add(13*2, wide(styleNote, "* "+b.importedNote, width))
	}
	g.add(0, wide(styleNote, b.chartNote, width))
	end, _ := excelize.ColumnNumberToName(1 + len(months))
	chart := func(sheet string) error {
		return b.f.AddChart(sheet, "A4", a.chart(sheet, widths, len(products), func(i int) (name, categories, values string) {
			return fmt.Sprintf("'%s'!$A$%d", sheet, head+1+i), fmt.Sprintf("'%s'!$B$%d:$%s$%d", sheet, head, end, head), fmt.Sprintf("'%s'!$B$%d:$%s$%d", sheet, head+1+i, end, head+1+i)
		}))
	}
	return g.put(b, b.months12, layout{widths: widths, landscape: true, freeze: 1, repeat: head, reference: a.w.documentNumber(a.t.ID)}, chart)
}

// monthRow is one month's quantities by product.
type monthRow struct {
	known, computed bool
	quantities      map[string]int
	unread          []string // products of which nothing is known
}

// months are at most twelve, without a hole, ending with this one.
func (a *annex) months() ([]month.Month, map[month.Month]monthRow) {
	counted := map[month.Month]monthRow{}
	first := a.w.Month
	for _, h := range a.t.History {
		m, err := month.Parse(h.Month, a.w.Month.Location())
		if err != nil || m.Number() >= a.w.Month.Number() || m.Number() <= a.w.Month.Number()-12 {
			continue
		}
		counted[m] = monthRow{true, h.Computed, h.Quantities, h.Unread}
		if m.Number() < first.Number() {
			first = m
		}
	}
	now, unread := map[string]int{}, []string(nil)
	for i := range a.t.Lines {
		if l := &a.t.Lines[i]; shown(l) && a.w.unread(l) {
			unread = append(unread, l.Product)
		} else {
			now[l.Product] = l.Quantity
		}
	}
	counted[a.w.Month] = monthRow{true, true, now, unread}
	// A month that was counted, and in which the customer had nothing, is a
	// zero; only one that nobody counted is a hole.
	for i := range a.w.Earlier {
		e := &a.w.Earlier[i]
		m, err := month.Parse(e.Month, a.w.Month.Location())
		if err != nil || !e.Computed || counted[m].known || m.Number() >= a.w.Month.Number() || m.Number() <= first.Number() {
			continue
		}
		row := monthRow{known: true, computed: true, quantities: map[string]int{}}
		for _, q := range e.Quantities {
			if q.Unread {
				row.unread = append(row.unread, q.Product)
			}
		}
		counted[m] = row
	}
	var out []month.Month
	for m := first; m.Number() <= a.w.Month.Number(); m = m.Add(1) {
		out = append(out, m)
	}
	return out, counted
}

// charted are the products with a quantity in any of the months, the largest
// of this month first.
func (a *annex) charted(counted map[month.Month]monthRow) []string {
	now := counted[a.w.Month].quantities
	seen := map[string]bool{}
	var out []string
	for _, row := range counted {
		for id, n := range row.quantities {
			if n > 0 && !seen[id] {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	slices.SortFunc(out, func(p, q string) int {
		return cmp.Or(cmp.Compare(now[q], now[p]), cmp.Compare(a.w.place(p), a.w.place(q)), cmp.Compare(p, q))
	})
	return out
}

// place is where a product stands in the rules; one that they no longer name
// comes last.
func (w *Workbooks) place(product string) int {
	if n, ok := w.order[product]; ok {
		return n
	}
	return len(w.order)
}

// seriesColors can be told apart without colour vision too; the markers differ
// besides.
var seriesColors = [chartSeries]string{"1F3864", "C55A11", "2E8B8B", "7F3F98", "7A6A00", "8A0000"}

// chart draws the first lines of a table; at says where the name, the months and
// the figures of each stand.
func (a *annex) chart(sheet string, widths []float64, lines int, at func(i int) (name, categories, values string)) *excelize.Chart {
	b := a.b
	total := 0.0
	for _, w := range widths {
		total += w * 8 // as excelize takes a column's width
	}
	markers := [chartSeries]string{"circle", "square", "diamond", "triangle", "x", "star"}
	c := &excelize.Chart{
		Type:         excelize.Line,
		Dimension:    excelize.ChartDimension{Width: uint(total) - 10, Height: above*18 - 8},
		Title:        excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: b.chartTitle, Font: &excelize.Font{Family: fontName, Size: 12, Bold: true, Color: inkDark}}}},
		Legend:       excelize.ChartLegend{Position: "bottom"},
		ShowBlanksAs: "gap",
		XAxis:        excelize.ChartAxis{Font: excelize.Font{Family: fontName, Size: 9, Color: inkGrey}},
		YAxis:        excelize.ChartAxis{Font: excelize.Font{Family: fontName, Size: 9, Color: inkGrey}, MajorGridLines: true, Minimum: new(float64), NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0"}},
		Format:       excelize.GraphicOptions{AltText: b.chartTitle, OffsetX: 4, OffsetY: 4},
	}
	for i := range min(lines, chartSeries) {
		name, categories, values := at(i)
		c.Series = append(c.Series, excelize.ChartSeries{
			Name:       name,
			Categories: categories,
			Values:     values,
			Line:       excelize.LineOptions{Width: 2, Fill: solid(seriesColors[i])},
			Fill:       solid(seriesColors[i]),
			Marker:     excelize.ChartMarker{Symbol: markers[i], Size: 6, Fill: solid(seriesColors[i])},
		})
	}
	return c
}
