package desk

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/closing/books"
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

// Bills and the reseller's invoice are entered on the page by the calls of the
// commands: bills of one list, headings that are none of the usual, an invoice
// only of a month that was handed in, and without its date not at all.
func TestBooksEntered(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/books")
	shows(t, body, october+"/do/billed", "billing-lines.csv")
	hides(t, body, october+"/do/invoice")
	if status, _ := b.get(october + "/do/invoice"); status != http.StatusConflict {
		t.Errorf("an invoice of a draft answers %d", status)
	}
	_, form := b.get(october + "/do/billed")
	status, body := b.post(october+"/do/billed", fill(form, "by", "C. de Vries"))
	if status != http.StatusUnprocessableEntity {
		t.Errorf("no file answers %d", status)
	}
	shows(t, body, "Choose the file.")
	list := []byte("Account,Code,quantity,unit_price,amount\ntuinderij,rds,3,6.25,18.75\n")
	_, body = b.send(october+"/do/billed", fill(form, "by", "C. de Vries"), "books", "lines.csv", list)
	shows(t, body, "It was not done:", "«Headings of a list") // and not which flag of a command
	_, body = b.send(october+"/do/billed", fill(form, "by", "C. de Vries", "headings", "customer=Account; article=Code"), "books", "lines.csv", list)
	shows(t, body, "1 lines were read and kept")
	_, body = b.get(october + "/books")
	shows(t, body, "billed|tuinderij|rds|billed too little|4|3")

	// Of tuinderij, by the sales list: 4 RDS at 6.25, 3 Office Standard at 19.95,
	// Office Professional Plus at 25.95, Visio at 12.50 and 2 mailboxes at 4.95
	// are 133.20; 18.75 of it was billed. An account manager sees that, and not
	// what is paid for it.
	_, body = b.get(october)
	shows(t, body, ">Billed<", ">3</td>")
	_, body = b.get(october + "/customers")
	shows(t, body, "To bill", "EUR 133.20", "EUR 18.75", "does not agree")
	_, body = w.as(Person{Role: AccountManager, Tenants: []string{"tuinderij"}}).get(october + "/customers")
	shows(t, body, "Te factureren", "EUR 133,20", "EUR 18,75")
	hides(t, body, ">Bedrag<")
	_, body = w.as(Person{Role: Viewer}).get(october + "/customers")
	hides(t, body, "EUR", "Te factureren")

	status, lines := b.get(october + "/books/billing-lines.csv")
	if status != 200 || !strings.Contains(lines, "tuinderij") || !strings.Contains(lines, ",4,") {
		t.Errorf("the lines to bill are %d %s", status, lines)
	}
	if status, book := b.get(october + "/books/tie-out.xlsx"); status != 200 || !strings.HasPrefix(book, "PK") {
		t.Errorf("the tie-out answers %d", status)
	}
	if status, _ := b.get(october + "/books/else.csv"); status != http.StatusNotFound {
		t.Errorf("another file answers %d", status)
	}

	do := func(act string) string {
		_, form := b.get(october + "/do/" + act)
		_, body := b.post(october+"/do/"+act, fill(form, "by", "C. de Vries"))
		return body
	}
	if status, _ := b.get(october + "/books/end-users.xlsx"); status != 200 {
		t.Errorf("the end customers answer %d", status)
	}
	do("approve")
	shows(t, do("report-mail"), "usage-report-2026-10.eml")
	_, body = b.get(october + "/sign")
	shows(t, body, "/file/usage-report-2026-10.eml")
	do("submit")
	_, form = b.get(october + "/do/invoice")
	rds := []byte("part_number,quantity,unit_price,amount\n6WC-00002,21,4.10,86.10\n")
	_, body = b.send(october+"/do/invoice", fill(form, "by", "C. de Vries"), "books", "invoice.csv", rds)
	shows(t, body, "does not say the invoice&#39;s date", "invoice&#39;s date (empty")
	hides(t, body, "--date")
	_, body = b.send(october+"/do/invoice", fill(form, "by", "C. de Vries", "on", "2026-11-02"), "books", "invoice.csv", rds)
	shows(t, body, "The invoice is kept", "differences")
	_, body = b.get(october + "/books")
	hides(t, body, "No invoice was entered yet")
	_, body = b.get(october)
	shows(t, body, ">21</td>")
}

// Causes that are open come first and are all shown; of those that want nothing
// five, the rest when they are asked for.
func TestSettledCausesDoNotFillTheTieOut(t *testing.T) {
	causes := func(open, settled int) []books.Cause {
		out := make([]books.Cause, open+settled)
		for i := open; i < len(out); i++ {
			out[i].Ties = i%2 == 0
			out[i].Agreed = i%2 == 1
		}
		return out
	}
	for _, c := range []struct{ open, settled, want int }{{0, 0, 0}, {0, 4, 4}, {0, 40, 5}, {7, 40, 12}, {7, 2, 9}, {60, 3, 50}} {
		if got := tieShown(causes(c.open, c.settled)); got != c.want {
			t.Errorf("of %d open and %d settled causes %d are shown, want %d", c.open, c.settled, got, c.want)
		}
	}
}

// A sum that lacks what has no price says so, and a difference that is not
// known of every customer has no total.
func TestTotalsOfCustomersWithoutPrice(t *testing.T) {
	row := func(amount, diff int64, unpriced bool) customerRow {
		r := customerRow{Sums: &sums{amount: decimal.NewFromInt(amount), unpriced: unpriced}}
		if r.HasDiff = !unpriced; r.HasDiff {
			r.Diff = decimal.NewFromInt(diff)
		}
		return r
	}
	if x := addUp([]customerRow{row(10, 2, false), row(5, -1, false)}); x.Unpriced || !x.HasDiff || x.Amount.String() != "15" || x.Diff.String() != "1" {
		t.Errorf("got %+v, want 15, a change of 1", x)
	}
	if x := addUp([]customerRow{row(10, 2, false), row(5, 0, true)}); !x.Unpriced || x.HasDiff || x.Amount.String() != "15" {
		t.Errorf("got %+v, want 15 without what has no price, and no change", x)
	}
}
