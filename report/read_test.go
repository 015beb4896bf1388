package report

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// make runs one workbook's function and returns its bytes.
func made(t testing.TB, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func workbooks(t testing.TB, in Input) *Workbooks {
	t.Helper()
	w, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func annexOf(t testing.TB, in Input, tenant string, opt AnnexOptions) []byte {
	t.Helper()
	return made(t, func(out io.Writer) error { return workbooks(t, in).Annex(t.Context(), out, tenant, opt) })
}

func usageOf(t testing.TB, in Input) []byte {
	t.Helper()
	return made(t, func(out io.Writer) error { return workbooks(t, in).UsageReport(t.Context(), out) })
}

func reviewOf(t testing.TB, in Input) []byte {
	t.Helper()
	return made(t, func(out io.Writer) error { return workbooks(t, in).Review(t.Context(), out) })
}

func openBook(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// cells are a sheet's raw values.
func cells(t testing.TB, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// rowOf is the first row that begins with the text.
func rowOf(t testing.TB, rows [][]string, begins string) []string {
	t.Helper()
	for _, r := range rows {
		if len(r) > 0 && r[0] == begins {
			return r
		}
	}
	t.Fatalf("no row begins with %q in %q", begins, rows)
	return nil
}

func hasText(rows [][]string, want string) bool {
	for _, r := range rows {
		for _, c := range r {
			if strings.Contains(c, want) {
				return true
			}
		}
	}
	return false
}

// prefixed are names with a prefix other than r: and xml:.
var prefixed = regexp.MustCompile(`</?[a-z0-9]+:[^>]*>|<[^>]* (?:[a-qs-wyz][a-z0-9]*|x[a-ln-z0-9][a-z0-9]*):[a-zA-Z]+="[^>]*>`)

// parts are all parts of a workbook, by name.
func parts(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	last := ""
	for _, f := range z.File {
		if f.Name <= last {
			t.Errorf("part %s does not come after %s", f.Name, last)
		}
		last = f.Name
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r) // checks the CRC as well
		if err != nil {
			t.Fatalf("part %s: %v", f.Name, err)
		}
		if strings.HasPrefix(f.Name, "xl/worksheets/sheet") {
			if m := prefixed.FindString(string(data)); m != "" {
				t.Errorf("part %s uses the name %s, which it does not declare", f.Name, m)
			}
		}
		out[f.Name] = string(data)
	}
	return out
}
