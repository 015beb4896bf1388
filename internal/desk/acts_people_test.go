package desk

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// Of two who look at the same draft the second is shown what the first did, and
// nothing of theirs is kept until they send it again.
func TestTwoDecide(t *testing.T) {
	w := newWorld(t, broken)
	a := w.as(Person{Account: "a", Name: "Anna", Role: Reviewer})
	b := w.as(Person{Account: "b", Name: "Bert", Role: Reviewer})
	b.post("/language", url.Values{"to": {"en"}})
	_, body := a.get(october + "/questions")
	accept := linkOf(t, body, "/do/accept-gap?")
	_, ofA := a.get(accept)
	_, ofB := b.get(october + "/do/correct?of=tuinderij")
	_, alsoB := b.get(accept)
	a.post(pathOf(accept), fill(ofA, "by", "Anna", "reason", "known"))

	form := fill(ofB, "by", "Bert", "reason", "twins", "tenant", "tuinderij", "product", "rds", "quantity", "-1", "code", "counted-twice")
	status, body := b.post(october+"/do/correct", form)
	if status != http.StatusConflict {
		t.Errorf("the second answers %d", status)
	}
	shows(t, body, "Something was done to this month", "gap accepted", "Anna", "twins")
	if got := w.did(); len(got) != 2 {
		t.Errorf("kept all the same: %v", got)
	}
	_, body = b.post(october+"/do/correct", fill(body, "by", "Bert", "reason", "twins", "tenant", "tuinderij", "product", "rds", "quantity", "-1", "code", "counted-twice"))
	shows(t, body, "Done.")
	// What somebody accepted already cannot be accepted again.
	if status, body = b.post(pathOf(accept), fill(alsoB, "by", "Bert", "reason", "also")); status != http.StatusConflict || strings.Contains(body, "Done.") {
		t.Errorf("accepting twice answers %d", status)
	}
	if got := w.did(); strings.Join(got, ", ") != "close  root, accept-gap Anna a, correct Bert b" {
		t.Errorf("the acts are %v", got)
	}
}

// With four eyes the account that approved does not submit, whatever name it
// writes.
func TestFourEyes(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		if path == "config.yaml" {
			return []byte(strings.Replace(string(b), "four_eyes: false", "four_eyes: true", 1))
		}
		return b
	})
	a := w.approver()
	_, body := a.get(october + "/do/approve")
	_, body = a.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	shows(t, body, "oktober 2026: goedgekeurd")
	_, body = a.get(october + "/do/submit")
	status, body := a.post(october+"/do/submit", fill(body, "by", "Somebody Else"))
	if status != http.StatusConflict {
		t.Errorf("the same account submits: %d", status)
	}
	shows(t, body, "desk-a")
	b := w.as(Person{Account: "desk-b", Name: "J. Smit", Role: Approver})
	_, body = b.get(october + "/do/submit")
	_, body = b.post(october+"/do/submit", fill(body, "by", "J. Smit"))
	shows(t, body, "oktober 2026: ingediend")
}

// What was seen stays seen until the customer's figures change, for everybody.
func TestSeen(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/c/tuinderij")
	b.post(october+"/c/tuinderij/seen", fill(body))
	b.post(october+"/c/tuinderij/note", url.Values{"text": {"asked, <b>fine</b>"}})
	b.post(october+"/c/tuinderij/note", url.Values{"text": {"asked, <b>fine</b>"}})
	other := w.as(Person{Account: "x", Role: Reviewer})
	other.post("/language", url.Values{"to": {"en"}})
	_, body = other.get(october + "/customers")
	shows(t, body, "6 of 7 not seen", "1 note")
	_, body = other.get(october + "/c/tuinderij")
	shows(t, body, "Seen by C. de Vries", "&lt;b&gt;fine")
	// Those of whom nothing asks for a person are ticked at once, and only they.
	_, body = other.get(october + "/customers?show=quiet")
	quiet := strings.Count(body, "data-row")
	if _, body = other.post(october+"/customers/quiet", url.Values{"state": {"old"}}); !strings.Contains(body, "6 of 7 not seen") {
		t.Error("another state than what was shown was ticked")
	}
	_, body = other.get(october + "/customers?show=quiet")
	_, body = other.post(october+"/customers/quiet", url.Values{"state": {regexp.MustCompile(`customers/quiet"[^>]*><input type="hidden" name="state" value="([^"]*)"`).FindStringSubmatch(body)[1]}})
	shows(t, body, fmt.Sprintf("%d of 7 not seen", 6-quiet))
	_, body = b.get(october + "/do/correct?of=tuinderij")
	_, body = b.post(october+"/do/correct", fill(body, "by", "C", "reason", "twins", "tenant", "tuinderij", "product", "rds", "quantity", "-1", "code", "counted-twice"))
	shows(t, body, "Done.")
	_, body = other.get(october + "/customers")
	shows(t, body, fmt.Sprintf("%d of 7 not seen", 7-quiet))
}

// The agent closes the month again while somebody reads it: the page that was
// made before says so by its pulse, and who approves what they no longer see is
// shown it first.
func TestAgentMeanwhile(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, before := b.get(october + "/pulse")
	_, form := b.get(october + "/do/approve")
	set, faults := monthend.Load(filepath.Join(w.dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	agent := &closing.Desk{Store: w.st, Setup: set, Now: w.clock, Version: "test", Account: "agent"}
	m, err := month.Parse("2026-10", set.Config.Provider.Location)
	if err != nil {
		t.Fatal(err)
	}
	x := statement.Correction{Tenant: "tuinderij", Product: "rds", Quantity: -1, Code: "counted-twice", Reason: "twins", By: "agent"}
	if _, err := agent.Correct(t.Context(), m, x); err != nil {
		t.Fatal(err)
	}
	if _, after := b.get(october + "/pulse"); after == before {
		t.Error("the pulse of the month is the same")
	}
	status, body := b.post(october+"/do/approve", fill(form, "by", "C. de Vries"))
	if status != http.StatusConflict {
		t.Errorf("approving what is no longer shown answers %d", status)
	}
	shows(t, body, "Something was done to this month", "twins")
	if l := w.life(); l.State != statement.Draft {
		t.Errorf("the month is %s", l.State)
	}
	_, body = b.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	shows(t, body, "October 2026: approved")
}

// A change that any month brings is in a list of its own, which is ticked as a
// whole: of the example's customers tuinderij's alone, by one who came. From
// change_look persons on, here one, it is to be looked at as others are.
func TestSmallChanges(t *testing.T) {
	listed := func(b *browser, show string) string {
		_, body := b.get(october + "/customers?show=" + show)
		var out []string
		for _, m := range regexp.MustCompile(`row"><a href="[^"]*/c/([a-z-]+)">`).FindAllStringSubmatch(body, -1) {
			out = append(out, m[1])
		}
		return strings.Join(out, " ")
	}
	w := newWorld(t, nil)
	b := w.approver()
	if small, todo := listed(b, "small"), listed(b, "todo"); small != "tuinderij" || todo != "ijzer harbour notaris -shared -unassigned" {
		t.Errorf("small changes %q, to look at %q", small, todo)
	}
	_, body := b.get(october + "/customers?show=small")
	b.post(october+"/customers/small", url.Values{"state": {regexp.MustCompile(`name="state" value="([^"]*)"`).FindStringSubmatch(body)[1]}})
	if seen := listed(b, "seen"); seen != "tuinderij" {
		t.Errorf("ticked: %q", seen)
	}
	if status, _ := b.post(october+"/customers/todo", url.Values{}); status != http.StatusNotFound {
		t.Errorf("ticking all that ask for a person answers %d", status)
	}
	w = newWorld(t, func(path string, b []byte) []byte {
		return []byte(strings.Replace(string(b), "change_look: 3", "change_look: 1", 1))
	})
	if small := listed(w.approver(), "small"); small != "" {
		t.Errorf("with change_look 1: %q", small)
	}
}
