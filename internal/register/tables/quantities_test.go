package tables

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
)

func TestQuantities(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.csv")
	put := func(s string) {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("quantity,part_number,amount\n190,6WC-00002,876.5\n0,X,\n")
	got, faults := Quantities(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if d := cmp.Diff([]statement.PartQuantity{{PartNumber: "6WC-00002", Quantity: 190, Amount: "876.50"}, {PartNumber: "X"}}, got); d != "" {
		t.Error(d)
	}
	for text, want := range map[string]string{
		"part_number,quantity\nA,-1\n":           "no whole number",
		"part_number,quantity\nA,\n":             "the quantity is missing",
		"part_number,quantity\nA,1\nA,2\n":       "there twice",
		"part_number\nA\n":                       "quantity",
		"part_number,quantity\n,1\n":             "the part number is missing",
		"part_number,quantity\nA,1.5\n":          "no whole number",
		"part_number,quantity,amount\nA,1,1e9\n": "no price",
	} {
		put(text)
		if _, faults := Quantities(path); faults.Err() == nil || !strings.Contains(faults.Error(), want) {
			t.Errorf("%q: %v", text, faults)
		}
	}
}
