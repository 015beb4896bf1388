package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// tenantGaps are the gaps of tenants, as kind tenant from..until.
func tenantGaps(st *statement.Statement) (out []string) {
	for _, g := range st.Coverage.Gaps {
		if g.Tenant != "" {
			out = append(out, fmt.Sprintf("%s %s %s..%s", g.Kind, g.Tenant, g.From, g.Until))
		}
	}
	slices.Sort(out)
	return out
}

// A unit is proved by its object or by what is in it, day by day.
func TestUnitsAreProved(t *testing.T) {
	made := func(s *scene, at time.Time) {
		u := &s.dir().d.Units[len(s.dir().d.Units)-1]
		u.Made = at
	}
	for _, c := range []struct {
		name string
		do   func(s *scene, d *dirScene)
		want string
	}{
		{"object seen, nobody in it", func(s *scene, d *dirScene) { d.unit("OU=beta,DC=h", always) }, ""},
		{"an export without units: an account proves it", func(s *scene, d *dirScene) {
			d.d.Units = []snapshot.UnitSpan{}
			d.user(9, "old", "OU=sub,OU=beta,DC=h", always, disabled)
		}, ""},
		{"never seen", func(s *scene, d *dirScene) {}, "unit beta 2026-10-01..2026-10-31"},
		{"not seen for a week", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(1, 9))
			d.unit("OU=beta,DC=h", days(17, 31))
		}, "unit beta 2026-10-10..2026-10-16"},
		{"its row begins later", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(17, 31))
			s.reg.Tenants[1].OUs[0].From = until(17)
		}, ""},
		{"it was made on the 17th, by its own word", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(17, 31))
			made(s, month.Date(2026, 10, 16).Start(s.facts.Month.Location()).Add(time.Hour))
		}, ""},
		{"it was made long before it was seen", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(17, 31))
			made(s, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		}, "unit beta 2026-10-01..2026-10-16"},
		{"new, by its accounts' numbers", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(17, 31))
			d.user(50, "joiner", "OU=beta,DC=h", days(17, 31))
		}, ""},
		{"old, by its accounts' numbers", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(17, 31))
			d.user(2, "hidden", "OU=beta,DC=h", days(17, 31))
		}, "unit beta 2026-10-01..2026-10-16"},
		{"a new name, the same unit", func(s *scene, d *dirScene) {
			d.unit("OU=beta,DC=h", days(1, 9))
			d.unit("OU=beta,OU=New,DC=h", days(10, 31))
			d.d.Units[2].ID = d.d.Units[1].ID
		}, ""},
		{"in a domain that is not read", func(s *scene, d *dirScene) { s.reg.Tenants[1].OUs[0].DN = "OU=beta,DC=other" }, "unit beta .."},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.unit("OU=alpha,DC=h", always)
			d.user(10, "ann", "OU=alpha,DC=h", always)
			d.group(30, "RDS-Users", id(10))
			c.do(s, d)
			st := s.run()
			if got := strings.Join(tenantGaps(st), "; "); got != c.want {
				t.Errorf("gaps %q, want %q", got, c.want)
			}
			if (c.want != "") != (len(st.Coverage.Gaps) > 0 && st.Status == statement.Incomplete && tenantGaps(st) != nil) {
				t.Errorf("%s with %d gaps", st.Status, len(st.Coverage.Gaps))
			}
		})
	}
}

// A unit that was renamed stays its tenant's, within the month and since the
// reading before it, and is told.
func TestRenamedUnitStaysItsTenants(t *testing.T) {
	for _, border := range []bool{false, true} {
		s := newScene(t)
		d := s.dir()
		d.unit("OU=alpha,DC=h", always)
		span := days(1, 9)
		if border {
			d.unit("OU=beta2,DC=h", always)
			d.d.Units[1].ID = "u"
			d.d.Before = &snapshot.DirectoryBefore{Units: []snapshot.Unit{{ID: "u", DN: "OU=beta,DC=h"}}, New: []string{"u"}}
			d.user(2, "bob", "OU=beta2,DC=h", always)
		} else {
			d.unit("OU=beta,DC=h", span)
			d.unit("OU=beta2,DC=h", days(10, 31))
			d.d.Units[1].ID, d.d.Units[2].ID = "u", "u"
			d.user(2, "bob", "OU=beta,DC=h", span)
			d.user(2, "bob", "OU=beta2,DC=h", days(10, 31))
		}
		d.group(30, "RDS-Users", id(2))
		st := s.run()
		s.want(st, "beta", "rds", 1)
		s.wantFindings(st, "unit-renamed", "OU=beta,DC=h")
		if got := tenantGaps(st); got != nil {
			t.Errorf("gaps %q", got)
		}
	}
}

// Whom a reading lacks: Ann and Bob of alpha are gone on the 12th. What becomes
// of their memberships in RDS-Users, which is still there, says whether they
// were deleted; without them nothing does.
func TestPeopleWhoAreGone(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *scene, d *dirScene)
		want string
	}{
		{"deleted: the group lists them no more", func(s *scene, d *dirScene) {
			d.member(30, id(1), days(1, 11))
			d.member(30, id(2), days(1, 11))
		}, ""},
		{"hidden: the group lists their names", func(s *scene, d *dirScene) {
			for n, name := range map[int]string{1: "ann", 2: "bob"} {
				d.member(30, id(n), days(1, 11))
				d.member(30, "dn:cn="+name+",ou=alpha,dc=h", days(12, 31))
			}
		}, "persons alpha 2026-10-12..2026-10-31"},
		{"in no group that is seen", func(s *scene, d *dirScene) {}, "persons alpha 2026-10-12..2026-10-31"},
		{"moved to beta", func(s *scene, d *dirScene) {
			d.user(1, "ann", "OU=beta,DC=h", days(12, 31))
			d.user(2, "bob", "OU=beta,DC=h", days(12, 31))
		}, ""},
		{"back on the 20th", func(s *scene, d *dirScene) {
			d.user(1, "ann", "OU=alpha,DC=h", days(20, 31))
			d.user(2, "bob", "OU=alpha,DC=h", days(20, 31))
		}, "persons alpha 2026-10-12..2026-10-19"},
		{"one of seven", func(s *scene, d *dirScene) {
			for n := range 12 {
				d.user(100+n, fmt.Sprint("more", n), "OU=alpha,DC=h", always)
			}
			d.member(30, id(1), days(1, 11))
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.user(1, "ann", "OU=alpha,DC=h", days(1, 11))
			d.user(2, "bob", "OU=alpha,DC=h", days(1, 11))
			d.group(30, "RDS-Users")
			c.do(s, d)
			if got := strings.Join(tenantGaps(s.run()), "; "); got != c.want {
				t.Errorf("gaps %q, want %q", got, c.want)
			}
		})
	}
}

// The same at the border of two months: the last reading of September, told as
// what changed since, had Ann, Bob and Cas; October's first lacks Ann and Bob,
// and Cas is disabled in it. Four of ten is a finding, two of three a gap.
func TestPeopleWhoAreGoneAtTheBorder(t *testing.T) {
	for _, c := range []struct {
		others int
		gap    string
		told   []string
	}{
		{0, "persons alpha 2026-10-01..2026-10-31", nil},
		{5, "", []string{"hosting 2026-10-01"}},
	} {
		s := newScene(t)
		d := s.dir()
		gone := func(n int, name string) snapshot.Account {
			return snapshot.Account{ID: id(n), Name: name, DN: "CN=" + name + ",OU=alpha,DC=h"}
		}
		d.d.Before = &snapshot.DirectoryBefore{Accounts: []snapshot.Account{gone(1, "ann"), gone(2, "bob"), gone(3, "cas")}, New: []string{id(3)}}
		d.user(3, "cas", "OU=alpha,DC=h", always, disabled)
		for n := range c.others {
			d.user(100+n, fmt.Sprint("more", n), "OU=alpha,DC=h", always)
		}
		d.group(30, "RDS-Users")
		st := s.run()
		if got := strings.Join(tenantGaps(st), "; "); got != c.gap {
			t.Errorf("gaps %q, want %q", got, c.gap)
		}
		s.wantFindings(st, "directory-shrank", c.told...)
	}
}
