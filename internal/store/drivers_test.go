package store

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
)

// Two SQLite drivers of one name in a program end it at its start, and one that
// needs C fails at the first query: there is one, and it answers.
func TestOneSQLite(t *testing.T) {
	lite := slices.DeleteFunc(sql.Drivers(), func(name string) bool { return !strings.Contains(name, "sqlite") })
	if !slices.Equal(lite, []string{"sqlite"}) {
		t.Errorf("the drivers are %q, want sqlite alone", lite)
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow("select 40+2").Scan(&n); err != nil || n != 42 {
		t.Errorf("%d, %v", n, err)
	}
}
