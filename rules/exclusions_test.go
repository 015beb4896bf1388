package rules

import (
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
)

func until(d int) month.OptionalDay {
	return month.OptionalDay{Day: month.Date(2026, 10, 1) + month.Day(d-1), Set: true}
}

// Families: ann reaches both editions and counts for the higher. Bob's higher
// one is excluded by an entry that covers office-*: nothing is owed for him,
// and he is shown once. Cor's entry covers office-pro only: office-std is owed.

func TestFamiliesAndExclusions(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	s.members(100, "RDS-Users", 1, 2, 3)
	s.members(101, "LIC-Std", 1, 2, 3)
	s.members(102, "LIC-Pro", 1, 2, 3)
	s.reg.Exclusions = []register.Exclusion{
		{ID: "X1", Tenant: "alpha", Product: "office-*", Ground: register.FlexibleVirtual, Match: register.Match{Kind: register.MatchUser, Pattern: "bob"}, Document: "d"},
		{ID: "X2", Tenant: "*", Product: "office-pro", Ground: register.CustomerOwned, Match: register.Match{Kind: register.MatchUser, Pattern: "cor"}, Document: "d"},
	}
	st := s.run()
	s.want(st, "alpha", "office-pro", 1, 0, 2)
	s.want(st, "alpha", "office-std", 1, 0, 0)
}

// An entry must cover every day on which the person was entitled. It ends on
// the 20th: ann, entitled until the 20th, is excluded; bob, until the 21st, is
// not. A quantity of one goes to the one who was entitled first.

func TestExclusionDatesAndQuantity(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor", "dim"} {
		d.user(4-i, n, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users")
	d.member(100, id(4), days(1, 20))
	d.member(100, id(3), days(1, 21))
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "alpha", Product: "*", Ground: register.Demo, Match: register.Match{Kind: register.MatchAll}, Until: until(20), Document: "d"}}
	st := s.run()
	s.want(st, "alpha", "rds", 1, 0, 1)
	s.wantFindings(st, "exclusion-expired", "X")

	// cor (id 2) from the 2nd, dim (id 1) from the 2nd, ann from the 1st
	// until the 20th: by first day ann, then by id dim, then cor.
	d.member(100, id(2), days(2, 10))
	d.member(100, id(1), days(2, 10))
	x := &s.reg.Exclusions[0]
	x.Quantity, x.Limited = 2, true
	st = s.run()
	s.want(st, "alpha", "rds", 2, 0, 2)
	var out []string
	for _, p := range st.Persons.List() {
		if p.Excluded != nil {
			out = append(out, p.Name)
		}
	}
	if len(out) != 2 || out[0] != "dim" || out[1] != "ann" {
		t.Errorf("excluded: %q, want dim and ann", out)
	}
	s.wantFindings(st, "exclusion-over-quantity", "X")
}

// Four are entitled all month. X1 ended with September and X2 takes over:
// nobody is counted for X1's end. X2 ends on 30 November, and X3 goes on the
// day after: nothing is owed then, unless X3 allows fewer than the four that X2
// keeps out, or leaves a day between. Where X2 ends on the 29th X3 may go on the
// day after, too. X4 allows one, and X5 takes the
// other three; without X5 three are over.

func TestRenewedExclusion(t *testing.T) {
	right := func(id string) register.Exclusion {
		return register.Exclusion{ID: id, Tenant: "alpha", Product: "rds", Ground: register.CustomerOwned, Match: register.Match{Kind: register.MatchAll}, Document: "d"}
	}
	x1, x2, x3 := right("X1"), right("X2"), right("X3")
	x1.Until, x2.From, x2.Until, x3.From = until(0), until(1), until(31+30), until(31+31)
	fewer, late := x3, x3
	fewer.Quantity, fewer.Limited = 3, true
	late.From = until(31 + 32)
	within, over := x2, x3
	within.Until, over.From = until(31+29), until(31+30)
	early := x3
	early.From = until(31 + 1)
	x4, x5 := right("X4"), right("X5")
	x4.Quantity, x4.Limited = 1, true
	for name, c := range map[string]struct {
		entries             []register.Exclusion
		counted             int
		expired, soon, over []string
	}{
		"ended":              {[]register.Exclusion{x1}, 4, []string{"X1"}, nil, nil},
		"renewed":            {[]register.Exclusion{x1, x2}, 0, nil, []string{"X2"}, nil},
		"renewed in advance": {[]register.Exclusion{x1, x2, x3}, 0, nil, nil, nil},
		"for fewer":          {[]register.Exclusion{x2, fewer}, 0, nil, []string{"X2"}, nil},
		"a day too late":     {[]register.Exclusion{x2, late}, 0, nil, []string{"X2"}, nil},
		"within a month":     {[]register.Exclusion{within, over}, 0, nil, nil, nil},
		"over a whole month": {[]register.Exclusion{within, early}, 0, nil, nil, nil},
		"too few":            {[]register.Exclusion{x4}, 3, nil, nil, []string{"X4"}},
		"too few, and more":  {[]register.Exclusion{x4, x5}, 0, nil, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			for i, n := range []string{"ann", "bob", "cor", "dim"} {
				d.user(i+1, n, "OU=alpha,DC=h", always)
			}
			s.members(100, "RDS-Users", 1, 2, 3, 4)
			s.reg.Exclusions = c.entries
			st := s.run()
			s.want(st, "alpha", "rds", c.counted, 0, 4-c.counted)
			s.wantFindings(st, "exclusion-expired", c.expired...)
			s.wantFindings(st, "right-ends-soon", c.soon...)
			s.wantFindings(st, "exclusion-over-quantity", c.over...)
		})
	}
}

// Ann's administrator account is meant by the entry, her own account is not:
// the person is owed. With both accounts in the group she is not.

func TestEveryAccountMustBeMeant(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always, employee("E1"))
	d.user(2, "adm-ann", "OU=alpha,DC=h", always, employee("E1"))
	s.members(100, "RDS-Users", 1, 2)
	s.members(101, "Admins", 2)
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "*", Product: "*", Ground: register.Admin, Match: register.Match{Kind: register.MatchGroup, Pattern: "admins"}, Document: "d"}}
	s.want(s.run(), "alpha", "rds", 1, 0, 0)
	s.dir().member(101, id(1), always)
	s.want(s.run(), "alpha", "rds", 0, 0, 1)
}

// Entries without an effect, without a document, and ones that end soon are
// said; a service account with a session is used against its ground.

func TestExclusionFindings(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "svc-scan", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.use("rdsh-01", `hosting\svc-scan`, 5)
	s.reg.Exclusions = []register.Exclusion{
		{ID: "X1", Tenant: "*", Product: "*", Ground: register.Service, Match: register.Match{Kind: register.MatchUser, Pattern: "svc-*"}, Until: until(60)},
		{ID: "X2", Tenant: "beta", Product: "*", Ground: register.Demo, Match: register.Match{Kind: register.MatchAll}, Document: "d"},
	}
	st := s.run()
	s.want(st, "alpha", "rds", 0, 0, 1)
	s.wantFindings(st, "excluded-account-used", "svc-scan")
	s.wantFindings(st, "exclusion-without-document", "X1")
	s.wantFindings(st, "right-ends-soon", "X1")
	s.wantFindings(st, "exclusion-without-effect", "X2")
}

// Entitled to Office and not to RDS: a finding, excluded or not.

func TestProductPair(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users")
	s.members(102, "LIC-Pro", 1, 2)
	s.members(101, "LIC-Std")
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "*", Product: "office-*", Ground: register.CustomerOwned, Match: register.Match{Kind: register.MatchUser, Pattern: "bob"}, Document: "d"}}
	s.wantFindings(s.run(), "product-pair", "ann", "bob")
}

// Three accounts of one person give Office, one of them the lower edition, and
// none gives RDS: all three are named, each once, since taking the licence from
// one of them alone corrects nothing.

func TestProductPairNamesEachAccount(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always, employee("E1"))
	d.user(2, "ann2", "OU=alpha,DC=h", always, employee("E1"))
	d.user(3, "ann3", "OU=alpha,DC=h", always, employee("E1"))
	s.members(100, "RDS-Users")
	s.members(102, "LIC-Pro", 1, 2)
	s.members(101, "LIC-Std", 2, 3)
	st := s.run()
	s.want(st, "alpha", "office-pro", 1)
	s.wantFindings(st, "product-pair", "ann", "ann2", "ann3")
}

// A customer owns one Office Standard licence. Ann reaches Professional Plus
// too and is counted for that, which the entry does not cover: she takes
// nothing from its quantity, though she was entitled first. Bob does.

func TestExclusionQuantityOnlyForThoseItKeepsOut(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", days(5, 31))
	s.members(100, "RDS-Users", 1, 2)
	s.members(101, "LIC-Std", 1, 2)
	s.members(102, "LIC-Pro", 1)
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "alpha", Product: "office-std", Ground: register.CustomerOwned,
		Match: register.Match{Kind: register.MatchAll}, Limited: true, Quantity: 1, Document: "d"}}
	st := s.run()
	s.want(st, "alpha", "office-pro", 1, 0, 0)
	s.want(st, "alpha", "office-std", 0, 0, 1)
	s.wantFindings(st, "exclusion-over-quantity")
}

// Sessions by every spelling make the person active for each product counted.
// A session of an account that was never entitled to a pool's product, and of
// a name that no snapshot holds, is a finding; machine-local and foreign
// domains are not ours; an administrator under an entry is none.
