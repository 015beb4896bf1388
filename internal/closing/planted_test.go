package closing_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// planted are words that somebody might write, each in a place of its own.
var planted = []string{"Rulecomment", "Ruleversion", "Configcomment", "Exclusionid", "Exclusiondocument", "Pooldocument",
	"Correctionreason", "Approvalreason", "Approvername", "Submittername", "Referencetext", "Attachmentname", "Attachmentcontent",
	"Amendreason", "Findingreason", "Reportername", "Contactname",
	"Agreementnumber", "Agreementreseller", "Agreementmail", "Partnercontact", "Partnermail", "Tenantstreet", "Tenantmail", "Tenantreference",
	"Shareddocument", "Decisionreason", "Decidername", "Otherwiseassumption", "Titlesource", "Titlewhy", "Titleexample",
	"Invoicearticle", "Invoicenumber", "Invoicebuyer", "Billednumber", "Billedarticle", "Billedcustomer", "Mailrecipient", "Mailsubject"}

// plantedMonth is the example with words written wherever a person can write
// some, from its config to its invoice.
func plantedMonth(t *testing.T) helper {
	t.Helper()
	dir := example(t)
	edit := func(path, from, to string) {
		t.Helper()
		path = filepath.Join(dir, path)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Replace(string(b), from, to, 1)
		if s == string(b) {
			t.Fatalf("%s has no %q", path, from)
		}
		put(t, path, s)
	}
	edit("testdata/rules.yaml", `version: "2026-09-example"`, `version: "Ruleversion"`)
	edit("testdata/rules.yaml", "products:\n", "products: # Rulecomment\n")
	edit("testdata/rules.yaml", "  - catalog: rds ", "  - catalog: rds # Rulecomment ")
	edit("config.yaml", "provider:", "# Configcomment\nprovider:")
	edit("config.yaml", "name: Licentiebeheer", "name: Reportername")
	edit("config.yaml", "document: Uitvoer AppLocker-beleid 2026-08-28", "document: Pooldocument")
	edit("testdata/tenants.csv", "mevrouw A. Bloem", "Contactname")
	edit("testdata/tenants.csv", "Kasweg", "Tenantstreet")
	edit("testdata/tenants.csv", "administratie@", "Tenantmail@")
	edit("testdata/tenants.csv", "ICT-2026", "Tenantreference")
	edit("config.yaml", "agreements: []", "agreements: [{id: other, agreement: Agreementnumber, reseller: {name: Agreementreseller, email: Agreementmail@x.example}}]")
	edit("config.yaml", `products: ""`, "products: titles.yaml")
	put(t, filepath.Join(dir, "titles.yaml"), "family: own\ntitle: Own\nsource: Titlesource\nentries:\n  - id: own-tool\n    is: free\n    why: Titlewhy\n    names: [\"orchestra *\"]\n    matches: [\"Orchestra Titleexample\"]\n")
	edit("testdata/resellers.csv", "afdeling Licenties", "Partnercontact")
	edit("testdata/resellers.csv", "licenties@", "Partnermail@")
	edit("testdata/shared_accounts.csv", "Opgave", "Shareddocument")
	edit("testdata/decisions.csv", "a print server", "Decisionreason")
	edit("testdata/decisions.csv", "Licentiebeheer", "Decidername")
	edit("testdata/otherwise.csv", "you are no Listed Provider", "Otherwiseassumption")
	csv := filepath.Join(dir, "testdata/exclusions.csv")
	b, err := os.ReadFile(csv)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	for i := range lines[1:] {
		cells := strings.Split(lines[i+1], ",")
		lines[i+1] = strings.Join(append([]string{cells[0] + "-Exclusionid"}, cells[1:]...), ",")
	}
	put(t, csv, strings.Replace(strings.Join(lines, "\n")+"\n", "Beoordeling", "Exclusiondocument", 1))

	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, h.month("2026-09")))
	r := h.must(h.Close(ctx, m))
	h.must(h.AcceptFinding(ctx, m, r.Statement.Findings[0].DecisionKey(), closing.Act{By: "Approvername", Reason: "Findingreason"}))
	h.must(h.Correct(ctx, m, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 1, Code: "other", Reason: "Correctionreason", By: "Approvername"}))
	h.must(h.Approve(ctx, m, closing.Act{By: "Approvername", Reason: "Approvalreason"}))
	file := filepath.Join(dir, "Attachmentname.txt")
	put(t, file, "Attachmentcontent")
	h.must(h.Submit(ctx, m, closing.Submission{Act: closing.Act{By: "Submittername"}, Reference: "Referencetext", Attach: file}))
	// What others invoiced and were billed, and in words that nobody knows.
	invoiced := filepath.Join(dir, "invoice.xml")
	putUBL(t, invoiced, "Invoicenumber", "2026-11-12", "Invoicebuyer", priced(t, "EUR", "EX-RDS", "21", "4.10", "86.10", "Invoicearticle", "2", "5.00", "10.00"))
	if _, err := h.Invoice(ctx, m, closing.InvoiceFile{File: invoiced}, closing.Act{By: "Approvername"}); err != nil {
		t.Fatal(err)
	}
	bills := filepath.Join(dir, "bills.csv")
	put(t, bills, "Relatie;Artikel;Aantal;Prijs;Bedrag;Factuur\n10030;Billedarticle;2;5,95;11,90;Billednumber\nBilledcustomer;rds;1;6,25;6,25;F2\n")
	if _, err := h.Billed(ctx, m, closing.BilledFile{Path: bills}, closing.Act{By: "Approvername"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Store.RecordDelivery(ctx, store.Delivery{Month: "2026-10", Seq: 1, Action: store.DeliverySent, Tenant: "ijzer", At: h.Now(), By: "Submittername",
		To: "Mailrecipient@x.example", Subject: "Mailsubject"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Amend(ctx, m, closing.Act{By: "Approvername", Reason: "Amendreason"}, false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(ctx, m))
	return h
}

// A masked pack holds none of them, in no byte of no member and no name of one;
// what is paid stands in it only where that is asked for.
func TestMaskedPackHoldsNoWordThatAnybodyWrote(t *testing.T) {
	h := plantedMonth(t)
	dir := t.TempDir()
	for _, prices := range []bool{false, true} {
		path := filepath.Join(dir, map[bool]string{false: "masked.zip", true: "priced.zip"}[prices])
		if _, _, err := h.Audit(t.Context(), h.month("2026-09"), h.month("2026-10"), true, prices, path); err != nil {
			t.Fatal(err)
		}
		paid := false
		for name, text := range contents(t, path) {
			for _, w := range planted {
				if strings.Contains(strings.ToLower(name+"\n"+text), strings.ToLower(w)) {
					t.Errorf("%s holds %s", name, w)
				}
			}
			if strings.HasSuffix(name, ".xlsx") {
				t.Errorf("%s is in the pack", name)
			}
			for _, price := range []string{"82.00", "86.10", "4.10", `"4.1"`} {
				if strings.Contains(text, price) {
					paid = true
					if !prices {
						t.Errorf("%s holds the price %s", name, price)
					}
				}
			}
		}
		if paid != prices {
			t.Errorf("prices were asked for: %v, and are there: %v", prices, paid)
		}
	}
	// The words are in the evidence itself: the test could find them.
	p, err := evidence.Open(t.Context(), h.Pack("2026-10", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var all strings.Builder
	for name, b := range unpacked(t, p) {
		all.WriteString(name + "\n" + string(b))
	}
	for _, w := range planted {
		switch w {
		case "Configcomment", "Invoicefile", "Otherwiseassumption", "Billednumber", "Mailrecipient", "Mailsubject", "Invoicenumber", "Invoicebuyer": // not kept, or not written here
		default:
			if !strings.Contains(all.String(), w) {
				t.Errorf("the evidence itself does not hold %s: the test plants nothing", w)
			}
		}
	}
}
