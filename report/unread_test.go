package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// October of appel, of which no directory was read and the hosts table was:
// last month's 3 users of RDS are not gone, nobody knows; its SQL Server is
// known, and none is left (4 the month before): a dash and a zero.
func TestUnreadMonthIsNoZero(t *testing.T) {
	in := fixture(t)
	in.Statement.Status = statement.Incomplete
	in.Statement.Coverage = statement.Coverage{
		Sources: []statement.SourceCoverage{{Source: "hosting", Kind: statement.CoverageDirectory}, {Source: "estate", Kind: statement.CoverageMachines, Days: []month.Day{in.Month.FirstDay()}}},
		Gaps:    []statement.Gap{{Source: "hosting", Kind: statement.CoverageDirectory}},
	}
	for i := range in.Statement.Tenants {
		ti := &in.Statement.Tenants[i]
		ti.Exclusions = nil
		for j := range ti.Lines {
			l := &ti.Lines[j]
			l.Previous, l.Compared = l.Quantity, true
			l.Added, l.Removed, l.Quantity, l.Excluded, l.Active = 0, l.Quantity, 0, 0, 0
		}
	}
	f := openBook(t, annexOf(t, in, "appel", AnnexOptions{}))
	rows := cells(t, f, "Licentiebijlage")
	for product, want := range map[string][]string{
		"Extern bureaublad (RDS SAL)":   {"Extern bureaublad (RDS SAL)", "per gebruiker", "3", "–", "–", "–", "–", "–", "–"},
		"SQL Server Standard (2 cores)": {"SQL Server Standard (2 cores)", "per pakket van 2 cores", "4", "0", "4", "0", "0", "171.005", "0"},
	} {
		if diff := cmp.Diff(want, rowOf(t, rows, product)); diff != "" {
			t.Error(diff)
		}
	}
	const note = "Een streepje is geen nul: de gegevens voor dit aantal zijn nog niet ontvangen."
	if !hasText(rows, note) {
		t.Errorf("the annex does not say %q", note)
	}
	trend := cells(t, f, "Laatste 12 maanden")
	if diff := cmp.Diff([]string{"okt 2026", "", "0"}, rowOf(t, trend, "okt 2026")); diff != "" {
		t.Error(diff)
	}

	// Answered for by name, it is what it is: nobody.
	in.Statement.Coverage.Gaps[0].Accepted = "C. de Vries, 2026-11-03: the customer left"
	in.Statement.State = statement.Approved
	rows = cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage")
	if diff := cmp.Diff([]string{"Extern bureaublad (RDS SAL)", "per gebruiker", "3", "0", "3", "0", "0", "6.25", "0"}, rowOf(t, rows, "Extern bureaublad (RDS SAL)")); diff != "" || hasText(rows, note) {
		t.Error(diff)
	}
}

// Office of appel, whose programs were not read: its directory was, and the
// other products are known. No sheet shows a zero for it, an amount of 0.00 or
// four licences less.
func TestUnreadProductIsNoZero(t *testing.T) {
	in := fixture(t)
	in.Config.Report.Prices = true
	in.Statement.Status = statement.Incomplete
	in.Statement.Coverage = statement.Coverage{
		Sources: []statement.SourceCoverage{{Source: "hosting", Kind: statement.CoverageDirectory, Days: []month.Day{in.Month.FirstDay()}}},
		Gaps:    []statement.Gap{{Source: "inventory", Kind: statement.CoverageInventory, Host: "RDSH-01"}},
	}
	mark := func(lines []statement.Line) {
		for i := range lines {
			if l := &lines[i]; l.Product == "office" {
				l.Unread, l.Amount, l.PartNumber = true, "", "OFF-STD"
			}
		}
	}
	mark(in.Statement.Lines)
	for i := range in.Statement.Tenants {
		mark(in.Statement.Tenants[i].Lines)
	}
	usage := cells(t, openBook(t, usageOf(t, in)), "Report")
	if got := rowOf(t, usage, "OFF-STD"); len(got) < 5 || got[3] != "–" || got[len(got)-1] == "0" {
		t.Errorf("the usage report: %q", got)
	}
	f := openBook(t, reviewOf(t, in))
	for sheet, begins := range map[string]int{"Overzicht": 0, "Per klant": 3} {
		found := false
		for _, r := range cells(t, f, sheet) {
			if len(r) > begins+4 && r[begins] == "Office Standard SAL" {
				found = true
				for i, c := range r[begins+1:] {
					if c == "0" || c == "0.00" || c == "-4" {
						t.Errorf("%s: column %d of %q is %s", sheet, begins+1+i, r, c)
					}
				}
			}
		}
		if !found {
			t.Errorf("%s has no row of Office: %q", sheet, cells(t, f, sheet))
		}
	}
	for _, r := range cells(t, f, "Mutaties") {
		if len(r) > 2 && r[1] == "Office Standard SAL" {
			t.Errorf("a change of what is not known: %q", r)
		}
	}
}
