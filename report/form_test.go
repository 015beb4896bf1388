package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"splameter/internal/config"
	"splameter/internal/statement"
)

// template is a reseller's form:
//
//	     A            B                   C          D
//	 1   SPLA usage form (merged A1:D1)
//	 2   Agreement    <here>              Month      <here, shown as a date>
//	 4   Part number  Name                Price      Quantity      E: amount
//	 5   Per user                                                  (a heading)
//	 6   6WC-00002    RDS SAL             4.19       (99, old)     =C6*D6
//	 7   OFF-STD      Office Std SAL      16.74                    =C7*D7
//	 8   7NQ-X-MSPLA  SQL Std core        119.99                   =C8*D8
//	10   Total                                       =SUM(D6:D8)   =SUM(E6:E8)
//
// and a second sheet whose A1 is ='Form 1'!E10 and A2 tells whether it is
// above 500.
func template(t testing.TB, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	check := func(errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	style := func(s *excelize.Style) int {
		id, err := f.NewStyle(s)
		check(err)
		return id
	}
	check(f.SetSheetName("Sheet1", "Form 1"))
	head := style(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"7030A0"}}})
	dated := style(&excelize.Style{NumFmt: 14})
	money, thin := "#,##0.00", []excelize.Border{{Type: "bottom", Style: 1, Color: "7030A0"}}
	price := style(&excelize.Style{CustomNumFmt: &money, Border: thin})
	quantity := style(&excelize.Style{Border: thin, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFFCC"}}})
	for cell, v := range map[string]any{
		"A1": "SPLA usage form", "A2": "Agreement", "C2": "Month", "A4": "Part number", "B4": "Name", "C4": "Price", "D4": "Quantity", "E4": "Amount",
		"A5": "Per user", "A6": "6WC-00002", "B6": "RDS SAL", "C6": 4.19, "D6": 99, "A7": "OFF-STD", "B7": "Office Std SAL", "C7": 16.74,
		"A8": "7NQ-X-MSPLA", "B8": "SQL Std core", "C8": 119.99, "A10": "Total",
	} {
		check(f.SetCellValue("Form 1", cell, v))
	}
	for cell, formula := range map[string]string{"E6": "C6*D6", "E7": "C7*D7", "E8": "C8*D8", "D10": "SUM(D6:D8)", "E10": "SUM(E6:E8)"} {
		check(f.SetCellFormula("Form 1", cell, formula), f.SetCellStyle("Form 1", cell, cell, price))
	}
	check(f.MergeCell("Form 1", "A1", "E1"), f.SetCellStyle("Form 1", "A1", "E1", head), f.SetCellStyle("Form 1", "A4", "E4", head),
		f.SetCellStyle("Form 1", "D2", "D2", dated), f.SetCellStyle("Form 1", "D6", "D8", quantity), f.SetCellStyle("Form 1", "C6", "C8", price),
		f.SetColWidth("Form 1", "A", "A", 23), f.SetColWidth("Form 1", "B", "B", 41), f.SetRowHeight("Form 1", 1, 33))
	_, err := f.NewSheet("Check")
	check(err, f.SetCellFormula("Check", "A1", "'Form 1'!E10"), f.SetCellFormula("Check", "A2", `IF(A1>500,"above","below")`), f.SetCellStr("Check", "B9", "left alone"))
	dv := excelize.NewDataValidation(true)
	dv.SetSqref("D6:D8")
	check(dv.SetRange(0, 100000, excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween), f.AddDataValidation("Form 1", dv))
	if change != nil {
		change(f)
	}
	var b bytes.Buffer
	check(f.Write(&b))
	return b.Bytes()
}

// formInput is the fixture, approved, with the form above. SQL has the part
// number 7NQ-X and the reseller's article 7NQ-X-MSPLA.
func formInput(t testing.TB, change func(*excelize.File)) Input {
	in := fixture(t)
	in.Statement.State = statement.Approved
	in.Statement.Lines[2].PartNumber = "7NQ-X"
	in.Statement.Products[2].Alias = "7NQ-X-MSPLA"
	in.Config.Report.Columns = config.Columns{
		Template: "form.xlsx",
		Cells:    map[string]string{"agreement": "B2", "last_day": "D2"},
		Rows:     config.FormRows{Match: "listed", First: 5, PartNumber: "A", Quantity: "D"},
	}
	in.Templates = map[string][]byte{config.MainAgreement: template(t, change)}
	return in
}

func formOf(t testing.TB, in Input) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := workbooks(t, in).forms()[0].workbook(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// rds 7, office 0, sql 4. 7 x 4.19 = 29.33; 4 x 119.99 = 479.96; together
// 509.29, which is above 500. 31 October 2026 is 46326 as spreadsheets count.
func TestFormIsFilled(t *testing.T) {
	in := formInput(t, nil)
	b := formOf(t, in)
	f := openBook(t, b)
	for cell, want := range map[string]string{
		"A1": "SPLA usage form", "B2": "S1234567", "D2": "46326", "A5": "Per user", "D5": "", "D6": "7", "D7": "0", "D8": "4", "B8": "SQL Std core",
		"E6": "29.33", "E7": "0", "E8": "479.96", "D10": "11", "E10": "509.29",
	} {
		if got, err := f.GetCellValue("Form 1", cell, excelize.Options{RawCellValue: true}); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", cell, got, want, err)
		}
	}
	for cell, want := range map[string]string{"A1": "509.29", "A2": "above", "B9": "left alone"} {
		if got, _ := f.GetCellValue("Check", cell, excelize.Options{RawCellValue: true}); got != want {
			t.Errorf("Check!%s is %q, want %q", cell, got, want)
		}
	}
	// Their look and their formulas are as they were.
	was := openBook(t, in.Templates[config.MainAgreement])
	for _, cell := range []string{"A1", "B2", "D2", "A4", "D6", "D7", "D8", "C6", "E10"} {
		a, _ := was.GetCellStyle("Form 1", cell)
		b, _ := f.GetCellStyle("Form 1", cell)
		x, err := was.GetStyle(a)
		y, err2 := f.GetStyle(b)
		if err != nil || err2 != nil || cmp.Diff(x, y) != "" {
			t.Errorf("%s looks otherwise: %s", cell, cmp.Diff(x, y))
		}
		p, _ := was.GetCellFormula("Form 1", cell)
		if q, _ := f.GetCellFormula("Form 1", cell); p != q {
			t.Errorf("%s held %q and holds %q", cell, p, q)
		}
	}
	merged, _ := f.GetMergeCells("Form 1")
	valid, _ := f.GetDataValidations("Form 1")
	wide, _ := f.GetColWidth("Form 1", "B")
	high, _ := f.GetRowHeight("Form 1", 1)
	if len(merged) != 1 || merged[0].GetEndAxis() != "E1" || len(valid) != 1 || wide != 41 || high != 33 {
		t.Errorf("merged %v, valid %v, width %v, height %v", merged, valid, wide, high)
	}
	if diff := cmp.Diff([]string{"Form 1", "Check"}, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	if !bytes.Equal(b, formOf(t, in)) {
		t.Error("the same month gives other bytes")
	}
	for name, data := range parts(t, b) {
		for _, word := range []string{"Appel", "Boom", "Citro", "avries", anna, "987654"} {
			if strings.Contains(data, word) {
				t.Errorf("%s names %q", name, word)
			}
		}
	}
}

// What is not approved says so on a sheet of its own, on which the file opens.
func TestFormOfADraftSaysSo(t *testing.T) {
	in := formInput(t, nil)
	in.Statement.State = statement.Draft
	f := openBook(t, formOf(t, in))
	list := f.GetSheetList()
	if last := list[len(list)-1]; last != draftUsage || f.GetActiveSheetIndex() != 2 {
		t.Errorf("sheets %q, open at %d", list, f.GetActiveSheetIndex())
	}
	if v, _ := f.GetCellValue("Form 1", "D6"); v != "7" {
		t.Errorf("D6 is %q", v)
	}
}

func TestFormRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*excelize.File)
		input  func(*Input)
		want   string
	}{
		{"a part number that the form lacks", nil, func(in *Input) {
			in.Statement.Lines[2].PartNumber = "7NQ-Y"
			in.Statement.Products[2].Alias = "7NQ-Y-M"
		},
			"lists no 7NQ-Y / 7NQ-Y-M (SQL Server Standard (2 cores), 4)"},
		{"no part number", nil, func(in *Input) { in.Statement.Lines[2].PartNumber = "" }, "these products have none: sql (4)"},
		{"listed twice", func(f *excelize.File) { _ = f.SetCellStr("Form 1", "A9", " 6wc-00002 ") }, nil, "lists 6WC-00002 twice, in rows 6 and 9"},
		{"listed as both", func(f *excelize.File) { _ = f.SetCellStr("Form 1", "A9", "7NQ-X") }, nil, "as part number and as article, in rows 8 and 9"},
		{"formula in the way", func(f *excelize.File) { _ = f.SetCellFormula("Form 1", "D7", "1+1") }, nil, "D7 of the reseller's form holds a formula"},
		{"merged away", func(f *excelize.File) { _ = f.MergeCell("Form 1", "C7", "D7") }, nil, "D7 of the reseller's form lies beneath"},
		{"no sheet", nil, func(in *Input) { in.Config.Report.Columns.Sheet = "Form 2" }, `no sheet "Form 2"`},
		{"no workbook", nil, func(in *Input) { in.Templates[config.MainAgreement] = []byte("PK") }, "open the reseller's form"},
		{"lines end before", nil, func(in *Input) { in.Config.Report.Columns.Rows.Last = 7 }, "lists no 7NQ-X"},
		{"no room", nil, func(in *Input) {
			in.Config.Report.Columns.Rows = config.FormRows{Match: "append", First: 12, Last: 12, PartNumber: "A", Quantity: "D"}
		}, "has room for 1 lines, from row 12 to 12, and the month has 2"},
		{"not empty", nil, func(in *Input) {
			in.Config.Report.Columns.Rows = config.FormRows{Match: "append", First: 9, PartNumber: "A", Quantity: "D"}
		}, "A10 of the reseller's form is not empty"},
	} {
		in := formInput(t, c.change)
		if c.input != nil {
			c.input(&in)
		}
		var b bytes.Buffer
		if err := workbooks(t, in).forms()[0].workbook(t.Context(), &b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestFormIsAppendedTo(t *testing.T) {
	in := formInput(t, func(f *excelize.File) {
		style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Italic: true}})
		if err == nil {
			err = f.SetCellStyle("Form 1", "D12", "D12", style)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	in.Config.Report.Columns.Rows = config.FormRows{Match: "append", First: 12, PartNumber: "A", Article: "B", Product: "C", Quantity: "D", Amount: "E", Currency: "f"}
	f := openBook(t, formOf(t, in))
	rows, err := f.GetRows("Form 1", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"6WC-00002", "6WC-00002", "Remote Desktop Services SAL", "7", "100", "EUR"},
		{"7NQ-X", "7NQ-X-MSPLA", "SQL Server Standard (2 cores)", "4", "683.94", "EUR"},
	}
	if diff := cmp.Diff(want, rows[11:]); diff != "" {
		t.Error(diff)
	}
	a, _ := f.GetCellStyle("Form 1", "D12")
	if b, _ := f.GetCellStyle("Form 1", "D13"); a != b || a == 0 {
		t.Errorf("the second line looks otherwise than the first: %d, %d", a, b)
	}
	if v, _ := f.GetCellValue("Form 1", "D6"); v != "99" {
		t.Errorf("D6 became %q", v)
	}
}

func TestFormAsCSV(t *testing.T) {
	in := formInput(t, nil)
	in.Statement.Products[0].Name["en"] = "=cmd; \"RDS\""
	in.Config.Report.Columns.CSV = config.FormCSV{Delimiter: ";", Decimal: ",", BOM: true, Columns: []config.CSVColumn{
		{Heading: "Maand", Value: "month"}, {Heading: "Artikel", Value: "article"}, {Heading: "Naam", Value: "product"}, {Heading: "Aantal", Value: "quantity"}, {Heading: "Bedrag", Value: "amount"}}}
	var b bytes.Buffer
	if err := workbooks(t, in).forms()[0].csv(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	want := "\uFEFFMaand;Artikel;Naam;Aantal;Bedrag\r\n2026-10;6WC-00002;\"'=cmd; \"\"RDS\"\"\";7;100\r\n2026-10;7NQ-X-MSPLA;SQL Server Standard (2 cores);4;683,94\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	in.Statement.State, in.Config.Report.Columns.CSV.BOM = statement.Open, false
	b.Reset()
	if err := workbooks(t, in).forms()[0].csv(t.Context(), &b); err != nil || !strings.HasPrefix(b.String(), "DRAFT – DO NOT SUBMIT\r\n") {
		t.Errorf("%v: %q", err, b.String())
	}
}

// The form is among the month's files; one of an earlier run does not outlive
// a month that no longer fits it.
func TestFormIsWritten(t *testing.T) {
	dir := t.TempDir()
	in := formInput(t, nil)
	in.Config.Report.Columns.CSV = config.FormCSV{Delimiter: ",", Decimal: ".", Columns: []config.CSVColumn{{Value: "part_number"}, {Value: "quantity"}}}
	out, err := Write(t.Context(), dir, in)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Join(dir, "reseller-2026-10.csv"), filepath.Join(dir, "reseller-2026-10.xlsx")}
	if diff := cmp.Diff(want, out.Forms); diff != "" || !slices.Contains(out.Paths(), want[1]) {
		t.Error(diff, out.Paths())
	}
	if b, err := os.ReadFile(want[0]); err != nil || string(b) != "6WC-00002,7\r\n7NQ-X,4\r\n" {
		t.Errorf("%q, %v", b, err)
	}
	in.Statement.Lines = append(in.Statement.Lines, statement.Line{Product: "office", PartNumber: "NEW-1", Quantity: 1})
	if _, err := Write(t.Context(), dir, in); err == nil || !strings.Contains(err.Error(), "lists no NEW-1") {
		t.Fatal(err)
	}
	if _, err := os.Stat(want[1]); err == nil {
		t.Error("the form of the earlier run still stands there")
	}
	for _, name := range []string{"review-2026-10.xlsx", "statement-2026-10.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

// LibreOffice shows the filled form, computes the same, and keeps its looks.
func TestLibreOfficeShowsTheForm(t *testing.T) {
	if testing.Short() {
		t.Skip("starting LibreOffice takes seconds")
	}
	dir := t.TempDir()
	if keep := os.Getenv("SPLAMETER_KEEP"); keep != "" {
		dir = keep
	}
	if err := os.WriteFile(filepath.Join(dir, "form.xlsx"), formOf(t, formInput(t, nil)), 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, dir, sheetsToCSV, "form.xlsx")
	form, check := csvRows(t, filepath.Join(dir, "form-Form 1.csv")), csvRows(t, filepath.Join(dir, "form-Check.csv"))
	if got := fmt.Sprint(form[5][3], form[5][4], form[9][3], form[9][4]); got != "7 29.33 11 509.29" && got != fmt.Sprint("7", "29.33", "11", "509.29") {
		t.Errorf("LibreOffice shows %q", got)
	}
	if check[0][0] != "509.29" || check[1][0] != "above" {
		t.Errorf("LibreOffice computes %q", check)
	}
}

func FuzzForm(f *testing.F) {
	f.Add(template(f, nil))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := formInput(t, nil)
		in.Templates[config.MainAgreement] = b
		w, err := New(in)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := w.forms()[0].workbook(t.Context(), &out); err == nil {
			if _, err := openTemplate(out.Bytes()); err != nil {
				t.Errorf("what was filled in cannot be opened: %v", err)
			}
		}
	})
}
