package desk

import (
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// bare is the example as somebody has it on the first day: no pools, one
// customer less, no exclusions, and a password that no page may show.
func bare(path string, b []byte) []byte {
	text := string(b)
	switch path {
	case "config.yaml":
		from, to := strings.Index(text, "\npools:"), strings.Index(text, "\nreport:\n")
		text = text[:from] + "\npools: []\n" + text[to:]
		text = regexp.MustCompile(`(?m)^person: .*$`).ReplaceAllString(text, "person: [] # one by one")
	case "testdata/tenants.csv":
		lines := strings.SplitAfter(text, "\n")
		text = ""
		for _, l := range lines {
			if !strings.HasPrefix(l, "notaris,") {
				text += l
			}
		}
	case "testdata/exclusions.csv":
		head, _, _ := strings.Cut(text, "\n")
		text = head + "\n"
	}
	return []byte(text)
}

var proposalForm = regexp.MustCompile(`(?s)<form method="post" action="/setup/take".*?</form>`)

// proposalOf is the filled-in form of one kind.
func proposalOf(t *testing.T, body, kind string, more ...string) url.Values {
	t.Helper()
	for _, f := range proposalForm.FindAllString(body, -1) {
		if !strings.Contains(f, `name="kind" value="`+kind+`"`) {
			continue
		}
		form := url.Values{"kind": {kind}}
		for _, m := range regexp.MustCompile(`name="(take|users)" value="([^"]*)"[^>]* checked`).FindAllStringSubmatch(f, -1) {
			form.Add(m[1], html.UnescapeString(m[2]))
		}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return form
	}
	t.Fatalf("nothing of the kind %s is proposed", kind)
	return nil
}

// The set-up screen shows what trying the sources says and what they show that
// nothing names; what is taken over is shown, written into the files, kept with
// who and why, and proposed no more.
func TestSetUp(t *testing.T) {
	t.Setenv("SPLAMETER_SECRET", "hush-hush")
	w := newWorld(t, func(path string, b []byte) []byte { return bare(path, b) })
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get("/setup")
	shows(t, body, "No pool is configured", "not tried yet", "testdata/directory/*.ldif*")
	_, body = b.post("/setup/try", url.Values{})
	shows(t, body, "exports match", "accounts, ")
	hides(t, body, "not tried yet", "hush-hush")
	_, body = b.post("/setup/look", url.Values{})
	shows(t, body, "RDSH-K*", "OU=notaris", "Administrators and service accounts", "employeeID")

	take := func(kind string, more ...string) {
		t.Helper()
		form := proposalOf(t, body, kind, more...)
		_, page := b.post("/setup/take", form)
		shows(t, page, "What changes in the file", "<ins>")
		if status, _ := b.post("/setup/take", fill(page, "by", "C. de Vries", "reason", " ")); status != 422 {
			t.Errorf("%s without a reason answers %d", kind, status)
		}
		_, body = b.post("/setup/take", fill(page, "by", "C. de Vries", "reason", "first day"))
		shows(t, body, "Not named yet")
	}
	take("tenant")
	take("pool")
	take("person")
	take("exclusion", "document", "Beheer 2026", "until", "2027-12-31")
	hides(t, body, `value="tenant"`, `value="person"`, `value="exclusion"`)
	for file, want := range map[string]string{
		"config.yaml":             "pools:\n  - name: rdsh-k\n    hosts: [\"RDSH-K*\"]\n    users: [RDS-Kantoor]\n",
		"testdata/tenants.csv":    `OU=notaris`,
		"testdata/exclusions.csv": "Beheer 2026",
		"table-changes.csv":       "C. de Vries,first day,config,config.yaml",
	} {
		got, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(file)))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%s lacks %s", file, want)
		}
	}
	if c, _ := os.ReadFile(filepath.Join(w.dir, "config.yaml")); !strings.Contains(string(c), "person: [employeeID] # one by one") {
		t.Error("the rest of the config did not stay")
	}
	// What somebody must answer is asked for, and who reports is changed.
	_, page := b.post("/setup/take", url.Values{"kind": {"restriction"}, "all": {"1"}})
	hides(t, page, "<ins>")
	_, page = b.post("/setup/provider", url.Values{"street": {"Kade 1: boven"}, "time_zone": {"UTC"}})
	shows(t, page, "Kade 1: boven")
	hides(t, page, "UTC</ins>")
	_, body = b.post("/setup/provider", fill(page, "by", "C. de Vries", "reason", "moved"))
	shows(t, body, `value="Kade 1: boven"`)
}
