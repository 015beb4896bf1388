package rules

import (
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// standing tells on which days of the month a machine stood there. A hosts table
// is read now and then: what it holds on the 3rd and on the 21st stands on the
// 31st too, until something shows that it is gone.
type standing struct {
	e        *evaluation
	machines map[string]*machine  // by key
	last     map[string]month.Day // on which a source was read last
	before   map[string]bool      // names and ids in the tables of the month before
}

func (e *evaluation) standing() *standing {
	s := &standing{e: e, machines: map[string]*machine{}, last: map[string]month.Day{}, before: map[string]bool{}}
	for _, m := range e.machines {
		s.machines[m.key] = m
	}
	for i := range e.Facts.Machines {
		x := &e.Facts.Machines[i]
		s.last[x.Source] = max(s.last[x.Source], x.Last)
	}
	for i := range e.Facts.Before.Machines {
		x := &e.Facts.Before.Machines[i]
		s.before[e.est.names.key(x.Host)] = true
		if x.ID != "" {
			s.before["id:"+strings.ToLower(x.ID)] = true
		}
	}
	return s
}

// days are the first and the last: from the month's beginning where the tables
// of the month before hold the machine, and up to its end where none of its
// tables was read without it later, its row has no end and no directory says
// that it was retired.
func (s *standing) days(of *statement.Machine) (from, until month.Day) {
	first, last := s.e.w.m.FirstDay(), s.e.w.m.LastDay()
	from, until = max(of.First, first), min(of.Last, last)
	m := s.machines[of.Key]
	if m == nil {
		return from, until
	}
	end := last
	for _, x := range m.states {
		if s.before[s.e.est.names.key(x.Host)] || x.ID != "" && s.before["id:"+strings.ToLower(x.ID)] {
			from = first
		}
		if x.Until != 0 {
			end = min(end, x.Until)
		}
	}
	for source, day := range m.lastSeen() {
		if day < s.last[source] { // its table was read without it
			end = min(end, s.last[source]-1)
		}
	}
	for _, n := range m.names {
		if h := s.e.est.find(n); h != nil {
			if day, is := h.retired(); is {
				end = min(end, day-1)
			}
		}
	}
	return from, max(until, end)
}

// lastSeen is the last day on which each source held the machine.
func (m *machine) lastSeen() map[string]month.Day {
	out := map[string]month.Day{}
	for _, x := range m.states {
		out[x.Source] = max(out[x.Source], x.Last)
	}
	return out
}
