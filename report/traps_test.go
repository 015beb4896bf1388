package report

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Many annexes made one after the other, and by two workers, with the users by
// name: none holds a word of another tenant in any of its parts. A workbook that
// is used again keeps the texts of the one before.
func TestManyAnnexesLeakNothing(t *testing.T) {
	marker := regexp.MustCompile(`tenant(\d{4})|user(\d{4})\d{3}`)
	for _, workers := range []int{1, 2} {
		in := monthOfTenants(t, 12)
		in.Workers = workers
		w := write(t, t.TempDir(), in)
		if len(w.Annexes) != 12 {
			t.Fatalf("%d annexes", len(w.Annexes))
		}
		for _, path := range w.Annexes {
			own := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "tenant"), "-2026-10.xlsx")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			mine := 0
			for name, data := range parts(t, b) {
				for _, m := range marker.FindAllStringSubmatch(data, -1) {
					if m[1]+m[2] != own {
						t.Errorf("with %d workers, %s of %s holds %q", workers, name, filepath.Base(path), m[0])
					}
					mine++
				}
			}
			if mine < 100 { // its id or name, and 100 users
				t.Errorf("%s holds its own names %d times only", path, mine)
			}
		}
	}
}

// A formula stands with its number, which is a number: a text in its place is
// nothing to sum up for whoever reads the file. No number is longer than money
// or a count is: 17382.559999999998 would be.
func TestFormulasHoldNumbers(t *testing.T) {
	in := fixture(t)
	in.Config.Report.Prices = true
	cell := regexp.MustCompile(`<c ([^>]*)>(?:<f[^>]*>([^<]*)</f>)?(?:<v>([^<]*)</v>)?`)
	number := regexp.MustCompile(`^-?\d+(\.\d{1,6})?$`)
	formulas, numbers := 0, 0
	for name, b := range map[string][]byte{"usage": usageOf(t, in), "review": reviewOf(t, in), "annex": annexOf(t, in, "appel", AnnexOptions{Named: true})} {
		for part, data := range parts(t, b) {
			if !strings.Contains(part, "worksheets/sheet") {
				continue
			}
			for _, m := range cell.FindAllStringSubmatch(data, -1) {
				typed := strings.Contains(m[1], ` t="`) && !strings.Contains(m[1], ` t="n"`)
				if m[2] != "" {
					formulas++
					if typed || !number.MatchString(m[3]) {
						t.Errorf("%s, %s: the formula %s has %q for a number, as <c %s>", name, part, m[2], m[3], m[1])
					}
				}
				if !typed && m[3] != "" {
					numbers++
					if !number.MatchString(m[3]) {
						t.Errorf("%s, %s: the number %q", name, part, m[3])
					}
				}
			}
		}
	}
	if formulas < 5 || numbers < 50 {
		t.Errorf("only %d formulas and %d numbers were looked at", formulas, numbers)
	}
}

// What is set behind the end of a stream is lost without an error: so each list
// has its frozen head, its filter and its widths, the annex its chart, each sheet
// its width of a page, and each font a family.
func TestNothingIsLostBehindTheStream(t *testing.T) {
	in := fixture(t)
	for name, c := range map[string]struct {
		b               []byte
		filters, charts int // at least; the usage report is a form, which nobody filters
	}{"usage": {usageOf(t, in), 0, 0}, "review": {reviewOf(t, in), 1, 0}, "annex": {annexOf(t, in, "appel", AnnexOptions{Named: true}), 1, 1}} {
		panes, filters, charts := 0, 0, 0
		for part, data := range parts(t, c.b) {
			switch {
			case strings.HasPrefix(part, "xl/worksheets/sheet"):
				for _, must := range []string{"<cols>", "fitToWidth=", "<dimension ref="} {
					if !strings.Contains(data, must) {
						t.Errorf("%s, %s has no %s", name, part, must)
					}
				}
				panes += strings.Count(data, "<pane ")
				filters += strings.Count(data, "<autoFilter ")
			case strings.HasPrefix(part, "xl/charts/chart"):
				charts++
			case part == "xl/styles.xml":
				fonts := data[strings.Index(data, "<fonts"):strings.Index(data, "</fonts>")]
				if all, family := strings.Count(fonts, "<font>"), strings.Count(fonts, "<family "); all == 0 || family != all {
					t.Errorf("%s: %d of %d fonts have a family", name, family, all)
				}
			}
		}
		if panes == 0 || filters < c.filters || charts < c.charts {
			t.Errorf("%s: %d frozen heads, %d filters, %d charts", name, panes, filters, charts)
		}
	}
}

// A long list passes through a file of the library's, with the names of users in
// it: none is left when the workbook is written, nor when writing fails.
func TestNoNamesAreLeftInTemporaryFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	dir := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, dir)
	}
	// 80,000 persons of some 250 bytes each are beyond the 16 MiB that stay in memory.
	in := fixture(t)
	for i := range 80_000 {
		in.Statement.Persons.Add(person("appel", "rds", "Spilled Name "+strings.Repeat("x", 80), "spilled"+itoa(i)))
	}
	b := reviewOf(t, in)
	if !bytes.HasPrefix(b, []byte("PK")) {
		t.Fatal("no workbook")
	}
	if left := files(tree(t, dir)); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	if err := workbooks(t, in).Review(t.Context(), failing{}); err == nil {
		t.Error("a full disk is no error")
	}
	if left := files(tree(t, dir)); len(left) > 0 {
		t.Errorf("left behind by a failure: %q", left)
	}
}

// failing is a disk that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }
