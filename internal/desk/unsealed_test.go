package desk

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// Beside a sealed month's files lie a usage report that somebody wrote over, a
// second one and a second pack: the page lists them as what they are, and hands
// out none of them.
func TestFilesThatAreNotSealedAreNotHandedOut(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	dir := filepath.Join(w.dir, "out", "2026-10")
	for _, name := range []string{"usage-report-2026-10.xlsx", "evidence-2026-10.zip", "statement-2026-10.json", "review-2026-10.xlsx"} {
		if status, _ := b.get(october + "/file/" + name); status != 200 {
			t.Errorf("%s as it was sealed answers %d", name, status)
		}
	}
	whole, err := os.ReadFile(filepath.Join(dir, "evidence-2026-10.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"usage-report-2026-10.xlsx", "usage-report-2026-10-r1.xlsx", "evidence-2026-10-r1.zip", "note.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, body := b.get(october)
	shows(t, body, "usage-report-2026-10-r1.xlsx <small", "not as it was sealed, or never sealed")
	for name, want := range map[string]int{"usage-report-2026-10.xlsx": 404, "usage-report-2026-10-r1.xlsx": 404, "evidence-2026-10-r1.zip": 404,
		"note.csv": 200, "evidence-2026-10.zip": 200} {
		if status, _ := b.get(october + "/file/" + name); status != want {
			t.Errorf("%s answers %d, not %d", name, status, want)
		}
	}
}
