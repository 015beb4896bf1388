package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
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
	rows := cells(t, f, "Besparingen")[tableTop:]
	for i, want := range [][]string{
		{"niet gebruikt", appel, "Extern bureaublad (RDS SAL)", "", "2", "8.2", "0", "8.2", "zeker", "m", "a", "a1, a2"},
		{"duurdere editie bereikbaar", boom, "Office Standard SAL", "shared", "1", "–", "–", "–", "hoogstens", "no price", "a"},
	} {
		if diff := cmp.Diff(want, rows[i][:len(want)]); diff != "" {
			t.Error(diff)
		}
	}
	if formula, _ := f.GetCellFormula("Besparingen", "H3"); formula != "F3-G3" {
		t.Errorf("the saving is no difference: %q", formula)
	}
	if diff := cmp.Diff([]string{"OU zonder klant", "OU=weg,DC=h", "", "3", "1", "m", "a"}, cells(t, f, "Koppeling")[tableTop]); diff != "" {
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
		for _, r := range cells(t, openBook(t, reviewOf(t, in)), "Bevindingen")[tableTop:] {
			out[r[10]] = r[1]
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

// rising gives the fixture another price of rds from October on: 6.25 to 6.88
// is 10.08 %.
func rising(t *testing.T) Input {
	in := fixture(t)
	in.Config.Checks.PriceNotice = 10
	in.Sales[0].Until = month.OptionalDay{Day: month.Date(2026, time.September, 30), Set: true}
	in.Sales = append(in.Sales, prices.SalesPrice{Tenant: "*", Product: "rds", Currency: "EUR", Unit: decimal.RequireFromString("6.88"), From: month.OptionalDay{Day: oct(1), Set: true}})
	return in
}

// The annex states changed prices where the config says so, and only those of
// what the customer has: office has no quantity, and sql's price is the same.
func TestAnnexStatesPriceChanges(t *testing.T) {
	in := rising(t)
	text := func() string {
		var out []string
		f := openBook(t, annexOf(t, in, "appel", AnnexOptions{}))
		for _, r := range cells(t, f, f.GetSheetList()[0]) {
			out = append(out, strings.Join(strings.Fields(strings.Join(r, " ")), " "))
		}
		return strings.Join(out, "\n")
	}
	if strings.Contains(text(), "Gewijzigde prijzen") {
		t.Error("nobody asked for it")
	}
	in.Config.Report.PriceChanges = true
	got := text()
	if !strings.Contains(got, "Gewijzigde prijzen per 01-10-2026\nProduct Prijs sep 2026 Prijs okt 2026 Wijziging in %\nExtern bureaublad (RDS SAL) 6.25 6.88 +10,08 %\n\n") {
		t.Error(got)
	}
}

func TestPriceChanges(t *testing.T) {
	in := rising(t)
	held := []prices.Held{{Tenant: "appel", Product: "rds", PartNumber: "6WC-00002", Quantity: 3}, {Tenant: "boom", Product: "visio", Quantity: 1}}
	list := PriceList{From: in.Month.Add(-1), To: in.Month, Of: "2026-10", Notice: 10, Changes: prices.Compare(held, in.Month.Add(-1), in.Month, 10, in.Sales.BySales)}
	var out bytes.Buffer
	if err := PriceChanges(t.Context(), &out, in, list); err != nil {
		t.Fatal(err)
	}
	f := openBook(t, out.Bytes())
	rows := cells(t, f, f.GetSheetList()[0])[tableTop:]
	for i, want := range [][]string{
		{appel, "appel", "Extern bureaublad (RDS SAL)", "6WC-00002", "6.25", "6.88", "+10,08 %", "3", "1.89", "meer dan 10 %"},
		{boom, "boom", "visio", "", "–", "–", "–", "1", "–", "niet bekend"},
	} {
		if diff := cmp.Diff(want, rows[i]); diff != "" {
			t.Error(diff)
		}
	}
}
