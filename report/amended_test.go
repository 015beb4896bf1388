package report

import (
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
)

// amended is the fixture as revision 1, over a revision 0 in which
//
//	appel    rds 5 (now 3), office 0 (now 0), sql 4 (now 4), visio 2 (now gone)
//	boom     rds 2 (now 2)
//	druif    rds 1 (now nothing at all)
//	citroen  nothing (now rds 1)
func amended(t testing.TB) Input {
	in := fixture(t)
	in.Statement.State, in.Statement.Revision = statement.Amended, 1
	in.Replaced = &statement.Statement{
		Month: "2026-10", State: statement.Submitted,
		Products: []statement.Product{{ID: "visio", Name: map[string]string{"en": "Visio SAL", "nl": "Visio SAL"}}},
		Tenants: []statement.Tenant{
			{ID: "appel", Lines: []statement.Line{rdsLine(5, 0, 0), {Product: "office"}, {Product: "sql", Unit: statement.UnitCore, Quantity: 4}, {Product: "visio", Unit: statement.UnitUser, Quantity: 2}}},
			{ID: "boom", Lines: []statement.Line{rdsLine(2, 0, 0)}},
			{ID: "druif", Lines: []statement.Line{rdsLine(1, 0, 0)}},
		},
	}
	return in
}

// Where annexes were sent, an annex names what its customer really has, says how
// it differs from that one alone, and replaces nothing where nothing was sent; a
// partner's workbook counts for its organizations.
func TestAmendedAnnexNamesWhatWasSent(t *testing.T) {
	in := amended(t)
	in.Statement.Revision = 2
	in.Acts = []statement.Act{
		{Action: statement.ActAmend, Revision: 1, Told: []statement.Told{{Tenant: "druif", Revision: 0}}},
		{Action: statement.ActAmend, Revision: 2, Told: []statement.Told{{Tenant: "appel", Revision: 0}, {Partner: "west", Revision: 1}}},
	}
	rows := cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage")
	if got := rowOf(t, rows, "Vervangt")[1]; got != "appel-2026-10-0" {
		t.Errorf("the annex replaces %s", got)
	}
	if hasText(rows, "Verschillen met") {
		t.Error("the annex tells differences from a document that its customer has not")
	}
	if rows := cells(t, openBook(t, annexOf(t, in, "druif", AnnexOptions{})), "Licentiebijlage"); hasText(rows, "Vervangt") {
		t.Error("an annex replaces one that was never sent")
	}
	rows = cells(t, openBook(t, annexOf(t, in, "boom", AnnexOptions{})), "Licentiebijlage")
	if !hasText(rows, "boom-2026-10-1") {
		t.Errorf("an organization's annex does not count its sheet in the partner's workbook: %q", rows)
	}
	partner := openBook(t, made(t, func(out io.Writer) error { return workbooks(t, in).PartnerWorkbook(t.Context(), out, "west") }))
	if rows := cells(t, partner, "Overzicht"); rowOf(t, rows, "Vervangt")[1] != "west-2026-10-1" {
		t.Error("the partner's workbook does not say which it replaces")
	}
}

func TestAmendedAnnexSaysHowItDiffers(t *testing.T) {
	in := amended(t)
	rows := cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage")
	from := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == "Verschillen met appel-2026-10-0" })
	if from < 0 {
		t.Fatalf("the annex does not say how it differs: %q", rows)
	}
	want := [][]string{
		{"Product", "Toen opgegeven", "Nu", "Verschil"},
		{"Extern bureaublad (RDS SAL)", "5", "3", "-2"}, // 3 - 5
		{"Visio SAL", "2", "0", "-2"},
	}
	if diff := cmp.Diff(want, rows[from+1:from+4]); diff != "" {
		t.Error(diff)
	}
	if len(rows[from+4]) != 0 {
		t.Errorf("more is said to differ: %q", rows[from+4])
	}
	if rowOf(t, rows, "Vervangt")[1] != "appel-2026-10-0" {
		t.Error("the annex does not say what it replaces")
	}
	sheetName := map[string]string{"boom": "Licentiebijlage", "druif": "Licentiebijlage", "citroen": "Licence annex"}
	for tenant, want := range map[string]string{
		"boom":    "De aantallen zijn dezelfde als in boom-2026-10-0.",
		"druif":   "Verschillen met druif-2026-10-0",
		"citroen": "",
	} {
		rows := cells(t, openBook(t, annexOf(t, in, tenant, AnnexOptions{})), sheetName[tenant])
		if want != "" && !hasText(rows, want) {
			t.Errorf("%s's annex does not say %q: %q", tenant, want, rows)
		}
		if want == "" && (hasText(rows, "Replaces") || hasText(rows, "Differences")) {
			t.Errorf("%s never had an annex that this one could replace: %q", tenant, rows)
		}
	}
	partner := openBook(t, made(t, func(out io.Writer) error { return workbooks(t, in).PartnerWorkbook(t.Context(), out, "west") }))
	if rows := cells(t, partner, "Overzicht"); rowOf(t, rows, "Vervangt")[1] != "west-2026-10-0" {
		t.Error("the partner's workbook does not say what it replaces")
	}
	if rows := cells(t, partner, boom); !hasText(rows, "dezelfde als in boom-2026-10-0") {
		t.Error("the organization's sheet does not say that nothing changed")
	}
}

// Who has nothing any more is told so: after a month with something, and
// after a document that an amendment takes back.
func TestAnnexOfATenantThatHasNothingAnyMore(t *testing.T) {
	in := fixture(t)
	in.Statement.State = statement.Approved
	in.Statement.Tenants[3].Lines = []statement.Line{compared(rdsLine(0, 0, 0), 2, 0, 2)} // druif: 2 last month, none now
	w := workbooks(t, in)
	if !slices.Contains(w.files.tenantIDs, "druif") {
		t.Fatal("druif gets no annex")
	}
	rows := cells(t, openBook(t, annexOf(t, in, "druif", AnnexOptions{})), "Licentiebijlage")
	if diff := cmp.Diff([]string{"Extern bureaublad (RDS SAL)", "per gebruiker", "2", "0", "2", "0", "0"}, rowOf(t, rows, "Extern bureaublad (RDS SAL)")[:7]); diff != "" {
		t.Error(diff)
	}
	if ids := workbooks(t, amended(t)).files.tenantIDs; !slices.Contains(ids, "druif") {
		t.Errorf("annexes for %q: druif still believes what revision 0 said", ids)
	}
	if ids := workbooks(t, fixture(t)).files.tenantIDs; slices.Contains(ids, "druif") {
		t.Error("druif gets an annex about nothing")
	}
}
