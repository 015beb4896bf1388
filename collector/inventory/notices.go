package inventory

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// notices collects what was lost or odd in one file: at most maxNotices of a
// code one by one, all of them in number, since a file of a million broken
// rows must not become a million findings.
type notices struct {
	file  string
	list  []snapshot.Notice
	count map[string]int
}

func (n *notices) add(code, subject string, line int, format string, args ...any) {
	if n.count == nil {
		n.count = map[string]int{}
	}
	n.count[code]++
	if n.count[code] > maxNotices {
		return
	}
	if subject == "" {
		subject = n.file
	}
	n.list = append(n.list, snapshot.Notice{
		Code: code, Subject: subject, Message: fmt.Sprintf(format, args...),
		At: snapshot.Evidence{File: n.file, Line: line},
	})
}

func (n *notices) damage(line int, format string, args ...any) {
	n.add(CodeDamaged, "", line, format, args...)
}

// seal puts the notices into the reading, and its status.
func (n *notices) seal(r *snapshot.Reading) {
	codes := make([]string, 0, len(n.count))
	for code, c := range n.count {
		if c > maxNotices {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	slices.SortStableFunc(n.list, func(a, b snapshot.Notice) int {
		if a.At.Line != b.At.Line {
			return a.At.Line - b.At.Line
		}
		return strings.Compare(a.Code, b.Code)
	})
	for _, code := range codes {
		n.list = append(n.list, snapshot.Notice{
			Code: code, Subject: n.file,
			Message: fmt.Sprintf("%d more of the same in this file", n.count[code]-maxNotices),
			At:      snapshot.Evidence{File: n.file},
		})
	}
	r.Notes = n.list
	if n.count[CodeDamaged] > 0 {
		r.Status = snapshot.Partial
	}
}
