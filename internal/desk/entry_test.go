package desk

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// send posts a form with a file, as a browser does.
func (b *browser) send(path string, form url.Values, field, name string, data []byte) (int, string) {
	b.w.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, list := range form {
		for _, v := range list {
			if err := w.WriteField(k, v); err != nil {
				b.w.t.Fatal(err)
			}
		}
	}
	f, err := w.CreateFormFile(field, name)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		b.w.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.w.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, b.w.url+path, &body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Origin", b.w.url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	r, err := b.c.Do(req)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return read(b.w.t, r)
}

// A person is excluded from its own page, with a document that is kept under its
// digest; the month counted again counts it no more.
func TestExclude(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/why/tuinderij/rds")
	person := linkOf(t, body, "/person/")
	_, body = b.get(person)
	link := linkOf(t, body, "/c/tuinderij/exclude?person=")
	_, body = b.get(link)
	who := regexp.MustCompile(`name="pattern" value="([^"]+)"`).FindStringSubmatch(body)
	if who == nil {
		t.Fatal("the form does not name the account")
	}
	shows(t, body, "1 licence", "EUR 4.10")
	name := html.UnescapeString(who[1])
	form := url.Values{"kind": {"user"}, "pattern": {name}, "product": {"*"}, "ground": {""}, "quantity": {"1"}, "until": {"2027-12-31"}}
	if status, _ := b.send(pathOf(link), form, "attach", "own.pdf", []byte("%PDF \x00\xff")); status != 422 {
		t.Errorf("without a ground it answers %d", status)
	}
	form.Set("ground", "customer-owned")
	form.Set("until", "someday")
	if status, _ := b.send(pathOf(link), form, "attach", "own.pdf", []byte("%PDF \x00\xff")); status != 422 {
		t.Errorf("with no day it answers %d", status)
	}
	form.Set("until", "2027-12-31")
	_, body = b.send(pathOf(link), form, "attach", "own.pdf", []byte("%PDF \x00\xff"))
	shows(t, body, "Entry X-", "-own.pdf, 7 bytes, SHA-256", "customer-owned", "user:"+html.EscapeString(name))
	_, body = b.post(pathOf(link), fill(body, "by", "C. de Vries", "reason", "own licence"))
	shows(t, body, "Tuinderij De Kas")
	kept, err := filepath.Glob(filepath.Join(w.dir, "documents", "*-own.pdf"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v %v", kept, err)
	}
	if data, _ := os.ReadFile(kept[0]); string(data) != "%PDF \x00\xff" {
		t.Errorf("the document became %q", data)
	}
	_, body = b.get(october + "/do/report")
	b.post(october+"/do/report", fill(body))
	_, body = b.get(october + "/why/tuinderij/rds")
	shows(t, body, `<span class="hero">3</span>`)
	// A ground about machines takes no person.
	form.Set("ground", "passive-node")
	form.Set("document", "D")
	status, body := b.post(pathOf(link), form)
	if status != 422 {
		t.Errorf("a machine's ground answers %d", status)
	}
	shows(t, body, "takes no person out")
}

// A unit of nobody becomes a customer's.
func TestAssign(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	const page = october + "/c/-unassigned/assign"
	_, body := b.get(page)
	shows(t, body, `value="ou=loose ends,`)
	form := url.Values{"unit": {"OU=Loose Ends,DC=duinrand,DC=example"}, "tenant": {""}, "id": {"los"}, "name": {""}}
	status, body := b.post(page, form)
	if status != 422 {
		t.Errorf("without a name it answers %d", status)
	}
	shows(t, body, "needs a name")
	form.Set("name", "Los & Zn")
	_, body = b.post(page, form)
	shows(t, body, "los,Los &amp; Zn", "<ins>")
	b.post(page, fill(body, "by", "C. de Vries", "reason", "new customer"))
	table, _ := os.ReadFile(filepath.Join(w.dir, "testdata", "tenants.csv"))
	if !strings.Contains(string(table), `los,Los & Zn,"OU=Loose Ends,DC=duinrand,DC=example"`) {
		t.Errorf("%s", table)
	}
}

// A number of one revision is held against that of another: who counts otherwise
// is told by name, with the entry that did it.
func TestWhyAgainst(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	do := func(path string, more ...string) {
		t.Helper()
		_, body := b.get(path)
		b.post(path, fill(body, append([]string{"by", "C. de Vries"}, more...)...))
	}
	do(october + "/do/approve")
	_, body := b.get(october + "/why/tuinderij/rds")
	hides(t, body, "Held against another revision")
	_, body = b.get(linkOf(t, body, "/person/"))
	link := linkOf(t, body, "/exclude?person=")
	_, body = b.get(link)
	account := html.UnescapeString(regexp.MustCompile(`name="pattern" value="([^"]+)"`).FindStringSubmatch(body)[1])
	_, body = b.post(pathOf(link), url.Values{"kind": {"user"}, "pattern": {account}, "product": {"rds"}, "ground": {"customer-owned"}, "document": {"D"}, "until": {"2027-12-31"}})
	b.post(pathOf(link), fill(body, "by", "C. de Vries", "reason", "own licence"))
	do(october+"/do/amend", "reason", "own licence", "today", "1")
	do("/m/2026-10/r1/do/close")
	_, body = b.get("/m/2026-10/r1/why/tuinderij/rds")
	shows(t, body, "Held against another revision", `href="?against=0#against"`)
	_, body = b.get("/m/2026-10/r1/why/tuinderij/rds?against=0")
	shows(t, body, `revision 0: 4`, `<strong>3</strong>`, `<td class="r">1</td><td class="r">0</td><td>X-1</td>`)
	if status, _ := b.get("/m/2026-10/r1/why/tuinderij/rds?against=7"); status != 404 {
		t.Errorf("a revision that is none answers %d", status)
	}
	_, body = b.get(october + "/why/all/rds?against=1")
	shows(t, body, `<td class="r">0</td><td class="r">1</td>`)
}
