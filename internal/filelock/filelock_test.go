package filelock_test

import (
	"path/filepath"
	"testing"

	"splameter/internal/filelock"
)

// One holds it; who comes second is told so, and has it once it is free.
func TestTake(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".lock")
	first, ok, err := filelock.Take(path)
	if err != nil || !ok {
		t.Fatalf("the first got %v, %v", ok, err)
	}
	if _, ok, err := filelock.Take(path); err != nil || ok {
		t.Errorf("the second got %v, %v", ok, err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, ok, err := filelock.Take(path)
	if err != nil || !ok {
		t.Fatalf("after the release: %v, %v", ok, err)
	}
	if err := second.Release(); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := filelock.Take(filepath.Join(t.TempDir(), "missing", ".lock")); err == nil || ok {
		t.Errorf("in a folder that is not there: %v, %v", ok, err)
	}
}
