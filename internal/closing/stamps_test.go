package closing_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/closing/stamp/stamptest"
)

// An authority that does not answer holds nothing up and is asked again; its
// stamp stands beside the evidence, goes along when the evidence is replaced,
// and holds for no other.
func TestTimeStamps(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	r := h.must(h.Close(ctx, m))
	told := func() string {
		l, err := h.Life(ctx, m)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(h.Stamped(l), "\n")
	}
	if n, err := h.Stamp(ctx); n != 0 || err != nil || told() != "" {
		t.Errorf("without an authority: %d, %v, %q", n, err, told())
	}
	authority := stamptest.New(t)
	authority.Away.Store(true)
	h.Setup.Config.Evidence.TimestampURL = authority.URL
	if n, err := h.Stamp(ctx); n != 0 || err == nil || !strings.Contains(told(), "not time-stamped yet") {
		t.Errorf("the authority is away: %d, %v, %q", n, err, told())
	}
	authority.Away.Store(false)
	if n, err := h.Stamp(ctx); n != 1 || err != nil || !strings.Contains(told(), "which is not among") {
		t.Errorf("%d, %v, %q", n, err, told())
	}
	h.Setup.Config.Evidence.TimestampRoots = authority.Root
	if n, err := h.Stamp(ctx); n != 0 || err != nil || !strings.Contains(told(), "time-stamped at") || strings.Contains(told(), "not among") {
		t.Errorf("stamped again: %d, %v, %q", n, err, told())
	}
	pool, err := closing.StampRoots(authority.Root)
	if err != nil {
		t.Fatal(err)
	}
	first := verify(t, r.Pack)
	if s, err := closing.ReadStamp(r.Pack, first, pool); err != nil || !s.Trusted {
		t.Errorf("%+v, %v", s, err)
	}
	old := readAll(t, closing.StampFile(r.Pack))

	r = h.must(h.Approve(ctx, m, vries("")))
	p := verify(t, r.Pack)
	if _, err := closing.ReadStamp(r.Pack, p, pool); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(told(), "not time-stamped as it was sealed last") {
		t.Errorf("the draft's stamp holds for the approved month: %v, %q", err, told())
	}
	if carried, err := closing.CarriedStamps(p, pool); err != nil || len(carried) != 1 || !carried[0].Trusted {
		t.Errorf("the draft's stamp did not go along: %v, %v", carried, err)
	}
	if n, err := h.Stamp(ctx); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if s, err := closing.ReadStamp(r.Pack, p, pool); err != nil || !s.Trusted {
		t.Errorf("%+v, %v", s, err)
	}

	// The draft was of the same facts and quantities; with another digest of
	// either, its stamp says nothing of the pack.
	carried, err := closing.CarriedStamps(p, pool)
	if err != nil || !carried[0].SameIn(p) {
		t.Fatalf("%+v, %v", carried, err)
	}
	for _, change := range []func(*evidence.Pack){func(p *evidence.Pack) { p.Manifest.Inputs = "x" }, func(p *evidence.Pack) { p.Manifest.Quantities = "x" }} {
		other := *p
		change(&other)
		if carried[0].SameIn(&other) {
			t.Error("a stamp on a seal of other facts or quantities is taken for one on the pack")
		}
	}

	// The stamp goes along into an auditor's pack.
	path := filepath.Join(dir, "whole.zip")
	if _, _, err := h.Audit(ctx, m, m, false, false, path); err != nil {
		t.Fatal(err)
	}
	whole, err := evidence.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	beside, err := whole.Read("2026-10-r0/evidence.zip.tst")
	if err != nil {
		t.Fatal(err)
	}
	if s, err := closing.CheckStamp("x", beside, p, pool); err != nil || !s.Trusted {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := closing.CheckStamp("x", old, first, pool); err != nil {
		t.Error(err)
	}
	if _, err := closing.CheckStamp("x", beside, first, pool); err == nil || !strings.Contains(err.Error(), "on something else than this manifest") {
		t.Errorf("the approved month's stamp on the draft: %v", err)
	}

	// A forger cannot carry a stamp of something else.
	members := unpacked(t, p)
	for name := range members {
		if strings.HasSuffix(name, ".tst") {
			members[name] = readAll(t, closing.StampFile(r.Pack))
		}
	}
	if _, err := closing.CarriedStamps(forged(t, p.Manifest, members), pool); err == nil {
		t.Error("a stamp on another manifest was carried, and holds")
	}
	put(t, closing.StampFile(r.Pack), string(readAll(t, authority.Root)))
	if _, err := closing.ReadStamp(r.Pack, p, pool); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a certificate is a stamp: %v", err)
	}
	if err := os.WriteFile(closing.StampFile(r.Pack), old[:len(old)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := closing.ReadStamp(r.Pack, p, pool); err == nil {
		t.Error("half a stamp holds")
	}
}
