package agent

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"splameter/internal/month"
	"splameter/internal/notify"
	"splameter/internal/statement"
)

// Fourteen months with everything that goes wrong in them. Worked out by hand
// for the directory, which is read daily at 05:30 and again at each close at
// 06:00 on a first:
//
//	1 Oct 2026 02:00 – 20 Dec 12:00   at the start 1; daily 31+30+20 = 81; closes of Oct, Nov 2   84
//	off until 3 Feb 2027 12:00        at the start, before December and January are closed          1
//	4 Feb – 1 Dec 2027 09:00          daily 25+31+30+31+30+31+31+30+31+30+1 = 301; closes 10      311
//	down 10 Feb 05:00 – 13 Feb 12:00  the daily ones of 10–13 Feb do not take place               – 4
//	                                  05:30 :35 :45 06:05 :45 08:05, then every 2 h from 10:05
//	                                  on 10 Feb to 12:05 on 13 Feb, which succeeds: 6 + 38       + 44
//
// which makes 84 + 1 + 311 - 4 + 44 = 436. The logs panic once, on 7 April at
// 05:00, and are read again at 05:05: daily like the directory, and no outage:
// 84 + 1 + 311 + 1 = 397. Inventories are read on Mondays: at the start 1,
// Mondays 5 Oct – 14 Dec 11, closes 2; at the start 1, Mondays 8 Feb – 29 Nov
// 43, closes 10: 68.
//
// At a start the reminder waits a minute for what is caught up: the first
// start, on 1 October, has nothing to remind of.
//
// A reminder a day while a month is not submitted, from the second on: 2 Nov –
// 20 Dec 2026 is 49, then 3 Feb at the start and 4 Feb – 1 Dec: 302. 351.
func TestFourteenMonths(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		w.missing["2027-08-15"] = true
		end := w.begin(t, "2026-10-01 00:40")
		setup := w.setup()
		real := w.open(setup)
		var factsFailed atomic.Int64
		st := &broken{Store: real, facts: func() error {
			if now := time.Now().In(w.loc); now.Format("2006-01-02") == "2027-07-01" && now.Hour() == 6 && factsFailed.Add(1) == 1 {
				return errDown
			}
			return nil
		}}
		watched := watch(setup)
		watched[0].before = func(int) error {
			if now := time.Now(); !now.Before(w.at("2027-02-10 05:00")) && now.Before(w.at("2027-02-13 12:00")) {
				return errDown
			}
			return nil
		}
		panicked := false
		watched[1].before = func(int) error {
			if !panicked && !time.Now().Before(w.at("2027-04-07 00:00")) {
				panicked = true
				panic("something unforeseen")
			}
			return nil
		}
		mail := &inbox{}
		opt := Options{Store: st, Setup: setup, Sources: sources(watched), Sinks: []notify.Sink{mail}}

		w.until("2026-10-01 02:00")
		r := w.start(opt)
		w.until("2026-12-20 12:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		w.keep.Store(60) // or what the agent misses is lost
		w.until("2027-02-03 12:00")
		r = w.start(opt)
		w.until("2027-02-04 12:00")
		w.keep.Store(6)
		w.until("2027-12-01 09:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}

		for i, want := range []int64{436, 397, 68} {
			if got := watched[i].count.Load(); got != want {
				t.Errorf("source %s was collected %d times, want %d", watched[i].Name(), got, want)
			}
			if watched[i].overlap.Load() {
				t.Errorf("source %s was collected twice at the same time", watched[i].Name())
			}
		}
		closes := w.closes(real)
		before := ""
		for m := month.New(2026, time.October, w.loc); m.String() <= "2027-11"; m = m.Add(1) {
			if closes[m.String()] != 1 {
				t.Errorf("%s was closed %d times", m, closes[m.String()])
			}
			result, previous := w.verify(real, setup, m.String())
			if previous != before {
				t.Errorf("%s is chained to %q, want %q", m, previous, before)
			}
			before = m.String()
			want := statement.Complete
			if m.String() == "2027-08" { // a day whose export nobody made
				want = statement.Incomplete
			}
			if result.Status != want || len(result.Lines) != 1 || result.Lines[0].Quantity != 2 || result.Lines[0].Active != 1 {
				t.Errorf("%s: %s, %+v, gaps %+v", m, result.Status, result.Lines, result.Coverage.Gaps)
			}
		}
		if len(closes) != 14 {
			t.Errorf("closed were %v", closes)
		}
		for _, x := range []struct {
			kind notify.Kind
			part string
			want int
		}{
			{notify.Failure, "source ad", 1}, {notify.Recovery, "source ad", 1}, {notify.Failure, "source logs", 1}, {notify.Recovery, "source logs", 1},
			{notify.Failure, "close", 1}, {notify.Recovery, "close", 1}, {notify.Failure, "", 3}, {notify.Recovery, "", 3},
			{notify.Notice, "was closed", 14}, {notify.Notice, "and is incomplete", 1}, {notify.Notice, "pre-close list", 13}, {notify.Reminder, "", 351},
		} {
			if got := mail.count(x.kind, x.part); got != x.want {
				t.Errorf("%d messages of kind %s about %q, want %d", got, x.kind, x.part, x.want)
			}
		}
		if t.Failed() {
			for _, m := range mail.got {
				if m.Kind == notify.Failure || m.Kind == notify.Recovery {
					t.Log(m.At.In(w.loc), m.Kind, m.Subject, m.Detail)
				}
			}
		}
		if err := real.Close(); err != nil {
			t.Error(err)
		}
		end()
	})
}

// The leap day is a day like others: February 2028 has 29, each of them read.
func TestLeapDay(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		end := w.begin(t, "2028-02-01 00:40")
		setup := w.setup()
		st := w.open(setup)
		watched := watch(setup)
		w.until("2028-02-01 02:00")
		r := w.start(Options{Store: st, Setup: setup, Sources: sources(watched)})
		w.until("2028-03-02 12:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		// The start, 29 days of February, 1 and 2 March, and the close.
		if got := watched[0].count.Load(); got != 1+29+2+1 {
			t.Errorf("the directory was collected %d times", got)
		}
		result, _ := w.verify(st, setup, "2028-02")
		if result.Status != statement.Complete || len(result.Coverage.Sources[0].Days) != 29 {
			t.Errorf("%s, read on %v", result.Status, result.Coverage.Sources)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		end()
	})
}

// Off over the leap day and the first of March, as a patched server may be: the
// export of the 29th is collected late, and February 2028 closed once with all
// its days. The directory does not answer from 10 to 13 February, nor for the
// first half hour after the start.
//
// The logs, which fail at no time: the start, 1–28 February, the start with its
// catch-up, and 4 March: 31.
func TestLeapDayIsCaughtUp(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		w.keep.Store(60)
		end := w.begin(t, "2028-02-01 00:40")
		setup := w.setup()
		st := w.open(setup)
		watched := watch(setup)
		failed := 0
		watched[0].before = func(int) error {
			now := time.Now()
			for _, down := range [][2]string{{"2028-02-10 05:00", "2028-02-13 12:00"}, {"2028-03-03 12:00", "2028-03-03 12:30"}} {
				if !now.Before(w.at(down[0])) && now.Before(w.at(down[1])) {
					failed++
					return errDown
				}
			}
			return nil
		}
		opt := Options{Store: st, Setup: setup, Sources: sources(watched)}
		w.until("2028-02-01 02:00")
		r := w.start(opt)
		w.until("2028-02-28 12:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		before := failed
		w.until("2028-03-03 12:00")
		r = w.start(opt)
		w.until("2028-03-04 12:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if before == 0 || failed == before {
			t.Errorf("the directory failed %d times in February and %d in March", before, failed-before)
		}
		if got := watched[1].count.Load(); got != 1+28+1+1 {
			t.Errorf("the logs were collected %d times", got)
		}
		result, _ := w.verify(st, setup, "2028-02")
		if result.Status != statement.Complete || len(result.Coverage.Sources[0].Days) != 29 || len(result.Lines) != 1 || result.Lines[0].Quantity != 2 || result.Lines[0].Active != 1 {
			t.Errorf("%s, %+v, read on %v, gaps %+v", result.Status, result.Lines, result.Coverage.Sources, result.Coverage.Gaps)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		end()
	})
}

// A clock that is set closes nothing twice and leaves nothing open.
func TestClockIsSet(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	const day = 24 * time.Hour
	type set struct {
		at string // on the true clock
		to time.Duration
	}
	for _, x := range []struct {
		name   string
		sets   []set
		closes int // of October
	}{
		{"forward over the close, and back", []set{{"2026-11-01 05:45", 3 * day}, {"2026-11-01 05:50", 0}}, 1},
		{"back over the close, and right again", []set{{"2026-11-01 06:10", -2 * day}, {"2026-11-01 09:00", 0}}, 1},
		{"back by seconds just after the close", []set{{"2026-11-01 06:00", -30 * time.Second}}, 1},
		{"back by half an hour, and left so", []set{{"2026-11-01 06:10", -30 * time.Minute}}, 1},
		{"forward over the close, and left so", []set{{"2026-11-01 03:00", 4 * time.Hour}}, 1},
		// On 15 October the clock says 4 November: October is closed far too
		// early, as incomplete, and closed again when it really ends.
		{"three weeks ahead for an hour", []set{{"2026-10-15 12:00", 20 * day}, {"2026-10-15 13:00", 0}}, 2},
		{"a year behind for a day", []set{{"2026-10-31 12:00", -365 * day}, {"2026-11-01 12:00", 0}}, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(t)
			synctest.Test(t, func(t *testing.T) {
				end := w.begin(t, "2026-10-01 00:40")
				setup := w.setup()
				st := w.open(setup)
				c := newClock()
				r := w.start(Options{Store: st, Setup: setup, Clock: c})
				for _, s := range x.sets {
					w.until(s.at)
					c.set(s.to)
				}
				w.until("2026-12-02 12:00")
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				if got := fmt.Sprint(w.closes(st)); got != fmt.Sprintf("map[2026-10:%d 2026-11:1]", x.closes) {
					t.Errorf("closed were %s", got)
				}
				for _, m := range []string{"2026-10", "2026-11"} {
					result, _ := w.verify(st, setup, m)
					if result.Status != statement.Complete {
						t.Errorf("%s is %s: %+v", m, result.Status, result.Coverage.Gaps)
					}
				}
				if err := st.Close(); err != nil {
					t.Error(err)
				}
				end()
			})
		})
	}
}
