package rules

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// A hundred thousand groups, each the only member of the one above it, with a
// user in every thousandth: 100 users are entitled by the uppermost group,
// which closes the circle by being a member of the lowest as well. A path shows
// no more than 64 groups and the mark that there are more; those of the upper
// 63 depths are whole.
func TestChainOfGroups(t *testing.T) {
	const depth, every = 100_000, 1000
	s := newScene(t)
	d := s.dir()
	for i := range depth {
		name := fmt.Sprintf("chain-%06d", i)
		if i == 0 {
			name = "RDS-Users"
		}
		d.group(10_000_000+i, name, id(10_000_000+(i+1)%depth))
	}
	for n := range depth / every {
		d.user(1+n, fmt.Sprintf("user%d", n), "OU=alpha,DC=h", always)
		d.member(10_000_000+n*every, id(1+n), always)
	}
	st := s.run()
	s.want(st, "alpha", "rds", depth/every)
	for i := range st.Persons.Len() {
		p := st.Persons.At(i)
		switch path := p.Via.Path; {
		case p.Name == "user0":
			if len(path) != 1 || path[0] != "RDS-Users" {
				t.Errorf("user0 is reached by %q", path)
			}
		case len(path) != longestPath+1 || path[0] != "…":
			t.Errorf("%s is reached by %d names, beginning with %q", p.Name, len(path), path[0])
		}
	}
}

// A group that holds itself, and the user once: one person.
func TestGroupInItself(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.group(100, "RDS-Users", id(100), id(1))
	d.user(1, "anna", "OU=alpha,DC=h", always)
	s.want(s.run(), "alpha", "rds", 1)
}

// 300,000 findings of a kind that lists 5,000: those, and one that tells of the
// other 295,000, as severe as the worst of them. Of the kind that has room for
// a whole provider's accounts, 150,000 are all there.
func TestFindingsAreBounded(t *testing.T) {
	e := &evaluation{st: &statement.Statement{}}
	for i := range 300_000 {
		severity := statement.Low
		if i == 299_999 {
			severity = statement.High
		}
		e.finding(statement.Finding{Code: "made-up", Severity: severity, Subject: fmt.Sprint(i)})
	}
	for i := range 150_000 {
		e.finding(statement.Finding{Code: "no-tenant", Severity: statement.High, Subject: fmt.Sprint(i)})
	}
	e.rest()
	count := map[string]int{}
	for _, f := range e.st.Findings {
		count[f.Code]++
	}
	if count["made-up"] != 5001 || count["no-tenant"] != 150_000 {
		t.Errorf("listed: %v", count)
	}
	last := e.st.Findings[len(e.st.Findings)-1]
	if last.Code != "made-up" || last.Count != 295_000 || last.Severity != statement.High || !strings.Contains(last.Message, "300000 in all") {
		t.Errorf("the rest is told as %+v", last)
	}
}

// A month with 200,000 notices of one kind in its readings ends as at most 5,001
// findings.
func TestNoticesAreBounded(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.user(1, "anna", "OU=alpha,DC=h", always)
	notes := make([]snapshot.Notice, 200_000)
	for i := range notes {
		notes[i] = snapshot.Notice{Code: "log-damaged", Subject: "a.evtx", Message: fmt.Sprintf("byte %d: damaged", i)}
	}
	s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: "logs", Kind: snapshot.KindSessions, Status: snapshot.Partial,
		Taken: s.facts.Month.Start(), Day: s.facts.Month.FirstDay(), Notes: notes})
	n := 0
	for _, f := range s.run().Findings {
		if f.Code == "log-damaged" {
			n++
		}
	}
	if n == 0 || n > mostFindings+1 {
		t.Errorf("%d findings", n)
	}
}

// FuzzParse feeds the parser of rule files whatever comes: no input may end
// the program, every fault has the file's name and is text that can be printed,
// and a set without faults has products that can be asked.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sceneRules))
	f.Add([]byte(CatalogFile()))
	f.Add([]byte("version: x\nproducts:\n  - catalog: rds\n  - {catalog: office-standard, part_number: A-1}\n"))
	f.Add([]byte("version: x\nproducts:\n  - {id: a, part_number: P, unit: user, with: [a], entitled: {groups: [G]}}\n"))
	f.Add([]byte("products: &a [*a]\n"))
	f.Add([]byte("a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"))
	f.Add([]byte(strings.Repeat("[", 500)))
	f.Add([]byte("version: \"\xff\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, faults := Parse("rules.yaml", data)
		for _, x := range faults {
			if x.File != "rules.yaml" || !utf8.ValidString(x.Error()) {
				t.Errorf("a fault that cannot be shown: %q", x.Error())
			}
		}
		if len(faults) == 0 {
			if set == nil {
				t.Fatal("no faults and no rules")
			}
			for i := range set.Products {
				set.Products[i].matchProgram("microsoft office standard 2019", "")
			}
			set.Attributes()
		}
	})
}
