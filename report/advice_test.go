package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/statement"
)

func advised(t *testing.T) Input {
	in := fixture(t)
	in.Statement.Advice = []statement.Advice{
		{Code: statement.AdviceIdle, Tenant: "appel", Product: "rds", Count: 2, Now: "8.20", Then: "0.00", Saves: "8.20", Money: "EUR", Message: "m", Action: "a", Names: []string{"a1", "a2"}},
		{Code: statement.AdviceDearer, Tenant: "boom", Product: "office", Subject: "shared", Count: 1, AtMost: true, Message: "no price", Action: "a"},
	}
	in.Statement.Mapping = []statement.Mapping{{Kind: statement.MapUnitWithoutTenant, Subject: "OU=weg,DC=h", Count: 3, Counted: 1, Message: "m", Action: "a"}}
	return in
}

// Money that is not known is a dash, never a zero.
func TestSavingsAndMapping(t *testing.T) {
	f := openBook(t, reviewOf(t, advised(t)))
	rows := cells(t, f, "Savings")[tableTop:]
	for i, want := range [][]string{
		{"niet gebruikt", appel, "Extern bureaublad (RDS SAL)", "", "2", "8.2", "0", "8.2", "zeker", "m", "a", "a1, a2"},
		{"duurdere editie bereikbaar", boom, "Office Standard SAL", "shared", "1", "–", "–", "–", "Hoogstens", "no price", "a"},
	} {
		if diff := cmp.Diff(want, rows[i][:len(want)]); diff != "" {
			t.Error(diff)
		}
	}
	if formula, _ := f.GetCellFormula("Savings", "H3"); formula != "F3-G3" {
		t.Errorf("the saving is no difference: %q", formula)
	}
	if diff := cmp.Diff([]string{"OU zonder klant", "OU=weg,DC=h", "", "3", "1", "m", "a"}, cells(t, f, "Mapping")[tableTop]); diff != "" {
		t.Error(diff)
	}
}

// What is new stands apart from what is known and what was accepted; the key
// that accepts a finding is there to be copied.
func TestFindingStates(t *testing.T) {
	in := fixture(t)
	in.Statement.Findings = []statement.Finding{
		{Code: "c1", Severity: statement.High, Subject: "s", Count: 4, Accepted: "Anna: meant"},
		{Code: "c2", Severity: statement.Low, Subject: "s", New: true},
		{Code: "c3", Severity: statement.Low, Subject: "s", Count: 2},
	}
	state := func() map[string]string {
		out := map[string]string{}
		for _, r := range cells(t, openBook(t, reviewOf(t, in)), "Findings")[tableTop:] {
			out[r[11]] = r[1]
		}
		return out
	}
	if diff := cmp.Diff(map[string]string{"c1|||s|4": "geaccepteerd", "c2|||s": "nieuw", "c3|||s|2": "bekend"}, state()); diff != "" {
		t.Error(diff)
	}
	in.Earlier = nil // a first month knows nothing as known
	if s := state()["c3|||s|2"]; s != "open" {
		t.Error(s)
	}
}
