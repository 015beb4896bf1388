package desk

import (
	"cmp"
	"slices"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
	"splameter/internal/store"
)

type findingRow struct {
	*statement.Finding
	ID string
}

type customerData struct {
	ID, Name      string
	T             *statement.Tenant
	Reg           *register.Tenant
	Partner       string
	Lines         []lineRow
	Sums, Before  *sums
	Findings      []findingRow
	MoreFindings  int
	Chart         *chart
	Seen          *note
	Notes         []note
	Sent          []store.Delivery
	Annex         annexState
	HasAnnex      bool
	Suspended     bool
	From, Until   month.OptionalDay
	Prev, Next    *customerRow // in the order of the triage
	Money, Review bool
	Names, Signs  bool
	MailServer    bool
	HasDrafts     bool // of the month's mails
}

// customer is the screen of one customer.
func (s *Server) customer(r *request) error {
	h, t, err := s.customerOf(r)
	if err != nil {
		return err
	}
	d := customerData{MailServer: r.set.Config.Mail.Server != "", ID: t.ID, Name: r.nameOf(h, t.ID), T: t, Reg: r.set.Register.Tenant(t.ID), Lines: s.lineRows(r, h, t.ID, t.Lines), Sums: h.res.sums[t.ID],
		Money: r.who.role.money(), Review: r.who.role.reviews(), Names: r.who.role.names(), Signs: r.who.role.signs()}
	if h.prev != nil {
		d.Before = cmp.Or(h.prev.sums[t.ID], &sums{})
	}
	if d.Reg != nil {
		d.Suspended, d.From, d.Until = suspended(d.Reg, h.m), d.Reg.SuspendedFrom, d.Reg.SuspendedUntil
		if p := r.set.Register.Partner(d.Reg.Partner); p != nil {
			d.Partner = p.Name
		}
	}
	if !d.Names {
		d.Reg = nil
	}
	for i := range h.res.Findings {
		f := &h.res.Findings[i]
		if f.Tenant == t.ID && d.Names {
			d.Findings = append(d.Findings, findingRow{f, s.hidden("finding", f.DecisionKey())})
		}
	}
	slices.SortStableFunc(d.Findings, func(a, b findingRow) int {
		return cmp.Or(cmp.Compare(len(a.Accepted), len(b.Accepted)), cmp.Compare(severity(a.Severity), severity(b.Severity)))
	})
	if n := len(d.Findings); n > pageSize {
		d.Findings, d.MoreFindings = d.Findings[:pageSize], n-pageSize
	}
	notes, err := s.notes(r, h)
	if err != nil {
		return err
	}
	d.Seen = notes.seen(h, t)
	if d.Names {
		d.Notes = notes.written(t.ID)
	}
	log, err := s.opt.Store.Deliveries(r.Context(), h.Month)
	if err != nil {
		return err
	}
	for i := range log {
		if log[i].Tenant == t.ID && d.Names {
			d.Sent = append(d.Sent, log[i])
		}
	}
	d.Annex, d.HasAnnex = annexStateOf(log, t.ID, h.Rev), d.Names && !belongsToNone(t.ID)
	if d.Review {
		drafts, err := s.mailDrafts(r, h)
		if err != nil {
			return err
		}
		d.HasDrafts = len(drafts) > 0
	}
	d.Chart = s.history(r, h, t)
	rows, err := s.customerRows(r, h)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].ID != t.ID {
			continue
		}
		if i > 0 {
			d.Prev = &rows[i-1]
		}
		if i+1 < len(rows) {
			d.Next = &rows[i+1]
		}
	}
	s.show(r, 200, "customer", page{Heading: d.Name, Month: h, Screen: "customers", Data: &d})
	return nil
}

// told is the revision's files as they go out.
func (s *Server) told(r *request, h *head) (*closing.Issued, error) {
	if h.Rev != h.Latest {
		return nil, &problem{status: 404, text: "problem.old"}
	}
	return s.desk(r).Issued(r.Context(), h.m, false)
}
