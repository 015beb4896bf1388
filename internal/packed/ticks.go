package packed

import "time"

// Moments are kept as whole numbers of 100 ns since 0001-01-01 UTC: the
// resolution of Windows event logs, far beyond any year a damaged log may
// claim, and with the zero time as 0.

// toYearOne is the seconds from 0001-01-01 to 1970-01-01.
const toYearOne = 62135596800

// Ticks is t as kept; what is finer than 100 ns is cut off.
func Ticks(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return (t.Unix()+toYearOne)*1e7 + int64(t.Nanosecond())/100
}

// FromTicks is the inverse, in UTC.
func FromTicks(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	s, f := n/1e7, n%1e7
	if f < 0 {
		s, f = s-1, f+1e7
	}
	return time.Unix(s-toYearOne, f*100).UTC()
}
