package desk

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/forecast"
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
	shows(t, body, "te weinig doorbelast, 4 → 3", "billed|tuinderij|rds|billed too little|4|3", "/c/tuinderij", "−1</td>")
	for s, want := range map[string]string{"-0.5": "−0,5", "1234": "+1.234", "0": "0", "": "", "2.25": "+2,25"} {
		if got := w.s.names["nl"].units(s, true); got != want {
			t.Errorf("%s units are %q, want %q", s, got, want)
		}
	}
}

// The forecast of a month that runs stands on its screen as it was made last;
// of a month that is over it does not, and a viewer sees no money in it.
func TestForecastShown(t *testing.T) {
	w := newWorld(t, nil)
	set, faults := monthend.Load(filepath.Join(w.dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	m, err := month.Parse("2026-10", set.Config.Provider.Location)
	if err != nil {
		t.Fatal(err)
	}
	so := 19
	f := &forecast.Forecast{Month: "2026-10", Until: "2026-10-08", Left: 23, Lines: []forecast.Line{{Product: "rds", PartNumber: "6WC-00002", Compared: true, Previous: 21, SoFar: &so, Ahead: 4711, Amount: "77.90", Currency: "EUR"}},
		Customers: []forecast.Customer{{Tenant: "notaris", Product: "office-std", Own: 0, Ahead: 3, Off: 3, Amount: "45.00", Currency: "EUR"}}}
	if err := set.PutForecast(m, f); err != nil {
		t.Fatal(err)
	}
	_, body := w.approver().get(october)
	hides(t, body, "4.711")
	w.pass(-25 * 24 * time.Hour) // 9 October
	_, body = w.approver().get(october)
	shows(t, body, "gelezen tot en met 08-10-2026", "4.711", "EUR 77,90", "Notariskantoor", "+3", "EUR 45,00")
	_, body = w.as(Person{Role: Viewer}).get(october)
	shows(t, body, "4.711")
	hides(t, body, "EUR")
}
