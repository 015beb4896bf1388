package rules

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The catalog is a rule file: it has no faults, and its examples hold.
func TestCatalogIsARuleFile(t *testing.T) {
	s, faults := parse(&Set{File: "catalog.yaml", isCatalog: true}, catalogFile)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if len(s.Products) != len(Catalog().Products) || len(s.Products) < 15 {
		t.Errorf("%d products", len(s.Products))
	}
	for i := range s.Products {
		p := &s.Products[i]
		if p.Source == "" || !p.Verify {
			t.Errorf("%s does not say where it comes from", p.ID)
		}
	}
}

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"Microsoft Office* Standard 20??*", "Microsoft Office LTSC Standard 2021 - nl-nl", true},
		{"Microsoft Office* Standard 20??*", "microsoft office standard 2016", true},
		{"Microsoft Office* Standard 20??*", "Microsoft Office Standard 20", false},
		{"svc-*", "SVC-scan", true},
		{"svc-*", "xsvc-scan", false},
		{"*", "", true},
		{"?", "é", true},
		{"??", "é", false},
		{"a*b*c", "aXbYbZc", true},
		{"a*b*c", "aXbYbZ", false},
		{"", "", true},
		{"", "a", false},
	} {
		if got := NewGlob(c.pattern).Match(c.s); got != c.want {
			t.Errorf("%q against %q: %v, want %v", c.pattern, c.s, got, c.want)
		}
	}
}

var update = flag.Bool("update", false, "write docs/catalog.md anew")

// docs/catalog.md says what the catalog holds.
func TestCatalogDoc(t *testing.T) {
	path := filepath.Join("..", "docs", "catalog.md")
	want := CatalogDoc()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/catalog.md is stale: go test ./rules -run TestCatalogDoc -update")
	}
}

// Each product, taken by its id alone, is a rule, or says what to fill in.
func TestEveryProductCanBeTaken(t *testing.T) {
	for i := range Catalog().Products {
		p := &Catalog().Products[i]
		text := "version: x\nproducts:\n"
		for _, id := range append(append([]string{p.ID}, p.Requires...), p.With...) {
			q, _ := Catalog().product(id)
			text += "  - {catalog: " + id
			if q.FillIn != "" && id != p.ID {
				text += ", entitled: {groups: [G]}"
			}
			text += "}\n"
		}
		_, faults := Parse("rules.yaml", []byte(text))
		err := faults.Err()
		if p.FillIn == "" && err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
		if p.FillIn != "" && (err == nil || !strings.Contains(err.Error(), p.FillIn)) {
			t.Errorf("%s: %v, want it to ask for %q", p.ID, err, p.FillIn)
		}
		if stanza, ok := CatalogStanza(p.ID); !ok || !strings.HasPrefix(stanza, "  - id: "+p.ID+"\n") {
			t.Errorf("%s: the stanza is %q", p.ID, stanza)
		}
	}
}
