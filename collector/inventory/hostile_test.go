package inventory

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"splameter/internal/snapshot"
)

// endless is a text with a filler repeated in its middle; no more of it exists
// than is being read.
func endless(head, fill, tail string, times int64) io.Reader {
	return io.MultiReader(strings.NewReader(head), &repeat{fill: fill, left: times * int64(len(fill))}, strings.NewReader(tail))
}

type repeat struct {
	fill string
	left int64
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := 0
	for n < len(p) && r.left > 0 {
		c := copy(p[n:min(int64(len(p)), int64(n)+r.left)], r.fill[r.at:])
		n, r.left, r.at = n+c, r.left-int64(c), (r.at+c)%len(r.fill)
	}
	return n, nil
}

// What stands beside a value without end is read, the value is told with its
// line, and takes no memory. Each filler makes 128 MiB or more.
func TestValuesWithoutEnd(t *testing.T) {
	const reg = "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\A]\r\n\"DisplayName\"=\"Before\"\r\n"
	const behind = "\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\B]\r\n\"DisplayName\"=\"Behind\"\r\n"
	block := strings.Repeat("b", 1<<16)
	for _, c := range []struct {
		name, file string
		text       io.Reader
		what       string
		line       int
	}{
		{"CSV, a line", "software-2026-10-02.csv", endless("host,name\nH1,Before\nH1,", block, "\nH1,Behind\n", 2048), "line longer than 1024 KiB: left out", 3},
		{"CSV, an open quote", "software-2026-10-02.csv", endless("host,name\nH1,Before\nH1,\"", block, "\nH1,Behind\n", 2048), "line longer than 1024 KiB: left out", 3},
		{"reg, a text", "H1-2026-10-02.reg", endless(reg+"\"DisplayVersion\"=\"", block, "\"\r\n"+behind, 2048), "line longer than 1024 KiB: left out", 5},
		{"reg, bytes over many lines", "H1-2026-10-02.reg", endless(reg+"\"DisplayVersion\"=hex(2):", "61,00,\\\r\n  ", "00,00\r\n"+behind, 1<<20), `value "DisplayVersion" under key "A" is longer than 64 KiB`, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			v, err := ReadSoftware(t.Context(), c.text, c.file, Options{Loc: time.UTC, Host: "H1"})
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, h := range v.Software {
				for _, a := range h.Installs {
					names = append(names, a.Name)
				}
			}
			if got := strings.Join(names, ","); got != "Before,Behind" && got != "Behind,Before" {
				t.Errorf("read %q", got)
			}
			told := false
			for _, n := range v.Notes {
				told = told || strings.Contains(n.Message, c.what) && n.At.Line == c.line && n.At.File == c.file
			}
			if !told || v.Status != snapshot.Partial {
				t.Errorf("status %s, told %+v; want %q on line %d", v.Status, v.Notes, c.what, c.line)
			}
			if more := int64(after.Sys) - int64(before.Sys); more > 48<<20 {
				t.Errorf("%d MiB were taken", more>>20)
			}
		})
	}
}

// A JSON file is held once, plain or compressed, however large it is. 192 MiB
// are a program and its blanks, so that nothing but the text takes memory.
func TestJSONIsHeldOnce(t *testing.T) {
	const blanks = 192 << 20
	text := func() io.Reader {
		return endless(`[{"host":"H1","name":"Before"},`, strings.Repeat(" ", 1<<16), `{"host":"H1","name":"Behind"}]`, blanks>>16)
	}
	for _, name := range []string{"software-2026-10-02.json", "software-2026-10-02.json.gz"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			w := io.WriteCloser(f)
			if strings.HasSuffix(name, ".gz") {
				w, _ = gzip.NewWriterLevel(f, gzip.BestSpeed)
			}
			if _, err := io.Copy(w, text()); err != nil {
				t.Fatal(err)
			}
			if w != f {
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			v, err := ReadSoftware(t.Context(), f, path, Options{Loc: time.UTC})
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if len(v.Software) != 1 || len(v.Software[0].Installs) != 2 || v.Status != snapshot.Complete {
				t.Errorf("read %+v, %s", v.Software, v.Status)
			}
			// 256 MiB, the most a file may hold, and the 64 up to where doubling goes.
			if more := after.TotalAlloc - before.TotalAlloc; more > 336<<20 {
				t.Errorf("%d MiB were allocated for %d", more>>20, blanks>>20)
			}
		})
	}
}

// A text in Windows-1252 is UTF-8 afterwards, each character with its own
// length: ë takes two bytes, the euro sign three.
func TestFromPage(t *testing.T) {
	if got := string(fromPage([]byte("Zo\xeb \x80 1"), charmap.Windows1252)); got != "Zoë € 1" {
		t.Errorf("got %q", got)
	}
}

// Objects without any field that is known are no host without programs; an
// empty list is one, and so is a host's own.
func TestForeignJSON(t *testing.T) {
	for _, c := range []struct {
		text  string
		hosts int // -1: refused
	}{
		{`[{"titulo":"Office Standard 2021"}]`, -1},
		{`{"a":1}`, -1},
		{`[]`, 1},
		{`{"host":"H2","software":[]}`, 1},
		{`[{"titulo":"x"},{"name":"Office Standard 2021"}]`, 1},
	} {
		v, err := ReadSoftware(t.Context(), strings.NewReader(c.text), "H1-2026-10-02.json", Options{Loc: time.UTC, Host: "H1"})
		got := -1
		if err == nil {
			got = len(v.Software)
		}
		if got != c.hosts || err != nil && !strings.Contains(err.Error(), "none of its objects") {
			t.Errorf("%s: %d hosts, want %d (%v)", c.text, got, c.hosts, err)
		}
	}
}
