package config

import (
	"strings"
	"testing"
	"time"
)

func TestScheduleNext(t *testing.T) {
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	// Worked out with a calendar: 29 March 2026 is a Sunday, on which 02:00
	// becomes 03:00; on Sunday 25 October 03:00 becomes 02:00 again. 1 March
	// 2028 is the Wednesday after 29 February.
	for _, x := range []struct{ schedule, after, want string }{
		{"daily 05:30", "2026-10-05T05:29:59+02:00", "2026-10-05T05:30:00+02:00"},
		{"daily 05:30", "2026-10-05T05:30:00+02:00", "2026-10-06T05:30:00+02:00"},
		{"daily 05:30 17:30", "2026-10-05T05:30:00+02:00", "2026-10-05T17:30:00+02:00"},
		{"daily 17:30 05:30", "2026-10-05T17:30:00+02:00", "2026-10-06T05:30:00+02:00"},
		{"weekly mon 04:30", "2026-10-05T04:30:00+02:00", "2026-10-12T04:30:00+02:00"}, // a Monday
		{"weekly sun 23:59", "2026-10-05T04:30:00+02:00", "2026-10-11T23:59:00+02:00"},
		{"every 6h", "2026-10-05T00:00:00+02:00", "2026-10-05T06:00:00+02:00"},
		{"every 24h", "2026-12-31T10:00:00+01:00", "2027-01-01T00:00:00+01:00"},
		{"daily 05:30", "2026-10-24T05:30:00+02:00", "2026-10-25T05:30:00+01:00"}, // 25 hours later
		{"daily 05:30", "2026-03-28T05:30:00+01:00", "2026-03-29T05:30:00+02:00"}, // 23 hours later
		{"daily 02:30", "2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00"}, // 02:30 does not come
		{"daily 02:30", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"},
		{"daily 02:30 03:15", "2026-03-29T00:00:00+01:00", "2026-03-29T03:15:00+02:00"},
		{"daily 02:30 03:15", "2026-03-29T03:15:00+02:00", "2026-03-29T03:30:00+02:00"},
		{"daily 02:30", "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+02:00"}, // comes twice: the first
		{"daily 02:30", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}, // and not the second
		{"daily 05:30", "2028-02-28T12:00:00+01:00", "2028-02-29T05:30:00+01:00"},
		{"weekly wed 05:30", "2028-02-24T12:00:00+01:00", "2028-03-01T05:30:00+01:00"},
	} {
		s, err := ParseSchedule(x.schedule)
		if err != nil {
			t.Fatal(err)
		}
		after, _ := time.Parse(time.RFC3339, x.after)
		if got := s.Next(after, ams).In(ams).Format(time.RFC3339); got != x.want {
			t.Errorf("%s after %s: %s, want %s", x.schedule, x.after, got, x.want)
		}
	}
	if !(Schedule{}).Next(time.Unix(0, 0), ams).IsZero() {
		t.Error("a schedule that is never has a next time")
	}
}

// Each day has exactly one run of a daily schedule, in zones whose clocks
// change at midnight (Beirut) and by half an hour (Lord Howe) too.
func TestDailyIsOnceADay(t *testing.T) {
	for _, zone := range []string{"Europe/Amsterdam", "Asia/Beirut", "Australia/Lord_Howe", "UTC"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{"00:00", "00:15", "01:45", "02:30", "23:59"} {
			s, err := ParseSchedule("daily " + at)
			if err != nil {
				t.Fatal(err)
			}
			day := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
			from := time.Date(2027, 12, 31, 23, 59, 30, 0, loc)
			for range 366 { // 2028 is a leap year
				day = day.AddDate(0, 0, 1)
				from = s.Next(from, loc)
				if got, want := from.In(loc).Format(time.DateOnly), day.Format(time.DateOnly); got != want {
					t.Fatalf("%s, daily %s: %s, want a run on %s", zone, at, from.In(loc), want)
				}
			}
		}
	}
}

func TestScheduleFaults(t *testing.T) {
	for _, s := range []string{"", "daily", "daily 5:30", "daily 24:00", "daily 05:60", "daily 05:30 05:30", "weekly 05:30", "weekly mon",
		"weekly monday 05:30", "every 5h", "every 0h", "every 4", "every 4h 6h", "30 5 * * *", "hourly 05:30", "daily +5:30"} {
		if got, err := ParseSchedule(s); err == nil || !strings.Contains(err.Error(), "; write it like daily 05:30") {
			t.Errorf("%q is read as %q, with %v", s, got, err)
		}
	}
}

func FuzzParseSchedule(f *testing.F) {
	for _, s := range []string{"daily 05:30", "weekly mon 04:30 16:30", "every 4h", "every -0h", "daily \x00"} {
		f.Add(s)
	}
	loc := time.FixedZone("x", 5*3600)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text)
		if err != nil {
			return
		}
		again, err := ParseSchedule(s.String())
		if err != nil || !again.Equal(s) {
			t.Fatalf("%q is written as %q, which reads as %q, %v", text, s, again, err)
		}
		from := time.Unix(1_800_000_000, 0)
		if next := s.Next(from, loc); !next.After(from) || next.Sub(from) > 8*24*time.Hour {
			t.Fatalf("%q: after %s comes %s", text, from, next)
		}
	})
}

func TestAgentFaults(t *testing.T) {
	for _, x := range []struct{ yaml, want string }{
		{"agent: {listen: '0.0.0.0:9188'}", "loopback"},
		{"agent: {listen: ':9188'}", "loopback"},
		{"agent: {listen: 'localhost:9188'}", "loopback"}, // a name may mean another machine
		{"agent: {listen: '192.168.1.4:9188'}", "loopback"},
		{"agent: {listen: '[::]:9188'}", "loopback"},
		{"agent: {listen: '127.0.0.1'}", "loopback"},
		{"agent: {close_at: '6:00'}", "no time of day"},
		{"agent: {directories: hourly}", "no schedule"},
		{"agent: {retry: {first: 10s}}", "tried again"},
		{"agent: {retry: {first: 5m, most: 1m}}", "tried again"},
		{"agent: {preclose: {from_day: 31}}", "from_day cannot be 31"},
		{"agent: {preclose: {idle_months: 0}}", "idle_months cannot be 0"},
		{"agent: {reminders: {from_day: 0}}", "from_day cannot be 0"},
		{"agent: {first_month: 2026}", "is no month"},
		{"mail: {security: maybe}", "security"},
		{"mail: {server: smtp, from: a@b.example, to: [c@d.example]}", "no mail server"},
		{"mail: {server: 'smtp:25', to: [c@d.example]}", "no mail address"},
		{"mail: {server: 'smtp:25', from: a@b.example}", "nobody gets the mail"},
		{"mail: {server: 'smtp:25', from: a@b.example, to: ['c']}", "no mail address"},
		{"mail: {server: 'smtp:25', from: a@b.example, to: [c@d.example], user: u}", "has no password"},
		{"mail: {server: 'smtp:25', from: a@b.example, to: [c@d.example], security: none, user: u, password: 'env:P'}", "to read"},
	} {
		_, faults := Parse("c.yaml", []byte(head+x.yaml+"\n"))
		if len(faults) != 1 || !strings.Contains(faults[0].Error(), x.want) {
			t.Errorf("%s: %v, want one fault about %q", x.yaml, faults, x.want)
		}
	}
	for _, ok := range []string{"agent: {listen: '127.0.0.1:9188'}", "agent: {listen: '[::1]:0', directories: every 4h}",
		"mail: {server: 'smtp.host.example:587', from: 'Splameter <a@b.example>', to: [c@d.example], user: u, password: 'env:P'}"} {
		if _, faults := Parse("c.yaml", []byte(head+ok+"\n")); len(faults) > 0 {
			t.Errorf("%s: %v", ok, faults)
		}
	}
}
