package closing_test

import (
	"bytes"
	"encoding/json"
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

// actsText is acts as a seal writes them.
func actsText(t *testing.T, acts []statement.Act) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(acts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// An amended month's pack, with the reseller's confirmation of the first
// revision, in which one thing of its acts, its attachment, its manifest or the
// statement that it replaces is another. Every digest in it fits; counting again
// refuses each, and says what does not hold.
func TestForgedActs(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	put(t, filepath.Join(dir, "received.txt"), "received")
	large := filepath.Join(dir, "large.txt")
	put(t, large, "")
	if err := os.Truncate(large, 64<<20+1); err != nil {
		t.Fatal(err)
	}
	_, err := h.Submit(ctx, m, closing.Submission{Act: smit(""), Attach: large})
	refused(t, err, "it is larger than 64 MiB")
	h.must(h.Submit(ctx, m, closing.Submission{Act: smit(""), Attach: filepath.Join(dir, "received.txt")}))
	if _, err := h.Amend(ctx, m, vries("told later"), false); err != nil {
		t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(dir, "out/2026-10/attachments/*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	put(t, kept[0], "refused!")
	_, err = h.Close(ctx, m)
	refused(t, err, "received.txt is not in the month's folder as it was handed in")
	put(t, kept[0], "received")
	p := verify(t, h.must(h.Close(ctx, m)).Pack)
	whole := unpacked(t, p)
	recount := func(m evidence.Manifest, members map[string][]byte) (*closing.Again, error) {
		t.Helper()
		return closing.Recompute(ctx, forged(t, m, members), h.Version)
	}
	if _, err := recount(p.Manifest, whole); err != nil {
		t.Fatalf("the pack sealed anew as it was is refused for another reason: %v", err)
	}
	refusedFor := func(what, words string, m evidence.Manifest, members map[string][]byte) {
		t.Helper()
		if _, err := recount(m, members); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	var acts []statement.Act
	if err := json.Unmarshal(whole["acts.json"], &acts); err != nil || !bytes.Equal(actsText(t, acts), whole["acts.json"]) {
		t.Fatalf("the acts are not read as they are written: %v", err)
	}
	seal := slices.IndexFunc(acts, func(a statement.Act) bool { return a.Action == statement.ActSeal })
	submit := slices.IndexFunc(acts, func(a statement.Act) bool { return a.Action == statement.ActSubmit })
	amend := slices.IndexFunc(acts, func(a statement.Act) bool { return a.Action == statement.ActAmend })
	const place, sealOf, upTo = "is of another place or month", "names a seal with other inputs, of another revision or by another program", "are not what was sealed with number"
	for what, c := range map[string]struct {
		change func(x []statement.Act) []statement.Act
		words  string
	}{
		"another number":              {func(x []statement.Act) []statement.Act { x[1].Seq = 7; return x }, place},
		"another month":               {func(x []statement.Act) []statement.Act { x[1].Month = "2026-09"; return x }, place},
		"a revision before the first": {func(x []statement.Act) []statement.Act { x[1].Revision = -1; return x }, place},
		"a revision behind the last":  {func(x []statement.Act) []statement.Act { x[1].Revision = 2; return x }, place},
		"reordered": {func(x []statement.Act) []statement.Act {
			x[1], x[submit] = x[submit], x[1]
			x[1].Seq, x[submit].Seq = 2, submit+1
			return x
		}, "acts of 2026-10 do not hold"},
		"one left out": {func(x []statement.Act) []statement.Act {
			x = slices.Delete(x, 1, 2)
			for i := range x {
				x[i].Seq = i + 1
			}
			return x
		}, "acts of 2026-10 do not hold"},
		"a seal left out":         {func(x []statement.Act) []statement.Act { x[seal].Manifest = ""; return x }, "are not those that the manifest says to replace"},
		"a seal's inputs":         {func(x []statement.Act) []statement.Act { x[seal].Inputs = strings.Repeat("0", 64); return x }, sealOf},
		"a seal's program":        {func(x []statement.Act) []statement.Act { x[seal].Program = "0.9"; return x }, sealOf},
		"a seal's revision":       {func(x []statement.Act) []statement.Act { x[seal].Revision = 1; return x }, sealOf},
		"who approved":            {func(x []statement.Act) []statement.Act { x[1].By = "Somebody"; return x }, upTo},
		"another day":             {func(x []statement.Act) []statement.Act { x[1].At = x[1].At.AddDate(0, 0, -1); return x }, upTo},
		"another reason to amend": {func(x []statement.Act) []statement.Act { x[amend].Reason = "of no weight"; return x }, ""},
	} {
		members := maps.Clone(whole)
		members["acts.json"] = actsText(t, c.change(slices.Clone(acts)))
		refusedFor(what, c.words, p.Manifest, members)
	}
	with := func(name string, data []byte) map[string][]byte {
		x := maps.Clone(whole)
		x[name] = data
		return x
	}
	refusedFor("something beside", "are not written as a seal writes them", p.Manifest,
		with("acts.json", bytes.Replace(whole["acts.json"], []byte(`"seq": 2,`), []byte(`"seq": 2, "x": 1,`), 1)))

	// The manifest names other seals, or none of them is carried.
	x := p.Manifest
	bare := maps.Clone(whole)
	maps.DeleteFunc(bare, func(n string, _ []byte) bool { return strings.HasPrefix(n, evidence.ReplacedFolder) })
	x.Replaces = x.Replaces[1:]
	refusedFor("it replaces fewer", "are not those that the manifest says to replace", x, bare)
	if again, err := recount(p.Manifest, bare); err != nil || !strings.Contains(strings.Join(again.Doubts, "\n"), "does not carry the manifest of the revision that it replaces") {
		t.Errorf("it carries no manifests: %+v, %v", again, err)
	}
	longer := slices.Clone(acts)
	handed := *acts[submit].Attachment
	handed.Size++
	longer[submit].Attachment = &handed
	unsaid := maps.Clone(bare)
	unsaid["acts.json"] = actsText(t, longer)
	refusedFor("a confirmation of another size", "is not the one that was handed in", p.Manifest, unsaid)
	x = p.Manifest
	x.Revision = 2
	refusedFor("another revision", "says draft, revision 2, and its acts say draft, revision 1", x, whole)
	x = p.Manifest
	x.Quantities = ""
	refusedFor("no digest of its quantities", "has another digest of its quantities", x, whole)

	// A seal that holds no acts seals none.
	var b bytes.Buffer
	sum, err := evidence.Seal(ctx, &b, evidence.Manifest{Month: "2026-10", State: "draft", Program: acts[0].Program, Inputs: acts[0].Inputs, Quantities: p.Manifest.Quantities}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := evidence.Read(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	carried, err := empty.Carry()
	if err != nil {
		t.Fatal(err)
	}
	bare[carried[0].Name] = carried[0].Data
	other := slices.Clone(acts)
	other[0].Manifest = sum
	bare["acts.json"] = actsText(t, other)
	x = p.Manifest
	x.Replaces = slices.Clone(x.Replaces)
	x.Replaces[0] = sum
	refusedFor("a seal without acts", upTo, x, bare)

	// What the reseller confirmed, and the statement that this one replaces.
	for name := range whole {
		if strings.HasPrefix(name, "attachments/") {
			refusedFor("another confirmation", "is not the one that was handed in", p.Manifest, with(name, []byte("refused!")))
			without := maps.Clone(whole)
			delete(without, name)
			refusedFor("no confirmation", "has no attachments/", p.Manifest, without)
		}
	}
	const replaced = "replaced-statement.json"
	for from, to := range map[string]string{`"month": "2026-10"`: `"month": "2026-09"`, `"revision": 0`: `"revision": 1`, `"quantity": 20`: `"quantity": 30`} {
		text := bytes.Replace(whole[replaced], []byte(from), []byte(to), 1)
		if bytes.Equal(text, whole[replaced]) {
			t.Fatalf("it has no %s", from)
		}
		refusedFor(to, "holds, as the statement that it replaces, another than was sealed", p.Manifest, with(replaced, text))
	}
}
