package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// coverSites asks every site of the config for a reading of the month that
// did not fail: a site that has not delivered leaves the month incomplete, by
// its name. What a site's sources must have read is asked of them one by one.
func (e *evaluation) coverSites() {
	delivered := map[string]bool{}
	for i := range e.Facts.Readings {
		if r := &e.Facts.Readings[i]; r.Status != snapshot.Failed {
			delivered[strings.ToLower(r.Site)] = true
		}
	}
	for _, site := range e.Config.Sites {
		if !delivered[strings.ToLower(site)] {
			e.gap(statement.Gap{Source: "sites", Kind: statement.CoverageSite, Site: site,
				Message: fmt.Sprintf("site %s has delivered nothing for this month", site),
				Action:  "see that its agent collects into the shared store, or import what it exported; then compute the month again"})
		}
	}
}

// coverDatabases asks for readings of the databases: an inventory as often as
// any other; the broker's present state as often as a directory, since it
// tells of its own moment only; and a table of all sessions once the month is
// over, since it tells what came before.
func (e *evaluation) coverDatabases() {
	for i := range e.Config.Databases {
		d := &e.Config.Databases[i]
		days := map[snapshot.Kind][]month.Day{}
		site, whole := "", false
		for j := range e.Facts.Readings {
			r := &e.Facts.Readings[j]
			if r.Source != d.Name || r.Status == snapshot.Failed {
				continue
			}
			site = r.Site
			whole = whole || r.Kind == snapshot.KindSessions && !r.Taken.Before(e.w.m.End())
			if list := days[r.Kind]; r.Day >= e.w.m.FirstDay() && r.Day <= e.w.m.LastDay() && (len(list) == 0 || list[len(list)-1] != r.Day) {
				days[r.Kind] = append(list, r.Day)
			}
		}
		ask := func(kind snapshot.Kind, every int, what string) {
			e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: d.Name, Kind: statement.CoverageKind(kind), Site: site, Days: days[kind]})
			for _, g := range missing(days[kind], e.w.m, every) {
				e.gap(statement.Gap{Source: d.Name, Kind: statement.CoverageKind(kind), Site: site, From: g[0].String(), Until: g[1].String(),
					Message: fmt.Sprintf("database %s was not read on %s: %s", d.Name, span(g[0], g[1]), what),
					Action:  "collect from it more often; for days that are past, accept the gap by name, with the reason"})
			}
		}
		if d.Reads("software") || d.Reads("hosts") {
			ask(snapshot.KindInventory, int(e.Config.Coverage.InventoryEvery), "what is installed, or which machines there were, is not known from it")
		}
		switch {
		case d.Preset == "rdcb" && d.Reads("sessions"):
			ask(snapshot.KindSessions, int(e.Config.Coverage.DirectoryEvery), "sessions that began and ended between its readings are not known from it")
		case slices.Contains([]string{"query", "horizon", "citrix"}, d.Preset) && d.Reads("sessions") && !whole:
			e.gap(statement.Gap{Source: d.Name, Kind: statement.CoverageSessions, Site: site,
				Message: fmt.Sprintf("database %s was not read after the end of the month: its last sessions are not known", d.Name),
				Action:  "collect from it again"})
		}
	}
}
