package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func entry(id, product, who string, more ...func(*register.Exclusion)) register.Exclusion {
	x := register.Exclusion{ID: id, Tenant: "alpha", Product: product, Ground: register.CustomerOwned,
		Match: register.Match{Kind: register.MatchUser, Pattern: who}, Document: "d"}
	if who == "*" {
		x.Match = register.Match{Kind: register.MatchAll}
	}
	for _, f := range more {
		f(&x)
	}
	return x
}

func limit(n int) func(*register.Exclusion) {
	return func(x *register.Exclusion) { x.Quantity, x.Limited = n, true }
}

func valid(from, last int) func(*register.Exclusion) {
	return func(x *register.Exclusion) {
		if from > 0 {
			x.From = until(from)
		}
		if last > 0 {
			x.Until = until(last)
		}
	}
}

func openOf(st *statement.Statement, kind statement.QuestionKind) (out []string) {
	for i := range st.Questions {
		if q := &st.Questions[i]; q.Kind == kind && q.Open() {
			out = append(out, q.Subject)
		}
	}
	slices.Sort(out)
	return out
}

// Ann's own right is entered up to the 14th and, renewed, from the 15th on:
// together they cover her month. Bob's begins on the 16th: a day is missing.
// Cor is entitled from the 16th only, and his old entry does nothing.

func TestEntriesTogetherCoverTheMonth(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users")
	d.member(100, id(1), always)
	d.member(100, id(2), always)
	d.member(100, id(3), days(16, 31))
	s.reg.Exclusions = []register.Exclusion{
		entry("A1", "rds", "ann", valid(0, 14), limit(1)), entry("A2", "rds", "ann", valid(15, 0), limit(1)),
		entry("B1", "rds", "bob", valid(0, 14)), entry("B2", "rds", "bob", valid(16, 0)),
		entry("C1", "rds", "cor", valid(0, 14)), entry("C2", "rds", "cor", valid(15, 0)),
	}
	st := s.run()
	s.want(st, "alpha", "rds", 1, 0, 2)
	used := map[string]int{}
	for _, x := range st.Tenants[0].Exclusions {
		used[x.ID] = x.Used
	}
	want := map[string]int{"A1": 1, "A2": 1, "B1": 0, "B2": 0, "C1": 0, "C2": 1}
	if diff := cmp.Diff(want, used); diff != "" {
		t.Errorf("used (-want +got):\n%s", diff)
	}
	s.wantFindings(st, "exclusion-expired", "B1")
	s.wantFindings(st, "exclusion-part-of-month", "B2")
}

// Ann reaches both editions and has a right of her own for each; in whichever
// order the rights stand, nothing is owed for her. Bob's for the higher one is
// used up by nobody else, and Cor has one for the lower only: he is owed the
// higher, and takes nothing of it.

func TestOrderOfEntriesChangesNoNumber(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for i := range 12 {
		d.user(i+1, fmt.Sprintf("user%d", i+1), "OU=alpha,DC=h", days(1+i%3, 31))
	}
	s.members(100, "RDS-Users", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	s.members(101, "LIC-Std", 1, 2, 3, 4, 5, 6)
	s.members(102, "LIC-Pro", 1, 2, 3, 7)
	s.members(103, "G1", 1, 4, 5, 8)
	s.members(104, "G2", 1, 2, 9)
	group := func(name string) func(*register.Exclusion) {
		return func(x *register.Exclusion) { x.Match = register.Match{Kind: register.MatchGroup, Pattern: name} }
	}
	all := []register.Exclusion{
		entry("O1", "office-std", "user1", limit(1)), entry("O2", "office-pro", "user1", limit(1)),
		entry("O3", "office-*", "user1?"), entry("O4", "office-std", "*", limit(2)),
		entry("R1", "rds", "", group("G1"), limit(1)), entry("R2", "rds", "", group("G2"), limit(1), valid(0, 20)),
		entry("R3", "*", "", group("G2"), limit(2), valid(15, 0)), entry("R4", "rds", "user?", limit(3)),
	}
	var want []statement.Line
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		s.reg.Exclusions = slices.Clone(all)
		if seed > 0 {
			r.Shuffle(len(all), func(i, j int) {
				x := s.reg.Exclusions
				x[i], x[j] = x[j], x[i]
			})
		}
		st := s.run()
		if seed == 0 {
			want = st.Lines
			s.want(st, "alpha", "office-pro", 3, 0, 1) // user1 by O2; O1 covers the lower one
			continue
		}
		if diff := cmp.Diff(want, st.Lines); diff != "" {
			t.Fatalf("order %d gives other numbers (-first +now):\n%s", seed, diff)
		}
	}
}

// A ground about persons takes no machine, and one about machines no person.

func TestGroundsTakeTheirOwnKind(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.machine(snapshot.Machine{Host: "sql-1", Kind: snapshot.Virtual, SQLEdition: "Standard", VirtualCores: 4, Tenant: "alpha"})
	s.reg.Exclusions = []register.Exclusion{entry("P", "*", "*", limit(9), func(x *register.Exclusion) { x.Ground = register.Admin })}
	st := s.run()
	s.want(st, "alpha", "rds", 0, 0, 1)
	s.want(st, "alpha", "sql-std", 2, 0, 0)
	s.reg.Exclusions[0].Ground = register.PassiveNode
	st = s.run()
	s.want(st, "alpha", "rds", 1, 0, 0)
	s.want(st, "alpha", "sql-std", 0, 0, 2)
}

// What takes away without showing why is asked about, and is an error until it
// is decided: an entry without a document, one of everything, one that takes 4
// of 10, and two that only together take more than a quarter. One that takes 2
// of 10 with a document is left alone.

func TestWhatTakesAwayIsAskedAbout(t *testing.T) {
	for name, c := range map[string]struct {
		entries []register.Exclusion
		want    []string
		code    string
	}{
		"documented":  {[]register.Exclusion{entry("X", "rds", "u[12]"), entry("Y", "rds", "u1"), entry("Z", "rds", "u2")}, nil, ""},
		"no document": {[]register.Exclusion{entry("X", "rds", "u1", func(x *register.Exclusion) { x.Document = "" })}, []string{"X"}, "exclusion-without-document"},
		"everything":  {[]register.Exclusion{entry("X", "*", "*")}, []string{"X"}, "exclusion-of-everything"},
		"much":        {[]register.Exclusion{entry("X", "rds", "*", limit(4))}, []string{"X"}, "exclusion-takes-much"},
		"together":    {[]register.Exclusion{entry("X", "rds", "u1"), entry("Y", "rds", "u2"), entry("Z", "rds", "u3")}, []string{"exclusions of rds"}, "exclusions-take-much"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			d := s.dir()
			var all []int
			for i := range 10 {
				d.user(i+1, fmt.Sprintf("u%d", i+1), "OU=alpha,DC=h", always)
				all = append(all, i+1)
			}
			s.members(100, "RDS-Users", all...)
			s.reg.Exclusions = c.entries
			st := s.run()
			if diff := cmp.Diff(c.want, openOf(st, statement.AskEntry)); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if c.code != "" {
				s.wantFindings(st, c.code, c.want...)
			}
		})
	}
}

// The row of a shared account ended in September, and no newer one says how
// many use it: it stands. A row whose account nobody knows says so; written
// with its domain it is known.

func TestSharedAccountsNeverLapseToOne(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "desk", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	row := register.SharedAccount{Tenant: "alpha", Account: `HOSTING\desk`, Persons: 4, Document: "d", Until: until(0)}
	s.reg.Shared = []register.SharedAccount{row}
	st := s.run()
	s.want(st, "alpha", "rds", 4, 0, 0)
	s.wantFindings(st, "shared-account-lapsed", `HOSTING\desk`)
	newer := row
	newer.Until, newer.From, newer.Persons = month.OptionalDay{}, until(1), 3
	s.reg.Shared = []register.SharedAccount{row, newer}
	st = s.run()
	s.want(st, "alpha", "rds", 3, 0, 0)
	s.wantFindings(st, "shared-account-lapsed")
	newer.Account = "dsek"
	s.reg.Shared = []register.SharedAccount{newer}
	st = s.run()
	s.want(st, "alpha", "rds", 1, 0, 0)
	s.wantFindings(st, "shared-account-unknown", "dsek")
}

// Two behind the shared account have accounts of their own: E1's own account
// and the shared one are both under the entry of three. He takes one of it, and
// the shared account the other three.

func TestSharedAndOwnAccountAreOnePerson(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always, employee("E1"))
	d.user(2, "desk", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.reg.Shared = []register.SharedAccount{{Tenant: "alpha", Account: "desk", Persons: 4, IDs: []string{"E1"}, Document: "d"}}
	s.reg.Exclusions = []register.Exclusion{entry("X", "rds", "*", limit(4))}
	st := s.run()
	s.want(st, "alpha", "rds", 0, 0, 4)
	s.wantFindings(st, "exclusion-over-quantity")
}

// A restriction of everything keeps nobody from the pool itself.

func TestRestrictionDoesNotLowerThePool(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1, 2)
	s.members(101, "APP", 1)
	s.cfg.Pools[0].Restrict = []config.Restrict{{Product: "*", Users: []string{"APP"}, Control: "applocker-enforced", Document: "d"}}
	st := s.run()
	s.want(st, "alpha", "rds", 2, 0, 0)
	s.wantFindings(st, "restriction-of-the-pool", "shared/*")
}

// Sessions of two accounts of a domain that nobody configured are one question;
// a machine's own account and an account that is known are none.

func TestForeignDomainsAreAskedOnce(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.use("rdsh-01", `hosting\ann`, 5)
	s.use("rdsh-01", `rdsh-01\beheer`, 5)
	s.use("rdsh-01", `oud\x1`, 5)
	s.use("rdsh-02", `oud\x1`, 6)
	s.use("rdsh-02", `oud\x2`, 6)
	s.use("rdsh-02", `mona@elders.example`, 6)
	st := s.run()
	if diff := cmp.Diff([]string{"OUD", "elders.example"}, openOf(st, statement.AskDomain)); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	if st.Status != statement.Incomplete {
		t.Error("the month is complete while a domain is not placed")
	}
}

// Two work on a session host, and the config has no pool.

func TestSessionHostsWithoutAnyPool(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	s.members(100, "RDS-Users", 1)
	s.use("rdsh-01", `hosting\ann`, 5)
	s.use("rdsh-01", `hosting\bob`, 5)
	s.cfg.Pools = nil
	if got := openOf(s.run(), statement.AskHost); !slices.Equal(got, []string{"session hosts without a pool"}) {
		t.Errorf("asked %q", got)
	}
}
