package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// sourceRow is one source, or one host, with its days.
type sourceRow struct {
	*statement.SourceCoverage
	Bar  bar
	Read int
	Gaps int
}

// reader is a configured source as it stands today.
type reader struct {
	Name   string
	Kind   snapshot.Kind
	Last   time.Time
	Has    bool
	Failed string
	Next   time.Time
}

type sourcesData struct {
	pager
	Readers []reader
	Hosts   []collector.HostLine // that hand in or are read by themselves, the worst first
	More    int                  // that are not shown
	Rows    []sourceRow
	Review  bool
	Show    string
}

// mostHosts is how many hosts stand on the screen beside the month's sources.
// Their own list has all of them.
const mostHosts = 20

// sources is what was read when, and what was not.
func (s *Server) sources(r *request) error {
	h, err := s.at(r)
	if err != nil {
		return err
	}
	d := sourcesData{Review: r.who.role.reviews(), Show: r.FormValue("show")}
	if d.Readers, err = s.readers(r); err != nil {
		return err
	}
	find := r.looked()
	states, err := s.opt.Store.HostStates(r.Context())
	if err != nil {
		return err
	}
	d.Hosts = collector.HostLines(r.set.Config, states, s.opt.Now())
	if d.Show == "hosts" {
		d.Hosts = slices.DeleteFunc(d.Hosts, func(l collector.HostLine) bool { return !fits(find, l.Host, l.Source, l.Trouble) })
		d.pager = r.paged(len(d.Hosts))
		d.Hosts = part(d.pager, d.Hosts)
	} else if n := len(d.Hosts); n > mostHosts {
		d.Hosts, d.More = d.Hosts[:mostHosts], n-mostHosts
	}
	if h.res != nil && d.Show != "hosts" {
		var list []sourceRow
		for _, x := range sourcesOf(h) {
			if (d.Show != "gaps" || x.Gaps > 0) && fits(find, x.Source, x.Host, x.Site, string(x.Kind)) {
				list = append(list, x)
			}
		}
		d.pager = r.paged(len(list))
		d.Rows = part(d.pager, list)
	}
	s.show(r, 200, "sources", page{Title: "sources.title", Month: h, Screen: "sources", Data: &d})
	return nil
}

// readers are the configured sources: last read, next run, what failed.
func (s *Server) readers(r *request) (out []reader, err error) {
	now := s.opt.Now()
	for _, src := range collector.Sources(r.set.Config) {
		x := reader{Name: src.Name(), Kind: src.Kind()}
		last, ok, err := s.opt.Store.LastReading(r.Context(), x.Name)
		if err != nil {
			return nil, err
		}
		x.Last, x.Has = last.Taken, ok
		since := now.Add(-7 * 24 * time.Hour)
		readings, err := s.opt.Store.Readings(r.Context(), x.Name, since, now.Add(time.Minute))
		if err != nil {
			return nil, err
		}
		for i := range readings {
			if readings[i].Status == snapshot.Failed && (!ok || readings[i].Taken.After(last.Taken)) {
				x.Failed = "failed"
				for _, n := range readings[i].Notes {
					x.Failed = cmp.Or(n.Message, x.Failed)
				}
			}
		}
		if at := schedule(r.set.Config.Agent, x.Kind); !at.Never() {
			x.Next = at.Next(now, s.loc)
		}
		out = append(out, x)
	}
	return out, nil
}

func schedule(a config.Agent, k snapshot.Kind) config.Schedule {
	switch k {
	case snapshot.KindDirectory:
		return a.Directories
	case snapshot.KindSessions:
		return a.Sessions
	}
	return a.Inventories
}

// sourcesOf are a month's sources and hosts, those with gaps first. kinds
// chooses; none means all.
func sourcesOf(h *head, kinds ...statement.CoverageKind) []sourceRow {
	gaps := map[string]int{}
	for i := range h.res.Coverage.Gaps {
		if g := &h.res.Coverage.Gaps[i]; g.Accepted == "" {
			gaps[g.Source+"\x00"+strings.ToLower(g.Host)]++
		}
	}
	var out []sourceRow
	for i := range h.res.Coverage.Sources {
		c := &h.res.Coverage.Sources[i]
		if len(kinds) > 0 && (!slices.Contains(kinds, c.Kind) || c.Host != "") {
			continue
		}
		x := sourceRow{SourceCoverage: c, Gaps: gaps[c.Source+"\x00"+strings.ToLower(c.Host)]}
		days := map[month.Day]bool{}
		for _, d := range c.Days {
			days[d] = true
		}
		if len(c.Days) == 0 {
			for d := instantDay(c.From, h.m, h.m.FirstDay()); c.From != "" && d <= instantDay(c.Until, h.m, h.m.LastDay()); d++ {
				days[d] = true
			}
		}
		x.Bar = bar{Days: h.m.Days(), Wide: h.m.Days() * 6}
		for d := h.m.FirstDay(); d <= h.m.LastDay(); d++ {
			class := "none"
			if days[d] {
				class = "span"
				x.Read++
			}
			x.Bar.Marks = append(x.Bar.Marks, mark{int(d-h.m.FirstDay()) * 6, 5, class})
		}
		x.Bar.Text = fmt.Sprintf("%d / %d", x.Read, x.Bar.Days)
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b sourceRow) int {
		return cmp.Or(cmp.Compare(b.Gaps, a.Gaps), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Host, b.Host))
	})
	return out
}

// instantDay is the day of an instant or a day, as a text; without one, other.
func instantDay(text string, m month.Month, other month.Day) month.Day {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return min(max(month.DayOf(at.Add(-time.Nanosecond), m.Location()), m.FirstDay()-1), m.LastDay())
	}
	if at, err := time.ParseInLocation(logTime, text, m.Location()); err == nil {
		return min(max(month.DayOf(at.Add(-time.Nanosecond), m.Location()), m.FirstDay()-1), m.LastDay())
	}
	if d, err := month.ParseDay(text); err == nil {
		return min(max(d, m.FirstDay()), m.LastDay())
	}
	return other
}
