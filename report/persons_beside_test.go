package report

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// Of a month with more persons than anybody reads all stand in a CSV beside the
// review, cell for cell as the sheet would have them; on the sheet stand those who
// must be looked at, and the heading says where the others are. With fewer persons
// the file goes again.
func TestPersonsBesideTheReview(t *testing.T) {
	in := fixture(t)
	small := in.Statement.Persons.List()
	dir := t.TempDir()
	if w := write(t, dir, in); w.Persons != "" || slices.Contains(files(tree(t, dir)), "review-persons-2026-10.csv") {
		t.Fatal("a small month has a file of persons")
	}
	sheet := func(name string) [][]string {
		f, err := excelize.OpenReader(strings.NewReader(tree(t, dir)["review-2026-10.xlsx"]))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	list := in.Statement
	w, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	name := w.own().review.sheets["persons"]
	whole := sheet(name)

	// The sheet of the small month, as the CSV gives it.
	var b bytes.Buffer
	if err := w.PersonsCSV(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(got) != len(whole)-1 {
		t.Fatalf("%d rows, %v, want %d", len(got), err, len(whole)-1)
	}
	for i, row := range got[1:] {
		for c, cell := range whole[i+2] {
			if c == 9 || c == 10 { // days: a sheet's are numbers with a format
				if len(row[c]) != len("2026-10-01") || !strings.HasPrefix(row[c], "2026-1") {
					t.Errorf("row %d: %q is no day", i, row[c])
				}
			} else if row[c] != safetext.Cell(cell) {
				t.Errorf("row %d, column %d: %q, want %q", i, c, row[c], cell)
			}
		}
	}

	out, moved := 0, statement.Persons{}
	for _, p := range small {
		if p.Excluded != nil || p.Units != 1 {
			out++
		}
		moved.Add(p)
	}
	for i := moved.Len(); i <= mostPersons; i++ {
		p := small[0]
		p.Key, p.Excluded, p.Units = fmt.Sprint("k", i), nil, 1
		moved.Add(p)
	}
	list.Persons = moved
	if w := write(t, dir, in); !strings.HasSuffix(w.Persons, "review-persons-2026-10.csv") || !slices.Contains(w.Paths(), w.Persons) {
		t.Fatalf("no file of %d persons: %+v", moved.Len(), w)
	}
	rows := sheet(name)
	if len(rows)-2 != max(out, 1) || len(rows[0][0]) > 60 || !strings.Contains(rows[0][3], "review-persons-2026-10.csv") || !strings.Contains(rows[0][3], fmt.Sprint(moved.Len())) {
		t.Errorf("%d rows on the sheet, want %d; %q", len(rows)-2, out, rows[0])
	}
	if n := strings.Count(tree(t, dir)["review-persons-2026-10.csv"], "\n"); n != moved.Len()+1 {
		t.Errorf("%d lines, want %d", n, moved.Len()+1)
	}
	list.Persons = statement.PersonsOf(small...)
	if w := write(t, dir, in); w.Persons != "" || slices.Contains(files(tree(t, dir)), "review-persons-2026-10.csv") {
		t.Error("the file of persons stayed")
	}
}
