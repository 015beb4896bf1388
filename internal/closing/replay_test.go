package closing_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/register/tables"
	"splameter/internal/repotest"
	"splameter/internal/store"
)

// The acceptance month, closed: its sealed facts give its statement again, and
// the quantities of the truth.
func TestAcceptance(t *testing.T) {
	from := repotest.Shared(t, "acceptance", "october")
	dir := t.TempDir()
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		if err != nil || e.IsDir() {
			return errors.Join(err, os.MkdirAll(filepath.Join(dir, rel), 0o700))
		}
		b, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(filepath.Join(dir, rel), b, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	h := helper{open(t, dir), t}
	if err := collect(t.Context(), h.Desk); err != nil {
		t.Fatal(err)
	}
	r := h.must(h.Close(t.Context(), h.month("2026-10")))
	verify(t, r.Pack)
	for i := range r.Statement.Coverage.Gaps {
		r = h.must(h.Accept(t.Context(), h.month("2026-10"), r.Statement.Coverage.Gaps[i].Key(), vries("known")))
	}
	r = h.must(h.Approve(t.Context(), h.month("2026-10"), vries("")))
	verify(t, r.Pack)
	if quantity(r.Statement, "rds") != 190 { // truth.json
		t.Errorf("rds is %d", quantity(r.Statement, "rds"))
	}
}

// Replay: the price of 6WC-00002 becomes 5.00, so 20 of them cost 100.00 and
// not 82.00. With rules that do not count visio, its two fall away. Nothing is
// kept.
func TestReplay(t *testing.T) {
	dir := example(t)
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	prices := filepath.Join(dir, "new.csv")
	put(t, prices, "part_number,currency,unit_price,from,until\n6WC-00002,EUR,5.00,,\n")
	list, faults := tables.Prices(prices, "")
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	set := *h.Setup.Rules
	set.Products = slices.Clone(set.Products)
	for i := range set.Products {
		if set.Products[i].ID == "visio-std" {
			set.Products = slices.Delete(set.Products, i, i+1)
			break
		}
	}
	check := func(sealed bool) {
		t.Helper()
		r, err := h.Replay(ctx, m, &set, list)
		if err != nil || r.Sealed != sealed {
			t.Fatalf("%+v, %v", r, err)
		}
		for _, x := range r.Lines {
			switch x.PartNumber {
			case "6WC-00002":
				if x.Old != 20 || x.New != 20 || x.OldAmount.StringFixed(2) != "82.00" || x.NewAmount.StringFixed(2) != "100.00" {
					t.Errorf("%+v", x)
				}
			case "EXAMPLE-VISSTD":
				if x.Old != 2 || x.New != 0 || x.OldAmount.StringFixed(2) != "19.00" || !x.NewAmount.IsZero() {
					t.Errorf("%+v", x)
				}
			case "EXAMPLE-OFFSTD": // its new price is not known, and no zero
				if x.NewAmount != nil || x.New != 13 {
					t.Errorf("%+v", x)
				}
			}
		}
	}
	check(false)
	if acts, err := h.Store.Acts(ctx, ""); err != nil || len(acts) != 0 {
		t.Errorf("the replay kept %v, %v", acts, err)
	}
	if _, err := h.Store.Result(ctx, "2026-10", 0); !errors.Is(err, store.ErrNone) {
		t.Error("the replay kept a result")
	}
	h.must(h.Close(ctx, m))
	before := tree(t, dir)
	check(true)
	for _, name := range changed(before, tree(t, dir)) {
		if !strings.HasPrefix(name, "var/") {
			t.Errorf("the replay wrote %s", name)
		}
	}
	if _, err := h.Replay(ctx, h.month("2020-01"), &set, nil); !errors.Is(err, store.ErrNone) {
		t.Errorf("a month without facts: %v", err)
	}
}
