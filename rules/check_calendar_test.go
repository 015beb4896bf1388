package rules

import (
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// What the calendar makes of a month, by hand: nothing used is told, and from
// the sixth month in a row it is high; a month that was not wholly read is
// never zero; and a month below 100.00 is told where its amount is known in
// the minimum's currency, from six months after the agreement began.
func TestCalendar(t *testing.T) {
	zero := func(n int) (out []statement.Earlier) {
		for i := n; i > 0; i-- {
			out = append(out, statement.Earlier{Month: month.New(2026, 10, time.UTC).Add(-i).String()})
		}
		return out
	}
	used := append(zero(9), statement.Earlier{})
	used[9] = used[8]
	used[8] = statement.Earlier{Month: "2026-08", Quantities: []statement.Quantity{{Quantity: 1}}}
	unread := zero(3)
	unread[2].Quantities = []statement.Quantity{{Product: "rds", Unread: true}} // September
	line := func(amount, currency string) []statement.Line {
		return []statement.Line{{Quantity: 1, Amount: amount, Currency: currency}, {}}
	}
	for name, c := range map[string]struct {
		lines      []statement.Line
		earlier    []statement.Earlier
		from       string
		incomplete bool
		code       string
		severity   statement.Severity
		count      int
	}{
		"zero":                     {code: "zero-use", severity: statement.Info, count: 1},
		"fifth":                    {earlier: zero(4), code: "zero-use", severity: statement.Info, count: 5},
		"sixth":                    {earlier: zero(5), code: "zero-use", severity: statement.High, count: 6},
		"used in August":           {earlier: used[7:], code: "zero-use", severity: statement.Info, count: 2},
		"not read":                 {incomplete: true},
		"September not read":       {earlier: unread, code: "zero-use", severity: statement.Info, count: 1},
		"99.99":                    {lines: line("99.99", "USD"), code: "below-minimum", severity: statement.Medium},
		"100.00":                   {lines: line("100.00", "USD")},
		"another currency":         {lines: line("1.00", "EUR")},
		"no price":                 {lines: line("", "")},
		"agreement began in May":   {lines: line("1.00", "USD"), from: "2026-05-01"},
		"agreement began in April": {lines: line("1.00", "USD"), from: "2026-04-01", code: "below-minimum", severity: statement.Medium},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config.Default()
			if err := cfg.Calendar.AgreementFrom.UnmarshalText([]byte(c.from)); err != nil {
				t.Fatal(err)
			}
			st := &statement.Statement{Lines: c.lines}
			if c.incomplete {
				st.Coverage.Gaps = []statement.Gap{{Source: "hosting"}}
			}
			e := &evaluation{Input: &Input{Config: &cfg, Earlier: c.earlier}, st: st, w: &world{m: month.New(2026, 10, time.UTC)}}
			checkCalendar(e)
			if c.code == "" {
				if len(st.Findings) > 0 {
					t.Errorf("found %+v", st.Findings)
				}
				return
			}
			if len(st.Findings) != 1 || st.Findings[0].Code != c.code || st.Findings[0].Severity != c.severity || st.Findings[0].Count != c.count {
				t.Errorf("found %+v", st.Findings)
			}
		})
	}
}

// With several agreements each is held against its own minimum: 150.00 under
// main, whose calendar asks 100, and 20.00 under academic, which asks 25 of its
// own; what the month comes to in all, 170.00, is above either.
func TestMinimumByAgreement(t *testing.T) {
	cfg := config.Default()
	cfg.Agreements = []config.Agreement{{ID: "academic", MinimumAmount: "25", MinimumCurrency: "EUR"}}
	line := func(amount, currency string) []statement.Line {
		return []statement.Line{{Quantity: 1, Amount: amount, Currency: currency}}
	}
	st := &statement.Statement{Lines: line("170.00", "USD"), Tenants: []statement.Tenant{{ID: "a", Lines: line("150.00", "USD")}, {ID: "b", Lines: line("20.00", "EUR")}}}
	e := &evaluation{Input: &Input{Config: &cfg, Register: &register.Register{Tenants: []register.Tenant{{ID: "a"}, {ID: "b", Agreement: "academic"}}}}, st: st, w: &world{m: month.New(2026, 10, time.UTC)}}
	checkCalendar(e)
	if len(st.Findings) != 1 || st.Findings[0].Subject != "academic" || st.Findings[0].Message != "under agreement academic the month comes to 20.00 EUR, below the minimum of 25.00" {
		t.Errorf("found %+v", st.Findings)
	}
}
