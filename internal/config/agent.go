package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/month"
)

// Agent is when the agent does what. All times are the provider's.
type Agent struct {
	Directories Schedule `yaml:"directories"`
	Sessions    Schedule `yaml:"sessions"`
	Inventories Schedule `yaml:"inventories"`

	Close      bool      `yaml:"close"`       // whether this agent closes months: only one of several sites does
	CloseAt    TimeOfDay `yaml:"close_at"`    // on the first of the month
	FirstMonth string    `yaml:"first_month"` // YYYY-MM; earlier months are neither closed nor reminded of; empty: from the first month read

	Retry     Retry     `yaml:"retry"`
	Reminders Reminders `yaml:"reminders"`
	Preclose  Preclose  `yaml:"preclose"`
	Listen    string    `yaml:"listen"` // HOST:PORT on the loopback for /healthz and /metrics; empty: neither
}

// Retry is how long a job that failed waits: twice as long after each failure.
type Retry struct {
	First Duration `yaml:"first"`
	Most  Duration `yaml:"most"`
}

// Reminders are sent daily until a month is submitted.
type Reminders struct {
	At      TimeOfDay `yaml:"at"`
	FromDay int       `yaml:"from_day"` // day of the month after the one reported
}

// Preclose is the list of what can still be done for the next month.
type Preclose struct {
	FromDay     int  `yaml:"from_day"`      // day of the month from which it is made, daily; 0: never
	IdleMonths  int  `yaml:"idle_months"`   // months, the present one included, without a session that put a person on the list
	LastLogon   bool `yaml:"last_logon"`    // whether lastLogonTimestamp is kept and looked at
	NamesInMail bool `yaml:"names_in_mail"` // whether the mail about the list names the accounts
}

// Mail is how the agent sends mail.
type Mail struct {
	Server     string   `yaml:"server"`   // HOST:PORT; empty: no mail
	Security   string   `yaml:"security"` // starttls, tls, or none
	User       string   `yaml:"user"`     // empty: no log-on
	Password   Secret   `yaml:"password"`
	CA         string   `yaml:"ca"`          // PEM file with the certificate authorities to trust; empty: the system's
	ServerName string   `yaml:"server_name"` // name to expect in the certificate; empty: the server's
	From       string   `yaml:"from"`
	To         []string `yaml:"to"`
	Timeout    Duration `yaml:"timeout"` // without an answer
}

// TimeOfDay is a time on the clock, in minutes since midnight.
type TimeOfDay int

// UnmarshalText reads 06:00.
func (t *TimeOfDay) UnmarshalText(b []byte) error {
	h, m, ok := strings.Cut(string(b), ":")
	if ok && len(h) == 2 && len(m) == 2 && strings.Trim(h+m, "0123456789") == "" {
		hour, _ := strconv.Atoi(h)
		minute, _ := strconv.Atoi(m)
		if hour < 24 && minute < 60 {
			*t = TimeOfDay(hour*60 + minute)
			return nil
		}
	}
	return fmt.Errorf("%q is no time of day; write it like 06:00, from 00:00 to 23:59", b)
}

// String is the time as 06:00.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// MarshalText writes it as 06:00.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// On is that time on a day. Where a change of the clock skips it, it is as long
// after midnight as it would have been; where it comes twice, it is the first.
func (t TimeOfDay) On(d month.Day, loc *time.Location) time.Time {
	y, m, day := d.Civil()
	at := time.Date(y, m, day, int(t)/60, int(t)%60, 0, 0, loc)
	if !t.shown(at, d) {
		return d.Start(loc).Add(time.Duration(t) * time.Minute)
	}
	for _, back := range []time.Duration{30 * time.Minute, time.Hour} {
		if first := at.Add(-back); t.shown(first, d) {
			return first
		}
	}
	return at
}

// shown says whether the clock shows t at a moment of the day.
func (t TimeOfDay) shown(at time.Time, d month.Day) bool {
	return month.DayOf(at, at.Location()) == d && at.Hour()*60+at.Minute() == int(t)
}

// Schedule is when something is done again and again, written as
//
//	daily 05:30
//	daily 05:30 17:30
//	weekly mon 05:30
//	every 4h             from midnight; the hours must divide a day
//
// The zero value is never.
type Schedule struct {
	text  string
	times []TimeOfDay // ascending
	day   time.Weekday
	week  bool
}

const scheduleForm = "write it like daily 05:30, weekly mon 05:30, or every 4h"

// ParseSchedule reads a schedule.
func ParseSchedule(s string) (Schedule, error) {
	out := Schedule{text: strings.Join(strings.Fields(s), " ")}
	words := strings.Fields(s)
	bad := func(why string) (Schedule, error) {
		return Schedule{}, fmt.Errorf("%q %s; %s", s, why, scheduleForm)
	}
	if len(words) < 2 || len(words) > 25 {
		return bad("is no schedule")
	}
	switch words[0] {
	case "every":
		h, ok := strings.CutSuffix(words[1], "h")
		n, err := strconv.Atoi(h)
		if len(words) != 2 || !ok || err != nil || n < 1 || n > 24 || 24%n != 0 {
			return bad("is no number of hours that divides a day (1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h)")
		}
		for i := 0; i < 24; i += n {
			out.times = append(out.times, TimeOfDay(i*60))
		}
		return out, nil
	case "weekly":
		day := slices.Index([]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, words[1])
		if day < 0 || len(words) < 3 {
			return bad("does not name a day of the week (mon, tue, wed, thu, fri, sat, sun) and a time")
		}
		out.week, out.day = true, time.Weekday(day)
		words = words[1:]
	case "daily":
	default:
		return bad("is no schedule")
	}
	for _, w := range words[1:] {
		var t TimeOfDay
		if err := t.UnmarshalText([]byte(w)); err != nil {
			return bad("holds something that is no time of day")
		}
		if slices.Contains(out.times, t) {
			return bad("names a time twice")
		}
		out.times = append(out.times, t)
	}
	slices.Sort(out.times)
	return out, nil
}

// UnmarshalText reads daily 05:30.
func (s *Schedule) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSchedule(string(b))
	return err
}

// MarshalText writes what was read.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// String is the schedule as it was written.
func (s Schedule) String() string { return s.text }

// Equal says whether two schedules are written alike.
func (s Schedule) Equal(o Schedule) bool { return s.text == o.text }

// Never says that the schedule has no times at all.
func (s Schedule) Never() bool { return len(s.times) == 0 }

// Times are the times of day, the earliest first.
func (s Schedule) Times() []TimeOfDay { return slices.Clone(s.times) }

// Weekday is the one day of the week, of a schedule that has one.
func (s Schedule) Weekday() (day time.Weekday, ok bool) { return s.day, s.week }

// Next is the first time after t. Times are the clock's in loc: a change of
// the clock moves none of them to another day, and none is left out or comes
// twice. It is zero for a schedule that is never.
func (s Schedule) Next(t time.Time, loc *time.Location) time.Time {
	if s.Never() {
		return time.Time{}
	}
	for d := month.DayOf(t, loc); ; d++ {
		if y, m, day := d.Civil(); s.week && time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Weekday() != s.day {
			continue
		}
		var next time.Time
		for _, at := range s.times { // one that is skipped may come after a later one
			if x := at.On(d, loc); x.After(t) && (next.IsZero() || x.Before(next)) {
				next = x
			}
		}
		if !next.IsZero() {
			return next
		}
	}
}

// must is a schedule of the program itself.
func must(s string) Schedule {
	out, err := ParseSchedule(s)
	if err != nil {
		panic(errors.New("a default of the agent: " + err.Error()))
	}
	return out
}
