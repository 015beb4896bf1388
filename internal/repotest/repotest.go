// Package repotest finds, for tests, the repository that they are run in and
// the material beside it. What is in that material is the tests' owners'
// business.
package repotest

import (
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
