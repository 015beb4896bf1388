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
		c, _ := build(builtinFiles(), nil)
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

// None of these may be called free, whatever word in its name is one of free
// titles: a licence is counted for it, asked, or the customer's own.
func TestNeverFree(t *testing.T) {
	for _, name := range strings.Split(strings.TrimSpace(`
Microsoft Office Professional Plus 2010 Trial
Microsoft Office Standard 2010 (Dutch)
Microsoft Office Professional 2016 (Nederlands)
Microsoft Office Small Business Management Edition 2006
Microsoft Office Accounting Professional 2009
Microsoft Office SharePoint Portal Server 2003
Microsoft Office Live Communications Server 2005
Microsoft Office Communications Server 2007 R2, Standard Edition Server
Microsoft Office Groove Server 2007
Microsoft Office Forms Server 2007
Microsoft Office PerformancePoint Server 2007
Microsoft Visio Professional 2016 Subscription
Microsoft Visio 2003 Enterprise Architects
Microsoft Project Professional 2013 Trial
Microsoft Dynamics NAV 2017 Web Server Components
Microsoft Dynamics 365 Business Central Web Client
Microsoft Dynamics NAV 2018 Excel Add-in
Microsoft Dynamics AX 2012 Help Server
Microsoft Dynamics CRM Server 2013 Service Pack
Microsoft Exchange Server 2019 Cumulative Update 11
Microsoft Exchange Server Subscription Edition
Microsoft SharePoint Server 2010 Enterprise
SQL Server 2019 Standard Edition
Microsoft SQL Server 2017 Enterprise Edition (64-bit)
SQL Server Standard 2022
SQL Server 2012 Enterprise Core Edition Database Engine Services
Microsoft SQL Server Parallel Data Warehouse
Microsoft SQL Server 2005 (PROD)
Microsoft StreamInsight 2.1
Windows 10 Pro for Workstations
Microsoft Windows 11 Pro
Microsoft Small Business Server 2011 Standard
Microsoft Visual FoxPro 9.0 Professional
Microsoft Visual SourceSafe 2005 - ENU
Microsoft Visual Studio LightSwitch 2011
Microsoft Visual Studio .NET Professional 2003 - English
Microsoft Visual Studio 6.0 Enterprise Edition
Microsoft Visual Studio Team System 2008 Team Suite - ENU
Visual Studio Enterprise 2022 Preview
Visual Studio 2017 Enterprise
Microsoft Visual Basic 6.0 Professional Edition
Microsoft Expression Studio 4 Ultimate
Microsoft Lync Server 2013, Standard Edition Server
Skype for Business Server 2019, Front End Server
Microsoft Forefront Unified Access Gateway
Microsoft Forefront Protection 2010 for Exchange Server
Microsoft Advanced Group Policy Management - Server
Microsoft Application Virtualization Management Server
Microsoft BitLocker Administration and Monitoring
Microsoft Team Foundation Server 2010 Build Extensions
System Center Essentials 2010
Microsoft System Center Configuration Manager 2007 Management Point
Microsoft System Center 2012 R2 Service Manager
Microsoft Windows MultiPoint Server 2012
Microsoft HPC Pack 2016 Server Components
Microsoft Machine Learning Server 9.4
Microsoft Commerce Server 2009 Enterprise Edition
Microsoft Host Integration Server 2016
Microsoft Customer Care Framework
Microsoft Flight Simulator X
Microsoft Works 9.0
Microsoft Azure Stack HCI
Microsoft Identity Manager 2016 Synchronization Service
Microsoft Word 2010 Starter
`), "\n") {
		if r := Recognize(name, "", ms, "", "", ""); verdict(r) == "no" {
			t.Errorf("%s is called free: %s (%s)", name, r.Reason, r.Entry)
		}
	}
}
