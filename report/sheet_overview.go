package report

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/statement"
)

// mostListed is how many gaps, questions and findings the overview tells before
// it points to their own sheet.
const mostListed = 8

// overview is the review's first sheet: the month on a page. May it be signed,
// what does it come to, and what is still in the way.
func (r *review) overview() error {
	st, x, w := r.w.Statement, r.words, r.w
	widths := []float64{34, 17, 22, 10, 12, 10, 10, 10, 10, 14, 14, 14}
	columns := len(widths)
	g := grid{}
	heading := r.sheetName("overview") + " – " + r.monthName(w.Month)
	if r.mark != "" {
		heading += " – " + r.mark
	}
	g.add(28, wide(styleTitle, heading, columns))
	fact := func(label, value string, warn bool) {
		s := styleText
		if warn {
			s = styleWarn
		}
		g.add(textHeight(value, widths[1:])+3, text(styleLabel, label), wide(s, value, columns-1))
	}
	gaps, accepted := r.gapCounts()
	open := st.OpenQuestions()
	complete := st.Status == statement.Complete
	fact(x.status, x.statuses[st.Status], !complete)
	fact(x.state, word(x.states, st.State)+", "+x.revision+" "+strconv.Itoa(st.Revision), false)
	if w.Config.Calendar.DeadlineDay > 0 {
		by := r.dayText(w.Config.Deadline(w.Month))
		if each := w.Config.Deadlines(w.Month); each != "" {
			by += " (" + each + ")"
		}
		fact(x.deadline, by, false)
	}
	fact(x.gaps, x.openAccepted(gaps, accepted), gaps > 0)
	fact(x.questions, r.questionsText(open), len(open) > 0)
	text1, worst := r.findingsText()
	fact(x.findings, text1, worst)
	if n := statement.Unexplained(st.Lines); n > 0 {
		fact(x.unexplained, strconv.Itoa(n), true)
	}
	g.add(6)
	r.overviewLines(&g, columns)
	r.overviewOpen(&g, columns, widths)
	return g.put(r.book, r.sheetName("overview"), layout{widths: widths, landscape: true, freeze: 1, reference: heading, onePage: len(g.rows) <= 40}, nil)
}

// gapCounts are the gaps that nobody answered for, and those that somebody did.
func (r *review) gapCounts() (open, accepted int) {
	for i := range r.w.Statement.Coverage.Gaps {
		if r.w.Statement.Coverage.Gaps[i].Accepted == "" {
			open++
		} else {
			accepted++
		}
	}
	return open, accepted
}

func (x *reviewLabels) openAccepted(open, accepted int) string {
	return fmt.Sprintf("%d %s, %d %s", open, x.openMany, accepted, x.acceptedMany)
}

// questionsText is how many questions are open and what they could cost at most.
func (r *review) questionsText(open []*statement.Question) string {
	x, units := r.words, 0
	sums := map[string]decimal.Decimal{}
	for _, q := range open {
		units += q.Units
		if d, err := decimal.NewFromString(q.Amount); err == nil {
			sums[q.Currency] = sums[q.Currency].Add(d)
		}
	}
	out := x.openAccepted(len(open), len(r.w.Statement.Questions)-len(open))
	if units > 0 {
		out += "; " + strings.ToLower(x.atMost) + " " + strconv.Itoa(units) + " " + x.licencesMany
	}
	for _, c := range slices.Sorted(maps.Keys(sums)) {
		out += ", " + c + " " + sums[c].StringFixed(2)
	}
	return out
}

// findingsText counts the open findings by severity; the second says whether
// any of them is an error or new and high.
func (r *review) findingsText() (string, bool) {
	x := r.words
	counts, accepted, fresh, worst := map[statement.Severity]int{}, 0, 0, false
	for i := range r.w.Statement.Findings {
		f := &r.w.Statement.Findings[i]
		if f.Accepted != "" {
			accepted++
			continue
		}
		counts[f.Severity]++
		if f.New {
			fresh++
		}
		worst = worst || f.Severity == statement.Error || f.Severity == statement.High && f.New
	}
	var parts []string
	for _, s := range []statement.Severity{statement.Error, statement.High, statement.Medium, statement.Low, statement.Info} {
		parts = append(parts, fmt.Sprintf("%d %s", counts[s], x.severities[s]))
	}
	return fmt.Sprintf("%s; %d %s; %d %s", strings.Join(parts, ", "), fresh, x.newMany, accepted, x.acceptedMany), worst
}

// overviewLines is the table of products against last month, with one total a
// currency: of units there is none, for they are of different kinds.
func (r *review) overviewLines(g *grid, columns int) {
	st, x := r.w.Statement, r.words
	g.add(32, text(styleHead, r.labels.product), text(styleHead, r.partNumber), text(styleHead, r.unit), text(styleHeadRight, r.lastMonth),
		text(styleHeadRight, r.added), text(styleHeadRight, r.removed), text(styleHeadRight, x.licences), text(styleHeadRight, x.change), text(styleHeadRight, r.notCharged),
		text(styleHeadRight, x.amountLast), text(styleHeadRight, r.amount), text(styleHeadRight, x.difference))
	first := len(g.rows) + 1
	type sum struct {
		is, was         decimal.Decimal
		known, wasKnown bool
	}
	sums := map[string]*sum{}
	for i := range st.Lines {
		l := &st.Lines[i]
		row := len(g.rows) + 1
		name := r.product(l.Product)
		part := text(styleCell, l.PartNumber)
		if l.PartNumber == "" && l.Quantity > 0 {
			part = text(styleWarn, r.fillIn)
		}
		change := text(styleNA, r.na)
		if l.Compared && !r.w.unread(l) {
			change = number(styleSigned, l.Quantity-l.Previous).summed(fmt.Sprintf("G%d-D%d", row, row))
		}
		m := r.look.money[l.Currency]
		s := sums[l.Currency]
		if s == nil {
			s = &sum{known: true, wasKnown: true}
			sums[l.Currency] = s
		}
		is, err := decimal.NewFromString(l.Amount)
		amount, before, difference := text(styleNA, "–"), text(styleNA, "–"), text(styleNA, "–")
		if err == nil {
			amount, s.is = money(m.amount, is), s.is.Add(is)
		} else if l.Quantity > 0 || l.Unread {
			s.known = false
		}
		was, known := r.w.amountLast(l)
		if known {
			before, s.was = money(m.amount, was), s.was.Add(was)
		} else {
			s.wasKnown = false
		}
		if err == nil && known {
			difference = money(m.signed, is.Sub(was)).summed(fmt.Sprintf("K%d-J%d", row, row))
		}
		g.add(rowHeight(linesOf(name, 38)), text(styleWrap, name), part, text(styleCell, r.unitText(l.Unit)),
			r.compared(l, l.Previous), r.w.figure(l, r.compared(l, l.Added)), r.w.figure(l, r.compared(l, l.Removed)), r.w.figure(l, number(styleInt, l.Quantity)), change,
			r.w.figure(l, number(styleInt, l.Excluded)), before, amount, difference)
	}
	last := len(g.rows)
	for _, c := range slices.Sorted(maps.Keys(sums)) {
		s := sums[c]
		if c == "" || last < first {
			continue
		}
		m := r.look.money[c]
		cells := []cell{wide(styleBold, strings.TrimSpace(x.totalOf+" "+c), columns-3), text(styleBoldNA, "–"), text(styleBoldNA, "–"), text(styleBoldNA, "–")}
		total := func(at, id int, d decimal.Decimal) {
			name, _ := excelize.ColumnNumberToName(columns - 3 + at)
			cells[at] = money(id, d)
			if len(sums) == 1 {
				cells[at] = cells[at].summed(fmt.Sprintf("SUM(%s%d:%s%d)", name, first, name, last))
			}
		}
		if s.wasKnown {
			total(1, m.total, s.was)
		}
		if s.known {
			total(2, m.total, s.is)
		}
		if s.known && s.wasKnown {
			total(3, m.signedTotal, s.is.Sub(s.was))
		}
		g.add(rowHeight(1), cells...)
	}
	if len(st.Lines) == 0 {
		g.add(0, wide(styleText, r.none, columns))
	}
}

// overviewOpen lists what is in the way: gaps, questions, errors and new high
// findings, each with what to do.
func (r *review) overviewOpen(g *grid, columns int, widths []float64) {
	st, x := r.w.Statement, r.words
	const left = 5
	section := func(title, sheet string, n int, at func(i int) (string, string)) {
		if n == 0 {
			return
		}
		g.add(8)
		g.add(20, wide(styleSection, fmt.Sprintf("%s (%d)", title, n), columns))
		for i := range min(n, mostListed) {
			what, todo := at(i)
			height := max(textHeight(what, widths[:left]), textHeight(todo, widths[left:]))
			g.add(min(height+4, maxHeight), wide(styleWrap, what, left), wide(styleWrap, todo, columns-left))
		}
		if n > mostListed {
			g.add(0, wide(styleNote, fmt.Sprintf(x.moreOn, n-mostListed, r.sheetName(sheet)), columns))
		}
	}
	var gaps []*statement.Gap
	for i := range st.Coverage.Gaps {
		if st.Coverage.Gaps[i].Accepted == "" {
			gaps = append(gaps, &st.Coverage.Gaps[i])
		}
	}
	section(x.gaps, "coverage", len(gaps), func(i int) (string, string) { return r.said(gaps[i].Message), r.said(gaps[i].Action) })
	open := st.OpenQuestions()
	section(x.questions, "questions", len(open), func(i int) (string, string) { return r.said(open[i].Message), r.said(open[i].Action) })
	var pressing []findingGroup
	for _, c := range r.findingGroups() {
		if !c.accepted && (c.severity == statement.Error || c.severity == statement.High && c.fresh > 0) {
			pressing = append(pressing, c)
		}
	}
	section(x.pressing, "findings", len(pressing), func(i int) (string, string) {
		c := &pressing[i]
		return fmt.Sprintf("%s: %s (%d×)", x.severities[c.severity], r.groupMessage(c), len(c.at)), r.groupAction(c)
	})
}

// amountLast is what a line of the report cost last month; false where that is
// not known.
func (w *Workbooks) amountLast(l *statement.Line) (decimal.Decimal, bool) {
	sum := decimal.Zero
	e := w.before()
	if !l.Compared || e == nil {
		return sum, false
	}
	found := 0
	for i := range e.Quantities {
		q := &e.Quantities[i]
		if q.Product != l.Product || q.Quantity == 0 {
			continue
		}
		found += q.Quantity
		d, err := decimal.NewFromString(q.Amount)
		if err != nil {
			return sum, false
		}
		sum = sum.Add(d)
	}
	return sum, found != 0 || l.Previous == 0
}
