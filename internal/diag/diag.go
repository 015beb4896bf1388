// Package diag is the noun for what is wrong in a file that a person wrote:
// faults with a place, what is wrong and what to write instead, all of them
// at once. It reads nothing; package strictyaml and package tables find the
// faults.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/safetext"
)

// Fault is one thing that is wrong. It is an error by itself.
type Fault struct {
	File string // as the user would open it
	// Line and Col count from 1, columns in characters. A Col of 0 is a whole
	// line, a Line of 0 the whole file.
	Line, Col int
	What      string // what is wrong, in the user's words
	Instead   string // what to write instead; may be empty
}

// shownMax bounds what one fault shows of a foreign value, in bytes.
const shownMax = 600

// Error is `file:line:col: what is wrong; what to write instead`.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		b.WriteString(":" + strconv.Itoa(f.Line))
		if f.Col > 0 {
			b.WriteString(":" + strconv.Itoa(f.Col))
		}
	}
	b.WriteString(": " + safetext.Clip(f.What, shownMax))
	if f.Instead != "" {
		b.WriteString("; " + safetext.Clip(f.Instead, shownMax))
	}
	return b.String()
}

// Faults are all faults of one reading. Return Err where an error is wanted:
// an empty Faults in an error would not be nil.
type Faults []Fault

// Err is the faults in order, or nil where there are none.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs.Sorted()
}

// Error is one fault a line, in order of file and place.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs.Sorted() {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As each fault.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}

// Sorted is a copy in order of file and place, without repetitions.
func (fs Faults) Sorted() Faults {
	s := slices.Clone(fs)
	slices.SortStableFunc(s, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			strings.Compare(a.What, b.What), strings.Compare(a.Instead, b.Instead))
	})
	return slices.Compact(s)
}

// Split is the fault for a message in the form that our own parsers of single
// values give: what is wrong; what to write instead.
func Split(message string) (what, instead string) {
	if i := strings.LastIndex(message, "; "); i >= 0 {
		return message[:i], message[i+2:]
	}
	return message, ""
}

// Plural is the one or the other word, by number.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// Several is a number of things, in words.
func Several(n int, thing string) string { return fmt.Sprintf("%d %s", n, Plural(n, thing, thing+"s")) }
