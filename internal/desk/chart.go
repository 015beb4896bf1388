package desk

import (
	"slices"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// chart is quantities by month as a picture, with its table.
type chart struct {
	Wide, High int
	Months     []string
	X          []int // the middle of each month
	Lines      []chartLine
	Top        int
}

type chartLine struct {
	Name   string
	Class  string
	Points []chartPoint
	Path   string
	Values []string
}

type chartPoint struct{ X, Y, N int }

// mostLines is how many lines a chart has: more cannot be told apart.
const mostLines = 6

// history is a customer's quantities of the last months.
func (s *Server) history(r *request, h *head, t *statement.Tenant) *chart {
	type column struct {
		name string
		of   map[string]int
		un   []string
	}
	var cols []column
	for _, x := range t.History {
		cols = append(cols, column{x.Month, x.Quantities, x.Unread})
	}
	now := column{name: h.Month, of: map[string]int{}}
	for i := range t.Lines {
		l := &t.Lines[i]
		if now.of[l.Product] = l.Quantity; h.res.Unread(l) {
			now.un = append(now.un, l.Product)
		}
	}
	cols = append(cols, now)
	if len(cols) < 2 {
		return nil
	}
	c := &chart{Wide: 640, High: 180}
	step := (c.Wide - 60) / max(len(cols)-1, 1)
	for i, x := range cols {
		m, err := month.Parse(x.name, s.loc)
		if err != nil {
			continue
		}
		c.Months = append(c.Months, r.lang.monthShort(m))
		c.X = append(c.X, 40+i*step)
	}
	for _, x := range cols {
		for _, n := range x.of {
			c.Top = max(c.Top, n)
		}
	}
	if c.Top == 0 || len(c.Months) != len(cols) {
		return nil
	}
	for i := range t.Lines {
		id := t.Lines[i].Product
		line := chartLine{Name: r.product(h, id), Class: "l" + string(rune('0'+len(c.Lines)))}
		all := 0
		for j, x := range cols {
			n, known := x.of[id]
			if slices.Contains(x.un, id) {
				line.Values = append(line.Values, "–")
				continue
			}
			if !known && j < len(cols)-1 {
				n = 0
			}
			all += n
			line.Values = append(line.Values, r.lang.number(n))
			line.Points = append(line.Points, chartPoint{c.X[j], 160 - n*140/c.Top, n})
		}
		if all == 0 || len(c.Lines) == mostLines {
			continue
		}
		c.Lines = append(c.Lines, line)
	}
	if len(c.Lines) == 0 {
		return nil
	}
	return c
}
