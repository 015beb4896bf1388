package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"splameter/internal/atomicfile"
)

// names lists what stands in a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func content(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Errorf("%s holds %q, %v; want %q", filepath.Base(path), b, err, want)
	}
}

func mode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != want {
		t.Errorf("%s has mode %v, %v; want %v", filepath.Base(path), info.Mode(), err, want)
	}
}

// A file appears with its folder, its mode and nothing beside it; a failure
// leaves the earlier one.
func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "report.csv")
	if err := atomicfile.WriteBytes(path, atomicfile.Normal, []byte("first")); err != nil {
		t.Fatal(err)
	}
	content(t, path, "first")
	mode(t, path, 0o640)
	failed := errors.New("the disk is full")
	err := atomicfile.Write(path, atomicfile.Normal, func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return failed
	})
	if !errors.Is(err, failed) {
		t.Errorf("the failure became %v", err)
	}
	content(t, path, "first")
	if got := names(t, filepath.Dir(path)); got != "report.csv" {
		t.Errorf("the folder holds %s", got)
	}
}

// Keep takes the mode of the file that is there; a link leads to its file.
func TestWriteKeeps(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "prices.csv"), filepath.Join(dir, "link.csv")
	if err := os.WriteFile(path, []byte("old"), 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("prices.csv", link); err != nil {
		t.Skip("this system makes no links:", err)
	}
	if err := atomicfile.WriteBytes(link, atomicfile.Keep, []byte("new")); err != nil {
		t.Fatal(err)
	}
	content(t, path, "new")
	mode(t, path, 0o604)
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is a file now: %v, %v", info.Mode(), err)
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, "other.csv"), atomicfile.Keep, nil); err != nil {
		t.Fatal(err)
	}
	mode(t, filepath.Join(dir, "other.csv"), 0o640)
}

// What a killed run left goes with the next run: of one file when it is old
// enough that nobody writes it any more, of an owned folder at once.
func TestLeftOvers(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-2 * time.Hour)
	for _, n := range []string{".splameter-a.csv-123.tmp", ".splameter-a.csv-456.tmp", ".splameter-a.csv-x.csv-7.tmp", ".splameter-agent.json"} {
		if err := os.WriteFile(filepath.Join(dir, n), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if n != ".splameter-a.csv-456.tmp" {
			if err := os.Chtimes(filepath.Join(dir, n), old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, "a.csv"), atomicfile.Private, nil); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), ".splameter-a.csv-456.tmp .splameter-a.csv-x.csv-7.tmp .splameter-agent.json a.csv"; got != want {
		t.Errorf("after one file: %s, want %s", got, want)
	}
	f, err := atomicfile.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Write("b.csv", atomicfile.Normal, func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	f.Sync()
	if got, want := names(t, dir), ".splameter-agent.json a.csv b.csv"; got != want {
		t.Errorf("after the folder: %s, want %s", got, want)
	}
}

// A target that cannot be replaced says so, without the temporary name, and a
// name as long as the file system takes is written too.
func TestWriteTargets(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "taken.xlsx", "x"), 0o750); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.WriteBytes(filepath.Join(dir, "taken.xlsx"), atomicfile.Normal, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "put taken.xlsx in place (close it where it is open, then run again): ") || strings.Contains(err.Error(), ".tmp") {
		t.Errorf("the error is %v", err)
	}
	if err := atomicfile.WriteBytes(filepath.Join(dir, strings.Repeat("ü", 120)+".xlsx"), atomicfile.Normal, nil); err != nil {
		t.Error(err)
	}
}

// A folder is replaced as a whole.
func TestWriteFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "contoso")
	for _, files := range []map[string][]byte{{"a": []byte("1"), "b": []byte("2")}, {"c": []byte("3")}} {
		if err := atomicfile.WriteFolder(dir, atomicfile.Private, files); err != nil {
			t.Fatal(err)
		}
	}
	if got := names(t, dir); got != "c" {
		t.Errorf("the folder holds %s", got)
	}
	mode(t, filepath.Join(dir, "c"), 0o600)
	if got := names(t, filepath.Dir(dir)); got != "contoso" {
		t.Errorf("beside it stands %s", got)
	}
}
