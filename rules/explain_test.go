package rules

import (
	"testing"

	"splameter/internal/register"
)

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
