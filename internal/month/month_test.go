package month

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// The bounds of a month by hand: Amsterdam is UTC+1 in winter and UTC+2 from
// the last Sunday of March to the last Sunday of October, changing at 01:00
// UTC. October 2026 begins at 22:00 UTC the day before and ends at 23:00 UTC:
// 745 hours. March 2027 has 743, February 2028 has 29 days.
func TestBounds(t *testing.T) {
	ams := zone(t, "Europe/Amsterdam")
	for _, c := range []struct {
		month, start, end string
		days, hours       int
	}{
		{"2026-10", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", 31, 745},
		{"2027-03", "2027-02-28T23:00:00Z", "2027-03-31T22:00:00Z", 31, 743},
		{"2028-02", "2028-01-31T23:00:00Z", "2028-02-29T23:00:00Z", 29, 696},
		{"2026-12", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z", 31, 744},
	} {
		m, err := Parse(c.month, ams)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Start().UTC().Format(time.RFC3339); got != c.start {
			t.Errorf("%s starts %s, want %s", m, got, c.start)
		}
		if got := m.End().UTC().Format(time.RFC3339); got != c.end {
			t.Errorf("%s ends %s, want %s", m, got, c.end)
		}
		if m.Days() != c.days || int(m.End().Sub(m.Start()).Hours()) != c.hours {
			t.Errorf("%s: %d days, %v", m, m.Days(), m.End().Sub(m.Start()))
		}
		if m.Contains(m.End()) || !m.Contains(m.Start()) || !m.Contains(m.End().Add(-1)) {
			t.Errorf("%s is not half-open", m)
		}
	}
}

// Santiago's clocks go forward at midnight: 2026-09-06 begins at 01:00 there.
func TestMidnightThatDoesNotExist(t *testing.T) {
	loc := zone(t, "America/Santiago")
	d := Date(2026, 9, 6)
	if got := d.Start(loc).Format("2006-01-02 15:04"); got != "2026-09-06 01:00" {
		t.Errorf("the day begins %s", got)
	}
	if DayOf(d.Start(loc).Add(-1), loc) != d-1 {
		t.Error("the instant before belongs to the day before")
	}
}

func TestArithmetic(t *testing.T) {
	m := New(2026, 12, time.UTC)
	if got := m.Add(1).String(); got != "2027-01" {
		t.Error(got)
	}
	if got := m.Add(-12).String(); got != "2025-12" {
		t.Error(got)
	}
	if FromNumber(m.Number(), time.UTC) != m {
		t.Error("number does not come back")
	}
	d, err := ParseDay("2028-02-29")
	if err != nil || d.String() != "2028-02-29" || d+1 != Date(2028, 3, 1) {
		t.Error(d, err)
	}
	if _, err := ParseDay("2027-02-29"); err == nil {
		t.Error("29 February of a common year was taken")
	}
}
