package tables

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
	"splameter/internal/register/prices"
)

func on(y, m, d int) month.OptionalDay {
	t, err := month.ParseDay(fmt.Sprintf("%04d-%02d-%02d", y, m, d))
	if err != nil {
		panic(err)
	}
	return month.OptionalDay{Day: t, Set: true}
}

// told is a price in one line.
func told(list prices.List) string {
	var out []string
	for _, p := range list {
		out = append(out, strings.Join([]string{p.PartNumber, p.Currency, p.Unit.String(), p.Alias, new(dialect).writeDay(p.From), new(dialect).writeDay(p.Until)}, ","))
	}
	return strings.Join(out, "\n")
}

func TestPriceFile(t *testing.T) {
	all := PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1)}
	for name, c := range map[string]struct {
		text string
		opt  PriceFileOptions
		want string
	}{
		"ours": {"part_number,currency,unit_price,from,until,alias\n6WC-00002,EUR,4.51,2027-01-01,,A1\n", PriceFileOptions{}, "6WC-00002,EUR,4.51,A1,2027-01-01,"},
		"a title above, other names, commas, a mark": {"Prijslijst Voorbeeld B.V.;;;\n\nOmschrijving;Part No.;Prijs;Valuta\nSQL;7NQ-00302-MSPLA;1.165,50;eur\nRDS;6WC-00002;4,51;EUR\n;;;\n",
			PriceFileOptions{From: on(2027, 1, 1), Decimal: ','}, "7NQ-00302,EUR,1165.5,7NQ-00302-MSPLA,2027-01-01,\n6WC-00002,EUR,4.51,,2027-01-01,"},
		"named columns": {"Code,Amount\n6WC-00002,4.51\n", PriceFileOptions{Columns: map[string]string{"part_number": "code", "unit_price": "Amount"}, Currency: "USD", From: on(2027, 1, 1)},
			"6WC-00002,USD,4.51,,2027-01-01,"},
		"numbers under another heading": {"Artikelnummer;Omschrijving;Inkoopprijs\n6WC-00002;RDS;4,35\n7NQ-00302-MSPLA;SQL;121,00\n", all, "6WC-00002,EUR,4.35,,2027-01-01,\n7NQ-00302,EUR,121,7NQ-00302-MSPLA,2027-01-01,"},
		"the same row twice":            {"sku,price,currency,valid from\nA,1,EUR,01-02-2027\na,1.00,EUR,2027-02-01\n", PriceFileOptions{}, "A,EUR,1,,2027-02-01,"},
	} {
		list, _, faults := PriceFile(file(t, c.text), c.opt)
		if len(faults) > 0 || told(list) != c.want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, faults, told(list), c.want)
		}
	}
}

// What the reseller calls an article is kept beside its price, and the table gets
// a column for it.
func TestPriceTitles(t *testing.T) {
	list, _, faults := PriceFile(file(t, "sku;Omschrijving;Prijs\n021-1;Office Standard SAL;15,60\n"), PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1)})
	if len(faults) > 0 || len(list) != 1 || list[0].Title != "Office Standard SAL" {
		t.Fatal(list, faults)
	}
	data, _, faults := MergePrices(file(t, "part_number,currency,unit_price,alias,from,until\n6WC-00002,EUR,4.10,,2026-01-01,\n"), "", list)
	want := "part_number,currency,unit_price,alias,from,until,description\n6WC-00002,EUR,4.10,,2026-01-01,,\n021-1,EUR,15.6,,2027-01-01,,Office Standard SAL\n"
	if len(faults) > 0 || string(data) != want {
		t.Errorf("%v\n%s", faults, data)
	}
	back, faults := Prices(file(t, string(data)), "")
	if len(faults) > 0 || back[1].Title != "Office Standard SAL" || back[0].Title != "" {
		t.Error(back, faults)
	}
}

func TestPriceFileFaults(t *testing.T) {
	all := PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1)}
	for name, c := range map[string]struct {
		text string
		opt  PriceFileOptions
		want string
	}{
		"two that may be the number": {"Artikel;Oud artikel;Prijs\n6WC-00002;6WC-00001;4,35\n", all, "none of the first 40 rows names a part number and a price"},
		"articles of its own":        {"Artikelnummer;Prijs\nA-1;4,35\n", all, "none of the first 40 rows names a part number and a price"},
		"no header":                  {"a,b\n1,2\n", all, "none of the first 40 rows names a part number and a price"},
		"no currency":                {"sku,price\nA,1\n", PriceFileOptions{From: on(2027, 1, 1)}, ":1: the file does not say the currency; give it with --currency"},
		"no date":                    {"sku,price\nA,1\n", PriceFileOptions{Currency: "EUR"}, "give it with --from"},
		"two prices":                 {"sku,price,net price\nA,1,2\n", all, `both "price" and "net price" may be the unit price`},
		"a comma":                    {"sku;price\nA;1,234\n", all, `:2: "1,234" is 1234 or 1.234, and nothing in the file proves which; write two decimals, here or in another row, or say which sign stands before the decimals with --decimal point or --decimal comma`},
		"no price":                   {"sku,price\nA,\n", all, ":2: the price is missing"},
		"no number":                  {"sku,price\n,3\n", all, `:2: a price of "3" has no part number`},
		"twice":                      {"sku,price\nA,1\nB,1\na,2\n", all, `:4: the part number "a" has another price from the same day on line 2`},
		"no such column":             {"sku,price\nA,1\n", PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1), Columns: map[string]string{"alias": "Ours"}}, `the header has no column "Ours" for alias`},
		"no such name":               {"sku,price\nA,1\n", PriceFileOptions{Columns: map[string]string{"prise": "price"}}, `there is no column "prise"`},
		"a month is no date":         {"sku,price,from\nA,1,jan 2027\n", all, `"jan 2027" is no date`},
		"negative":                   {"sku,price\nA,-1\n", all, `"-1" is no price`},
		"no workbook":                {"PK\x03\x04nothing", all, "the workbook cannot be read"},
	} {
		if list, _, faults := PriceFile(file(t, c.text), c.opt); faults.Err() == nil || !strings.Contains(faults.Error(), c.want) {
			t.Errorf("%s: %v (%s)", name, faults, told(list))
		}
	}
}

// A workbook keeps 4.19 as a float, and a day as a number: 46388 is 1 January
// 2027 (46023 is 1 January 2026).
func TestPriceFileWorkbook(t *testing.T) {
	f := excelize.NewFile()
	if _, err := f.NewSheet("Prijzen"); err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"B3": "Microsoft part number", "C3": "Net price", "D3": "Currency", "E3": "Valid from",
		"B4": "6WC-00002", "C4": 4.19, "D4": "EUR", "E4": 46388, "B6": "9EM-00562", "C6": 6, "D6": "EUR", "E6": "2027-01-01"} {
		if err := f.SetCellValue("Prijzen", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "p.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	list, _, faults := PriceFile(path, PriceFileOptions{Sheet: "Prijzen"})
	if want := "6WC-00002,EUR,4.19,,2027-01-01,\n9EM-00562,EUR,6,,2027-01-01,"; len(faults) > 0 || told(list) != want {
		t.Errorf("%v\n%s", faults, told(list))
	}
	if _, _, faults := PriceFile(path, PriceFileOptions{Sheet: "Prices"}); faults.Err() == nil || !strings.Contains(faults.Error(), `no sheet "Prices"; name one of: Sheet1, Prijzen`) {
		t.Error(faults)
	}
}

// What stands in the table stays, the provider's own column too. A rises and
// its row, which had no end, gives way; B's row ended after the new one begins
// and is cut; C is as it was; D is new; E stood there from that day with
// another price; F had ended: it rises against what it was.
func TestMergePrices(t *testing.T) {
	path := file(t, "part_number;currency;unit_price;from;until;x_note\r\nA;EUR;4.10;2026-01-01;;own\r\nB;EUR;2.00;2026-01-01;2027-06-30;\r\nC;EUR;3.00;;;\r\nE;EUR;5.00;2027-01-01;;\r\nF;EUR;6.00;2026-01-01;2026-12-31;\r\n")
	list, _, faults := PriceFile(file(t, "part_number,currency,unit_price,alias\nA,EUR,4.51,A-1\nB,EUR,1.50,\nC,EUR,3.00,\nD,EUR,7,\nE,EUR,5.5,\nF,EUR,6.60,\n"), PriceFileOptions{From: on(2027, 1, 1)})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	data, changes, faults := MergePrices(path, "", list)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := "part_number;currency;unit_price;from;until;x_note;alias\r\nA;EUR;4.10;2026-01-01;;own;\r\nB;EUR;2.00;2026-01-01;2026-12-31;;\r\nC;EUR;3.00;;;;\r\nE;EUR;5.5;2027-01-01;;;\r\nF;EUR;6.00;2026-01-01;2026-12-31;;\r\n" +
		"A;EUR;4.51;2027-01-01;;;A-1\r\nB;EUR;1.5;2027-01-01;;;\r\nD;EUR;7;2027-01-01;;;\r\nF;EUR;6.6;2027-01-01;;;\r\n"
	if string(data) != want {
		t.Errorf("got\n%s\nwant\n%s", data, want)
	}
	var kinds []string
	for _, c := range changes {
		p, _ := c.Percent()
		kinds = append(kinds, fmt.Sprintf("%s %s %s", c.Price.PartNumber, c.Kind, p))
	}
	if got, want := strings.Join(kinds, "; "), "A rises +10.00 %; B falls -25.00 %; C same 0.00 %; D new ; E replaced +10.00 %; F rises +10.00 %"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// Taken in once more it changes nothing.
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	again, changes, faults := MergePrices(path, "", list)
	if len(faults) > 0 || string(again) != want {
		t.Errorf("%v\n%s", faults, again)
	}
	for _, c := range changes {
		if c.Kind != PriceSame {
			t.Errorf("%s %s", c.Price.PartNumber, c.Kind)
		}
	}
}

func TestHistory(t *testing.T) {
	names := func(s string) (string, bool) {
		if strings.EqualFold(s, "rds-1") || s == "A-RDS" {
			return "RDS-1", true
		}
		return s, false
	}
	months, unknown, faults := History(file(t, "month,tenant,part_number,quantity\n2026-08,alfa,A-RDS,4\n2026-08,bravo,rds-1,0\n2026-07,,RDS-1,9\n2026-07,,OLD-1,2\n"), some, names)
	if len(faults) > 0 || len(months) != 2 || months[0].Month != "2026-07" || months[0].Quantities[0].Quantity != 9 || months[1].Quantities[0].PartNumber != "RDS-1" || strings.Join(unknown, " ") != "OLD-1" {
		t.Errorf("%v %+v %v", faults, months, unknown)
	}
	const head = "month,tenant,part_number,quantity\n"
	for text, want := range map[string]string{
		head + "2026-8,,A,1\n":                        `:2:1: "2026-8" is no month`,
		head + "2026-08,alpha,A,1\n":                  `there is no tenant "alpha"; write an id`,
		head + "2026-08,,A,\n":                        "the quantity is missing",
		head + "2026-08,,A,1\n2026-08,,a,2\n":         ":3:10: the part number \"a\" of 2026-08 stands here again, first on line 2",
		head + "2026-08,,A,1\n2026-08,alfa,B,2\n":     "2026-08 has quantities with a tenant and without: line 2 has it the other way",
		head + "2026-08,,A,-1\n":                      "no whole number",
		"month,part_number\n2026-08,A\n":              "quantity",
		head + "2026-08,,RDS-1,1\n2026-08,,A-RDS,1\n": "stands here again",
	} {
		if _, _, faults := History(file(t, text), some, names); faults.Err() == nil || !strings.Contains(faults.Error(), want) {
			t.Errorf("%q: %v", text, faults)
		}
	}
}

func FuzzPriceFile(f *testing.F) {
	f.Add([]byte("sku;price\nA;1,5\n"), true)
	f.Add([]byte("title\n\npart_number,unit_price,currency,from\n6WC-00002,4.19,EUR,46388\n"), false)
	f.Add([]byte("PK\x03\x04"), false)
	path := filepath.Join(f.TempDir(), "p.csv")
	f.Fuzz(func(t *testing.T, data []byte, comma bool) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		decimal := byte(0)
		if comma {
			decimal = ','
		}
		list, _, faults := PriceFile(path, PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1), Decimal: decimal})
		if len(faults) > 0 {
			return
		}
		for _, p := range list { // what is read can be written, and read again
			if p.PartNumber == "" || len(p.Currency) != 3 || p.Unit.IsNegative() || !p.From.Set {
				t.Errorf("%+v", p)
			}
		}
	})
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte("month,tenant,part_number,quantity\n2026-08,alfa,A,4\n"))
	path := filepath.Join(f.TempDir(), "h.csv")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		months, _, faults := History(path, some, func(s string) (string, bool) { return s, true })
		if len(faults) > 0 {
			return
		}
		for _, m := range months {
			if _, err := month.Parse(m.Month, nil); err != nil || len(m.Quantities) == 0 {
				t.Errorf("%+v", m)
			}
		}
	})
}
