package desk

import (
	"os"
	"path/filepath"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
)

// The tie-out of October: nothing was entered; then bills in which tuinderij's
// RDS are 3 of 4, and nobody else's anything.
func TestBooks(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	_, body := b.get(october + "/books")
	shows(t, body, "Er is nog geen factuur ingevoerd", "6WC-00002", "eigen gebruik")
	hides(t, body, "niet doorbelast")
	set, faults := monthend.Load(filepath.Join(w.dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	d := &closing.Desk{Store: w.st, Setup: set, Now: w.clock, Version: "test", Account: "root"}
	m, err := month.Parse("2026-10", d.Setup.Config.Provider.Location)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bills.csv")
	if err := os.WriteFile(path, []byte("customer,article,quantity,unit_price,amount\ntuinderij,rds,3,6.25,18.75\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Billed(t.Context(), m, closing.BilledFile{Path: path}, closing.Act{By: "C"}); err != nil {
		t.Fatal(err)
	}
	_, body = b.get(october + "/books")
	shows(t, body, "te weinig doorbelast, 4 → 3", "billed|tuinderij|rds|billed too little|4|3", "/c/tuinderij")
}
