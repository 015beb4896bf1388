package report

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/statement"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestUsageReport(t *testing.T) {
	f := openBook(t, usageOf(t, fixture(t)))
	if diff := cmp.Diff([]string{"Report"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	rows := cells(t, f, "Report")
	// Office stands at zero: no row. 2026-11-01 is day 46327.
	for _, want := range [][]string{
		{"Part number / Artikelnummer", "Product", "Unit / Eenheid", "Quantity / Aantal", "Remarks / Opmerkingen"},
		{"6WC-00002", "Remote Desktop Services SAL", "per user / per gebruiker", "7"},
		{"TO BE FILLED IN / IN TE VULLEN", "SQL Server Standard (2 cores)", "per pack of 2 cores / per pakket van 2 cores", "4", "Part number to be filled in / Artikelnummer nog in te vullen"},
		{"Service provider / Dienstverlener", "Voorbeeld Hosting B.V."},
		{"Agreement number / Overeenkomstnummer", "S1234567"},
		{"Enrollment number / Inschrijvingsnummer", "7654321"},
		{"Usage month / Rapportagemaand", "2026-10  (October 2026)"},
		{"Revision / Revisie", "0"},
		{"Reported by / Gerapporteerd door", "Licentiebeheer <licenties@hosting.example>"},
		{"Date (close of month) / Datum (maandafsluiting)", "46327"},
		{"Zero use / Nulrapportage", "no / nee"},
	} {
		if diff := cmp.Diff(want, rowOf(t, rows, want[0])); diff != "" {
			t.Error(diff)
		}
	}
	if hasText(rows, "OFF-STD") {
		t.Error("a line of zero is reported")
	}
	if !hasText(rows, "DRAFT – DO NOT SUBMIT") || hasText(rows, "INCOMPLETE") || hasText(rows, "TEST") {
		t.Error("a complete draft is marked otherwise")
	}
}

// The report leaves the house: no customer, person or finding, and no price
// unless the config says so.
func TestUsageReportNamesNobody(t *testing.T) {
	for name, data := range parts(t, usageOf(t, fixture(t))) {
		for _, word := range []string{"Appel", "Boom", "Citro", "Druif", "Zwerver", "zwerver", anna, "avries", "guid-", "987654", "170.984", "no-tenant", "Partner West", "SPLA administrators"} {
			if strings.Contains(data, word) {
				t.Errorf("%s holds %q", name, word)
			}
		}
	}
}

func TestUsageReportPrices(t *testing.T) {
	in := fixture(t)
	in.Config.Report.Prices = true
	in.Config.Provider.Language = "en"
	in.Statement.Products[0].Alias = "6WC-00002-MSPLA"
	rows := cells(t, openBook(t, usageOf(t, in)), "Report")
	want := []string{"6WC-00002", "6WC-00002-MSPLA", "Remote Desktop Services SAL", "per user", "7", "", "987654.321", "EUR", "100"}
	if diff := cmp.Diff(want, rowOf(t, rows, "6WC-00002")); diff != "" {
		t.Error(diff)
	}
	// 100.00 + 683.94
	if got := rowOf(t, rows, "Total"); got[8] != "783.94" {
		t.Error(got)
	}
	in.Statement.Lines[2].Amount = "" // not known: no total then
	for _, r := range cells(t, openBook(t, usageOf(t, in)), "Report") {
		if len(r) > 0 && r[0] == "Total" {
			t.Errorf("a total over an unknown amount: %q", r)
		}
	}
}

func TestUsageReportMarks(t *testing.T) {
	for _, c := range []struct {
		state           statement.State
		status          statement.Status
		test, zero      bool
		want, forbidden []string
	}{
		{statement.Open, statement.Complete, false, false, []string{"DRAFT – DO NOT SUBMIT"}, []string{"INCOMPLETE", "TEST"}},
		{"", statement.Complete, false, false, []string{"DRAFT – DO NOT SUBMIT"}, nil},
		{statement.Approved, statement.Complete, false, false, []string{"no"}, []string{"DRAFT", "INCOMPLETE", "TEST"}},
		{statement.Submitted, statement.Incomplete, false, false, []string{"INCOMPLETE – see review workbook"}, []string{"DRAFT"}},
		{statement.Amended, statement.Complete, true, false, []string{"TEST"}, []string{"DRAFT"}},
		{statement.Approved, statement.Complete, false, true, []string{"yes", "No use in this month"}, []string{"NOT ESTABLISHED"}},
		{statement.Approved, statement.Incomplete, false, true, []string{"NOT ESTABLISHED – month incomplete"}, []string{"No use in this month"}},
	} {
		in := fixture(t)
		in.Config.Provider.Language = "en"
		in.Statement.State, in.Statement.Status, in.Statement.Test = c.state, c.status, c.test
		if c.zero {
			for i := range in.Statement.Lines {
				in.Statement.Lines[i].Quantity = 0
			}
		}
		rows := cells(t, openBook(t, usageOf(t, in)), "Report")
		for _, want := range c.want {
			if !hasText(rows, want) {
				t.Errorf("%+v: does not say %q", c, want)
			}
		}
		for _, not := range c.forbidden {
			if hasText(rows, not) {
				t.Errorf("%+v: says %q", c, not)
			}
		}
	}
}

// An approved month that was not wholly read says so by name above the
// attestation, which then vouches for the rest only; no customer is named.
func TestUsageReportAcceptedGaps(t *testing.T) {
	in := fixture(t)
	in.Statement.State, in.Statement.Status = statement.Approved, statement.Incomplete
	tenant := in.Register.Tenants[0]
	in.Statement.Coverage.Gaps = []statement.Gap{
		{Kind: "logs", Source: "session-hosts", Host: "RDSH-A03", From: "2026-10-04", Until: "2026-10-09", Accepted: "A. Manager, 2026-11-02: switched off"},
		{Kind: statement.CoverageUnit, Source: "directory " + tenant.Name, Accepted: "A. Manager, 2026-11-02: known"},
		{Kind: statement.CoverageUnit, Source: tenant.ID, Accepted: "A. Manager, 2026-11-02: known"},
	}
	rows := cells(t, openBook(t, usageOf(t, in)), "Report")
	for _, want := range []string{"NOT READ, AND ACCEPTED BY THE SERVICE PROVIDER", "logs: session-hosts, RDSH-A03, 2026-10-04 – 2026-10-09", "unit: of a customer", "but for what is stated above as not read"} {
		if !hasText(rows, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	for _, not := range []string{tenant.Name, "A. Manager", "switched off"} {
		if hasText(rows, not) {
			t.Errorf("the report says %q", not)
		}
	}
	in.Statement.Coverage.Gaps = nil
	in.Statement.Status = statement.Complete
	if rows := cells(t, openBook(t, usageOf(t, in)), "Report"); hasText(rows, "NOT READ") || hasText(rows, "stated above as not read") {
		t.Error("a whole month speaks of gaps")
	}
}

// A draft names what is missing on its face too, a gap that somebody accepted
// apart from those that are open.
func TestUsageReportOpenGaps(t *testing.T) {
	in := fixture(t)
	in.Statement.State, in.Statement.Status = statement.Draft, statement.Incomplete
	tenant := in.Register.Tenants[0]
	in.Statement.Coverage.Gaps = []statement.Gap{
		{Kind: "logs", Source: "session-hosts", Host: "RDSH-A03", From: "2026-10-04", Until: "2026-10-09"},
		{Kind: statement.CoverageUnit, Source: "directory " + tenant.Name},
	}
	rows := cells(t, openBook(t, usageOf(t, in)), "Report")
	for _, want := range []string{"NOT READ, AND STILL OPEN", "logs: session-hosts, RDSH-A03, 2026-10-04 – 2026-10-09", "unit: of a customer"} {
		if !hasText(rows, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if hasText(rows, tenant.Name) || hasText(rows, "AND ACCEPTED") {
		t.Error("the report names a customer, or calls a gap accepted")
	}
	in.Statement.Coverage.Gaps[0].Accepted = "A. Manager, 2026-11-02: switched off"
	if rows := cells(t, openBook(t, usageOf(t, in)), "Report"); !hasText(rows, "AND STILL OPEN") || !hasText(rows, "AND ACCEPTED") {
		t.Error("one open and one accepted gap are not both there")
	}
}

// Two products of one part number are one row, of both names and quantities;
// those without a number stay apart.
func TestOnePartNumberIsOneRow(t *testing.T) {
	in := fixture(t)
	for i := range in.Statement.Lines {
		l := &in.Statement.Lines[i]
		if l.Product != "rds" {
			l.PartNumber, l.Unit, l.Quantity = "6wc-00002", statement.UnitUser, 2
		}
	}
	rows := cells(t, openBook(t, usageOf(t, in)), "Report")
	total := 0
	seen := 0
	for _, r := range rows {
		if len(r) > 3 && strings.EqualFold(r[0], "6WC-00002") {
			seen++
			n, _ := strconv.Atoi(r[3])
			total += n
			if !strings.Contains(r[1], " / ") {
				t.Errorf("the row names %q alone", r[1])
			}
		}
	}
	if want := 7 + 2*(len(in.Statement.Lines)-1); seen != 1 || total != want {
		t.Errorf("%d rows of %d in all, want one of %d", seen, total, want)
	}
}

// Where the config has further agreements, each gets a usage report of its own
// with its number, and together they are the report of all.
func TestAgreementsAddUp(t *testing.T) {
	in := fixture(t)
	in.Config.Agreements = []config.Agreement{{ID: "west", Agreement: "S-WEST", Enrollment: "E-WEST"}}
	in.Register.Tenants[0].Agreement = "west"
	w, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	total := map[string]int{}
	for _, r := range w.UsageReports() {
		a := r.Agreement
		lines := w.agreementLines(w.Statement, a.ID)
		for i := range lines {
			total[lines[i].Product] += lines[i].Quantity
		}
		var b bytes.Buffer
		if err := w.AgreementReport(t.Context(), &b, a); err != nil {
			t.Fatal(err)
		}
		if rows := cells(t, openBook(t, b.Bytes()), "Report"); !hasText(rows, a.Agreement) {
			t.Errorf("the report of %s does not name %s", a.ID, a.Agreement)
		}
	}
	sum := map[string]int{}
	for i := range in.Statement.Tenants {
		for _, l := range in.Statement.Tenants[i].Lines {
			sum[l.Product] += l.Quantity
		}
	}
	for p, n := range sum {
		if total[p] != n {
			t.Errorf("the agreements' %s add up to %d, the tenants' to %d", p, total[p], n)
		}
	}
	dir := t.TempDir()
	written, err := w.Write(t.Context(), dir)
	if err != nil || len(written.Forms) != 2 {
		t.Errorf("forms written are %v, %v", written.Forms, err)
	}
	// What somebody else put there stays; the reports of agreements that are no
	// more go.
	note := filepath.Join(dir, "usage-report-"+in.Statement.Month+"-note.xlsx")
	if err := os.WriteFile(note, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	in.Config.Agreements = nil
	if w, err = New(in); err != nil {
		t.Fatal(err)
	}
	again, err := w.Write(t.Context(), dir)
	if err != nil || !slices.Equal(again.Removed, written.Forms) {
		t.Errorf("removed are %v, %v, want %v", again.Removed, err, written.Forms)
	}
	if _, err := os.Stat(note); err != nil {
		t.Error(err)
	}
}
