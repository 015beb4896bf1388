package rules

import (
	_ "embed"
	"slices"
	"sync"

	"splameter/internal/strictyaml"
)

//go:embed catalog/catalog.yaml
var catalogFile []byte

// Catalog is the built-in list of the usual products, with where each name
// and part number comes from. It is a rule file itself; the program's own
// tests parse it, so that it has no faults here.
var Catalog = sync.OnceValue(func() *Set {
	s := &Set{File: "catalog/catalog.yaml"}
	strictyaml.Decode(s.File, catalogFile, s)
	for i := range s.Products {
		s.Products[i].compile()
	}
	return s
})

func (s *Set) product(id string) (*Product, bool) {
	for i := range s.Products {
		if s.Products[i].ID == id {
			return &s.Products[i], true
		}
	}
	return nil, false
}

func (s *Set) ids() []string {
	var out []string
	for i := range s.Products {
		out = append(out, s.Products[i].ID)
	}
	return out
}

// CatalogFile is the built-in list as it stands in the program, for evidence:
// rule files may take from it.
func CatalogFile() []byte { return slices.Clone(catalogFile) }
