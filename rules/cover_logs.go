package rules

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// coverLogs asks, where session logs are configured, for a log of each pool
// host and of each host that has one, from the month's first instant to its
// end, or for as long as the directories say that the host was in use. Any
// channel that proves sessions will do. A log proves what it holds: see
// cover_reach.go.
func (e *evaluation) coverLogs() {
	source := e.Config.ReadsLogs()
	if source == "" {
		return
	}
	if e.Facts.Logs.Len() == 0 {
		e.gap(statement.Gap{Source: source, Kind: statement.CoverageSessions,
			Message: "no session log of this month was read: nobody can be shown as active, and use without a licence stays unseen",
			Action:  "collect the session logs of the month"})
		return
	}
	logs := e.newLogs()
	asked := map[string]bool{}
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		if !h.logged && len(h.pools) == 0 {
			continue
		}
		start, end := e.inUse(h)
		if !start.Before(end) {
			continue
		}
		asked[h.key] = true
		of := logs.of(h.key)
		if of == nil || !of.proves() {
			if len(h.pools) == 0 { // named in another's log only, such as a gateway's resource
				continue
			}
			e.gap(statement.Gap{Source: "sessions", Kind: statement.CoverageSessions, Host: h.name, Open: e.open(end),
				Message: fmt.Sprintf("no session log of host %s was read, though it belongs to pool %s", h.name, e.Config.Pools[h.pools[0]].Name),
				Action:  "collect its LocalSessionManager log, or accept the gap by name, with the reason"})
			continue
		}
		e.coverHost(h, logs, of, start, end)
	}
	e.lostEvents(logs, asked)
}

// inUse is the time of the month in which a host's log is asked for: up to the
// day on which the directories have it no more, and from the day on which they
// have it first, where they were read before.
func (e *evaluation) inUse(h *host) (start, end time.Time) {
	m := e.w.m
	start, end = m.Start(), m.End()
	if day, is := h.retired(); is && day <= m.LastDay() {
		end = day.Start(m.Location())
	}
	if days, known := h.enabled(); known && days != 0 && len(e.w.days) > 0 {
		for d := m.FirstDay(); d <= m.LastDay(); d++ {
			if days&snapshot.DayBit(d) == 0 {
				continue
			}
			if slices.Min(e.w.days) < d && d > m.FirstDay() {
				start = d.Start(m.Location())
			}
			break
		}
	}
	return start, end
}

func (e *evaluation) coverHost(h *host, logs *logs, of *hostLogs, start, end time.Time) {
	loc := e.w.m.Location()
	var best *logReach
	var others []*logReach
	for _, channel := range provingChannels {
		if len(of.rows[channel]) == 0 {
			continue
		}
		r := e.logReach(h, logs, of, channel, end)
		r.within(start, end)
		if best == nil || r.missing() < best.missing() {
			best, r = r, best
		}
		if r != nil {
			others = append(others, r)
		}
	}
	for _, o := range others {
		best.cover(o)
	}
	note := ""
	if best.whole {
		note = "whole from its first record"
	}
	e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: "sessions", Kind: statement.CoverageSessions, Host: h.name,
		From: stamp(best.from, loc), Until: stamp(best.until, loc), Note: note})
	for _, g := range best.gaps {
		message, action := g.text(h.name, loc)
		out := statement.Gap{Source: "sessions", Kind: statement.CoverageSessions, Host: h.name, From: stamp(g.from, loc), Until: stamp(g.until, loc), Message: message, Action: action}
		if !g.until.Before(end) {
			out.Open = e.open(end)
		}
		e.gap(out)
	}
}

// open is the day up to which a log that is missing at the end may still come
// (coverage.late), where nothing was read since; empty: it should have come.
func (e *evaluation) open(end time.Time) string {
	until := end.In(e.w.m.Location()).AddDate(0, 0, int(e.Config.Coverage.Late))
	for i := range e.Facts.Readings {
		if e.Facts.Readings[i].Taken.After(until) {
			return ""
		}
	}
	return (month.DayOf(until, e.w.m.Location()) - 1).String()
}

// lostEvents makes gaps of events that show a session and could not be read as
// anybody's, where no host's own gap tells of them.
func (e *evaluation) lostEvents(logs *logs, asked map[string]bool) {
	start, end, loc := e.w.m.Start(), e.w.m.End(), e.w.m.Location()
	type key struct {
		file  string
		cause snapshot.LostCause
	}
	total := map[key]*snapshot.Lost{}
	var keys []key
	for i := range e.Facts.Logs.Len() {
		l := e.Facts.Logs.At(i)
		if len(l.Lost) == 0 || l.Host != "" && asked[e.est.names.key(nameOr(l.Name, l.Host))] {
			continue
		}
		for _, x := range l.Lost {
			timed := !x.From.IsZero()
			if timed && (!x.From.Before(end) || x.Until.Before(start)) {
				continue
			}
			k := key{l.File, x.Cause}
			t := total[k]
			if t == nil {
				t = &snapshot.Lost{Cause: x.Cause, From: x.From, Until: x.Until}
				total[k] = t
				keys = append(keys, k)
			}
			t.Events += x.Events
			if timed && x.From.Before(t.From) {
				t.From = x.From
			}
			t.Until = later(t.Until, x.Until)
		}
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.cause, b.cause)) })
	for _, k := range keys {
		t := total[k]
		g := statement.Gap{Source: k.file, Kind: statement.CoverageSessions,
			Action: "export the log again with the events' own values (wevtutil epl, or wevtutil qe /f:xml), or name its columns in the config; else accept the gap by name, with the reason"}
		when := ""
		if !t.From.IsZero() {
			from, until := later(t.From, start), t.Until
			if !until.Before(end) {
				until = end
			}
			g.From, g.Until = stamp(from, loc), stamp(until, loc)
			when = fmt.Sprintf(" between %s and %s", g.From, g.Until)
		}
		what := map[snapshot.LostCause]string{snapshot.LostUser: "whose it is, or what kind of log-on", snapshot.LostHost: "on which computer it was", snapshot.LostTime: "when it was"}[t.Cause]
		g.Message = fmt.Sprintf("%d events in %s%s show a session and do not say %s: nobody is counted for them", t.Events, k.file, when, what)
		e.gap(g)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
