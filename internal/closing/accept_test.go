package closing_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/statement"
)

// undecided is the example whose Office Standard has no part number any more,
// which is an error, and without the decision on its print server, which is a
// question; with a second directory that was never read, October has a gap too.
func undecided(t *testing.T) (helper, string) {
	t.Helper()
	dir := example(t)
	for path, cut := range map[string]string{"testdata/rules.yaml": "    part_number: EXAMPLE-OFFSTD\n", "testdata/decisions.csv": ""} {
		path = filepath.Join(dir, path)
		text := string(readAll(t, path))
		if cut == "" {
			_, cut, _ = strings.Cut(text, "\n")
		}
		if put(t, path, strings.Replace(text, cut, "", 1)); cut == "" || string(readAll(t, path)) == text {
			t.Fatalf("%s is as it was", path)
		}
	}
	h := helper{open(t, dir), t}
	other := h.Setup.Config.Directories[0]
	other.Name, other.Domain = "second", "SECOND"
	h.Setup.Config.Directories = append(h.Setup.Config.Directories, other)
	return h, dir
}

// A month is approved when it was closed, was over when it was, and has no gap,
// no question and no error that is open; each is refused by its key, all at once.
func TestApproveRefuses(t *testing.T) {
	h, dir := undecided(t)
	ctx, m := t.Context(), h.month("2026-10")
	_, err := h.Approve(ctx, m, vries(""))
	refused(t, err, "2026-10 cannot be approved", "close it first")
	r := h.must(h.Close(ctx, m))
	_, err = h.Approve(ctx, m, closing.Act{})
	refused(t, err, "nobody is named")
	_, err = h.Approve(ctx, m, vries(""))
	gap, question := r.Statement.Coverage.Gaps[0].Key(), r.Statement.OpenQuestions()[0].Key
	wrong := closing.OpenErrors(r.Statement)
	if len(wrong) == 0 {
		t.Fatal("the month has no error")
	}
	refused(t, err, gap, question, wrong[0].DecisionKey(), "1 gap is open", "1 question is open", "must not go out like this")
	if s, err := h.Status(ctx, m); err != nil || s.State != statement.Draft {
		t.Fatalf("what was refused left %s, %v", s.Shown(), err)
	}

	// Accepted and decided, it is approved; but not where it was closed while it ran.
	var gaps, findings []string
	for i := range r.Statement.Coverage.Gaps {
		gaps = append(gaps, r.Statement.Coverage.Gaps[i].Key())
	}
	for _, f := range wrong {
		findings = append(findings, f.DecisionKey())
	}
	put(t, filepath.Join(dir, "testdata/decisions.csv"), "key,code,tenant,subject,decision,by,reason,until\n"+question+",,,,accepted,C. de Vries,seen,\n")
	h.Setup = open(t, dir).Setup
	other := h.Setup.Config.Directories[0]
	other.Name, other.Domain = "second", "SECOND"
	h.Setup.Config.Directories = append(h.Setup.Config.Directories, other)
	now := h.Now
	h.Now = func() time.Time { return time.Date(2026, 10, 31, 22, 59, 59, 0, time.UTC) } // in Amsterdam a second before midnight
	h.must(h.Close(ctx, m))
	h.must(h.AcceptAll(ctx, m, gaps, findings, vries("known")))
	_, err = h.Approve(ctx, m, vries(""))
	refused(t, err, "was closed before it was over", "close it again on 2026-11-01")
	h.Now = now
	h.must(h.Close(ctx, m))
	h.must(h.Approve(ctx, m, vries("")))
	_, err = h.Approve(ctx, m, smit(""))
	refused(t, err, "cannot be approved again")
}

// What is accepted together is accepted by somebody for a reason, each thing by
// its own key, once, and all of it or nothing.
func TestAcceptAll(t *testing.T) {
	h, _ := undecided(t)
	ctx, m := t.Context(), h.month("2026-10")
	st := h.must(h.Close(ctx, m)).Statement
	gap, finding := st.Coverage.Gaps[0].Key(), closing.OpenErrors(st)[0].DecisionKey()
	_, err := h.AcceptAll(ctx, m, []string{gap}, nil, vries(""))
	refused(t, err, "--reason")
	_, err = h.AcceptAll(ctx, m, nil, nil, vries("known"))
	refused(t, err, "nothing of 2026-10 is to be accepted")
	for _, list := range [][2][]string{{{gap, "gone"}, {finding}}, {{gap}, {finding, "gone"}}, {{finding}, nil}, {nil, {gap}}} {
		_, err = h.AcceptAll(ctx, m, list[0], list[1], vries("known"))
		refused(t, err, "changed meanwhile", "look again")
	}
	if l, err := h.Life(ctx, m); err != nil || len(l.Accepted())+len(l.AcceptedFindings()) > 0 {
		t.Fatalf("what was refused was kept: %v, %v", l.Accepted(), err)
	}
	h.Request = "ticket 7" // is one act's, and here are several
	r := h.must(h.AcceptAll(ctx, m, []string{gap, gap}, []string{finding}, vries("known")))
	h.Request = ""
	if len(r.Life.Accepted()) != 1 || len(r.Life.AcceptedFindings()) != 1 {
		t.Errorf("%v, %v", r.Life.Accepted(), r.Life.AcceptedFindings())
	}
	_, err = h.AcceptAll(ctx, m, []string{gap}, []string{finding}, vries("known"))
	refused(t, err, "all of that was accepted before")

	// By kind or code, of everybody or of one: what is open, and no more.
	c := &statement.Statement{Coverage: statement.Coverage{Gaps: []statement.Gap{
		{Kind: "sessions", Tenant: "a"}, {Kind: "sessions", Tenant: "b"}, {Kind: "sessions", Tenant: "a", Accepted: "x"}, {Kind: "directory", Tenant: "a"}, {Tenant: "a"}}},
		Findings: []statement.Finding{{Code: "one", Tenant: "a"}, {Code: "ONE"}, {Code: "one", Tenant: "a", Accepted: "x"}, {Code: "two", Tenant: "a"}, {Tenant: "a"}}}
	for _, x := range []struct {
		closing.Choice
		gaps, findings int
	}{
		{closing.Choice{}, 0, 0}, {closing.Choice{Tenant: "a"}, 0, 0},
		{closing.Choice{Kind: "sessions"}, 2, 0}, {closing.Choice{Kind: "sessions", Tenant: "a"}, 1, 0},
		{closing.Choice{Code: "One"}, 0, 2}, {closing.Choice{Code: "one", Tenant: "a"}, 0, 1},
	} {
		if g, f := x.Open(c); len(g) != x.gaps || len(f) != x.findings {
			t.Errorf("%+v: %d gaps, %d findings", x.Choice, len(g), len(f))
		}
	}
}
