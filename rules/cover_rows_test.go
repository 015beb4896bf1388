package rules

import (
	"slices"
	"testing"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// A table of which a row could not be read is a gap by its name, until the same
// file was read whole.
func TestRowsThatCouldNotBeRead(t *testing.T) {
	reading := func(file string, status snapshot.Status, notes ...snapshot.Notice) snapshot.Reading {
		return snapshot.Reading{Source: "estate", Kind: snapshot.KindInventory, Day: month.Date(2026, 10, 20), Status: status, File: file, Notes: notes}
	}
	bad := snapshot.Notice{Code: "inventory-damaged", Message: "row without a host", At: snapshot.Evidence{File: "inv/hosts.csv", Line: 8}}
	const want = "inventory:estate#hosts.csv@2026-10-20"
	for name, c := range map[string]struct {
		readings []snapshot.Reading
		want     []string
	}{
		"whole":            {[]snapshot.Reading{reading("inv/hosts.csv", snapshot.Complete)}, nil},
		"a row lost":       {[]snapshot.Reading{reading("inv/hosts.csv", snapshot.Partial, bad, bad)}, []string{want}},
		"whole since":      {[]snapshot.Reading{reading("inv/hosts.csv", snapshot.Partial, bad), reading("inv/hosts.csv", snapshot.Complete)}, nil},
		"whole before":     {[]snapshot.Reading{reading("inv/hosts.csv", snapshot.Complete), reading("inv/hosts.csv", snapshot.Partial, bad)}, []string{want}},
		"another is whole": {[]snapshot.Reading{reading("inv/hosts.csv", snapshot.Partial, bad), reading("inv/other.csv", snapshot.Complete)}, []string{want}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.dir()
			s.facts.Readings = append(s.facts.Readings, c.readings...)
			var got []string
			for _, g := range s.run().Coverage.Gaps {
				if g.File != "" {
					got = append(got, g.Key())
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
