package tables

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// forged is a workbook of one sheet, written by hand: rows stand beneath the
// header of a price list in row 1, strings in the table of shared texts.
func forged(t *testing.T, before, rows, strs string) string {
	t.Helper()
	const ns = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	cell := func(at, text string) string {
		return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, at, text)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + ns + ` xmlns:r="` + office + `"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		{"xl/sharedStrings.xml", `<sst ` + ns + `>` + strs + `</sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + ns + `>` + before + `<sheetData><row r="1">` + cell("A1", "sku") + cell("B1", "price") + `</row>` + rows + `</sheetData></worksheet>`},
	} {
		w, err := z.Create(p[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(p[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A reseller's workbook may claim any size, and unfold to it: what is read is
// bounded, and what is refused is said with the place.
func TestHostileWorkbook(t *testing.T) {
	const good = `<row r="2"><c r="A2" t="inlineStr"><is><t>6WC-00002</t></is></c><c r="B2"><v>3.5</v></c></row>`
	wide := func(rows int) string {
		var b strings.Builder
		for i := range rows {
			fmt.Fprintf(&b, `<row r="%d"><c r="XFD%d"><v>1</v></c></row>`, i+3, i+3)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, before, rows, strs string
		want                     string // the fault; empty: one price is read
	}{
		{"a dimension of the whole sheet", `<dimension ref="A1:XFD1048576"/>`, good, "", ""},
		// 100 rows with one cell in column 16,384 are 1,638,400 cells; of each row 200 are kept.
		{"some cells far to the right", "", good + wide(100), "", ""},
		// 40,000,000 cells are 2,441.4 such rows: row 2 has 2, rows 3 and on
		// 16,384 each, so that the 2,442nd of them, row 2,444, is too much.
		{"cells far to the right", "", good + wide(3000), "", ":2444: the sheet has more than 40000000 cells up to here"},
		{"a last row", "", `<row r="1048576"><c r="A1048576"><v>1</v></c></row>`, "", ":200001: the sheet has more than 200000 rows"},
		{"a row beyond the last", "", `<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>`, "", "the workbook cannot be read"},
		{"a column beyond the last", "", `<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>`, "", "the workbook cannot be read"},
		{"rows without end", "", strings.Repeat("<row/>", 300_000), "", ":200001: the sheet has more than 200000 rows"},
		{"three million shared texts", "", good, strings.Repeat("<si/>", 3_000_000), "it holds more than 2097152 elements"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := forged(t, c.before, c.rows, c.strs)
			c.rows, c.strs = "", ""
			runtime.GC()
			before := inUse()
			list, _, faults := PriceFile(path, PriceFileOptions{Currency: "EUR", From: on(2027, 1, 1)})
			if c.want != "" {
				if err := faults.Err(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) || len(list) != 0 {
					t.Errorf("got %v, want %q", err, c.want)
				}
			} else if len(faults) > 0 || told(list) != "6WC-00002,EUR,3.5,,2027-01-01," {
				t.Errorf("%v, %s", faults, told(list))
			}
			if more := inUse() - before; more > 256<<20 {
				t.Errorf("%d MiB were taken", more>>20)
			}
		})
	}
}

// inUse is what the program holds of the system; it grows by what a reading
// needs at most, unless an earlier one left room for it.
func inUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
