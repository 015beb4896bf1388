package statement

import (
	"splameter/internal/register"
	"strings"
)

// QuestionKind is what sort of thing a question is about.
type QuestionKind string

// The kinds of questions, in the order in which they are shown where nothing
// else tells them apart.
const (
	AskDomain  QuestionKind = "domain"  // accounts or members of a domain that is not configured
	AskGroup   QuestionKind = "group"   // a group that looks as though it gave a licence and that no rule names
	AskMember  QuestionKind = "member"  // members of a group that gives access, whom no reading knows; or accounts of which none tells the groups
	AskUnit    QuestionKind = "unit"    // an organizational unit, or a tenant without one
	AskPerson  QuestionKind = "person"  // accounts that may be one person, or may not
	AskHost    QuestionKind = "host"    // a session host that nobody placed
	AskMachine QuestionKind = "machine" // a server of which processors, cores or parent are not known
	AskEdition QuestionKind = "edition" // an engine or system whose edition is not known, or told in two ways
	AskEngine  QuestionKind = "engine"  // a server engine on a machine that the hosts table knows nothing of
	AskTitle   QuestionKind = "title"   // a program that neither catalog nor rules place
	AskLog     QuestionKind = "log"     // what a log holds cannot be placed
	AskEntry   QuestionKind = "entry"   // an entry of a table that takes away without showing why
	AskDrop    QuestionKind = "drop"    // one cause that takes away much of a line
)

// Question is something met that nobody has placed yet. It was counted the
// dearer way meanwhile, and leaves the month incomplete until a person decides.
type Question struct {
	// Key names the question in decisions; it stays the same from month to
	// month for as long as the thing stays what it is.
	Key     string       `json:"key"`
	Kind    QuestionKind `json:"kind"`
	Subject string       `json:"subject"` // the domain, the title, the group, the machine
	// State is what the thing is now where that is a part of the question, such
	// as two editions that disagree: when it changes, the question comes back.
	State    string   `json:"state,omitempty"`
	Tenant   string   `json:"tenant,omitempty"`
	Product  string   `json:"product,omitempty"`
	About    []string `json:"about,omitempty"` // the hosts, accounts or groups concerned: sorted, the first of them
	Count    int      `json:"count,omitempty"` // how many there are of those
	Units    int      `json:"units,omitempty"` // how many licences it could cost at most; 0: not known
	Amount   string   `json:"amount,omitempty"`
	Currency string   `json:"currency,omitempty"`
	Assumed  string   `json:"assumed,omitempty"` // what was counted meanwhile
	Message  string   `json:"message"`
	Action   string   `json:"action"`
	// Answers are the decisions that would settle it, the usual one first.
	Answers []register.Answer `json:"answers,omitempty"`
	Answer  register.Answer   `json:"answer,omitempty"`  // what was decided; empty: open
	Decided string            `json:"decided,omitempty"` // by whom, and why
}

// QuestionKey is the key of the question about a thing as it is.
func QuestionKey(kind QuestionKind, subject, state string) string {
	k := "question|" + string(kind) + "|" + strings.ToLower(strings.Join(strings.Fields(subject), " "))
	if state != "" {
		k += "|" + strings.ToLower(strings.Join(strings.Fields(state), " "))
	}
	return k
}

// Open says that nobody has decided on the question.
func (q *Question) Open() bool { return q.Answer == "" }

// OpenQuestions are the questions that nobody decided.
func (s *Statement) OpenQuestions() []*Question {
	var out []*Question
	for i := range s.Questions {
		if s.Questions[i].Open() {
			out = append(out, &s.Questions[i])
		}
	}
	return out
}
