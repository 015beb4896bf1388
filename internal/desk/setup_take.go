package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/safetext"
	"splameter/internal/setup"
	"splameter/internal/strictyaml"
)

// setUpTake shows what taking proposals over changes, and writes it.
func (s *Server) setUpTake(r *request) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	all, err := s.proposals(r)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	var list []setup.Proposal
	for i := range all {
		if slices.Contains(r.PostForm["take"], all[i].ID) || r.PostFormValue("all") != "" && string(all[i].Kind) == r.PostFormValue("kind") {
			list = append(list, all[i])
		}
	}
	kind := r.PostFormValue("kind")
	d := &changeData{Title: "setup.kind." + kind, Back: "/setup#proposals", Action: "/setup/take"}
	if !slices.Contains(setup.Kinds(), setup.Kind(kind)) {
		return notFound()
	}
	if len(list) == 0 {
		return s.changeFiles(r, d, nil)
	}
	value := func(name string) string {
		return strings.TrimSpace(safetext.Line(safetext.Clip(r.PostFormValue(name), 400)))
	}
	a := setup.Answers{From: value("from"), Until: value("until"), Document: value("document"), Control: value("control"), Product: value("product"), PartNumber: value("part_number"), Pool: value("pool")}
	for _, v := range append(slices.Clone(r.PostForm["users"]), strings.Split(value("users_more"), ";")...) {
		if v = strings.TrimSpace(safetext.Line(v)); v != "" && !slices.Contains(a.Users, v) {
			a.Users = append(a.Users, v)
		}
	}
	if a.Pool != "" && a.Product == "" {
		a.Product = "rds"
	}
	for i := range list {
		p := &list[i]
		d.Says = append(d.Says, r.proposed(p))
		if len(d.Says) == pageSize && len(list) > pageSize {
			d.Says = append(d.Says, r.lang.text("more", r.lang.number(len(list)-pageSize)))
			break
		}
	}
	edit, err := setup.Take(haveOf(r.set), list, a)
	if errors.Is(err, setup.ErrAsks) {
		return &problem{status: http.StatusUnprocessableEntity, text: "setup.unanswered", detail: err.Error(), back: "/setup#proposals"}
	}
	if err != nil {
		return &problem{status: http.StatusConflict, text: "setup.byhand", detail: err.Error(), back: "/setup#proposals"}
	}
	return s.changeFiles(r, d, edit)
}

// proposed is a proposal in a line: what it is about, how many, and for what.
func (r *request) proposed(p *setup.Proposal) string {
	parts := []string{p.Subject}
	if p.Count > 0 {
		parts = append(parts, r.lang.count("setup.of."+p.Kind.Of(), p.Count))
	}
	for _, x := range []string{p.Product, p.Pool} {
		if x != "" && x != p.Subject {
			parts = append(parts, x)
		}
	}
	return strings.Join(parts, " · ")
}

// providerKeys are what the page changes of who reports.
var providerKeys = []string{"name", "agreement", "enrollment", "reporter.name", "reporter.email", "reseller.name", "reseller.email", "street", "postal_code", "city", "country", "language", "currency"}

func providerFields(c *config.Config) (out []field) {
	p := &c.Provider
	for i, v := range []string{p.Name, p.Agreement, p.Enrollment, p.Reporter.Name, p.Reporter.Email, p.Reseller.Name, p.Reseller.Email, p.Street, p.PostalCode, p.City, p.Country, p.Language, p.Currency} {
		out = append(out, field{providerKeys[i], v})
	}
	return out
}

// setUpProvider changes who reports, in the config.
func (s *Server) setUpProvider(r *request) error {
	s.tables.Lock()
	defer s.tables.Unlock()
	if err := r.ParseForm(); err != nil {
		return err
	}
	d := &changeData{Title: "setup.provider", Back: "/setup", Action: "/setup/provider"}
	edit, err := setup.EditConfig(r.set.Config, func(b []byte) ([]byte, error) {
		for _, f := range providerFields(r.set.Config) {
			v, ok := r.PostForm[f.Name]
			if !ok || len(v) == 0 {
				continue
			}
			is := strings.TrimSpace(safetext.Line(safetext.Clip(v[0], 200)))
			if is == f.Value {
				continue
			}
			path := []any{"provider"}
			for k := range strings.SplitSeq(f.Name, ".") {
				path = append(path, k)
			}
			var err error
			if b, err = strictyaml.Set(b, is, path...); err != nil {
				return nil, err
			}
		}
		return b, nil
	})
	if err != nil {
		return &problem{status: http.StatusConflict, text: "setup.byhand", detail: err.Error()}
	}
	return s.changeFiles(r, d, edit)
}
