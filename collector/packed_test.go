package collector

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/xuri/excelize/v2"

	"splameter/collector/forms"
)

func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "testdata", "forms", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Logs in an archive are read as though they lay beside each other.
func TestArchives(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"get-winevent.csv", "wazuh.ndjson", "RDSH-A01-event-viewer.csv"}
	var zipped, tarred bytes.Buffer
	z := zip.NewWriter(&zipped)
	g := gzip.NewWriter(&tarred)
	tw := tar.NewWriter(g)
	want := ""
	for _, n := range names {
		text := sample(t, n)
		w, err := z.Create("logs/" + n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
		if err := tw.WriteHeader(&tar.Header{Name: "logs/" + n, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write(text); err != nil {
			t.Fatal(err)
		}
		want += string(sample(t, n+".want"))
	}
	for _, c := range []interface{ Close() error }{z, tw, g} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	f := forms.ByID("get-winevent")
	for name, data := range map[string][]byte{"logs.zip": zipped.Bytes(), "logs.tar.gz": tarred.Bytes()} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readSample(t.Context(), f, path, data, zone); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if found, err := Identify(path); err != nil || found.Form != f {
			t.Errorf("%s: %v %v", name, found.Form, err)
		}
		// Cut off, it says so, and invents nothing.
		if err := os.WriteFile(path, data[:len(data)*2/3], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readSample(t.Context(), f, path, nil, zone); !strings.Contains(got, "error:") && !strings.Contains(got, "damage:") {
			t.Errorf("%s, cut off: got\n%s", name, got)
		}
	}
}

// A table in a workbook is the same table, whatever stands above its header
// and on other sheets.
func TestWorkbooks(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"rvtools-vinfo", "rvtools-vhost", "hyper-v-get-vm", "configmgr", "lansweeper", "map-toolkit", "get-winevent"} { // of programs, machines and logs
		f := forms.ByID(id)
		text := sample(t, f.Sample)
		text = bytes.TrimPrefix(text, []byte("#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"))
		r := csv.NewReader(bytes.NewReader(text))
		if id == "lansweeper" || id == "get-winevent" {
			r.Comma = ';'
		}
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		book := excelize.NewFile()
		if err := book.SetCellValue("Sheet1", "A1", "Made on 2026-10-30"); err != nil {
			t.Fatal(err)
		}
		if _, err := book.NewSheet("List"); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+3)
			if err != nil {
				t.Fatal(err)
			}
			if err := book.SetSheetRow("List", cell, &row); err != nil {
				t.Fatal(err)
			}
		}
		data, err := book.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), f.Sample)
		if err := os.WriteFile(path, data.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, want := readSample(t.Context(), f, path, data.Bytes(), zone), string(sample(t, f.Sample+".want")); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

// An archive with a log and something else, or a log whose dates nothing proves,
// gives no event at all.
func TestArchiveIsReadWholeOrNot(t *testing.T) {
	const row = "TimeCreated,Computer,Channel,EventID,User,Address\n%s,RDSH-A01,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,21,MOLEN\\a,10.30.1.10\n"
	for second, want := range map[string]string{
		"host,name,version\nRDSH-A01,X,1\n":    "it is an inventory",
		"dear reader\n":                        "text in no known form",
		fmt.Sprintf(row, "5-10-2026 08:11:08"): "nothing proves whether the day or the month stands first",
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, m := range []struct{ name, text string }{{"a.csv", fmt.Sprintf(row, "2026-10-05T06:11:08Z")}, {"b.csv", second}} {
			w, err := z.Create(m.name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, m.text); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "logs.zip")
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		got := readSample(t.Context(), forms.ByID("event-table"), path, nil, time.UTC)
		if !strings.HasPrefix(got, "error: read b.csv in logs.zip: ") || !strings.Contains(got, want) || strings.Count(got, "\n") > 1 {
			t.Errorf("%q: got %s", second, got)
		}
	}
}
