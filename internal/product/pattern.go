package product

import (
	"fmt"
	"slices"
	"strings"
)

// A pattern is how an entry writes a display name: words in any case and with
// or without accents, without Microsoft, years, version numbers, bitness and
// the language at the end, which no pattern sees. It fits a whole title.
//
//	a|b          either word
//	wor*         the rest of a word; *rd and w*d likewise
//	*            any words, or none
//	[some words] may be left out
//	{edition}    an edition in any language of the vocabulary
//	{number}     a number
//	{language}   at the end: the title ends in a language's name
//	{culture}    at the end: it ends as Click-to-Run names do, " - nl-nl"
type pattern struct {
	parts    []element
	language bool
	culture  bool
	fixed    int // words that must stand there
	free     int // how often anything may stand
	keys     []string
}

type partKind uint8

const (
	partWord partKind = iota
	partAny
	partEdition
	partNumber
	partOption
)

type element struct {
	kind   partKind
	words  [][]string // alternatives, of a word; each may be several
	option []element
}

// pattern reads one.
func (v *vocabulary) pattern(s string) (*pattern, error) {
	p := &pattern{}
	fields := strings.Fields(s)
	if n := len(fields); n > 0 {
		p.language, p.culture = fields[n-1] == "{language}", fields[n-1] == "{culture}"
		if p.language || p.culture {
			fields = fields[:n-1]
		}
	}
	var option *element
	for _, f := range fields {
		if strings.HasPrefix(f, "[") {
			if option != nil {
				return nil, fmt.Errorf("brackets stand within brackets; close the first")
			}
			option, f = &element{kind: partOption}, f[1:]
		}
		end := strings.HasSuffix(f, "]")
		f = strings.TrimSuffix(f, "]")
		if f != "" {
			more, err := v.word(f)
			if err != nil {
				return nil, err
			}
			if option != nil {
				option.option = append(option.option, more...)
			} else {
				p.parts = append(p.parts, more...)
			}
		}
		if end {
			if option == nil {
				return nil, fmt.Errorf("a bracket is closed that none opened; write [ before the first word that may be left out")
			}
			p.parts, option = append(p.parts, *option), nil
		}
	}
	if option != nil {
		return nil, fmt.Errorf("a bracket is not closed; write ] behind the last word that may be left out")
	}
	for i := range p.parts {
		switch q := &p.parts[i]; q.kind {
		case partWord:
			p.fixed += len(q.words[0])
			if p.keys == nil || len(p.keys) > 1 && len(q.words) == 1 {
				if k := firstWords(q.words); k != nil {
					p.keys = k
				}
			}
		case partAny:
			p.free++
		case partEdition, partNumber:
			p.fixed++
		}
	}
	if p.fixed == 0 {
		return nil, fmt.Errorf("it fits every name; write a word that must stand there")
	}
	return p, nil
}

// word reads a field of a pattern, which may be several words of a title
// (click-to-run), or none, where no pattern sees it.
func (v *vocabulary) word(f string) ([]element, error) {
	switch f {
	case "*":
		return []element{{kind: partAny}}, nil
	case "{edition}":
		return []element{{kind: partEdition}}, nil
	case "{number}":
		return []element{{kind: partNumber}}, nil
	}
	if strings.ContainsAny(f, "{}") {
		return nil, fmt.Errorf("%q is no part of a pattern; write {edition}, {number} or, at the end, {language}", f)
	}
	var words [][]string
	for a := range strings.SplitSeq(f, "|") {
		const star = string(patternStar)
		ws := split(strings.ReplaceAll(a, "*", star))
		for i := range ws {
			ws[i] = strings.ReplaceAll(ws[i], star, "*")
		}
		for _, w := range ws {
			if len(w) == 4 && yearIn(w) != "" {
				return nil, fmt.Errorf("the year %s would never be seen; leave it out, and name years under the key except", w)
			}
		}
		ws = slices.DeleteFunc(ws, func(w string) bool { return v.neutral[w] })
		switch {
		case len(ws) == 0 && strings.Contains(f, "|"):
			continue
		case len(ws) == 0:
			return nil, nil
		}
		words = append(words, ws)
	}
	if len(words) == 0 {
		return nil, nil
	}
	return []element{{kind: partWord, words: words}}, nil
}

// firstWords are the words that alternatives begin with, where none has a star.
func firstWords(words [][]string) (out []string) {
	for _, ws := range words {
		if strings.Contains(ws[0], "*") {
			return nil
		}
		out = append(out, ws[0])
	}
	return out
}

// matching is the state of one comparison.
type matching struct {
	v       *vocabulary
	words   []string
	edition string
	steps   int
}

// maxSteps bounds a comparison; no name needs a hundredth.
const maxSteps = 1 << 14

// match says whether a title fits, and the edition that it names.
func (p *pattern) match(v *vocabulary, t *title) (edition string, ok bool) {
	if p.language && !t.language || p.culture && !t.culture {
		return "", false
	}
	m := matching{v: v, words: t.words}
	if !m.from(p.parts, 0, func(end int) bool { return end == len(m.words) }) {
		return "", false
	}
	return m.edition, true
}

// from tries parts at a place, and what follows them after each way to fit.
func (m *matching) from(parts []element, at int, then func(int) bool) bool {
	if m.steps++; m.steps > maxSteps {
		return false
	}
	if len(parts) == 0 {
		return then(at)
	}
	p, rest := &parts[0], parts[1:]
	switch p.kind {
	case partAny:
		for end := at; end <= len(m.words); end++ {
			if m.from(rest, end, then) {
				return true
			}
		}
		return false
	case partOption:
		return m.from(p.option, at, func(end int) bool { return m.from(rest, end, then) }) || m.from(rest, at, then)
	case partEdition:
		if at >= len(m.words) {
			return false
		}
		list := m.v.editionsAt(m.words[at])
		for i := range list {
			e := &list[i]
			if !e.at(m.words, at) {
				continue
			}
			if m.from(rest, at+len(e.words), then) {
				m.edition = e.edition // of several, the first in the name is set last
				return true
			}
		}
		return false
	}
	if at >= len(m.words) {
		return false
	}
	w := m.words[at]
	if p.kind == partNumber {
		return version(w) && m.from(rest, at+1, then)
	}
	for _, want := range p.words {
		if end := at + len(want); like(want[0], w) && m.sequence(want, at) && m.from(rest, end, then) {
			return true
		}
	}
	return false
}

// sequence says whether several words of a pattern stand at a place.
func (m *matching) sequence(want []string, at int) bool {
	if at+len(want) > len(m.words) {
		return false
	}
	for i, w := range want {
		if !like(w, m.words[at+i]) {
			return false
		}
	}
	return true
}

// like says whether a word of a title is the one of a pattern.
func like(want, have string) bool {
	i := strings.IndexByte(want, '*')
	if i < 0 {
		return want == have || strings.ContainsRune(have, lost) && fits(want, have)
	}
	head, tail := want[:i], want[i+1:]
	return len(have) >= len(head)+len(tail) && strings.HasPrefix(have, head) && strings.HasSuffix(have, tail)
}
