package api

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"splameter/internal/closing"
	"splameter/internal/store"
)

// MonthDays are the quantities of a month by day.
type MonthDays struct {
	Month    string      `json:"month" format:"month"`
	Revision int         `json:"revision"`
	Days     []DayFigure `json:"days"`
}

// DayFigure is what one product came to on one day.
type DayFigure struct {
	Day      string `json:"day" format:"date"`
	Product  string `json:"product"`
	Quantity int    `json:"quantity" about:"Persons, devices or packs that were counted, and there between the first and the last day on which they were seen. The month's quantity counts each once, and so is no sum and no highest of these."`
}

// dayCache holds the figures of the sealed months asked for last, by the
// digest of their evidence: reading that is the dear part.
type dayCache struct {
	mu   sync.Mutex
	by   map[string][]closing.DayFigure
	last []string
}

const mostDayMonths = 24

func (s *Server) byDay(c *call) (any, error) {
	m, err := c.monthOf(c.PathValue("month"))
	if err != nil {
		return nil, err
	}
	only := c.FormValue("customer")
	if only != "" && !c.sees(only) {
		return nil, refuse(http.StatusForbidden, "this token does not see that customer")
	}
	l, err := c.desk.Life(c.Context(), m)
	if err != nil {
		return nil, err
	}
	revision, manifest := l.Newest()
	if manifest == "" {
		return nil, refuse(http.StatusNotFound, fmt.Sprintf("%s is not sealed: what there was by day stands in its evidence", m))
	}
	s.days.mu.Lock()
	figures, ok := s.days.by[manifest]
	s.days.mu.Unlock()
	if !ok {
		figures, err = c.desk.Days(c.Context(), m)
		if errors.Is(err, store.ErrNone) {
			return nil, refuse(http.StatusNotFound, fmt.Sprintf("the facts of %s were reduced to counts: nothing is known of its days any more", m))
		}
		if err != nil {
			return nil, err
		}
		s.days.keep(manifest, figures)
	}
	out := MonthDays{Month: m.String(), Revision: revision, Days: []DayFigure{}}
	for i := range figures {
		f := &figures[i]
		if !c.sees(f.Tenant) || only != "" && f.Tenant != only {
			continue
		}
		if n := len(out.Days); n > 0 && out.Days[n-1].Day == f.Day.String() && out.Days[n-1].Product == f.Product {
			out.Days[n-1].Quantity += f.Quantity
			continue
		}
		out.Days = append(out.Days, DayFigure{f.Day.String(), f.Product, f.Quantity})
	}
	return out, nil
}

func (x *dayCache) keep(manifest string, figures []closing.DayFigure) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.by == nil {
		x.by = map[string][]closing.DayFigure{}
	}
	if _, ok := x.by[manifest]; !ok {
		x.last = append(x.last, manifest)
	}
	x.by[manifest] = figures
	if len(x.last) > mostDayMonths {
		delete(x.by, x.last[0])
		x.last = x.last[1:]
	}
}
