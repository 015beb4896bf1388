package database

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Of the hosts with programs, those that were scanned before the day before the
// reading are told, and those of which the database says nothing, or a day to come.
func TestOldScans(t *testing.T) {
	day := func(d int) month.Day { return month.Date(2026, 10, d) }
	r := &reading{}
	v := &snapshot.Inventory{Reading: snapshot.Reading{Day: day(20)}}
	for _, host := range []string{"AHEAD", "FRESH", "old.hosting.example", "ROWLESS", "TIMELESS", "YESTERDAY"} {
		v.Software = append(v.Software, snapshot.HostSoftware{Host: host})
	}
	if got := r.oldScans(v); got != nil {
		t.Errorf("a database that tells of no scan: %v", got)
	}
	r.scanned = map[string]month.Day{"ahead": day(29), "fresh": day(20), "old": day(1), "timeless": 0, "yesterday": day(19), "without programs": day(1)}
	want := []snapshot.Scan{{Host: "AHEAD"}, {Host: "ROWLESS"}, {Host: "TIMELESS"}, {Host: "old.hosting.example", Day: day(1)}}
	if diff := cmp.Diff(want, r.oldScans(v)); diff != "" {
		t.Error(diff)
	}
}
