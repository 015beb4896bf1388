package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// Revision 1 of a month of which 5 of RDS were handed in: the companion says
// what differs and why; the report itself stays as it is, and a first revision
// has no companion.
func TestAmendedUsageReportSaysWhy(t *testing.T) {
	in := fixture(t)
	book := func() (sheets []string, text string) {
		var b bytes.Buffer
		if err := workbooks(t, in).UsageReport(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		f := openBook(t, b.Bytes())
		sheets = f.GetSheetList()
		if slices.Contains(sheets, "Amendment") {
			for _, r := range cells(t, f, "Amendment") {
				text += strings.Join(r, "|") + "\n"
			}
		}
		return sheets, text
	}
	if sheets, _ := book(); len(sheets) != 1 {
		t.Fatalf("a first revision has %q", sheets)
	}
	in.Statement.Revision, in.Statement.Reason = 1, "two hosts were read too late"
	was := in.Statement.Lines[0]
	was.Quantity -= 2
	in.Replaced = &statement.Statement{Lines: append([]statement.Line{was}, in.Statement.Lines[1:]...)}
	sheets, text := book()
	if !slices.Equal(sheets, []string{"Report", "Amendment"}) {
		t.Fatalf("sheets %q", sheets)
	}
	for _, want := range []string{"two hosts were read too late", "|2\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("the companion lacks %q:\n%s", want, text)
		}
	}
}
