package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Both counts must name the same tenants and products with the same numbers; a
// zero in the statement is what the script has no row for, and the provider's own
// accounts are no customer's.
func TestSameCounts(t *testing.T) {
	dir := t.TempDir()
	st, table := filepath.Join(dir, "statement.json"), filepath.Join(dir, "counts.csv")
	const ours = `{"tenants":[{"id":"t0000","lines":[{"product":"rds","quantity":3},{"product":"office-pro","quantity":0}]},{"id":"own","lines":[{"product":"rds","quantity":1}]}]}`
	for _, c := range []struct{ ours, theirs, want string }{
		{ours, "tenant,product,quantity\nt0000,rds,3\n", ""},
		{ours, "tenant,product,quantity\nt0000,rds,2\n", "splameter counts 3 of rds for t0000, and the script 2"},
		{ours, "tenant,product,quantity\n", "splameter counts 3 of rds for t0000, and the script 0"},
		{ours, "tenant,product,quantity\nt0000,rds,3\nt0001,rds,1\n", "splameter counts 0 of rds for t0001, and the script 1"},
		{`{}`, "tenant,product,quantity\n", "splameter counted nothing"},
	} {
		for path, text := range map[string]string{st: c.ours, table: c.theirs} {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		a, err := statementCounts(st)
		if err != nil {
			t.Fatal(err)
		}
		b, err := tableCounts(table)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := sameCounts(a, b); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s and %q: %q, want %q", c.ours, c.theirs, got, c.want)
		}
	}
}
