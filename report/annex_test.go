package report

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// The figures are those of the table over the fixture.
func TestAnnexShowsTheMonth(t *testing.T) {
	f := openBook(t, annexOf(t, fixture(t), "appel", AnnexOptions{}))
	if diff := cmp.Diff([]string{"Licentiebijlage", "Laatste 12 maanden"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows := cells(t, f, "Licentiebijlage")
	for _, want := range [][]string{
		{"Product", "Eenheid", "Vorige maand", "Toegevoegd", "Vervallen", "Aantal", "Niet doorbelast", "Prijs per stuk per maand", "Bedrag"},
		{"Extern bureaublad (RDS SAL)", "per gebruiker", "3", "1", "1", "3", "1", "6.25", "18.75"},
		{"Office Standard SAL", "per gebruiker", "4", "0", "4", "0", "0", "18", "0"},
		{"SQL Server Standard (2 cores)", "per pakket van 2 cores", "0", "4", "0", "4", "0", "171.005", "684.02"},
		{"Totaal exclusief btw", "", "", "", "", "", "", "", "702.77"},
		{"Klantnummer", "10023"},
		{"Uw referentie", "PO 2026/118"},
		{"Ter attentie van", "mevr. J. Appel"},
		{"Afnameperiode", "01-10-2026 t/m 31-10-2026"},
		{"Documentnummer", "appel-2026-10-0"},
	} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("no row %q", want)
		}
	}
	// A spreadsheet counts 2026-01-01 as 46023, so 31 December is 46387.
	for _, want := range [][]string{
		{"Extern bureaublad (RDS SAL)", "Beheer door de dienstverlener", "SPLA administrators", "", "", "", "onbepaald", "20", "1"},
		{"Office Standard SAL", "Eigen licentie (Flexible Virtualization Benefit)", "MCA 4711", "", "", "", "46387", "onbeperkt", "0"},
	} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return slices.Equal(r, want) }) {
			t.Errorf("no row %q in %q", want, rows)
		}
	}
	for _, want := range []string{
		"Licentiebijlage oktober 2026", "Concept – nog niet vastgesteld", "Boomgaard 12", "4100 AB Culemborg", "Havenweg 1",
		"Geteld zijn alle gebruikers die in de rapportagemaand op enig moment toegang hadden, ook als zij niet hebben aangemeld. Wijzigingen tellen voor de hele maand. Meld vertrokken medewerkers vóór het einde van de maand; dat verlaagt het aantal vanaf de volgende maand.",
	} {
		if !hasText(rows, want) {
			t.Errorf("the annex does not say %q", want)
		}
	}
	if hasText(rows, "Actief") {
		t.Error("active users are shown though nobody asked for them")
	}
	total := 0
	for i, r := range rows {
		if len(r) > 0 && r[0] == "Totaal exclusief btw" {
			total = i + 1
		}
	}
	if got, _ := f.GetCellFormula("Licentiebijlage", "I"+itoa(total)); !strings.HasPrefix(got, "SUM(I") {
		t.Errorf("the total is no sum: %q", got)
	}
}

func TestAnnexInEnglishWithoutMonthBefore(t *testing.T) {
	in := fixture(t)
	in.Statement.State, in.Statement.Revision = statement.Amended, 2
	in.Config.Report.ShowActive = true
	rows := cells(t, openBook(t, annexOf(t, in, "citroen", AnnexOptions{})), "Licence annex")
	want := []string{"Remote Desktop Services SAL", "per user", "n/a", "n/a", "n/a", "1", "0", "0", "6.25", "6.25"}
	if diff := cmp.Diff(want, rowOf(t, rows, "Remote Desktop Services SAL")); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{"Licence annex October 2026", "1 October 2026 to 31 October 2026", "citroen-2026-10-2", "citroen-2026-10-1", "Belgium", "Netherlands",
		"All users who had access at any moment in the reporting month are counted, whether or not they signed in. Changes count for the whole month. Report leavers before the end of the month; this lowers the quantity from the next month."} {
		if !hasText(rows, want) {
			t.Errorf("the annex does not say %q", want)
		}
	}
	if hasText(rows, "Draft") {
		t.Error("an amended month is marked as a draft")
	}
}

// Nothing of another tenant, no purchase price, no person who was not asked
// for: in any part of any annex, the document's properties included.
func TestAnnexLeaksNothing(t *testing.T) {
	in := fixture(t)
	in.Config.Report.Prices = true // concerns the usage report only
	w := workbooks(t, in)
	for _, tenant := range w.files.tenantIDs {
		for name, data := range parts(t, annexOf(t, in, tenant, AnnexOptions{})) {
			for id, words := range map[string][]string{
				"appel": {"Appel", "appel", "Culemborg", "10023", "MCA 4711"}, "boom": {"Boom Advies", "boom", "Den Haag"}, "citroen": {"Citro", "citroen", "Bruxelles"},
				"": {"987654", "170.984", "683.94", "Partner West", "Niet toegewezen", "unassigned", anna, "avries", "ppietersen", "kboom", "lboom", "zcit", "Zwerver", "guid-", "RDSH", "rdsh-a01", "ldif", "6WC-00002"},
			} {
				if id == tenant {
					continue
				}
				for _, word := range words {
					if strings.Contains(data, word) {
						t.Errorf("%s of %s's annex holds %q", name, tenant, word)
					}
				}
			}
		}
	}
	if len(w.files.tenantIDs) != 3 {
		t.Errorf("annexes for %q, want appel, boom and citroen: druif has nothing, and nobody is told of the unassigned", w.files.tenantIDs)
	}
}

func TestAnnexNamesUsersOnlyOnRequest(t *testing.T) {
	in := fixture(t)
	// A spreadsheet counts 2026-01-01 as 46023; 1 October is the 274th day.
	want := [][]string{
		{"=1+1", "plus", "Extern bureaublad (RDS SAL)", "46296", "46326", "1"},
		{anna, "avries", "Extern bureaublad (RDS SAL)", "46296", "46326", "1"},
		{"Beheerder Extern", "adm-x", "Extern bureaublad (RDS SAL)", "46296", "46326", "0"},
		{"Piet Pietersen", "ppietersen", "Extern bureaublad (RDS SAL)", "46296", "46326", "1"},
	}
	f := openBook(t, annexOf(t, in, "appel", AnnexOptions{Named: true}))
	rows := cells(t, f, "Gebruikers")
	if diff := cmp.Diff(want, rows[4:8]); diff != "" {
		t.Error(diff)
	}
	if kind, _ := f.GetCellFormula("Gebruikers", "A5"); kind != "" {
		t.Errorf("the name =1+1 became the formula %q", kind)
	}
	if hasText(rows, "rdsh") || hasText(rows, "Kees") {
		t.Error("the list tells of hosts, or of another tenant")
	}
	in.Register.Tenants[0].Named = true
	if got := openBook(t, annexOf(t, in, "appel", AnnexOptions{})).GetSheetList(); !slices.Contains(got, "Gebruikers") {
		t.Errorf("a tenant that asked for names gets sheets %q", got)
	}
}

// Twelve months of history are given, from October 2025 on; the chart is of
// the last twelve with this one: November 2025 to October 2026. The first
// three were imported (October to December), of which two show.
func TestTrend(t *testing.T) {
	f := openBook(t, annexOf(t, fixture(t), "appel", AnnexOptions{}))
	rows := cells(t, f, "Laatste 12 maanden")
	var got []string
	for _, r := range rows {
		if len(r) == 4 && r[0] != "Maand" {
			got = append(got, strings.Join(r, "|"))
		}
	}
	// rds is 2 + i%3 for i = 1 … 11: 3 4 2 3 4 2 3 4 2 3 4; sql was never
	// counted: nothing where imported, zero where computed.
	want := []string{
		"nov 2025 *||3|4", "dec 2025 *||4|4", "jan 2026|0|2|4", "feb 2026|0|3|4", "mrt 2026|0|4|4", "apr 2026|0|2|4",
		"mei 2026|0|3|4", "jun 2026|0|4|4", "jul 2026|0|2|4", "aug 2026|0|3|4", "sep 2026|0|4|4", "okt 2026|4|3|0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Of rds nothing was read in January: no zero, and none of what was counted.
	in := fixture(t)
	january := &in.Statement.Tenants[0].History[3]
	delete(january.Quantities, "rds")
	january.Unread = []string{"rds"}
	if r := rowOf(t, cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Laatste 12 maanden"), "jan 2026"); strings.Join(r, "|") != "jan 2026|0||4" {
		t.Errorf("January: %q", r)
	}
	all := parts(t, annexOf(t, fixture(t), "appel", AnnexOptions{}))
	if !strings.Contains(all["xl/charts/chart1.xml"], "Laatste 12 maanden") {
		t.Error("there is no chart")
	}
	in = fixture(t)
	in.Statement.Tenants[0].History = nil
	if got := openBook(t, annexOf(t, in, "appel", AnnexOptions{})).GetSheetList(); len(got) != 1 {
		t.Errorf("a first month has sheets %q", got)
	}
}

// A price that is missing is no zero; two currencies have two totals, which
// are not added up.
func TestAnnexPrices(t *testing.T) {
	in := fixture(t)
	in.Sales = prices.Sales{
		{Tenant: "*", Product: "rds", Currency: "USD", Unit: decimal.RequireFromString("1.005")},
		{Tenant: "appel", Product: "sql", Currency: "EUR", Unit: decimal.RequireFromString("2")},
		{Tenant: "boom", Product: "office", Currency: "EUR", Unit: decimal.RequireFromString("99")},
	}
	in.Statement.Tenants[0].Lines[1].Quantity = 1 // office: counted, without a price
	rows := cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage")
	if got := rowOf(t, rows, "Office Standard SAL"); got[7] != "–" || got[8] != "–" {
		t.Errorf("a missing price shows as %q", got)
	}
	var totals []string
	for _, r := range rows {
		if r != nil && r[0] == "Totaal exclusief btw" {
			totals = append(totals, r[8])
		}
	}
	// 3 x 1.005 = 3.015, half up: 3.02; 4 x 2 = 8.
	if diff := cmp.Diff([]string{"3.02", "8"}, totals); diff != "" {
		t.Error(diff)
	}
	if !hasText(rows, "Producten zonder prijs") {
		t.Error("the total does not say what it leaves out")
	}
	in.Sales = nil
	if rows := cells(t, openBook(t, annexOf(t, in, "appel", AnnexOptions{})), "Licentiebijlage"); hasText(rows, "Bedrag") || hasText(rows, "btw") {
		t.Error("an annex without sales prices speaks of money")
	}
}

// Many lines: the second table moves to a sheet of its own.
func TestLongAnnex(t *testing.T) {
	in := monthOfTenants(t, 1)
	for i := range 30 {
		in.Statement.Tenants[0].Exclusions = append(in.Statement.Tenants[0].Exclusions, statement.ExclusionUse{ID: "X", Product: "p00", Ground: register.Demo, Document: itoa(i), Allowed: 1})
	}
	f := openBook(t, annexOf(t, in, "tenant0000", AnnexOptions{}))
	want := []string{"Licence annex", "Own licences and exceptions", "Users", "Last 12 months"}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	if n := len(cells(t, f, "Own licences and exceptions")); n != 4+30 {
		t.Errorf("%d rows", n)
	}
}

func TestAnnexOfNobody(t *testing.T) {
	err := workbooks(t, fixture(t)).Annex(t.Context(), nil, "nobody", AnnexOptions{})
	if err == nil || !strings.Contains(err.Error(), `"nobody"`) {
		t.Error(err)
	}
}

func TestPartner(t *testing.T) {
	in := fixture(t)
	w := workbooks(t, in)
	var out strings.Builder
	if err := w.PartnerWorkbook(t.Context(), &out, "west"); err != nil {
		t.Fatal(err)
	}
	b := []byte(out.String())
	f := openBook(t, b)
	if diff := cmp.Diff([]string{"Overzicht", "Boom Advies", "Citroën =1+1 Holding"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows := cells(t, f, "Overzicht")
	for _, want := range [][]string{
		{"Boom Advies", "Extern bureaublad (RDS SAL)", "per gebruiker", "2", "0", "0", "2", "0"},
		{citroen, "Extern bureaublad (RDS SAL)", "per gebruiker", "n.v.t.", "n.v.t.", "n.v.t.", "1", "0"},
	} {
		if diff := cmp.Diff(want, rowOf(t, rows, want[0])); diff != "" {
			t.Error(diff)
		}
	}
	for name, data := range parts(t, b) {
		for _, word := range []string{"Appel", "appel", "987654", "Kees", "kboom", "Zwerver"} {
			if strings.Contains(data, word) {
				t.Errorf("%s of the partner's workbook holds %q", name, word)
			}
		}
	}
	if err := w.PartnerWorkbook(t.Context(), &out, "east"); err == nil {
		t.Error("a partner without organizations gets a workbook")
	}
}

// Two organizations of one name are told apart by their ids, in the overview
// and by their sheets.
func TestPartnerWithTwoOfOneName(t *testing.T) {
	in := fixture(t)
	in.Statement.Tenants[2].Name = "BOOM Advies" // citroen
	f := openBook(t, made(t, func(out io.Writer) error { return workbooks(t, in).PartnerWorkbook(t.Context(), out, "west") }))
	if diff := cmp.Diff([]string{"Overzicht", "Boom Advies (boom)", "BOOM Advies (citroen)"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows := cells(t, f, "Overzicht")
	for name, quantity := range map[string]string{"Boom Advies (boom)": "2", "BOOM Advies (citroen)": "1"} {
		if row := rowOf(t, rows, name); row[6] != quantity {
			t.Errorf("%s: %q, want the quantity %s", name, row, quantity)
		}
	}
}

func TestWhoGetsWhat(t *testing.T) {
	for _, c := range []struct {
		to                register.AnnexTo
		annexes, partners int
	}{{"", 3, 1}, {register.AnnexToBoth, 3, 1}, {register.AnnexToPartner, 1, 1}, {register.AnnexToCustomer, 3, 0}} {
		in := fixture(t)
		in.Register.Partners[0].AnnexTo = c.to
		w := workbooks(t, in)
		if len(w.files.tenantIDs) != c.annexes || len(w.files.partnerIDs) != c.partners {
			t.Errorf("annex_to %q: annexes %q, partners %q", c.to, w.files.tenantIDs, w.files.partnerIDs)
		}
	}
	in := fixture(t)
	in.Register = &register.Register{} // a partner that no table describes
	if w := workbooks(t, in); len(w.files.partnerIDs) != 1 || len(w.files.tenantIDs) != 3 {
		t.Error(w.files)
	}
}
