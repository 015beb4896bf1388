package desk

import (
	"strings"

	"splameter/internal/month"
)

type hit struct {
	Kind       string // a key of the texts
	Name, More string
	Link       string
	Month      string
}

type searchData struct {
	Find    string
	Hits    []hit
	Cut     bool
	Persons bool // persons of the newest month were looked at
}

// search looks through the newest counted month for persons, hosts, titles and
// groups, and through all held months for customers and part numbers.
func (s *Server) search(r *request) error {
	d := searchData{Find: r.looked()}
	if len(strings.TrimSpace(d.Find)) < 2 {
		s.show(r, 200, "search", page{Title: "search.title", Screen: "search", Data: &d})
		return nil
	}
	names, err := s.opt.Store.Months(r.Context())
	if err != nil {
		return err
	}
	add := func(x hit) bool {
		if len(d.Hits) == 2*pageSize {
			d.Cut = true
			return false
		}
		d.Hits = append(d.Hits, x)
		return true
	}
	seen := map[string]bool{}
	for i := len(names) - 1; i >= 0 && i >= len(names)-13; i-- {
		m, err := month.Parse(names[i], s.loc)
		if err != nil {
			return err
		}
		l, err := s.desk(r).Life(r.Context(), m)
		if err != nil {
			return err
		}
		h, err := s.head(r, m, l.Revision)
		if err != nil {
			return err
		}
		if h.res == nil {
			continue
		}
		for j := range h.res.Tenants {
			t := &h.res.Tenants[j]
			if name := r.nameOf(h, t.ID); r.who.sees(t.ID) && !seen["c"+t.ID] && fits(d.Find, name, t.ID) {
				seen["c"+t.ID] = true
				add(hit{"search.customer", name, t.ID, h.Base + "/c/" + t.ID, h.Month})
			}
		}
		for j := range h.res.Products {
			if p := &h.res.Products[j]; r.who.role != AccountManager && !seen["p"+p.ID] && fits(d.Find, p.Label(r.lang.id), p.ID, p.PartNumber) {
				seen["p"+p.ID] = true
				add(hit{"search.product", p.Label(r.lang.id), p.PartNumber, h.Base + "/why/" + allTenants + "/" + p.ID, h.Month})
			}
		}
		if d.Persons {
			continue
		}
		v, ready, err := s.view(r, h)
		if err != nil {
			continue // a month whose persons are gone is searched without them
		}
		if !ready {
			return s.counting(r, h)
		}
		d.Persons = true
		s.searchIn(r, h, v, d.Find, add)
	}
	s.show(r, 200, "search", page{Title: "search.title", Screen: "search", Data: &d})
	return nil
}

// searchIn looks for persons and for what is installed.
func (s *Server) searchIn(r *request, h *head, v *view, find string, add func(hit) bool) {
	seen := map[string]bool{}
	looked := words(find)
	for i := range v.st.Persons.Len() {
		if !fitsAll(looked, v.looks[i]) {
			continue
		}
		p := v.st.Persons.At(i)
		id := s.hidden("person", p.Tenant, p.Key)
		if seen[id] || !r.who.sees(p.Tenant) {
			continue
		}
		seen[id] = true
		if !add(hit{"search.person", p.Name, accountNames(&p) + " · " + r.nameOf(h, p.Tenant), h.Base + "/person/" + id, h.Month}) {
			return
		}
	}
	for i := range v.st.Machines {
		m := &v.st.Machines[i]
		if r.who.sees(m.Tenant) && !seen["h"+m.Host+m.Product] && fits(find, m.Host) {
			seen["h"+m.Host+m.Product] = true
			if !add(hit{"search.host", m.Host, r.product(h, m.Product), h.Base + "/why/" + m.Tenant + "/" + m.Product, h.Month}) {
				return
			}
		}
	}
	for i := range v.st.Applications {
		a := &v.st.Applications[i]
		key := "a" + a.Host + a.Name
		if !r.who.sees(a.Tenant) || seen[key] || !fits(find, a.Host, a.Name) {
			continue
		}
		seen[key] = true
		x := hit{"search.program", a.Name, a.Host, "", h.Month}
		if a.Product != "" {
			x.Link = h.Base + "/why/" + a.Tenant + "/" + a.Product
			if h.res.tenants[a.Tenant] == nil {
				x.Link = ""
			}
		}
		if !add(x) {
			return
		}
	}
}
