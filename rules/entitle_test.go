package rules

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Ann had access only from the 5th to the 8th, Bob all month: two licences,
// no proration. Cor was added after the last snapshot of the month: none.
func TestAnyMomentCounts(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users", id(2))
	d.member(100, id(1), days(5, 8))
	st := s.run()
	s.want(st, "alpha", "rds", 2)
	for _, p := range st.Persons.List() {
		if p.Name == "ann" && (p.First.String() != "2026-10-05" || p.Last.String() != "2026-10-08") {
			t.Errorf("ann was entitled from %s to %s", p.First, p.Last)
		}
	}
}

// A chain of three groups that runs in a circle; Dirk has it as his primary
// group, which no member attribute names.
func TestNestedCircularAndPrimary(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "dirk", "OU=alpha,DC=h", always, func(a *snapshot.Account) { a.PrimaryGroup = "S-1-5-21-1-102" })
	d.group(100, "RDS-Users", id(101))
	d.group(101, "Middle", id(102))
	d.group(102, "Inner", id(1), id(100), id(102))
	st := s.run()
	s.want(st, "alpha", "rds", 2)
	if got := st.Persons.At(0).Via.Path; !slices.Equal(got, []string{"RDS-Users", "Middle", "Inner"}) {
		t.Errorf("the path is %q", got)
	}
	if at := st.Persons.At(0).Via.Group; at.File != "hosting-01.ldif" || at.Line != 1 {
		t.Errorf("the membership was read in %v", at)
	}
}

// Ann was in Inner up to the 10th; Inner came into RDS-Users on the 11th: in
// no snapshot was there a whole path.
func TestPathMustStandInOneSnapshot(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users")
	d.group(101, "Inner")
	d.member(101, id(1), days(1, 10))
	d.member(100, id(101), days(11, 31))
	s.want(s.run(), "alpha", "rds", 0)
	d.member(101, id(1), days(20, 20))
	s.want(s.run(), "alpha", "rds", 1)
}

// Eve was disabled all month and sits in the group: a clean-up, no licence.
// Fay was disabled from the 2nd on: counted. Gus expired before the month,
// which is not disabled; Hal expired on the 3rd at noon: counted for the 1st
// to the 3rd.
func TestDisabledAndExpired(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	until := func(ts time.Time) func(*snapshot.Account) { return func(a *snapshot.Account) { a.Expires = ts } }
	d.user(1, "eve", "OU=alpha,DC=h", always, disabled)
	d.user(2, "fay", "OU=alpha,DC=h", days(1, 1))
	d.user(2, "fay", "OU=alpha,DC=h", days(2, 31), disabled)
	d.user(3, "gus", "OU=alpha,DC=h", always, until(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)))
	d.user(4, "hal", "OU=alpha,DC=h", always, until(time.Date(2026, 10, 3, 10, 0, 0, 0, time.UTC)))
	d.group(100, "RDS-Users", id(1), id(2), id(3), id(4))
	st := s.run()
	s.want(st, "alpha", "rds", 2)
	s.wantFindings(st, "disabled-in-group", "eve")
	for _, p := range st.Persons.List() {
		if p.Name == "hal" && p.Last.String() != "2026-10-03" {
			t.Errorf("hal was entitled until %s", p.Last)
		}
	}
}

// Authenticated Users in the group: everyone in the directory counts, and it
// is said. A computer is nobody.
func TestBroadPrincipal(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=beta,DC=h", always)
	d.user(3, "PC$", "OU=beta,DC=h", always, func(a *snapshot.Account) { a.Class = snapshot.Computer })
	d.group(100, "RDS-Users", id(101))
	d.group(101, "Builtin-Users", "sid:S-1-5-11")
	st := s.run()
	s.want(st, "", "rds", 2)
	s.wantFindings(st, "broad-principal", "RDS-Users")
}

// Domain Users as a member: whoever has it as primary group.
func TestDomainUsers(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=beta,DC=h", always)
	d.group(100, "RDS-Users", id(513))
	d.group(513, "Domain Users")
	st := s.run()
	s.want(st, "", "rds", 2)
	s.wantFindings(st, "broad-principal", "RDS-Users")
}

// An account of a second forest sits in the group as a foreign security
// principal. Both forests were read, at different minutes of each day: 62
// ticks and, with a third reading, more than 64.
func TestForeignPrincipalsOverManyTicks(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.group(100, "RDS-Users", "sid:S-1-5-21-1-900", "sid:S-1-5-21-9-404")
	var at []time.Time
	for day := s.facts.Month.FirstDay(); day <= s.facts.Month.LastDay(); day++ {
		start := day.Start(s.facts.Month.Location())
		at = append(at, start.Add(5*time.Hour), start.Add(15*time.Hour))
	}
	o := s.directory("other", "OTHER", at)
	o.user(900, "zoe", "OU=beta,DC=h", snapshot.Span{First: 60, Last: 61}) // only on the 31st
	st := s.run()
	s.want(st, "beta", "rds", 1)
	if p := st.Persons.At(0); p.First.String() != "2026-10-31" || p.Via.Directory != "other" {
		t.Errorf("zoe: %s, %s", p.First, p.Via.Directory)
	}
}

// Office Standard is installed on one host of the pool, on one reading: all
// who may log on count for it. An enforced restriction keeps it to those who
// are in both groups; one in audit mode, or before its date, keeps nobody out.
func TestInstalledAndRestricted(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users", id(1), id(2))
	d.group(101, "APP-Office", id(2), id(3))
	s.install("RDSH-01", "Microsoft Office Standard 2019", 30)
	s.install("RDSH-02", "", 2)
	s.want(s.run(), "alpha", "office-std", 2)

	restrict := func(control string, from month.OptionalDay) {
		s.cfg.Pools[0].Restrict = []config.Restrict{{Product: "office-std", Users: []string{"APP-Office"}, Control: control, From: from}}
	}
	restrict("applocker-enforced", month.OptionalDay{})
	st := s.run()
	s.want(st, "alpha", "office-std", 1) // bob; cor may not log on, so the group alone gives nothing
	s.wantFindings(st, "restriction-without-document", "shared/office-std")
	for _, f := range st.Findings {
		if f.Code == "restriction-without-document" && f.Count != 1 {
			t.Errorf("it saves %d licences, want 1 (ann)", f.Count)
		}
	}
	restrict("AppLocker (audit only)", month.OptionalDay{})
	st = s.run()
	s.want(st, "alpha", "office-std", 2)
	s.wantFindings(st, "restriction-audit-only", "shared/office-std")
	restrict("shortcut hidden", month.OptionalDay{})
	st = s.run()
	s.want(st, "alpha", "office-std", 2)
	s.wantFindings(st, "restriction-not-enforced", "shared/office-std")
	restrict("applocker-enforced", month.OptionalDay{Day: s.facts.Month.FirstDay() + 14, Set: true})
	s.want(s.run(), "alpha", "office-std", 2) // ann had it until the 14th
}

// A pool that ended on the 10th gave access to whoever was a member by then.
func TestDatedPool(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users")
	d.member(100, id(1), days(10, 31))
	d.member(100, id(2), days(11, 31))
	s.cfg.Pools[0].Until = month.OptionalDay{Day: s.facts.Month.FirstDay() + 9, Set: true}
	s.want(s.run(), "alpha", "rds", 1)
}

// The rule counts by a mailbox attribute: its presence, or its value.
func TestAttributes(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: mail, part_number: M-1, unit: user, entitled: {attributes: {homeMDB: , msExchType: ["1", "4?"]}}}
`)
	d := s.dir()
	with := func(n, v string) func(*snapshot.Account) {
		return func(a *snapshot.Account) { a.Attributes = []snapshot.Attribute{{Name: n, Value: v}} }
	}
	d.user(1, "ann", "OU=alpha,DC=h", always, with("homemdb", "CN=db1"))
	d.user(2, "bob", "OU=alpha,DC=h", always, with("msexchtype", "42"))
	d.user(3, "cor", "OU=alpha,DC=h", always, with("msexchtype", "2"))
	d.user(4, "dim", "OU=alpha,DC=h", always)
	s.want(s.run(), "alpha", "mail", 2)
}

// A group that rules name and the directory does not have is an error.
func TestMissingGroup(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1))
	d.group(101, "LIC-Std")
	s.wantFindings(s.run(), "group-missing", "LIC-Pro")
}

// A with product brings its base along.
func TestWith(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: base, part_number: B-1, unit: user, entitled: {groups: [Base]}}
  - {id: plus, part_number: P-1, unit: user, entitled: {groups: [Plus]}, with: [base]}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	d.group(100, "Base", id(1))
	d.group(101, "Plus", id(2))
	st := s.run()
	s.want(st, "alpha", "base", 2)
	s.want(st, "alpha", "plus", 1)
}

// More members never cost less, and the order in which facts are listed
// changes nothing: over random groups and memberships.
func TestMonotonousAndOrderless(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 40 {
		s := newScene(t)
		d := s.dir()
		for i := range 12 {
			d.user(i+1, string(rune('a'+i)), []string{"OU=alpha,DC=h", "OU=beta,DC=h", "DC=h"}[r.IntN(3)], always)
		}
		d.group(100, "RDS-Users")
		for g := range 6 {
			d.group(101+g, "G"+string(rune('0'+g)))
		}
		last := -1
		for range 25 {
			from := 1 + r.IntN(31)
			span := days(from, min(31, from+r.IntN(5)))
			group := 100 + r.IntN(7)
			if r.IntN(2) == 0 {
				d.member(group, id(1+r.IntN(12)), span)
			} else {
				d.member(group, id(100+r.IntN(7)), span)
			}
			st := s.run()
			q := quantity(st, "", "rds")[0]
			if q < last {
				t.Fatalf("round %d: another membership took the quantity from %d to %d", round, last, q)
			}
			last = q
		}
		before := s.run()
		members := d.d.Members.Values()
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		if after := s.run(); !cmp.Equal(after.Lines[0], before.Lines[0]) {
			t.Fatalf("round %d: another order gave %v instead of %v", round, after.Lines[0], before.Lines[0])
		}
	}
}
