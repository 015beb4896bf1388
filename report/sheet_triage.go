package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/statement"
)

// triageColumns are those before the ones of the products; the last of money
// is where paper ends.
const triageColumns = 16

// triage is the sheet to begin with: first what needs a person, then what
// moves most money; what is unchanged and clean at the end. Each product has
// its own two columns, for no sum over users and cores says anything.
func (r *review) triage(customers customerTable) table {
	x := r.words
	sights := r.sights()
	rows := r.triageRows(sights)
	code, single := r.w.currency()
	m := r.look.money[code]
	products := r.triageProducts(sights)
	columns := []column{
		{r.customer, 27, false}, {x.id, 14, false}, {r.labels.partner, 16, false},
		{x.errorsOpen, 8, true}, {x.newHigh, 8, true}, {x.suspended, 11, false}, {x.unexplained, 12, true}, {x.asks, 10, true}, {x.open, 13, true}, {x.expiring, 10, true},
		{x.changes, 48, false}, {r.amount, 12, true}, {x.amountLast, 12, true}, {x.difference, 12, true}, {x.observed, 14, true}, {x.newOther, 9, true},
	}
	for _, id := range products {
		columns = append(columns, column{r.product(id), 13, true}, column{x.change, 8, true})
	}
	return table{
		name: r.sheetName("triage"), columns: columns, n: len(rows) + min(len(rows), 1), totals: min(len(rows), 1), print: triageColumns - 1, outline: true,
		fill: func(i int, row *row) {
			if i == len(rows) {
				r.triageTotals(row, len(rows), sights, products, m, single)
				return
			}
			if rows[i].count > 0 {
				r.triageGroup(row, &rows[i], len(columns))
				return
			}
			row.folded = rows[i].folded
			s := rows[i].s
			row.long(r.tenantName(s.t.ID))
			row.long(s.t.ID)
			row.long(r.partnerName(s.t))
			for _, n := range []int{s.errors, s.fresh[statement.High]} {
				row.alarm(n)
			}
			if s.suspended {
				row.warn(r.yes)
			} else {
				row.blank()
			}
			row.alarm(s.unexplained)
			row.alarm(s.asks)
			row.positive(s.open)
			row.positive(s.expiring)
			row.long(someOf(s.changes))
			row.money(m.amount, s.amount, single && s.amountKnown)
			row.money(m.amount, s.before, single && s.beforeKnown)
			if single && s.amountKnown && s.beforeKnown {
				row.put(money(m.signed, s.difference()).summed(fmt.Sprintf("L%d-M%d", row.at, row.at)))
			} else {
				row.none()
			}
			days := fmt.Sprintf("%d / %d", s.observed, r.w.Month.Days())
			if s.observed < r.w.Month.Days() {
				row.warn(days)
			} else {
				row.put(text(styleNA, days))
			}
			row.positive(s.fresh[statement.Medium] + s.fresh[statement.Low] + s.fresh[statement.Info])
			for _, id := range products {
				l := s.lines[id]
				if l == nil {
					row.blank()
					row.blank()
					continue
				}
				if r.w.unread(l) {
					row.none()
					row.none()
					continue
				}
				c := number(styleInt, l.Quantity)
				if at, ok := customers.where(s.t.ID, id, columnQuantity, r.maxRows); ok {
					c = c.summed(at)
				}
				row.put(c)
				switch {
				case !l.Compared:
					row.put(text(styleNA, r.na))
				case l.Quantity == l.Previous:
					row.blank()
				default:
					row.signed(l.Quantity - l.Previous)
				}
			}
		},
	}
}

// triageRow is one row of Triage: a customer, or the heading over those that
// stand beneath it.
type triageRow struct {
	s      *sight
	folded bool
	// Of a heading: over which customers, and how many.
	standing standing
	count    int
}

// aPage is about how many customers go on a page: so many are not folded.
const aPage = 40

// triageRows are the customers by their standing: those that want a person, and
// the others each beneath their heading, folded away where there are many.
func (r *review) triageRows(sights []sight) []triageRow {
	count := [standingsAll]int{}
	look := r.w.Config.Checks.ChangeLook
	for i := range sights {
		count[sights[i].standing(look)]++
	}
	var out []triageRow
	before := standsOut
	for i := range sights {
		s := &sights[i]
		is := s.standing(look)
		if is != before {
			before = is
			out = append(out, triageRow{standing: is, count: count[is]})
		}
		out = append(out, triageRow{s: s, folded: is != standsOut && len(sights) > aPage})
	}
	return out
}

// triageGroup is the heading over customers of one standing.
func (r *review) triageGroup(row *row, x *triageRow, columns int) {
	text := r.words.still
	if x.standing == standsSmall {
		text = fmt.Sprintf(r.words.small, r.w.Config.Checks.ChangeLook)
	}
	row.put(wide(styleBold, fmt.Sprintf("%s: %d", text, x.count), 1))
	for range columns - 1 {
		row.put(empty(styleBold))
	}
}

// mostChanges is how many products' changes Triage names of one customer: all of
// them stand in their columns, which do not print.
const mostChanges = 5

func someOf(changes []string) string {
	if n := len(changes); n > mostChanges {
		return strings.Join(changes[:mostChanges], "; ") + fmt.Sprintf("; … +%d", n-mostChanges)
	}
	return strings.Join(changes, "; ")
}

// alarm is a number that wants work; nothing for zero.
func (r *row) alarm(n int) {
	if n == 0 {
		r.blank()
		return
	}
	r.put(number(styleWarnInt, n))
}

// triageTotals is the row of sums beneath Triage: each over one unit only.
func (r *review) triageTotals(row *row, above int, sights []sight, products []string, m moneyStyles, single bool) {
	sum := func(c cell) {
		name, _ := excelize.ColumnNumberToName(row.col + 1)
		if first := row.at - above; first > tableTop {
			c = c.summed(fmt.Sprintf("SUM(%s%d:%s%d)", name, first, name, row.at-1))
		}
		row.put(c)
	}
	count := func(of func(*sight) int) {
		n := 0
		for i := range sights {
			n += of(&sights[i])
		}
		sum(number(styleBoldInt, n))
	}
	row.text(r.words.totalOf)
	row.blank()
	row.blank()
	count(func(s *sight) int { return s.errors })
	count(func(s *sight) int { return s.fresh[statement.High] })
	suspended := 0
	for i := range sights {
		if sights[i].suspended {
			suspended++
		}
	}
	row.put(number(styleBoldInt, suspended))
	count(func(s *sight) int { return s.unexplained })
	count(func(s *sight) int { return s.asks })
	count(func(s *sight) int { return s.open })
	count(func(s *sight) int { return s.expiring })
	row.blank()
	amount, before, known, knownBefore := decimal.Zero, decimal.Zero, single, single
	for i := range sights {
		s := &sights[i]
		amount, before = amount.Add(s.amount), before.Add(s.before)
		known, knownBefore = known && s.amountKnown, knownBefore && s.beforeKnown
	}
	for _, x := range []struct {
		style int
		d     decimal.Decimal
		known bool
	}{{m.total, amount, known}, {m.total, before, knownBefore}, {m.signedTotal, amount.Sub(before), known && knownBefore}} {
		if x.known {
			sum(money(x.style, x.d))
		} else {
			row.none()
		}
	}
	row.blank()
	count(func(s *sight) int {
		return s.fresh[statement.Medium] + s.fresh[statement.Low] + s.fresh[statement.Info]
	})
	for _, id := range products {
		count(func(s *sight) int {
			if l := s.lines[id]; l != nil {
				return l.Quantity
			}
			return 0
		})
		n := 0
		for i := range sights {
			if l := sights[i].lines[id]; l != nil && l.Compared && !r.w.unread(l) {
				n += l.Quantity - l.Previous
			}
		}
		sum(number(styleBoldSigned, n))
	}
}

// triageProducts are the products that any customer has, had or lost, in the
// order of the rules.
func (r *review) triageProducts(sights []sight) []string {
	seen := map[string]bool{}
	var out []string
	for i := range sights {
		for id, l := range sights[i].lines {
			if !seen[id] && (l.Quantity != 0 || l.Compared && l.Previous != 0) {
				seen[id] = true
				out = append(out, id)
			}
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(r.w.place(a), r.w.place(b)), strings.Compare(a, b))
	})
	return out
}
