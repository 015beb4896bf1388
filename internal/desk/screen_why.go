package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
)

type personRow struct {
	P     statement.Person
	Link  string
	Where string // its customer, where all are shown
	Bar   bar
	Names string
}

type machineRow struct {
	*statement.Machine
	Where string
	Bar   bar
}

type moveRow struct {
	statement.Move
	Where string
	Less  bool
}

type whyData struct {
	pager
	Tenant, TenantLink, Name string
	P                        *statement.Product
	Label                    string
	L                        lineRow
	Persons                  []personRow
	Machines                 []machineRow
	Moves                    []moveRow
	MoreMoves                int
	Shares                   []share
	Differs                  bool // the facts are others than when the result was made
	Money                    bool
	Made                     statement.Made
	Show                     string
	Active, Excluded         int
	Against                  *againstData
	RuleAt, PriceAt          string // where they stand, where the files are still those
	Kept                     []monthend.Restriction
	Act                      string // where a machine is excluded; empty: not from here
}

// share is one customer's part of a number of all.
type share struct {
	Name, Why string
	L         *statement.Line
}

// why is who and what stands behind a number.
func (s *Server) why(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	d := whyData{Tenant: r.PathValue("tenant"), Money: r.who.role.money(), Made: h.res.Made, Show: r.FormValue("show")}
	lines := h.res.Lines
	if d.Tenant == allTenants {
		if r.who.role == AccountManager {
			return &problem{status: http.StatusForbidden, text: "problem.theirs"}
		}
	} else {
		t, err := s.tenantOf(r, h)
		if err != nil {
			return err
		}
		lines, d.TenantLink = t.Lines, h.Base+"/c/"+t.ID
	}
	id := r.PathValue("product")
	for i := range h.res.Products {
		if h.res.Products[i].ID == id {
			d.P = &h.res.Products[i]
		}
	}
	if d.P == nil {
		return notFound()
	}
	d.Name, d.Label = r.nameOf(h, d.Tenant), d.P.Label(r.lang.id)
	for _, l := range lines {
		if l.Product == id {
			d.L = s.lineRows(r, h, cmp.Or(d.Tenant, allTenants), []statement.Line{l})[0]
		}
	}
	if d.L.Line == nil {
		d.L = lineRow{Line: &statement.Line{Product: id, Unit: d.P.Unit, PartNumber: d.P.PartNumber}, Name: d.Label}
	}
	d.RuleAt, d.PriceAt = r.set.Origin(h.res.Made, id, d.P.PartNumber, h.m)
	d.Kept = r.set.Restrictions(h.res.Made, id, h.m)
	v, ready, err := s.view(r, h)
	if err != nil {
		return err
	}
	if !ready {
		return s.counting(r, h)
	}
	if d.TenantLink != "" && r.who.role.reviews() && h.Rev == h.Latest {
		d.Act = d.TenantLink + "/exclude"
	}
	d.Differs = v.st.Basis != h.res.Basis
	if d.Tenant == allTenants {
		for i := range h.res.Tenants {
			t := &h.res.Tenants[i]
			for j := range t.Lines {
				if l := &t.Lines[j]; l.Product == id && (l.Quantity != 0 || l.Excluded != 0 || l.Previous != 0) {
					d.Shares = append(d.Shares, share{r.nameOf(h, t.ID), h.Base + "/why/" + t.ID + "/" + id, l})
				}
			}
		}
		slices.SortStableFunc(d.Shares, func(a, b share) int { return cmp.Compare(b.L.Quantity, a.L.Quantity) })
		d.Shares = d.Shares[:min(len(d.Shares), 2*pageSize)]
	}
	var both bool
	if d.Against, both, err = s.against(r, h, v, &d); err != nil {
		return err
	}
	if !both {
		return s.counting(r, h)
	}
	s.behind(r, h, v, &d)
	s.show(r, http.StatusOK, "why", page{Heading: d.Label, Month: h, Screen: "customers", Data: &d})
	return nil
}

// behind fills in the persons or machines, and who came and went.
func (s *Server) behind(r *request, h *head, v *view, d *whyData) {
	id := d.P.ID
	find := r.looked()
	machines := v.machines(d.Tenant, id)
	if len(machines) > 0 {
		var list []*statement.Machine
		for _, m := range machines {
			if fits(find, m.Host, m.Edition, m.Key) {
				list = append(list, m)
			}
		}
		d.pager = r.paged(len(list))
		for _, m := range part(d.pager, list) {
			row := machineRow{Machine: m, Bar: dayBar(h.m, m.First, m.Last)}
			if d.Tenant == allTenants {
				row.Where = r.nameOf(h, m.Tenant)
			}
			d.Machines = append(d.Machines, row)
		}
	} else {
		list := v.persons[d.Tenant+"\x00"+id]
		if find != "" || d.Show != "" {
			var some []int
			looked, ways := words(find), map[*statement.Way]string{}
			for _, i := range list {
				p := v.st.Persons.Brief(i)
				if (d.Show == "idle" && p.Active) || (d.Show == "excluded" && p.Excluded == nil) {
					continue
				}
				way, ok := ways[p.Via.Way]
				if !ok { // shared by all who came by it
					way = strings.ToLower(wayText(&p.Via))
					ways[p.Via.Way] = way
				}
				if fitsAll(looked, v.looks[i]) || fitsAll(looked, v.looks[i]+"\n"+way) {
					some = append(some, i)
				}
			}
			list = some
		}
		d.pager = r.paged(len(list))
		for _, i := range part(d.pager, list) {
			p := v.st.Persons.At(i)
			row := personRow{P: p, Link: h.Base + "/person/" + s.hidden("person", p.Tenant, p.Key), Bar: personBar(h.m, &p, s), Names: accountNames(&p)}
			if d.Tenant == allTenants {
				row.Where = r.nameOf(h, p.Tenant)
			}
			d.Persons = append(d.Persons, row)
		}
	}
	for _, m := range v.st.Moves {
		if m.Product == id && (m.Tenant == d.Tenant || d.Tenant == allTenants) && fits(find, m.Name, m.Accounts, m.Detail) {
			if len(d.Moves) == pageSize {
				d.MoreMoves++
				continue
			}
			d.Moves = append(d.Moves, moveRow{m, r.nameOf(h, m.Tenant), m.Is < m.Was})
		}
	}
}

func personBar(m month.Month, p *statement.Person, s *Server) bar {
	if p.Session == nil {
		return dayBar(m, p.First, p.Last)
	}
	return dayBar(m, p.First, p.Last, month.DayOf(p.Session.Time, s.loc))
}

func accountNames(p *statement.Person) string {
	var names []string
	for i := range p.Accounts {
		names = append(names, p.Accounts[i].Name)
	}
	return strings.Join(names, ", ")
}

// wayText is all words of a way, to look for something in them.
func wayText(b *statement.Basis) string {
	if b.Way == nil {
		return ""
	}
	return strings.Join(append([]string{b.Pool, b.Host, b.Application, b.Attribute}, b.Path...), " ")
}

type claimRow struct {
	P     statement.Person
	Label string
	Why   string
	Bar   bar
}

type personData struct {
	ID, Name, Tenant, TenantLink string
	Claims                       []claimRow
	Accounts                     []statement.Account
	Moves                        []moveRow
	Findings                     []findingRow
	Review                       bool
}

// person is one person with all it is counted for.
func (s *Server) person(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	v, ready, err := s.view(r, h)
	if err != nil {
		return err
	}
	if !ready {
		return s.counting(r, h)
	}
	claims := v.who[r.PathValue("person")]
	if len(claims) == 0 {
		return notFound()
	}
	d := personData{ID: r.PathValue("person"), Review: r.who.role.reviews()}
	var first statement.Person
	for i, at := range claims {
		p := v.st.Persons.At(at)
		if i == 0 {
			first = p
		}
		d.Claims = append(d.Claims, claimRow{p, r.product(h, p.Product), h.Base + "/why/" + p.Tenant + "/" + p.Product, personBar(h.m, &p, s)})
		for _, a := range p.Accounts {
			if !slices.Contains(d.Accounts, a) {
				d.Accounts = append(d.Accounts, a)
			}
		}
	}
	if !r.who.sees(first.Tenant) {
		return &problem{status: http.StatusForbidden, text: "problem.theirs"}
	}
	d.Name, d.Tenant, d.TenantLink = cmp.Or(first.Name, accountNames(&first)), r.nameOf(h, first.Tenant), h.Base+"/c/"+first.Tenant
	for _, m := range v.st.Moves {
		if m.Tenant == first.Tenant && m.Key == first.Key {
			d.Moves = append(d.Moves, moveRow{m, r.product(h, m.Product), m.Is < m.Was})
		}
	}
	for i := range h.res.Findings {
		f := &h.res.Findings[i]
		if f.Tenant == first.Tenant && slices.ContainsFunc(d.Accounts, func(a statement.Account) bool { return strings.EqualFold(a.Name, f.Subject) }) {
			d.Findings = append(d.Findings, findingRow{f, s.hidden("finding", f.DecisionKey())})
		}
	}
	s.show(r, http.StatusOK, "person", page{Heading: d.Name, Month: h, Screen: "customers", Data: &d})
	return nil
}
