package rules

import (
	"testing"

	"splameter/internal/register"
	"splameter/internal/snapshot"
)

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
