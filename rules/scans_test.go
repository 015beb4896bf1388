package rules

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// RDSH-01 was read in October on the days given by a tool that goes on listing it,
// and tells when it looked at it last: "-" as it was read, "?" not told. quiet is 7
// days, inventory_every 31 unless another is given. Gaps are told by their days.
func TestScans(t *testing.T) {
	for _, c := range []struct {
		name  string
		days  []int
		scans []string
		every int
		want  []string
	}{
		{"none told", []int{5, 20}, []string{"-", "-"}, 0, nil},
		{"long dead", []int{5, 20}, []string{"2026-09-12", "2026-09-12"}, 0, []string{"no day: 2026-09-12"}},
		{"a week and a day before", []int{5}, []string{"2026-09-27"}, 0, []string{"no day: 2026-09-27"}},
		// What is read on the first is what the host was on the last days of September.
		{"shortly before", []int{5}, []string{"2026-09-30"}, 0, nil},
		// The 5th is proved by the look of 30 September; on the 20th nothing is.
		{"shortly before, then dead", []int{5, 20}, []string{"2026-09-30", "2026-09-30"}, 0, []string{"2026-10-06 to 2026-10-31"}},
		{"looked at again", []int{5, 20}, []string{"2026-09-12", "-"}, 0, nil},
		// Looked at on the 3rd and never again: the list of the 10th is of it still, and what was installed since is not known.
		{"early in the month", []int{3, 10, 11, 30}, []string{"-", "2026-10-03", "2026-10-03", "2026-10-03"}, 0, []string{"2026-10-11 to 2026-10-31"}},
		{"early in the month, listed once", []int{30}, []string{"2026-10-03"}, 0, []string{"2026-10-04 to 2026-10-31"}},
		{"a week before", []int{30}, []string{"2026-10-23"}, 0, nil},
		// A list of the 3rd alone is held to inventory_every, and so are the days of
		// looks, not those on which they were told.
		{"read early", []int{3}, []string{"-"}, 0, nil},
		{"read early, weekly", []int{3}, []string{"-"}, 7, []string{"2026-10-04 to 2026-10-31"}},
		{"looked at every two weeks", []int{3, 15, 31}, []string{"-", "2026-10-03", "2026-10-29"}, 14, []string{"2026-10-04 to 2026-10-30"}},
		// The 31st proves itself; with 28 days that is enough.
		{"looked at every two weeks, monthly", []int{3, 15, 31}, []string{"-", "2026-10-03", "2026-10-29"}, 28, nil},
		{"never told", []int{5, 20}, []string{"?", "?"}, 0, []string{"asked"}},
		{"told no more", []int{5, 20}, []string{"-", "?"}, 0, []string{"asked"}},
		{"told no more, for a week", []int{13, 20}, []string{"-", "?"}, 0, nil},
		// Unknown is taken for read, so that it is one question and no gap besides.
		{"never told, weekly", []int{2, 9, 16, 23, 30}, []string{"?", "?", "?", "?", "?"}, 7, []string{"asked"}},
	} {
		s := newScene(t)
		s.cfg.Directories = []config.Directory{{Name: "hosting"}}
		s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
		if c.every > 0 {
			s.cfg.Coverage.InventoryEvery = config.Days(c.every)
		}
		s.dir().user(1, "ann", "OU=alpha,DC=h", always)
		s.install("RDSH-01", "7-Zip", c.days[0], c.days[len(c.days)-1])
		s.facts.Software[0].Days = nil
		for i, scan := range c.scans {
			day := month.Date(2026, 10, c.days[i])
			s.facts.Software[0].Days = append(s.facts.Software[0].Days, day)
			r := snapshot.Reading{Source: s.facts.Software[0].Source, Kind: snapshot.KindInventory, Status: snapshot.Complete, Day: day}
			switch scan {
			case "-":
			case "?":
				r.Scans = []snapshot.Scan{{Host: "RDSH-01"}}
			default:
				d, _ := month.ParseDay(scan)
				r.Scans = []snapshot.Scan{{Host: "RDSH-01", Day: d}}
			}
			s.facts.Readings = append(s.facts.Readings, r)
		}
		st := s.run()
		var told []string
		for _, g := range st.Coverage.Gaps {
			if g.Kind == statement.CoverageInventory && g.Host == "RDSH-01" {
				if g.From != "" {
					told = append(told, g.From+" to "+g.Until)
				} else {
					told = append(told, "no day: "+g.Message[len(g.Message)-len("2026-09-12: what is installed there is not known"):][:10])
				}
			}
		}
		for _, q := range st.Questions {
			if q.Kind == statement.AskHost {
				told = append(told, "asked")
				if !slices.Equal(q.About, []string{"RDSH-01"}) {
					t.Errorf("%s: about %q", c.name, q.About)
				}
			}
		}
		if diff := cmp.Diff(c.want, told); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// A tool that lost a host makes no gap of what another source reads; and a list that
// was corrected in its place counts as it is now.
func TestScansOfSeveral(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	s.install("RDSH-01", "7-Zip", 5, 5)
	s.install("RDSH-02", "7-Zip", 30, 30)
	s.install("RDSH-03", "7-Zip", 30, 30)
	other := s.facts.Software[0]
	other.Source, other.Days = "tool", []month.Day{month.Date(2026, 10, 30)}
	s.facts.Software = append(s.facts.Software, other)
	estate := s.facts.Software[0].Source
	at := func(source, file string, scans ...snapshot.Scan) {
		s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: source, Kind: snapshot.KindInventory, Status: snapshot.Complete,
			Day: month.Date(2026, 10, 30), File: file, Scans: scans})
	}
	dead := month.Date(2026, 9, 12)
	at("tool", "tool.csv", snapshot.Scan{Host: "RDSH-01", Day: dead})
	at(estate, "list.csv", snapshot.Scan{Host: "RDSH-02", Day: dead}, snapshot.Scan{Host: "RDSH-03", Day: dead})
	at(estate, "list.csv", snapshot.Scan{Host: "RDSH-03", Day: dead})
	var told []string
	for _, g := range s.run().Coverage.Gaps {
		if g.Kind == statement.CoverageInventory {
			told = append(told, fmt.Sprint(g.Host, g.From))
		}
	}
	if diff := cmp.Diff([]string{"RDSH-03"}, told); diff != "" {
		t.Error(diff)
	}
}
