package closing_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// Windows replaces no file that is open, and deciding on a month seals its
// evidence anew from what the evidence itself holds: it must be let go of
// before. Linux tells which files are open, and which of them are gone since.
func TestEvidenceIsLetGoOfBeforeItIsReplaced(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	checked := 0
	h.Step = func(step string) {
		if step != "check the pack" { // the new one is in its place, and nobody has opened it yet
			return
		}
		checked++
		links, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(links) == 0 {
			t.Fatalf("which files are open cannot be told: %v", err)
		}
		for _, l := range links {
			if path, err := os.Readlink(l); err == nil && strings.Contains(path, "evidence-2026-10.zip") {
				t.Errorf("%s is open while it is replaced", path)
			}
		}
	}
	h.must(h.Close(t.Context(), m))
	h.must(h.Close(t.Context(), m))
	if r := h.must(h.Approve(t.Context(), m, vries("looked through"))); r.Life.State != statement.Approved || checked != 3 {
		t.Errorf("%s after %d seals, want approved after 3", r.Life.State, checked)
	}
}
