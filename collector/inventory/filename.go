package inventory

import (
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/paths"
)

// DateOf is the moment that an inventory stands for, by its file's name.
func DateOf(name string, loc *time.Location) (time.Time, error) {
	return paths.DateIn(name, "software-2026-10-30.csv", loc)
}

// HostOf is the host that a file's name tells, for the forms that name none:
// the name without folder, endings, date and a leading software-, hosts- or
// uninstall-. It is empty where nothing is left.
func HostOf(name string) string {
	s := paths.Base(name)
	if before, after, ok := paths.CutDate(name); ok {
		s = strings.TrimRight(before, "-_. ") + after
	}
	for {
		ext := filepath.Ext(s)
		switch strings.ToLower(ext) {
		case ".csv", ".txt", ".tsv", ".json", ".jsonl", ".ndjson", ".reg", ".wmi", ".list", ".gz", ".zst", ".xml", ".log", ".xlsx", ".xlsm", ".zip":
			s = s[:len(s)-len(ext)]
			continue
		}
		break
	}
	for _, prefix := range []string{"software", "uninstall", "inventory", "programs", "ospp", "dstatus", "winget", "choco", "chocolatey"} {
		if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) &&
			(len(s) == len(prefix) || strings.IndexByte("-_. ", s[len(prefix)]) >= 0) {
			s = strings.TrimLeft(s[len(prefix):], "-_. ")
			break
		}
	}
	return strings.Trim(s, "-_. ")
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
