//go:build !windows

package store

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Whatever the umask, and whatever the files' modes were, nobody but their
// owner reads a store or what SQLite makes beside it.
func TestStoreIsPrivate(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "var", "s.db")
	check := func(when string) {
		t.Helper()
		s, err := Open(context.Background(), "sqlite:"+path, Options{Location: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(path + "*")
		if len(files) < 2 {
			t.Errorf("%s: beside the store stand only %v", when, files)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %s has the mode %v, %v", when, filepath.Base(f), info.Mode().Perm(), err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	check("made")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	check("opened")
}
