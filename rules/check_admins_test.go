package rules

import (
	"testing"

	"splameter/internal/config"
	"splameter/internal/register"
)

// Three administrators are excluded. Two had sessions on APP-1 and all three on
// APP-2: one too many there.
func TestTwoAdministratorsAServer(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	var members []string
	for i, n := range []string{"adm-ann", "adm-bob", "adm-cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
		members = append(members, id(i+1))
	}
	d.group(100, "RDS-Users", members...)
	s.reg.Exclusions = []register.Exclusion{{ID: "ADM", Tenant: "*", Product: "*", Ground: register.Admin, Document: "d", Match: register.Match{Kind: register.MatchUser, Pattern: "adm-*"}}}
	for _, u := range []string{"ann", "bob"} {
		s.use("app-1", `hosting\adm-`+u, 3, 4)
	}
	for _, u := range []string{"ann", "bob", "cor"} {
		s.use("app-2", `hosting\adm-`+u, 5)
	}
	s.wantFindings(s.run(), "too-many-server-admins", "app-2")
	s.cfg.Checks.ServerAdminMax = 3
	s.wantFindings(s.run(), "too-many-server-admins")
}

// An evaluation that does not say when it began cannot be held against its
// days.
func TestEvaluationHasAStart(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1))
	x := register.Exclusion{ID: "TRIAL", Tenant: "alpha", Product: "rds", Ground: register.Evaluation, Document: "d", Match: register.Match{Kind: register.MatchAll}}
	s.reg.Exclusions = []register.Exclusion{x}
	s.wantFindings(s.run(), "trial-without-start", "TRIAL")
	x.From = config.Date{Day: s.facts.Month.FirstDay() - 10, Set: true}
	s.reg.Exclusions = []register.Exclusion{x}
	s.wantFindings(s.run(), "trial-without-start")
}
