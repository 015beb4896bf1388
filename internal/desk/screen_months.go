package desk

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/report"
)

// tile is one month among many.
type tile struct {
	Name     string
	H        *head
	Sums     *sums
	Diff     decimal.Decimal
	HasDiff  bool
	Next     string // what is to be done next: a key of the texts
	NextLink string
	First    bool // of those to be closed it is the first
	Partial  bool // the readings begin within it, and nothing was done to a month yet
	Begins   month.Day
}

type monthsData struct {
	Tiles   []tile
	More    int
	Running []*job
	Failed  []snapshot.Reading
	Since   time.Time
	Money   bool
	Review  bool
	Now     string // this month
	Unset   bool   // no pool is configured
}

// months is the first screen: which month asks for what.
func (s *Server) months(r *request) error {
	names, err := s.opt.Store.Months(r.Context())
	if err != nil {
		return err
	}
	acts, err := s.opt.Store.Acts(r.Context(), "")
	if err != nil {
		return err
	}
	for i := range acts {
		names = append(names, acts[i].Month)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	slices.Reverse(names)
	d := monthsData{Now: month.Of(s.opt.Now(), s.loc).String(), Money: r.who.role.money(), Review: r.who.role.reviews(), Unset: len(r.set.Config.Pools) == 0}
	today := month.DayOf(s.opt.Now(), s.loc)
	for _, name := range names {
		m, err := month.Parse(name, s.loc)
		if err != nil {
			return err
		}
		if len(d.Tiles) == 12 && r.FormValue("all") == "" {
			d.More = len(names) - 12
			break
		}
		x, err := s.tile(r, m, today)
		if err != nil {
			return err
		}
		d.Tiles = append(d.Tiles, x)
	}
	// Months are closed from the first: each is compared with the one before.
	if err := s.partial(r, &d, len(acts) > 0); err != nil {
		return err
	}
	for i := len(d.Tiles) - 1; i >= 0 && d.More == 0; i-- {
		if d.Tiles[i].Next == nextClose && !d.Tiles[i].Partial {
			d.Tiles[i].First = true
			break
		}
	}
	d.Running = s.jobs.running()
	d.Since = today.Start(s.loc)
	if r.who.role != AccountManager {
		readings, err := s.opt.Store.Readings(r.Context(), "", d.Since, s.opt.Now().Add(time.Minute))
		if err != nil {
			return err
		}
		for i := range readings {
			if readings[i].Status == snapshot.Failed {
				d.Failed = append(d.Failed, readings[i])
			}
		}
	}
	s.show(r, 200, "months", page{Title: "months.title", Screen: "months", Data: &d})
	return nil
}

// partial marks the first month where the readings begin within it and nothing was
// ever done: it cannot be complete, and is not the one to begin with.
func (s *Server) partial(r *request, d *monthsData, acted bool) error {
	if acted || d.More > 0 || len(d.Tiles) < 2 {
		return nil
	}
	x := &d.Tiles[len(d.Tiles)-1]
	m, err := month.Parse(x.H.Month, s.loc)
	if err != nil || x.Next != nextClose {
		return err
	}
	readings, err := s.opt.Store.Readings(r.Context(), "", m.FirstDay().Start(s.loc), (m.LastDay() + 1).Start(s.loc))
	if err != nil {
		return err
	}
	for i := range readings {
		if readings[i].Kind == snapshot.KindDirectory && readings[i].Status != snapshot.Failed && (x.Begins == 0 || readings[i].Day < x.Begins) {
			x.Begins = readings[i].Day
		}
	}
	x.Partial = x.Begins > m.FirstDay()+1
	return nil
}

func (s *Server) tile(r *request, m month.Month, today month.Day) (tile, error) {
	l, err := s.desk(r).Life(r.Context(), m)
	if err != nil {
		return tile{}, err
	}
	h, err := s.head(r, m, l.Revision)
	if err != nil {
		return tile{}, err
	}
	x := tile{Name: report.WordsIn(r.lang.id).Month(m), H: h}
	if h.res != nil {
		x.Sums = h.res.sums[allTenants]
		if h.prev != nil {
			before := h.prev.sums[allTenants]
			x.HasDiff = !x.Sums.unpriced && !before.unpriced && x.Sums.currency == before.currency
			x.Diff = x.Sums.amount.Sub(before.amount)
		}
	}
	x.Next, x.NextLink = next(h, m, today)
	if !mayAct(r.who.role, x.Next) {
		x.NextLink = ""
	}
	return x, nil
}

// nextClose is the text of what is to be done about a month that is over.
const nextClose = "next.close"

// next is what is to be done about a month.
func next(h *head, m month.Month, today month.Day) (text, link string) {
	act := h.Base + "/do/"
	switch {
	case today <= m.LastDay():
		if h.Counted {
			return "next.running", h.Base
		}
		return "next.report", act + "report"
	case h.State == statement.Open:
		return nextClose, act + "close"
	case h.State == statement.Draft && (h.Gaps > 0 || h.Open > 0 || h.Errors > 0):
		return "next.review", h.Base
	case h.State == statement.Draft:
		return "next.approve", act + "approve"
	case h.State == statement.Approved:
		return "next.submit", act + "submit"
	}
	return "", ""
}

// mayAct says whether a role does what a month asks for next.
func mayAct(role Role, text string) bool {
	switch text {
	case "next.approve", "next.submit":
		return role.signs()
	case "next.report", "next.close":
		return role.reviews()
	case "next.review", "next.running":
		return role != AccountManager
	}
	return false
}

// Users and the others are for the templates.
func (x *sums) Users() int                { return x.users }
func (x *sums) Packs() int                { return x.packs }
func (x *sums) NoUsers() bool             { return x.users == 0 && x.unreadUsers }
func (x *sums) NoPacks() bool             { return x.packs == 0 && x.unreadPacks }
func (x *sums) UsersDiff() int            { return x.users - x.usersBefore }
func (x *sums) PacksDiff() int            { return x.packs - x.packsBefore }
func (x *sums) Compared() bool            { return x.compared }
func (x *sums) Amount() string            { return x.amount.StringFixed(2) }
func (x *sums) Unpriced() bool            { return x.unpriced }
func (x *sums) Currency() string          { return x.currency }
func (x *sums) Added() int                { return x.added }
func (x *sums) Removed() int              { return x.removed }
func (x *sums) Unexplained() int          { return x.unexplained }
func (x *sums) Worst() statement.Severity { return x.worst }
func (x *sums) Found() int                { return x.found }
func (x *sums) Fresh() int                { return x.fresh }

// latest goes to the revision that is being worked on.
func (s *Server) latest(r *request) error {
	m, err := month.Parse(r.PathValue("month"), s.loc)
	if err != nil {
		return notFound()
	}
	l, err := s.desk(r).Life(r.Context(), m)
	if err != nil {
		return err
	}
	h, err := s.head(r, m, l.Revision)
	if err != nil {
		return err
	}
	if r.who.role == AccountManager {
		return r.to(h.Base + "/customers")
	}
	return r.to(h.Base)
}

// pulse says in a word whether the month is as it was shown.
func (s *Server) pulse(r *request) error {
	h, err := s.at(r)
	if err != nil {
		return err
	}
	r.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err = r.w.Write([]byte(h.Token))
	return err
}
