package rules

import (
	"fmt"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// What makes an export that is the same as the one before suspicious: of so many
// pairs, at most one in so many is.
const (
	fewPairs  = 10
	rarePairs = 15
)

// coverCopies finds exports that are byte for byte an earlier day's, in a
// directory whose exports otherwise differ from day to day: somebody, or a
// script that failed, put an old file in the day's place, and the day was not
// read. The day before's may be a day on which nothing changed: that is told,
// and is no gap. A directory that rests at weekends has too many such days to tell.
func (e *evaluation) coverCopies() {
	var last *snapshot.Reading
	seen := map[string]*snapshot.Reading{} // by fingerprint: the first
	pairs := 0
	var same [][2]*snapshot.Reading
	settle := func() {
		if pairs >= fewPairs && len(same)*rarePairs <= pairs {
			for _, p := range same {
				if p[1].Day == p[0].Day+1 { // a quiet day looks just like that
					e.finding(statement.Finding{Code: "directory-copy", Severity: statement.High, Subject: p[1].File,
						Message: fmt.Sprintf("the export %s of directory %s is byte for byte that of the day before, while its exports differ on all other days: either nothing changed on that day, or yesterday's file was put in its place", p[1].File, p[1].Source),
						Action:  "look at how that export was made; where it is a copy, collect the day's own export under another name", At: &snapshot.Evidence{File: p[1].File}})
					continue
				}
				e.gap(statement.Gap{Source: p[1].Source, Kind: statement.CoverageDirectory, Site: p[1].Site, From: p[1].Day.String(), Until: p[1].Day.String(),
					Message: fmt.Sprintf("the export %s of directory %s is byte for byte %s, while its exports differ on other days: it is a copy, and the directory was not read on %s", p[1].File, p[1].Source, p[0].File, p[1].Day),
					Action:  "put the day's own export in its place under another name and collect it; else accept the gap by name, with the reason"})
			}
		}
		pairs, same = 0, nil
	}
	for i := range e.Facts.Readings { // sorted by source, then time
		r := &e.Facts.Readings[i]
		if r.Kind != snapshot.KindDirectory || r.Status != snapshot.Complete || r.Fingerprint == "" {
			continue
		}
		if last != nil && last.Source != r.Source {
			settle()
			last = nil
			clear(seen)
		}
		if last != nil {
			pairs++
		}
		if was := seen[r.Fingerprint]; was == nil {
			seen[r.Fingerprint] = r
		} else if was.Day != r.Day {
			same = append(same, [2]*snapshot.Reading{was, r})
		}
		last = r
	}
	settle()
}
