package store

import (
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// The table by hand. September and October 2026; the month is October. "5" is
// a session id; hours count from 1 September, 00:00, or 1 October.
func TestCarry(t *testing.T) {
	loc := amsterdam(t)
	oct := month.New(2026, 10, loc)
	at := func(m month.Month, hour int, session string, remote bool) snapshot.Mark {
		return snapshot.Mark{Sighting: snapshot.Sighting{Time: m.Start().Add(time.Duration(hour) * time.Hour)}, Session: session, Remote: remote}
	}
	sep := func(hour int, session string) snapshot.Mark { return at(oct.Add(-1), hour, session, true) }
	now := func(hour int, session string) snapshot.Mark { return at(oct, hour, session, false) }
	open := snapshot.Use{Opened: sep(100, "5")}
	type use = snapshot.Use
	for _, c := range []struct {
		name    string
		u       use
		earlier []use
		hosts   []use
		dark    bool // no log of the host reaches into October
		days    uint32
		carried bool
		keep    bool
		left    bool
	}{
		{name: "nothing at all"},
		{name: "still open", earlier: []use{open}, carried: true, keep: true},
		{name: "still open, two months back, nothing in between", earlier: []use{{Opened: at(oct.Add(-2), 9, "5", true)}}, carried: true, keep: true},
		{name: "still open, but nobody looked", earlier: []use{open}, dark: true},
		{name: "opened on the console", earlier: []use{{Opened: at(oct.Add(-1), 9, "5", false)}}},
		{name: "closed after it", earlier: []use{{Opened: sep(100, "5"), Closed: sep(101, "5")}}},
		{name: "closed at the same moment", earlier: []use{{Opened: sep(100, "5"), Closed: sep(100, "5")}}},
		{name: "an older session of the id was closed", earlier: []use{{Opened: sep(100, "5"), Closed: sep(99, "5")}}, carried: true, keep: true},
		{name: "another session was closed", earlier: []use{{Opened: sep(100, "5"), Closed: sep(101, "6")}}, carried: true, keep: true},
		{name: "every session was closed", earlier: []use{{Opened: sep(100, "5"), Closed: sep(101, "*")}}},
		{name: "closed in the month after", earlier: []use{{Opened: at(oct.Add(-2), 9, "5", true)}, {Closed: sep(1, "5")}}},
		{name: "the host went down", earlier: []use{open}, hosts: []use{{Closed: sep(200, "*")}}},
		{name: "the host went down before", earlier: []use{open}, hosts: []use{{Closed: sep(50, "*")}}, carried: true, keep: true},
		{name: "the host went down in October", earlier: []use{open}, hosts: []use{{Closed: now(50, "*")}}, carried: true, keep: true},
		{name: "has its own days", u: use{Days: 4}, earlier: []use{open}, days: 4, keep: true},
		// Hour 49 of October is the 3rd: bit 2.
		{name: "ended in October", u: use{Ended: now(49, "5")}, earlier: []use{open}, days: 4, keep: true},
		{name: "left in October", u: use{Left: now(49, "5")}, earlier: []use{open}, days: 4, keep: true, left: true},
		{name: "left and ended", u: use{Left: now(1, "5"), Ended: now(49, "5"), Closed: now(49, "5")}, earlier: []use{open}, days: 5, keep: true, left: true},
		{name: "ended, of a session nobody saw begin", u: use{Ended: now(49, "5")}, keep: true},
		{name: "ended, of a session that was on the console", u: use{Ended: now(49, "5")}, earlier: []use{{Opened: at(oct.Add(-1), 9, "5", false)}}, keep: true},
		{name: "ended, of a session that had been ended", u: use{Ended: now(49, "5")}, earlier: []use{{Opened: sep(100, "5"), Closed: sep(101, "5")}}, keep: true},
		{name: "ended after the host went down in October", u: use{Ended: now(49, "5")}, earlier: []use{open}, hosts: []use{{Closed: now(9, "*")}}, carried: true, keep: true},
		{name: "another session ended, this one is open", u: use{Ended: now(49, "7")}, earlier: []use{open}, carried: true, keep: true},
		{name: "24 written after the 23", u: use{Left: now(50, "5"), Ended: now(49, "5")}, keep: true},
		{name: "24 after a 23 of September", u: use{Left: now(1, "5")}, earlier: []use{{Opened: sep(100, "5"), Closed: sep(719, "5")}}},
		{name: "24 after a 23, begun again between", u: use{Left: now(50, "5"), Closed: now(10, "5"), Opened: now(20, "5")}, keep: true, left: true},
	} {
		u := c.u
		keep := carry(oct, &u, c.earlier, c.hosts, !c.dark)
		if keep != c.keep || u.Days != c.days || u.Carried != c.carried || u.Left.IsZero() == c.left {
			t.Errorf("%s: keep %v, days %b, carried %v, left %v; want %v, %b, %v, %v",
				c.name, keep, u.Days, u.Carried, !u.Left.IsZero(), c.keep, c.days, c.carried, c.left)
		}
		if c.carried && u.First.Time.After(oct.Start()) {
			t.Errorf("%s: carried from %v", c.name, u.First.Time)
		}
	}
}

// Logs by hand: records 1-10 without a gap, then 8-20 without: 1-20, 20 whole.
// 30-40 is apart: 31 of 40. 15-35 with one missing closes the gap, and tells
// that one of 21-29 may be missing: 39 of 40. The same one in whole: 40.
func TestLogsJoin(t *testing.T) {
	r := reachOf(snapshot.Log{FirstRecord: 1, LastRecord: 10, Records: 10})
	for _, c := range []struct{ first, last, records, wantLast, wantRecords uint64 }{
		{8, 20, 13, 20, 20},
		{1, 20, 12, 20, 20}, // a damaged copy of what is known in whole
		{30, 40, 11, 40, 31},
		{15, 35, 20, 40, 39},
		{15, 35, 21, 40, 40},
	} {
		x := reachOf(snapshot.Log{FirstRecord: c.first, LastRecord: c.last, Records: c.records})
		r.merge(&x)
		if r.FirstRecord != 1 || r.LastRecord != c.wantLast || r.Records != c.wantRecords {
			t.Errorf("with %d-%d: %d-%d, %d records; want 1-%d, %d", c.first, c.last, r.FirstRecord, r.LastRecord, r.Records, c.wantLast, c.wantRecords)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, x := range []time.Time{
		{}, time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_900, time.UTC),
		time.Date(2026, 10, 31, 23, 0, 0, 100, time.UTC), time.Date(29000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := fromTicks(ticks(x)); !got.Equal(x) {
			t.Errorf("%v came back as %v", x, got)
		}
	}
}
