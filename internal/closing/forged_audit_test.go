package closing_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// A month's evidence, forged, that calls itself an auditor's pack would be held
// against no other month: it is refused for what it is, also where it holds the
// genuine evidence beside. The auditors' packs that are made hold.
func TestForgedAsAnAuditorsPack(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	genuine := verify(t, h.must(h.Close(ctx, m)).Pack)
	opened := func(path string) *evidence.Pack {
		t.Helper()
		p, err := evidence.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	for _, mask := range []bool{false, true} {
		path := filepath.Join(dir, map[bool]string{false: "whole.zip", true: "masked.zip"}[mask])
		if _, _, err := h.Audit(ctx, h.month("2026-09"), m, mask, false, path); err != nil {
			t.Fatal(err)
		}
		if c := closing.Chain(presented(opened(path)), "", "", nil); len(c.Wrong) > 0 {
			t.Errorf("masked %v, as it was made: %v", mask, c.Wrong)
		}
	}
	audit := unpacked(t, opened(filepath.Join(dir, "whole.zip")))
	whole := unpacked(t, genuine)
	both := maps.Clone(whole)
	both["2026-10-r0/evidence.zip"] = audit["2026-10-r0/evidence.zip"]
	beside := maps.Clone(audit)
	beside["files/usage-report-2026-10.xlsx"] = whole["files/usage-report-2026-10.xlsx"]
	later := map[string][]byte{"index.json": nil, "2026-11-r0/evidence.zip": audit["2026-10-r0/evidence.zip"]}
	for what, c := range map[string]struct {
		month, state string
		members      map[string][]byte
		words        string
	}{
		"one month":                        {"2026-10", "audit", whole, "is of 2026-10"},
		"one month, with a word more":      {"2026-10", "audited", whole, "is of 2026-10"},
		"one month, and its evidence":      {"2026-10", "audit", both, "is of 2026-10"},
		"several months, with one's files": {"2026-09..2026-10", "audit, names masked", whole, "holds acts.json"},
		"months, and a file beside":        {"2026-09..2026-10", "audit", beside, "holds files/usage-report-2026-10.xlsx"},
		"another month in it":              {"2026-09..2026-10", "audit", later, "holds 2026-11-r0/evidence.zip"},
		"no months":                        {"..2026-10", "audit", audit, "is of ..2026-10"},
	} {
		x := evidence.Manifest{Month: c.month, State: c.state, Program: h.Version}
		chain := closing.Chain(presented(forged(t, x, c.members), genuine), "", "", nil)
		if len(chain.Wrong) != 1 || !strings.Contains(chain.Wrong[0].Error(), c.words) {
			t.Errorf("%s: %v", what, chain.Wrong)
		}
	}
	x := genuine.Manifest
	x.Revision, x.Replaces = -1, nil
	members := maps.Clone(whole)
	maps.DeleteFunc(members, func(name string, _ []byte) bool { return strings.HasPrefix(name, evidence.ReplacedFolder) })
	if c := closing.Chain(presented(forged(t, x, members), genuine), "", "", nil); len(c.Wrong) != 1 || !strings.Contains(c.Wrong[0].Error(), "there is no revision -1") {
		t.Errorf("a revision before the first: %+v", c)
	}
}
