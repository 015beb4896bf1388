package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// sight is what the licensing manager needs to know of one customer to decide
// whether to look at it.
type sight struct {
	t                        *statement.Tenant
	quantity, previous       int
	compared                 bool
	amount, before           decimal.Decimal
	amountKnown, beforeKnown bool
	changes                  []string
	moved                    int // persons and packs that came or went
	fresh                    map[statement.Severity]int
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
	return s.moved == 0 && s.quantity == s.previous && len(s.fresh) == 0 && s.expiring == 0 && s.difference().IsZero()
}

// triage is the sheet to begin with: the largest change first, what is
// unchanged and clean at the end.
func (r *review) triage(customers customerTable) table {
	x := r.words
	sights := r.sights()
	code, single := r.w.currency()
	m := r.look.money[code]
	sum := func(row *row, tenant, col string, n int) {
		c := number(styleInt, n)
		if at, ok := customers.where(tenant, col, r.maxRows); ok {
			c = c.summed("SUM(" + at + ")")
		}
		row.put(c)
	}
	return table{
		name: "Triage",
		columns: []column{
			{r.customer, 28, false}, {x.id, 13, false}, {r.labels.partner, 15, false}, {x.licences, 9, true}, {x.licencesLast, 9, true}, {x.change, 9, true},
			{x.changes, 38, false}, {r.amount, 14, true}, {x.amountLast, 14, true}, {x.difference, 14, true},
			{x.newError, 8, true}, {x.newHigh, 8, true}, {x.newMedium, 9, true}, {x.newLow, 8, true}, {x.open, 13, true}, {x.expiring, 11, true}, {x.observed, 14, true},
		},
		n: len(sights),
		fill: func(i int, row *row) {
			s := &sights[i]
			row.long(r.tenantName(s.t.ID))
			row.text(s.t.ID)
			row.text(r.partnerName(s.t))
			sum(row, s.t.ID, columnQuantity, s.quantity)
			if s.compared {
				sum(row, s.t.ID, columnPrevious, s.previous)
				row.put(number(styleSigned, s.quantity-s.previous).summed(fmt.Sprintf("D%d-E%d", row.at, row.at)))
			} else {
				row.put(text(styleNA, r.na))
				row.put(text(styleNA, r.na))
			}
			row.long(strings.Join(s.changes, "; "))
			row.money(m.amount, s.amount, single && s.amountKnown)
			row.money(m.amount, s.before, single && s.beforeKnown)
			if single && s.amountKnown && s.beforeKnown {
				row.put(money(m.signed, s.difference()).summed(fmt.Sprintf("H%d-I%d", row.at, row.at)))
			} else {
				row.none()
			}
			for _, sev := range []statement.Severity{statement.Error, statement.High} {
				if n := s.fresh[sev]; n > 0 {
					row.put(number(styleWarn, n))
				} else {
					row.blank()
				}
			}
			row.positive(s.fresh[statement.Medium])
			row.positive(s.fresh[statement.Low])
			row.positive(s.open)
			row.positive(s.expiring)
			days := fmt.Sprintf("%d / %d", s.observed, r.w.Month.Days())
			if s.observed < r.w.Month.Days() {
				row.warn(days)
			} else {
				row.put(text(styleNA, days))
			}
		},
	}
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
		if f.New {
			if s.fresh == nil {
				s.fresh = map[statement.Severity]int{}
			}
			s.fresh[f.Severity]++
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
			b.difference().Abs().Cmp(a.difference().Abs()),
			cmp.Compare(b.moved, a.moved),
			cmp.Compare(b.fresh[statement.Error], a.fresh[statement.Error]),
			cmp.Compare(b.fresh[statement.High], a.fresh[statement.High]),
			cmp.Compare(b.open, a.open),
			strings.Compare(a.t.ID, b.t.ID))
	})
	return out
}

// sight gathers one tenant's figures.
func (r *review) sight(t *statement.Tenant) sight {
	s := sight{t: t, amountKnown: true, beforeKnown: r.w.before() != nil}
	for i := range t.Lines {
		l := &t.Lines[i]
		s.quantity += l.Quantity
		if d, err := decimal.NewFromString(l.Amount); err == nil {
			s.amount = s.amount.Add(d)
		} else if l.Quantity > 0 {
			s.amountKnown = false
		}
		was, known := r.w.amountBefore(t.ID, l)
		s.before = s.before.Add(was)
		s.beforeKnown = s.beforeKnown && known
		if !l.Compared {
			continue
		}
		s.compared = true
		s.previous += l.Previous
		s.moved += max(l.Added+l.Removed, l.Quantity-l.Previous, l.Previous-l.Quantity)
		if l.Added > 0 || l.Removed > 0 || l.Quantity != l.Previous {
			s.changes = append(s.changes, fmt.Sprintf("%s +%d −%d", r.product(l.Product), l.Added, l.Removed))
		}
	}
	limit := r.w.Month.LastDay() + month.Day(r.w.Config.Checks.RightsEnd)
	for i := range t.Exclusions {
		if d, err := month.ParseDay(t.Exclusions[i].Until); err == nil && d <= limit {
			s.expiring++
		}
	}
	return s
}

// daysRead is on how many days of the month each directory was read, and the
// fewest of all.
func (r *review) daysRead() (map[string]int, int) {
	days, fewest := map[string]int{}, -1
	for i := range r.w.Statement.Coverage.Sources {
		c := &r.w.Statement.Coverage.Sources[i]
		if c.Kind != string(snapshot.KindDirectory) {
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
