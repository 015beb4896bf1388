package closing_test

import (
	"bytes"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// savedAgain is a workbook as somebody saves it again with a change.
func savedAgain(t *testing.T, book []byte, change func(*excelize.File)) []byte {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	change(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The genuine usage report is put into packs of other numbers. A reduced pack
// cannot be counted again, so that its totals, its usage report and what it says
// of its quantities must agree by themselves: each of the three is forged here
// with a manifest, and a manifest of the whole pack, whose digests all fit.
func TestAgainstForgedPacks(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx := t.Context()
	p := verify(t, h.must(h.Close(ctx, h.month("2026-10"))).Pack)
	received := readAll(t, filepath.Join(dir, "out/2026-10/usage-report-2026-10.xlsx"))
	annex := readAll(t, filepath.Join(dir, "out/2026-10/annex/ijzer-2026-10.xlsx"))
	whole := unpacked(t, p)
	reduced := func(m evidence.Manifest, members map[string][]byte) *evidence.Pack {
		t.Helper()
		var b bytes.Buffer
		keep := func(name string) bool { return name == "totals.json" || strings.HasPrefix(name, "files/") }
		if _, err := forged(t, m, members).Reduce(ctx, &b, keep, nil, "test", nil); err != nil {
			t.Fatal(err)
		}
		r, err := evidence.Read(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if how, err := closing.Against(reduced(p.Manifest, whole), "r.xlsx", received); err != nil || !strings.Contains(how, "to the byte") {
		t.Errorf("a reduced pack as it is: %q, %v", how, err)
	}
	fails := func(what string, p *evidence.Pack, file []byte, words string) {
		t.Helper()
		if how, err := closing.Against(p, "r.xlsx", file); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %q, %v", what, how, err)
		}
	}

	// Totals of 20 where the report has 21.
	lesser := maps.Clone(whole)
	lesser["totals.json"] = bytes.Replace(whole["totals.json"], []byte(`"quantity": 20`), []byte(`"quantity": 19`), 1)
	fails("other totals", reduced(p.Manifest, lesser), received, "has other quantities than its manifest says")
	m := p.Manifest
	m.Quantities = ""
	fails("other totals, and no digest of them", reduced(m, lesser), received, "reports other quantities than its statement")
	fails("other totals, against an annex", reduced(m, lesser), annex, "reports other quantities than its statement")

	// A report of another number in the pack, beside the genuine totals.
	other := maps.Clone(whole)
	other["files/usage-report-2026-10.xlsx"] = savedAgain(t, received, func(f *excelize.File) {
		at, err := f.SearchSheet("Report", "20")
		if err != nil || len(at) == 0 {
			t.Fatal(err)
		}
		f.SetCellValue("Report", at[0], 19)
	})
	fails("another report in the pack", reduced(p.Manifest, other), other["files/usage-report-2026-10.xlsx"], "6WC-00002: sealed 20")
	// The same report in a seal that the pack says to replace, with the pack's own
	// digests of facts and quantities.
	before := forged(t, p.Manifest, other)
	carry, err := before.Carry()
	if err != nil {
		t.Fatal(err)
	}
	m = p.Manifest
	m.Replaces = []string{before.Digest}
	carrying := maps.Clone(whole)
	for _, x := range carry {
		carrying[x.Name] = x.Data
	}
	fails("another report in a seal that it replaces", forged(t, m, carrying), other["files/usage-report-2026-10.xlsx"], "reports other quantities than the pack of 2026-10")
	other["files/usage-report-2026-10.xlsx"] = annex
	fails("an annex in the report's place", reduced(p.Manifest, other), received, "it is no usage report")
	delete(other, "files/usage-report-2026-10.xlsx")
	fails("no report in the pack", forged(t, p.Manifest, other), annex[:100], "none of the files")

	// The genuine annex names the genuine evidence, whatever pack it is put into.
	m = p.Manifest
	m.Quantities = ""
	fails("the annex in another pack", forged(t, m, whole), annex, "names other evidence")
	fails("saved again, for a pack without a digest of its quantities", forged(t, m, whole), savedAgain(t, received, func(*excelize.File) {}), evidence.ErrUnproved.Error())

	// What a month was counted from is nothing that somebody received. A file that
	// cannot name evidence is held by its bytes.
	fails("its prices", p, whole["inputs/prices.csv"], "none of the files")
	plain := maps.Clone(whole)
	plain["files/lines.csv"] = []byte("a,b\n")
	if how, err := closing.Against(forged(t, p.Manifest, plain), "lines.csv", plain["files/lines.csv"]); err != nil || !strings.Contains(how, "to the byte, lines.csv") {
		t.Errorf("a file without a place for evidence: %q, %v", how, err)
	}
}

// Where there are several agreements, the report of each is held against the
// pack by itself, saved again too, and they add up to the statement. Harbour has
// 2 of 20 RDS SALs, so that main's report has 18.
func TestAgainstSeveralAgreements(t *testing.T) {
	dir := example(t)
	edit := func(path string, change func(string) string) {
		t.Helper()
		path = filepath.Join(dir, path)
		put(t, path, change(string(readAll(t, path))))
	}
	edit("config.yaml", func(s string) string {
		return strings.Replace(s, "agreements: []", "agreements:\n  - {id: academic, agreement: EXAMPLE-S1111111, enrollment: E, deadline_day: 8, reseller: {name: Other Reseller, email: spla@other.example}}", 1)
	})
	edit("testdata/tenants.csv", func(s string) string {
		lines := strings.Split(strings.TrimSpace(s), "\n")
		for i := range lines {
			switch {
			case i == 0:
				lines[i] += ",agreement"
			case strings.HasPrefix(lines[i], "harbour,"):
				lines[i] += ",academic"
			default:
				lines[i] += ","
			}
		}
		return strings.Join(lines, "\n") + "\n"
	})
	h := helper{open(t, dir), t}
	p := verify(t, h.must(h.Close(t.Context(), h.month("2026-10"))).Pack)
	main := readAll(t, filepath.Join(dir, "out/2026-10/usage-report-2026-10-main.xlsx"))
	academic := readAll(t, filepath.Join(dir, "out/2026-10/usage-report-2026-10-academic.xlsx"))
	for _, book := range [][]byte{main, academic} {
		if _, err := closing.Against(p, "r.xlsx", book); err != nil {
			t.Error(err)
		}
		how, err := closing.Against(p, "r.xlsx", savedAgain(t, book, func(*excelize.File) {}))
		if err != nil || !strings.Contains(how, "saved again") {
			t.Errorf("%q, %v", how, err)
		}
	}
	less := savedAgain(t, main, func(f *excelize.File) {
		at, err := f.SearchSheet("Report", "18")
		if err != nil || len(at) == 0 {
			t.Fatal(err)
		}
		f.SetCellValue("Report", at[0], 17)
	})
	if _, err := closing.Against(p, "r.xlsx", less); err == nil || !strings.Contains(err.Error(), "reports other quantities than the pack") {
		t.Errorf("one SAL less under an agreement: %v", err)
	}
	members := unpacked(t, p)
	members["files/usage-report-2026-10-main.xlsx"] = less
	if _, err := closing.Against(forged(t, p.Manifest, members), "r.xlsx", academic); err == nil || !strings.Contains(err.Error(), "do not add up to its statement") {
		t.Errorf("an agreement's report of another number in the pack: %v", err)
	}
}

// A report with a part number that is still to be filled in is held by what it
// says beside it.
func TestAgainstWithoutAPartNumber(t *testing.T) {
	dir := example(t)
	path := filepath.Join(dir, "testdata/rules.yaml")
	s := string(readAll(t, path))
	put(t, path, strings.Replace(s, "    part_number: EXAMPLE-OFFSTD\n", "", 1))
	h := helper{open(t, dir), t}
	p := verify(t, h.must(h.Close(t.Context(), h.month("2026-10"))).Pack)
	received := readAll(t, filepath.Join(dir, "out/2026-10/usage-report-2026-10.xlsx"))
	if how, err := closing.Against(p, "r.xlsx", savedAgain(t, received, func(*excelize.File) {})); err != nil || !strings.Contains(how, "saved again") {
		t.Errorf("%q, %v", how, err)
	}
	if _, err := closing.Against(p, "r.xlsx", savedAgain(t, received, func(f *excelize.File) {
		at, err := f.SearchSheet("Report", "13")
		if err != nil || len(at) == 0 {
			t.Fatal("no 13", err)
		}
		f.SetCellValue("Report", at[0], 12)
	})); err == nil || !strings.Contains(err.Error(), "TO BE FILLED IN: sealed 13, in r.xlsx 12") {
		t.Errorf("one less without a part number: %v", err)
	}
}

// A pack of the first format kept no digest of its quantities, and its report
// names no evidence: it holds to the byte, and saved again it is unproved.
func TestAgainstTheFirstFormat(t *testing.T) {
	p, err := evidence.Open(t.Context(), filepath.Join(golden, "evidence-2026-09.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	book, err := p.Read("files/usage-report-2026-09.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := closing.Against(p, "r.xlsx", book); err != nil {
		t.Error(err)
	}
	_, err = closing.Against(p, "r.xlsx", savedAgain(t, book, func(*excelize.File) {}))
	if err == nil || !strings.Contains(err.Error(), evidence.ErrUnproved.Error()) {
		t.Errorf("saved again: %v", err)
	}
}
