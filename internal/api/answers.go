package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// Months are all months.
type Months struct {
	Months []Month `json:"months"`
}

// Month is where a month stands.
type Month struct {
	Month    string `json:"month" format:"month"`
	Revision int    `json:"revision" about:"0 is the first; each amendment adds one."`
	State    string `json:"state" enum:"open draft approved submitted"`
	Status   string `json:"status" enum:"complete incomplete unknown" about:"Whether all that the month needs was read; unknown: it was never counted."`
	Deadline string `json:"deadline" format:"date" about:"The last day on which the reseller takes the report."`
	DaysLeft int    `json:"days_left" about:"Days to the deadline; below zero it is past."`
}

// Line is one product's quantity. Figures that are not known are null.
type Line struct {
	Product    string  `json:"product"`
	Name       string  `json:"name"`
	PartNumber string  `json:"part_number"`
	Unit       string  `json:"unit" enum:"user device core"`
	Quantity   *int    `json:"quantity" about:"Persons, devices or packs; null: nothing was read that could tell."`
	Active     int     `json:"active" about:"The persons among them with a session in the month."`
	Excluded   int     `json:"excluded"`
	Previous   *int    `json:"previous" about:"Of the month before; null: not compared."`
	Added      *int    `json:"added"`
	Removed    *int    `json:"removed"`
	UnitPrice  *string `json:"unit_price" format:"decimal" about:"What the provider pays; null where it is not known, and for tokens that see no money."`
	Amount     *string `json:"amount" format:"decimal"`
	Currency   *string `json:"currency"`
}

// MonthLines is one month with its lines.
type MonthLines struct {
	Month
	OpenGaps      int    `json:"open_gaps"`
	AcceptedGaps  int    `json:"accepted_gaps"`
	OpenQuestions int    `json:"open_questions"`
	Lines         []Line `json:"lines"`
}

// MonthCustomers are the customers of one month.
type MonthCustomers struct {
	Month     string     `json:"month" format:"month"`
	Revision  int        `json:"revision"`
	Customers []Customer `json:"customers"`
}

// Customer is one customer with its lines.
type Customer struct {
	ID       string `json:"id" about:"-unassigned are persons, -shared machines of no customer."`
	Name     string `json:"name"`
	Partner  string `json:"partner" about:"The id of the partner that it belongs to; empty: none."`
	Internal bool   `json:"internal" about:"The provider's own use."`
	Lines    []Line `json:"lines"`
}

// MonthGaps are the gaps of one month.
type MonthGaps struct {
	Month    string `json:"month" format:"month"`
	Revision int    `json:"revision"`
	Gaps     []Gap  `json:"gaps"`
}

// Gap is something that the month needs and that was not read.
type Gap struct {
	Kind     string `json:"kind"`
	Source   string `json:"source"`
	Site     string `json:"site"`
	Host     string `json:"host"`
	Customer string `json:"customer"`
	From     string `json:"from" about:"A day, or a moment for logs; empty: all month."`
	Until    string `json:"until"`
	Accepted bool   `json:"accepted"`
	Awaited  string `json:"awaited" about:"The last day on which it may still come; empty: no longer."`
}

// MonthCoverage is what of one month was read.
type MonthCoverage struct {
	Month    string   `json:"month" format:"month"`
	Revision int      `json:"revision"`
	Days     int      `json:"days" about:"How many days the month has."`
	Sources  []Source `json:"sources"`
}

// Source is one source's, or one host's, days.
type Source struct {
	Kind   string   `json:"kind"`
	Source string   `json:"source"`
	Site   string   `json:"site"`
	Host   string   `json:"host"`
	Days   []string `json:"days" format:"date"`
	From   string   `json:"from" about:"Of a log: from when it tells; else empty."`
	Until  string   `json:"until"`
}

// Lines are the lines of several months.
type Lines struct {
	Lines []MonthLine `json:"lines"`
}

// MonthLine is a line with its month.
type MonthLine struct {
	Month    string `json:"month" format:"month"`
	Revision int    `json:"revision"`
	State    string `json:"state" enum:"open draft approved submitted"`
	Line
}

func (s *Server) months(c *call) (any, error) {
	all, err := c.desk.Months(c.Context())
	if err != nil {
		return nil, err
	}
	out := Months{Months: []Month{}}
	for i := range all {
		x := &all[i]
		m := Month{Month: x.Month, Revision: x.Revision, State: string(x.State), Status: "unknown", Deadline: x.Deadline.String(), DaysLeft: x.DaysLeft}
		if x.Counted != "" {
			m.Status = string(x.Counted)
		}
		out.Months = append(out.Months, m)
	}
	return out, nil
}

// monthOf reads a month of the address.
func (c *call) monthOf(text string) (month.Month, error) {
	m, err := month.Parse(text, c.loc)
	if err != nil {
		return m, refuse(http.StatusBadRequest, "that is no month: write it as YYYY-MM")
	}
	return m, nil
}

// asked is a month's kept result: of the revision that the address names, else
// the latest.
type asked struct {
	Month
	st *statement.Statement
}

func (c *call) asked() (*asked, error) {
	m, err := c.monthOf(c.PathValue("month"))
	if err != nil {
		return nil, err
	}
	return c.result(m, c.FormValue("revision"))
}

func (c *call) result(m month.Month, revision string) (*asked, error) {
	s, err := c.desk.Status(c.Context(), m)
	if err != nil {
		return nil, err
	}
	if revision != "" {
		n, err := strconv.Atoi(revision)
		if err != nil || n < 0 || n > s.Revision {
			return nil, refuse(http.StatusNotFound, fmt.Sprintf("%s has no such revision", m))
		}
		if s.Result, err = c.desk.Kept(c.Context(), m, n); errors.Is(err, store.ErrNone) {
			return nil, refuse(http.StatusNotFound, fmt.Sprintf("revision %d of %s was never counted", n, m))
		} else if err != nil {
			return nil, err
		}
	}
	if s.Result == nil {
		return nil, refuse(http.StatusNotFound, fmt.Sprintf("%s was never counted", m))
	}
	if wrong, _ := c.desk.Unlike(c.Context(), s.Life, s.Result.Revision, s.Result); wrong != "" {
		return nil, refuse(http.StatusConflict, fmt.Sprintf("%s is sealed, and cannot be answered from the store: %s; splameter status --month %s says more", m, wrong, m))
	}
	state := s.Result.State
	switch state {
	case "":
		state = statement.Open
	case statement.Amended:
		state = statement.Submitted
	}
	return &asked{Month{m.String(), s.Result.Revision, string(state), string(s.Result.Status), s.Deadline.String(), s.DaysLeft}, s.Result}, nil
}

func (s *Server) month(c *call) (any, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	out := MonthLines{Month: a.Month, OpenQuestions: len(a.st.OpenQuestions()), Lines: c.linesOf(a.st, a.st.Lines)}
	for i := range a.st.Coverage.Gaps {
		if a.st.Coverage.Gaps[i].Accepted == "" {
			out.OpenGaps++
		} else {
			out.AcceptedGaps++
		}
	}
	return out, nil
}

// linesOf are lines as they are shown to the token.
func (c *call) linesOf(st *statement.Statement, lines []statement.Line) []Line {
	out := make([]Line, 0, len(lines))
	for i := range lines {
		l := &lines[i]
		x := Line{Product: l.Product, Name: l.Product, PartNumber: l.PartNumber, Unit: string(l.Unit), Active: l.Active, Excluded: l.Excluded}
		for j := range st.Products {
			if st.Products[j].ID == l.Product {
				x.Name = st.Products[j].Label(c.desk.Setup.Config.Provider.Language)
			}
		}
		if !st.Unread(l) {
			x.Quantity = &l.Quantity
		}
		if l.Compared {
			x.Previous, x.Added, x.Removed = &l.Previous, &l.Added, &l.Removed
		}
		if c.money() {
			x.UnitPrice, x.Amount, x.Currency = told(l.UnitPrice), told(l.Amount), told(l.Currency)
		}
		out = append(out, x)
	}
	return out
}

// told is a text; nil where there is none.
func told(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Server) customers(c *call) (any, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	only := c.FormValue("customer")
	if only != "" && !c.sees(only) {
		return nil, refuse(http.StatusForbidden, "this token does not see that customer")
	}
	out := MonthCustomers{Month: a.Month.Month, Revision: a.Revision, Customers: []Customer{}}
	for i := range a.st.Tenants {
		t := &a.st.Tenants[i]
		if c.sees(t.ID) && (only == "" || only == t.ID) {
			out.Customers = append(out.Customers, Customer{t.ID, t.Name, t.Partner, t.Internal, c.linesOf(a.st, t.Lines)})
		}
	}
	return out, nil
}

func (s *Server) gaps(c *call) (any, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	out := MonthGaps{Month: a.Month.Month, Revision: a.Revision, Gaps: []Gap{}}
	for i := range a.st.Coverage.Gaps {
		g := &a.st.Coverage.Gaps[i]
		x := Gap{Kind: string(g.Kind), Source: g.Source, Site: g.Site, Customer: g.Tenant, From: g.From, Until: g.Until, Accepted: g.Accepted != "", Awaited: g.Open}
		switch g.Kind {
		case statement.CoverageSessions, statement.CoverageInventory, statement.CoverageMachines: // else it is a group or an attribute, and what those are called may be a person's name
			x.Host = g.Host
		}
		out.Gaps = append(out.Gaps, x)
	}
	return out, nil
}

func (s *Server) coverage(c *call) (any, error) {
	a, err := c.asked()
	if err != nil {
		return nil, err
	}
	m, err := c.monthOf(a.Month.Month)
	if err != nil {
		return nil, err
	}
	out := MonthCoverage{Month: m.String(), Revision: a.Revision, Days: m.Days(), Sources: []Source{}}
	for i := range a.st.Coverage.Sources {
		x := &a.st.Coverage.Sources[i]
		y := Source{Kind: string(x.Kind), Source: x.Source, Site: x.Site, Host: x.Host, Days: []string{}, From: x.From, Until: x.Until}
		for _, d := range x.Days {
			y.Days = append(y.Days, d.String())
		}
		out.Sources = append(out.Sources, y)
	}
	return out, nil
}

// mostMonths is how many months one question may be of.
const mostMonths = 120

func (s *Server) lines(c *call) (any, error) {
	from, err := c.monthOf(c.FormValue("from"))
	if err != nil {
		return nil, err
	}
	until, err := c.monthOf(c.FormValue("until"))
	if err != nil {
		return nil, err
	}
	if n := until.Number() - from.Number(); n < 0 || n >= mostMonths {
		return nil, refuse(http.StatusBadRequest, fmt.Sprintf("until comes before from, or more than %d months lie between", mostMonths))
	}
	out := Lines{Lines: []MonthLine{}}
	for m := from; m.Number() <= until.Number(); m = m.Add(1) {
		a, err := c.result(m, "")
		var no *refusal
		if errors.As(err, &no) && no.status == http.StatusNotFound {
			continue // it was never counted: there are no lines to tell
		}
		if err != nil {
			return nil, err
		}
		for _, l := range c.linesOf(a.st, a.st.Lines) {
			out.Lines = append(out.Lines, MonthLine{a.Month.Month, a.Revision, a.State, l})
		}
	}
	return out, nil
}
