package rules

import (
	"slices"
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// RDSH-01 was read on the 5th and the 20th of October by a tool that goes on
// listing it. Looked at last on 12 September it has no inventory of October;
// looked at on the 30th, five days before the reading, it has one of the 5th, and
// so it has where the reading of the 20th tells no old scan.
func TestOldScans(t *testing.T) {
	day := func(s string) month.Day { d, _ := month.ParseDay(s); return d }
	for _, c := range []struct {
		name            string
		fifth, twentyth string // the scans that the readings tell
		gap             bool
	}{
		{"none told", "", "", false},
		{"long dead", "2026-09-12", "2026-09-12", true},
		{"shortly before", "2026-09-30", "2026-09-30", false},
		{"looked at again", "2026-09-12", "", false},
		{"a week and a day", "2026-09-27", "2026-09-27", true},
	} {
		s := newScene(t)
		s.cfg.Directories = []config.Directory{{Name: "hosting"}}
		s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
		s.dir().user(1, "ann", "OU=alpha,DC=h", always)
		s.install("RDSH-01", "7-Zip", 5, 20)
		for i, scan := range []string{c.fifth, c.twentyth} {
			r := snapshot.Reading{Source: s.facts.Software[0].Source, Kind: snapshot.KindInventory, Status: snapshot.Complete, Day: s.facts.Software[0].Days[i]}
			if scan != "" {
				r.Scans = []snapshot.Scan{{Host: "RDSH-01", Day: day(scan)}}
			}
			s.facts.Readings = append(s.facts.Readings, r)
		}
		var told []string
		for _, g := range s.run().Coverage.Gaps {
			if g.Kind == statement.CoverageInventory && g.Host == "RDSH-01" {
				told = append(told, g.Message)
			}
		}
		if (len(told) == 1) != c.gap || c.gap && !strings.Contains(told[0], "is of "+max(c.fifth, c.twentyth)) {
			t.Errorf("%s: gaps %q", c.name, slices.Clone(told))
		}
	}
}
