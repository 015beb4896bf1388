// Package preclose lists what can still be done before a month ends, so that
// the next one drops: accounts to disable or to take out of groups, and
// exclusions about to end, with the money where prices are known. It works
// from computed statements alone; it reads no store, no file and no clock, and
// changes no quantity.
package preclose

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Reason is why something is on the list.
type Reason string

// The reasons, in the order of the list.
const (
	Idle     Reason = "idle"              // no session in any of the months looked at
	Leaver   Reason = "last-logon"        // the directory knows of no logon for as long
	Expiring Reason = "exclusion-expires" // who is excluded today is counted next month
	Disabled Reason = "disabled-in-group" // not counted, and one click away from it
)

// Reasons are all reasons in the order of the list.
func Reasons() []Reason { return []Reason{Idle, Leaver, Expiring, Disabled} }

// Row is one person, or one exclusion.
type Row struct {
	Reason   Reason
	Tenant   string
	Name     string   // of the person; of an exclusion its id; of a disabled account its account name
	Accounts []string // account names
	Products []string // product ids by which the person is counted, or would be
	Groups   []string // that give the access, each as a path
	Units    int      // licences
	Amount   string   // a month, decimal: what it saves, or of an exclusion costs; empty: not known
	Currency string
	Until    month.Day // of an exclusion
	Logon    month.Day // the last logon that the directory knows of, some two weeks exact; 0: not known
}

// Sum is money in one currency.
type Sum struct{ Currency, Amount string }

// List is the pre-close list of a month.
type List struct {
	Month  month.Month
	On     month.Day // the day on which it was made
	Months int       // looked at for sessions, the month included
	Rows   []Row
	// Saves and Costs add the rows up; Unpriced is how many licences on them
	// have no price.
	Licences, Added int // that next month drops by; and rises by where exclusions end
	Saves, Costs    []Sum
	Unpriced        int
	Gone            int // persons counted this month that had lost their access when last seen: they drop by themselves
	// Blind says why nothing can be said of who is idle; empty where it can.
	Blind string
	// Gaps says in how many of the months session logs are missing: no
	// session may mean no log.
	Gaps int
}

// Input is what the list is made from.
type Input struct {
	Month month.Month
	Today month.Day
	// Statements are the month's own and those of the months before it, one
	// after the other, computed from what the store has today. Fewer than
	// IdleMonths say that there is nothing older.
	Statements []*statement.Statement
	IdleMonths int
	Sessions   bool            // whether any session logs are configured
	LastLogon  bool            // whether lastLogonTimestamp is kept
	Facts      *snapshot.Facts // of the month, for last logons; may be nil
	Prices     prices.List
}

// person is what stands against one person of the month.
type person struct {
	row    Row
	active bool
	sum    money
}

// money adds decimals of one currency; mixed or unknown prices leave it open.
type money struct {
	sum      decimal.Decimal
	currency string
	open     bool
}

func (m *money) add(p prices.Price, known bool, units int) {
	if !known || m.currency != "" && m.currency != p.Currency {
		m.open = true
		return
	}
	m.currency = p.Currency
	m.sum = m.sum.Add(p.Unit.Mul(decimal.NewFromInt(int64(units))))
}

// text is the sum, rounded half up to two places as prices are.
func (m *money) text() string {
	if m.open || m.currency == "" {
		return ""
	}
	return m.sum.Round(2).StringFixed(2)
}

// Make makes the list.
func Make(in Input) *List {
	st := in.Statements[0]
	l := &List{Month: in.Month, On: in.Today, Months: in.IdleMonths}
	m := &maker{in: in, list: l, st: st, products: map[string]*statement.Product{}, logons: map[string]month.Day{}}
	for i := range st.Products {
		m.products[st.Products[i].ID] = &st.Products[i]
	}
	m.readLogons()
	m.persons()
	m.exclusions()
	for i := range st.Findings {
		if f := &st.Findings[i]; f.Code == "disabled-in-group" {
			l.Rows = append(l.Rows, Row{Reason: Disabled, Tenant: f.Tenant, Name: f.Subject, Accounts: []string{f.Subject}})
		}
	}
	order := Reasons()
	slices.SortStableFunc(l.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Reason), slices.Index(order, b.Reason)), strings.Compare(a.Tenant, b.Tenant),
			strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), slices.Compare(a.Accounts, b.Accounts))
	})
	l.total()
	return l
}

// total adds the rows up.
func (l *List) total() {
	saves, costs := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for i := range l.Rows {
		r := &l.Rows[i]
		if r.Reason == Disabled {
			continue
		}
		sums := saves
		if r.Reason == Expiring {
			l.Added += r.Units
			sums = costs
		} else {
			l.Licences += r.Units
		}
		if r.Amount == "" {
			l.Unpriced += r.Units
			continue
		}
		sums[r.Currency] = sums[r.Currency].Add(decimal.RequireFromString(r.Amount))
	}
	l.Saves, l.Costs = flat(saves), flat(costs)
}

func flat(sums map[string]decimal.Decimal) []Sum {
	var out []Sum
	for c, d := range sums {
		out = append(out, Sum{c, d.StringFixed(2)})
	}
	slices.SortFunc(out, func(a, b Sum) int { return strings.Compare(a.Currency, b.Currency) })
	return out
}

// Count is how many rows have a reason.
func (l *List) Count(r Reason) int {
	n := 0
	for i := range l.Rows {
		if l.Rows[i].Reason == r {
			n++
		}
	}
	return n
}

// fileTime reads lastLogonTimestamp: 100 nanoseconds since 1601, in UTC.
func fileTime(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	const epoch = 116444736000000000 // 1970 in it
	if err != nil || n <= 0 || n < epoch || n > epoch+1<<57 {
		return time.Time{}, false
	}
	return time.Unix((n-epoch)/1e7, 0).UTC(), true
}
