package tables

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// heading is a column of a file that somebody else's program made, with the
// headings under which such files are known to have it, folded to letters and
// digits.
type heading struct {
	name   string
	needed bool
	also   []string
}

// foldHeading is a heading without case, blanks and signs.
func foldHeading(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// placeHeadings finds columns in a row that may be the header; given says which
// heading one has where that is none of the known. double tells of two headings
// that may be one column.
func placeHeadings(r gridRow, columns []heading, given map[string]string) (at map[string]int, double string) {
	at = map[string]int{}
	for _, c := range columns {
		var found []int
		exact := -1
		for i, h := range r.cells {
			f := foldHeading(h)
			if heading, ok := given[c.name]; ok {
				if strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(heading)) {
					found = append(found, i)
				}
				continue
			}
			switch {
			case f == "":
			case f == foldHeading(c.name) && exact < 0:
				exact = i
			case slices.Contains(c.also, f):
				found = append(found, i)
			}
		}
		switch {
		case exact >= 0:
			at[c.name] = exact
		case len(found) > 0:
			at[c.name] = found[0]
			if len(found) > 1 {
				double = fmt.Sprintf("both %s and %s may be the %s", show(r.cells[found[0]]), show(r.cells[found[1]]), strings.ReplaceAll(c.name, "_", " "))
			}
		}
	}
	return at, double
}
