// Package report makes a month's files from its statement: the usage report to
// the reseller, the licensing manager's review, an annex a customer, a
// workbook a partner, and the statement itself as JSON. It knows sheets and
// counts nothing: every figure comes from the statement, or is a formula over
// figures that do. Equal input gives equal bytes; it reads no clock.
package report

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/statement"
)

// Input is everything that a month's files show.
type Input struct {
	Statement *statement.Statement
	Config    *config.Config
	Register  *register.Register
	Sales     prices.Sales        // the only prices that an annex shows
	Earlier   []statement.Earlier // months before
	// Replaced is the revision of this month that this one replaces; nil for
	// the first. An annex says how it differs from it.
	Replaced *statement.Statement
	Month    month.Month
	// Anchor is by which what leaves the house names the evidence that it was
	// sealed with; empty where it was not.
	Anchor string
	// Templates are the resellers' own forms, by the agreement whose columns
	// name them.
	Templates map[string][]byte
	// Acts are what people did to the month so far, which the review tells, and
	// Decisions what was agreed with customers among the decided.
	Acts      []statement.Act
	Decisions []register.Decision
	Workers   int // annexes made at the same time; below 1 is 1
}

// Workbooks makes the workbooks of one month. Its methods may run at the same
// time; none changes it.
type Workbooks struct {
	Input
	looks    map[string]*look
	products map[string]*statement.Product
	order    map[string]int   // place of a product
	persons  map[string][]int // tenant to places in Statement.Persons, by name
	tenants  map[string]*statement.Tenant
	files    fileNames
	previous map[string]*statement.Quantity // last month's, by tenant and product
	replaced map[string]*statement.Tenant
}

// New prepares the workbooks of a month.
func New(in Input) (*Workbooks, error) {
	if in.Register == nil {
		in.Register = &register.Register{}
	}
	w := &Workbooks{
		Input: in, looks: map[string]*look{}, products: map[string]*statement.Product{}, order: map[string]int{},
		persons: map[string][]int{}, tenants: map[string]*statement.Tenant{}, previous: map[string]*statement.Quantity{},
	}
	for _, language := range []string{"en", "nl"} {
		lk, err := newLook(language, currencies(in))
		if err != nil {
			return nil, err
		}
		w.looks[language] = lk
	}
	st := in.Statement
	for i := range st.Products {
		w.products[st.Products[i].ID] = &st.Products[i]
		w.order[st.Products[i].ID] = i
	}
	for i := range st.Tenants {
		w.tenants[st.Tenants[i].ID] = &st.Tenants[i]
	}
	for i := range st.Persons.Len() {
		tenant := st.Persons.Brief(i).Tenant
		w.persons[tenant] = append(w.persons[tenant], i)
	}
	for _, list := range w.persons {
		w.byName(list)
	}
	if e := w.before(); e != nil {
		for i := range e.Quantities {
			q := &e.Quantities[i]
			w.previous[q.Tenant+"\x00"+q.Product] = q
		}
	}
	if in.Replaced != nil {
		w.replaced = map[string]*statement.Tenant{}
		for i := range in.Replaced.Tenants {
			w.replaced[in.Replaced.Tenants[i].ID] = &in.Replaced.Tenants[i]
		}
	}
	w.files = w.nameFiles()
	return w, nil
}

// byName sorts places in Statement.Persons by the persons' names, each looked
// at once.
func (w *Workbooks) byName(list []int) {
	type named struct {
		name, key string
		product   int
		at        int
	}
	all := make([]named, len(list))
	for i, at := range list {
		p := w.Statement.Persons.Brief(at)
		all[i] = named{strings.ToLower(p.Name), p.Key, w.order[p.Product], at}
	}
	slices.SortStableFunc(all, func(p, q named) int {
		return cmp.Or(strings.Compare(p.name, q.name), strings.Compare(p.key, q.key), cmp.Compare(p.product, q.product))
	})
	for i := range all {
		list[i] = all[i].at
	}
}

// before is the month that the changes are against, in its latest revision;
// nil where there is none.
func (w *Workbooks) before() *statement.Earlier {
	want := w.Statement.Made.Previous
	if want == "" {
		want = w.Month.Add(-1).String()
	}
	var best *statement.Earlier
	for i := range w.Earlier {
		if e := &w.Earlier[i]; e.Month == want && (best == nil || e.Revision > best.Revision) {
			best = e
		}
	}
	return best
}

// settled says that the month is approved, so that its figures may go out.
func (w *Workbooks) settled() bool {
	switch w.Statement.State {
	case statement.Approved, statement.Submitted, statement.Amended:
		return true
	}
	return false
}

// own is the look in the provider's language.
func (w *Workbooks) own() *look { return w.look(w.Config.Provider.Language) }

func (w *Workbooks) look(language string) *look {
	if lk := w.looks[strings.ToLower(language)]; lk != nil {
		return lk
	}
	return w.looks["en"]
}

// tenantLook is the look in which a tenant is addressed: its own language, else
// its partner's or the provider's.
func (w *Workbooks) tenantLook(r *register.Tenant) *look {
	return w.look(cmp.Or(r.Language, w.Config.Provider.Language))
}

// tenant is the register's entry, or one with the id alone.
func (w *Workbooks) tenant(t *statement.Tenant) *register.Tenant {
	if r := w.Register.Tenant(t.ID); r != nil {
		return r
	}
	return &register.Tenant{ID: t.ID, Name: t.Name, Partner: t.Partner, Internal: t.Internal}
}

// partner is the register's partner, or one with the id alone.
func (w *Workbooks) partner(id string) *register.Partner {
	for i := range w.Register.Partners {
		if w.Register.Partners[i].ID == id {
			return &w.Register.Partners[i]
		}
	}
	return &register.Partner{ID: id, Name: id}
}

// productLabel is a product's name in a language.
func (w *Workbooks) productLabel(id, language string) string {
	if p := w.products[id]; p != nil {
		return p.Label(language)
	}
	return id
}

// shown says whether a tenant's line has anything to tell: a quantity, an
// exclusion, or a change to nothing.
func shown(l *statement.Line) bool {
	return l.Quantity > 0 || l.Excluded > 0 || l.Compared && (l.Previous > 0 || l.Added > 0 || l.Removed > 0)
}

// getsAnnex says whether a tenant has something to be told: of this month, or
// that what it was told of it before no longer holds.
func (w *Workbooks) getsAnnex(t *statement.Tenant) bool {
	return tells(t) || tells(w.replaced[t.ID])
}

func tells(t *statement.Tenant) bool {
	if t == nil || t.ID == register.Unassigned || t.ID == register.Shared {
		return false
	}
	return slices.ContainsFunc(t.Lines, func(l statement.Line) bool { return shown(&l) })
}

// StatementJSON writes the statement for machines. Lists are never null.
func StatementJSON(out io.Writer, st *statement.Statement) error {
	c := *st
	c.Lines, c.Tenants, c.Findings, c.Products = list(c.Lines), slices.Clone(list(c.Tenants)), list(c.Findings), list(c.Products)
	c.Coverage.Sources, c.Coverage.Gaps, c.Questions = list(c.Coverage.Sources), list(c.Coverage.Gaps), list(c.Questions)
	for i := range c.Tenants {
		c.Tenants[i].Lines = list(c.Tenants[i].Lines)
	}
	return WriteObject(out, "  ", &c)
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
