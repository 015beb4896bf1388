package report

import (
	"strconv"
	"strings"

	"splameter/internal/month"
)

// coverage is the sheet of what was read on which days: the gaps first, since
// each leaves the month incomplete.
func (r *review) coverage() table {
	c, x := &r.w.Statement.Coverage, r.words
	return table{
		name: r.sheetName("coverage"), paper: len(c.Gaps), screen: len(c.Gaps) == 0, // what was read is there to look up
		columns: []column{
			{x.kind, 14, false}, {x.source, 22, false}, {x.site, 14, false}, {x.host, 20, false}, {x.days, 8, true}, {x.covered, 24, false},
			{x.from, 24, false}, {x.until, 24, false}, {x.message, 46, false}, {x.action, 40, false}, {x.accepted, 24, false}, {x.key, 34, false},
		},
		n: len(c.Gaps) + len(c.Sources),
		fill: func(i int, row *row) {
			if i < len(c.Gaps) {
				g := &c.Gaps[i]
				row.warn(x.gaps + ": " + word(x.kinds, g.Kind))
				row.text(g.Source)
				row.text(g.Site)
				row.text(g.Host)
				row.blank()
				row.blank()
				row.text(g.From)
				row.text(g.Until)
				row.long(r.said(g.Message))
				row.long(r.said(g.Action))
				row.long(g.Accepted)
				row.long(g.Key())
				return
			}
			s := &c.Sources[i-len(c.Gaps)]
			row.text(word(x.kinds, s.Kind))
			row.text(s.Source)
			row.text(s.Site)
			row.text(s.Host)
			if len(s.Days) > 0 {
				row.int(len(s.Days))
			} else {
				row.blank()
			}
			row.long(r.daysText(s.Days))
			row.text(s.From)
			row.text(s.Until)
			row.long(r.said(s.Note))
			row.blank()
			row.blank()
			row.blank()
		},
	}
}

// daysText tells days in runs: of the month itself by number, of another with
// the month.
func (r *review) daysText(days []month.Day) string {
	var b strings.Builder
	for i := 0; i < len(days); {
		j := i
		for j+1 < len(days) && days[j+1] == days[j]+1 && r.inMonth(days[j+1]) == r.inMonth(days[i]) {
			j++
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(r.dayNumber(days[i]))
		if j > i {
			b.WriteString("–" + r.dayNumber(days[j]))
		}
		i = j + 1
	}
	return b.String()
}

func (r *review) inMonth(d month.Day) bool {
	return d >= r.w.Month.FirstDay() && d <= r.w.Month.LastDay()
}

func (r *review) dayNumber(d month.Day) string {
	if !r.inMonth(d) {
		return d.String()
	}
	_, _, n := d.Civil()
	return strconv.Itoa(n)
}
