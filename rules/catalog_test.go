package rules

import "testing"

// The catalog is a rule file: it has no faults, and its examples hold.
func TestCatalogIsARuleFile(t *testing.T) {
	s, faults := Parse("catalog.yaml", catalogFile)
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
