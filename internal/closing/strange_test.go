package closing_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/closing"
)

// Files that are called as sealed ones are, and that no seal has, are named,
// each once, and whatever else lies in the folder is not. Nothing is made of
// them: what the month issues and comes to stays as it was sealed.
func TestStrangeFilesAreNamed(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	strange := func() (out []string) {
		t.Helper()
		l, err := h.Life(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range h.Strange(ctx, l) {
			rel, err := filepath.Rel(filepath.Join(dir, "out", "2026-10"), s)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return out
	}
	none := func(when string) {
		t.Helper()
		if got := strange(); len(got) > 0 {
			t.Errorf("%s: %q", when, got)
		}
	}
	none("nothing was sealed")
	pack := filepath.Join(dir, "out/2026-10/evidence-2026-10.zip")
	put(t, pack, "x")
	if got := strange(); !slices.Equal(got, []string{"evidence-2026-10.zip"}) {
		t.Errorf("a pack of a month that was never sealed: %q", got)
	}
	if err := os.Remove(pack); err != nil {
		t.Fatal(err)
	}

	h.must(h.Close(ctx, m))
	none("a draft")
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if _, err := h.Amend(ctx, m, vries("late"), false); err != nil {
		t.Fatal(err)
	}
	none("a revision was begun")
	if _, _, err := h.Report(ctx, m); err != nil {
		t.Fatal(err)
	}
	none("a revision was reported and not sealed")
	h.must(h.Close(ctx, m))
	none("a second revision")
	if _, err := h.Withdraw(ctx, m, vries("not late")); err != nil {
		t.Fatal(err)
	}
	none("it was withdrawn")
	for _, name := range []string{"mail/x.eml", "named/ijzer-2026-10-named.xlsx", "tie-out-2026-10.xlsx", "end-users-2026-10.xlsx", "review-notes.csv", "usage-report-2026-10.eml",
		"attachments/y.pdf", "annex/~$ijzer-2026-10.xlsx", ".splameter-evidence-2026-10.zip-1.tmp", "evidence-2026-10.zip.tst", "notes about evidence.txt"} {
		put(t, filepath.Join(dir, "out/2026-10", name), "x")
	}
	none("other files of the month's folder")
	// A system that tells no case shows the one file under another name, and here
	// a second name of it does; a second file is another.
	link := filepath.Join(dir, "out/2026-10/Evidence-2026-10.Zip")
	if _, err := os.Stat(link); err != nil {
		if err := os.Link(pack, link); err != nil {
			t.Fatal(err)
		}
		none("another name of the pack itself")
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(pack, filepath.Join(dir, "out/2026-10/evidence-2026-10-r5.zip")); err != nil {
		t.Fatal(err)
	}
	if got := strange(); !slices.Equal(got, []string{"evidence-2026-10-r5.zip"}) {
		t.Errorf("the pack under the name of another revision: %q", got)
	}
	if err := os.Remove(filepath.Join(dir, "out/2026-10/evidence-2026-10-r5.zip")); err != nil {
		t.Fatal(err)
	}

	whole := string(readAll(t, pack))
	planted := []string{
		"Copy of usage-report-2026-10.xlsx", "EVIDENCE-2026-10.ZIP", "annex/bakkerij-2026-10 (1).xlsx", "annex/strange.XLSX", "evidence-2026-09.zip",
		"evidence-2026-10 - Copy.zip", "evidence-2026-10-r2.zip", "evidence-2026-10-r2.zip.tst", "reseller-2026-10.csv", "revision-1/annex/zz.xlsx",
		"revision-1/statement-2026-10 (2).json", "revision-7", "statement-2026-10-r1.json",
	}
	const upper = "EVIDENCE-2026-10.ZIP"
	if _, err := os.Stat(filepath.Join(dir, "out/2026-10", upper)); err == nil { // it is the pack itself here
		planted = slices.DeleteFunc(planted, func(n string) bool { return n == upper })
	}
	for _, name := range planted {
		if name == "revision-7" {
			name += "/usage-report-2026-10.xlsx"
		}
		put(t, filepath.Join(dir, "out/2026-10", name), whole)
	}
	if got := strange(); !slices.Equal(got, planted) {
		t.Errorf("named were\n%s\nplanted\n%s", strings.Join(got, "\n"), strings.Join(planted, "\n"))
	}
	// The store's own are used, and only they.
	l, err := h.Life(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	told, err := h.Issued(ctx, m, true)
	if err != nil {
		t.Fatal(err)
	}
	if told.Manifest() != l.Sealed.Manifest || told.Revision != 0 {
		t.Errorf("%s, revision %d", told.Manifest(), told.Revision)
	}
	told.Close()
	put(t, filepath.Join(dir, "out/2031-01/evidence-2031-01.zip"), whole)
	put(t, filepath.Join(dir, "out/2031-01/usage.txt"), "x")
	if got := h.StrangeMonths([]string{"2026-09", "2026-10"}); len(got) != 1 || filepath.Base(got[0]) != "evidence-2031-01.zip" {
		t.Errorf("a month that the store does not know: %q", got)
	}
}

// Somebody writes another quantity into the store, beside sealed evidence that
// is as it was: status names it, and nothing goes out that says it.
func TestResultIsHeldAgainstTheEvidence(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-10")
	r := h.must(h.Close(ctx, m))
	st := *r.Statement
	st.Tenants = slices.Clone(st.Tenants)
	st.Tenants[0].Lines = slices.Clone(st.Tenants[0].Lines)
	st.Tenants[0].Lines[0].Quantity--
	if err := h.Store.PutResult(ctx, &st); err != nil {
		t.Fatal(err)
	}
	l, err := h.Life(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	const words = "comes to other quantities or amounts than its sealed evidence"
	if wrong := h.Held(ctx, l, true); len(wrong) != 1 || !strings.Contains(wrong[0], words) {
		t.Errorf("%q", wrong)
	}
	_, err = h.Issued(ctx, m, false)
	refused(t, err, words)
	if err := h.Store.PutResult(ctx, r.Statement); err != nil {
		t.Fatal(err)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 {
		t.Errorf("put back: %q", wrong)
	}
}

// What was handed in with a month is held too: written over or gone, it is named,
// and in the evidence it is as it was.
func TestWhatWasHandedInIsHeld(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	file := filepath.Join(dir, "confirmation.txt")
	put(t, file, "taken in")
	l := h.must(h.Submit(ctx, m, closing.Submission{Act: smit(""), Attach: file})).Life
	kept, err := filepath.Glob(filepath.Join(dir, "out/2026-10/attachments/*confirmation.txt"))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 {
		t.Errorf("as it was handed in: %q", wrong)
	}
	put(t, kept[0], "refused")
	if wrong := h.Held(ctx, l, true); len(wrong) != 1 || !strings.Contains(wrong[0], "confirmation.txt was changed") {
		t.Errorf("%q", wrong)
	}
	if err := os.Remove(kept[0]); err != nil {
		t.Fatal(err)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) != 1 || !strings.Contains(wrong[0], "confirmation.txt is gone") {
		t.Errorf("%q", wrong)
	}
}
