package closing_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// unpacked are a pack's members, to be forged.
func unpacked(t testing.TB, p *evidence.Pack) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, name := range p.Names("") {
		b, err := p.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = b
	}
	return out
}

// forged is a pack as good as anybody can make it who knows the format: every
// digest in it fits.
func forged(t testing.TB, m evidence.Manifest, members map[string][]byte, inputDigest ...string) *evidence.Pack {
	t.Helper()
	b := forgedFile(t, m, members, inputDigest...)
	p, err := evidence.Read(t.Context(), bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("the forged pack does not even open: %v", err)
	}
	return p
}

// forgedFile is the file of a forged pack.
func forgedFile(t testing.TB, m evidence.Manifest, members map[string][]byte, inputDigest ...string) []byte {
	t.Helper()
	var list, inputs []evidence.Member
	for _, name := range slices.Sorted(maps.Keys(members)) {
		x := evidence.Member{Name: name, Data: members[name]}
		list = append(list, x)
		if name == "facts.json" || strings.HasPrefix(name, "inputs/") {
			inputs = append(inputs, x)
		}
	}
	m.Inputs = evidence.InputDigest(inputs)
	if len(inputDigest) > 0 { // of what was taken out
		m.Inputs = inputDigest[0]
	}
	var b bytes.Buffer
	if _, err := evidence.Seal(t.Context(), &b, m, list, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every member of a pack is emptied, left out and put there twice, in a pack
// whose digests all fit: counting again refuses each. So it does where a
// workbook shows another, where an act, a decision or a total is written
// otherwise, and where the facts are.
func TestForgedMembers(t *testing.T) {
	h := helper{open(t, example(t)), t}
	m := h.month("2026-10")
	h.must(h.Close(t.Context(), h.month("2026-09")))
	h.must(h.Correct(t.Context(), m, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 1, Code: "other", Reason: "told later", By: "C. de Vries"}))
	h.must(h.Close(t.Context(), m))
	p := verify(t, h.must(h.Approve(t.Context(), m, vries("looked at"))).Pack)
	whole := unpacked(t, p)
	if _, err := closing.Recompute(t.Context(), forged(t, p.Manifest, whole), h.Version); err != nil {
		t.Fatalf("the pack sealed anew as it was is refused for another reason: %v", err)
	}
	check := func(what string, change func(map[string][]byte), words ...string) {
		t.Helper()
		members := maps.Clone(whole)
		change(members)
		if _, err := closing.Recompute(t.Context(), forged(t, p.Manifest, members), h.Version); err == nil {
			t.Errorf("%s, and the pack holds", what)
		} else if !strings.Contains(err.Error(), strings.Join(words, "")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	edit := func(name, from, to string) func(map[string][]byte) {
		return func(x map[string][]byte) {
			if !bytes.Contains(x[name], []byte(from)) {
				t.Fatalf("%s has no %q", name, from)
			}
			x[name] = bytes.Replace(x[name], []byte(from), []byte(to), 1)
		}
	}
	for i, name := range slices.Sorted(maps.Keys(whole)) {
		if strings.HasPrefix(name, evidence.ReplacedFolder) || testing.Short() && i%4 != 0 {
			continue // a pack with another manifest there is not even read
		}
		check(name+" was emptied", func(x map[string][]byte) { x[name] = nil })
		check(name+" was left out", func(x map[string][]byte) { delete(x, name) })
		dir, base := name[:strings.LastIndex(name, "/")+1], name[strings.LastIndex(name, "/")+1:]
		check(name+" is there twice", func(x map[string][]byte) { x[dir+"a-"+base] = x[name] })
	}
	usage, annex := "files/usage-report-2026-10.xlsx", "files/annex/ijzer-2026-10.xlsx"
	check("the usage report is an annex", func(x map[string][]byte) { x[usage] = x[annex] })
	check("a file without a meaning was added", func(x map[string][]byte) { x["note.txt"] = []byte("x") }, "which no seal makes")
	check("a correction was made less", edit("acts.json", `"quantity": 1`, `"quantity": -3`))
	check("a reason was written otherwise", edit("acts.json", "told later", "told at once"), "acts of 2026-10 do not hold")
	check("an act went", edit("acts.json", `"action": "approve"`, `"action": "seal"`))
	check("the decisions say more", edit("decisions.json", `"accepted_gaps": {}`, `"accepted_gaps": {"x": "y"}`), "are not those of its acts")
	check("a total is less", edit("totals.json", `"quantity": 21`, `"quantity": 20`))
	check("a finding is less grave", edit("findings.json", `"severity": "high"`, `"severity": "low"`))
	check("a source is told to be complete", edit("coverage.json", `"kind": "directory"`, `"kind": "directorx"`))
	check("somebody else is counted", edit("counted.json", `"active": true`, `"active": false`))
	check("the statement says less", edit("statement.json", `"quantity": 21`, `"quantity": 20`))
	check("the facts say more", edit("facts.json", `{"Month"`, `{"Later":[],"Month"`), "is not written as a seal writes it")
	check("the built-in list is another", func(x map[string][]byte) {
		x["inputs/catalog.yaml"] = append([]byte("# x\n"), x["inputs/catalog.yaml"]...)
	}, "is not written as a seal writes it")
	check("the built-in list was left out", func(x map[string][]byte) { delete(x, "inputs/catalog.yaml") }, "is not written as a seal writes it")
	check("titles are recognized otherwise", func(x map[string][]byte) {
		x["inputs/titles.json"] = bytes.Replace(x["inputs/titles.json"], []byte("Express edition: free"), []byte("Express edition: also free"), 1)
	}, "is not written as a seal writes it")
	manifest := p.Manifest
	manifest.Quantities = strings.Repeat("0", 64)
	if _, err := closing.Recompute(t.Context(), forged(t, manifest, whole), h.Version); err == nil || !strings.Contains(err.Error(), "another digest of its quantities") {
		t.Errorf("the manifest has other quantities: %v", err)
	}
	manifest = p.Manifest
	manifest.State = "submitted"
	if _, err := closing.Recompute(t.Context(), forged(t, manifest, whole), h.Version); err == nil || !strings.Contains(err.Error(), "says submitted, revision 0, and its acts say") {
		t.Errorf("the manifest has another state: %v", err)
	}

	// The inputs that the manifest names are those in the pack, and the month's.
	inputs := func(what, words string, pk *evidence.Pack) {
		t.Helper()
		if _, err := closing.Recompute(t.Context(), pk, h.Version); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	inputs("other inputs than it names", "are not those that its manifest names", forged(t, p.Manifest, whole, strings.Repeat("0", 64)))
	manifest = p.Manifest
	manifest.Month = "2026-08"
	carriesNone := maps.Clone(whole)
	maps.DeleteFunc(carriesNone, func(n string, _ []byte) bool { return strings.HasPrefix(n, evidence.ReplacedFolder) })
	inputs("another month's facts", "holds the facts of 2026-10", forged(t, manifest, carriesNone))

	// A pack that says that another version sealed it may have other bytes, but
	// nothing else in them: not the cells of another workbook.
	manifest = p.Manifest
	manifest.Program = "0.9"
	members := maps.Clone(whole)
	members["statement.json"] = append(bytes.Clone(whole["statement.json"]), ' ')
	again, err := closing.Recompute(t.Context(), forged(t, manifest, members), h.Version)
	if err != nil || again.Program != "0.9" || len(again.Other) != 1 || len(again.Doubts) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	members[usage] = members[annex]
	again, err = closing.Recompute(t.Context(), forged(t, manifest, members), h.Version)
	if err != nil || len(again.Doubts) != 1 || !strings.Contains(again.Doubts[0], usage) {
		t.Errorf("another version's usage report is an annex: %+v, %v", again, err)
	}
	edit("statement.json", `"quantity": 21`, `"quantity": 20`)(members)
	if _, err = closing.Recompute(t.Context(), forged(t, manifest, members), h.Version); err == nil {
		t.Error("another version's quantity is another, and the pack holds")
	}
}

// Beside October's genuine pack, which names the genuine seal of September,
// nothing else passes for September: neither what only says that it replaces
// that seal, nor what carries its manifest and was counted from other facts, or
// corrected by hand. What acts alone made of it does.
func TestForgedChain(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, september, october := t.Context(), h.month("2026-09"), h.month("2026-10")
	genuine := verify(t, h.must(h.Close(ctx, september)).Pack)
	next := verify(t, h.must(h.Close(ctx, october)).Pack)
	whole := unpacked(t, genuine)
	again := func(p *closing.Presented) error {
		_, err := closing.Recompute(ctx, p.Pack, h.Version)
		return err
	}
	hold := func(p ...*evidence.Pack) *closing.Chained {
		return closing.Chain(presented(p...), "", "", again)
	}
	if c := hold(genuine, next); len(c.Wrong)+len(c.Doubts) > 0 || len(c.Held) != 1 {
		t.Fatalf("%+v", c)
	}
	wrong := func(what string, words string, p ...*evidence.Pack) {
		t.Helper()
		c := hold(p...)
		if len(c.Wrong) == 0 || !strings.Contains(c.Wrong[0].Error(), words) {
			t.Errorf("%s: %+v", what, c)
		}
	}
	doubted := func(what, kind, words string, p ...*evidence.Pack) {
		t.Helper()
		c := hold(p...)
		if len(c.Wrong) > 0 || !slices.ContainsFunc(c.Doubts, func(d closing.Doubt) bool { return d.Kind == kind && strings.Contains(d.What, words) }) {
			t.Errorf("%s: %+v", what, c)
		}
	}

	// Counted honestly with another price: a pack that holds by itself.
	dir := example(t)
	prices := filepath.Join(dir, "testdata/prices.csv")
	b, err := os.ReadFile(prices)
	if err != nil {
		t.Fatal(err)
	}
	put(t, prices, strings.Replace(string(b), "4.10", "3.10", 1))
	other := helper{open(t, dir), t}
	lesser := verify(t, other.must(other.Close(ctx, september)).Pack)
	wrong("another September", "neither the seal", lesser, next)

	m := lesser.Manifest
	m.Replaces = []string{genuine.Digest}
	claims := forged(t, m, unpacked(t, lesser))
	wrong("one that claims to replace", "its own word proves nothing", claims, next)

	carry, err := genuine.Carry()
	if err != nil {
		t.Fatal(err)
	}
	with := func(members map[string][]byte) map[string][]byte {
		out := maps.Clone(members)
		for _, x := range carry {
			out[x.Name] = x.Data
		}
		return out
	}
	wrong("one that carries its manifest", "other facts, tables, rules or settings", forged(t, m, with(unpacked(t, lesser))), next)

	// The same facts, and another number by hand.
	m = genuine.Manifest
	m.Replaces, m.Quantities = []string{genuine.Digest}, strings.Repeat("0", 64)
	wrong("another number", "other quantities", forged(t, m, with(whole)), next)
	m.Quantities = genuine.Manifest.Quantities
	wrong("another number under the same digest", "acts of 2026-09 do not hold", forged(t, m, with(whole)), next)

	// Approved: the same facts and quantities, by an act.
	approved := verify(t, h.must(h.Approve(ctx, september, vries(""))).Pack)
	if c := hold(approved, next); len(c.Wrong)+len(c.Doubts) > 0 || len(c.Held) != 1 || !strings.Contains(c.Held[0], "by acts alone") {
		t.Errorf("%+v", c)
	}
	members := unpacked(t, approved)
	for name := range members {
		if strings.HasPrefix(name, evidence.ReplacedFolder) {
			delete(members, name)
		}
	}
	wrong("approved, without what it replaces", "does not carry its manifest", forged(t, approved.Manifest, members), next)

	doubted("two packs of September", closing.DoubtDoubled, "two different packs of 2026-09 revision 0", genuine, approved, next)
	wrong("a genuine and a false September", "neither the seal", genuine, lesser, next)

	// September is amended: October does not know it, November does, and asks
	// for it.
	h.must(h.Approve(ctx, october, vries("")))
	next = verify(t, h.Pack("2026-10", 0))
	if _, err := h.Amend(ctx, september, vries("forgot one"), false); err != nil {
		t.Fatal(err)
	}
	h.must(h.Correct(ctx, september, statement.Correction{Tenant: "ijzer", Product: "rds", Quantity: 1, Code: "other", Reason: "x", By: "x"}))
	amended := verify(t, h.must(h.Close(ctx, september)).Pack)
	doubted("an amendment that nobody knows", closing.DoubtUnanchored, "2026-09 revision 1", approved, amended, next)
	wrong("a false revision 0 under its amendment", "neither the seal", lesser, amended)
	november := verify(t, h.must(h.Close(ctx, h.month("2026-11"))).Pack)
	if c := hold(approved, amended, next, november); len(c.Wrong)+len(c.Doubts) > 0 {
		t.Errorf("%+v", c)
	}
	doubted("the amended month, without its amendment", closing.DoubtMissing, "revision 1 of 2026-09", approved, next, november)
	doubted("October is missing", closing.DoubtMissing, "of 2026-10", approved, amended, november)
	if c := closing.Chain(presented(approved, amended, next), "2026-09", "2026-11", again); !slices.ContainsFunc(c.Doubts, func(d closing.Doubt) bool {
		return d.Kind == closing.DoubtMissing && strings.Contains(d.What, "of 2026-11")
	}) {
		t.Errorf("the last month is missing: %+v", c)
	}
	m = november.Manifest
	m.Previous, m.Others = nil, nil
	doubted("a month that follows nothing", closing.DoubtMissing, "follows nothing", approved, forged(t, m, unpacked(t, november)))
}

// The last month in a revision that names, as the one before it, one that
// somebody made up: beside other months it is asked for, and what is presented as
// that must be it.
func TestForgedPredecessor(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, october := t.Context(), h.month("2026-10")
	september := verify(t, h.must(h.Close(ctx, h.month("2026-09"))).Pack)
	h.must(h.Close(ctx, october))
	before := verify(t, h.must(h.Approve(ctx, october, vries(""))).Pack)
	if _, err := h.Amend(ctx, october, vries("x"), false); err != nil {
		t.Fatal(err)
	}
	last := verify(t, h.must(h.Close(ctx, october)).Pack)
	for _, packs := range [][]*evidence.Pack{{september, before, last}, {before, last}, {last}} {
		if err := chained(packs...); err != nil {
			t.Errorf("%d packs as they are: %v", len(packs), err)
		}
	}
	if err := chained(september, last); err == nil || !strings.Contains(err.Error(), "missing: 2026-10 revision 1 (2026-10) names revision 0 of 2026-10, which is not given") {
		t.Errorf("without what it amends: %v", err)
	}
	m := before.Manifest
	m.Quantities = strings.Repeat("0", 64)
	if err := chained(september, forged(t, m, unpacked(t, before)), last); err == nil || !strings.Contains(err.Error(), "is not what it follows") {
		t.Errorf("another revision before it: %v", err)
	}
}
