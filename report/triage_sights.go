package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

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
	pressing                 int // of the new those that are more than a tidying up
	asks                     int // open questions and gaps of the customer's own
	open, expiring, observed int
}

func (s *sight) difference() decimal.Decimal {
	if !s.amountKnown || !s.beforeKnown {
		return decimal.Zero
	}
	return s.amount.Sub(s.before)
}

// standing is among which customers of Triage one stands.
type standing int

// The standings, in the order in which they stand.
const (
	standsOut    standing = iota // wants a person
	standsSmall                  // changed no more than any month brings, and nothing is wrong
	standsStill                  // nothing changed and nothing is wrong
	standingsAll                 // how many there are
)

// standing is where a customer stands; look is how many persons make a change
// that wants a person.
func (s *sight) standing(look int) standing {
	switch {
	case s.unknown || s.pressing > 0 || s.errors > 0 || s.suspended || s.asks > 0 || s.expiring > 0:
		return standsOut
	case s.moved == 0 && s.difference().IsZero():
		return standsStill
	case s.t.Routine(look):
		return standsSmall
	}
	return standsOut
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
			if f.Severity.ThisMonth() {
				s.pressing++
			}
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
	look := r.w.Config.Checks.ChangeLook
	slices.SortStableFunc(out, func(a, b sight) int {
		order := func(v bool) int {
			if v {
				return 1
			}
			return 0
		}
		return cmp.Or(
			cmp.Compare(a.standing(look), b.standing(look)),
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
	s.unexplained = statement.Unexplained(t.Lines)
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
