// Package month is the noun for time as the licensing month sees it: a
// calendar month in the provider's time zone, half-open, and its calendar
// days. It reads no clock.
package month

import (
	"fmt"
	"time"
)

// Day is a calendar day, counted from 1970-01-01, in no time zone.
type Day int32

// DayOf is the calendar day that t falls on in loc.
func DayOf(t time.Time, loc *time.Location) Day {
	y, m, d := t.In(loc).Date()
	return Date(y, m, d)
}

// Date is the day of a calendar date; out-of-range values are normalized as
// time.Date does.
func Date(y int, m time.Month, d int) Day {
	return Day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("%q is no date; write it as YYYY-MM-DD", s)
	}
	return Day(t.Unix() / 86400), nil
}

// Civil returns the day's calendar date.
func (d Day) Civil() (year int, month time.Month, day int) {
	return time.Unix(int64(d)*86400, 0).UTC().Date()
}

// String is the day as YYYY-MM-DD.
func (d Day) String() string {
	return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
}

// MarshalText writes the day as YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Start is the first instant of the day in loc. Where a clock change skips
// midnight it is the first instant that exists.
func (d Day) Start(loc *time.Location) time.Time {
	y, m, dd := d.Civil()
	t := time.Date(y, m, dd, 0, 0, 0, 0, loc)
	for DayOf(t, loc) < d { // midnight does not exist: time.Date stepped back
		t = t.Add(30 * time.Minute)
	}
	return t
}

// Month is one calendar month in a location.
type Month struct {
	year  int
	month time.Month
	loc   *time.Location
}

// New is the month of a year; loc must not be nil.
func New(year int, m time.Month, loc *time.Location) Month {
	t := time.Date(year, m, 1, 0, 0, 0, 0, time.UTC)
	return Month{t.Year(), t.Month(), loc}
}

// Of is the month that t falls in.
func Of(t time.Time, loc *time.Location) Month {
	y, m, _ := t.In(loc).Date()
	return Month{y, m, loc}
}

// Parse reads YYYY-MM.
func Parse(s string, loc *time.Location) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return Month{}, fmt.Errorf("%q is no month; write it as YYYY-MM, such as 2026-10", s)
	}
	return Month{t.Year(), t.Month(), loc}, nil
}

// String is the month as YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.year, int(m.month)) }

// Year and Month are the parts; Location is whose clock decides.
func (m Month) Year() int                { return m.year }
func (m Month) Month() time.Month        { return m.month }
func (m Month) Location() *time.Location { return m.loc }

// Start is the first instant of the month, End the first after it.
func (m Month) Start() time.Time { return m.FirstDay().Start(m.loc) }
func (m Month) End() time.Time   { return m.Add(1).FirstDay().Start(m.loc) }

// Contains says whether t is in the half-open month.
func (m Month) Contains(t time.Time) bool { return !t.Before(m.Start()) && t.Before(m.End()) }

// FirstDay and LastDay are the month's own first and last calendar day.
func (m Month) FirstDay() Day { return Date(m.year, m.month, 1) }
func (m Month) LastDay() Day  { return Date(m.year, m.month+1, 0) }

// Days is how many days the month has, 28 to 31.
func (m Month) Days() int { return int(m.LastDay()-m.FirstDay()) + 1 }

// Add is the month n months later, or earlier where n is negative.
func (m Month) Add(n int) Month { return New(m.year, m.month+time.Month(n), m.loc) }

// Number counts months from the year 0, for arithmetic and as a key.
func (m Month) Number() int { return m.year*12 + int(m.month) - 1 }

// FromNumber is the inverse of Number.
func FromNumber(n int, loc *time.Location) Month { return New(n/12, time.Month(n%12+1), loc) }

// IsZero says that m is no month at all.
func (m Month) IsZero() bool { return m.loc == nil }
