package inventory

import (
	"regexp"
	"strconv"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// scan notes when a tool looked at a host last, which may be long before it was
// asked for its list. Of several rows the latest counts.
func (b *builder) scan(h *snapshot.HostSoftware, text string) {
	if day, ok := scanDay(text, b.day); ok && day > b.scanned[h] {
		b.scanned[h] = day
	}
}

// oldScans are those from before the month of the reading, after finish.
func (b *builder) oldScans() []snapshot.Scan {
	latest := map[string]month.Day{}
	for _, h := range b.hosts {
		if day, ok := b.scanned[h]; ok {
			latest[h.Host] = day
		}
	}
	return snapshot.OldScans(latest, b.day)
}

var (
	// yearFirst and yearLast are a date at the beginning of a text, whatever
	// time stands behind it.
	yearFirst = regexp.MustCompile(`^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})([^0-9]|$)`)
	yearLast  = regexp.MustCompile(`^([0-9]{1,2})([-/.])([0-9]{1,2})[-/.]([0-9]{4})([^0-9]|$)`)
	epoch     = regexp.MustCompile(`^[0-9]{10}([0-9]{3})?(\.[0-9]+)?$`)
)

// scanDay reads the day of a scan, by the reading's own day: of 03/04/2026, which
// may be of March or of April, the later that is not after the reading. What
// cannot be read tells nothing, nor does what lies after the reading.
func scanDay(text string, reading month.Day) (day month.Day, ok bool) {
	take := func(y, m, d int) {
		x := month.Date(y, time.Month(m), d)
		if yy, mm, dd := x.Civil(); yy == y && int(mm) == m && dd == d && y >= 2000 && x <= reading+1 && (!ok || x > day) {
			day, ok = x, true
		}
	}
	if m := yearFirst.FindStringSubmatch(text); m != nil {
		take(number(m[1]), number(m[2]), number(m[3]))
	} else if m := yearLast.FindStringSubmatch(text); m != nil {
		take(number(m[4]), number(m[3]), number(m[1]))
		if m[2] != "." { // with dots the day comes first everywhere
			take(number(m[4]), number(m[1]), number(m[3]))
		}
	} else if m := epoch.FindStringSubmatch(text); m != nil { // seconds or milliseconds since 1970
		y, mm, d := time.Unix(int64(number(text[:10])), 0).UTC().Date()
		take(y, int(mm), d)
	}
	return day, ok
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}
