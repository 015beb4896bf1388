package report

import (
	"bytes"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// Three went and one came: by cause and day, in the customer's language, and
// without the group, the other customer or anybody's name.
func TestAnnexSaysWhatChanged(t *testing.T) {
	in := fixture(t)
	l := &in.Statement.Tenants[0].Lines[0]
	l.Compared = true
	l.Changes = []statement.Change{
		{Cause: statement.CauseDisabled, Day: "2026-10-12", Removed: 2},
		{Cause: statement.CauseMoved, Detail: "boom", Day: "2026-10-16", Removed: 1},
		{Cause: statement.CauseJoined, Detail: "RDS-geheim", Added: 1},
	}
	var b bytes.Buffer
	if err := workbooks(t, in).Annex(t.Context(), &b, in.Statement.Tenants[0].ID, AnnexOptions{}); err != nil {
		t.Fatal(err)
	}
	f := openBook(t, b.Bytes())
	var all []string
	for _, r := range cells(t, f, f.GetSheetList()[0]) {
		all = append(all, strings.Join(r, "|"))
	}
	text := strings.Join(all, "\n")
	if want := "Toegevoegd: 1 nieuw; Vervallen: 2 account uitgeschakeld op 12-10-2026, 1 naar een andere organisatie op 16-10-2026"; !strings.Contains(text, want) {
		t.Errorf("the annex lacks %q:\n%s", want, text)
	}
	if strings.Contains(text, "boom") || strings.Contains(text, "RDS-geheim") {
		t.Errorf("the annex names another customer or a group:\n%s", text)
	}
}
