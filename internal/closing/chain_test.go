package closing_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// chained holds packs against each other, and is an error where anything is
// wrong or in doubt.
func chained(packs ...*evidence.Pack) error {
	c := closing.Chain(presented(packs...), "", "", func(*closing.Presented) error { return nil })
	errs := c.Wrong
	for _, d := range c.Doubts {
		errs = append(errs, errors.New(d.Kind+": "+d.What))
	}
	return errors.Join(errs...)
}

func presented(packs ...*evidence.Pack) (out []closing.Presented) {
	for _, p := range packs {
		out = append(out, closing.Presented{Path: p.Manifest.Month, Pack: p})
	}
	return out
}

// A pack that names a later month as one before it is wrong; a step of which a
// version kept no digest is a doubt, and no fault.
func TestChainSteps(t *testing.T) {
	seal := func(m evidence.Manifest, members ...evidence.Member) *evidence.Pack {
		t.Helper()
		m.State, m.Inputs = "submitted", evidence.InputDigest(nil)
		var b bytes.Buffer
		if _, err := evidence.Seal(t.Context(), &b, m, members, nil); err != nil {
			t.Fatal(err)
		}
		p, err := evidence.Read(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	october := seal(evidence.Manifest{Month: "2026-10", Quantities: "q"})
	back := seal(evidence.Manifest{Month: "2026-09", Quantities: "q", Previous: &evidence.Link{Month: "2026-10", Manifest: october.Digest}})
	if err := errors.Join(closing.Chain(presented(back, october), "", "", nil).Wrong...); err == nil || !strings.Contains(err.Error(), "names 2026-10 as a month before it") {
		t.Errorf("a chain that runs backwards: %v", err)
	}
	if err := errors.Join(closing.Chain(presented(seal(evidence.Manifest{Month: "October", Quantities: "q"}), october), "", "", nil).Wrong...); err == nil || !strings.Contains(err.Error(), "October is of no month") {
		t.Errorf("a pack of no month: %v", err)
	}
	itself := seal(evidence.Manifest{Month: "2026-10", Quantities: "q", Previous: &evidence.Link{Month: "2026-10", Manifest: october.Digest}})
	if err := errors.Join(closing.Chain(presented(itself), "", "", nil).Wrong...); err == nil || !strings.Contains(err.Error(), "names 2026-10 as a month before it") {
		t.Errorf("a month that follows itself: %v", err)
	}
	if err := chained(seal(evidence.Manifest{Month: "2026-08", Quantities: "q"}), october); err == nil ||
		!strings.Contains(err.Error(), "no pack is given of 2026-09") || !strings.Contains(err.Error(), "starts a chain and follows nothing") {
		t.Errorf("October beside August, following nothing: %v", err)
	}
	if err := chained(october, october); err != nil {
		t.Errorf("one pack, given twice: %v", err)
	}
	old := seal(evidence.Manifest{Month: "2026-09"})
	carried, err := old.Carry()
	if err != nil {
		t.Fatal(err)
	}
	again := seal(evidence.Manifest{Month: "2026-09", Quantities: "q", Replaces: []string{old.Digest}}, carried...)
	later := seal(evidence.Manifest{Month: "2026-10", Quantities: "q", Previous: &evidence.Link{Month: "2026-09", Manifest: old.Digest}})
	c := closing.Chain(presented(again, later), "", "", nil)
	if len(c.Wrong) != 0 || len(c.Doubts) == 0 || c.Doubts[0].Kind != closing.DoubtSteps {
		t.Errorf("a step without a digest: %+v, %v", c.Doubts, c.Wrong)
	}
}
