package desk

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/closing/books"
	"splameter/internal/closing/forecast"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// lineRow is one product of a month or a customer.
type lineRow struct {
	*statement.Line
	Name    string
	Why     string // the address of its why
	Unread  bool
	Changes []changeRow
	Before  string // its amount of the month before; empty: not known
	Diff    decimal.Decimal
	HasDiff bool
	Bill    string // as invoiced, where it was
	Charged string // as customers were billed, where they were
}

type changeRow struct {
	statement.Change
	Less bool
}

type gapRow struct {
	*statement.Gap
	ID  string
	Row string // where its customer's row is changed
}

type monthData struct {
	Lines                []lineRow
	Sums                 *sums
	Before               *sums
	Gaps                 []gapRow
	More                 int // gaps that are not shown
	Questions            int
	AtMost               string
	Grave                []findingGroup
	Acts                 []actRow
	Files                []fileRow
	Seen, Customers      int
	Money, Review, Signs bool
	Next, NextLink       string
	Reason               string
	Invoiced, Billed     bool
	Pictures             []sourceRow
	Amends               []closing.Difference // what differs from the revision before
	Against              int                  // the number of that revision, from 1; 0: there is none
	All                  bool
	Forecast             *forecastData // of a month that runs; nil: none was made
}

// forecastData is what a month that runs will come to.
type forecastData struct {
	*forecast.Forecast
	ReadUntil month.Day
	Lines     []forecastLine
	Customers []forecastCustomer
	More      int
}

type forecastLine struct {
	*forecast.Line
	Name    string
	Known   bool // whether anything was read that tells what it is so far
	IsSoFar int
}

type forecastCustomer struct {
	*forecast.Customer
	Who, Name, Link string
}

type actRow struct {
	*statement.Act
	More int // that were done alike, in one go
}

// alike puts acts together that were done in one go: the same, by the same, for
// one reason, within a minute. All of them are in the evidence, each by its key.
func alike(rows []actRow) (out []actRow) {
	for _, x := range rows {
		if n := len(out); n > 0 && (x.Action == statement.ActAccept || x.Action == statement.ActFinding) {
			if last := &out[n-1]; last.Action == x.Action && last.Revision == x.Revision && last.By == x.By && last.Account == x.Account && last.Reason == x.Reason && last.At.Sub(x.At).Abs() < time.Minute {
				last.More++
				continue
			}
		}
		out = append(out, x)
	}
	return out
}

// month is the screen of one month: may I sign it?
func (s *Server) month(r *request) error {
	h, err := s.at(r)
	if err != nil {
		return err
	}
	d := monthData{Money: r.who.role.money(), Review: r.who.role.reviews(), Signs: r.who.role.signs(), All: r.FormValue("all") != ""}
	for i := range h.life.Acts {
		a := &h.life.Acts[i]
		if a.Revision > h.Rev && h.Rev < h.Latest || a.Action == statement.ActSeal {
			continue
		}
		row := actRow{Act: a}
		if !r.who.role.names() {
			continue
		}
		d.Acts = append(d.Acts, row)
	}
	slices.Reverse(d.Acts)
	d.Acts = alike(d.Acts)
	if d.Forecast, err = s.forecast(r, h); err != nil {
		return err
	}
	if h.Counted && h.Waiting && h.State != statement.Approved && dayOf(s.opt.Now(), s.loc) > h.m.LastDay() {
		if h.Newer, err = s.opt.Store.NewerReadings(r.Context(), h.m, h.Rev); err != nil {
			return err
		}
	}
	d.Next, d.NextLink = next(h, h.m, dayOf(s.opt.Now(), s.loc))
	if !mayAct(r.who.role, d.Next) || h.Rev != h.Latest || d.NextLink == h.Base {
		d.NextLink = ""
	}
	if h.res == nil {
		s.show(r, 200, "month", page{Title: "month.title", Month: h, Screen: "month", Data: &d})
		return nil
	}
	d.Lines = s.lineRows(r, h, allTenants, h.res.Lines)
	d.Sums = h.res.sums[allTenants]
	if h.prev != nil {
		d.Before = h.prev.sums[allTenants]
	}
	for i := range d.Lines {
		d.Invoiced = d.Invoiced || d.Lines[i].Bill != ""
		d.Billed = d.Billed || d.Lines[i].Charged != ""
	}
	d.Questions, d.Reason = h.res.open, h.res.Reason
	if h.Rev > 0 {
		before, err := s.result(r.Context(), h.Month, h.Rev-1)
		if err != nil {
			return err
		}
		if before != nil {
			d.Amends, d.Against = closing.Compare(before.Statement, h.res.Statement), h.Rev
		}
	}
	if h.res.atMost.IsPositive() && d.Money {
		d.AtMost = h.res.atMost.StringFixed(2)
	}
	d.Gaps, d.More = s.gaps(r, h)
	for _, g := range groups(r, h) {
		if severity(g.Severity) <= 1 {
			d.Grave = append(d.Grave, g)
		}
	}
	notes, err := s.notes(r, h)
	if err != nil {
		return err
	}
	for i := range h.res.Tenants {
		d.Customers++
		if notes.seen(h, &h.res.Tenants[i]) != nil {
			d.Seen++
		}
	}
	if d.Review {
		d.Files = s.files(r, h)
	}
	d.Pictures = sourcesOf(h, statement.CoverageDirectory, statement.CoverageInventory)
	s.show(r, 200, "month", page{Title: "month.title", Month: h, Screen: "month", Data: &d})
	return nil
}

// forecast is what was said last of a month that runs, beside what is to be
// done before it ends.
func (s *Server) forecast(r *request, h *head) (*forecastData, error) {
	if dayOf(s.opt.Now(), s.loc) > h.m.LastDay() {
		return nil, nil
	}
	f, err := r.set.LastForecast(h.m)
	if err != nil || f == nil {
		return nil, err
	}
	names := map[string]string{}
	for i := range r.set.Rules.Products {
		p := &r.set.Rules.Products[i]
		names[p.ID] = cmp.Or(p.Name[r.lang.id], p.Name["en"], p.ID)
	}
	until, err := month.ParseDay(f.Until)
	if err != nil {
		return nil, fmt.Errorf("the forecast of %s: %w", h.Month, err)
	}
	d := &forecastData{Forecast: f, ReadUntil: until}
	for i := range f.Lines {
		l := &f.Lines[i]
		x := forecastLine{Line: l, Name: cmp.Or(names[l.Product], l.Product), Known: l.SoFar != nil}
		if x.Known {
			x.IsSoFar = *l.SoFar
		}
		d.Lines = append(d.Lines, x)
	}
	for i := range f.Customers {
		c := &f.Customers[i]
		if len(d.Customers) == pageSize {
			d.More = len(f.Customers) - pageSize
			break
		}
		x := forecastCustomer{c, r.nameOf(h, c.Tenant), cmp.Or(names[c.Product], c.Product), ""}
		if h.res != nil && h.res.tenants[c.Tenant] != nil {
			x.Link = h.Base + "/c/" + c.Tenant
		}
		d.Customers = append(d.Customers, x)
	}
	return d, nil
}

// gaps are the month's gaps, the open ones first; fifty of them.
func (s *Server) gaps(r *request, h *head) (out []gapRow, more int) {
	var rows map[string]string
	for i := range h.res.Coverage.Gaps {
		g := &h.res.Coverage.Gaps[i]
		row := gapRow{Gap: g, ID: s.hidden("gap", g.Key())}
		if g.Tenant != "" && g.Accepted == "" {
			if rows == nil {
				rows = tenantRows(r)
			}
			row.Row = rows[g.Tenant]
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b gapRow) int { return cmp.Compare(len(a.Accepted), len(b.Accepted)) })
	if len(out) > pageSize {
		return out[:pageSize], len(out) - pageSize
	}
	return out, 0
}

// lineRows are lines with what the screens show of them.
func (s *Server) lineRows(r *request, h *head, tenant string, lines []statement.Line) []lineRow {
	before := map[string]string{}
	if h.prev != nil {
		was := h.prev.Lines
		if tenant != allTenants {
			was = nil
			if t := h.prev.tenants[tenant]; t != nil {
				was = t.Lines
			}
		}
		for i := range was {
			before[was[i].Product] = was[i].Amount
		}
	}
	billed, charged := map[string]string{}, map[string]string{}
	if bills := billsOf(h); bills != nil && tenant == allTenants {
		in := books.Input{Statement: h.res.Statement, Register: r.set.Register, Sales: r.set.Sales, Decisions: r.set.Decisions, Month: h.m, Bills: bills}
		for _, x := range books.TieOut(in, true, books.Invoice{}) {
			charged[x.PartNumber] = r.lang.units(x.Billed, false)
		}
	}
	if inv := h.life.Invoice; inv != nil && inv.Revision == h.Rev && tenant == allTenants {
		for _, q := range inv.Quantities {
			billed[q.PartNumber] = r.lang.number(q.Quantity)
		}
	}
	var out []lineRow
	for i := range lines {
		l := &lines[i]
		if l.Quantity == 0 && l.Excluded == 0 && l.Previous == 0 && l.Added == 0 && l.Removed == 0 && tenant != allTenants {
			continue
		}
		row := lineRow{Line: l, Name: r.product(h, l.Product), Unread: h.res.Unread(l), Bill: billed[l.PartNumber], Charged: charged[l.PartNumber],
			Why: h.Base + "/why/" + tenant + "/" + l.Product, Before: before[l.Product]}
		for _, c := range merged(l.Changes) {
			row.Changes = append(row.Changes, changeRow{c, c.Removed > 0})
		}
		was, err1 := decimal.NewFromString(row.Before)
		is, err2 := decimal.NewFromString(l.Amount)
		if row.HasDiff = err1 == nil && err2 == nil; row.HasDiff {
			row.Diff = is.Sub(was)
		}
		out = append(out, row)
	}
	return out
}

// merged are changes by cause alone, the largest first.
func merged(list []statement.Change) []statement.Change {
	type key struct {
		c    statement.Cause
		less bool
	}
	at := map[key]int{}
	var out []statement.Change
	add := func(c statement.Cause, less bool, n int) {
		if n == 0 {
			return
		}
		k := key{c, less}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, statement.Change{Cause: c})
		}
		if less {
			out[i].Removed += n
		} else {
			out[i].Added += n
		}
	}
	for _, c := range list {
		add(c.Cause, false, c.Added)
		add(c.Cause, true, c.Removed)
	}
	slices.SortStableFunc(out, func(a, b statement.Change) int {
		return cmp.Compare(b.Added+b.Removed, a.Added+a.Removed)
	})
	return out
}
