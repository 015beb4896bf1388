package tables

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func billOf(t *testing.T, name, text string, opt BillOptions) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return billTold(path, opt)
}

// billTold is a list in a line a row, or its faults.
func billTold(path string, opt BillOptions) string {
	d, faults := Bill(path, opt)
	if err := faults.Err(); err != nil {
		return strings.ReplaceAll(err.Error(), path, "FILE")
	}
	var out []string
	for _, l := range d.Lines {
		price := "-"
		if l.UnitPrice.Known {
			price = l.UnitPrice.String()
		}
		amount := "-"
		if l.Amount.Known {
			amount = l.Amount.StringFixed(2)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s", strings.Join(l.Names(), "+"), l.Quantity, price, amount, strings.Join(l.Customer, "+")))
	}
	return strings.Join(out, "; ")
}

// Invoices and lists as programs of several countries save them.
func TestBill(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"our own": {"part_number,quantity,unit_price,amount\nR,16,4.10,65.60\n", "R 16 4.1 65.60 "},
		// 1.250,00 proves the comma: 16,00 are sixteen.
		"a Dutch invoice": {"Factuur 2026-0815;;;\n;;;\nArtikelnummer;Omschrijving;Aantal;Stuksprijs;Bedrag\nEX-RDS;RDS SAL;16,00;€ 4,10;65,60\nEX-SQL;SQL;10;125,00;1.250,00\n;Administratie;1;2,50;2,50\n;Subtotaal;;;1.318,10\n;BTW 21%;;;276,80\nTotaal;;;;1.594,90\n",
			"EX-RDS 16 4.1 65.60 ; EX-SQL 10 125 1250.00 ;  1 2.5 2.50 "},
		"credits":           {"article;quantity;amount\nA;-2;-8,20\nB;2-;(8,20)\nC;−1;€ -4,10\n", "A -2 - -8.20 ; B -2 - -8.20 ; C -1 - -4.10 "},
		"customers":         {"Debiteurnummer;Klant;Artikelcode;Artikelnummer fabrikant;Aantal;Prijs\n10010;De Kas;RDS;6WC;14;6,25\n", "RDS 14 6.25 87.50 10010+De Kas"},
		"no amount, no sum": {"article,quantity\nA,3\n", "A 3 - - "},
	} {
		if got := billOf(t, "x.csv", c.text, BillOptions{}); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
	if got := billOf(t, "x.csv", "Code,How many\nA,3\n", BillOptions{Columns: map[string]string{"article": "Code", "quantity": "How many"}}); got != "A 3 - - " {
		t.Error(got)
	}
	for text, words := range map[string]string{
		"a,b\n1,2\n":                                    "none of the first 40 rows names an article and a quantity",
		"article,quantity\n":                            "there is no line",
		"article,quantity,price\nA,x,1\n":               `FILE:2: "x" is no price`,
		"article;quantity;amount\nA;1;1,25\nB;1;1.25\n": "nothing tells where the decimals begin",
		"artikel,artikelnummer,quantity\nA,B,1\n":       "may be the article",
	} {
		if got := billOf(t, "x.csv", text, BillOptions{}); !strings.Contains(got, words) {
			t.Errorf("%q: %s", text, got)
		}
	}

	// A workbook keeps numbers, whatever it shows.
	f := excelize.NewFile()
	for i, row := range [][]any{{"Invoice"}, {}, {"SKU", "Qty", "Unit price", "Line total"}, {"6WC-00002", 20, 4.1, 82.0}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "x.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	if got := billTold(path, BillOptions{}); got != "6WC-00002 20 4.1 82.00 " {
		t.Error(got)
	}
}

func FuzzBill(f *testing.F) {
	f.Add("article;quantity;amount\nA;-2;-8,20\nB;2-;(8,20)\n")
	f.Add("Factuur;;\nArtikelnummer;Aantal;Bedrag\nEX-RDS;16,00;65,60\n;Totaal;65,60\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(dir, "x.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if d, faults := Bill(path, BillOptions{}); faults.Err() == nil && len(d.Lines) == 0 {
			t.Error("nothing is said of an empty list")
		}
	})
}
