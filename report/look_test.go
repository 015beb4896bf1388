package report

import (
	"encoding/json"
	"fmt"
	"regexp"
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

var rowBreak = regexp.MustCompile(`<brk id="([0-9]+)"`)

// The lines of a report that does not fit one page leave the attestation whole
// on the next.
func TestAttestationStandsOnOnePage(t *testing.T) {
	breaks := func(in Input) []string {
		sheet := parts(t, usageOf(t, in))["xl/worksheets/sheet1.xml"]
		var out []string
		for _, m := range rowBreak.FindAllStringSubmatch(sheet, -1) {
			out = append(out, m[1])
		}
		return out
	}
	if got := breaks(fixture(t)); len(got) != 0 {
		t.Errorf("a report of one page is parted before row %v", got)
	}
	in := fixture(t)
	for i := range 40 {
		l := in.Statement.Lines[0]
		l.Product, l.PartNumber, l.Quantity = fmt.Sprintf("more%d", i), fmt.Sprintf("MORE-%05d", i), 1
		in.Statement.Lines = append(in.Statement.Lines, l)
	}
	rows, err := openBook(t, usageOf(t, in)).GetRows("Report")
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(rows, func(r []string) bool { return len(r) > 0 && r[0] == "Attestation / Verklaring" })
	if got := breaks(in); at < 0 || !slices.Equal(got, []string{fmt.Sprint(at)}) {
		t.Errorf("pages end after rows %v, want after %d, the last above the attestation", got, at)
	}
}
