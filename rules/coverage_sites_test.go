package rules

import (
	"slices"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Three sites; one delivered, one only failed, one is silent: two gaps, each
// by name. Upper and lower case are one site.
func TestSiteGap(t *testing.T) {
	s := newScene(t)
	s.cfg.Sites = []string{"amsterdam", "Delft", "utrecht"}
	s.dir().user(1, "anna", "OU=alpha,DC=h", always)
	at := time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)
	for site, status := range map[string]snapshot.Status{"Amsterdam": snapshot.Partial, "Delft": snapshot.Failed} {
		s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: "x", Kind: snapshot.KindInventory, Site: site, Taken: at, Day: month.DayOf(at, time.UTC), Status: status})
	}
	st := s.run()
	var got []string
	for _, g := range st.Coverage.Gaps {
		if g.Kind == statement.CoverageSite {
			got = append(got, g.Site+": "+g.Message)
		}
	}
	want := []string{"Delft: site Delft has delivered nothing for this month", "utrecht: site utrecht has delivered nothing for this month"}
	if !slices.Equal(got, want) || st.Status != statement.Incomplete {
		t.Errorf("%s %q", st.Status, got)
	}
}

// The broker was read on the 1st and from the 4th on: a gap of two days. The
// table of sessions was read in the month only, or once after it. Lansweeper
// was never read.
func TestDatabaseGap(t *testing.T) {
	for _, after := range []bool{false, true} {
		s := newScene(t)
		s.dir().user(1, "anna", "OU=alpha,DC=h", always)
		s.cfg.Databases = []config.Database{{Name: "broker", Preset: "rdcb"}, {Name: "table", Preset: "query", Sessions: config.Query{SQL: "SELECT 1"}},
			{Name: "horizon", Preset: "horizon"}, {Name: "citrix", Preset: "citrix"}, {Name: "sweeper", Preset: "lansweeper"}}
		add := func(source string, d month.Day) {
			at := d.Start(s.facts.Month.Location()).Add(time.Hour)
			s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: source, Kind: snapshot.KindSessions, Taken: at.UTC(), Day: d, Status: snapshot.Complete})
		}
		first := s.facts.Month.FirstDay()
		for d := first; d <= s.facts.Month.LastDay(); d++ {
			if d != first+1 && d != first+2 {
				add("broker", d)
			}
		}
		add("table", first+20)
		want := []string{"broker 2026-10-02..2026-10-03", "table ..", "horizon ..", "citrix .."}
		if after {
			for _, name := range []string{"citrix", "horizon", "table"} {
				add(name, s.facts.Month.LastDay()+1)
			}
			want = want[:1]
		}
		st := s.run()
		if got := gaps(st, statement.CoverageSessions); !slices.Equal(got, want) {
			t.Errorf("after %t: %q", after, got)
		}
		if got := gaps(st, statement.CoverageInventory); !slices.Equal(got, []string{"sweeper 2026-10-01..2026-10-31"}) {
			t.Errorf("%q", got)
		}
	}
}
