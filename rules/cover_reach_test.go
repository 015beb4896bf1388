package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Logs of October in Amsterdam by hand. Where nothing else is said a log holds
// every record, of a file that was copied on 2 November at 21:00 and looked at
// on the 3rd; a host may be quiet for 7 days.
func TestLogReach(t *testing.T) {
	loc := amsterdam(t)
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("01-02 15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return x.AddDate(2026, 0, 0).UTC()
	}
	log := func(host, file string, first, last uint64, from, until string, more ...func(*snapshot.Log)) snapshot.Log {
		l := snapshot.Log{Host: host, Name: strings.ToUpper(host), Channel: "LSM", File: file, FirstRecord: first, LastRecord: last,
			First: at(from), Last: at(until), Modified: at("11-02 21:00"), Until: later(at("11-03 08:00"), at(until))}
		if last > 0 {
			l.Records = last - first + 1
		}
		for _, f := range more {
			f(&l)
		}
		return l
	}
	a := func(first, last uint64, from, until string, more ...func(*snapshot.Log)) snapshot.Log {
		return log("rdsh-a", fmt.Sprintf("a-%d", first), first, last, from, until, more...)
	}
	copied := func(s string) func(*snapshot.Log) { return func(l *snapshot.Log) { l.Modified = at(s) } }
	ahead := func(p ...snapshot.Part) func(*snapshot.Log) { // looked at on the 3rd all the same
		return func(l *snapshot.Log) { l.Parts, l.Until = p, at("11-03 08:00") }
	}
	looked := func(s string) func(*snapshot.Log) { return func(l *snapshot.Log) { l.Until = at(s) } }
	exported := func(l *snapshot.Log) { l.Exported = at("11-01 00:00") }
	security := func(l *snapshot.Log) { l.Channel = "Security" }
	cut := func(l *snapshot.Log) { l.Cut = true }
	cleared := func(s string) func(*snapshot.Log) {
		return func(l *snapshot.Log) { l.FirstCleared, l.Cleared = at(s), at(s) }
	}
	parts := func(chosen bool, p ...snapshot.Part) func(*snapshot.Log) {
		return func(l *snapshot.Log) {
			for i := range p {
				p[i].Chosen = chosen
			}
			l.Parts, l.Records = p, 1
		}
	}
	part := func(first, last uint64, from, until string) snapshot.Part {
		return snapshot.Part{First: first, Last: last, From: at(from), Until: at(until)}
	}
	polled := func(times ...string) func(*snapshot.Log) {
		return func(l *snapshot.Log) {
			var p []snapshot.Part
			for _, x := range times {
				p = append(p, part(0, 0, x, x))
			}
			parts(true, p...)(l)
			l.Channel = "Poll"
		}
	}
	broken := func(p snapshot.Part) snapshot.Part { p.Broken = true; return p }
	full := log("rdsh-b", "b", 1, 900, "08-28 07:00", "11-02 18:00")
	for _, c := range []struct {
		name string
		logs []snapshot.Log
		want []string // host from..until and a word of the message
	}{
		{"whole", []snapshot.Log{a(1, 500, "08-28 07:00", "11-02 18:00")}, nil},
		{"a new host's first record is the log's beginning", []snapshot.Log{a(1, 50, "10-12 07:00", "11-02 18:00")}, nil},
		{"an old log that begins on the 4th", []snapshot.Log{a(900, 950, "10-04 00:00", "11-02 18:00")}, []string{"RDSH-A 10-01 00:00..10-04 00:00 overwritten"}},
		{"its first record is 1 because it was cleared", []snapshot.Log{a(1, 50, "10-12 07:00", "11-02 18:00", cleared("10-12 06:59"))}, []string{"RDSH-A 10-01 00:00..10-12 07:00 overwritten"}},
		{"it was cleared later, and goes on", []snapshot.Log{a(1, 50, "10-02 07:00", "11-02 18:00", cleared("10-12 06:59"))}, nil},

		{"tables of sessions over a long weekend", []snapshot.Log{a(0, 0, "09-28 09:00", "11-02 18:00", polled("09-28 09:00", "10-02 17:00", "10-07 09:00", "10-12 08:00", "10-17 08:00", "10-22 07:00", "10-26 09:00", "10-31 08:00", "11-02 18:00"))}, nil},
		{"tables of sessions once a week", []snapshot.Log{a(0, 0, "09-28 09:00", "11-02 18:00", polled("09-28 09:00", "10-02 17:00", "10-07 09:00", "10-14 09:00", "10-19 08:00", "10-23 08:00", "10-27 09:00", "10-31 08:00", "11-02 18:00"))},
			[]string{"RDSH-A 10-07 09:00..10-14 09:00 tables"}},
		{"a log that stopped, and tables of sessions once a week", []snapshot.Log{a(1, 80, "08-28 07:00", "10-03 17:00"), a(0, 0, "10-07 09:00", "11-02 18:00", polled("10-07 09:00", "10-14 09:00", "10-21 08:00", "10-28 08:00", "11-02 18:00"))},
			[]string{"RDSH-A 10-03 17:00..10-07 09:00 ", "RDSH-A 10-07 09:00..10-14 09:00 ", "RDSH-A 10-14 09:00..10-21 08:00 ", "RDSH-A 10-21 08:00..10-28 08:00 ", "RDSH-A 10-28 08:00..11-01 00:00 "}},
		{"the copies stopped", []snapshot.Log{a(1, 80, "08-28 07:00", "10-03 17:00", copied("10-03 23:00"))}, []string{"RDSH-A 10-03 23:00..11-01 00:00 was read up to"}},
		{"the log stopped, and is copied still", []snapshot.Log{a(1, 80, "08-28 07:00", "10-03 17:00")}, []string{"RDSH-A 10-03 17:00..11-01 00:00 nothing else was heard"}},
		{"a quiet weekend", []snapshot.Log{a(1, 80, "08-28 07:00", "10-30 17:05", copied("11-01 02:00"))}, nil},
		{"seven days, one of 25 hours", []snapshot.Log{a(1, 80, "08-28 07:00", "10-25 00:00")}, nil},
		{"seven days and a minute", []snapshot.Log{a(1, 80, "08-28 07:00", "10-24 23:59")}, []string{"RDSH-A 10-24 23:59..11-01 00:00 quiet"}},
		{"a file's time that is older than its records means nothing", []snapshot.Log{a(1, 80, "08-28 07:00", "10-30 17:05", copied("09-01 00:00"))}, nil},
		{"its software was read in between", []snapshot.Log{a(1, 80, "08-28 07:00", "10-01 17:00"), a(81, 82, "10-29 07:00", "11-02 18:00")}, nil},
		{"its System log goes on", []snapshot.Log{a(1, 80, "08-28 07:00", "10-20 17:00"), a(1, 90, "08-28 07:00", "10-26 17:00", func(l *snapshot.Log) { l.Channel = "System" })}, nil},

		{"exported", []snapshot.Log{a(1, 80, "08-28 07:00", "10-02 17:00", exported)}, nil},
		{"exported, and the file is older", []snapshot.Log{a(1, 80, "08-28 07:00", "10-02 17:00", exported, copied("10-03 04:00"))}, []string{"RDSH-A 10-03 04:00..11-01 00:00 was read up to"}},
		{"exported on a day that was to come when it was looked at", []snapshot.Log{a(1, 80, "08-28 07:00", "10-02 17:00", exported, copied("09-01 00:00"), looked("10-15 08:00"))}, nil},
		{"exported, and the clock of who looked is behind", []snapshot.Log{a(1, 80, "08-28 07:00", "10-02 17:00", exported, copied("09-01 00:00"), looked("10-02 16:00"))}, nil},

		{"the next copy goes on with the next record", []snapshot.Log{a(1, 80, "08-28 07:00", "10-01 17:00"), a(81, 120, "10-28 07:00", "11-02 18:00")}, nil},
		{"the next copy lacks one record", []snapshot.Log{a(1, 80, "08-28 07:00", "10-01 17:00"), a(82, 120, "10-28 07:00", "11-02 18:00")}, []string{"RDSH-A 10-01 17:00..10-28 07:00 lacks 1 records, 81 to 81"}},
		{"a third copy holds it", []snapshot.Log{a(1, 80, "08-28 07:00", "10-01 17:00"), a(82, 120, "10-28 07:00", "11-02 18:00"), a(70, 90, "09-28 07:00", "10-29 18:00")}, nil},
		{"a copy of the month after goes on", []snapshot.Log{a(1, 80, "08-28 07:00", "10-11 17:00", copied("10-12 04:00")), a(81, 99, "11-05 07:00", "11-09 18:00", copied("11-10 00:00"))}, nil},
		{"a hole in one file", []snapshot.Log{a(1, 120, "08-28 07:00", "11-02 18:00", parts(false, part(1, 60, "08-28 07:00", "10-05 17:00"), part(64, 120, "10-06 07:00", "11-02 18:00")))}, []string{"RDSH-A 10-05 17:00..10-06 07:00 lacks 3 records, 61 to 63"}},
		{"a hole between two records of one moment", []snapshot.Log{a(1, 120, "08-28 07:00", "11-02 18:00", parts(false, part(1, 60, "08-28 07:00", "10-05 17:00"), part(64, 120, "10-05 17:00", "11-02 18:00")))}, []string{"RDSH-A 10-05 17:00..10-05 17:00 lacks 3 records"}},
		{"counted from 1 again", []snapshot.Log{a(100, 200, "08-28 07:00", "10-10 12:00"), a(1, 50, "10-12 07:00", "11-02 18:00")}, []string{"RDSH-A 10-10 12:00..10-12 07:00 begins anew"}},

		{"chosen events, quiet for six days", []snapshot.Log{a(1, 900, "08-28 07:00", "11-02 18:00", parts(true, part(1, 400, "08-28 07:00", "10-09 17:00"), part(420, 900, "10-15 17:00", "11-02 18:00")))}, nil},
		{"chosen events, silent for eight", []snapshot.Log{a(1, 900, "08-28 07:00", "11-02 18:00", parts(true, part(1, 400, "08-28 07:00", "10-09 17:00"), part(420, 900, "10-17 17:00", "11-02 18:00")))}, []string{"RDSH-A 10-09 17:00..10-17 17:00 chosen events"}},
		{"chosen events, and something unreadable", []snapshot.Log{a(1, 900, "08-28 07:00", "11-02 18:00", parts(true, part(1, 400, "08-28 07:00", "10-09 17:00"), broken(part(420, 900, "10-09 17:20", "11-02 18:00"))))}, []string{"RDSH-A 10-09 17:00..10-09 17:20 could not be read"}},
		{"without ids", []snapshot.Log{a(0, 0, "08-28 07:00", "11-02 18:00", parts(true, part(0, 0, "08-28 07:00", "10-09 17:00"), part(0, 0, "10-17 17:01", "11-02 18:00")))}, []string{"RDSH-A 10-09 17:00..10-17 17:01 chosen events"}},
		{"the end could not be read", []snapshot.Log{a(1, 80, "08-28 07:00", "10-30 17:05", cut)}, []string{"RDSH-A 10-30 17:05..11-01 00:00 whole up to"}},

		{"forwarded: another host's events prove nothing", []snapshot.Log{log("rdsh-a", "f", 1, 50, "08-28 07:00", "10-05 18:00"), log("rdsh-b", "f", 1, 900, "08-28 07:00", "11-02 18:00")}, []string{"RDSH-A 10-05 18:00..11-01 00:00 nothing else"}},
		{"nor does exported", []snapshot.Log{log("rdsh-a", "f", 1, 50, "08-28 07:00", "10-05 18:00", exported), log("rdsh-b", "f", 1, 900, "08-28 07:00", "11-02 18:00", exported)}, []string{"RDSH-A 10-05 18:00..11-01 00:00 nothing else"}},
		{"forwarded day by day, quiet on the last", []snapshot.Log{
			log("rdsh-a", "f30", 1, 50, "08-28 07:00", "10-30 18:00", copied("10-31 00:05")), log("rdsh-b", "f30", 1, 900, "08-28 07:00", "10-30 19:00", copied("10-31 00:05")),
			log("rdsh-b", "f31", 901, 950, "10-31 07:00", "10-31 19:00", copied("11-01 00:05"))}, nil},
		{"the clock went ahead, where is told", []snapshot.Log{a(1, 90, "08-28 07:00", "12-10 18:00", ahead(part(1, 60, "08-28 07:00", "10-09 18:00")))}, []string{"RDSH-A 10-09 18:00..11-01 00:00 was wrong"}},
		{"the clock went ahead, where is not told", []snapshot.Log{a(1, 90, "08-28 07:00", "12-10 18:00", ahead())}, []string{"RDSH-A 10-01 00:00..11-01 00:00 was wrong"}},
		{"nor is another host of that file believed longer", []snapshot.Log{log("rdsh-a", "f", 1, 50, "08-28 07:00", "10-05 18:00"), log("rdsh-b", "f", 1, 900, "08-28 07:00", "12-02 18:00", ahead(part(1, 800, "08-28 07:00", "10-05 18:00")))}, []string{"RDSH-A 10-05 18:00", "RDSH-B 10-05 18:00..11-01 00:00 was wrong"}},
		{"the clock was right again in the next copy", []snapshot.Log{a(1, 90, "08-28 07:00", "12-10 18:00", ahead(part(1, 60, "08-28 07:00", "10-09 18:00"))), a(80, 200, "10-20 07:00", "11-02 18:00")}, []string{"RDSH-A 10-09 18:00..10-20 07:00 lacks 19"}},

		{"Security tells what LSM lacks", []snapshot.Log{a(1, 80, "08-28 07:00", "10-03 17:00"), a(7000, 9000, "10-02 07:00", "11-02 18:00", security)}, nil},
		{"Security begins too late", []snapshot.Log{a(1, 80, "08-28 07:00", "10-03 17:00", copied("10-03 20:00")), a(7000, 9000, "10-06 07:00", "11-02 18:00", security)}, []string{"RDSH-A 10-03 20:00..10-06 07:00"}},
	} {
		s := newScene(t)
		s.cfg.Directories = []config.Directory{{Name: "hosting"}}
		s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
		s.dir().user(1, "ann", "OU=alpha,DC=h", always)
		s.install("RDSH-A", "", 2)
		hosts := map[string]bool{}
		for _, l := range c.logs {
			hosts[l.Host] = true
		}
		s.facts.Logs = snapshot.ListOf(c.logs...)
		if !hosts["rdsh-b"] {
			s.facts.Logs.Add(full)
		}
		for range 2 { // in any order
			var got []string
			for _, g := range s.run().Coverage.Gaps {
				if g.Kind == statement.CoverageSessions {
					got = append(got, fmt.Sprintf("%s %s..%s %s", g.Host, strings.TrimPrefix(g.From, "2026-"), strings.TrimPrefix(g.Until, "2026-"), g.Message))
				}
			}
			bad := len(got) != len(c.want)
			for _, w := range c.want {
				bad = bad || !slices.ContainsFunc(got, func(g string) bool {
					for _, f := range strings.SplitN(w, " ", 5) {
						if !strings.Contains(g, f) {
							return false
						}
					}
					return true
				})
			}
			if bad {
				t.Errorf("%s:\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			slices.Reverse(s.facts.Logs.Values())
		}
	}
}

// A log whose last record is of 1 December, looked at on 3 November: the host's
// clock was ahead. Where the directory was read on 30 November, it is the clock of
// the machine that reads which is behind. The file's own time is believed for a
// year, since it may be that of the host's clock too. What a person states is believed.
func TestWhoseClockIsWrong(t *testing.T) {
	read, last := time.Date(2026, 11, 3, 8, 0, 0, 0, time.UTC), time.Date(2026, 12, 1, 7, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name                         string
		modified, looked, last, seen time.Time
		want                         bool
		exported                     time.Time
	}{
		{"the host's", read, read, last, read, true, time.Time{}},
		{"the reader's", read, read, last, last.Add(-time.Hour), false, time.Time{}},
		{"the file is as old", last, read, last, read, false, time.Time{}},
		{"the file is of years to come", last.AddDate(9, 0, 0), read, last.AddDate(9, 0, 0), read, true, time.Time{}},
		{"an earlier splameter read it", time.Time{}, read, last, read, false, time.Time{}},
		{"stated to be exported in months to come", read, read, last, read, false, last.AddDate(0, 1, 0)},
		{"stated to be exported days after the directory was read", read, read, last, last.AddDate(0, 0, -4), false, last.AddDate(0, 0, 1)},
	} {
		s := newScene(t)
		s.facts.Readings = []snapshot.Reading{{Source: "hosting", Kind: snapshot.KindDirectory, Taken: c.seen, Status: snapshot.Complete},
			{Source: "hosting", Kind: snapshot.KindDirectory, Taken: last.AddDate(99, 0, 0), Status: snapshot.Failed},
			{Source: "logs", Kind: snapshot.KindSessions, Taken: last.AddDate(99, 0, 0), Status: snapshot.Complete}}
		clock := (&evaluation{Input: &Input{Facts: &s.facts}}).logClock()
		l := snapshot.Log{FirstRecord: 1, LastRecord: 9, Records: 9, First: read.AddDate(0, -1, 0), Last: c.last, Modified: c.modified, Until: c.looked, Exported: c.exported}
		if got := clock.ahead(&l); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		known := c.last
		if c.want {
			known = l.First
		}
		if got := clock.known(&l); !got.Equal(known) {
			t.Errorf("%s: known up to %s, want %s", c.name, got, known)
		}
	}
}

// RDSH-A's account is first seen on the 12th and disabled from the 20th: its log
// is asked for between the two, and from the 12th at 00:00 on it is there. One
// that ends on the 15th, and was copied then, is a gap up to the 20th.
func TestLogsAreAskedForWhileTheHostIsThere(t *testing.T) {
	loc := amsterdam(t)
	for until, want := range map[int][]string{19: nil, 15: {"sessionsRDSH-A 2026-10-15 20:00..2026-10-20 00:00"}} {
		s := newScene(t)
		s.cfg.Directories = []config.Directory{{Name: "hosting"}}
		s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		server := func(a *snapshot.Account) { a.Class, a.Server = snapshot.Computer, true }
		d.user(2, "RDSH-A$", "OU=servers,DC=h", days(12, 19), server)
		d.user(2, "RDSH-A$", "OU=servers,DC=h", days(20, 31), server, disabled)
		s.install("RDSH-A", "", 13)
		s.facts.Logs = snapshot.ListOf(snapshot.Log{Host: "rdsh-a", Name: "RDSH-A", Channel: "LSM", File: "a", FirstRecord: 40, LastRecord: 90, Records: 51,
			First: time.Date(2026, 10, 11, 23, 0, 0, 0, loc), Last: time.Date(2026, 10, until, 17, 0, 0, 0, loc),
			Modified: time.Date(2026, 10, until, 20, 0, 0, 0, loc), Until: time.Date(2026, 11, 2, 6, 0, 0, 0, loc)})
		if until == 19 {
			s.facts.Logs.Values()[0].Modified = time.Date(2026, 10, 20, 4, 0, 0, 0, loc)
		}
		if got := gaps(s.run(), statement.CoverageSessions); !slices.Equal(got, want) {
			t.Errorf("up to the %dth: %q, want %q", until, got, want)
		}
	}
}

// Three events on the 5th do not say on which computer they were: a gap of their
// file. A log that was not reached is awaited up to the 5th of November, until
// something was read after that.
func TestLostEventsAndOpenGaps(t *testing.T) {
	loc := amsterdam(t)
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	s.install("RDSH-A", "")
	from := time.Date(2026, 10, 5, 8, 0, 0, 0, loc)
	s.facts.Logs = snapshot.ListOf(
		snapshot.Log{Channel: "LSM", File: "x.csv", Until: from, Modified: from, Lost: []snapshot.Lost{{Cause: snapshot.LostHost, Events: 3, From: from, Until: from.Add(time.Hour)}}})
	want := []string{"sessionsRDSH-A ..", "x.csv 2026-10-05 08:00..2026-10-05 09:00"}
	st := s.run()
	if got := gaps(st, statement.CoverageSessions); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	open := func(read time.Time) string {
		s.facts.Readings = []snapshot.Reading{{Source: "logs", Kind: snapshot.KindSessions, Taken: read, Day: month.DayOf(read, loc), Status: snapshot.Complete}}
		for _, g := range s.run().Coverage.Gaps {
			if g.Kind == statement.CoverageSessions && g.Host == "RDSH-A" {
				return g.Open
			}
		}
		return "no gap"
	}
	if got := open(time.Date(2026, 11, 5, 23, 0, 0, 0, loc)); got != "2026-11-05" {
		t.Errorf("read on the 5th: open to %q", got)
	}
	if got := open(time.Date(2026, 11, 6, 1, 0, 0, 0, loc)); got != "" {
		t.Errorf("read on the 6th: open to %q", got)
	}
}
