package report

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"
)

// Every word of the questions is there in both languages and once; every column
// that a sheet names has one, with a width.
func TestDrillTable(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(drillTable)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, r := range rows[1:] {
		key := r[0] + " " + r[1]
		if _, ok := seen[key]; ok || r[3] == "" || r[4] == "" {
			t.Errorf("%s stands twice, or lacks a language", key)
		}
		seen[key] = r[2]
	}
	used := map[string]bool{}
	drills := Drills()
	if len(drills) < 5 {
		t.Fatalf("only %d questions", len(drills))
	}
	lists := [][]string{{"month", "what", "subject", "from", "until"}}
	for i := range drills {
		if drills[i].Needs("nl") == "" || len(drills[i].Sheets) == 0 {
			t.Errorf("%s says not what it needs, or has no sheet", drills[i].Name)
		}
		for _, s := range drills[i].Sheets {
			lists = append(lists, s.Columns)
		}
	}
	for _, columns := range lists {
		for _, c := range columns {
			used[c] = true
			if n, err := strconv.Atoi(seen["column "+c]); err != nil || n < 8 {
				t.Errorf("the column %s has the width %q", c, seen["column "+c])
			}
		}
	}
	for _, r := range rows[1:] {
		if r[0] == "column" && !used[r[1]] {
			t.Errorf("no sheet has the column %s", r[1])
		}
	}
}
