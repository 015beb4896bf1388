package rules

import (
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// oldScans are of the readings in which a source listed a host that it had looked
// at last in an earlier month, by its own word: what a tool goes on listing of a
// host that is dead is no inventory of this month (docs/proof.md 1).
type oldScans map[scanOf]month.Day

type scanOf struct {
	hostOf
	day month.Day // of the reading
}

// newOldScans leaves out scans from shortly before a reading: what was read on the
// first is what the host was on the last days of the month before, and quiet is
// for how many days a host that says nothing is still the same.
func newOldScans(readings []snapshot.Reading, quiet int, names *fullNames) oldScans {
	out := oldScans{}
	for i := range readings {
		r := &readings[i]
		for _, s := range r.Scans {
			at := scanOf{hostOf{r.Source, names.key(s.Host)}, r.Day}
			if int(r.Day-s.Day) > quiet {
				out[at] = max(out[at], s.Day)
			}
		}
	}
	return out
}

// looked are the days of a source's readings on which the host was looked at, and
// the last of the scans that came before the month where there is none.
func (o oldScans) looked(s *snapshot.SoftwareMonth, key string) (days []month.Day, old month.Day) {
	for _, d := range s.Days {
		if scan, is := o[scanOf{hostOf{s.Source, key}, d}]; is {
			old = max(old, scan)
		} else {
			days = append(days, d)
		}
	}
	return days, old
}
