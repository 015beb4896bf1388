package closing_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/month"
	"splameter/internal/store"
)

// contents are the members of a pack by name.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

// people are texts by which the example's persons could be known: names,
// accounts and mail addresses of its directory, who approved, and who used a
// host without being in a directory.
func people(t *testing.T, h helper, m month.Month) []string {
	t.Helper()
	f, err := h.Store.Facts(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{"C. de Vries", "ticket 99", "svc-splameter"}
	for _, d := range f.Directories {
		for _, a := range d.Accounts.All() {
			for _, s := range []string{a.Name, a.UPN, a.DisplayName, a.Mail, a.DN, a.SID, a.ID} {
				if len(s) > 3 {
					out = append(out, s)
				}
			}
		}
	}
	for i := range f.Uses.Len() {
		u := f.Uses.At(i)
		out = append(out, u.User, u.Name)
	}
	return out
}

// naming are those of the texts that are in a text, as a word of their own.
func naming(text string, who []string) (out []string) {
	folded := strings.ToLower(text)
	seen := map[string]bool{}
	for _, w := range who {
		w = strings.ToLower(w)
		if w == "" || seen[w] || !strings.Contains(folded, w) {
			continue
		}
		seen[w] = true
		if regexp.MustCompile(`(^|[^a-z0-9])` + regexp.QuoteMeta(w) + `($|[^a-z0-9])`).MatchString(folded) {
			out = append(out, w)
		}
	}
	return out
}

// An invoice that another version of the program takes down is not sealed with
// the month, whose files it might write otherwise: it stands in the auditor's
// pack beside the evidence, with its document; masked without who and how much.
func TestLaterActsAreAudited(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, october := t.Context(), h.month("2026-10")
	h.must(h.Close(ctx, october))
	h.must(h.Approve(ctx, october, vries("")))
	h.must(h.Submit(ctx, october, closing.Submission{Act: smit("")}))
	billed := filepath.Join(dir, "invoice.csv")
	put(t, billed, "part_number,quantity,amount\n6WC-00002,22,90.20\n")
	h.Version = "later"
	in, err := h.Invoice(ctx, october, closing.InvoiceFile{On: month.OptionalDay{Day: month.Date(2026, 11, 12), Set: true}, File: billed}, vries(""))
	if err != nil || !strings.Contains(in.Unsealed, "sealed by splameter test") {
		t.Fatalf("%+v, %v", in, err)
	}
	for _, mask := range []bool{false, true} {
		out := filepath.Join(dir, fmt.Sprint(mask, ".zip"))
		if _, _, err := h.Audit(ctx, october, october, mask, false, out); err != nil {
			t.Fatal(err)
		}
		p, err := evidence.Open(ctx, out)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		b, err := p.Read("2026-10-later/acts.json")
		if err != nil || !strings.Contains(string(b), `"what": "quantity"`) {
			t.Errorf("masked %v: %s, %v", mask, b, err)
		}
		if n := len(p.Names("2026-10-later/attachments/")); n != 1 && !mask || n != 0 && mask {
			t.Errorf("masked %v: %d documents", mask, n)
		}
		if mask && (strings.Contains(string(b), "Vries") || strings.Contains(string(b), "90.20") || strings.Contains(string(b), "invoice.csv")) {
			t.Errorf("the masked pack tells %s", b)
		}
	}
	// A document that is not as it was handed in is not taken along.
	attachments, err := filepath.Glob(filepath.Join(dir, "out/2026-10/attachments/*"))
	if err != nil || len(attachments) != 1 {
		t.Fatalf("%v, %v", attachments, err)
	}
	was := readAll(t, attachments[0])
	put(t, attachments[0], "another invoice")
	_, _, err = h.Audit(ctx, october, october, false, false, filepath.Join(dir, "other.zip"))
	refused(t, err, "is not in the month's folder as it was handed in")
	put(t, attachments[0], string(was))

	bills := filepath.Join(dir, "bills.csv")
	put(t, bills, "Customer,Article,Quantity,Price,Amount\n10040,RDS,2,7.7777,15.5554\n")
	if _, err := h.Billed(ctx, october, closing.BilledFile{Path: bills}, vries("")); err != nil {
		t.Fatal(err)
	}
	// With prices a masked pack says what is invoiced, and not what customers are
	// charged.
	out := filepath.Join(dir, "priced.zip")
	if _, _, err := h.Audit(ctx, october, october, true, true, out); err != nil {
		t.Fatal(err)
	}
	if text := contents(t, out)["2026-10-later/acts.json"]; !strings.Contains(text, "90.20") || strings.Contains(text, "7.7777") || strings.Contains(text, "15.5554") {
		t.Errorf("masked, with prices: %s", text)
	}
}

// The masked pack names nobody; the same person has the same mask in both
// months; tenants and quantities can be followed; and it verifies.
func TestAudit(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, september, october := t.Context(), h.month("2026-09"), h.month("2026-10")
	if _, _, err := h.Audit(ctx, september, october, true, false, filepath.Join(dir, "none.zip")); err == nil {
		t.Error("nothing was sealed, and there is a pack")
	}
	for _, m := range []month.Month{september, october} {
		h.must(h.Close(ctx, m))
		h.must(h.Approve(ctx, m, vries("ticket 99")))
	}
	masked := filepath.Join(dir, "masked.zip")
	months, missing, err := h.Audit(ctx, h.month("2026-08"), october, true, false, masked)
	if err != nil || len(months) != 2 || len(missing) != 1 || missing[0] != "2026-08" {
		t.Fatalf("%v, %v, %v", months, missing, err)
	}
	p, err := evidence.Open(ctx, masked)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	all := contents(t, masked)
	who := people(t, h, october)
	for name, text := range all {
		if strings.HasSuffix(name, ".xlsx") {
			text = strings.Join(mapValues(contents2(t, text)), "\n")
		}
		if names := naming(text, who); len(names) > 0 {
			t.Errorf("%s names %q", name, names)
		}
	}
	// What could be named is, without a mask: the test can see names at all.
	if p, err := evidence.Open(ctx, h.Pack("2026-10", 0)); err != nil {
		t.Error(err)
	} else {
		b, err := p.Read("counted.json")
		if err != nil || len(naming(string(b), who)) < 20 {
			t.Errorf("the evidence itself names only %v, %v", naming(string(b), who), err)
		}
		p.Close()
	}
	persons := regexp.MustCompile(`"person-[0-9a-f]{16}"`)
	count := func(name string) map[string]bool {
		out := map[string]bool{}
		for _, s := range persons.FindAllString(all[name], -1) {
			out[s] = true
		}
		return out
	}
	a, b := count("2026-09-r0/counted.json"), count("2026-10-r0/counted.json")
	same := 0
	for s := range a {
		if b[s] {
			same++
		}
	}
	// The README's persons of September that October counts too are many more
	// than those who came or went (c.roos, n.dock, d.linde).
	if len(a) < 20 || same < len(a)-4 {
		t.Errorf("of %d persons in September %d have the same mask in October", len(a), same)
	}
	for _, want := range []string{"tuinderij", `"Units"`, "RDSH-K01"} {
		if !strings.Contains(all["2026-10-r0/counted.json"], want) {
			t.Errorf("the masked pack does not hold %s", want)
		}
	}
	// A quantity can be followed: what stands in the pack is more than masks.
	for name, wants := range map[string][]string{
		"statement.json":  {`"part_number": "6WC-00002"`, `"kind": "directory"`, `"host": "RDSH-K01"`, `"name": "Tuinderij De Kas B.V."`, `"id": "exclusion-`, `"state": "approved"`},
		"findings.json":   {`"subject": "exclusion-`, `"subject": "account-`, `"code": "exclusion-expired"`},
		"acts.json":       {`"action": "approve"`, `"by": "staff-`, `"account": "staff-account-`, `"reason": "(withheld)"`},
		"exclusions.json": {`"Match": "group:SPLA-Admins"`, `"Match": "user:pattern-`, `"Match": "host:SQL-03"`},
		"rules.yaml":      {"catalog: rds"}, "catalog.yaml": {"6WC-00002"}, "titles.json": {"Visio"}, "questions.json": {`"decided": true`},
	} {
		for _, want := range wants {
			if !strings.Contains(all["2026-10-r0/"+name], want) {
				t.Errorf("the masked %s does not hold %s", name, want)
			}
		}
	}
	ids := regexp.MustCompile(`"exclusion-[0-9a-f]{16}"`)
	for _, id := range ids.FindAllString(all["2026-10-r0/statement.json"]+all["2026-10-r0/findings.json"], -1) {
		if !strings.Contains(all["2026-10-r0/exclusions.json"], id) {
			t.Errorf("%s is in no entry of the register", id)
		}
	}
	priced := filepath.Join(dir, "priced.zip")
	if _, _, err := h.Audit(ctx, october, october, true, true, priced); err != nil {
		t.Fatal(err)
	}
	if _, ok := all["2026-10-r0/prices.json"]; ok || !strings.Contains(contents(t, priced)["2026-10-r0/prices.json"], "4.1") {
		t.Error("prices stand in the pack unasked, or not though they were asked for")
	}
	if !strings.Contains(all["2026-10-r0/sealed-manifest.json"], months[1].Manifest) {
		t.Error("the sealed evidence's digest does not stand beside it")
	}
	if _, _, err := h.Audit(ctx, september, october, true, false, masked); err == nil {
		t.Error("a file that was there was written over")
	}
	whole := filepath.Join(dir, "whole.zip")
	if _, _, err := h.Audit(ctx, september, october, false, false, whole); err != nil {
		t.Fatal(err)
	}
	if len(contents(t, whole)["2026-10-r0/evidence.zip"]) < 10_000 {
		t.Error("the whole evidence is not in the pack")
	}
}

func mapValues(m map[string]string) (out []string) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func contents2(t *testing.T, data string) map[string]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.xlsx")
	put(t, path, data)
	return contents(t, path)
}

// After 39 months September's names go: from the store, the evidence and the
// files. Its totals stay, the reduced pack verifies, what was taken out keeps
// its digest, and October is what it was.
func TestRetain(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, september, october := t.Context(), h.month("2026-09"), h.month("2026-10")
	for _, m := range []month.Month{september, october} {
		h.must(h.Close(ctx, m))
		h.must(h.Approve(ctx, m, vries("")))
		h.must(h.Submit(ctx, m, closing.Submission{Act: smit("")}))
	}
	if _, _, err := h.Retain(ctx, october); err == nil || !strings.Contains(err.Error(), "39 months") {
		t.Fatalf("names were reduced too early: %v", err)
	}
	// 1 January 2030 less 39 months is October 2026.
	h.Now = func() time.Time { return time.Date(2030, 1, 5, 0, 0, 0, 0, time.UTC) }
	whole, err := evidence.Open(ctx, h.Pack("2026-09", 0))
	if err != nil {
		t.Fatal(err)
	}
	whole.Close()
	before := tree(t, filepath.Join(dir, "out", "2026-10"))
	who := people(t, h, september)

	months, n, err := h.Retain(ctx, h.KeepFrom())
	if err != nil || len(months) != 1 || months[0] != "2026-09" || n.Readings == 0 || n.Spans == 0 {
		t.Fatalf("%v, %+v, %v", months, n, err)
	}
	p, err := evidence.Open(ctx, h.Pack("2026-09", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Manifest.Reduced == nil || p.Manifest.Reduced.Manifest != whole.Digest || p.Has("facts.json") {
		t.Errorf("%+v", p.Manifest)
	}
	b, err := p.Read("totals.json")
	if err != nil || !strings.Contains(string(b), `"quantity": 21`) {
		t.Errorf("the totals: %v", err)
	}
	if names := naming(string(b), who); len(names) > 0 {
		t.Errorf("the totals name %q", names)
	}
	for _, table := range []string{"exclusions", "tenants", "shared_accounts", "decisions"} {
		if p.Has("inputs/" + table + ".csv") {
			t.Errorf("%s.csv, in which persons are named, is still in the pack", table)
		}
	}
	if _, err := closing.Recompute(ctx, p, p.Manifest.Program); err == nil || !strings.Contains(err.Error(), "reduced") {
		t.Error(err)
	}
	october2, err := evidence.Open(ctx, h.Pack("2026-10", 0))
	if err != nil {
		t.Fatal(err)
	}
	defer october2.Close()
	if c := closing.Chain(presented(october2, p), "", "", nil); len(c.Wrong) > 0 || len(c.Held) != 1 || len(c.Doubts) != 1 || c.Doubts[0].Kind != closing.DoubtReduced {
		t.Errorf("the chain broke, or nobody is told that a month was reduced: %+v", c)
	}
	for what, change := range map[string]func(map[string][]byte){
		"the usage report was left out": func(x map[string][]byte) { delete(x, "files/usage-report-2026-09.xlsx") },
		"something was added":           func(x map[string][]byte) { x["files/note.txt"] = nil },
	} {
		members := unpacked(t, p)
		change(members)
		m := p.Manifest
		inputs := m.Inputs
		less := forged(t, m, members, inputs)
		if c := closing.Chain(presented(october2, less), "", "", nil); len(c.Wrong) == 0 {
			t.Errorf("of a reduced pack, %s: it holds", what)
		}
	}
	if d := changed(before, tree(t, filepath.Join(dir, "out", "2026-10"))); len(d) > 0 {
		t.Errorf("October's files changed: %v", d)
	}
	if prop, err := h.Propose(ctx, october); err != nil || len(prop.Differences) != 0 {
		t.Errorf("October counts otherwise: %+v, %v", prop, err)
	}
	if prop, err := h.Propose(ctx, september); err != nil || prop != nil {
		t.Errorf("September could be counted: %+v, %v", prop, err)
	}
	_, err = h.Amend(ctx, september, vries("x"), false)
	refused(t, err, "reduced to counts")
	f, err := h.Store.Facts(ctx, september)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range f.Directories {
		if len(d.Taken) > 1 {
			t.Errorf("September still has %d readings", len(d.Taken))
		}
	}
	// What was reduced is not read again from exports that still lie there.
	if err := collect(ctx, h.Desk); err != nil {
		t.Fatal(err)
	}
	if f, err = h.Store.Facts(ctx, september); err != nil || len(f.Directories) > 0 && len(f.Directories[0].Taken) > 1 {
		t.Errorf("the exports were read again: %v", err)
	}
	if months, _, err = h.Retain(ctx, h.KeepFrom()); err != nil || len(months) != 0 {
		t.Errorf("again: %v, %v", months, err)
	}
	if s, err := h.Store.Result(ctx, "2026-09", 0); err != nil || len(naming(string(s), who)) > 0 {
		t.Errorf("the kept result names %v, %v", naming(string(s), who), err)
	}
	var _ store.Reduced = n
}

// Totals that stand in a reduced pack and did not in the whole one are anybody's:
// only packs of the first format had none.
func TestReducedTotalsAreThoseOfTheWhole(t *testing.T) {
	seal := func(w io.Writer, members ...evidence.Member) {
		t.Helper()
		m := evidence.Manifest{Month: "2026-09", State: "submitted", Inputs: evidence.InputDigest(nil), Quantities: "q"}
		if _, err := evidence.Seal(t.Context(), w, m, members, nil); err != nil {
			t.Fatal(err)
		}
	}
	pack := func(b []byte) *evidence.Pack {
		t.Helper()
		p, err := evidence.Read(t.Context(), bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var whole, reduced bytes.Buffer
	seal(&whole, evidence.Member{Name: "statement.json", Data: []byte("{}")})
	invented := []evidence.Member{{Name: "totals.json", Data: []byte(`{"lines":[]}`)}}
	if _, err := pack(whole.Bytes()).Reduce(t.Context(), &reduced, func(string) bool { return false }, invented, "test", nil); err != nil {
		t.Fatal(err)
	}
	c := closing.Chain(presented(pack(reduced.Bytes())), "", "", nil)
	if err := errors.Join(c.Wrong...); err == nil || !strings.Contains(err.Error(), "its totals were not in the whole pack") {
		t.Errorf("invented totals: %v", err)
	}

	// A pack of the first format had no totals, so that those of its reduction are
	// made anew.
	first, err := evidence.Open(t.Context(), filepath.Join(golden, "evidence-2026-09.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	reduced.Reset()
	if _, err := first.Reduce(t.Context(), &reduced, func(string) bool { return true }, invented, "test", nil); err != nil {
		t.Fatal(err)
	}
	if c := closing.Chain(presented(pack(reduced.Bytes())), "", "", nil); len(c.Wrong) > 0 {
		t.Errorf("totals of the first format: %v", c.Wrong)
	}
}
