package product

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
)

// told is one line of testdata/names.tsv: a display name and what it is.
type told struct{ name, licensable, family, edition, year string }

func readNames(t *testing.T, file string) []told {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []told
	for _, x := range rows[1:] {
		out = append(out, told{x[0], x[1], x[2], x[3], x[4]})
	}
	return out
}

// verdict is what a title of Microsoft's is said to be.
func verdict(r Recognition) string {
	switch {
	case r.Licensable:
		return "yes"
	case r.Question != "":
		return "question"
	case r.Channel == Subscription:
		return "subscription"
	}
	return "no"
}

// Names as uninstall keys show them, in many languages and with broken
// encodings, each with the right answer; none that needs a licence may be
// called free.
func TestNames(t *testing.T) {
	for _, n := range readNames(t, "testdata/names.tsv") {
		r := Recognize(n.name, "", ms, "", "", "")
		got := verdict(r)
		fits := func(want, have string) bool { return want == "*" || want == have }
		switch {
		case got != n.licensable && (n.licensable != "question" || got != "yes"):
			t.Errorf("%s: %s, and should be %s (%s)", n.name, got, n.licensable, r.Entry)
		case n.licensable == "yes" && (n.family != string(r.Family) || !fits(n.edition, r.Edition) || !fits(n.year, r.Year)):
			t.Errorf("%s: %s %q %q, and should be %s %q %q (%s)", n.name, r.Family, r.Edition, r.Year, n.family, n.edition, n.year, r.Entry)
		}
	}
}

// What no entry places is asked, and never called free: a name that cannot be
// read, a product that is not known, an edition that no language has.
func TestAskedRatherThanGuessed(t *testing.T) {
	for _, name := range strings.Split(strings.TrimSpace(`
Microsoft Office Irgendwas 2016
Microsoft Office ?????????? ???? 2016
Microsoft Office
Microsoft Office Orchestra 2016
Microsoft Visio Orchestra
Microsoft SQL Server 2019 Orchestra Services
Microsoft Orchestra 2016
Microsoft Commerce Server 2009
Microsoft Forefront Threat Management Gateway
Microsoft Dynamics GP 2018
Microsoft Dynamics NAV 2018 RoleTailored Client
Microsoft BizTalk Server 2020
Microsoft Identity Manager 2016
Microsoft Advanced Threat Analytics Center
Azure DevOps Server 2022
Microsoft Team Foundation Server 2018
System Center Operations Manager 2012 Server
Microsoft System Center Orchestrator 2019
Microsoft MapPoint Europe 2013
Microsoft AutoRoute 2013
Microsoft Works
Microsoft Money 2006
Microsoft Windows 11 Enterprise
Microsoft Host Integration Server 2020
Microsoft Exchange Orchestra
Microsoft SharePoint Orchestra 2016
`), "\n") {
		if r := Recognize(name, "", ms, "", "", ""); r.Question == "" {
			t.Errorf("%s is not asked but taken for %+v", name, r)
		}
	}
}

// A provider's file places what the program does not know, and comes first.
func TestProvidersOwn(t *testing.T) {
	own := `
family: citrix
title: Citrix Virtual Apps
source: our own contract
entries:
  - id: citrix
    is: licensable
    why: "by user, through our Citrix contract"
    names: ["citrix virtual apps *"]
    matches: [Citrix Virtual Apps and Desktops 7 2402]
  - {id: orchestra, is: free, why: "a free tool of Microsoft's", names: ["orchestra"], matches: [Microsoft Orchestra 2016]}
`
	c, faults := With([]Source{{"own.yaml", []byte(own)}})
	if faults.Err() != nil {
		t.Fatal(faults.Err())
	}
	c = c.Watch([]string{"Citrix", "Veeam"})
	for _, tt := range []struct{ name, publisher, want string }{
		{"Citrix Virtual Apps and Desktops 7 2402 LTSR", "Citrix Systems, Inc.", "yes"},
		{"Citrix Workspace 2402", "Citrix Systems, Inc.", "question"},
		{"Veeam Backup & Replication", "", "question"},
		{"Veeamish Tool", "", "no"},
		{"Google Chrome", "Google LLC", "no"},
		{"Microsoft Orchestra 2016", ms, "no"},
		{"Microsoft Office Standard 2016", ms, "yes"},
	} {
		if got := verdict(c.Recognize(tt.name, "", tt.publisher, "", "", "")); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Each fault of a provider's file names its place.
func TestProvidersFaults(t *testing.T) {
	for _, tt := range []struct{ entry, want string }{
		{"{is: free, why: x, names: [a]}", "own.yaml:4:5: an entry has no id"},
		{"{id: a, is: gratis, names: [a]}", `own.yaml:4:17: "gratis" is no kind of title`},
		{"{id: a, is: free, names: [a]}", "needs no licence and does not say why"},
		{"{id: a, is: ask, names: [a]}", "is to be asked and does not say what"},
		{"{id: a, is: free, why: x}", "matches nothing"},
		{"{id: a, is: free, why: x, names: ['*']}", "it fits every name"},
		{"{id: a, is: free, why: x, names: ['a [b']}", "a bracket is not closed"},
		{"{id: a, is: free, why: x, names: ['a b]']}", "a bracket is closed that none opened"},
		{"{id: a, is: free, why: x, names: ['office 2016']}", "the year 2016 would never be seen"},
		{"{id: a, is: free, why: x, names: ['{year} a']}", `"{year}" is no part of a pattern`},
		{"{id: a, is: free, why: x, codes: ['12']}", "no product of an Office product code"},
		{"{id: a, is: free, why: x, msi: ['12']}", "no product code"},
		{"{id: a, is: free, why: x, names: [zzz], matches: [Microsoft Office Standard 2016]}", `should be a, and is taken by entry office-suite`},
		{"{id: a, is: free, why: x, names: ['office *'], does not match: [Microsoft Office Standard 2016]}", "should not be a, and is"},
		{"{id: sql-engine, is: free, why: x, names: [zzz]}", "own.yaml:4:5: the id sql-engine stands twice"},
		{"{id: a, is: licensable, names: [zzz]}", "needs a licence and has no family or title"},
	} {
		_, faults := With([]Source{{"own.yaml", []byte("source: x\n\nentries:\n  - " + tt.entry + "\n")}})
		err := faults.Err()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s:\n%v\nwant %s", tt.entry, err, tt.want)
		}
	}
}

func TestPlain(t *testing.T) {
	for name, want := range map[string]string{
		"Microsoft Visual C++ 2022 X64 Minimum Runtime - 14.44.35211": "Microsoft Visual C++ 2022 X64 Minimum Runtime",
		"Microsoft Office LTSC Standard 2021 - nl-nl":                 "Microsoft Office LTSC Standard 2021",
		"Veeam Backup v12.1 (12.1.2.172)":                             "Veeam Backup",
		"7-Zip":                                                       "7-Zip",
		"1.2.3":                                                       "1.2.3",
	} {
		if got := Plain(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// A title is recognized alike whatever order the entries' index is walked in.
func TestSameEveryTime(t *testing.T) {
	names := readNames(t, "testdata/names.tsv")
	first := make([]Recognition, len(names))
	for i, n := range names {
		first[i] = Recognize(n.name, "", ms, "", "", "")
	}
	for range 5 {
		c, _ := build(nil)
		for i, n := range names {
			if got := c.Recognize(n.name, "", ms, "", "", ""); got != first[i] {
				t.Fatalf("%s: %+v, and before %+v", n.name, got, first[i])
			}
		}
	}
	if !slices.IsSortedFunc(Builtin().stems, func(a, b string) int { return len(b) - len(a) }) {
		t.Error("beginnings of release ids are not tried longest first")
	}
}
