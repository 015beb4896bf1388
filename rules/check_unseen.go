package rules

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// askForUnseen asks about accounts that were made and deleted between two readings,
// enabled, and for which no membership is told: a directory forgets those of an
// account with the account, so that nothing says what they could reach.
func (e *evaluation) askForUnseen() {
	names := map[string][]string{}
	for i := range e.w.spans {
		s := &e.w.spans[i]
		if s.at >= 0 || e.w.wasOff[-1-s.at] {
			continue
		}
		a := &e.w.accounts[s.account]
		if n := a.person; n >= 0 && len(e.claims.of(int(n))) > 0 {
			continue // counted
		}
		t := nameOr(a.tenant, register.Unassigned)
		names[t] = append(names[t], e.w.accountName(s.account))
	}
	e.askOfTenants(names, func(n int, t, some string) statement.Question {
		return statement.Question{Subject: "accounts of " + t + " that were made and deleted between two readings",
			Message: fmt.Sprintf("%d accounts of tenant %s, enabled, lived in the directory between two readings alone (%s): which groups they were in, and so what they could have reached, is not told any more, and they are not counted; it could be all that the tenant's people have", n, t, some),
			Action:  "read the domain controllers' Security logs of those days (4728, 4732, 4756), which tell it; where one had access, add the person by a correction; or accept that none of them had any"}
	})
}

// askForNewcomers asks about accounts that were made after the month's last reading,
// had a membership that gives access before the month was over, and of which it is
// not told whether they could sign in by then: the last change of that came after.
func (e *evaluation) askForNewcomers() {
	names := map[string][]string{}
	for _, a := range e.ent.open {
		n := &e.w.accounts[a]
		if n.person >= 0 && len(e.claims.of(int(n.person))) > 0 {
			continue // counted
		}
		t := nameOr(n.tenant, register.Unassigned)
		names[t] = append(names[t], e.w.accountName(a))
	}
	for t, list := range names { // an account may have several memberships
		slices.Sort(list)
		names[t] = slices.Compact(list)
	}
	e.askOfTenants(names, func(n int, t, some string) statement.Question {
		return statement.Question{Subject: "accounts of " + t + " that were made after the last reading of the month",
			Message: fmt.Sprintf("%d accounts of tenant %s were made after the last reading of the month and put into a group that gives access before the month was over (%s): the next reading shows them able to sign in, and whether they were by then is not told, since their userAccountControl was changed after it; they are not counted", n, t, some),
			Action:  "read the domain controllers' Security logs of those hours (4720, 4722, 4725), which tell it; where one could sign in before the month was over, add the person by a correction; or accept that none of them could"}
	})
}

// askOfTenants asks one question a tenant about accounts, by their names, of which
// nothing tells what they could use. Each could need all that the tenant's people
// have, so that is the most that the answer can cost. about makes the question's
// subject, message and action of their number, the tenant and the first names.
func (e *evaluation) askOfTenants(names map[string][]string, about func(n int, tenant, some string) statement.Question) {
	for t, list := range names {
		products, worth, currency := e.dearest(t)
		n := len(list)
		q := about(n, t, listed(list, 5))
		q.Kind, q.State, q.Tenant, q.About = statement.AskMember, e.st.Month+", "+digestOf(list), t, list
		q.Count, q.Units, q.Assumed = n, n*max(1, products), "none of them was counted"
		if products > 0 && currency != "" {
			q.Amount, q.Currency = worth.Mul(decimal.NewFromInt(int64(n))).StringFixed(2), currency
		}
		e.ask(q)
	}
}

// dearest is how many products somebody of a tenant could need at most, and their
// price: all that are counted for persons there, or anywhere where the tenant has
// none; of a family the dearest. No currency: not all prices are known, or they are
// in several.
func (e *evaluation) dearest(tenant string) (n int, worth decimal.Decimal, currency string) {
	lines := e.st.Lines
	for i := range e.st.Tenants {
		if t := &e.st.Tenants[i]; t.ID == tenant && slices.ContainsFunc(t.Lines, e.perPerson) {
			lines = t.Lines
		}
	}
	families := map[string]decimal.Decimal{}
	known := true
	for i := range lines {
		l := &lines[i]
		if !e.perPerson(*l) {
			continue
		}
		p := e.product(l.Product)
		family := "product " + p.ID
		if p.Family != "" {
			family = "family " + p.Family
		}
		price, err := decimal.NewFromString(l.UnitPrice)
		known = known && err == nil && (currency == "" || currency == l.Currency)
		currency = l.Currency
		families[family] = decimal.Max(families[family], price)
	}
	for _, f := range families {
		worth = worth.Add(f)
	}
	if !known {
		currency = ""
	}
	return len(families), worth, currency
}

// perPerson says that a line counts persons.
func (e *evaluation) perPerson(l statement.Line) bool {
	p := e.product(l.Product)
	return p != nil && p.Unit == statement.UnitUser && l.Quantity > 0
}
