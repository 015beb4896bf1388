package report

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

// LibreOffice draws a cell without its indent where the one before it aligns to
// the right too and differs in its number format alone.
func TestFiguresBesideEachOtherKeepTheirIndent(t *testing.T) {
	in := fixture(t)
	for i := range in.Statement.Lines { // all compared: amounts and differences stand in every row
		l := &in.Statement.Lines[i]
		*l = compared(*l, l.Quantity, 0, 0)
	}
	for _, b := range [][]byte{reviewOf(t, in), annexOf(t, in, "appel", AnnexOptions{})} {
		f := openBook(t, b)
		pairs := 0
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatal(err)
			}
			for r, row := range rows {
				var before *excelize.Style
				for c := range row {
					cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
					id, err := f.GetCellStyle(sheet, cell)
					if err != nil {
						t.Fatal(err)
					}
					st, err := f.GetStyle(id)
					if err != nil {
						t.Fatal(err)
					}
					if st.Alignment == nil || st.Alignment.Horizontal != "right" {
						before = nil
						continue
					}
					if before != nil && numberFormat(before) != numberFormat(st) {
						pairs++
						if was, is := inkOf(t, before), inkOf(t, st); was == is {
							t.Errorf("%s!%s differs from the figure before it in its number format alone (%s)", sheet, cell, is)
						}
					}
					before = st
				}
			}
		}
		if pairs == 0 {
			t.Error("no figures of different kinds stand beside each other: the test looks at nothing")
		}
	}
}

func numberFormat(s *excelize.Style) string {
	if s.CustomNumFmt != nil {
		return *s.CustomNumFmt
	}
	return fmt.Sprint(s.NumFmt)
}

func inkOf(t *testing.T, s *excelize.Style) string {
	t.Helper()
	b, err := json.Marshal([]any{s.Font, s.Alignment})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A report that does not fit one page is signed on a sheet of its own, over which
// no heading of lines is repeated; else on the same page.
func TestAttestationStandsOnOnePage(t *testing.T) {
	f := openBook(t, usageOf(t, fixture(t)))
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Report"}) || !hasText(cells(t, f, "Report"), "Attestation / Verklaring") {
		t.Errorf("a report of one page has the sheets %v", got)
	}
	in := fixture(t)
	for i := range 40 {
		l := in.Statement.Lines[0]
		l.Product, l.PartNumber, l.Quantity = fmt.Sprintf("more%d", i), fmt.Sprintf("MORE-%05d", i), 1
		in.Statement.Lines = append(in.Statement.Lines, l)
	}
	f = openBook(t, usageOf(t, in))
	if got := f.GetSheetList(); !slices.Equal(got, []string{"Report", "Attestation"}) || hasText(cells(t, f, "Report"), "Attestation / Verklaring") {
		t.Fatalf("a report of several pages has the sheets %v", got)
	}
	rows := cells(t, f, "Attestation")
	for _, text := range []string{"Attestation / Verklaring", "2026-10  (October 2026)", "Signature / Handtekening"} {
		if !hasText(rows, text) {
			t.Errorf("what is signed does not say %q: %q", text, rows)
		}
	}
	for _, n := range f.GetDefinedName() {
		if n.Scope == "Attestation" {
			t.Errorf("%s repeats %s", n.Name, n.RefersTo)
		}
	}
}
