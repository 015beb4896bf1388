//go:build unix

package evidence

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A pipe in the place of evidence, into which nobody writes, is not waited for.
func TestAPipeIsNoEvidence(t *testing.T) {
	path := filepath.Join(t.TempDir(), "evidence.zip")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() error{
		"Open":      func() error { _, err := Open(t.Context(), path); return err },
		"OpenKnown": func() error { _, err := OpenKnown(t.Context(), path); return err },
		"Claimed":   func() error { _, err := Claimed(path); return err },
		"ReadFile":  func() error { _, err := ReadFile(path); return err },
	} {
		done := make(chan error, 1)
		go func() { done <- open() }()
		select {
		case err := <-done:
			if err == nil || !strings.Contains(err.Error(), "it is no file") {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("%s waits for it", name)
		}
	}
}
