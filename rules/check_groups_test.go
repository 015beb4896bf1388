package rules

import (
	"fmt"
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/statement"
)

func asked(st *statement.Statement, kind statement.QuestionKind) (out []string) {
	for i := range st.Questions {
		if q := &st.Questions[i]; q.Kind == kind {
			out = append(out, fmt.Sprintf("%s %d %s", q.Subject, q.Count, strings.Join(q.About, "+")))
		}
	}
	return out
}

// Members of a group that gives access whom nobody knows: one question for a
// domain that is not read, however many there are; one a tenant for those whose
// domain is read. What stands in groups that give nothing is nobody's business.
func TestLostMembersAreAsked(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.d.SID = "S-1-5-21-1"
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(30, "RDS-Users", id(1), id(31), "sid:S-1-5-11x", "sid:S-1-5-32-545")
	d.group(31, "nested", "sid:S-1-5-21-9-9-9-1001", "sid:S-1-5-21-9-9-9-1002", "dn:cn=x,ou=alpha,dc=h", "dn:cn=y,cn=users,dc=far", "object:ou=z,dc=h", "sid:S-1-5-21-1-77")
	d.group(32, "other", "sid:S-1-5-21-8-8-8-1001", "dn:cn=q,ou=beta,dc=h")
	st := s.run()
	if got := strings.Join(asked(st, statement.AskDomain), "; "); got != "S-1-5-21-9-9-9 2 S-1-5-21-9-9-9-1001+S-1-5-21-9-9-9-1002; far 1 cn=y,cn=users,dc=far" {
		t.Errorf("domains %q", got)
	}
	if got := strings.Join(asked(st, statement.AskMember), "; "); got != "hosting/alpha 1 cn=x,ou=alpha,dc=h; S-1-5-21-1 1 S-1-5-21-1-77" && got != "S-1-5-21-1 1 S-1-5-21-1-77; hosting/alpha 1 cn=x,ou=alpha,dc=h" {
		t.Errorf("members %q", got)
	}
}

// A group that gives access and is missing for some days is a gap of them; one
// that appears is new. A mail list that the config names is told.
func TestNamedGroups(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(30, "RDS-Users", id(1))
	d.d.Groups[0].Span, d.d.Groups[0].Type = days(1, 9), 8
	again := d.d.Groups[0]
	again.Span = days(13, 30)
	d.d.Groups = append(d.d.Groups, again)
	d.group(31, "LIC-Pro")
	d.d.Groups[2].Span = days(20, 31)
	st := s.run()
	var got []string
	for _, g := range st.Coverage.Gaps {
		if g.Kind == statement.CoverageGroup && g.Source == "hosting" {
			got = append(got, g.Key()+".."+g.Until)
		}
	}
	if fmt.Sprint(got) != "[group:hosting/RDS-Users@2026-10-10..2026-10-12 group:hosting/RDS-Users@2026-10-31..2026-10-31]" {
		t.Errorf("gaps %s", got)
	}
	s.wantFindings(st, "group-distribution", "RDS-Users")
	s.want(st, "alpha", "rds", 1)
}

// Which names show a product, in a month in which Ann is counted for RDS alone.
func TestGroupsThatLookLikeLicences(t *testing.T) {
	for name, ask := range map[string]bool{
		"LIC-Visio": true, "APP_VisioPro": true, "Visio gebruikers": true, "GG-Office-Users": true, "LIC_Office2021": true, "alpha-Office": true, "O365": true, "SPLA Project Std": true,
		"MSProject": true, "SQL-CAL": true, "Microsoft 365 E3": true, "GRP-Project-Professional": true,
		"Office-Amsterdam": false, "Project Noord": false, "Officers": false, "Visio-Beheerders": false, "RDS-Extra": false, "Everyone": false, "SQL-Admins": false, "Exchange Servers": false,
	} {
		s := newScene(t)
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		d.user(2, "off", "OU=alpha,DC=h", always, disabled)
		d.group(30, "RDS-Users", id(1))
		d.group(31, name, id(1))
		d.group(32, "Visio-nobody", id(2))
		if got := len(asked(s.run(), statement.AskGroup)) > 0; got != ask {
			t.Errorf("%s: asked %v", name, got)
		}
	}
}

// Named anywhere, or within a group that is, it is asked about no more; neither
// is one that was decided.
func TestNamedGroupsAreNotAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(s *scene, d *dirScene)
		open int
	}{
		{"nobody", func(s *scene, d *dirScene) {}, 1},
		{"a rule", func(s *scene, d *dirScene) {
			s.rules(sceneRules + "  - {id: visio-std, part_number: V-1, unit: user, entitled: {groups: [LIC-Visio]}}\n")
		}, 0},
		{"within one that a pool names", func(s *scene, d *dirScene) { d.member(30, id(31), always) }, 0},
		{"an entry", func(s *scene, d *dirScene) {
			s.reg.Exclusions = []register.Exclusion{{ID: "x", Tenant: "*", Product: "rds", Ground: register.Admin, Match: register.Match{Kind: register.MatchGroup, Pattern: "LIC-*"}}}
		}, 0},
		{"a decision", func(s *scene, d *dirScene) {
			s.decisions = []register.Decision{{Key: "question|group|lic-visio", Decision: register.Free, By: "A", Reason: "r"}}
		}, 0},
	} {
		s := newScene(t)
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		d.group(30, "RDS-Users", id(1))
		d.group(31, "LIC-Visio", id(1))
		c.do(s, d)
		st := s.run()
		open := 0
		for _, q := range st.OpenQuestions() {
			if q.Kind == statement.AskGroup {
				open++
			}
		}
		if open != c.open {
			t.Errorf("%s: %d open", c.name, open)
		}
	}
}
