package rules

import (
	"strings"
	"unicode/utf8"
)

// Glob is a pattern of the rule file: * stands for any run of characters, ?
// for one, everything else for itself, without regard to case.
type Glob struct {
	raw    string
	folded string
	plain  bool // no wildcard
}

// NewGlob compiles a pattern.
func NewGlob(s string) Glob {
	return Glob{s, strings.ToLower(s), !strings.ContainsAny(s, "*?")}
}

func (g Glob) String() string { return g.raw }

// Plain says that the pattern names one thing: it has no wildcard.
func (g Glob) Plain() bool { return g.plain }

// Match says whether the pattern fits the whole of s.
func (g Glob) Match(s string) bool { return g.matchFolded(strings.ToLower(s)) }

// matchFolded is Match for a text already in lower case.
func (g Glob) matchFolded(s string) bool {
	if g.plain {
		return g.folded == s
	}
	p := g.folded
	pi, si, star, mark := 0, 0, -1, 0
	for si < len(s) {
		switch {
		case pi < len(p) && p[pi] == '*':
			star, mark = pi, si
			pi++
			continue
		case pi < len(p) && p[pi] == '?':
			_, n := utf8.DecodeRuneInString(s[si:])
			si += n
			pi++
			continue
		case pi < len(p) && p[pi] == s[si]:
			pi++
			si++
			continue
		}
		if star < 0 {
			return false
		}
		_, n := utf8.DecodeRuneInString(s[mark:])
		mark += n
		pi, si = star+1, mark
	}
	for pi < len(p) && p[pi] == '*' {
		pi++
	}
	return pi == len(p)
}

// Globs is a list of patterns of which any may fit.
type Globs []Glob

// Match says whether any pattern fits.
func (gs Globs) Match(s string) bool { return gs.matchFolded(strings.ToLower(s)) }

func (gs Globs) matchFolded(s string) bool {
	for _, g := range gs {
		if g.matchFolded(s) {
			return true
		}
	}
	return false
}

func globs(list []string) Globs {
	gs := make(Globs, len(list))
	for i, s := range list {
		gs[i] = NewGlob(s)
	}
	return gs
}
