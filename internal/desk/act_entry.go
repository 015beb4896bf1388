package desk

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/setup"
	"splameter/internal/statement"
)

// entryData is the form of an entry of who or what is not reported.
type entryData struct {
	Tenant, Name                             string
	Kinds                                    []string
	Kind, Pattern                            string
	Products                                 []choice
	Product                                  string
	Grounds                                  []register.Ground
	Ground, Quantity, Document, Packed, File string
	From, Until                              string
	Counted                                  []string // what the person is counted for now
	Problem                                  string
}

func typed(r *request, name string) string {
	return strings.TrimSpace(safetext.Line(safetext.Clip(r.PostFormValue(name), 400)))
}

// excludeForm is the form as it was filled in, or begins: about the person or the
// machine of the address, if it names one.
func (s *Server) excludeForm(r *request, h *head, t *statement.Tenant) (*entryData, error) {
	d := &entryData{Tenant: t.ID, Name: r.nameOf(h, t.ID), Kinds: []string{string(register.MatchUser), string(register.MatchGroup), string(register.MatchHost)},
		Grounds: register.Grounds(), Kind: typed(r, "kind"), Pattern: typed(r, "pattern"), Product: typed(r, "product"), Ground: typed(r, "ground"),
		Quantity: typed(r, "quantity"), Document: typed(r, "document"), From: typed(r, "from"), Until: typed(r, "until"), Packed: r.PostFormValue("packed"), File: typed(r, "file")}
	for i := range h.res.Products {
		d.Products = append(d.Products, choice{h.res.Products[i].ID, h.res.Products[i].Label(r.lang.id)})
	}
	if host := r.URL.Query().Get("machine"); host != "" && d.Pattern == "" {
		d.Kind, d.Pattern = string(register.MatchHost), safetext.Line(safetext.Clip(host, 200))
	}
	if id := r.URL.Query().Get("person"); id != "" && r.Method == http.MethodGet {
		v, ready, err := s.view(r, h)
		if err != nil || !ready {
			return nil, err
		}
		for n, at := range v.who[id] {
			p := v.st.Persons.At(at)
			if p.Tenant != t.ID {
				return nil, notFound()
			}
			if n == 0 && len(p.Accounts) > 0 {
				d.Kind, d.Pattern, d.Quantity = string(register.MatchUser), p.Accounts[0].Name, "1"
			}
			d.Counted = append(d.Counted, s.worth(r, h, &p))
		}
	}
	return d, nil
}

// worth is what a person is counted for, with its price.
func (s *Server) worth(r *request, h *head, p *statement.Person) string {
	text := r.product(h, p.Product) + " · " + r.lang.count("licence", p.Units)
	for i := range h.res.Lines {
		l := &h.res.Lines[i]
		if unit, err := decimal.NewFromString(l.UnitPrice); err == nil && l.Product == p.Product && r.who.role.money() {
			text += " · " + r.lang.money(unit.Mul(decimal.NewFromInt(int64(p.Units))).String(), l.Currency)
		}
	}
	return text
}

// exclude is the page on which an entry is written.
func (s *Server) excludePage(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	d, err := s.excludeForm(r, h, t)
	if err != nil {
		return err
	}
	if d == nil {
		return s.counting(r, h)
	}
	s.show(r, http.StatusOK, "exclude", page{Title: "do.exclude", Month: h, Screen: "customers", Data: d})
	return nil
}

// exclude shows what an entry makes of the files, and writes it.
func (s *Server) exclude(r *request) error {
	if err := r.ParseMultipartForm(mostUpload); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return err
	}
	s.tables.Lock()
	defer s.tables.Unlock()
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	name, data, err := uploaded(r, "attach")
	if err != nil {
		return err
	}
	if name != "" {
		r.PostForm.Set("packed", base64.StdEncoding.EncodeToString(data))
		r.PostForm.Set("file", name)
	}
	d, err := s.excludeForm(r, h, t)
	if err != nil {
		return err
	}
	again := func(text string) error {
		d.Problem, d.Packed = text, r.PostForm.Get("packed")
		s.show(r, http.StatusUnprocessableEntity, "exclude", page{Title: "do.exclude", Month: h, Screen: "customers", Data: d})
		return nil
	}
	e := setup.Entry{Tenant: t.ID, Product: d.Product, Ground: d.Ground, Kind: register.MatchKind(d.Kind), Pattern: d.Pattern, Quantity: d.Quantity, Document: d.Document}
	if belongsToNone(t.ID) {
		e.Tenant = "*"
	}
	if e.From, err = textDate(d.From); err != nil {
		return again(r.lang.text("act.nodate"))
	}
	if e.Until, err = textDate(d.Until); err != nil {
		return again(r.lang.text("act.nodate"))
	}
	if p := r.PostForm.Get("packed"); p != "" {
		if e.Data, err = base64.StdEncoding.DecodeString(p); err != nil {
			return notFound()
		}
		e.File = r.PostForm.Get("file")
	}
	list, id, err := setup.Exclude(haveOf(r.set), e)
	if errors.Is(err, setup.ErrAsks) {
		return again(r.lang.text("exclude.asks"))
	}
	if err != nil {
		return again(err.Error())
	}
	c := &changeData{Title: "do.exclude", Of: d.Name, Back: h.Base + "/c/" + t.ID, Action: h.Base + "/c/" + t.ID + "/exclude",
		Says: []string{r.lang.text("exclude.says", id)}}
	return s.changeFiles(r, c, list)
}

// assignData is the form by which a unit becomes a customer's.
type assignData struct {
	Back, Action       string
	Unit, Tenant, From string
	ID, Name           string
	Tenants            []choice
	Units              []string // nobody's, with accounts that are entitled
	Problem            string
}

func (s *Server) assignForm(r *request, h *head, t *statement.Tenant) (*assignData, error) {
	d := &assignData{Back: h.Base + "/c/" + t.ID, Action: h.Base + "/c/" + t.ID + "/assign", Unit: typed(r, "unit"), Tenant: typed(r, "tenant"), From: typed(r, "from"), ID: typed(r, "id"), Name: typed(r, "name")}
	for i := range r.set.Register.Tenants {
		x := &r.set.Register.Tenants[i]
		d.Tenants = append(d.Tenants, choice{x.ID, x.Name})
	}
	if r.Method == http.MethodGet && t.ID != register.Unassigned {
		d.Tenant = t.ID
	}
	v, ready, err := s.view(r, h)
	if err != nil || !ready { // it can be typed
		return d, nil
	}
	for i := range v.st.Mapping {
		if m := &v.st.Mapping[i]; m.Kind == statement.MapUnitWithoutTenant && len(d.Units) < pageSize {
			d.Units = append(d.Units, m.Subject)
		}
	}
	return d, nil
}

// assignPage is the page on which a unit is assigned.
func (s *Server) assignPage(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	d, err := s.assignForm(r, h, t)
	if err != nil {
		return err
	}
	s.show(r, http.StatusOK, "assign", page{Title: "do.assign", Month: h, Screen: "customers", Data: d})
	return nil
}

// assign shows what it makes of the table of customers, and writes it.
func (s *Server) assign(r *request) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	d, err := s.assignForm(r, h, t)
	if err != nil {
		return err
	}
	again := func(text string) error {
		d.Problem = text
		s.show(r, http.StatusUnprocessableEntity, "assign", page{Title: "do.assign", Month: h, Screen: "customers", Data: d})
		return nil
	}
	from, err := textDate(d.From)
	if err != nil {
		return again(r.lang.text("act.nodate"))
	}
	tenant := d.Tenant
	if tenant == "" {
		tenant = d.ID
	}
	list, err := setup.Assign(haveOf(r.set), d.Unit, tenant, d.Name, from)
	if errors.Is(err, setup.ErrAsks) {
		return again(r.lang.text("assign.asks"))
	}
	if err != nil {
		return again(err.Error())
	}
	return s.changeFiles(r, &changeData{Title: "do.assign", Of: d.Unit, Back: d.Back, Action: d.Action}, list)
}
