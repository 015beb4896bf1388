package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/statement"
)

// againstData is a number held against the same number of another revision.
type againstData struct {
	Rev, Was, Is int
	Rows         []againstRow
	More         int
	Others       []int // the revisions that it can be held against
}

// againstRow is one person or machine that counts otherwise.
type againstRow struct {
	Name, Where string
	Was, Is     int
	Note        string
}

// against says who counts otherwise in another revision: the one that the
// address names, else the one before where there is any.
func (s *Server) against(r *request, h *head, v *view, d *whyData) (*againstData, bool, error) {
	var others []int
	for rev := range h.Latest + 1 {
		if rev != h.Rev {
			others = append(others, rev)
		}
	}
	asked := r.FormValue("against")
	if len(others) == 0 || asked == "" {
		if len(others) == 0 {
			return nil, true, nil
		}
		return &againstData{Rev: -1, Others: others}, true, nil
	}
	rev, err := strconv.Atoi(asked)
	if err != nil || !slices.Contains(others, rev) {
		return nil, false, notFound()
	}
	o, err := s.head(r, h.m, rev)
	if err != nil {
		return nil, false, err
	}
	w, ready, err := s.view(r, o)
	if err != nil || !ready {
		return nil, false, err
	}
	out := &againstData{Rev: rev, Others: others}
	was, is := counted(w, d), counted(v, d)
	keys := map[string]bool{}
	for k, x := range was {
		out.Was += x.Is
		keys[k] = true
	}
	for k, x := range is {
		out.Is += x.Is
		keys[k] = true
	}
	for k := range keys {
		a, b := was[k], is[k]
		if a.Is == b.Is {
			continue
		}
		out.Rows = append(out.Rows, againstRow{Name: cmp.Or(b.Name, a.Name), Where: r.nameOf(h, cmp.Or(b.Where, a.Where)), Was: a.Is, Is: b.Is, Note: cmp.Or(b.Note, a.Note)})
	}
	slices.SortFunc(out.Rows, func(a, b againstRow) int {
		return cmp.Or(cmp.Compare(a.Is-a.Was, b.Is-b.Was), strings.Compare(a.Name, b.Name), strings.Compare(a.Where, b.Where))
	})
	if n := len(out.Rows); n > pageSize {
		out.Rows, out.More = out.Rows[:pageSize], n-pageSize
	}
	return out, true, nil
}

// counted are the units of each person or machine behind a number, by a key that
// is the same in every revision.
func counted(v *view, d *whyData) map[string]againstRow {
	out := map[string]againstRow{}
	for _, i := range v.persons[d.Tenant+"\x00"+d.P.ID] {
		p := v.st.Persons.At(i)
		row := againstRow{Name: cmp.Or(p.Name, accountNames(&p)), Where: p.Tenant, Is: p.Units, Note: excludedBy(p.Excluded)}
		if p.Excluded != nil {
			row.Is = 0
		}
		out[p.Tenant+"\x00"+p.Key] = row
	}
	for _, m := range v.machines(d.Tenant, d.P.ID) {
		row := againstRow{Name: m.Host, Where: m.Tenant, Is: m.Packs, Note: excludedBy(m.Excluded)}
		if m.Excluded != nil {
			row.Is = 0
		}
		out[m.Tenant+"\x00"+m.Key+"\x00"+m.Host] = row
	}
	return out
}

func excludedBy(x *statement.Exclusion) string {
	if x == nil {
		return ""
	}
	return x.ID
}
