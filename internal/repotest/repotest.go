// Package repotest finds, for tests, the repository that they are run in and
// the material beside it. What is in that material is the tests' owners'
// business.
package repotest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Root is the folder of go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// Shared is a file or folder of the given material beside the repository: facts
// and real logs that are never part of it. Where it is absent the test is
// skipped.
func Shared(t testing.TB, path ...string) string {
	t.Helper()
	p := filepath.Join(Root(t), "..", "shared", filepath.Join(path...))
	if _, err := os.Stat(p); err != nil {
		t.Skipf("the material beside the repository is absent: %v", err)
	}
	return p
}

// CopyExample copies the example from the repository's root into a folder: the
// config and all of testdata. change, where there is one, gets each file by its
// path and gives what is written in its place; nil leaves it out.
func CopyExample(root, dir string, change func(path string, b []byte) []byte) error {
	copied := func(path string) error {
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
		if err != nil {
			return err
		}
		if change != nil {
			if b = change(path, b); b == nil {
				return nil
			}
		}
		to := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, b, 0o644)
	}
	if err := copied("config.yaml"); err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(root), "testdata", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return copied(path)
	})
}
