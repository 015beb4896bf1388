package tables

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"splameter/internal/register/prices"
)

const dutch = "part_number;currency;unit_price;from;until\r\n6WC-00002;EUR;4,10;1-1-2026;31-12-2026\r\n9EA-00039;EUR;1.170,00;1-1-2026;\r\n"

// priceLines reads a price table and shows it.
func priceLines(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	list, faults := Prices(path, "")
	if len(faults) > 0 {
		return faults[0].What
	}
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.PartNumber + " " + p.Unit.String() + " " + new(dialect).writeDay(p.From) + " " + new(dialect).writeDay(p.Until) + "\n")
	}
	return b.String()
}

// A table as a spreadsheet saves it in another country is the same table.
func TestDialects(t *testing.T) {
	const want = "6WC-00002 4.1 2026-01-01 2026-12-31\n9EA-00039 1170 2026-01-01 \n"
	for name, text := range map[string]string{
		"dutch":    dutch,
		"german":   strings.NewReplacer("1-1-2026", "01.01.2026", "31-12-2026", "31.12.2026").Replace(dutch),
		"sep":      "sep=;\r\n" + dutch,
		"empty":    strings.ReplaceAll(dutch, "\r\n", ";;\r\n"),
		"american": "part_number,currency,unit_price,from,until\n6WC-00002,EUR,4.10,1/1/2026,12/31/2026\n9EA-00039,EUR,\"1,170.00\",1/1/2026,\n",
		"british":  "part_number,currency,unit_price,from,until\n6WC-00002,EUR,4.10,01/01/2026,31/12/2026\n9EA-00039,EUR,1170,01/01/2026,\n",
		"ours":     "part_number,currency,unit_price,from,until\n6WC-00002,EUR,4.1,2026-01-01,2026-12-31\n9EA-00039,EUR,1170,2026-01-01,\n",
		"alone":    "part_number;currency;unit_price;from;until\n6WC-00002;EUR;4,10;1-1-2026;31-12-2026\n9EA-00039;EUR;1.170;1-1-2026;\n", // the other price proves the comma
	} {
		if got := priceLines(t, name+".csv", text); got != want {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for name, text := range map[string]string{
		`"1.170" is 1170 or 1.170, and nothing`: "part_number;currency;unit_price;from;until\n9EA-00039;EUR;1.170;2026-01-01;\n",
		"in one table stand":                    "part_number;currency;unit_price;from;until\nA;EUR;4,10;;\nB;EUR;4.10;;\n",
		`"1/2/2026" may have the day first`:     "part_number,currency,unit_price,from,until\nA,EUR,4,1/2/2026,\n",
		"of the table's dates some":             "part_number,currency,unit_price,from,until\nA,EUR,4,25/2/2026,\nB,EUR,4,2/25/2026,\n",
	} {
		if got := priceLines(t, "bad.csv", text); !strings.Contains(got, name) {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// A workbook keeps days and numbers, and code pages have letters.
func TestWorkbookAndCodePages(t *testing.T) {
	f := excelize.NewFile()
	for cell, v := range map[string]any{"A1": "part_number", "B1": "currency", "C1": "unit_price", "D1": "from", "E1": "until", "A2": "6WC-00002", "B2": "EUR", "C2": 4.1, "D2": 46023, "E2": 46387} {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "prices.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	list, faults := Prices(path, "")
	if len(faults) > 0 || len(list) != 1 || list[0].Unit.String() != "4.1" || new(dialect).writeDay(list[0].From) != "2026-01-01" || new(dialect).writeDay(list[0].Until) != "2026-12-31" {
		t.Errorf("%v %v", list, faults)
	}
	for name, page := range map[string]*charmap.Charmap{"1252": charmap.Windows1252, "850": charmap.CodePage850} {
		text, err := page.NewEncoder().String("id;name;ou;internal\ncafe;Café Zoë;OU=Café Zoë,DC=x;nee\nown;Wij;OU=own,DC=x;ja\n")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "tenants.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tenants, faults := Tenants(path)
		if len(faults) > 0 || len(tenants) != 2 || tenants[0].Name != "Café Zoë" || tenants[0].Internal || !tenants[1].Internal {
			t.Errorf("%s: %v %v", name, tenants, faults)
		}
	}
}

// What is written into a table is written as the table is.
func TestMergeKeepsTheDialect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prices.csv")
	if err := os.WriteFile(path, []byte(dutch), 0o600); err != nil {
		t.Fatal(err)
	}
	list, _, faults := PriceFile(path, PriceFileOptions{})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	list = prices.List{{PartNumber: "6WC-00002", Currency: "EUR", Unit: list[0].Unit.Add(list[0].Unit), From: on(2026, 7, 1)}}
	data, _, faults := MergePrices(path, "", list)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	const want = "part_number;currency;unit_price;from;until;alias\r\n6WC-00002;EUR;4,10;1-1-2026;30-6-2026;\r\n9EA-00039;EUR;1.170,00;1-1-2026;;\r\n6WC-00002;EUR;8,2;1-7-2026;;\r\n"
	if string(data) != want {
		t.Errorf("got\n%s", data)
	}
}
