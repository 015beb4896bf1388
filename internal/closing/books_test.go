package closing_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/invoice"
	"splameter/internal/invoice/ubl"
	"splameter/internal/register"
	"splameter/internal/statement"
	"splameter/report"
)

// priced are lines from pairs of article, quantity, price and amount.
func priced(t *testing.T, currency string, cells ...string) *invoice.Document {
	t.Helper()
	d := &invoice.Document{Currency: currency}
	for i := 0; i < len(cells); i += 4 {
		number := func(s string) invoice.Number { return invoice.Of(decimal.RequireFromString(s)) }
		l := invoice.Line{Article: cells[i], Text: cells[i], Quantity: number(cells[i+1]), UnitPrice: number(cells[i+2]), Amount: number(cells[i+3]), Currency: currency}
		d.Lines, d.Total = append(d.Lines, l), invoice.Of(d.Total.Add(l.Amount.Decimal))
	}
	return d
}

func putUBL(t *testing.T, path, id, date, buyer string, d *invoice.Document) {
	t.Helper()
	d.Number, d.Date = id, date
	var b bytes.Buffer
	if err := ubl.Write(&b, d, ubl.Head{Buyer: ubl.Party{Name: buyer}, From: "2026-10-01", Until: "2026-10-31"}); err != nil {
		t.Fatal(err)
	}
	put(t, path, b.String())
}

// October of the example, submitted, in which ten things are wrong between what
// was reported, invoiced and billed: the tie-out shows these ten and no other.
// What is free by agreement, own use, and what is nobody's is none of them.
func TestTenPlanted(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, h.month("2026-09")))
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))

	// The reseller's: 1 one RDS too many (20 × 4.10 are 82.00); 2 Office
	// Standard at 15.50 and not 15.00, 13 of them; 3 Office Professional Plus
	// that come to 90.00, and not to 4 × 20.00; 4 two of what was not reported.
	putUBL(t, filepath.Join(dir, "invoice.xml"), "R-1", "2026-11-12", "Duinrand Hosting B.V.", priced(t, "EUR",
		"EX-RDS", "21", "4.10", "86.10", "EX-OFFSTD", "13", "15.50", "201.50", "EX-OFFPRO", "4", "20.00", "90.00", "EX-VISSTD", "2", "9.50", "19.00",
		"EX-PRJPRO", "3", "25.25", "75.75", "EX-EXSTD", "5", "3.333", "16.67", "EX-WINDC", "18", "40.00", "720.00", "EX-WINSTD", "8", "6.00", "48.00",
		"EX-SQLSTD", "5", "150.00", "750.00", "ZZZ-1", "2", "5.00", "10.00"))
	if _, err := h.Invoice(ctx, m, closing.InvoiceFile{File: filepath.Join(dir, "invoice.xml")}, vries("")); err != nil {
		t.Fatal(err)
	}
	// The customers': 5 notaris' Visio is not billed, and 6 its 4 RDS are at
	// 6.00 in place of 6.25; 7 ijzer has 7 RDS of 8; 8 tuinderij 3 Exchange of
	// 2, and its Visio is free until December; 9 harbour a Visio, of which it
	// has none; 10 somebody whom nobody knows has an RDS.
	folder := filepath.Join(dir, "bills")
	putUBL(t, filepath.Join(folder, "1.xml"), "F-1", "2026-11-02", "Notariskantoor Van der Plas", priced(t, "EUR",
		"rds", "4", "6.00", "24.00", "office-std", "1", "19.95", "19.95", "exchange-std-plus", "3", "4.95", "14.85", "sql-std", "2", "189.00", "378.00"))
	putUBL(t, filepath.Join(folder, "2.xml"), "F-2", "2026-11-02", "IJzerwerf & Zn. B.V.", priced(t, "EUR",
		"6WC-00002", "7", "6.25", "43.75", "office-std", "5", "19.95", "99.75", "office-pro", "3", "25.95", "77.85", "project-pro", "3", "32.00", "96.00", "sql-std", "3", "189.00", "567.00"))
	putUBL(t, filepath.Join(folder, "3.xml"), "F-3", "2026-11-02", "tuinderij", priced(t, "EUR",
		"rds", "4", "6.25", "25.00", "office-std", "3", "19.95", "59.85", "office-pro", "1", "25.95", "25.95", "exchange-std-plus", "3", "4.95", "14.85"))
	put(t, filepath.Join(folder, "4.csv"), "Relatie;Artikel;Aantal;Prijs;Bedrag\n10030;rds;2;5,95;11,90\n10030;office-std;2;19,95;39,90\n10030;visio-std;1;12,50;12,50\nNieuwe Klant B.V.;rds;1;6,25;6,25\n")
	put(t, filepath.Join(folder, "1.pdf"), "a picture of the first")
	second, err := os.ReadFile(filepath.Join(folder, "2.xml"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(folder, "2x.xml"), string(second))
	free := register.Decision{Key: "billed|tuinderij|visio-std", Decision: register.Free, By: "C. de Vries", Reason: "offer 26-114"}
	if err := free.Until.UnmarshalText([]byte("2026-12-31")); err != nil {
		t.Fatal(err)
	}
	h.Setup.Decisions = append(h.Setup.Decisions, free)
	billed, err := h.Billed(ctx, m, closing.BilledFile{Path: folder}, vries(""))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1.pdf", "2x.xml, a copy of 2.xml"}, billed.Passed); diff != "" || billed.Documents != 4 || len(billed.Unpriced) != 0 {
		t.Errorf("%d documents, passed over: %s; without a price: %v", billed.Documents, diff, billed.Unpriced)
	}

	s, err := h.Status(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	in, err := h.Input(m, s)
	if err != nil {
		t.Fatal(err)
	}
	w, err := report.New(in)
	if err != nil {
		t.Fatal(err)
	}
	var got, rows []string
	tied := map[books.CauseKind]int{}
	for _, r := range w.TieOut() {
		rows = append(rows, strings.Join([]string{r.PartNumber, r.FromInvoice, r.FromBilled}, " "))
		for _, c := range r.Causes {
			if c.Ties || c.Agreed {
				tied[c.What]++
				continue
			}
			got = append(got, strings.Join([]string{r.PartNumber, c.Tenant + c.Customer, string(c.What), c.Counted + "→" + c.Billed, c.Units, c.Amount}, "|"))
		}
	}
	want := []string{
		"6WC-00002|Nieuwe Klant B.V.|customer not known|0→1|1|6.25",
		"6WC-00002|ijzer|billed too little|8→7|-1|-6.25",
		"6WC-00002|notaris|price|6.25→6||-1.00",
		"6WC-00002||invoice: quantity|20→21|1|4.10",
		"EXAMPLE-OFFSTD||invoice: unit price|15→15.5||6.50",
		"EXAMPLE-OFFPRO||invoice: quantity times unit price|80.00→90.00||10.00",
		"EXAMPLE-VISSTD|harbour|billed, nothing counted|0→1|1|12.50",
		"EXAMPLE-VISSTD|notaris|not billed|1→0|-1|-12.50",
		"F09-00018|tuinderij|billed too much|2→3|1|4.95",
		"ZZZ-1||invoice: quantity|0→2|2|10.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// RDS: 20 reported; 18 − 1 + 1 billed and 1 own use and 1 of nobody are 20,
	// though two of them are wrong. Visio: 1 − 1 + 1, and 1 free.
	if diff := cmp.Diff([]string{"6WC-00002 1 0", "EXAMPLE-OFFSTD 0 0", "EXAMPLE-OFFPRO 0 0", "EXAMPLE-VISSTD 0 0", "EXAMPLE-PRJPRO 0 0", "F09-00018 0 1", "9EA-00039 0 0", "9EM-00562 0 0", "7NQ-00302 0 0", "ZZZ-1 2 0"}, rows); diff != "" {
		t.Error(diff)
	}
	// Own use of RDS and Office, the same of nobody, and two hosts of all.
	if diff := cmp.Diff(map[books.CauseKind]int{books.CauseOwn: 2, books.CauseUnassigned: 4, books.CauseFree: 1}, tied); diff != "" {
		t.Error(diff)
	}

	// The bills are kept with the month, the folder as one archive.
	last := billed.Life.Acts[len(billed.Life.Acts)-1]
	if last.Action != statement.ActBilled || last.Attachment == nil || last.Attachment.Name != "bills.zip" || len(last.Unlike) != 6 {
		t.Errorf("kept %+v", last)
	}
}
