package access_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"splameter/internal/access"
)

// A file that everybody may read is told; one that was made its owner's alone
// is not, and its owner reads and writes it still. What is not there is
// nobody's.
func TestOwn(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store.db")
	if err := os.WriteFile(path, []byte("a"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := access.Others(path)
	if err != nil {
		t.Fatal(err)
	}
	if parent, _ := access.Others(dir); len(before) == 0 && len(parent) > 0 {
		t.Error("a file as open as its folder is taken for shut")
	}
	if err := access.Own(path); err != nil {
		t.Fatal(err)
	}
	if got, err := access.Others(path); runtime.GOOS != "windows" && (err != nil || len(got) != 0) {
		t.Errorf("of its owner alone: %v, %v", got, err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a" {
		t.Errorf("its owner: %q, %v", b, err)
	}
	if err := os.WriteFile(path, []byte("b"), 0o600); err != nil {
		t.Error(err)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	none := filepath.Join(dir, "none")
	if got, err := access.Others(none); err != nil || len(got) != 0 {
		t.Errorf("none: %v, %v", got, err)
	}
	if err := access.Own(none); err != nil {
		t.Errorf("none: %v", err)
	}
}
