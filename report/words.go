package report

import (
	"cmp"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// Words are the words of the workbooks in one language, for whoever shows the
// same things elsewhere.
type Words struct{ l *labels }

// WordsIn are the words in a language: Dutch for nl, else English.
func WordsIn(language string) Words { return Words{labelsFor(strings.ToLower(language))} }

// Month is October 2026.
func (w Words) Month(m month.Month) string { return w.l.monthName(m) }

// Unit is how a product's unit is told to people.
func (w Words) Unit(unit statement.Unit) string { return w.l.unitText(unit) }

// CoverageKind is of which kind a source is, or a gap of it.
func (w Words) CoverageKind(kind statement.CoverageKind) string { return word(w.l.review.kinds, kind) }

// Ground is an exclusion's ground.
func (w Words) Ground(ground register.Ground) string { return w.l.groundText(ground) }

// Cause is why something is counted otherwise than in the month before, of
// what was taken away or of what was added.
func (w Words) Cause(c statement.Cause, removed bool) string { return w.l.causeText(c, removed) }

// Severity is a finding's.
func (w Words) Severity(s statement.Severity) string { return word(w.l.review.severities, s) }

// QuestionKind is what a question is about.
func (w Words) QuestionKind(k statement.QuestionKind) string {
	return word(w.l.review.questionKinds, k)
}

// Unassigned are persons of no customer.
func (w Words) Unassigned() string { return w.l.review.unassigned }

// Shared are machines of no customer.
func (w Words) Shared() string { return w.l.review.shared }

// word is what a table of words calls something; else its own name.
func word[K ~string](words map[K]string, k K) string { return cmp.Or(words[k], string(k)) }
