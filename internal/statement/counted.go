package statement

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/month"
)

// CorrectionKey is the key under which a correction by hand stands among what
// was counted.
const CorrectionKey = "-correction"

// CountedOf are the persons and machines that made up a statement's quantities,
// with how they came to be: not those an exclusion kept out, nor, of a product
// that counts the active, those who were not.
func CountedOf(s *Statement) []Counted {
	active := s.CountedActive()
	type row struct {
		Counted
		person int // its place, from 1
		last   month.Day
	}
	rows := make([]row, 0, s.Persons.Len()+len(s.Machines))
	ways := &ways{of: map[*Way]int{}, same: map[string]int{}}
	var latest month.Day
	for i := range s.Persons.Len() {
		p := s.Persons.Brief(i)
		latest = max(latest, p.Last)
		if p.Owed(active[p.Product]) {
			c := Counted{Tenant: p.Tenant, Product: p.Product, Key: p.Key, Units: p.Units, Idle: p.Idle, Way: ways.person(p.Via.Way)}
			rows = append(rows, row{c, i + 1, p.Last})
		}
	}
	for i := range s.Machines {
		x := &s.Machines[i]
		if x.Owed() {
			rows = append(rows, row{Counted: Counted{Tenant: x.Tenant, Product: x.Product, Key: x.Key, Units: x.Packs, Name: x.Host,
				Way: ways.add(Via{Kind: ByMachine, Host: x.Host, Edition: x.Edition, Cores: x.Cores, Times: x.Times, Guests: x.Guests})}})
		}
	}
	for i := range s.Tenants {
		for _, l := range s.Tenants[i].Lines {
			if l.Correction != 0 {
				rows = append(rows, row{Counted: Counted{Tenant: s.Tenants[i].ID, Product: l.Product, Key: CorrectionKey, Units: l.Correction}})
			}
		}
	}
	order := make([]int32, len(rows)) // a row is large, and there may be hundreds of thousands
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(i, j int32) int {
		x, y := &rows[i], &rows[j]
		if c := strings.Compare(x.Tenant, y.Tenant); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(x.Product, y.Product), strings.Compare(x.Key, y.Key), cmp.Compare(i, j))
	})
	out := make([]Counted, len(rows))
	named := map[string]bool{}
	for i, at := range order {
		r := &rows[at]
		if i > 0 && out[i-1].Tenant != r.Tenant {
			clear(named)
		}
		if r.person > 0 && !named[r.Key] {
			named[r.Key] = true
			r.Name = s.Persons.Account(r.person - 1)
		}
		if r.person > 0 && r.last < latest {
			_, _, r.Last = r.last.Civil()
		}
		r.Via = ways.take(r.Way)
		out[i] = r.Counted
	}
	return out
}

// CountedActive says of each product whether only those are counted who used it.
func (s *Statement) CountedActive() map[string]bool {
	out := map[string]bool{}
	for i := range s.Products {
		out[s.Products[i].ID] = s.Products[i].Count == CountActive
	}
	return out
}

// Owed says whether a person made up a quantity, of a product that counts those who
// used it alone or all who could.
func (p *Person) Owed(active bool) bool {
	return p.Excluded == nil && p.Units != 0 && (p.Active || !active)
}

// Owed says whether a machine made up a quantity.
func (m *Machine) Owed() bool { return m.Excluded == nil && m.Packs != 0 }

// Quantities are a statement's, by tenant and product, with the products whose
// quantities are not known.
func (s *Statement) Quantities() []Quantity {
	out := []Quantity{}
	for i := range s.Tenants {
		for _, l := range s.Tenants[i].Lines {
			if l.Quantity != 0 {
				out = append(out, Quantity{
					Tenant: s.Tenants[i].ID, Product: l.Product, PartNumber: l.PartNumber, Quantity: l.Quantity, Amount: l.Amount,
				})
			}
		}
	}
	for i := range s.Lines {
		if l := &s.Lines[i]; !s.Answered() && s.Unread(l) {
			out = append(out, Quantity{Product: l.Product, PartNumber: l.PartNumber, Unread: true})
		}
	}
	SortQuantities(out)
	return out
}

// SortQuantities sorts by tenant, product and part number.
func SortQuantities(all []Quantity) {
	slices.SortStableFunc(all, func(x, y Quantity) int {
		return cmp.Or(strings.Compare(x.Tenant, y.Tenant), strings.Compare(x.Product, y.Product), strings.Compare(x.PartNumber, y.PartNumber))
	})
}

// ways numbers how persons and machines came to be counted.
type ways struct {
	list []*Via // by number, from 1; nil once it was taken
	of   map[*Way]int
	same map[string]int
}

// person is the number of a person's way.
func (w *ways) person(p *Way) int {
	if p == nil {
		return 0
	}
	n, ok := w.of[p]
	if !ok {
		key := strings.Join(append([]string{string(p.Kind), p.Pool, p.Host, p.Application, p.Attribute, p.Product, p.Directory}, p.Path...), "\x00")
		if n, ok = w.same[key]; !ok {
			n = w.add(Via{Kind: p.Kind, Path: p.Path, Pool: p.Pool, Host: p.Host, Application: p.Application,
				Attribute: p.Attribute, Product: p.Product, Directory: p.Directory})
			w.same[key] = n
		}
		w.of[p] = n
	}
	return n
}

func (w *ways) add(v Via) int {
	w.list = append(w.list, &v)
	return len(w.list)
}

// take gives a number's way to the first who asks for it.
func (w *ways) take(n int) *Via {
	if n == 0 {
		return nil
	}
	v := w.list[n-1]
	w.list[n-1] = nil
	return v
}
