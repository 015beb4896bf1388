package desk

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// view is a revision counted again with the persons behind it, and where in it
// each is.
type view struct {
	st      *statement.Statement
	looks   []string         // of each claim: the person's name and accounts, in lower case
	persons map[string][]int // tenant, product: places in Persons, by name
	who     map[string][]int // hidden id of a person: its claims
	err     error
	done    chan struct{}
	used    time.Time
}

// views holds the few that are looked at: one is the largest thing of a month.
type views struct {
	mu sync.Mutex
	by map[string]*view // by base and token of the month
}

const mostViews = 2

// view is the persons behind a revision. Counting a large month takes a while:
// where it is not there yet, ready is false, and the page says so and looks again.
func (s *Server) view(r *request, h *head) (v *view, ready bool, err error) {
	if h.life.Retained != nil {
		return nil, false, &problem{status: 410, text: "problem.retained"}
	}
	key := h.Base + " " + h.Token
	x := &s.views
	x.mu.Lock()
	if x.by == nil {
		x.by = map[string]*view{}
	}
	v = x.by[key]
	if v == nil {
		v = &view{done: make(chan struct{})}
		for len(x.by) >= mostViews {
			oldest := ""
			for k, o := range x.by {
				if oldest == "" || o.used.Before(x.by[oldest].used) {
					oldest = k
				}
			}
			delete(x.by, oldest)
		}
		x.by[key] = v
		// What goes on behind has the view for itself: v is what is returned, and
		// nothing where whoever asks does not wait for it.
		d, m, rev, made := s.desk(r), h.m, h.Rev, v
		s.waiting.Go(func() {
			defer close(made.done)
			in, err := d.ViewAt(s.ctx, m, rev)
			if err != nil {
				made.err = err
				return
			}
			made.index(s, in.Statement)
		})
	}
	v.used = s.opt.Now()
	x.mu.Unlock()
	wait, stop := context.WithTimeout(r.Context(), 1500*time.Millisecond)
	defer stop()
	select {
	case <-v.done:
	case <-wait.Done():
		return nil, false, r.Context().Err()
	}
	if v.err != nil {
		x.mu.Lock()
		if x.by[key] == v {
			delete(x.by, key)
		}
		x.mu.Unlock()
	}
	return v, true, v.err
}

func (v *view) index(s *Server, st *statement.Statement) {
	v.st, v.persons, v.who = st, map[string][]int{}, map[string][]int{}
	v.looks = make([]string, st.Persons.Len())
	for i := range st.Persons.Len() {
		p := st.Persons.At(i)
		v.looks[i] = strings.ToLower(p.Name + "\n" + accountNames(&p))
		for _, tenant := range []string{p.Tenant, allTenants} {
			k := tenant + "\x00" + p.Product
			v.persons[k] = append(v.persons[k], i)
		}
		id := s.hidden("person", p.Tenant, p.Key)
		v.who[id] = append(v.who[id], i)
	}
	for _, list := range v.persons {
		slices.SortStableFunc(list, func(a, b int) int { return strings.Compare(v.looks[a], v.looks[b]) })
	}
}

// machines are those of a number.
func (v *view) machines(tenant, product string) []*statement.Machine {
	var out []*statement.Machine
	for i := range v.st.Machines {
		if m := &v.st.Machines[i]; m.Product == product && (m.Tenant == tenant || tenant == allTenants) {
			out = append(out, m)
		}
	}
	return out
}

// counting is the page while a month is being counted.
func (s *Server) counting(r *request, h *head) error {
	s.show(r, 200, "counting", page{Title: "counting.title", Month: h, Refresh: 2})
	return nil
}

// bar is the days of a month as a picture: each day 6 wide.
type bar struct {
	Days  int
	Wide  int
	Marks []mark
	Text  string // for who does not see it
}

type mark struct {
	X, W  int
	Class string
}

// dayBar is a bar with one span in it, and single days marked.
func dayBar(m month.Month, first, last month.Day, days ...month.Day) bar {
	b := bar{Days: m.Days(), Wide: m.Days() * 6, Text: first.String() + " – " + last.String()}
	from, to := max(first, m.FirstDay()), min(last, m.LastDay())
	if from <= to {
		b.Marks = append(b.Marks, mark{int(from-m.FirstDay()) * 6, int(to-from+1) * 6, "span"})
	}
	for _, d := range days {
		if d >= m.FirstDay() && d <= m.LastDay() {
			b.Marks = append(b.Marks, mark{int(d-m.FirstDay()) * 6, 6, "used"})
		}
	}
	return b
}
