package rules

import (
	"slices"
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/statement"
)

const recognizedRules = `
version: "test"
products:
  - {id: rds, part_number: RDS-1, unit: user, entitled: {pools: ["*"]}}
  - {id: office-std, part_number: STD-1, unit: user, family: office, rank: 1, entitled: {programs: [{family: office, editions: [Standard]}]}}
  - {id: office-pro, part_number: PRO-1, unit: user, family: office, rank: 2, entitled: {programs: [{family: office, editions: [Professional Plus]}]}}
  - {id: project-2019, part_number: PRJ-1, unit: user, entitled: {programs: [{family: project, years: ["2019"], channels: [volume]}]}}
`

func subjectsAsked(st *statement.Statement, kind statement.QuestionKind) []string {
	var out []string
	for i := range st.Questions {
		if st.Questions[i].Kind == kind {
			out = append(out, st.Questions[i].Subject)
		}
	}
	slices.Sort(out)
	return out
}

// Ann and bob can log on to a host with Office Standard in Spanish: two
// Standard. Project 2019 by its name alone tells no channel: not matched.
func TestProgramsInAnyLanguage(t *testing.T) {
	s := newScene(t)
	s.rules(recognizedRules)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.user(2, "bob", "OU=beta,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2))
	s.install("RDSH-1", "Microsoft Office LTSC Estándar 2021 - es-es")
	s.install("RDSH-1", "Microsoft Project Professional 2019 - nl-nl")
	st := s.run()
	s.want(st, "", "office-std", 2)
	s.want(st, "", "office-pro", 0)
	s.want(st, "", "project-2019", 0)
}

// A suite of no edition that any source tells is counted as Professional Plus
// and asked, once for both hosts.
func TestUnstatedEditionIsTheDearest(t *testing.T) {
	s := newScene(t)
	s.rules(recognizedRules)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1))
	s.install("RDSH-1", "Microsoft Office 2016")
	s.install("RDSH-2", "Microsoft Office 2016")
	st := s.run()
	s.want(st, "alpha", "office-pro", 1)
	s.want(st, "alpha", "office-std", 0)
	if got := subjectsAsked(st, statement.AskEdition); !slices.Equal(got, []string{"Microsoft Office 2016"}) {
		t.Errorf("asked are %q", got)
	}
}

// Titles that nobody placed are asked once each, with the hosts; those that
// are free, or accounted for by a rule, are not.
func TestUnknownTitlesAreAsked(t *testing.T) {
	s := newScene(t)
	s.rules(recognizedRules + `  - {id: exchange-std, part_number: X-1, unit: user, accounts_for: [exchange-server], entitled: {groups: [LIC-Exchange]}}
`)
	s.install("APP-1", "Microsoft Orchestra 2016")
	s.install("APP-2", "Microsoft Orchestra 2016")
	s.install("APP-2", "Microsoft Exchange Server 2019 Cumulative Update 14")
	s.install("APP-2", "Microsoft SharePoint Server 2019")
	s.install("APP-2", "Microsoft Edge")
	s.install("APP-2", "Microsoft SQL Server Reporting Services")
	s.install("APP-3", "SQL Server 2022 Database Engine Services")
	s.install("APP-3", "Microsoft SQL Server Reporting Services")
	st := s.run()
	want := []string{"Microsoft Orchestra 2016", "Microsoft SQL Server Reporting Services", "Microsoft SharePoint Server 2019"}
	if got := subjectsAsked(st, statement.AskTitle); !slices.Equal(got, want) {
		t.Errorf("asked are %q, want %q", got, want)
	}
	for i := range st.Questions {
		if q := &st.Questions[i]; q.Subject == want[0] && !slices.Equal(q.About, []string{"APP-1", "APP-2"}) || q.Subject == want[1] && !slices.Equal(q.About, []string{"APP-2"}) {
			t.Errorf("%s is about %q", q.Subject, q.About)
		}
	}
}

// Ann has Office and bob has not; both have a mailbox, cor's Office is her own:
// Standard for ann, Plus for bob and cor.
func TestUnless(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: office, part_number: O-1, unit: user, entitled: {groups: [LIC-Office]}}
  - {id: exchange-std, part_number: X-1, unit: user, family: exchange, rank: 1, entitled: {groups: [LIC-Exchange]}}
  - {id: exchange-std-plus, part_number: X-2, unit: user, family: exchange, rank: 2, unless: [office], entitled: {groups: [LIC-Exchange]}}
  - {id: outlook, part_number: L-1, unit: user, unless: [office], entitled: {groups: [LIC-Exchange]}}
`)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	d.group(100, "LIC-Office", id(1), id(3))
	d.group(101, "LIC-Exchange", id(1), id(2), id(3))
	s.reg.Exclusions = []register.Exclusion{{ID: "X1", Tenant: "alpha", Product: "office", Ground: register.CustomerOwned, Document: "d", Match: register.Match{Kind: register.MatchUser, Pattern: "cor"}}}
	st := s.run()
	s.want(st, "", "office", 1, 0, 1)
	s.want(st, "", "exchange-std", 1)
	s.want(st, "", "exchange-std-plus", 2)
	s.want(st, "", "outlook", 2)
}

// What stands beneath catalog: adds to the entry's patterns; replace: true
// replaces them.
func TestCatalogIsAddedTo(t *testing.T) {
	read := func(more string) *Product {
		t.Helper()
		set, faults := Parse("rules.yaml", []byte("version: x\nproducts:\n  - catalog: rds\n  - {catalog: office-std, "+more+"}\n"))
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		return &set.Products[1]
	}
	if p := read("entitled: {groups: [G]}"); !p.fits("group:G") || !p.fits("Microsoft Office Standard 2016") {
		t.Error("the group came in place of the entry's programs")
	}
	if p := read("replace: true, entitled: {groups: [G]}"); !p.fits("group:G") || p.fits("Microsoft Office Standard 2016") {
		t.Error("replace does not replace")
	}
}

func TestFaultsOfUnless(t *testing.T) {
	const base = "version: x\nproducts:\n  - {id: a, unit: user, family: f, rank: 1, entitled: {groups: [G]}}\n  - {id: core, unit: core, hosts: {kind: physical}}\n  - {id: b, unit: user, family: f, rank: 2, entitled: {groups: [G]}, unless: [%]}\n  - {id: c, unit: user, unless: [a], entitled: {groups: [G]}}\n"
	for id, want := range map[string]string{
		"nobody": "which no other rule counts", "b": "which no other rule counts", "core": "not both count users",
		"c": "has an unless: of its own", "a": "of its own family, of which only the highest",
	} {
		_, faults := Parse("rules.yaml", []byte(strings.ReplaceAll(base, "%", id)))
		if len(faults) == 0 || !strings.Contains(faults[0].Error(), want) || faults[0].Line != 5 {
			t.Errorf("unless %s: %v, want %s", id, faults, want)
		}
	}
}

// A setup's row stands there for an engine as for tools alone. Lists that leave
// hidden components out show nothing else: asked. Where another row tells what
// was set up, or the hosts table the edition, there is nothing to ask.
func TestSetupEntryAloneIsAsked(t *testing.T) {
	s := newScene(t)
	s.rules(recognizedRules)
	s.install("APP-1", "Microsoft SQL Server 2022 (64-bit)")
	s.install("APP-1", "ODBC Driver 17 for SQL Server")
	s.install("APP-1", "Microsoft SQL Server 2022 Setup (English)")
	s.install("APP-2", "Microsoft SQL Server 2016 (64-bit)")
	s.install("APP-2", "SQL Server 2016 Client Tools")
	st := s.run()
	if got, want := subjectsAsked(st, statement.AskTitle), []string{"Microsoft SQL Server 2022 (64-bit)"}; !slices.Equal(got, want) {
		t.Errorf("asked: %q, want %q", got, want)
	}
}
