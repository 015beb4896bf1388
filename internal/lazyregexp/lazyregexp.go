// Package lazyregexp holds regular expressions until somebody asks for them. Most of
// those that the program knows are for one source or one answer, and to prepare
// all of them took a tenth of the time in which it starts.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New is a regular expression that is prepared when it is first asked for. It is
// one of the program's own, written out where it is named; a test prepares each.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
