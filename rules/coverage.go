package rules

import (
	"fmt"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// cover judges from data and config alone what was read and what was not
// (design.md, "coverage").
func (e *evaluation) cover() {
	e.coverDirectories()
	e.coverInventories()
	e.coverLogs()
	e.coverDatabases()
	e.coverSites()
	c := &e.st.Coverage
	if c.Gaps == nil {
		c.Gaps = []statement.Gap{}
	}
	if c.Sources == nil {
		c.Sources = []statement.SourceCoverage{}
	}
}

func (e *evaluation) gap(g statement.Gap) { e.st.Coverage.Gaps = append(e.st.Coverage.Gaps, g) }

// missing finds the runs of days that no reading stands near enough to:
// readings may be at most every days apart, the first at most that many after
// the day before the month, the last at most that many before the day after.
func missing(days []month.Day, m month.Month, every int) [][2]month.Day {
	if len(days) == 0 { // nothing at all is no reading near enough, whatever the interval
		return [][2]month.Day{{m.FirstDay(), m.LastDay()}}
	}
	var out [][2]month.Day
	before := m.FirstDay() - 1
	for _, d := range days {
		if int(d-before) > every {
			out = append(out, [2]month.Day{before + 1, d - 1})
		}
		before = d
	}
	if after := m.LastDay() + 1; int(after-before) > every {
		out = append(out, [2]month.Day{before + 1, after - 1})
	}
	return out
}

func span(from, until month.Day) string {
	if from == until {
		return from.String()
	}
	return fmt.Sprintf("%s to %s", from, until)
}

func (e *evaluation) coverDirectories() {
	read := map[string]*snapshot.DirectoryMonth{}
	for i := range e.Facts.Directories {
		read[e.Facts.Directories[i].Source] = &e.Facts.Directories[i]
	}
	if len(e.Config.Directories) == 0 && len(e.Facts.Directories) == 0 {
		e.gap(statement.Gap{Source: "directories", Kind: "directory", Message: "no directory is configured, so nobody could be counted",
			Action: "name the provider's domains under directories: in the config"})
	}
	names := []string{}
	for i := range e.Config.Directories {
		names = append(names, e.Config.Directories[i].Name)
	}
	for i := range e.Facts.Directories {
		if s := e.Facts.Directories[i].Source; !contains(names, s) {
			names = append(names, s)
		}
	}
	for _, name := range names {
		var days []month.Day
		site := ""
		if d := read[name]; d != nil {
			site = d.Site
			for _, t := range d.Taken {
				if len(days) == 0 || days[len(days)-1] != t.Day {
					days = append(days, t.Day)
				}
			}
		}
		e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: name, Kind: "directory", Site: site, Days: days})
		for _, g := range missing(days, e.w.m, int(e.Config.Coverage.DirectoryEvery)) {
			e.gap(statement.Gap{Source: name, Kind: "directory", Site: site, From: g[0].String(), Until: g[1].String(),
				Message: fmt.Sprintf("directory %s was not read on %s", name, span(g[0], g[1])),
				Action:  "collect an export of those days if there is one; else accept the gap by name, with the reason"})
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// logCover is how far one channel of one host is known.
type logCover struct {
	whole       bool // from the first record on
	from, until time.Time
	cut         string // the file that is damaged behind until; empty: none
}

// coverLogs asks, where session logs are configured, for a log of each pool
// host and of each host that has one, from the month's first instant to its
// end. Any channel that proves sessions will do.
func (e *evaluation) coverLogs() {
	if len(e.Config.Sessions) == 0 {
		return
	}
	if e.Facts.Logs.Len() == 0 {
		e.gap(statement.Gap{Source: e.Config.Sessions[0].Name, Kind: "sessions",
			Message: "no session log of this month was read: nobody can be shown as active, and use without a licence stays unseen",
			Action:  "collect the session logs of the month"})
		return
	}
	damaged := e.damagedLogs()
	type channelOf struct{ host, channel string }
	best := map[channelOf]*logCover{}
	for i := range e.Facts.Logs.Len() {
		l := e.Facts.Logs.At(i)
		if l.Channel != "LSM" && l.Channel != "Security" {
			continue
		}
		k := channelOf{e.est.names.key(nameOr(l.Name, l.Host)), l.Channel}
		c := best[k]
		if c == nil {
			c = &logCover{from: l.First}
			best[k] = c
		}
		if l.First.Before(c.from) {
			c.from = l.First
		}
		if l.Until.After(c.until) {
			c.until, c.cut = l.Until, ""
			if damaged[l.File] && l.Until.Equal(l.Last) {
				c.cut = l.File
			}
		}
		if l.FirstRecord == 1 && l.Cleared.IsZero() {
			c.whole = true
		}
	}
	start, end := e.w.m.Start(), e.w.m.End()
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		if !h.logged && len(h.pools) == 0 {
			continue
		}
		var chosen *logCover
		for _, channel := range []string{"LSM", "Security"} {
			if c := best[channelOf{h.key, channel}]; c != nil && (chosen == nil || better(c, chosen, start, end)) {
				chosen = c
			}
		}
		if chosen == nil {
			if len(h.pools) == 0 { // named in another's log only, such as a gateway's resource
				continue
			}
			e.gap(statement.Gap{Source: "sessions", Kind: "sessions", Host: h.name,
				Message: fmt.Sprintf("no session log of host %s was read, though it belongs to pool %s", h.name, e.Config.Pools[h.pools[0]].Name),
				Action:  "collect its LocalSessionManager log, or accept the gap by name, with the reason"})
			continue
		}
		e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: "sessions", Kind: "sessions", Host: h.name,
			From: stamp(chosen.from, e.w.m.Location()), Until: stamp(chosen.until, e.w.m.Location()), Note: wholeNote(chosen)})
		if !chosen.whole && chosen.from.After(start) {
			e.gap(statement.Gap{Source: "sessions", Kind: "sessions", Host: h.name, From: stamp(start, e.w.m.Location()), Until: stamp(chosen.from, e.w.m.Location()),
				Message: fmt.Sprintf("the session log of host %s begins on %s: what came before in the month is overwritten", h.name, stamp(chosen.from, e.w.m.Location())),
				Action:  "collect an older copy of the log, enlarge the log on the host, and collect daily"})
		}
		switch {
		case chosen.until.Before(end) && chosen.cut != "":
			e.gap(statement.Gap{Source: "sessions", Kind: "sessions", Host: h.name, From: stamp(chosen.until, e.w.m.Location()), Until: stamp(end, e.w.m.Location()),
				Message: fmt.Sprintf("the session log of host %s is whole up to %s only: behind that its file %s is damaged", h.name, stamp(chosen.until, e.w.m.Location()), chosen.cut),
				Action:  "export the log of that host again and collect it, or accept the gap by name, with the reason"})
		case chosen.until.Before(end):
			e.gap(statement.Gap{Source: "sessions", Kind: "sessions", Host: h.name, From: stamp(chosen.until, e.w.m.Location()), Until: stamp(end, e.w.m.Location()),
				Message: fmt.Sprintf("the session log of host %s was read up to %s, before the month ended", h.name, stamp(chosen.until, e.w.m.Location())),
				Action:  "collect again after the end of the month, or, for exported logs, set exported: to the day up to which they hold everything"})
		}
	}
}

// damagedLogs are the files of session logs that could not be read whole, and
// were not since.
func (e *evaluation) damagedLogs() map[string]bool {
	out := map[string]bool{}
	last := lastSaid(e.Facts.Readings)
	for i := range e.Facts.Readings {
		for _, n := range e.Facts.Readings[i].Notes {
			if n.Code == "log-damaged" && !last.over(i, e.Facts.Readings[i].Source, n) {
				out[n.At.File] = true
			}
		}
	}
	return out
}

func wholeNote(c *logCover) string {
	if c.whole {
		return "whole from its first record"
	}
	return ""
}

// better says whether a channel tells more of the month than another.
func better(a, b *logCover, start, end time.Time) bool {
	from := func(c *logCover) time.Time {
		if c.whole || c.from.Before(start) {
			return start
		}
		return c.from
	}
	until := func(c *logCover) time.Time {
		if c.until.After(end) {
			return end
		}
		return c.until
	}
	return until(a).Sub(from(a)) > until(b).Sub(from(b))
}

func stamp(t time.Time, loc *time.Location) string { return t.In(loc).Format("2006-01-02 15:04") }
