package inventory

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/month"
)

// DateOf is the start, in loc, of the day that a file's name tells, as
// YYYY-MM-DD or YYYYMMDD. The last date in the name counts.
func DateOf(name string, loc *time.Location) (time.Time, error) {
	base := baseName(name)
	for i := len(base); i > 0; i-- {
		if d, n := dateAt(base, i-1); n > 0 {
			day, err := month.ParseDay(d)
			if err != nil {
				return time.Time{}, err
			}
			return day.Start(loc), nil
		}
	}
	return time.Time{}, fmt.Errorf("the file name %q tells no date: name it with the day it was exported, such as software-2026-10-30.csv", base)
}

// HostOf is the host that a file's name tells, for the forms that name none:
// the name without folder, endings, date and a leading software-, hosts- or
// uninstall-. It is empty where nothing is left.
func HostOf(name string) string {
	s := baseName(name)
	for i := len(s) - 1; i >= 0; i-- {
		if _, n := dateAt(s, i); n > 0 {
			s = strings.TrimRight(s[:i], "-_. ") + s[i+n:]
			break
		}
	}
	for {
		ext := filepath.Ext(s)
		switch strings.ToLower(ext) {
		case ".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson", ".reg", ".wmi", ".list", ".gz", ".zst", ".xml", ".log":
			s = s[:len(s)-len(ext)]
			continue
		}
		break
	}
	for _, prefix := range []string{"software", "uninstall", "inventory"} {
		if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) &&
			(len(s) == len(prefix) || strings.IndexByte("-_. ", s[len(prefix)]) >= 0) {
			s = strings.TrimLeft(s[len(prefix):], "-_. ")
			break
		}
	}
	return strings.Trim(s, "-_. ")
}

// baseName is the last element of a path of either system.
func baseName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return name
}

// dateAt tells whether a valid date begins at i, not within a longer number:
// the date as YYYY-MM-DD and how many bytes it takes.
func dateAt(s string, i int) (string, int) {
	if i > 0 && isDigit(s[i-1]) {
		return "", 0
	}
	for _, layout := range []string{time.DateOnly, "20060102"} {
		end := i + len(layout)
		if end > len(s) || end < len(s) && isDigit(s[end]) {
			continue
		}
		if t, err := time.Parse(layout, s[i:end]); err == nil && t.Year() >= 1990 {
			return t.Format(time.DateOnly), len(layout)
		}
	}
	return "", 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
