package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"splameter/internal/statement"
)

// More products than fit beside each other are rows, with the months over them.
func TestTrendOfManyProducts(t *testing.T) {
	in := fixture(t)
	c := &in.Statement.Tenants[0]
	c.History = c.History[9:] // July to September
	for i := range 9 {
		id := fmt.Sprintf("p%d", i)
		in.Statement.Products = append(in.Statement.Products, statement.Product{ID: id, Name: map[string]string{"nl": "Product " + id}, Unit: statement.UnitUser})
		c.Lines = append(c.Lines, statement.Line{Product: id, Unit: statement.UnitUser, Quantity: i + 1})
		c.History[1].Quantities[id] = 7
	}
	f := openBook(t, annexOf(t, in, "appel", AnnexOptions{}))
	rows := cells(t, f, "Laatste 12 maanden")
	if diff := cmp.Diff([]string{"Product", "jul 2026", "aug 2026", "sep 2026", "okt 2026"}, rowOf(t, rows, "Product")[:5]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Product p8", "0", "7", "0", "9"}, rowOf(t, rows, "Product p8")); diff != "" {
		t.Error(diff)
	}
}

// A month that was counted and in which the customer had nothing is zero; only
// one that nobody counted is a hole.
func TestTrendZero(t *testing.T) {
	in := fixture(t)
	c := &in.Statement.Tenants[0]
	c.History = slices.Clone(c.History[9:10]) // July alone
	in.Earlier = append(in.Earlier, statement.Earlier{Month: "2026-08", Computed: true, Quantities: []statement.Quantity{{Tenant: "boom", Product: "rds", Quantity: 2}, {Product: "office", Unread: true}}})
	in.Earlier = slices.DeleteFunc(in.Earlier, func(e statement.Earlier) bool { return e.Month == "2026-09" })
	rows := cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Laatste 12 maanden")
	// SQL, RDS, Office: of Office nothing was read in August.
	if r := strings.Join(rowOf(t, rows, "aug 2026"), "|"); r != "aug 2026|0|0" {
		t.Errorf("August, in which nothing was counted: %q", r)
	}
	if r := strings.Join(rowOf(t, rows, "sep 2026"), "|"); r != "sep 2026" {
		t.Errorf("September, which nobody counted: %q", r)
	}
}

// A partner sees what each product comes to over its organizations: boom has 2
// of rds as before, citroen 1 with nothing to compare.
func TestPartnerTotals(t *testing.T) {
	in := fixture(t)
	rows := cells(t, openBook(t, made(t, func(out io.Writer) error { return workbooks(t, in).PartnerWorkbook(t.Context(), out, "west") })), "Overzicht")
	want := []string{"Alle organisaties samen", "Extern bureaublad (RDS SAL)", "per gebruiker", "2", "0", "0", "3", "0"}
	if diff := cmp.Diff(want, rowOf(t, rows, "Alle organisaties samen")); diff != "" {
		t.Error(diff)
	}
}

// Whom to ask stands beneath an annex, where the provider names somebody.
func TestAnnexNamesWhomToAsk(t *testing.T) {
	in := fixture(t)
	in.Config.Provider.Reporter.Name, in.Config.Provider.Reporter.Email = "Licentiebeheer", "licenties@p.example"
	if !hasText(cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage"), "Vragen over deze bijlage: Licentiebeheer, licenties@p.example") {
		t.Error("the annex names nobody")
	}
}

// The heading of an annex's lines stands over lines alone: where they fill more
// than a page what changed is a sheet of its own, and where only the rest goes on
// to a second page the heading is not repeated there.
func TestHeadingsStandOverLines(t *testing.T) {
	with := func(n int) *excelize.File {
		in := fixture(t)
		tenant := &in.Statement.Tenants[0]
		for i := range n {
			l := tenant.Lines[0]
			l.Product, l.Changes = fmt.Sprintf("more%d", i), []statement.Change{{Cause: statement.CauseJoined, Added: 1}}
			tenant.Lines = append(tenant.Lines, l)
		}
		return openBook(t, annexOf(t, in, "appel", AnnexOptions{}))
	}
	for n, want := range map[int]struct{ sheets, repeated string }{
		12: {"Licentiebijlage, Eigen licenties en uitzonderin…, Laatste 12 maanden", "Eigen licenties en uitzonderin…"},
		60: {"Licentiebijlage, Wat veranderde, Eigen licenties en uitzonderin…, Laatste 12 maanden", "Eigen licenties en uitzonderin…, Licentiebijlage"},
	} {
		f := with(n)
		var repeated []string
		for _, d := range f.GetDefinedName() {
			if d.Name == "_xlnm.Print_Titles" && d.Scope != "Laatste 12 maanden" {
				repeated = append(repeated, d.Scope)
			}
		}
		slices.Sort(repeated)
		if got := strings.Join(f.GetSheetList(), ", "); got != want.sheets || strings.Join(repeated, ", ") != want.repeated {
			t.Errorf("%d lines: sheets %s; headings repeated on %v", n, got, repeated)
		}
	}
}
