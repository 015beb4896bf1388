package closing_test

import (
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/register"
)

// A decision answers a question that the month has, with a word that answers it,
// by somebody, for a reason, and for a month that it still holds in: anything else
// is refused, and of a list with one such nothing is written. The same decided
// again is not written twice.
func TestAnswer(t *testing.T) {
	dir := example(t)
	table := filepath.Join(dir, "testdata/decisions.csv")
	head, _, _ := strings.Cut(string(readAll(t, table)), "\n")
	put(t, table, head+"\n")
	h := helper{open(t, dir), t}
	ctx, m := t.Context(), h.month("2026-10")
	good := register.Decision{Key: "QUESTION|machine|PRN-01", By: "C. de Vries", Reason: "counted on HV-01"}
	refuse := func(what, words string, list ...register.Decision) {
		t.Helper()
		_, err := h.Answer(ctx, m, list)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
		if got := string(readAll(t, table)); got != head+"\n" {
			t.Fatalf("%s: the table became\n%s", what, got)
		}
	}
	with := func(change func(*register.Decision)) register.Decision {
		x := good
		change(&x)
		return x
	}
	refuse("before it was counted", "was not counted yet", good)
	r, _, err := h.Report(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Statement.OpenQuestions()) != 1 || len(r.Statement.Findings) == 0 {
		t.Fatalf("%d questions, %d findings", len(r.Statement.OpenQuestions()), len(r.Statement.Findings))
	}
	path := h.Setup.Config.Decisions
	h.Setup.Config.Decisions = ""
	refuse("without a table", "names no table of decisions", good)
	h.Setup.Config.Decisions = path
	refuse("by nobody", "nobody is named", with(func(x *register.Decision) { x.By = " " }))
	refuse("for no reason", "no reason", with(func(x *register.Decision) { x.Reason = "" }))
	refuse("what nobody asks", "has no question and no finding", with(func(x *register.Decision) { x.Key += "x" }))
	refuse("a word that is no answer", "does not answer the question", with(func(x *register.Decision) { x.Decision = "perhaps" }))
	finding := with(func(x *register.Decision) { x.Key = r.Statement.Findings[0].DecisionKey() })
	refuse("a finding with a word", "a finding is accepted or not", with(func(x *register.Decision) { x.Key, x.Decision = finding.Key, "perhaps" }))
	over := with(func(x *register.Decision) {
		if err := x.Until.UnmarshalText([]byte("2026-09-30")); err != nil {
			t.Fatal(err)
		}
	})
	refuse("over before the month", "would be over before the month begins", over)
	refuse("one of two", "would be over before the month begins", good, over)

	last := with(func(x *register.Decision) {
		if err := x.Until.UnmarshalText([]byte("2026-10-01")); err != nil {
			t.Fatal(err)
		}
	})
	got, err := h.Answer(ctx, m, []register.Decision{last, finding})
	if err != nil || len(got) != 2 || got[0].Key != "question|machine|prn-01" || got[0].Decision != register.Accepted {
		t.Fatalf("%+v, %v", got, err)
	}
	written := string(readAll(t, table))
	if strings.Count(written, "\n") != 3 || !strings.HasPrefix(written, head) {
		t.Errorf("the table became\n%s", written)
	}
	again := helper{open(t, dir), t} // with the table as it is now
	if _, err := again.Answer(ctx, m, []register.Decision{last, finding}); err != nil {
		t.Fatal(err)
	}
	if s := string(readAll(t, table)); s != written {
		t.Errorf("the same again made it\n%s", s)
	}
	other := with(func(x *register.Decision) { x.Reason = "seen again" })
	if _, err := again.Answer(ctx, m, []register.Decision{other}); err != nil || strings.Count(string(readAll(t, table)), "\n") != 4 {
		t.Errorf("for another reason: %v", err)
	}
	h.Setup.Config.Decisions = filepath.Join(dir, "gone", "decisions.csv")
	put(t, filepath.Join(dir, "gone"), "x")
	if _, err := h.Answer(ctx, m, []register.Decision{other}); err == nil || !strings.Contains(err.Error(), "write the decision") {
		t.Errorf("where it cannot be written: %v", err)
	}
}
