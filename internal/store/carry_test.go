package store

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
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

// A log by hand, one record an hour, read as one file again and again. Records
// 1-10 without a gap, then 8-20: 1-20. 30-40 is apart: 31 records. 15-35 with
// one missing may lack any: it is kept beside them, and closes nothing. The same
// in whole closes it: 1-40. Records 3-9 of a month later are another log's: the
// host counts from 1 again. In any order the same comes out.
func TestLogsJoin(t *testing.T) {
	hour := func(n uint64) time.Time { return time.Date(2026, 10, 1, int(n), 0, 0, 0, time.UTC) }
	part := func(first, last, records uint64, shift time.Duration) snapshot.Log {
		return snapshot.Log{FirstRecord: first, LastRecord: last, Records: records, First: hour(first).Add(shift), Last: hour(last).Add(shift)}
	}
	show := func(r *reach) (s string) {
		for _, p := range r.parts {
			s += fmt.Sprintf("%d-%d %s", p.First, p.Last, p.From.Format("2.15"))
			if p.Chosen {
				s += " chosen"
			}
			s += "; "
		}
		return s
	}
	steps := []struct {
		log     snapshot.Log
		records uint64
		want    string
	}{
		{part(1, 10, 10, 0), 10, "1-10 1.01; "},
		{part(8, 20, 13, 0), 20, "1-20 1.01; "},
		{part(30, 40, 11, 0), 31, "1-20 1.01; 30-40 2.06; "},
		{part(15, 35, 20, 0), 31, "1-20 1.01; 15-35 1.15 chosen; 30-40 2.06; "},
		{part(15, 35, 21, 0), 40, "1-40 1.01; 15-35 1.15 chosen; "},
		{part(3, 9, 7, 30*24*time.Hour), 47, "1-40 1.01; 15-35 1.15 chosen; 3-9 31.03; "},
	}
	r := reachOf(steps[0].log)
	for _, c := range steps {
		x := reachOf(c.log)
		if r.merge(&x); show(&r) != c.want || r.Records != c.records {
			t.Errorf("with %d-%d: %s%d records; want %s%d", c.log.FirstRecord, c.log.LastRecord, show(&r), r.Records, c.want, c.records)
		}
	}
	want := show(&r)
	for n := range 50 {
		order := rand.New(rand.NewPCG(uint64(n), 1)).Perm(len(steps))
		r := reachOf(steps[order[0]].log)
		for _, i := range order {
			x := reachOf(steps[i].log)
			r.merge(&x)
		}
		if got := show(&r); got != want {
			t.Errorf("order %v: %s, want %s", order, got, want)
		}
	}
}

// What a store of schema 3 kept of a log: whole stretches 1-10 and 20-30, one of
// 40-50 that lacks two, all between the log's own times. It is read as what was
// known then: nothing says when between them something is missing.
func TestLogsOfOlderStores(t *testing.T) {
	from, until := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 9, 0, 0, 0, 0, time.UTC)
	e := encoder{}
	e.number(2, ticks(from))
	e.number(3, ticks(until))
	e.number(5, ticks(until))
	for _, x := range []struct {
		field byte
		n     []uint64
	}{{7, []uint64{1, 10, 0}}, {7, []uint64{20, 30, 0}}, {8, []uint64{40, 50, 2}}} {
		e.b = append(e.b, x.field)
		for _, n := range x.n {
			e.b = binary.AppendUvarint(e.b, n)
		}
	}
	var r reach
	if err := decodeReach(e.b, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Parts) != 3 || r.FirstRecord != 1 || r.LastRecord != 50 || r.Records != 21 || !r.First.Equal(from) || !r.Last.Equal(until) {
		t.Errorf("%+v", r.Log)
	}
	for _, p := range r.Parts {
		if !p.From.Equal(from) || !p.Until.Equal(until) || p.Chosen != (p.First == 40) {
			t.Errorf("%+v", p)
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
