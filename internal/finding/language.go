package finding

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"splameter/internal/lazyregexp"
)

// dutch holds the sentences of codes.csv and of the rules in pairs of lines:
// as the program says it, with the verbs by which it is made, and in Dutch,
// where a verb stands for the same part or, as %[2]s, for the one of that
// number. So a statement says each thing once, in English, also one that was
// sealed years ago, and is read in another language.
//
//go:embed dutch.txt
var dutch string

// sentence is one of them, taken apart at its verbs.
type sentence struct {
	english, dutch string
	parts          []string // what stands between the verbs; one more than there are
	weight         int      // how much of it is fixed: of two that fit, the heavier is meant
}

var verb = lazyregexp.New(`%(?:\[(\d+)\])?[-+#0-9]*[a-zA-Z]`)

var sentences = sync.OnceValues(func() (map[string]string, map[string][]*sentence) {
	list, _ := pairs(dutch) // a test tells its faults
	exact, by := map[string]string{}, map[string][]*sentence{}
	for i := range list {
		s := &list[i]
		if len(s.parts) == 1 {
			exact[s.english] = s.dutch
			continue
		}
		first := firstWord(s.parts[0])
		by[first] = append(by[first], s)
	}
	for _, all := range by {
		slices.SortStableFunc(all, func(a, b *sentence) int { return b.weight - a.weight })
	}
	return exact, by
})

// pairs reads the table: every pair that can be used, and what is wrong with
// the others. Of two pairs of one sentence the first counts.
func pairs(text string) (out []sentence, faults []error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	seen := map[string]int{}
	for i := 0; i+1 < len(lines); i += 2 {
		s := sentence{english: lines[i], dutch: lines[i+1], parts: verb().Split(lines[i], -1)}
		for j, p := range s.parts {
			s.parts[j] = strings.ReplaceAll(p, "%%", "%")
			s.weight += len(p)
		}
		switch first := seen[s.english]; {
		case s.english == "" || s.dutch == "" || s.weight == 0:
			faults = append(faults, fmt.Errorf("line %d: %q lacks a language, or has nothing that is fixed", i+1, s.english))
		case first > 0:
			faults = append(faults, fmt.Errorf("line %d: %q stands there twice, on line %d too", i+1, s.english, first))
		case s.asksFor() >= len(s.parts):
			faults = append(faults, fmt.Errorf("line %d: %q has a part that %q has not", i+2, s.dutch, s.english))
		default:
			seen[s.english] = i + 1
			out = append(out, s)
		}
	}
	if len(lines)%2 != 0 {
		faults = append(faults, fmt.Errorf("line %d: the last sentence, %q, has no other language", len(lines), lines[len(lines)-1]))
	}
	return out, faults
}

// asksFor is the highest number of a part that the Dutch stands for.
func (x *sentence) asksFor() (highest int) {
	next := 0
	for _, v := range verb().FindAllStringSubmatch(strings.ReplaceAll(x.dutch, "%%", ""), -1) {
		next++
		at := next
		if v[1] != "" {
			at, _ = strconv.Atoi(v[1])
		}
		highest = max(highest, at)
	}
	return highest
}

// firstWord is by what a sentence is looked up: its first word, where that is
// fixed.
func firstWord(s string) string {
	word, _, whole := strings.Cut(s, " ")
	if !whole {
		return ""
	}
	return word
}

// In is a sentence of the rules in a language. One that the table does not
// have, such as what a source itself said, stays as it is.
func In(language, s string) string {
	if language != "nl" || s == "" {
		return s
	}
	return inDutch(s, 3)
}

// What stands in the parts of sentences and is no sentence: days from one to
// another, and the first of many things.
var (
	days     = lazyregexp.New(`^(\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)$`)
	someMore = lazyregexp.New(`^(.*), and (\d+) more$`)
)

// inDutch translates a sentence, and what stands in its parts: a reason may be
// a sentence too.
func inDutch(s string, deep int) string {
	exact, by := sentences()
	if d, ok := exact[s]; ok {
		return d
	}
	if deep == 0 {
		return s
	}
	if m := days().FindStringSubmatch(s); m != nil {
		return m[1] + " t/m " + m[2]
	}
	if m := someMore().FindStringSubmatch(s); m != nil {
		return m[1] + " en nog " + m[2]
	}
	for _, first := range []string{firstWord(s), ""} {
		for _, x := range by[first] {
			if found, ok := x.match(s); ok {
				for i := range found {
					found[i] = inDutch(found[i], deep-1)
				}
				return x.fill(found)
			}
		}
	}
	return s
}

// match says what stands for the verbs in a text, each as short as can be.
func (x *sentence) match(s string) ([]string, bool) {
	last := len(x.parts) - 1
	rest, ok := strings.CutPrefix(s, x.parts[0])
	if !ok || !strings.HasSuffix(rest, x.parts[last]) {
		return nil, false
	}
	rest = strings.TrimSuffix(rest, x.parts[last])
	var found []string
	for _, p := range x.parts[1:last] {
		at := strings.Index(rest, p)
		if at < 0 || p == "" {
			return nil, false
		}
		found, rest = append(found, rest[:at]), rest[at+len(p):]
	}
	return append(found, rest), true
}

// fill puts the parts into the Dutch sentence.
func (x *sentence) fill(found []string) string {
	next := 0
	const mark = "\x00"
	text := verb().ReplaceAllStringFunc(strings.ReplaceAll(x.dutch, "%%", mark), func(v string) string {
		next++
		at := next
		if m := verb().FindStringSubmatch(v); m[1] != "" {
			at, _ = strconv.Atoi(m[1])
		}
		return found[at-1]
	})
	return strings.ReplaceAll(text, mark, "%")
}
