package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// customerRow is one customer in the triage.
type customerRow struct {
	ID, Name, Partner string
	Link              string
	Sums              *sums
	Lines             []lineRow // those that changed
	Diff              decimal.Decimal
	Book              book
	HasDiff           bool
	Ending            int // rights that end soon
	Suspended         bool
	Internal, Nobody  bool
	Annex             annexState
	Seen              *note
	Notes             int
	Quiet             bool
	Small             bool // it changed no more than any month brings, and nothing is wrong
	Asks              int  // questions and gaps of its own
	weight            int
}

type customersData struct {
	pager
	Rows          []customerRow
	Show          string // todo, small, changed, quiet, seen or all
	Look          int    // how many persons make a change that wants a person
	Tick          int    // how many of those shown can be ticked at once
	Counts        map[string]int
	Left, Of      int
	Money, Review bool
	Names         bool
	Sales, Billed bool // there is a sales list; bills were entered
	Sum           *bookSums
}

// customers is the triage: which customer first?
func (s *Server) customers(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	rows, err := s.customerRows(r, h)
	if err != nil {
		return err
	}
	d := customersData{Show: cmp.Or(r.FormValue("show"), "all"), Counts: map[string]int{}, Money: r.who.role.money(), Review: r.who.role.reviews(), Names: r.who.role.names()}
	find := r.looked()
	var list []customerRow
	for _, x := range rows {
		is := map[string]bool{"all": true, "todo": x.Seen == nil && !x.Quiet && !x.Small, "small": x.Small, "quiet": x.Quiet, "changed": x.Sums.Added() > 0 || x.Sums.Removed() > 0, "seen": x.Seen != nil}
		for k, v := range is {
			if v {
				d.Counts[k]++
			}
		}
		d.Of++
		if x.Seen == nil {
			d.Left++
		}
		if is[d.Show] && fits(find, x.Name, x.ID, x.Partner) {
			list = append(list, x)
		}
	}
	d.Sales, d.Billed = len(r.set.Sales) > 0 && r.who.role.names(), r.who.role.names() && billsOf(h) != nil
	d.Look = r.set.Config.Checks.ChangeLook
	if tickable[d.Show] != nil {
		for i := range rows {
			if tickable[d.Show](&rows[i]) && rows[i].Seen == nil {
				d.Tick++
			}
		}
	}
	d.Sum = addUp(list)
	d.pager = r.paged(len(list))
	d.Rows = part(d.pager, list)
	s.show(r, 200, "customers", page{Title: "customers.title", Month: h, Screen: "customers", Data: &d})
	return nil
}

// customerRows are all customers that one may see, who needs a person first,
// then by money.
func (s *Server) customerRows(r *request, h *head) ([]customerRow, error) {
	notes, err := s.notes(r, h)
	if err != nil {
		return nil, err
	}
	sent, err := s.opt.Store.Deliveries(r.Context(), h.Month)
	if err != nil {
		return nil, err
	}
	books := s.customerBooks(r, h)
	asks := map[string]int{}
	for _, q := range h.res.OpenQuestions() {
		asks[q.Tenant]++
	}
	for i := range h.res.Coverage.Gaps {
		if g := &h.res.Coverage.Gaps[i]; g.Accepted == "" {
			asks[g.Tenant]++
		}
	}
	limit := h.m.LastDay() + month.Day(r.set.Config.Checks.RightsEnd)
	var out []customerRow
	for i := range h.res.Tenants {
		t := &h.res.Tenants[i]
		if !r.who.sees(t.ID) {
			continue
		}
		x := customerRow{ID: t.ID, Name: r.nameOf(h, t.ID), Partner: t.Partner, Link: h.Base + "/c/" + t.ID, Sums: h.res.sums[t.ID], Internal: t.Internal,
			Book: books[t.ID], Nobody: belongsToNone(t.ID), Notes: len(notes.written(t.ID)), Annex: annexStateOf(sent, t.ID, h.Rev)}
		x.Seen = notes.seen(h, t)
		for _, l := range s.lineRows(r, h, t.ID, t.Lines) {
			if l.Added > 0 || l.Removed > 0 || l.Compared && l.Quantity != l.Previous {
				x.Lines = append(x.Lines, l)
			}
		}
		if h.prev != nil {
			was := h.prev.sums[t.ID]
			if was == nil {
				was = &sums{}
			}
			x.HasDiff = !was.unpriced && !x.Sums.unpriced
			x.Diff = x.Sums.amount.Sub(was.amount)
		}
		for _, e := range t.Exclusions {
			if d, err := month.ParseDay(e.Until); err == nil && d <= limit {
				x.Ending++
			}
		}
		if c := r.set.Register.Tenant(t.ID); c != nil {
			x.Suspended = suspended(c, h.m)
		}
		x.Asks = asks[t.ID]
		calm := x.Sums.pressing == 0 && severity(x.Sums.worst) > 1 && x.Ending == 0 && !x.Suspended && x.Asks == 0
		x.Quiet = calm && len(x.Lines) == 0 && x.Sums.unexplained == 0
		if x.Nobody {
			x.Quiet = x.Sums.users+x.Sums.packs == 0
		}
		x.Small = calm && !x.Quiet && !x.Nobody && t.Routine(r.set.Config.Checks.ChangeLook)
		switch {
		case x.Sums.worst == statement.Error || x.Sums.unexplained > 0:
			x.weight = 0
		case x.Sums.worst == statement.High || x.Suspended:
			x.weight = 1
		case x.Sums.pressing > 0 || x.Ending > 0 || x.Asks > 0:
			x.weight = 2
		case !x.Quiet && !x.Small:
			x.weight = 3
		case x.Small:
			x.weight = 4
		default:
			x.weight = 5
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b customerRow) int {
		done := func(x *customerRow) int {
			if x.Seen != nil {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(done(&a), done(&b)), cmp.Compare(a.weight, b.weight), b.Diff.Abs().Cmp(a.Diff.Abs()),
			cmp.Compare(b.Sums.added+b.Sums.removed, a.Sums.added+a.Sums.removed), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

// suspended says whether a customer is suspended at any day of a month.
func suspended(t *register.Tenant, m month.Month) bool {
	if !t.SuspendedFrom.Set && !t.SuspendedUntil.Set {
		return false
	}
	return (!t.SuspendedFrom.Set || t.SuspendedFrom.Day <= m.LastDay()) && (!t.SuspendedUntil.Set || t.SuspendedUntil.Day >= m.FirstDay())
}

// annexState is where a customer's annex stands: what was done with it last, or
// that nobody sent it.
type annexState string

const annexUnsent annexState = "unsent"

// annexStateOf is what became of a customer's annex last.
func annexStateOf(log []store.Delivery, tenant string, rev int) annexState {
	state := annexUnsent
	for i := range log {
		if d := &log[i]; d.Tenant == tenant && d.Revision == rev && d.Action != store.DeliveryNamed {
			state = annexState(d.Action)
		}
	}
	return state
}
