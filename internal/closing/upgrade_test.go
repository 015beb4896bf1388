package closing_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// sealedBefore closes and approves September, and puts a seal in place of the
// approved one that has other built-in lists, as an earlier version had them, or
// as somebody wishes they were: the store holds that seal.
func sealedBefore(t *testing.T, h helper, change func(map[string][]byte)) {
	t.Helper()
	ctx, m := t.Context(), h.month("2026-09")
	draft := verify(t, h.must(h.Close(ctx, m)).Pack)
	l, err := h.Life(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	approve := statement.Act{Month: l.Month, Seq: len(l.Acts) + 1, Action: statement.ActApprove, By: "C. de Vries", Account: h.Account, At: h.Now().UTC()}
	acts := append(slices.Clone(l.Acts), approve)
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(acts); err != nil {
		t.Fatal(err)
	}
	members := unpacked(t, draft)
	change(members)
	members["acts.json"] = text.Bytes()
	carried, err := draft.Carry()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range carried {
		members[x.Name] = x.Data
	}
	manifest := draft.Manifest
	manifest.State, manifest.Replaces = "approved", []string{draft.Digest}
	var list, inputs []evidence.Member
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, evidence.Member{Name: name, Data: members[name]})
		if name == "facts.json" || strings.HasPrefix(name, "inputs/") {
			inputs = append(inputs, list[len(list)-1])
		}
	}
	manifest.Inputs = evidence.InputDigest(inputs)
	var b bytes.Buffer
	sum, err := evidence.Seal(ctx, &b, manifest, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	put(t, h.Pack("2026-09", 0), b.String())
	seal := statement.Act{Month: l.Month, Seq: approve.Seq + 1, Action: statement.ActSeal, Account: h.Account, At: h.Now().UTC(), Manifest: sum, Inputs: manifest.Inputs, Program: h.Version}
	if err := h.Store.Record(ctx, []statement.Act{approve, seal}, nil, false); err != nil {
		t.Fatal(err)
	}
}

// An amendment keeps the list by which an earlier version recognized programs,
// and is sealed with the catalog of the version that counts it: it holds. A list
// by which fewer programs want a licence is no version's that could be proved:
// what this version's would come to is said.
func TestAmendedWithAnotherVersionsLists(t *testing.T) {
	amended := func(change func(map[string][]byte)) (*closing.Again, error) {
		t.Helper()
		h := helper{open(t, example(t)), t}
		sealedBefore(t, h, change)
		m := h.month("2026-09")
		if _, err := h.Amend(t.Context(), m, vries("told later"), false); err != nil {
			t.Fatal(err)
		}
		p, err := evidence.Open(t.Context(), h.must(h.Close(t.Context(), m)).Pack)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		return closing.Recompute(t.Context(), p, h.Version)
	}
	replace := func(x map[string][]byte, from, to string) {
		t.Helper()
		const titles = "inputs/titles.json"
		if !bytes.Contains(x[titles], []byte(from)) {
			t.Fatalf("the titles have no %q", from)
		}
		x[titles] = bytes.Replace(x[titles], []byte(from), []byte(to), 1)
	}
	again, err := amended(func(x map[string][]byte) {
		x["inputs/catalog.yaml"] = append([]byte("# of an earlier version\n"), x["inputs/catalog.yaml"]...)
		replace(x, "Express edition: free", "Express edition: costs nothing")
	})
	if err != nil || len(again.Doubts) > 0 {
		t.Errorf("an earlier version's lists: %+v, %v", again, err)
	}
	again, err = amended(func(x map[string][]byte) {
		replace(x, `- \"* visio {edition}\"\n`, `- \"* visio {edition}\"\n    except: [{editions: [Standard], is: free, why: x}]\n`)
		replace(x, `      - Microsoft Office Visio Standard 2003 => Standard 2003\n`, "")
		replace(x, `      - Microsoft Visio Standaard 2013 => Standard 2013\n`, "")
	})
	if err != nil || len(again.Doubts) != 1 || !strings.Contains(again.Doubts[0], "EXAMPLE-VISSTD would be 2 where 0 was sealed") {
		t.Errorf("Visio for nothing: %+v, %v", again, err)
	}
}

// An amended pack without the statement that it replaces makes workbooks that
// say nothing of the amendment: that is told.
func TestAmendedWithoutWhatItReplaces(t *testing.T) {
	h := helper{open(t, example(t)), t}
	ctx, m := t.Context(), h.month("2026-09")
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	if _, err := h.Amend(ctx, m, vries("told later"), false); err != nil {
		t.Fatal(err)
	}
	p := verify(t, h.must(h.Close(ctx, m)).Pack)
	members := unpacked(t, p)
	delete(members, "replaced-statement.json")
	refusedBecause := func(err error, words string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%v", err)
		}
	}
	_, err := closing.Recompute(ctx, forged(t, p.Manifest, members), h.Version)
	refusedBecause(err, "usage-report-2026-09.xlsx")
	other := p.Manifest
	other.Program = "0.9" // whose bytes may be others
	again, err := closing.Recompute(ctx, forged(t, other, members), h.Version)
	if err != nil || !strings.Contains(strings.Join(again.Doubts, "\n"), "does not hold the statement of the revision that it replaces") {
		t.Errorf("%+v, %v", again, err)
	}
}
