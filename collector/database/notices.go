package database

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// notices gathers what was odd, up to a bound for each kind.
type notices struct {
	all   []snapshot.Notice
	count map[string]int
}

const maxNotices = 50

func (n *notices) add(code, subject string, row int, message string) {
	if n.count == nil {
		n.count = map[string]int{}
	}
	if n.count[code]++; n.count[code] <= maxNotices {
		n.all = append(n.all, snapshot.Notice{Code: code, Subject: subject, Message: message, At: snapshot.Evidence{Line: row}})
	}
}

// mark and back forget what a try noted that is made again.
func (n *notices) mark() notices {
	m := notices{all: slices.Clone(n.all), count: map[string]int{}}
	for k, v := range n.count {
		m.count[k] = v
	}
	return m
}

func (n *notices) back(to notices) { *n = to.mark() }

func (n *notices) list(file string) []snapshot.Notice {
	out := slices.Clone(n.all)
	var more []string
	for code, c := range n.count {
		if c > maxNotices {
			more = append(more, code)
		}
	}
	slices.Sort(more)
	for _, code := range more {
		out = append(out, snapshot.Notice{Code: code, Subject: file, Message: fmt.Sprintf("%d more of these are not listed", n.count[code]-maxNotices)})
	}
	for i := range out {
		out[i].At.File = file
	}
	slices.SortStableFunc(out, func(a, b snapshot.Notice) int { return strings.Compare(a.Code, b.Code) })
	return out
}
