package textblock

import (
	"bytes"
)

// Order is which of day and month stands first in a date that ends in its
// year.
type Order uint8

// The orders of day and month.
const (
	Unproved   Order = iota
	DayFirst         // 25-10-2026
	MonthFirst       // 10/25/2026
)

// OrderOf is the order that the config writes: dmy, mdy, or ymd, which is not
// in doubt.
func OrderOf(s string) Order {
	switch s {
	case "dmy":
		return DayFirst
	case "mdy":
		return MonthFirst
	}
	return Unproved
}

// Wall is Stamp for local forms that put the day or month first: day, month
// and year by a number each, then a time of day of 24 or (with AM or PM) 12
// hours. Points mean day first (1.10.2026), as everywhere; with slashes or
// hyphens the order is the given one, and where none is given a date is read
// only if one of the numbers cannot be a month, or both are the same; else
// ambiguous is true. 2026/10/01 is always year first. said is the order that
// the date proves by itself, where it could be either.
func Wall(b []byte, order Order) (ticks int64, said Order, ambiguous, ok bool) {
	var num [3]int
	var width [3]int
	var sep byte
	i := 0
	for k := range num {
		start := i
		for i < len(b) && b[i]-'0' <= 9 && i-start < 4 {
			num[k] = num[k]*10 + int(b[i]-'0')
			i++
		}
		width[k] = i - start
		if width[k] == 0 {
			return 0, Unproved, false, false
		}
		if k == 2 {
			break
		}
		if i >= len(b) || (b[i] != '.' && b[i] != '/' && b[i] != '-') || (k == 1 && b[i] != sep) {
			return 0, Unproved, false, false
		}
		sep = b[i]
		i++
		for i < len(b) && b[i] == ' ' && i < 8 { // "5. 10. 2026", as some locales write
			i++
		}
	}
	clock := bytes.Trim(b[i:], " ,")
	t, valid := timeOfDay(clock)
	var y, mo, d int
	switch {
	case width[0] == 4 && width[1] <= 2 && width[2] <= 2:
		y, mo, d = num[0], num[1], num[2]
	case width[2] != 4 || width[0] > 2 || width[1] > 2:
		return 0, Unproved, false, false
	case sep == '.' || num[0] == num[1]:
		d, mo, y = num[0], num[1], num[2]
	default:
		if num[0] > 12 {
			said = DayFirst
		} else if num[1] > 12 {
			said = MonthFirst
		}
		switch {
		case said != Unproved && order != Unproved && said != order:
			return 0, said, false, false
		case said == DayFirst || said == Unproved && order == DayFirst:
			d, mo, y = num[0], num[1], num[2]
		case said == MonthFirst || order == MonthFirst:
			mo, d, y = num[0], num[1], num[2]
		default:
			return 0, Unproved, valid, false
		}
	}
	if !valid {
		return 0, said, false, false
	}
	ticks, ok = civil(y, mo, d, 0, 0, 0)
	return ticks + t, said, false, ok
}

// Named reads a time with the month's name in English, as Kibana shows it (Oct
// 5, 2026 @ 08:11:08.123; before 7, October 5th 2026, 08:11:08.123), and as others do (05 Oct 2026 08:11:08). It is a time
// of the clock on the wall.
func Named(b []byte) (ticks int64, ok bool) {
	if len(b) > 48 {
		return 0, false
	}
	words := bytes.FieldsFunc(b, func(r rune) bool { return r == ' ' || r == ',' || r == '@' || r == '-' })
	if len(words) < 4 {
		return 0, false
	}
	month, day := monthOf(words[0]), words[1]
	if month == 0 {
		month, day = monthOf(words[1]), words[0]
	}
	if n := len(day); n > 2 {
		switch string(day[n-2:]) {
		case "st", "nd", "rd", "th": // October 5th 2026, as Kibana 6 shows it
			day = day[:n-2]
		}
	}
	d, ok1 := digits(day)
	y, ok2 := digits(words[2])
	if month == 0 || !ok1 || !ok2 || len(words[2]) != 4 || len(day) > 2 {
		return 0, false
	}
	t, ok3 := timeOfDay(bytes.Join(words[3:], []byte{' '}))
	ticks, ok = civil(y, month, d, 0, 0, 0)
	return ticks + t, ok && ok3
}

func monthOf(b []byte) int {
	if len(b) < 3 || len(b) > 9 {
		return 0
	}
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	i := bytes.Index([]byte(names), bytes.ToLower(b[:3]))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return i/3 + 1
}

// timeOfDay reads 5:11:08, 05:11, 5:11:08 AM, with decimals of the second.
func timeOfDay(b []byte) (int64, bool) {
	half := -1
	if rest, h := halfOfDay(b); h >= 0 {
		half = h
		b = bytes.TrimRight(rest, " \u202f\u00a0") // newer ICU data: narrow blank before AM
	}
	var part [3]int
	i, k := 0, 0
	for ; k < 3; k++ {
		start := i
		for i < len(b) && b[i]-'0' <= 9 && i-start < 2 {
			part[k] = part[k]*10 + int(b[i]-'0')
			i++
		}
		if i == start {
			return 0, false
		}
		if k == 2 || i == len(b) || b[i] != ':' && b[i] != '.' {
			k++
			break
		}
		i++
	}
	var fraction int64
	if k == 3 && i < len(b) && (b[i] == '.' || b[i] == ',') {
		i++
		unit, start := int64(ticksPerSecond/10), i
		for i < len(b) && b[i]-'0' <= 9 {
			fraction += int64(b[i]-'0') * unit
			unit /= 10
			i++
		}
		if i == start {
			return 0, false
		}
	}
	if i != len(b) || k < 2 || part[1] > 59 || part[2] > 59 {
		return 0, false
	}
	if half >= 0 {
		if part[0] < 1 || part[0] > 12 {
			return 0, false
		}
		part[0] = part[0]%12 + half
	}
	if part[0] > 23 {
		return 0, false
	}
	return int64(part[0]*3600+part[1]*60+part[2])*ticksPerSecond + fraction, true
}

// halfOfDay takes AM or PM off the end of a time, also as "a. m."; half is 0,
// 12, or -1 for neither.
func halfOfDay(b []byte) (rest []byte, half int) {
	i := len(b)
	back := func() byte { // the next character from the end that is no point or blank
		for i > 0 {
			c := b[i-1]
			switch {
			case c == '.' || c == ' ':
				i--
			case i > 1 && c == 0xa0 && b[i-2] == 0xc2:
				i -= 2
			case i > 2 && c == 0xaf && b[i-2] == 0x80 && b[i-3] == 0xe2:
				i -= 3
			default:
				i--
				return c | 0x20
			}
		}
		return 0
	}
	if back() != 'm' {
		return b, -1
	}
	switch back() {
	case 'a':
		return b[:i], 0
	case 'p':
		return b[:i], 12
	}
	return b, -1
}
