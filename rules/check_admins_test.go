package rules

import (
	"fmt"
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
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

// An evaluation has 60 days from the day that it names, else from the day on
// which it was first seen, also in months before: the finding keeps it.
func TestEvaluationDays(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1))
	x := register.Exclusion{ID: "TRIAL", Tenant: "alpha", Product: "rds", Ground: register.Evaluation, Document: "d", Match: register.Match{Kind: register.MatchAll}}
	s.reg.Exclusions = []register.Exclusion{x}
	first := s.facts.Month.FirstDay()
	s.wantFindings(s.run(), "trial-without-start", "TRIAL since "+first.String())
	s.wantFindings(s.run(), "trial-too-long")
	last := int(s.facts.Month.LastDay())
	for began, long := range map[int]bool{last - 60: false, last - 61: true} {
		s.prev = []statement.Earlier{{Month: s.facts.Month.Add(-1).String(), Computed: true,
			Findings: []string{"trial-without-start|alpha||TRIAL since " + month.Day(began).String()}}}
		st := s.run()
		s.wantFindings(st, "trial-without-start", "TRIAL since "+month.Day(began).String())
		if long {
			s.wantFindings(st, "trial-too-long", "TRIAL")
		} else {
			s.wantFindings(st, "trial-too-long")
		}
	}
	s.prev = nil
	x.From = month.OptionalDay{Day: first - 10, Set: true}
	s.reg.Exclusions = []register.Exclusion{x}
	s.wantFindings(s.run(), "trial-without-start")
	s.wantFindings(s.run(), "trial-too-long")
	x.From.Day = first - 40
	s.reg.Exclusions = []register.Exclusion{x}
	s.wantFindings(s.run(), "trial-too-long", "TRIAL")
}

// The agreement allows 20 administrators per data centre: each is counted by
// the site that its entry names.
func TestAdministratorsBySite(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	var members []string
	for i := range 4 {
		d.user(i+1, fmt.Sprintf("adm-%d", i), "OU=alpha,DC=h", always)
		members = append(members, id(i+1))
	}
	d.group(100, "RDS-Users", members...)
	entry := func(name, match, site string) register.Exclusion {
		return register.Exclusion{ID: name, Tenant: "alpha", Product: "rds", Ground: register.Admin, Document: "d", Site: site, Match: register.Match{Kind: register.MatchUser, Pattern: match}}
	}
	s.cfg.Checks.AdminMax = 2
	s.reg.Exclusions = []register.Exclusion{entry("A", "adm-0", "west"), entry("B", "adm-1", "west"), entry("C", "adm-2", "east"), entry("D", "adm-3", "east")}
	s.wantFindings(s.run(), "too-many-admins")
	s.reg.Exclusions[2].Site = "west"
	s.wantFindings(s.run(), "too-many-admins", "admin of west")
	for i := range s.reg.Exclusions {
		s.reg.Exclusions[i].Site = ""
	}
	s.wantFindings(s.run(), "too-many-admins", "admin")
}
