package rules

import (
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// A question that nobody decided leaves the month incomplete; a decision by its
// key settles it until its day has passed, and no longer when the thing is
// another than it was.
func TestQuestionsAndDecisions(t *testing.T) {
	until := func(y, m, d int) month.OptionalDay {
		return month.OptionalDay{Day: month.Date(y, time.Month(m), d), Set: true}
	}
	for _, c := range []struct {
		name   string
		by     []register.Decision
		status statement.Status
		answer register.Answer
	}{
		{"nobody", nil, statement.Incomplete, ""},
		{"somebody", []register.Decision{{Key: "question|edition|sql01|standard, enterprise", Decision: register.Accepted, By: "A", Reason: "r"}}, statement.Complete, register.Accepted},
		{"in other letters", []register.Decision{{Key: "QUESTION|edition|SQL01|Standard, Enterprise", Decision: register.Accepted, By: "A", Reason: "r"}}, statement.Complete, register.Accepted},
		{"of another state", []register.Decision{{Key: "question|edition|sql01|standard, web", Decision: register.Accepted, By: "A", Reason: "r"}}, statement.Incomplete, ""},
		{"with a word that answers something else", []register.Decision{{Key: "question|edition|sql01|standard, enterprise", Decision: register.Foreign}}, statement.Incomplete, ""},
		{"until the month's last day", []register.Decision{{Key: "question|edition|sql01|standard, enterprise", Decision: register.Free, Until: until(2026, 10, 31)}}, statement.Complete, register.Free},
		{"until the day before", []register.Decision{{Key: "question|edition|sql01|standard, enterprise", Decision: register.Free, Until: until(2026, 10, 30)}}, statement.Incomplete, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := &evaluation{Input: &Input{Decisions: c.by}, st: &statement.Statement{}, w: &world{m: month.New(2026, 10, amsterdam(t))}}
			e.st.Lines = []statement.Line{{Product: "sql", UnitPrice: "12.50", Currency: "EUR"}}
			for _, host := range []string{"b", "a", "b"} {
				e.ask(statement.Question{Kind: statement.AskEdition, Subject: "SQL01", State: "Standard,  Enterprise", Product: "sql", Units: 2, About: []string{host}, Answers: []register.Answer{register.Free}})
			}
			e.settleQuestions()
			if len(e.st.Questions) != 1 {
				t.Fatalf("%+v", e.st.Questions)
			}
			q := &e.st.Questions[0]
			if e.st.Status != c.status || q.Answer != c.answer || q.Amount != "75.00" || len(q.About) != 2 || q.About[0] != "a" {
				t.Errorf("%s %+v", e.st.Status, q)
			}
		})
	}
}
