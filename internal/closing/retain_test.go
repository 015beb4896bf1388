package closing_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// A revision that was begun and never sealed has no digest after retention
// either, one that was withdrawn keeps no names, and what is not the sealed
// evidence gets no digest by being reduced.
func TestRetainOfRevisionsThatWereNotSealed(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-09")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	if _, err := h.Amend(ctx, m, vries("late"), false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(ctx, m))
	who := people(t, h, m)
	if _, err := h.Withdraw(ctx, m, vries("not late")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Amend(ctx, m, vries("late after all"), false); err != nil {
		t.Fatal(err)
	}
	h.Now = func() time.Time { return time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC) }

	// Drafts hold addresses; a mail that somebody else's program wrote is not ours.
	const draft = "To: anna@b.example\r\nX-Mailer: splameter\r\n\r\nannex"
	var drafts []string
	for revision := range 2 {
		folder := h.Dir("2026-09", revision)
		for _, name := range []string{"mail/ijzer-2026-09.eml", "usage-report-2026-09.eml", closing.DeliveryList} {
			drafts = append(drafts, filepath.Join(folder, name))
			put(t, drafts[len(drafts)-1], draft)
		}
	}
	others := []string{filepath.Join(dir, "out/2026-09/mail/reply.eml"), filepath.Join(dir, "out/2026-10/mail/ijzer-2026-10.eml")}
	put(t, others[0], "To: anna@b.example\r\nX-Mailer: Outlook\r\n\r\nX-Mailer: splameter\r\n\r\n")
	put(t, others[1], draft)

	first := h.Pack("2026-09", 0)
	whole := readAll(t, first)
	put(t, first, string(readAll(t, h.Pack("2026-09", 1)))) // whole, and another
	_, _, err := h.Retain(ctx, h.KeepFrom())
	refused(t, err, "the store holds another digest")
	put(t, first, string(whole))
	if _, _, err := h.Retain(ctx, h.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	for _, path := range drafts {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for _, path := range others {
		readAll(t, path)
	}
	l, err := h.Life(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if l.Retained == nil || l.Retained.Revision != 1 || l.Retained.Manifest != "" {
		t.Errorf("of the revision that was not sealed it keeps %+v", l.Retained)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 {
		t.Errorf("%q", wrong)
	}
	if got := h.Strange(ctx, l); len(got) > 0 {
		t.Errorf("%q", got)
	}
	for _, path := range []string{h.Pack("2026-09", 0), h.Pack("2026-09", 1)} {
		for name, text := range contents(t, path) {
			if names := naming(text, who); name != "acts.json" && len(names) > 0 { // the provider's own staff stay
				t.Errorf("%s: %s names %q", path, name, names)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(h.Dir("2026-09", 1), "review-2026-09.xlsx")); !os.IsNotExist(err) {
		t.Errorf("the review of the withdrawn revision: %v", err)
	}
}

// Retention that was stopped between a pack and the store goes on with what it
// left; what somebody else reduced, by more or of other evidence, it does not
// take for that.
func TestRetainGoesOn(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-09")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	pack := h.Pack("2026-09", 0)
	whole := readAll(t, pack)
	then := time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC)
	h.Now = func() time.Time { return then }

	// The same in another folder, to its end: what it leaves of the pack.
	elsewhere := t.TempDir()
	if err := os.CopyFS(elsewhere, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	other := helper{open(t, elsewhere), t}
	other.Now = h.Now
	if _, _, err := other.Retain(ctx, other.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	left := readAll(t, other.Pack("2026-09", 0))

	reduce := func(keep func(string) bool) {
		t.Helper()
		put(t, pack, string(whole))
		p, err := evidence.Open(ctx, pack)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		_, err = p.Reduce(ctx, &b, keep, nil, h.Version, nil)
		p.Close()
		if err != nil {
			t.Fatal(err)
		}
		put(t, pack, b.String())
	}
	retain := func(words string) {
		t.Helper()
		_, _, err := h.Retain(ctx, h.KeepFrom())
		refused(t, err, "reduce 2026-09", words)
		if l, err := h.Life(ctx, m); err != nil || l.Retained != nil {
			t.Fatalf("it was kept as reduced: %+v, %v", l.Retained, err)
		}
	}
	reduce(func(name string) bool { return strings.HasPrefix(name, "files/annex/") })
	retain("which names nobody, is not in it any more")

	// Of other evidence: September closed elsewhere, once more.
	third := t.TempDir()
	if err := os.CopyFS(third, os.DirFS(example(t))); err != nil {
		t.Fatal(err)
	}
	f := helper{open(t, third), t}
	f.must(f.Correct(ctx, m, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: -1, Code: "other", Reason: "x", By: "x"}))
	f.must(f.Close(ctx, m))
	f.Now = h.Now
	if _, _, err := f.Retain(ctx, f.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	put(t, pack, string(readAll(t, f.Pack("2026-09", 0))))
	retain("the store holds another digest")

	put(t, pack, string(left))
	if _, _, err := h.Retain(ctx, h.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	l, err := h.Life(ctx, m)
	if err != nil || l.Retained == nil {
		t.Fatalf("%+v, %v", l, err)
	}
	if wrong := h.Held(ctx, l, true); len(wrong) > 0 || !bytes.Equal(readAll(t, pack), left) {
		t.Errorf("%q", wrong)
	}
}
