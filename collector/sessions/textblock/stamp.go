package textblock

import (
	"bytes"
	"time"

	"splameter/collector/sessions/record"
)

const (
	ticksPerSecond = 10_000_000
	ticksPerDay    = 86_400 * ticksPerSecond
)

// Stamp reads a time written year first: 2026-10-01T05:11:08, with a blank
// for the T, up to nine or more decimals after a point or comma, and Z or an
// offset (+02:00, +0200) or nothing behind it. It returns FILETIME units
// (what is finer than 100 ns is cut off) and whether an offset was given;
// without one the units are those of the clock on the wall. ok is false for
// every other form and for days that do not exist.
func Stamp(b []byte) (ticks int64, offset, ok bool) {
	if len(b) < 19 || b[4] != '-' || b[7] != '-' || (b[10] != 'T' && b[10] != ' ' && b[10] != 't') || b[13] != ':' || b[16] != ':' {
		return 0, false, false
	}
	y, ok1 := digits(b[0:4])
	mo, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:10])
	h, ok4 := digits(b[11:13])
	mi, ok5 := digits(b[14:16])
	s, ok6 := digits(b[17:19])
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) {
		return 0, false, false
	}
	ticks, ok = civil(y, mo, d, h, mi, s)
	if !ok {
		return 0, false, false
	}
	i := 19
	if i < len(b) && (b[i] == '.' || b[i] == ',') {
		i++
		unit, start := int64(ticksPerSecond/10), i
		for i < len(b) && b[i]-'0' <= 9 {
			ticks += int64(b[i]-'0') * unit
			unit /= 10
			i++
		}
		if i == start {
			return 0, false, false
		}
	}
	rest := b[i:]
	if len(rest) > 1 && rest[0] == ' ' {
		rest = rest[1:] // 2026-10-01 07:11:08 +0200, as some collectors write
	}
	switch {
	case len(rest) == 0:
		return ticks, false, true
	case len(rest) == 3 && (string(rest) == "UTC" || string(rest) == "GMT"):
		return ticks, true, true
	case len(rest) == 1 && (rest[0] == 'Z' || rest[0] == 'z'):
		return ticks, true, true
	case rest[0] == '+' || rest[0] == '-':
		zone := rest[1:]
		if len(zone) == 5 && zone[2] == ':' {
			zone = []byte{zone[0], zone[1], zone[3], zone[4]}
		}
		if len(zone) != 4 {
			return 0, false, false
		}
		v, ok := digits(zone)
		if !ok || v/100 > 14 || v%100 > 59 {
			return 0, false, false
		}
		seconds := int64(v/100*60+v%100) * 60
		if rest[0] == '+' {
			seconds = -seconds
		}
		return ticks + seconds*ticksPerSecond, true, true
	}
	return 0, false, false
}

func digits(b []byte) (int, bool) {
	v := 0
	for _, c := range b {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		v = v*10 + int(c)
	}
	return v, true
}

// Epoch reads a time as seconds since 1970, with decimals or without; as
// milliseconds, with 13 digits; or as nanoseconds, with 19.
func Epoch(b []byte) (ticks int64, ok bool) {
	whole, fraction, _ := bytes.Cut(b, []byte{'.'})
	n, ok := Uint(whole)
	if !ok || len(fraction) > 12 {
		return 0, false
	}
	switch len(whole) {
	case 9, 10:
		ticks = int64(n) * ticksPerSecond
		unit := int64(ticksPerSecond / 10)
		for _, c := range fraction {
			if c -= '0'; c > 9 {
				return 0, false
			}
			ticks += int64(c) * unit
			unit /= 10
		}
	case 13:
		ticks = int64(n) * 10_000
	case 19:
		ticks = int64(n / 100)
	default:
		return 0, false
	}
	if len(fraction) > 0 && len(whole) > 10 {
		return 0, false
	}
	return ticks + 11_644_473_600*ticksPerSecond, true
}

// civil turns a date and time of day into FILETIME units, proleptic Gregorian,
// from the year 1601 on.
func civil(y, mo, d, h, mi, s int) (int64, bool) {
	if y < 1601 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59 {
		return 0, false
	}
	leap := y%4 == 0 && (y%100 != 0 || y%400 == 0)
	if last := int(monthDays[mo]); d > last && !(mo == 2 && leap && d == 29) {
		return 0, false
	}
	n := y - 1601
	days := n*365 + n/4 - n/100 + n/400 + int(monthStart[mo]) + d - 1
	if leap && mo > 2 {
		days++
	}
	return int64(days)*ticksPerDay + int64(h*3600+mi*60+s)*ticksPerSecond, true
}

// The days of a year that is no leap year, by month from 1.
var (
	monthDays  = [13]uint8{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	monthStart = [13]uint16{0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334}
)

// InZone turns units of the clock on the wall into UTC, by the rules of zone.
// In the hour that a clock change repeats, the choice is that of time.Date.
func InZone(ticks int64, zone *time.Location) int64 {
	if zone == nil || zone == time.UTC {
		return ticks
	}
	w := record.FromTicks(ticks)
	return record.ToTicks(time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), zone))
}
