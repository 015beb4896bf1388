// Package paths is the one way to name the files of a source: how patterns
// become files, how a path is shown, and which day a file's name tells.
package paths

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/lazyregexp"
	"splameter/internal/month"
)

// Shown is a path as people and evidence see it: relative to dir where it lies
// beneath it, else as it is, with slashes on every system, so that the same
// month gives the same bytes wherever the folder stands.
func Shown(dir, path string) string {
	if dir == "" || path == "" {
		return filepath.ToSlash(path)
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// Glob is the regular files that a pattern names, sorted; links count as what
// they lead to. What cannot be looked at stays in the list, for its reader to
// say so. None is no error.
func Glob(pattern string) ([]string, error) {
	found, err := filepath.Glob(pattern)
	if err != nil {
		return nil, fmt.Errorf("the file pattern %s cannot be read: close its bracket, or use * and ? only", pattern)
	}
	found = slices.DeleteFunc(found, func(p string) bool {
		info, err := os.Stat(p)
		return err == nil && !info.Mode().IsRegular()
	})
	slices.Sort(found)
	return found, nil
}

// GlobAll is the files of several patterns, sorted, each once.
func GlobAll(patterns []string) ([]string, error) {
	var out []string
	for _, p := range patterns {
		found, err := Glob(p)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Base is the last element of a path of either system.
func Base(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// dated finds YYYY-MM-DD and YYYYMMDD, each with an optional time of day:
// after a T, a hyphen or an underscore, or straight after the digits.
var dated = lazyregexp.New(`(?:^|[^0-9])((\d{4})-(\d{2})-(\d{2})|(\d{4})(\d{2})(\d{2}))(?:[T_-]?(\d{2})[:.-]?(\d{2})(?:[:.-]?(\d{2}))?Z?)?(?:$|[^0-9])`)

// DateIn finds in a file's name the moment that the file stands for: the start
// of the day in loc, or the minute where the name holds one. A name without a
// date, or with two, is an error that says how to name the file, by example.
func DateIn(name, example string, loc *time.Location) (time.Time, error) {
	base := Base(name)
	var found []time.Time
	for rest := base; ; {
		m := dated().FindStringSubmatchIndex(rest)
		if m == nil {
			break
		}
		if t, ok := dateOf(rest, m, loc); ok && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
		rest = rest[m[3]:] // the character after a date may begin another
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return time.Time{}, fmt.Errorf("the name of the file %s holds no date, so the day that it stands for is not known; name it like %s", base, example)
	}
	return time.Time{}, fmt.Errorf("the name of the file %s holds more than one date; leave only the day on which it was exported, as in %s", base, example)
}

// CutDate is what stands in a file's name before and after its last date; ok
// is false where it has none.
func CutDate(name string) (before, after string, ok bool) {
	base := Base(name)
	for at := 0; ; {
		m := dated().FindStringSubmatchIndex(base[at:])
		if m == nil {
			return before, after, ok
		}
		if _, valid := dateOf(base[at:], m, time.UTC); valid {
			end := m[3]
			for _, group := range []int{8, 9, 10} {
				end = max(end, m[2*group+1])
			}
			before, after, ok = base[:at+m[2]], strings.TrimPrefix(base[at+end:], "Z"), true
		}
		at += m[3]
	}
}

// dateOf reads one match; false where it is no date of the calendar.
func dateOf(s string, m []int, loc *time.Location) (time.Time, bool) {
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
