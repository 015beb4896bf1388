package desk

import (
	"archive/zip"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
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

// Drafts of mails lie in a folder, and somebody writes them over: what is handed
// out is made anew of the sealed annexes, to the addresses of the tables, and a
// mail that nobody here drafted is not.
func TestDraftsAreHandedOutAsSealed(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	do := func(act string) {
		_, form := b.get(october + "/do/" + act)
		b.post(october+"/do/"+act, fill(form, "by", "C. de Vries"))
	}
	do("drafts")
	do("approve")
	do("report-mail")
	dir := filepath.Join(w.dir, "out", "2026-10")
	const other = "To: x@elsewhere.example\r\nX-Mailer: splameter\r\n\r\nanother annex"
	for _, name := range []string{"mail/tuinderij-2026-10.eml", "mail/stranger.eml", "usage-report-2026-10.eml", "usage-report-other.eml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, body := b.get(october + "/c/tuinderij/mail.eml")
	shows(t, body, "administratie@tuinderij.example", "tuinderij-2026-10.xlsx")
	hides(t, body, "elsewhere")
	_, body = b.get(october + "/mails.zip")
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || f.Name == "stranger.eml" || strings.Contains(string(text), "elsewhere") {
			t.Errorf("%s was handed out, %v:\n%.200s", f.Name, err, text)
		}
	}
	_, body = b.get(october + "/file/usage-report-2026-10.eml")
	shows(t, body, "usage-report-2026-10.xlsx")
	hides(t, body, "elsewhere")
	if status, _ := b.get(october + "/file/usage-report-other.eml"); status != 404 {
		t.Errorf("a mail that nobody drafted answers %d", status)
	}
}
