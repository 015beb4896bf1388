package closing_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// The usage report that the reseller has: the sealed one holds to the byte,
// also against the pack of a later act; one that was saved again holds by the
// evidence that it names and by its quantities; another number, other evidence,
// and a report of before a correction do not.
func TestAgainst(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	p := verify(t, h.must(h.Close(ctx, m)).Pack)
	received := readAll(t, filepath.Join(dir, "out/2026-10/usage-report-2026-10.xlsx"))
	annex := readAll(t, filepath.Join(dir, "out/2026-10/annex/ijzer-2026-10.xlsx"))
	holds := func(what string, p *evidence.Pack, file []byte, words string) {
		t.Helper()
		if how, err := closing.Against(p, "r.xlsx", file); err != nil || !strings.Contains(how, words) {
			t.Errorf("%s: %q, %v", what, how, err)
		}
	}
	fails := func(what string, p *evidence.Pack, file []byte, words string) {
		t.Helper()
		if how, err := closing.Against(p, "r.xlsx", file); err == nil || !strings.Contains(err.Error(), words) || errors.Is(err, evidence.ErrUnproved) {
			t.Errorf("%s: %q, %v", what, how, err)
		}
	}
	holds("as sealed", p, received, "to the byte, usage-report")
	holds("an annex", p, annex, "to the byte, annex/ijzer")
	again := func(change func(*excelize.File)) []byte {
		t.Helper()
		return savedAgain(t, received, change)
	}
	cell := func(f *excelize.File, value string) string {
		t.Helper()
		at, err := f.SearchSheet("Report", value)
		if err != nil || len(at) == 0 {
			t.Fatalf("the report has no %q: %v", value, err)
		}
		return at[0]
	}
	holds("saved again", p, again(func(*excelize.File) {}), "saved again")
	fails("one SAL less", p, again(func(f *excelize.File) { f.SetCellValue("Report", cell(f, "20"), 19) }), "6WC-00002: sealed 20, in r.xlsx 19")
	fails("a part number more", p, again(func(f *excelize.File) { f.SetCellValue("Report", cell(f, "6WC-00002"), "MADE-UP") }), "MADE-UP: sealed none")
	fails("other evidence", p, again(func(f *excelize.File) {
		f.SetCellValue("Report", cell(f, p.Manifest.Anchor()), strings.Repeat("0", 64))
	}), "names other evidence")
	// The numbers stand in the cells, and the reader is shown others.
	otherwise := func(what string, file []byte, words string) {
		t.Helper()
		if how, err := closing.Against(p, "r.xlsx", file); !errors.Is(err, evidence.ErrUnproved) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %q, %v", what, how, err)
		}
	}
	twenty := func(f *excelize.File) string { return cell(f, "20") }
	row := func(f *excelize.File) int {
		_, r, err := excelize.CellNameToCoordinates(twenty(f))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	otherwise("another number's form", again(func(f *excelize.File) {
		form := `"19"`
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &form})
		if err != nil {
			t.Fatal(err)
		}
		f.SetCellStyle("Report", twenty(f), twenty(f), style)
	}), `is "20", and shows "19"`)
	otherwise("a second sheet in front of it", again(func(f *excelize.File) {
		f.NewSheet("Usage")
		f.SetCellValue("Usage", "A1", 19)
		f.SetActiveSheet(1)
		f.SetSheetVisible("Report", false)
	}), "its sheets are")
	otherwise("a row is hidden", again(func(f *excelize.File) { f.SetRowVisible("Report", row(f), false) }), "of Report is hidden")
	otherwise("a column is hidden", again(func(f *excelize.File) { f.SetColVisible("Report", "E", false) }), "column E of Report is hidden")
	otherwise("cells are merged", again(func(f *excelize.File) { f.MergeCell("Report", twenty(f), fmt.Sprintf("F%d", row(f))) }), "are merged")
	otherwise("a remark", again(func(f *excelize.File) { f.SetCellValue("Report", fmt.Sprintf("F%d", row(f)), "read 19") }), `there "read 19"`)
	otherwise("a note on it", again(func(f *excelize.File) {
		f.AddComment("Report", excelize.Comment{Cell: twenty(f), Author: "x", Paragraph: []excelize.RichTextRun{{Text: "19"}}})
	}), "it holds comments")
	nameless := again(func(f *excelize.File) {
		f.SetCellValue("Report", cell(f, p.Manifest.Anchor()), "")
		f.SetDocProps(&excelize.DocProperties{Keywords: "x"})
	})
	if _, err := closing.Against(p, "r.xlsx", nameless); !errors.Is(err, evidence.ErrUnproved) {
		t.Errorf("a report that names no evidence: %v", err)
	}
	fails("no report", p, []byte("x"), "no workbook")

	approved := verify(t, h.must(h.Approve(ctx, m, vries(""))).Pack)
	holds("the draft's report, against the approved pack", approved, received, "(draft)")
	if _, err := h.Amend(ctx, m, vries("x"), false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Correct(ctx, m, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: -1, Code: "other", Reason: "x", By: "x"}))
	lower := verify(t, h.must(h.Close(ctx, m)).Pack)
	fails("what was sent, against a lower revision", lower, received, "comes to other quantities")
}

func readAll(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
