package inventory

import (
	"strconv"
	"strings"
	"time"

	"splameter/internal/lazyregexp"
	"splameter/internal/month"
)

// The forms of a date at the beginning of a text, whatever time stands behind it.
var (
	yearFirst = lazyregexp.New(`^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})([^0-9]|$)`)
	yearLast  = lazyregexp.New(`^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})([^0-9]|$)`)
	compact   = lazyregexp.New(`^([0-9]{8})([0-9]{2}|[0-9]{4}|[0-9]{6})?([^0-9]|$)`)
	serial    = lazyregexp.New(`^([0-9]{5})([.,][0-9]+)?$`)                                                               // a sheet's: days since the end of 1899
	epoch     = lazyregexp.New(`^([0-9]{10})([0-9]{3})?(\.[0-9]+)?$`)                                                     // seconds or milliseconds since 1970
	fileTime  = lazyregexp.New(`^1[0-9]{17}$`)                                                                            // 100 ns since 1601
	jsonDate  = lazyregexp.New(`^\\?/Date\(([0-9]+)([-+][0-9]{4})?\)`)                                                    // what PowerShell writes
	dayNamed  = lazyregexp.New(`^([0-9]{1,2})[-. ]+(?:de )?([\pL]{3,})[-.,]*[- ]+(?:de )?([0-9]{4}|[0-9]{2})([^0-9:]|$)`) // 12 sep. 2026, 12-Sep-26
	nameDay   = lazyregexp.New(`^([\pL]{3,})\.? +([0-9]{1,2})(?:,? +| .*? )([0-9]{4})([^0-9]|$)`)                         // Sep 12, 2026; Sep 12 08:00:00 2026
	weekday   = lazyregexp.New(`^[\pL]{2,}\.?,? +`)
)

// monthNames are months by their first letters, in the languages in which tools
// write them; of several that fit, the longest.
var monthNames = map[string]time.Month{
	"jan": 1, "ene": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mrt": 3, "maa": 3, "mär": 3, "mae": 3, "apr": 4, "avr": 4, "abr": 4,
	"may": 5, "mei": 5, "mai": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7, "aug": 8, "aoû": 8, "aou": 8, "ago": 8,
	"sep": 9, "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12, "déc": 12, "dic": 12,
}

// rightNow are what tools write of a host that is there as they speak.
var rightNow = map[string]bool{"now": true, "online": true, "today": true, "nu": true, "vandaag": true, "jetzt": true, "heute": true, "maintenant": true, "ahora": true, "hoy": true}

// scanDay reads the day of a scan, by the reading's own day: what lies after it is
// none, for a clock is wrong there or the date is another. What cannot be read gives
// no day by either order.
func scanDay(text string, reading month.Day) (t scanTime) {
	text = strings.TrimSpace(text)
	day := func(y, m, d int) month.Day {
		x := month.Date(y, time.Month(m), d)
		if yy, mm, dd := x.Civil(); yy == y && int(mm) == m && dd == d && y >= 2000 && x <= reading+1 {
			return x
		}
		return 0
	}
	one := func(d month.Day) scanTime { return scanTime{d, d} }
	moment := func(at time.Time) scanTime {
		y, m, d := at.UTC().Date()
		return one(day(y, int(m), d))
	}
	if rightNow[strings.ToLower(text)] {
		return one(reading)
	}
	if m := yearFirst().FindStringSubmatch(text); m != nil {
		return one(day(number(m[1]), number(m[2]), number(m[3])))
	}
	if m := yearLast().FindStringSubmatch(text); m != nil {
		t.dayFirst = day(year(m[4]), number(m[3]), number(m[1]))
		if m[2] == "." { // with dots the day comes first everywhere
			return one(t.dayFirst)
		}
		t.monthFirst = day(year(m[4]), number(m[1]), number(m[3]))
		return t
	}
	if m := jsonDate().FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	if m := epoch().FindStringSubmatch(text); m != nil {
		if t = moment(time.Unix(int64(number(m[1])), 0)); t != (scanTime{}) {
			return t
		}
	}
	if m := compact().FindStringSubmatch(text); m != nil {
		if d := day(number(m[1][:4]), number(m[1][4:6]), number(m[1][6:])); d != 0 {
			return one(d)
		}
		y := number(m[1][4:])
		return scanTime{day(y, number(m[1][2:4]), number(m[1][:2])), day(y, number(m[1][:2]), number(m[1][2:4]))}
	}
	if fileTime().MatchString(text) {
		n, _ := strconv.ParseInt(text, 10, 64)
		return moment(time.Unix(n/1e7-11644473600, 0))
	}
	if m := serial().FindStringSubmatch(text); m != nil {
		return moment(time.Unix(int64(number(m[1])-25569)*86400, 0))
	}
	for range 2 { // with its weekday, and without
		if m := dayNamed().FindStringSubmatch(text); m != nil {
			return one(day(year(m[3]), named(m[2]), number(m[1])))
		}
		if m := nameDay().FindStringSubmatch(text); m != nil && named(m[1]) != 0 {
			return one(day(number(m[3]), named(m[1]), number(m[2])))
		}
		text = weekday().ReplaceAllString(text, "")
	}
	return scanTime{}
}

// named is the number of the month of that name; 0: it is none.
func named(word string) int {
	letters := []rune(strings.ToLower(word))
	for n := min(4, len(letters)); n >= 3; n-- {
		if m, ok := monthNames[string(letters[:n])]; ok {
			return int(m)
		}
	}
	return 0
}

func year(digits string) int {
	n := number(digits)
	if len(digits) == 2 {
		n += 2000
	}
	return n
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
