package report

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// office runs LibreOffice on files in dir; the test is skipped where there is
// none.
func office(t *testing.T, dir, to string, names ...string) {
	t.Helper()
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: the workbooks are read back by excelize only")
	}
	args := append([]string{"-env:UserInstallation=file://" + filepath.ToSlash(filepath.Join(dir, "profile")), "--headless", "--convert-to", to, "--outdir", dir}, names...)
	cmd := exec.CommandContext(t.Context(), soffice, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
}

// sheetsToCSV writes every sheet's values.
const sheetsToCSV = `csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1`

func csvRows(t *testing.T, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// LibreOffice shows the figures as the language writes them.
func TestLibreOfficeShowsTheAnnex(t *testing.T) {
	if testing.Short() {
		t.Skip("starting LibreOffice takes seconds")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "annex.xlsx"), annexOf(t, fixture(t), "appel", AnnexOptions{}), 0o600); err != nil {
		t.Fatal(err)
	}
	office(t, dir, "html", "annex.xlsx") // as it is shown
	page, err := os.ReadFile(filepath.Join(dir, "annex.html"))
	if err != nil {
		t.Fatal(err)
	}
	shown := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(string(page), " "))), " ")
	for _, want := range []string{
		"Extern bureaublad (RDS SAL) per gebruiker 3 1 1 3 1 € 6,25 € 18,75",
		"SQL Server Standard (2 cores) per pakket van 2 cores 0 4 0 4 0 € 171,005 € 684,02",
		"Totaal exclusief btw € 702,77",
		"Office Standard SAL Eigen licentie (Flexible Virtualization Benefit) MCA 4711 31-12-2026 onbeperkt 0",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("LibreOffice does not show %q in\n%s", want, shown)
		}
	}
	office(t, dir, "pdf", "annex.xlsx")
	if info, err := os.Stat(filepath.Join(dir, "annex.pdf")); err != nil || info.Size() < 1000 {
		t.Error("no PDF came of it", err)
	}
}

var (
	tag         = regexp.MustCompile(`<[^>]*>`)
	formulaCell = regexp.MustCompile(`(<c r="([A-Z]+)([0-9]+)"[^>]*><f>[^<]*</f>)<v>([^<]*)</v>`)
	sheetPart   = regexp.MustCompile(`^xl/worksheets/sheet([0-9]+)\.xml$`)
)

// Every formula's value in the file is what LibreOffice makes of the formula
// when the file holds no value.
func TestLibreOfficeAgreesWithCachedValues(t *testing.T) {
	if testing.Short() {
		t.Skip("starting LibreOffice takes seconds")
	}
	dir := t.TempDir()
	in := fixture(t)
	in.Config.Report.Prices = true
	books := map[string][]byte{"usage": usageOf(t, in), "review": reviewOf(t, in), "annex": annexOf(t, in, "appel", AnnexOptions{})}
	type place struct {
		book       string
		sheet      int
		column     string
		row        int
		cached     float64
		spelledOut string
	}
	var all []place
	var names []string
	for name, b := range books {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if m := sheetPart.FindStringSubmatch(f.Name); m != nil {
				for _, c := range formulaCell.FindAllSubmatch(data, -1) {
					v, err := strconv.ParseFloat(string(c[4]), 64)
					if err != nil {
						t.Errorf("%s %s: the value %q is no number", name, c[2], c[4])
					}
					row, _ := strconv.Atoi(string(c[3]))
					sheet, _ := strconv.Atoi(m[1])
					all = append(all, place{name, sheet, string(c[2]), row, v, string(c[1])})
				}
				data = formulaCell.ReplaceAll(data, []byte("$1"))
			}
			p, err := w.Create(f.Name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Write(data); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".xlsx"), out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name+".xlsx")
	}
	if len(all) < 15 {
		t.Fatalf("only %d formulas found: the test looks in the wrong place", len(all))
	}
	office(t, dir, "ods", names...) // computes what has no value
	for name := range books {
		if err := os.Rename(filepath.Join(dir, name+".ods"), filepath.Join(dir, name+"-c.ods")); err != nil {
			t.Fatal(err)
		}
	}
	for name := range books {
		office(t, dir, sheetsToCSV, name+"-c.ods")
	}
	for _, p := range all {
		sheet := openBook(t, books[p.book]).GetSheetList()[p.sheet-1]
		rows := csvRows(t, filepath.Join(dir, fmt.Sprintf("%s-c-%s.csv", p.book, sheet)))
		col := 0
		for _, c := range p.column {
			col = col*26 + int(c-'A') + 1
		}
		got, err := strconv.ParseFloat(strings.ReplaceAll(rows[p.row-1][col-1], ",", "."), 64)
		if err != nil || math.Abs(got-p.cached) > 1e-9 {
			t.Errorf("%s, %s!%s%d: LibreOffice computes %q, the file says %v (%s)", p.book, sheet, p.column, p.row, rows[p.row-1][col-1], p.cached, p.spelledOut)
		}
	}
}
