package rules

import (
	"fmt"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// cover judges from data and config alone what was read and what was not
// (docs/counting.md, "coverage").
func (e *evaluation) cover() {
	e.coverDirectories()
	e.coverTenants()
	e.coverCopies()
	e.coverInventories()
	e.coverRows()
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
		e.gap(statement.Gap{Source: "directories", Kind: statement.CoverageDirectory, Message: "no directory is configured, so nobody could be counted",
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
		e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: name, Kind: statement.CoverageDirectory, Site: site, Days: days})
		for _, g := range missing(days, e.w.m, int(e.Config.Coverage.DirectoryEvery)) {
			e.gap(statement.Gap{Source: name, Kind: statement.CoverageDirectory, Site: site, From: g[0].String(), Until: g[1].String(),
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

func stamp(t time.Time, loc *time.Location) string { return t.In(loc).Format("2006-01-02 15:04") }
