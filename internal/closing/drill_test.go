package closing_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/report"
)

// answers are all questions of the table, asked of the example's two months and
// of one day of them, by name; each makes a workbook.
func answers(t *testing.T, h helper, from, until month.Month, on month.Day) (map[string]*report.DrillAnswer, string) {
	t.Helper()
	out, books := map[string]*report.DrillAnswer{}, ""
	for _, q := range report.Drills() {
		a, b := from, until
		if q.OfDay {
			y, m, _ := on.Civil()
			a = month.New(y, m, from.Location())
			b = a
		}
		x, err := h.Drill(t.Context(), &q, a, b, on)
		if err != nil {
			t.Fatal(err)
		}
		var book bytes.Buffer
		if err := report.WriteDrill(t.Context(), &book, h.Setup.Config, h.Setup.Register, x); err != nil {
			t.Fatal(err)
		}
		books += strings.Join(mapValues(contents2(t, book.String())), "\n")
		out[q.Name] = x
	}
	return out, books
}

// Every question has an answer, and none of them, nor the licence position with
// names masked, holds a word that anybody wrote or a name of a person.
func TestDrillsNameNobody(t *testing.T) {
	h := plantedMonth(t)
	september, october := h.month("2026-09"), h.month("2026-10")
	all, books := answers(t, h, september, october, month.Date(2026, 10, 15))
	for name, a := range all {
		n := 0
		for _, rows := range a.Rows {
			n += len(rows)
		}
		if n < 3 {
			t.Errorf("%s has %d rows: the test sees nothing", name, n)
		}
	}
	p, err := h.Position(t.Context(), september, october, true)
	if err != nil {
		t.Fatal(err)
	}
	books += workbookOf(t, h, p)
	for _, w := range planted {
		if strings.Contains(strings.ToLower(books), strings.ToLower(w)) {
			t.Errorf("the answers hold %s", w)
		}
	}
	if names := naming(books, people(t, h, october)); len(names) > 0 {
		t.Errorf("the answers name %q", names)
	}
}

// The numbers of the answers. On 15 October the directory has 28 accounts of
// users, two of them in Harbour-All and so, by way of Harbour-RDS, in
// RDS-Kantoor. Two customers state licences of their own in September, one in
// October (the other's ended on 30 September). Whoever used RDS in September
// may have begun earlier: August is missing.
func TestDrills(t *testing.T) {
	h := helper{open(t, example(t)), t}
	september, october := h.month("2026-09"), h.month("2026-10")
	for _, m := range []month.Month{september, october} {
		h.must(h.Close(t.Context(), m))
	}
	all, _ := answers(t, h, september.Add(-1), october, month.Date(2026, 10, 15))
	accounts := all["accounts"]
	if n := len(accounts.Rows["accounts"]); n != 28 || len(accounts.Missing) != 0 {
		t.Errorf("%d accounts, missing %v", n, accounts.Missing)
	}
	nested := 0
	for _, row := range accounts.Rows["accounts"] {
		if row[6] == "Harbour-All" && row[7] == "Harbour-RDS; RDS-Kantoor" && row[5] == "harbour" {
			nested++
		}
	}
	if nested != 2 {
		t.Errorf("%d accounts are in RDS-Kantoor by way of two groups", nested)
	}
	var own []string
	for _, row := range all["own-licences"].Rows["entries"] {
		own = append(own, row[0].(string)+" "+row[1].(string))
		if !strings.HasPrefix(row[5].(string), "document-") {
			t.Errorf("the document is %v", row[5])
		}
	}
	if !slices.Equal(own, []string{"2026-09 notaris", "2026-09 harbour", "2026-10 notaris"}) {
		t.Errorf("%q", own)
	}
	first := map[string]string{}
	for _, row := range all["first-use"].Rows["first"] {
		first[row[0].(string)+" "+row[2].(string)] = row[3].(string)
	}
	if first["tuinderij rds"] != "2026-09" {
		t.Errorf("%v", first)
	}
	if !slices.Contains(all["first-use"].Missing, report.DrillLack{Month: "2026-09", What: "earlier", Subject: "tuinderij rds"}) {
		t.Errorf("nobody says that use may have begun earlier: %v", all["first-use"].Missing)
	}
	reach := 0
	for _, row := range all["reach"].Rows["persons"] {
		if row[0] == "2026-10" && row[1] == "rds" && row[12] == nil {
			reach += row[11].(int)
		}
	}
	if reach != 20 { // what is reported of October
		t.Errorf("%d persons could reach RDS", reach)
	}
	for name, a := range all {
		if name != "accounts" && !slices.Contains(a.Missing, report.DrillLack{Month: "2026-08", What: "not-sealed"}) {
			t.Errorf("%s does not say that August is missing: %v", name, a.Missing)
		}
	}
	// A day on which nothing was read is no day without accounts.
	h.Now = func() time.Time { return time.Date(2026, 12, 20, 9, 0, 0, 0, time.UTC) }
	h.must(h.Close(t.Context(), h.month("2026-11")))
	all, _ = answers(t, h, october, october, month.Date(2026, 11, 10))
	if m := all["accounts"].Missing; !slices.Contains(m, report.DrillLack{Month: "2026-11", What: "no-reading", Subject: "duinrand", From: "2026-11-10", Until: "2026-11-10"}) {
		t.Errorf("%v", m)
	}
}
