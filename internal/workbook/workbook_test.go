package workbook

import (
	"archive/zip"
	"bytes"
	"io"
	"runtime"
	"strings"
	"testing"
)

// parts packs parts, each of a text repeated so many times.
func parts(t testing.TB, list map[string]string, times int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range list {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		block := []byte(strings.Repeat(text, 1024))
		for range times / 1024 {
			if _, err := w.Write(block); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCheck(t *testing.T) {
	small := Limits{Bytes: 1 << 20, Marks: 4096}
	streamed := small
	streamed.Streamed = true
	damaged := parts(t, map[string]string{"xl/workbook.xml": "<a/>"}, 2048)
	at := bytes.Index(damaged, []byte("xl/workbook.xml")) + len("xl/workbook.xml")
	damaged[at] ^= 0xff // the first block of its compression
	for _, c := range []struct {
		name string
		b    []byte
		most Limits
		want string // empty: nothing is wrong
	}{
		// 2,048 times <a> is 2,048 marks, 4,096 is just what may be.
		{"small", parts(t, map[string]string{"xl/workbook.xml": "<a>"}, 2048), small, ""},
		{"at the limit", parts(t, map[string]string{"xl/workbook.xml": "<a>"}, 4096), small, ""},
		{"one block beyond it", parts(t, map[string]string{"xl/sharedStrings.xml": "<a>"}, 5120), small, `more than 4096 elements, most of them in its part "xl/sharedStrings.xml"`},
		{"two parts together", parts(t, map[string]string{"xl/a.xml": "<a>", "xl/b.xml": "<a>"}, 3072), small, "more than 4096 elements"},
		{"a sheet that is held", parts(t, map[string]string{"xl/worksheets/sheet1.xml": "<c/>"}, 8192), small, "more than 4096 elements"},
		{"a sheet that is streamed", parts(t, map[string]string{"xl/worksheets/sheet1.xml": "<c/>"}, 8192), streamed, ""},
		// 2,048 times 1,024 blanks are 2 MiB.
		{"bytes", parts(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat(" ", 1024)}, 2048), streamed, "unfolds to more than 1 MiB"},
		{"no zip", []byte("PK\x03\x04nothing"), small, "it is no workbook"},
		{"damaged", damaged, small, `its part "xl/workbook.xml" is damaged`},
	} {
		err := Check(c.b, c.most)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

// 64 MiB of blanks stand in some kilobytes of a file: they are refused at the
// limit, in the memory of a buffer.
func TestBomb(t *testing.T) {
	b := parts(t, map[string]string{"xl/worksheets/sheet1.xml": strings.Repeat(" ", 1024)}, 64<<10)
	if len(b) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(b))
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := Check(b, Limits{Bytes: 32 << 20, Marks: 1})
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "unfolds to more than 32 MiB") {
		t.Error(err)
	}
	if more := after.TotalAlloc - before.TotalAlloc; more > 4<<20 {
		t.Errorf("%d KiB were taken", more>>10)
	}
}

// A form's sheet is filled up by the library to the last cell of each row and
// to the last row: 1,000 rows with one cell in the last column, 16,384, would
// become 16,384,000 cells.
func TestWideForm(t *testing.T) {
	sheet := func(cells string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "<worksheet><sheetData>"+cells+"</sheetData></worksheet>"); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	row := `<x:row><x:c r="XFD1"/></x:row>`
	for _, c := range []struct {
		name, cells string
		most        Limits
		want        string
	}{
		{"a form", `<row r="1"><c r="A1"/><c r="XFD1"/></row><row r="1048576"/>`, Form(), ""},
		{"100 wide rows", strings.Repeat(row, 100), Form(), ""},
		{"1,000 wide rows", strings.Repeat(row, 1000), Form(), `rows of its part "xl/worksheets/sheet1.xml" reach so far to the right that they make more than 2097152 cells`},
		{"1,000 wide rows, row by row", strings.Repeat(row, 1000), List(), ""},
		{"a cell of no place", `<row><c r="%%"/></row>`, Form(), ""}, // the library refuses it
		{"broken", `<row><c r="A1></row>`, Form(), `its part "xl/worksheets/sheet1.xml" is damaged`},
	} {
		err := Check(sheet(c.cells), c.most)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(parts(f, map[string]string{"xl/workbook.xml": "<a/>"}, 2048))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		// What passes can be read whole within the limit.
		most := Limits{Bytes: 1 << 16, Marks: 1 << 10}
		if Check(b, most) != nil {
			return
		}
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var size int64
		for _, p := range z.File {
			if strings.HasSuffix(p.Name, "/") {
				continue
			}
			r, err := p.Open()
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, r)
			if err != nil {
				t.Fatal(err)
			}
			size += n
		}
		if size > most.Bytes {
			t.Errorf("%d bytes passed", size)
		}
	})
}
