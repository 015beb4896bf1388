package closing_test

import (
	"bytes"
	"context"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// A pack's inputs are taken away, broken and set otherwise, with digests that all
// fit: none is read as if what is missing were empty, and the facts are of the
// config's time zone. An auditor's pack is no month that can be counted again.
func TestForgedInputs(t *testing.T) {
	p, err := evidence.Open(t.Context(), filepath.Join(golden, "evidence-2026-09.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	whole := unpacked(t, p)
	refusedFor := func(what, words string, m evidence.Manifest, change func(map[string][]byte)) {
		t.Helper()
		members := maps.Clone(whole)
		change(members)
		if _, err := closing.Recompute(t.Context(), forged(t, m, members), "test"); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"inputs/earlier.json", "inputs/made.json"} {
		refusedFor("without "+name, "there is no sealed "+name, p.Manifest, func(x map[string][]byte) { delete(x, name) })
		refusedFor("half of "+name, "the sealed "+name+" cannot be read", p.Manifest, func(x map[string][]byte) { x[name] = x[name][:1] })
	}
	for _, name := range []string{"acts.json", "statement.json"} {
		refusedFor("half of "+name, "the sealed "+name+" of 2026-09 cannot be read", p.Manifest, func(x map[string][]byte) { x[name] = x[name][:1] })
	}
	replace := func(name, from, to string) func(map[string][]byte) {
		return func(x map[string][]byte) {
			if !bytes.Contains(x[name], []byte(from)) {
				t.Fatalf("%s has no %q", name, from)
			}
			x[name] = bytes.Replace(x[name], []byte(from), []byte(to), 1)
		}
	}
	refusedFor("another time zone", "are of the time zone Europe/Amsterdam, and the sealed config says America/New_York", p.Manifest,
		replace("inputs/config.yaml", "Europe/Amsterdam", "America/New_York"))

	// Another version's pack may have other bytes. An amount, what was excluded and
	// a tenant's own quantity it may not, though each part number comes to the same.
	const same = "by part number the quantities are the same, and an amount, an exclusion or a tenant's own quantity is not"
	refusedFor("another amount", same, p.Manifest, replace("statement.json", `"amount": "86.10"`, `"amount": "82.00"`))
	refusedFor("another exclusion", same, p.Manifest, replace("statement.json", `"excluded": 3`, `"excluded": 4`))
	refusedFor("a tenant's own quantity", same, p.Manifest, func(x map[string][]byte) {
		b := x["statement.json"]
		at := bytes.LastIndex(b, []byte(`"excluded": `))
		if at < bytes.Index(b, []byte(`"tenants": [`)) {
			t.Fatal("no tenant has lines")
		}
		x["statement.json"] = append(append(bytes.Clone(b[:at]), `"excluded": 9`...), b[at+len(`"excluded": 0`):]...)
	})

	m := p.Manifest
	m.State = "audit"
	refusedFor("an auditor's pack", "unpack it, and verify the evidence of each month in it", m, func(map[string][]byte) {})
	m.State = "audit, names masked"
	refusedFor("a masked one", "ask for one without masks", m, func(map[string][]byte) {})
}

// An approval is kept and interrupted before its files are written, and then the
// evidence is replaced by other facts, another revision or another month, with
// digests that all fit. It is not finished from these, but from what was sealed.
func TestForgedWhileInterrupted(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	r := h.must(h.Close(t.Context(), m))
	p, genuine := verify(t, r.Pack), readAll(t, r.Pack)
	whole := unpacked(t, p)
	ctx, cancel := context.WithCancel(t.Context())
	h.Step = func(step string) {
		if step == "write files" {
			cancel()
		}
	}
	if _, err := h.Approve(ctx, m, vries("")); err == nil {
		t.Fatal("it was not interrupted")
	}
	h.Step = nil
	prices := maps.Clone(whole)
	prices["inputs/prices.csv"] = bytes.Replace(whole["inputs/prices.csv"], []byte("4.10"), []byte("3.10"), 1)
	later, earlier := p.Manifest, p.Manifest
	later.Revision, earlier.Month = 1, "2026-09"
	for what, file := range map[string][]byte{
		"other prices": forgedFile(t, p.Manifest, prices), "another revision": forgedFile(t, later, whole), "another month": forgedFile(t, earlier, whole),
	} {
		put(t, r.Pack, string(file))
		if err := h.Finish(t.Context(), m); err == nil || !strings.Contains(err.Error(), "is whole, but is not what was sealed for 2026-10") {
			t.Errorf("%s: %v", what, err)
			return
		}
	}
	put(t, r.Pack, string(genuine))
	if err := h.Finish(t.Context(), m); err != nil {
		t.Error(err)
	}
	if l, err := h.Life(t.Context(), m); err != nil || l.Pending || l.Shown() != "approved" {
		t.Errorf("%+v, %v", l, err)
	}
}
