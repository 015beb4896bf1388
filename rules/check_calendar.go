package rules

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// checkCalendar looks at what the agreement asks of a month as a whole
// (docs/licensing.md 4.2 and 6.2, check 25): a zero-use report where nothing was used,
// and the monthly minimum. The findings have no subject: it is the month.
func checkCalendar(e *evaluation) {
	if e.incomplete() {
		return // what was not read is not zero
	}
	c := &e.Config.Calendar
	total := 0
	for i := range e.st.Lines {
		total += e.st.Lines[i].Quantity
	}
	if total == 0 {
		n := 1 + e.monthsBefore(isZero)
		f := statement.Finding{Code: "zero-use", Severity: statement.Info, Count: n,
			Message: fmt.Sprintf("nothing was used in %s, in the %s month in a row", e.w.m, ordinal(n)),
			Action:  "hand in a zero-use report before the deadline all the same"}
		if c.ZeroMonthsMax > 0 && n >= c.ZeroMonthsMax {
			f.Severity, f.Action = statement.High, fmt.Sprintf("hand in a zero-use report, and talk to the reseller: after %d such months the agreement may be ended", c.ZeroMonthsMax)
		}
		e.finding(f)
		return
	}
	e.minimum()
}

// minimum compares what the month comes to under each agreement with that one's
// minimum. An amount that is not wholly known, or in another currency, is not
// compared.
func (e *evaluation) minimum() {
	all := e.Config.AllAgreements()
	if len(all) == 1 {
		e.minimumOf(&all[0], e.st.Lines, "")
		return
	}
	for i := range all {
		a := &all[i]
		var lines []statement.Line
		for j := range e.st.Tenants {
			if t := &e.st.Tenants[j]; e.agreementOf(t.ID) == a.ID {
				lines = append(lines, t.Lines...)
			}
		}
		e.minimumOf(a, lines, a.ID)
	}
}

// agreementOf is the agreement that a tenant is reported under.
func (e *evaluation) agreementOf(tenant string) string {
	if t := e.Register.Tenant(tenant); t != nil && slices.ContainsFunc(e.Config.Agreements, func(a config.Agreement) bool { return a.ID == t.Agreement }) {
		return t.Agreement
	}
	return config.MainAgreement
}

// minimumOf compares some lines with an agreement's minimum; id names it where
// there are several.
func (e *evaluation) minimumOf(a *config.Agreement, lines []statement.Line, id string) {
	least, err := decimal.NewFromString(a.MinimumAmount)
	if err != nil || !least.IsPositive() {
		return
	}
	if a.AgreementFrom.Set {
		y, m, _ := a.AgreementFrom.Day.Civil()
		if e.w.m.Number() < month.New(y, m, e.w.m.Location()).Number()+e.Config.Calendar.ZeroMonthsMax {
			return
		}
	}
	sum := decimal.Zero
	for i := range lines {
		l := &lines[i]
		if l.Quantity == 0 {
			continue
		}
		amount, err := decimal.NewFromString(l.Amount)
		if err != nil || l.Currency != a.MinimumCurrency {
			return
		}
		sum = sum.Add(amount)
	}
	if sum.GreaterThanOrEqual(least) {
		return
	}
	f := statement.Finding{Code: "below-minimum", Severity: statement.Medium, Subject: id,
		Message: fmt.Sprintf("the month comes to %s %s, below the minimum of %s", sum.StringFixed(2), a.MinimumCurrency, least.StringFixed(2)),
		Action:  "expect an invoice of the minimum; months in a row below it may end the agreement"}
	if id != "" {
		f.Message = fmt.Sprintf("under agreement %s the month comes to %s %s, below the minimum of %s", id, sum.StringFixed(2), a.MinimumCurrency, least.StringFixed(2))
	}
	e.finding(f)
}

// monthsBefore is for how many months directly before this one something held.
func (e *evaluation) monthsBefore(held func(*statement.Earlier) bool) int {
	n := 0
	for i := len(e.Earlier) - 1; i >= 0; i-- {
		if e.Earlier[i].Month != e.w.m.Add(-n-1).String() || !held(&e.Earlier[i]) {
			break
		}
		n++
	}
	return n
}

// isZero says that nothing was used in a month; of one that was not read
// nobody knows.
func isZero(m *statement.Earlier) bool {
	for i := range m.Quantities {
		if q := &m.Quantities[i]; q.Quantity != 0 || q.Unread {
			return false
		}
	}
	return true
}

func ordinal(n int) string {
	switch {
	case n%100 >= 11 && n%100 <= 13:
	case n%10 == 1:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}
