package report

import (
	"strconv"
	"strings"
	"testing"
)

// Every word of the questions is there in both languages and once; every column
// that a sheet names has one, with a width.
func TestDrillTable(t *testing.T) {
	drills, words, faults := parseDrills(drillTable)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	used := map[string]bool{}
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
			if n, err := strconv.Atoi(words["column "+c].of); err != nil || n < 8 {
				t.Errorf("the column %s has the width %q", c, words["column "+c].of)
			}
		}
	}
	for key := range words {
		if c, ok := strings.CutPrefix(key, "column "); ok && !used[c] {
			t.Errorf("no sheet has the column %s", c)
		}
	}
}

// A fault of the table takes its own line away and no other, and is told.
func TestFaultsOfTheDrills(t *testing.T) {
	const question, last = "question,users,month,Who,Wie\n", "column,day,10,Day,Dag\n"
	for _, c := range []struct{ lines, fault string }{
		{"sheet,persons,day,Persons,Personen\n", "line 2: sheet persons stands before any question"},
		{"needs,users,,Packs,Pakketten\n", "line 2: needs users stands before any question"},
		{question + question, "line 3: question users stands twice, or lacks a language"},
		{question + "needs,users,,Packs,\n", "line 3: needs users stands twice, or lacks a language"},
		{question + "sheet,persons,day,Persons\n", "record on line 3: wrong number of fields"},
	} {
		drills, words, faults := parseDrills([]byte("kind,name,of,en,nl\n" + c.lines + last))
		if len(faults) != 1 || faults[0].Error() != c.fault {
			t.Errorf("%q: faults %v, want %s", c.lines, faults, c.fault)
		}
		if words["column day"].of != "10" || len(drills) != min(strings.Count(c.lines, question), 1) {
			t.Errorf("%q: %+v %+v", c.lines, drills, words)
		}
	}
}
