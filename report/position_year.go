package report

import (
	"strconv"
	"time"

	"splameter/internal/month"
)

// year is the sheet of one calendar year: a part number has a few rows, a month
// a column, as auditors lay it out.
func (r *positionBook) year(year int) error {
	type key struct {
		part     string
		products string
	}
	var order []key
	lines := map[string]*[12]*PositionLine{}
	for i := range r.p.Lines {
		l := &r.p.Lines[i]
		if l.Month.Year() != year {
			continue
		}
		if lines[l.PartNumber] == nil {
			lines[l.PartNumber] = &[12]*PositionLine{}
			order = append(order, key{l.PartNumber, r.products(l.Products)})
		}
		lines[l.PartNumber][l.Month.Month()-1] = l
	}
	widths := []float64{38, 24}
	head := []cell{text(styleHead, r.labels.product), text(styleHead, "")}
	for m := range 12 {
		widths = append(widths, 9)
		head = append(head, text(styleHeadRight, r.shortMonths[m]))
	}
	var g grid
	g.add(30, wide(styleTitle, r.x.title+" "+strconv.Itoa(year), len(widths)))
	top := g.add(24, head...)
	in := func(m int) bool { // whether a month of the year was asked for
		n := month.New(year, time.Month(m+1), r.p.From.Location()).Number()
		return r.p.From.Number() <= n && n <= r.p.Until.Number()
	}
	for _, k := range order {
		months := lines[k.part]
		row := func(label, what string, of func(l *PositionLine) cell) {
			cells := []cell{text(styleWrap, label), text(styleCell, what)}
			for m := range 12 {
				switch l := months[m]; {
				case !in(m):
					cells = append(cells, empty(styleCell))
				case l == nil && r.countedIn(year, m):
					cells = append(cells, number(styleInt, 0))
				case l == nil:
					cells = append(cells, text(styleNA, "–"))
				default:
					cells = append(cells, of(l))
				}
			}
			g.add(rowHeight(linesOf(label, 37)), cells...)
		}
		row(k.products, r.x.reported, func(l *PositionLine) cell { return knownCell(l.Reported) })
		row(k.part, r.x.requiredThen, func(l *PositionLine) cell { return knownCell(l.Then.Required) })
		row("", r.difference, func(l *PositionLine) cell { return offCell(l.Then.Difference) })
		if differs(months) {
			row("", r.x.requiredNow, func(l *PositionLine) cell { return knownCell(l.Now.Required) })
			row("", r.difference, func(l *PositionLine) cell { return offCell(l.Now.Difference) })
		}
	}
	if len(order) == 0 {
		g.add(0, wide(styleStrong, r.none, len(widths)))
	}
	return g.put(r.book, strconv.Itoa(year), layout{widths: widths, landscape: true, freeze: top, repeat: top, reference: r.x.title + " " + r.span}, nil)
}

// countedIn says whether a month's facts were counted, so that a part number that
// it does not have is a zero.
func (r *positionBook) countedIn(year, m int) bool {
	n := month.New(year, time.Month(m+1), r.p.From.Location()).Number()
	for i := range r.p.Months {
		if x := &r.p.Months[i]; x.Month.Number() == n {
			return x.Rules != ""
		}
	}
	return false
}

// differs says whether the rules of now count a part number otherwise in any
// month.
func differs(months *[12]*PositionLine) bool {
	for _, l := range months {
		if l == nil {
			continue
		}
		a, b := l.Then.Required, l.Now.Required
		if (a == nil) != (b == nil) || a != nil && *a != *b {
			return true
		}
	}
	return false
}

func knownCell(n *int) cell {
	if n == nil {
		return text(styleNA, "–")
	}
	return number(styleInt, *n)
}

func offCell(n *int) cell {
	switch {
	case n == nil:
		return text(styleNA, "–")
	case *n > 0:
		return number(styleWarnInt, *n)
	}
	return number(styleSigned, *n)
}
