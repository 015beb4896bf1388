package closing_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// golden is what the version of November 2026, commit 34b695e, made of the
// shipped example: September submitted, October submitted and amended.
const golden = "testdata/first-format"

// Packs that an earlier version sealed hold, are chained, and count as they
// did. Their bytes may be others than this version makes.
func TestPacksOfTheFirstFormat(t *testing.T) {
	var packs []*evidence.Pack
	for _, name := range []string{"evidence-2026-09.zip", "evidence-2026-10-r1.zip"} {
		p, err := evidence.Open(t.Context(), filepath.Join(golden, name))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		again, err := closing.Recompute(t.Context(), p, "test")
		if err != nil || again.Program != "dev-34b695edd733" {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
		packs = append(packs, p)
	}
	c := closing.Chain(presented(packs...), "", "", nil)
	if len(c.Wrong) > 0 || len(c.Held) != 1 || len(c.Doubts) != 1 || c.Doubts[0].Kind != closing.DoubtSteps {
		t.Errorf("%+v", c) // that revision 1 replaces revision 0 cannot be followed without it
	}
	// A step that such a pack has no manifest for is a doubt, however it ends.
	l := evidence.Link{Month: "2026-09", Manifest: packs[0].Manifest.Replaces[0]}
	if _, err := packs[0].HeldBy(l); err == nil {
		t.Error("a step without a manifest was followed")
	}
}

// A store of that version opens, and the months closed in it go on.
func TestStoreOfThatTime(t *testing.T) {
	dir := example(t)
	in, err := os.Open(filepath.Join(golden, "splameter.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ from, to string }{{"evidence-2026-09.zip", "out/2026-09/evidence-2026-09.zip"}, {"evidence-2026-10-r1.zip", "out/2026-10/evidence-2026-10-r1.zip"}} {
		p, err := os.ReadFile(filepath.Join(golden, x.from))
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, x.to)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		put(t, to, string(p))
	}
	put(t, filepath.Join(dir, "var/splameter.db"), string(b))
	h := helper{open(t, dir), t}
	for name, state := range map[string]statement.State{"2026-09": statement.Submitted, "2026-10": statement.Draft} {
		l, err := h.Life(t.Context(), h.month(name))
		if err != nil || l.State != state {
			t.Errorf("%s is %+v, %v", name, l, err)
		}
		told, err := h.Issued(t.Context(), h.month(name), false)
		if err != nil || !told.Sealed {
			t.Errorf("%s cannot be told: %v", name, err)
			continue
		}
		told.Close()
	}
	// A draft of that version was made without the questions of this one: it is
	// counted again from what it sealed, and refused by name until it is closed
	// again with the decisions that answer them.
	if _, err := h.Approve(t.Context(), h.month("2026-10"), vries("")); err == nil || !strings.Contains(err.Error(), "question|machine|prn-01") {
		t.Errorf("a draft with an open question: %v", err)
	}
	// September, amended and approved, is a pack that carries the manifest of the
	// first format that it replaces, and is made again from what it holds.
	m := h.month("2026-09")
	if _, err := h.Amend(t.Context(), m, vries("it is told anew"), true); err != nil {
		t.Fatal(err)
	}
	h.must(h.Close(t.Context(), m))
	r := h.must(h.Approve(t.Context(), m, vries("")))
	p, err := evidence.Open(t.Context(), r.Pack)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	old := p.Manifest.Replaces[len(p.Manifest.Replaces)-1]
	if p.Manifest.Format != evidence.Format || p.Replaced(old) == nil {
		t.Errorf("what was approved does not carry the manifest of the first format: %+v", p.Manifest)
	}
	if _, err := closing.Recompute(t.Context(), p, h.Version); err != nil {
		t.Error(err)
	}

	// Retention leaves the totals in a pack of the first format, which had none.
	h.Now = func() time.Time { return time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC) }
	if _, _, err := h.Retain(t.Context(), h.KeepFrom()); err != nil {
		t.Fatal(err)
	}
	first, err := evidence.Open(t.Context(), h.Pack("2026-09", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if b, err := first.Read("totals.json"); first.Whole() == nil || first.Whole().Format != 1 || err != nil || !strings.Contains(string(b), `"quantity"`) {
		t.Errorf("what is left of a pack of the first format: %.200s, %v", b, err)
	}
}
