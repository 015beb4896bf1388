package store

import (
	"testing"
	"time"

	"splameter/internal/snapshot"
)

// A file that did not change is looked at again on 25 November. Its last record
// bears 21 November: looked at on 31 October, it was written by a clock that was
// ahead, and it still was when those days have come. Written and looked at on the
// 21st it reaches to the last look.
func TestLookedAgain(t *testing.T) {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 8, 0, 0, 0, time.UTC) }
	copied := at(9, 1) // a file's own time that is older than its records tells nothing
	for _, c := range []struct {
		name         string
		until, mtime time.Time
		want         time.Time
	}{
		{"of times to come", at(10, 31), copied, at(10, 31)},
		{"of times to come, by its own time too", at(10, 31), at(10, 31), at(10, 31)},
		{"as old as the look", at(11, 21), copied, at(11, 25)},
		{"within a day", at(11, 20), copied, at(11, 25)},
		{"of an earlier splameter", at(10, 31), time.Time{}, at(11, 25)},
	} {
		r := reachOf(snapshot.Log{Host: "h", Channel: "LSM", File: "f", First: at(8, 1), Last: at(11, 21), Until: c.until, Modified: c.mtime})
		r.looked(&File{Name: "f", Until: at(11, 25), Modified: copied})
		if !r.Until.Equal(c.want) {
			t.Errorf("%s: looked at on %s, want %s", c.name, r.Until, c.want)
		}
	}
}
