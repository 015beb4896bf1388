package desk

import (
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/statement"
)

// broken is the example without one reading of its directory, and without its
// decision: a gap and a question.
func broken(path string, b []byte) []byte {
	switch {
	case path == "testdata/decisions.csv":
		head, _, _ := strings.Cut(string(b), "\n")
		return []byte(head + "\n")
	case strings.HasPrefix(path, "testdata/directory/2026-10-14"):
		return nil
	}
	return b
}

func (w *world) life() *closing.Life {
	w.t.Helper()
	acts, err := w.st.Acts(w.t.Context(), "2026-10")
	if err != nil {
		w.t.Fatal(err)
	}
	return closing.LifeOf("2026-10", acts)
}

// did are the acts of October but for seals: what, by whom, under which account.
func (w *world) did() (out []string) {
	for _, a := range w.life().Acts {
		if a.Action != statement.ActSeal {
			out = append(out, strings.TrimSpace(string(a.Action)+" "+a.By+" "+a.Account))
		}
	}
	return out
}

// A month with a gap and a question goes from draft to submitted and amended,
// without script; what is wrong is told and keeps nothing.
func TestMonthToTheEnd(t *testing.T) { monthToTheEnd(t, broken) }

// monthToTheEnd is that walk on the example with changes to its files.
func monthToTheEnd(t *testing.T, change func(path string, b []byte) []byte) {
	w := newWorld(t, change)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	if _, body := b.get(october); !strings.Contains(body, "1 gap") || !strings.Contains(body, "1 question") {
		t.Fatal("the month shows no gap and no question")
	}

	// Approving is refused, by name, and nothing is kept.
	_, body := b.get(october + "/do/approve")
	shows(t, body, "It will be refused")
	status, body := b.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	if status != http.StatusConflict {
		t.Errorf("approving an incomplete month answers %d", status)
	}
	shows(t, body, "1 gap is open", "C. de Vries")

	// The gap, without a reason and with one.
	_, body = b.get(october + "/questions")
	accept := linkOf(t, body, "/do/accept-gap?")
	_, body = b.get(accept)
	form := fill(body, "by", "C. de Vries", "reason", " ")
	if status, _ := b.post(pathOf(accept), form); status != http.StatusUnprocessableEntity {
		t.Errorf("a gap accepted without a reason answers %d", status)
	}
	form.Set("reason", "controller was being replaced")
	status, body = b.post(pathOf(accept), form)
	shows(t, body, "Done.")
	if status != 200 {
		t.Errorf("accepting the gap answers %d", status)
	}

	// The question: its row is added to the table, the rest stays.
	_, body = b.get(october + "/questions")
	decide := linkOf(t, body, "/do/decide?of")
	_, body = b.get(decide)
	table := filepath.Join(w.dir, "testdata", "decisions.csv")
	before, _ := os.ReadFile(table)
	status, body = b.post(pathOf(decide), fill(body, "by", "C. de Vries", "reason", "printer only", "answer", "accepted"))
	shows(t, body, "Done.")
	after, _ := os.ReadFile(table)
	if status != 200 || !strings.HasPrefix(string(after), string(before)) || strings.Count(string(after), "\n") != strings.Count(string(before), "\n")+1 {
		t.Errorf("deciding answers %d and made\n%s of\n%s", status, after, before)
	}
	_, body = b.get(october + "/questions")
	shows(t, body, "1 question decided since", "counts when the month is counted again")
	hides(t, body, "/do/decide?of")
	_, body = b.get(october + "/do/report")
	_, body = b.post(october+"/do/report", fill(body))
	shows(t, body, "Done.", "October 2026: draft")
	if _, body = b.get(october); !strings.Contains(body, "0 questions") || !strings.Contains(body, "0 gaps") {
		t.Error("the month still has something open")
	}

	// Signed.
	_, body = b.get(october + "/do/approve")
	hides(t, body, "It will be refused")
	_, body = b.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	shows(t, body, "October 2026: approved")

	// The portal: one number typed wrong, then right.
	_, body = b.get(october + "/do/submit")
	form = fill(body, "by", "J. Smit", "reference", "PO-4711")
	for _, m := range regexp.MustCompile(`<td class="r">([0-9]+)</td><td><input name="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		form.Set(m[2], m[1])
	}
	right := form.Get("part:6WC-00002")
	form.Set("part:6WC-00002", "2")
	status, body = b.post(october+"/do/submit", form)
	if status != http.StatusUnprocessableEntity || strings.Count(body, "<strong class=\"bad\">differs") != 1 {
		t.Errorf("a wrong number in the portal answers %d", status)
	}
	form.Set("part:6WC-00002", right)
	_, body = b.post(october+"/do/submit", form)
	shows(t, body, "October 2026: submitted")

	// A form that is sent twice is done once.
	_, body = b.get(october + "/do/amend")
	form = fill(body, "by", "C. de Vries", "reason", "late log")
	b.post(october+"/do/amend", form)
	if status, _ = b.post(october+"/do/amend", form); status != 200 {
		t.Errorf("the same form again answers %d", status)
	}
	want := []string{"close  root", "accept-gap C. de Vries desk-a", "close  desk-a", "approve C. de Vries desk-a", "submit J. Smit desk-a", "amend C. de Vries desk-a"}
	if got := w.did(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the acts are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if l := w.life(); l.Revision != 1 || len(l.Submission.Quantities) == 0 || l.Submission.Reference != "PO-4711" {
		t.Errorf("revision %d, submission %+v", l.Revision, l.Submission)
	}
	if status, _ = b.get("/m/2026-10/r1"); status != 200 {
		t.Errorf("the new revision answers %d", status)
	}
	// The revision says what differs from the one that was submitted.
	_, body = b.get("/m/2026-10/r1/do/close")
	b.post("/m/2026-10/r1/do/close", fill(body))
	_, body = b.get("/m/2026-10/r1/do/correct?of=tuinderij")
	b.post("/m/2026-10/r1/do/correct", fill(body, "by", "C", "reason", "twins", "tenant", "tuinderij", "product", "rds", "quantity", "-1", "code", "counted-twice"))
	_, body = b.get("/m/2026-10/r1")
	shows(t, body, "Against revision 0", "late log", `<td class="r">20</td><td class="r">19</td>`)
	if status, _ = b.get(october + "/do/approve"); status != http.StatusConflict {
		t.Errorf("an act on the old revision answers %d", status)
	}
}

// An act that was kept before the program was stopped shows as such, and the
// next act finishes it first.
func TestStoppedInAnAct(t *testing.T) {
	w := newWorld(t, nil)
	l := w.life()
	act := statement.Act{Month: "2026-10", Seq: len(l.Acts) + 1, Action: statement.ActApprove, By: "C. de Vries", Account: "desk-a", At: w.clock().UTC()}
	if err := w.st.Record(t.Context(), []statement.Act{act}, nil, false); err != nil {
		t.Fatal(err)
	}
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october)
	shows(t, body, "stopped in the middle of an act")
	_, body = b.get(october + "/do/submit")
	_, body = b.post(october+"/do/submit", fill(body, "by", "J. Smit"))
	shows(t, body, "October 2026: submitted")
	if l := w.life(); l.Pending || l.State != statement.Submitted {
		t.Errorf("the month is %s", l.Shown())
	}
}

// A table's row changes after its difference was shown; the rest of the file
// stays, and who and why is kept. What the program would refuse is not written.
func TestRegister(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	file := filepath.Join(w.dir, "testdata", "exclusions.csv")
	before, _ := os.ReadFile(file)
	lines := strings.SplitAfter(string(before), "\n")
	columns := strings.Split(strings.TrimSpace(lines[0]), ",")
	until := "c:"
	for i, c := range columns {
		if c == "until" {
			until += string(rune('0' + i))
			if i > 9 {
				t.Fatal("more columns than this test counts")
			}
		}
	}
	const page = "/registers/exclusions/edit"
	_, body := b.get(page + "?row=0")
	form := fill(body)
	for _, m := range regexp.MustCompile(`<input name="(c:[0-9]+)" value="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	form.Set(until, "no day")
	status, body := b.post(page, form)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("a fault answers %d", status)
	}
	shows(t, body, "would refuse", "exclusions.csv:2")

	form.Set(until, "2027-12-31")
	status, body = b.post(page, form)
	if status != 200 {
		t.Errorf("the difference answers %d", status)
	}
	shows(t, body, "What changes in the file", "2027-12-31", "<del>", "<ins>")
	if now, _ := os.ReadFile(file); string(now) != string(before) {
		t.Error("the file was changed before anybody said so")
	}
	sure := fill(body, "by", "C. de Vries", "reason", "contract renewed")

	// Somebody writes into the file meanwhile.
	other := strings.Replace(string(before), lines[len(lines)-2], lines[len(lines)-2]+"", 1)
	if err := os.WriteFile(file, []byte(other+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, body = b.post(page, sure)
	if status != http.StatusConflict {
		t.Errorf("a file changed meanwhile answers %d", status)
	}
	sure = fill(body, "by", "C. de Vries", "reason", "contract renewed")
	status, body = b.post(page, sure)
	if status != 200 {
		t.Errorf("writing answers %d", status)
	}
	shows(t, body, "contract renewed", "C. de Vries")
	now, _ := os.ReadFile(file)
	got := strings.SplitAfter(string(now), "\n")
	for i := range lines {
		if i != 1 && i < len(lines)-1 && got[i] != lines[i] {
			t.Errorf("line %d became %q", i+1, got[i])
		}
	}
	if !strings.Contains(got[1], "2027-12-31") {
		t.Errorf("line 2 is %q", got[1])
	}
	// Sent again it is the same act.
	b.post(page, sure)
	log, _ := os.ReadFile(filepath.Join(w.dir, "table-changes.csv"))
	if n := strings.Count(string(log), "contract renewed"); n != 1 {
		t.Errorf("the change is kept %d times", n)
	}
	if again, _ := os.ReadFile(file); string(again) != string(now) {
		t.Error("the same form wrote twice")
	}
}

// Drafts lie in the mail folder, and what a customer answered is kept with the
// month; nothing is sent where no mail server is named.
func TestDelivery(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/do/drafts")
	shows(t, body, "5 mails", "administratie@tuinderij.example")
	_, body = b.post(october+"/do/drafts", fill(body))
	shows(t, body, "Done.")
	if _, err := os.Stat(filepath.Join(w.dir, "out", "2026-10", "mail", "tuinderij-2026-10.eml")); err != nil {
		t.Error(err)
	}
	_, body = b.get(october + "/do/approve")
	b.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	if status, _ := b.get(october + "/do/send?of=tuinderij"); status != http.StatusConflict {
		t.Errorf("sending without a mail server answers %d", status)
	}
	_, body = b.get(october + "/do/confirm?of=tuinderij")
	_, body = b.post(october+"/do/confirm", fill(body, "by", "C. de Vries", "reason", "by telephone"))
	shows(t, body, "Done.")
	_, body = b.get(october + "/customers")
	shows(t, body, "confirmed")
	_, body = b.get(october + "/c/tuinderij")
	shows(t, body, "by telephone")
}

// An approval is taken back, and so is a revision; a revision begun again shows
// nothing of the one that was withdrawn.
func TestUndo(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	do := func(path string, more ...string) string {
		t.Helper()
		status, body := b.get(path)
		if status != 200 {
			t.Fatalf("%s answers %d", path, status)
		}
		_, body = b.post(path, fill(body, append([]string{"by", "C. de Vries"}, more...)...))
		return body
	}
	do(october + "/do/approve")
	shows(t, do(october+"/do/reopen", "reason", "too early"), "October 2026: draft")
	shows(t, do(october+"/do/approve"), "October 2026: approved")
	shows(t, do(october+"/do/submit"), "October 2026: submitted")
	if status, _ := b.get(october + "/do/reopen"); status != http.StatusConflict {
		t.Errorf("reopening what was submitted answers %d", status)
	}
	do(october+"/do/amend", "reason", "late log")
	const r1 = "/m/2026-10/r1"
	do(r1 + "/do/close")
	do(r1+"/do/correct", "reason", "twins", "tenant", "tuinderij", "product", "rds", "quantity", "-1", "code", "counted-twice")
	shows(t, do(r1+"/do/withdraw", "reason", "wrong log"), "October 2026: submitted")
	_, body := b.get(october)
	shows(t, body, "revision withdrawn", "wrong log", "submitted")
	if status, _ := b.get(r1); status != 404 {
		t.Errorf("the withdrawn revision answers %d", status)
	}
	do(october+"/do/amend", "reason", "right log")
	_, body = b.get(r1)
	hides(t, body, `<td class="r">19</td>`)
	do(r1 + "/do/close")
	_, body = b.get(r1)
	hides(t, body, `<td class="r big"><a href="/m/2026-10/r1/why/all/rds">19</a>`)
	shows(t, body, `<td class="r big"><a href="/m/2026-10/r1/why/all/rds">20</a>`)
}
