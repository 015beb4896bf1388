package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"splameter/internal/access"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
)

// A file that everybody may read is told; one that only its owner and group
// may, or that stands in a folder which lets nobody through, is not.
func TestReadableByOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file there has the access of its folder")
	}
	if who, err := access.Others(os.TempDir()); err != nil || len(who) == 0 {
		t.Skip("the folder of temporary files is shut to others")
	}
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // it is made shut
		t.Fatal(err)
	}
	open, shut, below := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "tenants.csv"), filepath.Join(dir, "in", "prices.csv")
	if err := os.Mkdir(filepath.Dir(below), 0o750); err != nil {
		t.Fatal(err)
	}
	for path, mode := range map[string]os.FileMode{open: 0o644, shut: 0o640, below: 0o644} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	got := readableByOthers(open, &monthend.Setup{Config: &config.Config{Tenants: shut, Prices: below, Store: "sqlite:" + filepath.Join(dir, "none.db")}})
	if len(got) != 1 || !strings.HasPrefix(got[0], open+" can be read by everybody") {
		t.Errorf("%q", got)
	}
}
