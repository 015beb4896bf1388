package desk

import (
	"archive/zip"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Whoever sits elsewhere gets the drafts through the page: one customer's, or
// all at once, each with its annex, and nothing where none was made.
func TestMailsAreFetched(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	for _, path := range []string{"/mails.zip", "/c/tuinderij/mail.eml"} {
		status, body := b.get(october + path)
		if status != http.StatusNotFound {
			t.Errorf("%s answers %d before drafts were made", path, status)
		}
		shows(t, body, "make the drafts first", `href="`+october+`"`)
	}
	_, body := b.get(october + "/do/drafts")
	_, body = b.post(october+"/do/drafts", fill(body))
	shows(t, body, "drafts made: ") // how many, and who has no address by name

	_, body = b.get(october + "/sign")
	shows(t, body, "Get 5 drafts (ZIP)")
	_, body = b.get(october + "/mails.zip")
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	// Five customers get an annex: the sixth is the provider itself.
	if got := strings.Join(names, " "); len(names) != 5 || !strings.Contains(got, "tuinderij-2026-10.eml") {
		t.Errorf("the file holds %s", got)
	}
	_, body = b.get(october + "/c/tuinderij/mail.eml")
	shows(t, body, "To: ", "administratie@tuinderij.example", "tuinderij-2026-10.xlsx")
	hides(t, body, "ijzer")

	// The customer's own page leads to it once annexes go out.
	_, body = b.get(october + "/do/approve")
	b.post(october+"/do/approve", fill(body, "by", "C. de Vries"))
	_, body = b.get(october + "/c/tuinderij")
	shows(t, body, october+"/c/tuinderij/mail.eml")
}

// An address that is none is a page of the desk, in its language, with a way
// back to the month that was meant. Who is not logged on learns nothing.
func TestUnknownAddresses(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	for path, back := range map[string]string{"/favicon.ico": "/", "/m/2026-10/r0/nothing": "/m/2026-10", "/m/soon/x": "/", "/find": "/", "/m/2026-13/r0": "/"} {
		status, body := b.get(path)
		if status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, status)
		}
		shows(t, body, "Op dit adres is niets.", `<html lang="nl">`, `<a href="`+back+`">`)
	}
	if status, body := b.post("/nothing", url.Values{}); status != http.StatusNotFound || !strings.Contains(body, "Op dit adres is niets.") {
		t.Errorf("a form to nowhere answers %d", status)
	}
	stranger := &browser{w, &http.Client{}}
	if status, _ := stranger.get("/nothing"); status != http.StatusUnauthorized {
		t.Errorf("a stranger's address answers %d", status)
	}
}

// Search writes a month as the other screens do.
func TestSearchNamesMonths(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	_, body := b.post("/find", url.Values{"to": {"/search"}, "q": {"tuinderij"}})
	shows(t, body, "<td>oktober 2026</td>")
	hides(t, body, "<td>2026-")
}
