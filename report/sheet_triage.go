package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// sight is what the licensing manager needs to know of one customer to decide
// whether to look at it.
type sight struct {
	t                        *statement.Tenant
	lines                    map[string]*statement.Line // by product
	amount, before           decimal.Decimal
	amountKnown, beforeKnown bool
	changes                  []string
	moved                    int  // persons and packs that came or went
	unexplained              int  // of them those that nothing explains
	suspended, unknown       bool // unknown: a quantity has nothing to be compared with
	errors                   int  // open, new or not
	fresh                    map[statement.Severity]int
	asks                     int // open questions and gaps of the customer's own
	open, expiring, observed int
}

func (s *sight) difference() decimal.Decimal {
	if !s.amountKnown || !s.beforeKnown {
		return decimal.Zero
	}
	return s.amount.Sub(s.before)
}

// quiet says that nothing changed and nothing is wrong.
func (s *sight) quiet() bool {
	return s.moved == 0 && !s.unknown && len(s.fresh) == 0 && s.errors == 0 && !s.suspended && s.asks == 0 && s.expiring == 0 && s.difference().IsZero()
}

// triageColumns are those before the ones of the products; the last of money
// is where paper ends.
const triageColumns = 16

// triage is the sheet to begin with: first what needs a person, then what
// moves most money; what is unchanged and clean at the end. Each product has
// its own two columns, for no sum over users and cores says anything.
func (r *review) triage(customers customerTable) table {
	x := r.words
	sights := r.sights()
	code, single := r.w.currency()
	m := r.look.money[code]
	products := r.triageProducts(sights)
	columns := []column{
		{r.customer, 28, false}, {x.id, 22, false}, {r.labels.partner, 16, false},
		{x.errorsOpen, 8, true}, {x.newHigh, 8, true}, {x.suspended, 11, false}, {x.unexplained, 13, true}, {x.asks, 10, true}, {x.open, 13, true}, {x.expiring, 11, true},
		{x.changes, 40, false}, {r.amount, 14, true}, {x.amountLast, 14, true}, {x.difference, 14, true}, {x.observed, 14, true}, {x.newOther, 9, true},
	}
	for _, id := range products {
		columns = append(columns, column{r.product(id), 13, true}, column{x.change, 8, true})
	}
	return table{
		name: r.sheetName("triage"), columns: columns, n: len(sights) + min(len(sights), 1), totals: min(len(sights), 1), print: triageColumns - 1,
		fill: func(i int, row *row) {
			if i == len(sights) {
				r.triageTotals(row, sights, products, m, single)
				return
			}
			s := &sights[i]
			row.long(r.tenantName(s.t.ID))
			row.text(s.t.ID)
			row.text(r.partnerName(s.t))
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
			row.long(strings.Join(s.changes, "; "))
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

// alarm is a number that wants work; nothing for zero.
func (r *row) alarm(n int) {
	if n == 0 {
		r.blank()
		return
	}
	r.put(number(styleWarnInt, n))
}

// triageTotals is the row of sums beneath Triage: each over one unit only.
func (r *review) triageTotals(row *row, sights []sight, products []string, m moneyStyles, single bool) {
	sum := func(c cell) {
		name, _ := excelize.ColumnNumberToName(row.col + 1)
		if first := row.at - len(sights); first > tableTop {
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

// sights are all tenants, in the order of Triage.
func (r *review) sights() []sight {
	st := r.w.Statement
	days, fewest := r.daysRead()
	directories := map[string]map[string]bool{} // tenant to the directories of its accounts
	for i := range st.Persons.Len() {
		p := st.Persons.At(i)
		for j := range p.Accounts {
			if directories[p.Tenant] == nil {
				directories[p.Tenant] = map[string]bool{}
			}
			directories[p.Tenant][p.Accounts[j].Directory] = true
		}
	}
	byTenant := map[string]*sight{}
	out := make([]sight, len(st.Tenants))
	for i := range st.Tenants {
		out[i] = r.sight(&st.Tenants[i])
		out[i].observed = fewest
		if d := directories[st.Tenants[i].ID]; len(d) > 0 {
			out[i].observed = r.w.Month.Days()
			for source := range d {
				out[i].observed = min(out[i].observed, days[source])
			}
		}
		byTenant[st.Tenants[i].ID] = &out[i]
	}
	for i := range st.Findings {
		f := &st.Findings[i]
		s := byTenant[f.Tenant]
		if s == nil || f.Accepted != "" {
			continue
		}
		s.open++
		if f.Severity == statement.Error {
			s.errors++
		}
		if f.New {
			if s.fresh == nil {
				s.fresh = map[statement.Severity]int{}
			}
			s.fresh[f.Severity]++
		}
	}
	for _, q := range st.OpenQuestions() {
		if s := byTenant[q.Tenant]; s != nil {
			s.asks++
		}
	}
	for i := range st.Coverage.Gaps {
		if g := &st.Coverage.Gaps[i]; g.Accepted == "" && byTenant[g.Tenant] != nil {
			byTenant[g.Tenant].asks++
		}
	}
	slices.SortStableFunc(out, func(a, b sight) int {
		order := func(v bool) int {
			if v {
				return 1
			}
			return 0
		}
		return cmp.Or(
			cmp.Compare(order(a.quiet()), order(b.quiet())),
			cmp.Compare(b.errors, a.errors),
			cmp.Compare(b.fresh[statement.High], a.fresh[statement.High]),
			cmp.Compare(order(b.suspended), order(a.suspended)),
			cmp.Compare(b.unexplained, a.unexplained),
			cmp.Compare(b.asks, a.asks),
			b.difference().Abs().Cmp(a.difference().Abs()),
			cmp.Compare(b.moved, a.moved),
			cmp.Compare(b.open, a.open),
			strings.Compare(a.t.ID, b.t.ID))
	})
	return out
}

// sight gathers one tenant's figures.
func (r *review) sight(t *statement.Tenant) sight {
	s := sight{t: t, lines: map[string]*statement.Line{}, amountKnown: true, beforeKnown: r.w.before() != nil}
	for i := range t.Lines {
		l := &t.Lines[i]
		s.lines[l.Product] = l
		if d, err := decimal.NewFromString(l.Amount); err == nil {
			s.amount = s.amount.Add(d)
		} else if l.Quantity > 0 || l.Unread {
			s.amountKnown = false
		}
		was, known := r.w.amountBefore(t.ID, l)
		s.before = s.before.Add(was)
		s.beforeKnown = s.beforeKnown && known
		if !l.Compared || r.w.unread(l) {
			s.unknown = s.unknown || l.Quantity > 0 || l.Unread
			continue
		}
		s.moved += max(l.Added+l.Removed, l.Quantity-l.Previous, l.Previous-l.Quantity)
		if l.Added > 0 || l.Removed > 0 || l.Quantity != l.Previous {
			s.changes = append(s.changes, r.product(l.Product)+moves(l))
		}
	}
	s.unexplained = r.unexplained(t.Lines)
	s.suspended = r.suspended(t)
	limit := r.w.Month.LastDay() + month.Day(r.w.Config.Checks.RightsEnd)
	for i := range t.Exclusions {
		if d, err := month.ParseDay(t.Exclusions[i].Until); err == nil && d <= limit {
			s.expiring++
		}
	}
	return s
}

// suspended says whether the tables suspend the customer, or its partner, on
// any day of the month while it has quantities.
func (r *review) suspended(t *statement.Tenant) bool {
	if !slices.ContainsFunc(t.Lines, func(l statement.Line) bool { return l.Quantity > 0 }) {
		return false
	}
	during := func(from, until month.OptionalDay) bool {
		return from.Set && from.Day <= r.w.Month.LastDay() && (!until.Set || until.Day >= r.w.Month.FirstDay())
	}
	c := r.w.tenant(t)
	if during(c.SuspendedFrom, c.SuspendedUntil) {
		return true
	}
	id := r.w.partnerOf(t)
	if id == "" {
		return false
	}
	p := r.w.partner(id)
	return during(p.SuspendedFrom, p.SuspendedUntil)
}

// daysRead is on how many days of the month each directory was read, and the
// fewest of all.
func (r *review) daysRead() (map[string]int, int) {
	days, fewest := map[string]int{}, -1
	for i := range r.w.Statement.Coverage.Sources {
		c := &r.w.Statement.Coverage.Sources[i]
		if c.Kind != statement.CoverageDirectory {
			continue
		}
		n := 0
		for _, d := range c.Days {
			if d >= r.w.Month.FirstDay() && d <= r.w.Month.LastDay() {
				n++
			}
		}
		days[c.Source] = n
		if fewest < 0 || n < fewest {
			fewest = n
		}
	}
	return days, max(fewest, 0)
}

// moves is what was added to a line and taken away, as far as anything was.
func moves(l *statement.Line) (out string) {
	if l.Added > 0 {
		out += fmt.Sprintf(" +%d", l.Added)
	}
	if l.Removed > 0 {
		out += fmt.Sprintf(" −%d", l.Removed)
	}
	return out
}
