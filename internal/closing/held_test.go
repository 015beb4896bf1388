package closing_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// Evidence with the very same inputs, and another usage report in it, takes the
// place of the sealed one: status names it, and nothing of it is used, neither
// for what goes to others nor to decide on the month. A workbook that somebody
// wrote over is named; what goes out is the sealed one.
func TestFilesAreHeldAgainstTheStore(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	r := h.must(h.Close(ctx, m))
	held := func(files bool) []string {
		l, err := h.Life(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		return h.Held(ctx, l, files)
	}
	if wrong := append(held(false), held(true)...); len(wrong) > 0 {
		t.Fatalf("all is as it was sealed, and it says %q", wrong)
	}
	annex := filepath.Join(dir, "out/2026-10/annex/ijzer-2026-10.xlsx")
	put(t, annex, "x")
	if wrong := held(true); len(wrong) != 1 || !strings.Contains(wrong[0], "ijzer-2026-10.xlsx was changed") {
		t.Errorf("%q", wrong)
	}
	told, err := h.Issued(ctx, m, false)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := told.File("annex/ijzer-2026-10.xlsx"); err != nil || len(b) < 1000 {
		t.Errorf("what goes out is what somebody wrote over: %v", err)
	}
	told.Close()
	if err := os.Remove(annex); err != nil {
		t.Fatal(err)
	}
	if wrong := held(true); len(wrong) != 1 || !strings.Contains(wrong[0], "is gone") {
		t.Errorf("%q", wrong)
	}

	p, err := evidence.Open(ctx, r.Pack)
	if err != nil {
		t.Fatal(err)
	}
	whole := unpacked(t, p)
	p.Close()
	whole["files/usage-report-2026-10.xlsx"] = whole["files/annex/ijzer-2026-10.xlsx"]
	var list []evidence.Member
	for _, name := range slices.Sorted(maps.Keys(whole)) {
		list = append(list, evidence.Member{Name: name, Data: whole[name]})
	}
	var b bytes.Buffer
	if _, err := evidence.Seal(ctx, &b, p.Manifest, list, nil); err != nil {
		t.Fatal(err)
	}
	put(t, r.Pack, b.String())
	for _, files := range []bool{false, true} {
		if wrong := held(files); len(wrong) != 1 || !strings.Contains(wrong[0], "is not the evidence whose digest the store has") {
			t.Errorf("%v: %q", files, wrong)
		}
	}
	wantUnlike(t, h, "evidence with the same quantities", 0, "is not the evidence whose digest the store has", false)
	const words = "the store holds another digest"
	_, err = h.Issued(ctx, m, false)
	refused(t, err, words)
	_, err = h.Approve(ctx, m, vries(""))
	refused(t, err, words)
	_, err = h.Propose(ctx, m)
	refused(t, err, words)
	_, err = h.View(ctx, m)
	refused(t, err, words)
	_, err = h.Replay(ctx, m, nil, nil)
	refused(t, err, words)
	if _, _, err = h.Audit(ctx, m, m, false, false, filepath.Join(dir, "audit.zip")); err == nil {
		t.Error("it went into an auditor's pack")
	}
	if err := os.Remove(r.Pack); err != nil {
		t.Fatal(err)
	}
	for _, files := range []bool{false, true} {
		if wrong := held(files); len(wrong) != 1 {
			t.Errorf("the evidence is gone: %q", wrong)
		}
	}
	wantUnlike(t, h, "the evidence is gone", 0, "no such file", true)
}

// wantUnlike looks what is said of a revision's kept result by who only shows it.
func wantUnlike(t *testing.T, h helper, what string, revision int, words string, missing bool) {
	t.Helper()
	m := h.month("2026-10")
	if strings.HasPrefix(what, "September") {
		m = h.month("2026-09")
	}
	l, err := h.Life(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	st, err := h.Kept(t.Context(), m, revision)
	if err != nil {
		t.Fatal(err)
	}
	wrong, gone := h.Unlike(t.Context(), l, revision, st)
	if words == "" && wrong != "" || !strings.Contains(wrong, words) || gone != missing {
		t.Errorf("%s: %q, gone %v", what, wrong, gone)
	}
}

// After retention the store has the digest of the last revision's reduced pack;
// an earlier one's is known by the manifest of the whole pack in it, and by what
// reducing leaves. One from which more was taken is named, and so is a pack that
// somebody reduced where retention did not.
func TestReducedEvidenceIsHeldAgainstTheStore(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-09")
	settle := func() {
		h.must(h.Close(ctx, m))
		h.must(h.Approve(ctx, m, vries("")))
		h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	}
	settle()
	if _, err := h.Amend(ctx, m, vries("told later"), false); err != nil {
		t.Fatal(err)
	}
	settle()
	held := func(what, words string) {
		t.Helper()
		l, err := h.Life(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		for _, files := range []bool{false, true} {
			if got := strings.Join(h.Held(ctx, l, files), "\n"); words == "" && got != "" || !strings.Contains(got, words) {
				t.Errorf("%s, files %v: %q", what, files, got)
			}
		}
	}
	// reduce takes everything out of a pack that keep refuses.
	reduce := func(path string, keep func(string) bool) {
		t.Helper()
		p, err := evidence.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		_, err = p.Reduce(ctx, &b, keep, nil, h.Version, nil)
		p.Close()
		if err != nil {
			t.Fatal(err)
		}
		put(t, path, b.String())
	}
	first := h.Pack("2026-09", 0)
	whole := readAll(t, first)
	held("as sealed", "")
	wantUnlike(t, h, "September as sealed", 0, "", false)
	reduce(first, func(name string) bool { return name != "facts.json" })
	held("reduced by hand", "evidence-2026-09.zip")
	wantUnlike(t, h, "September reduced by hand", 0, "is not the evidence whose digest the store has", false)
	put(t, first, string(whole))

	h.Now = func() time.Time { return time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC) }
	if _, _, err := h.Retain(ctx, h.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	held("reduced by retention", "")
	for revision := range 2 {
		wantUnlike(t, h, "September reduced by retention", revision, "", false)
	}
	masked := filepath.Join(t.TempDir(), "masked.zip")
	if _, _, err := h.Audit(ctx, m, m, true, false, masked); err != nil {
		t.Fatal(err)
	}
	if all := contents(t, masked); !strings.Contains(all["2026-09-r0/totals.json"], `"quantity": 21`) || all["2026-09-r0/counted.json"] != "" {
		t.Errorf("the masked pack of a month whose names are gone: %d members", len(all))
	}
	put(t, first, string(whole))
	reduce(first, func(name string) bool { return strings.HasPrefix(name, "files/annex/") })
	held("more than names was taken out", "which names nobody, is not in it any more")
	put(t, first, string(readAll(t, h.Pack("2026-09", 1))))
	held("another revision's", "is not the evidence whose digest the store has")
	wantUnlike(t, h, "September's other revision", 0, "is not the evidence whose digest the store has", false)
}
