package atomicfile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// A file of one run can be read back, and has no name where the system lets it
// have none: nothing of it is left, nor of what a killed run left an hour ago.
func TestScratch(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, prefix+"facts.json-12"+suffix), filepath.Join(dir, prefix+"facts.json-34"+suffix)
	for _, path := range []string{old, fresh} {
		if err := os.WriteFile(path, nil, Private); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * abandoned)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	names := func() (n []string) {
		t.Helper()
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			n = append(n, filepath.Join(dir, e.Name()))
		}
		return n
	}
	s, err := NewScratch(dir, "2026-10-r0/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"ann", "a, bob"} {
		if _, err := s.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	b := make([]byte, 4)
	if n, err := s.ReadAt(b, 2); err != nil || string(b[:n]) != "na, " {
		t.Errorf("%q, %v", b[:n], err)
	}
	if got := names(); runtime.GOOS == "linux" && (len(got) != 1 || got[0] != fresh) {
		t.Errorf("while it is used there are %v", got)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if got := names(); len(got) != 1 || got[0] != fresh {
		t.Errorf("after it there are %v", got)
	}
	if _, err := NewScratch(filepath.Join(dir, "none"), "x"); !os.IsNotExist(err) {
		t.Errorf("a folder that is not there: %v", err)
	}
	t.Setenv("TMPDIR", dir)
	if s, err = NewScratch("", "x"); err != nil {
		t.Fatal(err)
	}
	s.Close()
}
