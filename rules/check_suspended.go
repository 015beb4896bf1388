package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// suspension is a stretch of days on which a tenant is suspended: by itself,
// or with its partner.
type suspension struct {
	from, until month.OptionalDay
	partner     string // the partner's id, where it is the partner that is suspended
}

// suspensions are a tenant's, in the register's words.
func (e *evaluation) suspensions(t *register.Tenant) []suspension {
	var out []suspension
	if t.SuspendedFrom.Set || t.SuspendedUntil.Set {
		out = append(out, suspension{t.SuspendedFrom, t.SuspendedUntil, ""})
	}
	if p := e.Register.Partner(t.Partner); p != nil && (p.SuspendedFrom.Set || p.SuspendedUntil.Set) {
		out = append(out, suspension{p.SuspendedFrom, p.SuspendedUntil, p.ID})
	}
	return out
}

// days are the month's days within a suspension, as bits.
func (s *suspension) days(m month.Month) (bits uint32) {
	for d := m.FirstDay(); d <= m.LastDay(); d++ {
		if month.Within(d, s.from, s.until) {
			bits |= snapshot.DayBit(d)
		}
	}
	return bits
}

// checkSuspended looks at customers that are suspended: to suspend somebody in
// the books disables no account, so that every account that is left enabled is
// owed for all the same; and whoever comes back afterwards is listed, since
// providers ask a fee for each.
func checkSuspended(e *evaluation) {
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		list := e.suspensions(t)
		if len(list) == 0 {
			continue
		}
		var bits uint32
		why := ""
		for j := range list {
			if b := list[j].days(e.w.m); b != 0 {
				bits |= b
				why = list[j].text(why)
			}
		}
		if bits != 0 {
			e.suspendedOwed(t, bits, why)
			e.suspendedSessions(t, bits, why)
		}
		for j := range list {
			e.suspendedReturned(t, &list[j], bits)
		}
	}
}

// text says when and with whom; before is what was said already.
func (s *suspension) text(before string) string {
	var b strings.Builder
	b.WriteString("suspended")
	if s.from.Set {
		b.WriteString(" from " + s.from.Day.String())
	}
	if s.until.Set {
		b.WriteString(" until " + s.until.Day.String())
	}
	if s.partner != "" {
		b.WriteString(" with its reseller " + s.partner)
	}
	if before != "" {
		return before + ", and " + b.String()
	}
	return b.String()
}

// suspendedOwed tells what a suspended tenant's enabled accounts cost.
func (e *evaluation) suspendedOwed(t *register.Tenant, bits uint32, why string) {
	counts := map[string]int{}
	var accounts []string
	persons := 0
	for n := range e.persons {
		p := &e.persons[n]
		if p.tenant != t.ID {
			continue
		}
		owed := false
		for c := range e.claims.each(n) {
			if !c.counted || c.excluded != 0 || c.days&bits == 0 {
				continue
			}
			owed = true
			counts[e.products[c.product].ID] += p.units
			for r := range e.claims.reaches(c) {
				if name := e.w.accountName(r.account); r.days&bits != 0 && !slices.Contains(accounts, name) {
					accounts = append(accounts, name)
				}
			}
		}
		if owed {
			persons += p.units
		}
	}
	if persons == 0 {
		return
	}
	sort.Strings(accounts)
	var parts []string
	for _, p := range e.products {
		if n := counts[p.ID]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", p.ID, n))
		}
	}
	cost := "what they cost is not known: a price is missing"
	if sum, code, ok := e.cost(counts); ok {
		cost = fmt.Sprintf("they cost %s %s this month", code, sum.StringFixed(2))
	}
	e.finding(statement.Finding{Code: "suspended-still-owed", Severity: statement.High, Tenant: t.ID, Subject: t.ID, Count: persons,
		Message: fmt.Sprintf("%s is %s, and %d of its %s had enabled accounts with access in that time; suspended in the books, they are owed all the same (%s); %s",
			t.Name, why, persons, diag.Plural(persons, "person", "persons"), strings.Join(parts, ", "), cost),
		Action: "disable these accounts before the month ends, and next month they are not counted: " + listed(accounts, 40)})
}

// cost is what so many of each product cost this month by the price file;
// false where a price is missing or the currencies differ.
func (e *evaluation) cost(counts map[string]int) (sum decimal.Decimal, currency string, ok bool) {
	for _, p := range e.products {
		n := counts[p.ID]
		if n == 0 {
			continue
		}
		price, found := e.Prices.For(p.PartNumber, e.w.m)
		if !found || p.PartNumber == "" || currency != "" && price.Currency != currency {
			return decimal.Zero, "", false
		}
		currency = price.Currency
		sum = sum.Add(prices.Amount(n, price.Unit))
	}
	return sum, currency, true
}

// suspendedSessions tells of sessions by a suspended tenant's accounts.
func (e *evaluation) suspendedSessions(t *register.Tenant, bits uint32, why string) {
	for a := range e.w.accounts {
		if e.w.accounts[a].tenant != t.ID {
			continue
		}
		for _, x := range e.usage.of(int32(a)) {
			u := e.usage.use(x.use)
			on := u.Days & bits
			if on == 0 {
				continue
			}
			at := u.First.Evidence
			name := e.w.accountName(int32(a))
			e.finding(statement.Finding{Code: "suspended-session", Severity: statement.High, Tenant: t.ID, Subject: name,
				Message: fmt.Sprintf("%s of %s, which is %s, had a session on host %s on %s", name, t.Name, why, u.Host, firstDay(e.w.m, on)),
				Action:  "disable the account, or end the suspension in the tenants table", At: &at})
			break // one finding an account
		}
	}
}

func firstDay(m month.Month, bits uint32) month.Day {
	for d := m.FirstDay(); d <= m.LastDay(); d++ {
		if bits&snapshot.DayBit(d) != 0 {
			return d
		}
	}
	return m.FirstDay()
}

// suspendedReturned lists who came back in the month after a suspension: with
// access on a day after it, and with none on a day of it. Where all of it lies
// before the month, who was not counted last month.
func (e *evaluation) suspendedReturned(t *register.Tenant, s *suspension, all uint32) {
	if !s.until.Set {
		return
	}
	back := s.until.Day + 1
	if back < e.w.m.FirstDay() || back > e.w.m.LastDay() || all&snapshot.DayBit(back) != 0 { // another suspension goes on
		return
	}
	during := s.days(e.w.m)
	before := map[string]bool{}
	if during == 0 {
		n := len(e.Earlier)
		if n == 0 || e.Earlier[n-1].Month != e.w.m.Add(-1).String() || !e.Earlier[n-1].Computed {
			return // nothing is known of who had access during the suspension
		}
		for _, c := range e.Earlier[n-1].Counted.All() {
			if c.Tenant == t.ID {
				before[c.Key] = true
			}
		}
	}
	var accounts []string
	persons := 0
	for n := range e.persons {
		p := &e.persons[n]
		if p.tenant != t.ID || before[p.key] {
			continue
		}
		var days uint32
		names := map[string]bool{}
		for c := range e.claims.each(n) {
			if c.counted && c.excluded == 0 {
				days |= c.days
				for r := range e.claims.reaches(c) {
					names[e.w.accountName(r.account)] = true
				}
			}
		}
		after := days &^ (snapshot.DayBit(back) - 1)
		if after == 0 || days&during != 0 {
			continue
		}
		persons += p.units
		for name := range names {
			accounts = append(accounts, name)
		}
	}
	if persons == 0 {
		return
	}
	sort.Strings(accounts)
	e.finding(statement.Finding{Code: "suspended-returned", Severity: statement.Medium, Tenant: t.ID, Subject: t.ID + " " + back.String(), Count: persons,
		Message: fmt.Sprintf("%s was %s; %d %s came back after it: %s", t.Name, s.text(""), persons, diag.Plural(persons, "person", "persons"), listed(accounts, 40)),
		Action:  "charge what the contract asks for each user that comes back"})
}

// listed names the first few.
func listed(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(", and %d more", len(names)-most)
}
