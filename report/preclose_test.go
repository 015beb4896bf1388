package report

import (
	"io"
	"strings"
	"testing"

	"splameter/internal/closing/preclose"
)

// The list is of October: what is done before 1 November counts for November.
func precloseList(t *testing.T) *preclose.List {
	t.Helper()
	return &preclose.List{Month: october(t), On: oct(20), Months: 2, Licences: 3, Added: 1, Gone: 4, Unpriced: 1,
		Saves: []preclose.Sum{{Currency: "EUR", Amount: "22.50"}}, Costs: []preclose.Sum{{Currency: "EUR", Amount: "6.00"}},
		Rows: []preclose.Row{
			{Reason: preclose.Idle, Tenant: "appel", Name: "=Anna\r\nde Vries", Accounts: []string{"avries"}, Products: []string{"rds", "office"}, Groups: []string{"RDS › A"}, Units: 2, Amount: "22.50", Currency: "EUR"},
			{Reason: preclose.Idle, Tenant: "appel", Name: "Bram", Accounts: []string{"bram"}, Products: []string{"mail"}, Units: 1},
			{Reason: preclose.Expiring, Tenant: "boom", Name: "X1", Products: []string{"rds"}, Units: 1, Amount: "6.00", Currency: "XXX", Until: oct(31)},
			{Reason: preclose.Disabled, Tenant: "boom", Name: "hugo", Accounts: []string{"hugo"}},
		}}
}

func TestPreclose(t *testing.T) {
	in := fixture(t)
	in.Config.Provider.Language = "en"
	w := workbooks(t, in)
	b := made(t, func(out io.Writer) error { return w.Preclose(t.Context(), out, precloseList(t)) })
	f := openBook(t, b)
	summary := cells(t, f, "Summary")
	if !hasText(summary, "Whoever had access in October 2026 still counts for October 2026. What is done before 2026-11-01 counts for November 2026.") {
		t.Errorf("the summary does not say what counts: %q", summary)
	}
	if r := rowOf(t, summary, "Licences by which November 2026 drops"); r[1] != "3" {
		t.Errorf("the summary says %q", r)
	}
	if r := rowOf(t, summary, "Saves a month"); r[1] != "EUR 22.50" {
		t.Errorf("the summary says %q", r)
	}
	rows := cells(t, f, "Pre-close")
	first := rowOf(t, rows, "no session in 2 months")
	if first[1] != appel || first[2] != "=Anna\nde Vries" || first[5] != "2" || first[6] != "22.5" {
		t.Errorf("the first row says %q", first)
	}
	if formula, _ := f.GetCellFormula("Pre-close", "C3"); formula != "" {
		t.Errorf("a name became the formula %q", formula)
	}
	if r := rows[3]; r[6] != "–" { // unknown is not zero
		t.Errorf("what has no price says %q", r)
	}
	if r := rowOf(t, rows, "exclusion ends"); r[6] != "XXX 6.00" || r[9] != "46326" { // 2026-10-31
		t.Errorf("the exclusion says %q", r)
	}
	if r := rowOf(t, rows, "disabled, still in a group"); r[5] != "0" || r[6] != "" {
		t.Errorf("the disabled account says %q", r)
	}
}

// In a mail nobody is named unless the config asks for it.
func TestPrecloseText(t *testing.T) {
	in := fixture(t)
	w := workbooks(t, in)
	without, with := w.PrecloseText(precloseList(t), false), w.PrecloseText(precloseList(t), true)
	for _, name := range []string{"Anna", "avries", "Bram", "hugo", appel} {
		if strings.Contains(without, name) {
			t.Errorf("the text without names names %s:\n%s", name, without)
		}
		if !strings.Contains(with, name) {
			t.Errorf("the text with names leaves out %s:\n%s", name, with)
		}
	}
	if !strings.Contains(without, "EUR 22.50") {
		t.Errorf("the text has no money:\n%s", without)
	}
}
