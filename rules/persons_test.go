package rules

import (
	"slices"
	"testing"

	"splameter/config"
	"splameter/month"
	"splameter/register"
	"splameter/snapshot"
	"splameter/statement"
)

func (s *scene) members(n int, name string, users ...int) {
	d := s.dir()
	d.group(n, name)
	for _, u := range users {
		d.member(n, id(u), always)
	}
}

// Two accounts with one employeeID are one person; a placeholder merges
// nobody; four accounts with one value are no person (person_max 3) and are
// said; the same value in another tenant is somebody else.
// 1+2 merge: 1 person. 3, 4 have "0": 2. 5..8 have "X9": 4. 9 in beta: 1.
func TestPersons(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, v := range []string{"E1", "e1 ", "0", "0", "X9", "X9", "X9", "X9"} {
		d.user(i+1, "u"+string(rune('1'+i)), "OU=alpha,DC=h", always, employee(v))
	}
	d.user(9, "u9", "OU=beta,DC=h", always, employee("E1"))
	s.members(100, "RDS-Users", 1, 2, 3, 4, 5, 6, 7, 8, 9)
	st := s.run()
	s.want(st, "alpha", "rds", 7)
	s.want(st, "beta", "rds", 1)
	s.wantFindings(st, "person-value-crowded", "employeeID=x9")
}

// An account moved from alpha to beta on the 20th is one person, in beta; the
// deepest organizational unit wins; one outside any unit is unassigned.
func TestTenants(t *testing.T) {
	s := newScene(t)
	s.reg.Tenants = append(s.reg.Tenants, register.Tenant{ID: "deep", Name: "Deep", OUs: []register.OU{{DN: "ou=Sub, OU=Alpha, dc=H"}}})
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", days(1, 19))
	d.user(1, "ann", "OU=Users,OU=beta,DC=h", days(20, 31))
	d.user(2, "bob", "OU=Sub,OU=alpha,DC=h", always)
	d.user(3, "cor", "OU=alphabet,DC=h", always)
	s.members(100, "RDS-Users", 1, 2, 3)
	st := s.run()
	s.want(st, "alpha", "rds", 0)
	s.want(st, "beta", "rds", 1)
	s.want(st, "deep", "rds", 1)
	s.want(st, register.Unassigned, "rds", 1)
	s.wantFindings(st, "no-tenant", "cor")
	s.want(st, "", "rds", 3)
}

// A shared account counts as the five behind it, less the one who is counted
// by an account of her own.
func TestSharedAccount(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "floor", "OU=alpha,DC=h", always)
	d.user(2, "ann", "OU=alpha,DC=h", always, employee("E7"))
	s.members(100, "RDS-Users", 1, 2)
	s.reg.Shared = []register.SharedAccount{{Tenant: "alpha", Account: "FLOOR", Persons: 5, IDs: []string{"E7", "E8"}, Document: "list"}}
	s.want(s.run(), "alpha", "rds", 5)
}

func until(d int) config.Date {
	return config.Date{Day: month.Date(2026, 10, 1) + month.Day(d-1), Set: true}
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
// keeps out, or leaves a day between. Where X2 ends on the 29th no entry covers
// all of November, unless X3 begins on the 1st. X4 allows one, and X5 takes the
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
		"within a month":     {[]register.Exclusion{within, over}, 0, nil, []string{"X2"}, nil},
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
// one of them alone mends nothing.
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
func TestSessions(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor", "dim", "adm"} {
		d.user(i+1, n, "OU=alpha,DC=h", always, func(a *snapshot.Account) { a.UPN = n + "@alpha.example" })
	}
	s.members(100, "RDS-Users", 1, 2, 3)
	s.members(101, "LIC-Std", 1)
	s.members(102, "LIC-Pro")
	s.use("rdsh-01", `hosting\ann`, 3)
	s.use("rdsh-01", "bob@alpha.example", 4)
	s.use("rdsh-01", `hosting.example\cor`, 5)
	s.use("rdsh-01", `hosting\dim`, 6)
	s.use("rdsh-01", `hosting\ghost`, 6)
	s.use("rdsh-01", `rdsh-01\administrator`, 6)
	s.use("rdsh-01", `elsewhere\x`, 6)
	s.use("rdsh-01", `hosting\adm`, 6)
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "*", Product: "*", Ground: register.Admin, Match: register.Match{Kind: register.MatchUser, Pattern: "adm"}, Document: "d"}}
	st := s.run()
	s.want(st, "alpha", "rds", 3, 3)
	s.want(st, "alpha", "office-std", 1, 1)
	s.wantFindings(st, "session-without-entitlement", "dim", `hosting\ghost`)
}

// The name ann was deleted on the 10th and given to another on the 11th. The
// session of the 20th is the second one's.
func TestReusedName(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", days(1, 10))
	d.user(2, "ann", "OU=beta,DC=h", days(11, 31))
	s.members(100, "RDS-Users", 1, 2)
	s.use("rdsh-01", `hosting\ann`, 20)
	st := s.run()
	s.want(st, "alpha", "rds", 1, 0)
	s.want(st, "beta", "rds", 1, 1)
}

// A session open from September makes the person active; a row that only
// knows of an end does not.
func TestCarriedSession(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.use("rdsh-01", `hosting\ann`)
	s.facts.Uses.Values()[0].Carried = true
	s.use("rdsh-01", `hosting\bob`)
	st := s.run()
	s.want(st, "alpha", "rds", 2, 1)
	if p := st.Persons.At(0); p.Session == nil || p.Session.Note == "" {
		t.Error("nothing says that the session was open from before")
	}
}

// A rule that counts active persons reports those, shows the authorized beside
// them, and says so.
func TestCountActive(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: rds, part_number: RDS-1, unit: user, count: active, ground: legacy terms, document: D-1, entitled: {pools: ["*"]}}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.use("rdsh-01", `hosting\ann`, 3)
	st := s.run()
	s.want(st, "alpha", "rds", 1, 1)
	if st.Lines[0].Authorized != 2 {
		t.Errorf("authorized %d, want 2", st.Lines[0].Authorized)
	}
	s.wantFindings(st, "counts-active", "rds")
}

// October's numbers against September's: ann stayed, bob came, cor went. beta
// had two and has none: its line stands with zero.
func TestChanges(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true,
		Quantities: []statement.Quantity{{Tenant: "alpha", Product: "rds", Quantity: 2}, {Tenant: "beta", Product: "rds", Quantity: 2}},
		Counted: snapshot.ListOf([]statement.Counted{{Tenant: "alpha", Product: "rds", Key: id(1), Units: 1}, {Tenant: "alpha", Product: "rds", Key: id(3), Units: 1},
			{Tenant: "beta", Product: "rds", Key: id(8), Units: 1}, {Tenant: "beta", Product: "rds", Key: id(9), Units: 1}}...)}}
	st := s.run()
	var alpha, beta statement.Line
	for _, tn := range st.Tenants {
		for _, l := range tn.Lines {
			if l.Product == "rds" && tn.ID == "alpha" {
				alpha = l
			}
			if l.Product == "rds" && tn.ID == "beta" {
				beta = l
			}
		}
	}
	if !alpha.Compared || alpha.Previous != 2 || alpha.Added != 1 || alpha.Removed != 1 {
		t.Errorf("alpha: %+v", alpha)
	}
	if !beta.Compared || beta.Quantity != 0 || beta.Previous != 2 || beta.Removed != 2 {
		t.Errorf("beta: %+v", beta)
	}
	if l := st.Lines[0]; l.Previous != 4 || l.Added != 1 || l.Removed != 3 {
		t.Errorf("report: %+v", l)
	}
	s.prev[0].Month = "2026-08" // not the month directly before: nothing to compare with
	if st = s.run(); st.Lines[0].Compared {
		t.Error("compared with August")
	}
}

// Visio's rule ended with September, in which alpha had two: its line stands
// with zero, under its name, for alpha and in the report, and behind the others.
// Project's rule is gone from the file, and nothing tells its name or its unit:
// the three that were counted are a finding. Publisher's rule has ended too, and
// nobody had any in September: it is named for the months that had, without a
// line. What beta was counted for stands as before.
func TestChangesOfWithdrawnProducts(t *testing.T) {
	s := newScene(t)
	s.rules(sceneRules + `
  - {id: visio, name: {en: Visio Standard}, part_number: VIS-1, unit: user, entitled: {groups: [LIC-Visio]}, until: 2026-09-30}
  - {id: publisher, name: {en: Publisher}, part_number: PUB-1, unit: user, entitled: {groups: [LIC-Pub]}, until: 2026-03-31}
  - {id: planned, name: {en: Planned}, part_number: PLN-1, unit: user, entitled: {groups: [LIC-Pln]}, from: 2027-01-01}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.prev = []statement.Earlier{
		{Month: "2026-08", Computed: true, Quantities: []statement.Quantity{{Tenant: "beta", Product: "publisher", Quantity: 1}}},
		{Month: "2026-09", Computed: true,
			Quantities: []statement.Quantity{{Tenant: "alpha", Product: "rds", Quantity: 1}, {Tenant: "alpha", Product: "visio", Quantity: 2}, {Tenant: "beta", Product: "project", Quantity: 3}},
			Counted: snapshot.ListOf([]statement.Counted{{Tenant: "alpha", Product: "rds", Key: id(1), Units: 1},
				{Tenant: "alpha", Product: "visio", Key: id(1), Units: 1}, {Tenant: "alpha", Product: "visio", Key: id(7), Units: 1}}...)}}
	st := s.run()
	line := func(lines []statement.Line, product string) statement.Line {
		for i, l := range lines {
			if l.Product == product {
				if i < len(lines)-1 {
					t.Errorf("%s stands before %s", product, lines[i+1].Product)
				}
				return l
			}
		}
		return statement.Line{}
	}
	want := statement.Line{Product: "visio", PartNumber: "VIS-1", Unit: "user", Compared: true, Previous: 2, Removed: 2}
	for _, tn := range st.Tenants {
		switch l := line(tn.Lines, "visio"); {
		case tn.ID == "alpha" && l != want:
			t.Errorf("alpha: %+v", l)
		case tn.ID != "alpha" && l != statement.Line{}:
			t.Errorf("%s: %+v", tn.ID, l)
		}
	}
	if l := line(st.Lines, "visio"); l != want {
		t.Errorf("report: %+v", l)
	}
	var named []string
	for i := range st.Products[6:] {
		named = append(named, st.Products[6+i].Label("en"))
	}
	if !slices.Equal(named, []string{"Visio Standard", "Publisher"}) {
		t.Errorf("%q", named)
	}
	s.wantFindings(st, "product-without-rule", "project")
}

// Nobody read September's directory: October's two users are not two more than
// none, and the month is no zero in anybody's history. What ran on machines was
// read, and is compared.
func TestChangesAgainstAnUnreadMonth(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true,
		Quantities: []statement.Quantity{{Product: "rds", Unread: true}, {Tenant: "alpha", Product: "office-std", Quantity: 3}}}}
	st := s.run()
	for i := range st.Tenants {
		tn := &st.Tenants[i]
		for _, l := range tn.Lines {
			if l.Product == "rds" && (l.Compared || l.Added != 0 || l.Previous != 0) {
				t.Errorf("%s: %+v", tn.ID, l)
			}
		}
		if tn.ID == "alpha" && (len(tn.History) != 1 || !slices.Equal(tn.History[0].Unread, []string{"rds"})) {
			t.Errorf("%+v", tn.History)
		}
	}
	if l := st.Lines[0]; l.Product != "rds" || l.Quantity != 2 || l.Compared || l.Added != 0 {
		t.Errorf("report: %+v", l)
	}
	if l := st.Lines[1]; !l.Compared {
		t.Errorf("report: %+v", l)
	}
}

// Explain tells the path for a counted person, and why another is not.
func TestExplain(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always, disabled)
	d.user(3, "cor", "DC=h", days(4, 4))
	s.members(100, "RDS-Users", 1, 2, 3)
	s.use("rdsh-01", `hosting\ann`, 3)
	x, err := Explain(t.Context(), s.input(), "alpha", "RDS-1", "")
	if err != nil || len(x.Persons) != 1 || x.Persons[0].Session.Record != 7 || x.Line.Quantity != 1 {
		t.Fatalf("%+v, %v", x, err)
	}
	x, err = Explain(t.Context(), s.input(), "alpha", "rds", "BOB")
	if err != nil || len(x.Absent) != 1 || x.Absent[0].Statement != "it was disabled or expired in every snapshot of the month" {
		t.Fatalf("%+v, %v", x, err)
	}
	x, err = Explain(t.Context(), s.input(), "unassigned", "rds", "")
	if err != nil || len(x.Persons) != 1 || x.Persons[0].First.String() != "2026-10-04" {
		t.Fatalf("%+v, %v", x, err)
	}
	for _, c := range [][3]string{{"gamma", "rds", ""}, {"alpha", "nothing", ""}, {"alpha", "rds", "nobody"}} {
		if _, err := Explain(t.Context(), s.input(), c[0], c[1], c[2]); err == nil {
			t.Errorf("%v was explained", c)
		}
	}
}

// A finding with a number is accepted as it is: another number brings it back.
// One is accepted by its code; one whose decision ended on the 30th is not.
func TestDecisions(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always, disabled)
	d.user(2, "bob", "OU=alpha,DC=h", always, disabled)
	d.user(3, "cor", "OU=alpha,DC=h", always)
	d.user(4, "dim", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2, 3, 4)
	s.reg.Exclusions = []register.Exclusion{{ID: "X", Tenant: "*", Product: "rds", Ground: register.Demo, Match: register.Match{Kind: register.MatchAll}, Limited: true, Document: "d"}}
	accepted := func(decisions ...register.Decision) map[string]string {
		in := s.input()
		for i := range decisions {
			decisions[i].Decision, decisions[i].By, decisions[i].Reason = register.Accepted, "eva", "known"
		}
		in.Decisions = decisions
		st, err := Evaluate(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		for _, f := range st.Findings {
			out[f.Code+" "+f.Subject] = f.Accepted
		}
		s.want(st, "alpha", "rds", 2)
		return out
	}
	got := accepted(
		register.Decision{Key: "exclusion-over-quantity|||X|2"},
		register.Decision{Code: "disabled-in-group", Tenant: "alpha", Subject: "ANN"},
		register.Decision{Code: "disabled-in-group", Subject: "bob", Until: until(30)})
	if got["exclusion-over-quantity X"] != "eva: known" || got["disabled-in-group ann"] == "" || got["disabled-in-group bob"] != "" {
		t.Errorf("%q", got)
	}
	if got := accepted(register.Decision{Key: "exclusion-over-quantity|||X|3"}); got["exclusion-over-quantity X"] != "" {
		t.Error("a finding that changed stayed accepted")
	}
}
