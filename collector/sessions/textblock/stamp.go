package textblock

import (
	"bytes"
	"time"
	"unicode/utf8"

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
// 5, 2026 @ 08:11:08.123), and as others do (05 Oct 2026 08:11:08). It is a time
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

// Trim takes blanks off a value, of which nearly none has any.
func Trim(b []byte) []byte {
	if n := len(b); n > 0 && ' ' < b[0] && b[0] < utf8.RuneSelf && ' ' < b[n-1] && b[n-1] < utf8.RuneSelf {
		return b
	}
	return bytes.TrimSpace(b)
}

// Uint reads an unsigned decimal number, blanks around it allowed.
func Uint(b []byte) (uint64, bool) {
	if len(b) < 19 { // digits alone, too few to overflow
		v, i := uint64(0), 0
		for ; i < len(b) && b[i]-'0' <= 9; i++ {
			v = v*10 + uint64(b[i]-'0')
		}
		if i == len(b) && i > 0 {
			return v, true
		}
	}
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	var v uint64
	for _, c := range b {
		c -= '0'
		if c > 9 || v > (1<<64-1)/10 {
			return 0, false
		}
		next := v*10 + uint64(c)
		if next < v*10 {
			return 0, false
		}
		v = next
	}
	return v, true
}

// AppendGUID appends an id in the form of Record.ActivityID: upper case,
// without braces.
func AppendGUID(dst, id []byte) []byte {
	id = bytes.TrimSpace(id)
	if n := len(id); n >= 2 && id[0] == '{' && id[n-1] == '}' {
		id = id[1 : n-1]
	}
	from := len(dst)
	dst = append(dst, id...)
	for i, c := range dst[from:] {
		dst[from+i] = upper[c]
	}
	return dst
}

// upper are the bytes in upper case. Which digits of an id are letters is a
// matter of chance, and a processor guesses no branch on them.
var upper = func() (u [256]byte) {
	for i := range u {
		u[i] = byte(i)
		if 'a' <= i && i <= 'z' {
			u[i] -= 'a' - 'A'
		}
	}
	return u
}()

// Clean replaces what is not UTF-8 in the record's values by U+FFFD and says
// whether there was any: such names match nobody, so a reader reports it.
func Clean(r *record.Record) bool {
	bad := false
	for _, v := range []*[]byte{&r.Provider, &r.Channel, &r.Computer, &r.ActivityID} {
		bad = clean(v) || bad
	}
	for i := range r.Fields {
		bad = clean(&r.Fields[i].Name) || bad
		bad = clean(&r.Fields[i].Value) || bad
	}
	return bad
}

func clean(v *[]byte) bool {
	if utf8.Valid(*v) {
		return false
	}
	*v = []byte(string([]rune(string(*v)))) // a mark for each byte, as Go's own readers make it
	return true
}
