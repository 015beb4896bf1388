package rules

import (
	"slices"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// onceAt is one reading at a minute of 15 October.
func onceAt(s *scene, hour, minute int) []time.Time {
	return []time.Time{time.Date(2026, 10, 15, hour, minute, 0, 0, s.facts.Month.Location())}
}

// The customers' domain is read once, at 05:30, and the domain with the group a
// minute later. The group names Ann by SID, Bob by name (in other letters), and
// Bob's group by name too: three ways to two persons; Cas it names by a name
// that nobody has.
func TestMembersOfAnotherDomain(t *testing.T) {
	s := newScene(t)
	s.reg.Tenants = []register.Tenant{{ID: "alpha", Name: "Alpha", OUs: []register.OU{{DN: "OU=alpha,DC=child,DC=h"}}}}
	child := s.directory("child", "CHILD", onceAt(s, 5, 30))
	child.d.SID = "S-1-5-21-1"
	child.user(1, "ann", "OU=alpha,DC=child,DC=h", days(1, 1))
	child.user(2, "bob", "OU=alpha,DC=child,DC=h", days(1, 1))
	child.group(10, "gg-alpha", id(2))
	child.d.Groups[0].DN = "CN=gg-alpha,OU=alpha,DC=child,DC=h"
	parent := s.directory("parent", "PARENT", onceAt(s, 5, 31))
	parent.group(20, "RDS-Users", "sid:S-1-5-21-1-1", "dn:cn=bob,ou=alpha,dc=child,dc=h", "dn:cn=gg-alpha,ou=alpha,dc=child,dc=h", "dn:cn=cas,ou=alpha,dc=child,dc=h")
	st := s.run()
	s.want(st, "alpha", "rds", 2)
}

// Between a directory's two readings both of what it said may have been so: Ann
// is in the group of the other domain only from its reading of the 20th on, and
// her own domain was read an hour before that for the last time.
func TestMembershipsReachBackToTheReadingBefore(t *testing.T) {
	s := newScene(t)
	loc := s.facts.Month.Location()
	child := s.directory("child", "CHILD", []time.Time{time.Date(2026, 10, 1, 5, 0, 0, 0, loc), time.Date(2026, 10, 20, 5, 0, 0, 0, loc)})
	child.user(1, "ann", "OU=alpha,DC=h", days(1, 2))
	parent := s.directory("parent", "PARENT", []time.Time{time.Date(2026, 10, 1, 6, 0, 0, 0, loc), time.Date(2026, 10, 20, 6, 0, 0, 0, loc)})
	parent.group(20, "RDS-Users")
	parent.member(20, "sid:S-1-5-21-1-1", days(2, 2))
	s.want(s.run(), "alpha", "rds", 1)
}

// A mail list in a group passes nothing on while it is one: it becomes a
// security group on the 21st, so that Ann counts from then on.
func TestDistributionGroupPassesNothingOn(t *testing.T) {
	for _, c := range []struct {
		until int // the last day as a mail list
		want  int
	}{{31, 0}, {20, 1}} {
		s := newScene(t)
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		d.group(10, "RDS-Users", id(11))
		d.group(11, "everybody@alpha", id(1))
		list := &d.d.Groups[1]
		list.Type, list.Span = 2, days(1, c.until)
		if c.until < 31 {
			again := *list
			again.Type, again.Span = -2147483646, days(c.until+1, 31)
			d.d.Groups = append(d.d.Groups, again)
		}
		st := s.run()
		s.want(st, "alpha", "rds", c.want)
		for i := range st.Persons.Len() {
			if p := st.Persons.List()[i]; p.First != month.Date(2026, 10, 21) {
				t.Errorf("counted from %s", p.First)
			}
		}
	}
}

// A group is followed by its objectGUID when it is renamed, within the month and
// at its border; Ann comes after the rename. Where another group took the name, it is
// asked which of the two gives the access, and Ann counts until somebody decided that
// the former gives none.
func TestRenamedGroupIsFollowed(t *testing.T) {
	for _, c := range []struct {
		name   string
		border bool // renamed before the month's first reading
		taken  bool // another group has the name since
		none   bool // decided: the former gives nothing any more
		want   int
		told   []string
		asked  int
	}{
		{"within the month", false, false, false, 1, []string{"RDS-Users"}, 0},
		{"at its border", true, false, false, 1, []string{"RDS-Users"}, 0},
		{"and the name taken", false, true, false, 1, nil, 1},
		{"and the name taken, decided", false, true, true, 0, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			d.user(1, "ann", "OU=alpha,DC=h", days(12, 31))
			d.group(10, "RDS-Users")
			d.member(10, id(1), days(12, 31))
			g := &d.d.Groups[0]
			renamed := *g
			renamed.Name = "RDS-Gebruikers"
			if c.border {
				d.d.Before = &snapshot.DirectoryBefore{Groups: []snapshot.Group{g.Group}, New: []string{id(10)}}
				*g = renamed
			} else {
				g.Span, renamed.Span = days(1, 4), days(5, 31)
				d.d.Groups = append(d.d.Groups, renamed)
			}
			if c.taken {
				d.group(11, "RDS-Users")
				d.d.Groups[2].Span = days(5, 31)
			}
			if c.none {
				s.decisions = []register.Decision{{Key: statement.QuestionKey(statement.AskGroup, "RDS-Users", "since 2026-10-05"), Decision: register.None, By: "J", Reason: "the collection was given the new one"}}
			}
			st := s.run()
			s.want(st, "alpha", "rds", c.want)
			s.wantFindings(st, "group-renamed", c.told...)
			asked := 0
			for _, q := range st.Questions {
				if q.Kind == statement.AskGroup {
					asked++
					if (q.Answer == register.None) != c.none || !slices.Equal(q.About, []string{"RDS-Gebruikers", "RDS-Users"}) {
						t.Errorf("%+v", q)
					}
				}
			}
			if asked != c.asked {
				t.Errorf("%d questions, want %d", asked, c.asked)
			}
		})
	}
}

// A leaver is disabled, taken out of the group and moved to nobody's unit on
// the 12th: the customer that gave the right pays. Bob stays entitled while his
// customer's row ends on the 10th; Cas was never entitled within a customer.
func TestPersonBelongsWhereTheRightWasGiven(t *testing.T) {
	s := newScene(t)
	s.reg.Tenants[1].OUs[0].Until = until(10)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", days(1, 11))
	d.user(1, "ann", "OU=gone,DC=h", days(12, 31), disabled)
	d.user(2, "bob", "OU=beta,DC=h", always)
	d.user(3, "cas", "OU=gone,DC=h", always)
	d.group(10, "RDS-Users", id(2), id(3))
	d.member(10, id(1), days(1, 11))
	st := s.run()
	s.want(st, "alpha", "rds", 1)
	s.want(st, "beta", "rds", 1)
	s.want(st, register.Unassigned, "rds", 1)
	s.wantFindings(st, "no-tenant", "cas")
}

// Customers known by a group, an attribute's value and a UPN suffix. The unit
// comes first, then the group: Eva shows all four and is alpha's by her unit;
// Fay is gamma's by group and delta's by attribute.
func TestTenantsBySigns(t *testing.T) {
	s := newScene(t)
	s.reg.Tenants = append(s.reg.Tenants,
		register.Tenant{ID: "gamma", Name: "Gamma", Signs: []register.Sign{{Kind: register.SignGroup, Value: "gamma-people"}}},
		register.Tenant{ID: "delta", Name: "Delta", Signs: []register.Sign{{Kind: register.SignAttribute, Name: "company", Value: "Delta B.V."}}},
		register.Tenant{ID: "omega", Name: "Omega", Signs: []register.Sign{{Kind: register.SignSuffix, Value: "@Omega.example", Until: until(20)}}})
	d := s.dir()
	company := func(v string) func(*snapshot.Account) {
		return func(a *snapshot.Account) {
			a.Attributes = append(a.Attributes, snapshot.Attribute{Name: "company", Value: v})
		}
	}
	upn := func(v string) func(*snapshot.Account) { return func(a *snapshot.Account) { a.UPN = v } }
	d.user(1, "gus", "OU=all,DC=h", always)
	d.user(2, "dan", "OU=all,DC=h", always, company("DELTA b.v."))
	d.user(3, "ole", "OU=all,DC=h", always, upn("ole@omega.example"))
	d.user(4, "eva", "OU=alpha,DC=h", always, company("Delta B.V."), upn("eva@omega.example"))
	d.user(5, "fay", "OU=all,DC=h", always, company("Delta B.V."))
	d.user(6, "sub", "OU=all,DC=h", always, upn("sub@mail.omega.example"))
	d.group(10, "RDS-Users", id(1), id(2), id(3), id(4), id(5), id(6))
	d.group(11, "gamma-people", id(1), id(4), id(12))
	d.group(12, "gamma-nested", id(5))
	st := s.run()
	for tenant, n := range map[string]int{"alpha": 1, "gamma": 2, "delta": 1, "omega": 1, register.Unassigned: 1} {
		s.want(st, tenant, "rds", n)
	}
	// Eva is alpha's by her unit and three others' too (Omega's row ended), Fay
	// gamma's and delta's.
	s.wantFindings(st, "tenant-ambiguous", "delta", "delta", "gamma")
}
