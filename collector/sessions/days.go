package sessions

import (
	"time"

	"splameter/collector/sessions/record"
	"splameter/internal/month"
)

// day is a calendar day of the provider's zone as an event is filed under it.
type day struct {
	month int32  // month.Month.Number
	bit   uint32 // in snapshot.Use.Days
}

const ticksPerDay = 864e9

// Events are believed from minDay up to maxDay, 1970-02-01 and 2300-01-01,
// counted from 1601-01-01: a clock that says otherwise was never set.
const (
	minDay = 134805
	maxDay = 255304
)

// calendar finds the day of an event without asking the time zone for each: a
// day of UTC holds at most two midnights of the zone.
type calendar struct {
	loc   *time.Location
	cache [64]utcDay
}

type utcDay struct {
	number   int64 // of the day, counted from 1601-01-01; 0: empty
	midnight [2]int64
	days     [3]day
}

// find reports false for a time that no log of Windows can hold.
func (c *calendar) find(ticks int64) (day, bool) {
	n := ticks / ticksPerDay
	if ticks <= 0 || n < minDay || n >= maxDay {
		return day{}, false
	}
	u := &c.cache[n%int64(len(c.cache))]
	if u.number != n {
		c.fill(u, n)
	}
	switch {
	case ticks < u.midnight[0]:
		return u.days[0], true
	case ticks < u.midnight[1]:
		return u.days[1], true
	}
	return u.days[2], true
}

func (c *calendar) fill(u *utcDay, n int64) {
	begin := n * ticksPerDay
	*u = utcDay{number: n, midnight: [2]int64{begin + ticksPerDay, begin + ticksPerDay}}
	d := month.DayOf(record.FromTicks(begin), c.loc)
	u.days[0] = dayOf(d)
	for i := range u.midnight {
		next := record.ToTicks((d + 1).Start(c.loc))
		if next >= begin+ticksPerDay {
			return
		}
		d = month.DayOf(record.FromTicks(next), c.loc)
		u.midnight[i], u.days[i+1] = next, dayOf(d)
	}
}

func dayOf(d month.Day) day {
	y, m, n := d.Civil()
	return day{int32(y*12 + int(m) - 1), 1 << (n - 1)}
}
