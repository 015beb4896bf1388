package rules

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func october(d int) month.OptionalDay {
	return month.OptionalDay{Day: month.Date(2026, 10, d), Set: true}
}

func (s *scene) price(part, unit string) {
	s.list = append(s.list, prices.Price{PartNumber: part, Currency: "EUR", Unit: decimal.RequireFromString(unit)})
}

func findingsOf(st *statement.Statement, code string) (out []statement.Finding) {
	for _, f := range st.Findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

// Alpha is suspended from 10 October. a1 stays enabled: owed, 1 RDS at 4.10,
// and a session on the 12th. a2 is disabled from the 10th: counted for October
// (the 1st to the 9th), and not told of. a3's session is on the 5th, before
// it, and the account stays enabled: owed. So 2 persons, 2 x 4.10 = 8.20. Beta
// is not suspended.
func TestSuspended(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.user(2, "a2", "OU=alpha,DC=h", days(1, 9))
	d.user(2, "a2", "OU=alpha,DC=h", days(10, 31), disabled)
	d.user(3, "a3", "OU=alpha,DC=h", always)
	d.user(4, "b1", "OU=beta,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2), id(3), id(4))
	s.use("rdsh-1", `hosting\a1`, 12)
	s.use("rdsh-1", `hosting\a3`, 5)
	s.use("rdsh-1", `hosting\b1`, 12)
	s.price("RDS-1", "4.10")
	s.reg.Tenants[0].SuspendedFrom = october(10)
	st := s.run()
	s.want(st, "alpha", "rds", 3, 2, 0) // suspended in the books changes no quantity
	owed := findingsOf(st, "suspended-still-owed")
	if len(owed) != 1 || owed[0].Tenant != "alpha" || owed[0].Count != 2 || owed[0].Severity != statement.High ||
		!strings.Contains(owed[0].Message, "suspended from 2026-10-10") || !strings.Contains(owed[0].Message, "EUR 8.20") ||
		!strings.HasSuffix(owed[0].Action, "not counted: a1, a3") {
		t.Errorf("%+v", owed)
	}
	s.wantFindings(st, "suspended-session", "a1")
	s.wantFindings(st, "suspended-returned")
}

// Without a price the cost is not known, which is no zero.
func TestSuspendedWithoutPrice(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1))
	s.reg.Tenants[0].SuspendedFrom = october(1)
	if f := findingsOf(s.run(), "suspended-still-owed"); len(f) != 1 || !strings.Contains(f[0].Message, "is not known") {
		t.Errorf("%+v", f)
	}
}

// The partner is suspended up to 14 October, and its customer alpha with it.
// a1 was disabled then and came back; a2 was enabled all along; a3 came back
// on the 20th; a4 stayed disabled. Two came back, and one was owed during it.
func TestPartnerSuspendedAndReturned(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", days(1, 14), disabled)
	d.user(1, "a1", "OU=alpha,DC=h", days(15, 31))
	d.user(2, "a2", "OU=alpha,DC=h", always)
	d.user(3, "a3", "OU=alpha,DC=h", days(1, 19), disabled)
	d.user(3, "a3", "OU=alpha,DC=h", days(20, 31))
	d.user(4, "a4", "OU=alpha,DC=h", always, disabled)
	d.group(100, "RDS-Users", id(1), id(2), id(3), id(4))
	s.reg.Partners = []register.Partner{{ID: "west", Name: "West", SuspendedUntil: october(14)}}
	s.reg.Tenants[0].Partner = "west"
	st := s.run()
	back := findingsOf(st, "suspended-returned")
	if len(back) != 1 || back[0].Count != 2 || !strings.HasSuffix(back[0].Message, "came back after it: a1, a3") {
		t.Errorf("%+v", back)
	}
	if f := findingsOf(st, "suspended-still-owed"); len(f) != 1 || f[0].Count != 1 || !strings.Contains(f[0].Message, "with its reseller west") {
		t.Errorf("%+v", f)
	}
}

// The suspension ended on 30 September: who came back is who was not counted
// in September. Where September is not known, nobody can be named.
func TestReturnedFromTheMonthBefore(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.user(2, "a2", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2))
	s.reg.Tenants[0].SuspendedUntil = month.OptionalDay{Day: month.Date(2026, 9, 30), Set: true}
	s.wantFindings(s.run(), "suspended-returned")
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true, Counted: snapshot.ListOf([]statement.Counted{{Tenant: "alpha", Product: "rds", Key: id(2), Units: 1}}...)}}
	if f := findingsOf(s.run(), "suspended-returned"); len(f) != 1 || f[0].Count != 1 || !strings.HasSuffix(f[0].Message, ": a1") {
		t.Errorf("%+v", f)
	}
}
