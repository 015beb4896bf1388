package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// mostAbout is how many of the things that a question is about it lists.
const mostAbout = 50

// ask asks what nobody has placed. Asked again about the same thing, it is one
// question about all that it concerns.
func (e *evaluation) ask(q statement.Question) {
	q.Key = statement.QuestionKey(q.Kind, q.Subject, q.State)
	if len(q.Answers) == 0 {
		q.Answers = []register.Answer{register.Accepted}
	}
	if q.Count == 0 {
		q.Count = len(q.About)
	}
	if i, ok := e.asked[q.Key]; ok {
		have := &e.st.Questions[i]
		have.About = append(have.About, q.About...)
		have.Count += q.Count
		have.Units += q.Units
		return
	}
	if e.asked == nil {
		e.asked = map[string]int{}
	}
	e.asked[q.Key] = len(e.st.Questions)
	e.st.Questions = append(e.st.Questions, q)
}

// answer is what was decided on a thing, for as long as it is what it was: the
// decision's word, or "" where nobody decided, or until a day that has passed.
func (e *evaluation) answer(kind statement.QuestionKind, subject, state string) register.Answer {
	if d := e.decision(statement.QuestionKey(kind, subject, state)); d != nil {
		return d.Decision
	}
	return ""
}

func (e *evaluation) decision(key string) *register.Decision {
	last := e.w.m.LastDay()
	for i := range e.Decisions {
		d := &e.Decisions[i]
		if d.Key != "" && strings.EqualFold(d.Key, key) && (!d.Until.Set || d.Until.Day >= last) {
			return d
		}
	}
	return nil
}

// settleQuestions puts the questions into their order, says what each could cost and
// what was decided on it, and with that whether the month is complete.
func (e *evaluation) settleQuestions() {
	price := map[string]*statement.Line{}
	for i := range e.st.Lines {
		price[e.st.Lines[i].Product] = &e.st.Lines[i]
	}
	for i := range e.st.Questions {
		q := &e.st.Questions[i]
		slices.Sort(q.About)
		q.About = slices.Compact(q.About)
		if len(q.About) > mostAbout {
			q.About = slices.Clone(q.About[:mostAbout])
		}
		if l := price[q.Product]; l != nil && q.Units > 0 && l.UnitPrice != "" {
			if p, err := decimal.NewFromString(l.UnitPrice); err == nil {
				q.Amount, q.Currency = p.Mul(decimal.NewFromInt(int64(q.Units))).StringFixed(2), l.Currency
			}
		}
		switch d := e.decision(q.Key); {
		case d == nil:
		case answers(d, q):
			q.Answer, q.Decided = d.Decision, fmt.Sprintf("%s: %s", d.By, d.Reason)
		default:
			q.Action = fmt.Sprintf("the decision of %s says %s, which does not answer it: write one of %s", d.By, d.Decision, diag.Listed(q.Answers))
		}
	}
	worth := func(q *statement.Question) decimal.Decimal {
		d, _ := decimal.NewFromString(cmp.Or(q.Amount, "0"))
		return d
	}
	slices.SortStableFunc(e.st.Questions, func(a, b statement.Question) int {
		return cmp.Or(worth(&b).Cmp(worth(&a)), cmp.Compare(b.Units, a.Units), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Key, b.Key))
	})
	if e.st.Questions == nil {
		e.st.Questions = []statement.Question{}
	}
	e.st.Status = statement.Complete
	if e.incomplete() {
		e.st.Status = statement.Incomplete
	}
}

// incomplete says that a gap or an open question stands in the month so far.
func (e *evaluation) incomplete() bool {
	if len(e.st.Coverage.Gaps) > 0 {
		return true
	}
	for i := range e.st.Questions {
		if d := e.decision(e.st.Questions[i].Key); d == nil || !answers(d, &e.st.Questions[i]) {
			return true
		}
	}
	return false
}

// answers says whether a decision answers a question: by a word that it names,
// or by accepting what was counted.
func answers(d *register.Decision, q *statement.Question) bool {
	return d.Decision == register.Accepted || slices.Contains(q.Answers, d.Decision)
}
