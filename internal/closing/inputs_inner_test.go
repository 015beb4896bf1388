package closing

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// What is about to be sealed is read and counted again: without facts, or with a
// statement that they do not give, nothing is sealed.
func TestProve(t *testing.T) {
	p, err := evidence.Open(t.Context(), filepath.Join("testdata/first-format", "evidence-2026-09.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	in, err := read(p)
	if err != nil {
		t.Fatal(err)
	}
	var acts []statement.Act
	if err := readJSON(p, actsMember, &acts); err != nil {
		t.Fatal(err)
	}
	l := LifeOf(p.Manifest.Month, acts)
	st, err := in.evaluate(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	sum := func() string {
		t.Helper()
		s, err := statementDigest(st)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole := sum()
	if again, err := in.prove(t.Context(), l, whole); err != nil || quantitiesDigest(again) != quantitiesDigest(st) {
		t.Errorf("as it is: %v", err)
	}
	st.Lines[0].Quantity--
	if _, err := in.prove(t.Context(), l, sum()); err == nil || !strings.Contains(err.Error(), "counts otherwise than the store; nothing was sealed") {
		t.Errorf("one less: %v", err)
	}
	in.members = slices.DeleteFunc(in.members, func(x evidence.Member) bool { return x.Name == factsMember })
	if _, err := in.prove(t.Context(), l, whole); err == nil || !strings.Contains(err.Error(), "there are no sealed facts") {
		t.Errorf("without facts: %v", err)
	}
}

// What was never sealed is not opened, whatever lies in its place: also where
// earlier programs gave it the digest that retention left of the revision before.
func TestNeverSealed(t *testing.T) {
	d := &Desk{Setup: &monthend.Setup{Config: &config.Config{Output: "testdata"}}}
	for name, open := range map[string]func() (*inputs, error){
		"sealed":       func() (*inputs, error) { return d.sealed(t.Context(), "2026-09", 1, nil) },
		"sealedInputs": func() (*inputs, error) { return d.sealedInputs(t.Context(), "2026-09", 1, nil) },
		"sealedParts":  func() (*inputs, error) { return d.sealedParts(t.Context(), "2026-09", 1, nil) },
	} {
		if in, err := open(); in != nil || err == nil || !strings.Contains(err.Error(), "revision 1 of 2026-09 was never sealed") {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := LifeOf("2026-09", []statement.Act{
		{Action: statement.ActClose, Manifest: "a"}, {Action: statement.ActApprove}, {Action: statement.ActSubmit}, {Action: statement.ActSeal, Manifest: "b"},
		{Action: statement.ActAmend, Revision: 1}, {Action: statement.ActRetain, Revision: 1, Manifest: "c"},
	})
	if first := l.sealOf(0); first == nil || first.Manifest != "b" || l.sealOf(1) != nil {
		t.Errorf("%+v, %+v", first, l.sealOf(1))
	}
}

// Every question may be accepted as it is; another word must be one of its own.
func TestAnswersOfAQuestion(t *testing.T) {
	m, err := month.Parse("2026-10", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	st := &statement.Statement{Questions: []statement.Question{{Key: "edition|sql-01", Answers: []register.Answer{"standard", "enterprise"}}}}
	for word, right := range map[register.Answer]bool{register.Accepted: true, "standard": true, "enterprise": true, "web": false} {
		x := register.Decision{Key: "EDITION|SQL-01", Decision: word}
		if err := answers(st, m, &x); (err == nil) != right || right && x.Key != "edition|sql-01" {
			t.Errorf("%s: %v, %s", word, err, x.Key)
		}
	}
}

// The first decision makes the table that the config names, and says where it
// cannot; where none is named there is none.
func TestMakeTable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "decisions.csv")
	for _, x := range []struct {
		path string
		err  bool
	}{{"", false}, {path, false}, {path, false}, {filepath.Join(path, "decisions.csv"), true}} {
		if err := MakeTable(&config.Config{Decisions: x.path}); (err != nil) != x.err {
			t.Errorf("%q: %v", x.path, err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(b), "key,") {
		t.Errorf("%s, %v", b, err)
	}
}
