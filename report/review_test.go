package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/statement"
)

func TestReview(t *testing.T) {
	in := fixture(t)
	in.Config.Calendar.DeadlineDay = 10
	f := openBook(t, reviewOf(t, in))
	want := []string{"Overzicht", "Triage", "Per klant", "Mutaties", "Vragen", "Bevindingen", "Besparingen", "Aansluiting", "Personen", "Applicaties", "Machines", "Koppeling", "Dekking", "Verantwoording"}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	for _, sheet := range want {
		if !hasText(cells(t, f, sheet)[:1], "Concept") {
			t.Errorf("sheet %s does not say that it is a draft", sheet)
		}
	}

	// The month on a page: rds 7, of which no month before is known (the report's
	// own line is not compared), and the totals: 100 + 0 + 683.94 now.
	over := cells(t, f, "Overzicht")
	if r := rowOf(t, over, "Uiterlijk te rapporteren"); r[1] != "10-11-2026" {
		t.Errorf("deadline %q", r)
	}
	if r := rowOf(t, over, "Extern bureaublad (RDS SAL)"); r[6] != "7" || r[3] != "n.v.t." {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, over, "Totaal EUR"); r[9] != "–" || r[10] != "783.94" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, over, "Bevindingen"); r[1] != "0 fout, 1 hoog, 0 midden, 1 laag, 0 info; 1 nieuw; 0 geaccepteerd of besloten" {
		t.Errorf("%q", r)
	}

	// Triage. The unassigned one has a new high finding: it needs a person, and
	// comes first. appel's amounts: 100 + 0 + 683.94 against 90 + 66.96 + 0; it
	// moves most money. citroen has nothing to be compared with, and
	// boom and druif are unchanged and clean. One exclusion ends within 60
	// days of 31 October? 31 December is 61 days on: no. The directory was
	// read on 4 days of October.
	rows := cells(t, f, "Triage")[tableTop:]
	var order []string
	for _, r := range rows {
		order = append(order, slices.Concat(r, []string{"", ""})[1])
	}
	if diff := cmp.Diff([]string{"-unassigned", "appel", "citroen", "", "boom", "druif", ""}, order); diff != "" {
		t.Error(diff)
	}
	appelRow := []string{appel, "appel", "", "", "", "", "", "", "1", "", "Extern bureaublad (RDS SAL) +1 −1; Office Standard SAL −4; SQL Server Standard (2 cores) +4",
		"783.94", "156.96", "626.98", "4 / 31", "", "3", "", "0", "-4", "4", "4"}
	if diff := cmp.Diff(appelRow, rows[1]); diff != "" {
		t.Error(diff)
	}
	if r := rows[0]; r[4] != "1" || r[8] != "1" || r[17] != "1" {
		t.Errorf("the new high finding of the unassigned: %q", r)
	}
	if r := rows[3]; r[0] != "Ongewijzigd, niets aan de hand: 2" {
		t.Errorf("no heading over those of whom nothing asks: %q", r)
	}
	if r := rows[2]; r[17] != "n.v.t." || r[12] != "–" {
		t.Errorf("citroen, which was not there last month: %q", r)
	}
	if got, _ := f.GetCellFormula("Triage", "Q4"); got != "'Per klant'!G3" {
		t.Errorf("this month is not the line of the sheet of customers: %q", got)
	}
	// 1 + 3 + 1 + 2 of rds, 0 of Office, 4 of SQL.
	if r := rows[len(rows)-1]; r[0] != "Totaal" || r[16] != "7" || r[18] != "0" || r[20] != "4" {
		t.Errorf("the totals: %q", r)
	}
	if got, _ := f.GetCellFormula("Triage", "Q9"); got != "SUM(Q3:Q8)" {
		t.Errorf("no sum over the customers: %q", got)
	}

	// Changes: who came and went.
	got := map[string]bool{}
	for _, r := range cells(t, f, "Mutaties")[tableTop:] {
		got[strings.Join(r, "|")] = true
	}
	for _, want := range []string{
		appel + "|Extern bureaublad (RDS SAL)|regel|||3|3|0",
		appel + "|Extern bureaublad (RDS SAL)|toegevoegd|=1+1|plus|0|1|1|nieuw|RDS-Users||guid-plus",
		appel + "|Extern bureaublad (RDS SAL)|vervallen|weg||1|0|-1|account verwijderd|hosting||guid-weg",
		appel + "|Office Standard SAL|regel|||4|0|-4",
		appel + "|SQL Server Standard (2 cores)|toegevoegd|SQL01||0|4|4|nieuwe machine|||host:sql01",
	} {
		if !got[want] {
			t.Errorf("no change %q", want)
		}
	}
	for row := range got {
		if strings.HasPrefix(row, boom) {
			t.Errorf("boom, where nothing changed: %q", row)
		}
	}

	findings := cells(t, f, "Bevindingen")[tableTop:]
	if findings[0][0] != "hoog" || findings[0][2] != "no-tenant" || findings[0][6] != "zwerver" || findings[0][8] != "Add its organizational unit to tenants.csv." {
		t.Errorf("%q", findings[0])
	}

	persons := cells(t, f, "Personen")[tableTop:]
	if len(persons) != 8 {
		t.Fatalf("%d persons, want 8", len(persons))
	}
	// 07:02:03 UTC is 09:02:03 in Amsterdam in October.
	wantPerson := []string{appel, anna, "avries", "Extern bureaublad (RDS SAL)", "ja", "1", "", "", "pool shared, groep RDS-Users › RDS-appel", "46296", "46326", "ja",
		"hosting", "directory/2026-10-01.ldif, regel 812", "", "rdsh-a01, 2026-10-01 09:02:03 +02:00, events/RDSH-A01.evtx, record 4711", "guid-avries"}
	if diff := cmp.Diff(wantPerson, persons[1]); diff != "" {
		t.Error(diff)
	}
	if r := persons[2]; r[4] != "nee" || r[6] != "Beheer door de dienstverlener" || r[7] != "SPLA administrators (X1)" {
		t.Errorf("the excluded one: %q", r)
	}
	if r := cells(t, f, "Dekking")[tableTop]; r[5] != "2026-09-30, 1–3, 5" {
		t.Errorf("days read: %q", r)
	}
	if r := rowOf(t, cells(t, f, "Verantwoording"), "Regels, SHA-256"); r[1] != "aa" {
		t.Errorf("%q", r)
	}
}

// Of many customers Triage shows, and prints, those that want a person; the
// others lie folded beneath their heading. Of 50 customers with 20 users, 10 have
// as many as last month, and each other one more; one of them has a whole three
// more, another lost one that nothing explains.
func TestTriageFolds(t *testing.T) {
	in := fixture(t)
	in.Config.Checks.ChangeLook = 3
	st := in.Statement
	st.Tenants, st.Findings = nil, nil
	for i := range 50 {
		l := compared(rdsLine(20, 1, 0), 20, 0, 0)
		if i >= 10 {
			l = compared(rdsLine(21, 1, 0), 20, 1, 0)
		}
		switch i {
		case 30:
			l = compared(rdsLine(23, 1, 0), 20, 3, 0)
		case 40:
			l = compared(rdsLine(19, 1, 0), 20, 0, 1)
			l.Changes = []statement.Change{{Cause: statement.CauseUnexplained, Removed: 1}}
		}
		st.Tenants = append(st.Tenants, statement.Tenant{ID: "k" + itoa(10+i), Name: "Klant " + itoa(10+i), Lines: []statement.Line{l}})
		in.Earlier[0].Quantities = append(in.Earlier[0].Quantities, statement.Quantity{Tenant: "k" + itoa(10+i), Product: "rds", Quantity: 20, Amount: "100.00"})
	}
	f := openBook(t, reviewOf(t, in))
	rows := cells(t, f, "Triage")
	var got []string
	for i, r := range rows[tableTop:] {
		if shown, err := f.GetRowVisible("Triage", tableTop+1+i); err != nil || !shown {
			continue
		}
		got = append(got, r[0])
	}
	want := []string{"Klant 50", "Klant 40", "Per regel met minder dan 3 gewijzigd, elk met een oorzaak: 38", "Ongewijzigd, niets aan de hand: 10", "Totaal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(rows) != tableTop+50+3 {
		t.Errorf("%d rows", len(rows))
	}
}

// Rights that end within the configured days of the month's end.
func TestExpiring(t *testing.T) {
	in := fixture(t)
	in.Config.Checks.RightsEnd = 61 // 31 October + 61 days is 31 December
	rows := cells(t, openBook(t, reviewOf(t, in)), "Triage")
	if r := rowOf(t, rows, appel); r[9] != "1" {
		t.Errorf("%q", r)
	}
}

// A gap shows before everything else that was read.
func TestGapsFirst(t *testing.T) {
	in := fixture(t)
	in.Statement.Status = statement.Incomplete
	in.Statement.Coverage.Gaps = []statement.Gap{{Source: "estate", Kind: statement.CoverageInventory, Host: "RDSH-A09", Message: "was not read", Action: "read it"}}
	rows := cells(t, openBook(t, reviewOf(t, in)), "Dekking")
	if !hasText(rows[:1], "ONVOLLEDIG") || rows[tableTop][0] != "Hiaten: inventaris" || rows[tableTop][3] != "RDSH-A09" {
		t.Errorf("%q", rows[:3])
	}
}

// A sheet of 8 rows holds a title, a heading, 5 rows and a note: 12 persons
// need 3 sheets of 5, 5 and 2.
func TestSheetsGoOn(t *testing.T) {
	in := fixture(t)
	in.Statement.Persons = statement.Persons{}
	for i := range 12 {
		in.Statement.Persons.Add(person("appel", "rds", "P"+itoa(10+i), "p"+itoa(i)))
	}
	w := workbooks(t, in)
	b, err := w.own().newBook(properties{title: "x", day: oct(31)}, "p")
	if err != nil {
		t.Fatal(err)
	}
	r := review{w: w, book: b, words: &w.own().review, maxRows: 8}
	if err := r.table(t.Context(), r.persons()); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := b.write(&out); err != nil {
		t.Fatal(err)
	}
	f := openBook(t, out.Bytes())
	if diff := cmp.Diff([]string{"Personen", "Personen 2", "Personen 3"}, f.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	var names []string
	for i, sheet := range f.GetSheetList() {
		rows := cells(t, f, sheet)
		if want := []int{8, 8, 4}[i]; len(rows) != want {
			t.Errorf("%s has %d rows, want %d", sheet, len(rows), want)
		}
		for _, r := range rows[tableTop:] {
			if len(r) > 1 {
				names = append(names, r[1])
			} else if !strings.Contains(r[0], "gaat verder op blad Personen") {
				t.Errorf("note %q", r)
			}
		}
	}
	if !slices.IsSorted(names) || len(names) != 12 {
		t.Errorf("persons lost or out of order: %q", names)
	}
}

func TestEmptyReview(t *testing.T) {
	in := fixture(t)
	in.Statement = &statement.Statement{Month: "2026-10", Status: statement.Incomplete}
	in.Earlier = nil
	if f := openBook(t, reviewOf(t, in)); len(f.GetSheetList()) != 14 {
		t.Error(f.GetSheetList())
	}
}

func TestDaysText(t *testing.T) {
	r := review{w: workbooks(t, fixture(t))}
	for _, c := range []struct {
		days []month.Day
		want string
	}{
		{nil, ""}, {[]month.Day{oct(7)}, "7"}, {[]month.Day{oct(1), oct(2), oct(3)}, "1–3"},
		{[]month.Day{oct(30), oct(31), oct(31) + 1}, "30–31, 2026-11-01"},
	} {
		if got := r.daysText(c.days); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Who left one customer for another is told by name, with why and from when; a
// name is never a formula.
func TestChangesNameWhoMoved(t *testing.T) {
	in := fixture(t)
	in.Statement.Moves = append(in.Statement.Moves, statement.Move{Tenant: "druif", Product: "rds", Key: "guid-plus", Name: "=1+1", Was: 1,
		Cause: statement.CauseMoved, Detail: "appel", Day: oct(16)})
	for _, r := range cells(t, openBook(t, reviewOf(t, in)), "Mutaties")[tableTop:] {
		if r[2] == "vervallen" && strings.HasSuffix(strings.Join(r, "|"), "|guid-plus") {
			if got := strings.Join(r[3:11], "|"); got != "=1+1||1|0|-1|naar een andere organisatie|appel|46311" {
				t.Errorf("%q", got)
			}
			return
		}
	}
	t.Error("nobody left druif")
}

// Findings of one cause are one row with their number and the customers; each
// stands beneath it, shut. One alone needs no cause over it.
func TestFindingsByCause(t *testing.T) {
	in := fixture(t)
	f := func(tenant, subject string, fresh bool) statement.Finding {
		return statement.Finding{Code: "disabled-in-group", Severity: statement.Low, Tenant: tenant, Subject: subject, Message: subject + " sits there", Action: "take it out", Count: 2, New: fresh}
	}
	in.Statement.Findings = []statement.Finding{f("appel", "a1", false), f("appel", "a2", true), f("boom", "b1", false),
		{Code: "no-tenant", Severity: statement.High, Tenant: "druif", Subject: "d", Message: "m", Action: "a"}}
	book := openBook(t, reviewOf(t, in))
	var got []string
	for _, r := range cells(t, book, "Bevindingen")[tableTop:] {
		r = append(r, make([]string, 13)...)
		got = append(got, strings.Join([]string{r[0], r[1], r[2], r[3], r[4], r[6], r[11]}, "|"))
	}
	want := []string{
		"hoog|bekend|no-tenant|1|Druif Niets|d|",
		"laag|1 nieuw|disabled-in-group|3|" + appel + ", " + boom + "||6",
		"laag|nieuw|disabled-in-group||" + appel + "|a2|2",
		"laag|bekend|disabled-in-group||" + appel + "|a1|2",
		"laag|bekend|disabled-in-group||" + boom + "|b1|2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for row, level := range map[int]uint8{3: 0, 4: 0, 5: 1, 7: 1} {
		if n, err := book.GetRowOutlineLevel("Bevindingen", row); err != nil || n != level {
			t.Errorf("row %d stands at level %d (%v)", row, n, err)
		}
		if v, _ := book.GetRowVisible("Bevindingen", row); v != (level == 0) {
			t.Errorf("row %d shows: %v", row, v)
		}
	}
}

// Who did what to the month, and which gaps were accepted why, stand in the
// last sheet.
func TestAboutTellsTheActs(t *testing.T) {
	in := fixture(t)
	in.Statement.Coverage.Gaps = []statement.Gap{{Source: "estate", Kind: statement.CoverageInventory, Host: "H", Message: "was not read", Accepted: "Anna: scrapped"}}
	in.Acts = []statement.Act{
		{Seq: 1, Action: statement.ActClose, By: "Anna", At: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)},
		{Seq: 2, Action: statement.ActSeal, At: time.Date(2026, 11, 2, 8, 0, 1, 0, time.UTC)},
		{Seq: 3, Action: statement.ActApprove, By: "Bea", Reason: "looked at", At: time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC)},
	}
	rows := cells(t, openBook(t, reviewOf(t, in)), "Verantwoording")
	if r := rowOf(t, rows, "Vastgesteld"); r[1] != "2026-11-03 09:00; door Bea; Revisie 0; looked at" {
		t.Errorf("%q", r)
	}
	if r := rowOf(t, rows, "Hiaat, geaccepteerd"); r[1] != "was not read – Anna: scrapped" {
		t.Errorf("%q", r)
	}
	if hasText(rows, "seal") {
		t.Error("the sealing is told")
	}
}

// The tie-out's sheet: nothing was entered, so each part number stands with
// what is its own use and nobody's, and says what is missing.
func TestTieOutSheet(t *testing.T) {
	rows := cells(t, openBook(t, reviewOf(t, fixture(t))), "Aansluiting")
	if got := strings.Join(rows[tableTop-1], "|"); got != "Product, klant|Artikelnummer|Gerapporteerd|Gefactureerd aan u|Verschil|Doorbelast|Eigen gebruik|Niet belast|Verschil|Waarde|Oorzaak" {
		t.Errorf("%s", got)
	}
	first := rows[tableTop]
	if first[3] != "–" || first[5] != "–" || !strings.HasPrefix(first[10], "nog geen factuur ingevoerd; nog geen facturen aan klanten ingevoerd") {
		t.Errorf("%q", first)
	}
}
