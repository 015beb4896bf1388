package directory

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"splameter/internal/month"
)

// dated finds YYYY-MM-DD and YYYYMMDD, each with an optional time of day:
// after a T, a hyphen or an underscore, or straight after the digits.
var dated = regexp.MustCompile(`(?:^|[^0-9])((\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2}))(?:[T_-]?(\d{2})[:.-]?(\d{2})(?:[:.-]?(\d{2}))?Z?)?(?:$|[^0-9])`)

// DateOf finds in an export's file name the moment that it stands for: the
// start of the day in loc, or the minute where the name holds one. A name
// without a date, or with two, is an error that says how to name the file.
func DateOf(name string, loc *time.Location) (time.Time, error) {
	base := filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	var found []time.Time
	for rest := base; ; {
		m := dated.FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		if t, ok := dateIn(rest, m, loc); ok && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
		rest = rest[m[3]:] // the character after a date may begin another
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, fmt.Errorf("the name of the file %s holds no date, so the day that it stands for is not known; name it like hosting-2026-10-31.ldif, or with a time like hosting-2026-10-31T0230.ldif", base)
	}
	return time.Time{}, fmt.Errorf("the name of the file %s holds more than one date; leave only the day on which it was exported, as in hosting-2026-10-31.ldif", base)
}

// dateIn reads one match; false where it is no date of the calendar.
func dateIn(s string, m []int, loc *time.Location) (time.Time, bool) {
	number := func(group int) int {
		if m[2*group] < 0 {
			return -1
		}
		n, _ := strconv.Atoi(s[m[2*group]:m[2*group+1]]) // two or four digits
		return n
	}
	y, mo, d := number(2), number(3), number(4)
	if y < 0 {
		y, mo, d = number(5), number(6), number(7)
	}
	day := month.Date(y, time.Month(mo), d)
	if yy, mm, dd := day.Civil(); yy != y || int(mm) != mo || dd != d || y < 1990 || y > 2199 {
		return time.Time{}, false
	}
	hour, minute := number(8), number(9)
	if hour < 0 || hour > 23 || minute > 59 || number(10) > 59 {
		return day.Start(loc), true
	}
	return time.Date(y, time.Month(mo), d, hour, minute, max(number(10), 0), 0, loc), true
}
