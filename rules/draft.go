package rules

import (
	"sort"
	"strings"

	"splameter/internal/product"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Matches are the ids of the products by users whose patterns a program fits:
// what a first look at an estate suggests.
func (s *Set) Matches(in *snapshot.Install) []string {
	what := product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)
	name, release := strings.ToLower(strings.TrimSpace(in.Name)), strings.ToLower(in.Release)
	var out []string
	for i := range s.Products {
		if s.Products[i].matchTitle(&what, name, release) {
			out = append(out, s.Products[i].ID)
		}
	}
	return out
}

// DueFor lists, by the id of each product by cores, the machines of a hosts
// table that it would be due for.
func (s *Set) DueFor(table []snapshot.Machine) map[string][]string {
	f := &snapshot.Facts{}
	for i := range table {
		f.Machines = append(f.Machines, snapshot.MachineMonth{Machine: table[i]})
	}
	out := map[string][]string{}
	for _, m := range machines(f, newFullNames(f, nil, nil)) {
		for i := range s.Products {
			if p := &s.Products[i]; p.Unit == statement.UnitCore && p.FillIn == "" && p.due(m) { // what only a person can fill in fits everything
				out[p.ID] = append(out[p.ID], m.host)
			}
		}
	}
	for _, hosts := range out {
		sort.Strings(hosts)
	}
	return out
}

// LooksLicence says that a group's name shows a product, as the check of groups
// that nothing names reads it.
func LooksLicence(name string) bool { return licenceWords().products(name, nil).products != nil }
