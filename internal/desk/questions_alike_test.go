package desk

import (
	"testing"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// Questions of one kind are decided at once where they take the same answers:
// three hosts whose Windows licence nobody said, apart from three engines of SQL
// Server whose editions nobody said.
func TestQuestionsWithTheSameAnswers(t *testing.T) {
	of := func(kind statement.QuestionKind, answers ...register.Answer) string {
		return sameAnswers(&statement.Question{Kind: kind, Answers: answers})
	}
	windows := of(statement.AskEdition, register.Accepted, "datacenter", "standard")
	if windows != "edition.datacenter.standard" {
		t.Error(windows)
	}
	if sql := of(statement.AskEdition, register.Accepted, "enterprise", "standard"); sql == windows {
		t.Error("SQL Server is decided with Windows Server")
	}
	if of(statement.AskDomain, register.Accepted, "foreign") == of(statement.AskGroup, register.Accepted, "foreign") {
		t.Error("two kinds are decided at once")
	}
}
