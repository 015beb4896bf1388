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
		for _, m := range regexp.MustCompile(`type="hidden" name="(take)" value="([^"]*)"`).FindAllStringSubmatch(f, -1) { // one a form
			form.Add(m[1], m[2])
		}
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
	shows(t, body, "What comes next", "RDSH-K*", "OU=notaris", "Administrators and service accounts", "employeeID")

	take := func(kind string, more ...string) {
		t.Helper()
		form := proposalOf(t, body, kind, more...)
		_, page := b.post("/setup/take", form)
		shows(t, page, "What changes in the file", "<ins>")
		if status, _ := b.post("/setup/take", fill(page, "by", "C. de Vries", "reason", " ")); status != 422 {
			t.Errorf("%s without a reason answers %d", kind, status)
		}
		_, body = b.post("/setup/take", fill(page, "by", "C. de Vries", "reason", "first day"))
		shows(t, body, "nothing names yet")
	}
	take("tenant")
	// Each pool has its own form, with the groups of its own hosts.
	if n := strings.Count(body, `name="kind" value="pool"`); n < 2 || strings.Contains(body, `type="radio"`) {
		t.Errorf("%d forms of pools", n)
	}
	_, pools := b.post("/setup/take", proposalOf(t, body, "pool"))
	shows(t, pools, "<ins>+   - name: rdsh-k</ins>", "2 hosts · rdsh-k") // the file's own room before it, and what was counted
	take("pool")
	take("person")
	_, page := b.post("/setup/take", proposalOf(t, body, "exclusion"))
	shows(t, page, "This was not done", `href="/setup#proposals"`) // and not where the pages begin
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
	_, page = b.post("/setup/take", url.Values{"kind": {"restriction"}, "all": {"1"}})
	hides(t, page, "<ins>")
	_, page = b.post("/setup/provider", url.Values{"reseller.email": {"spla@reseller.example"}})
	shows(t, page, "spla@reseller.example&#34;</ins>")
	_, page = b.post("/setup/provider", url.Values{"street": {"Kade 1: boven"}, "time_zone": {"UTC"}})
	shows(t, page, "street: &#34;Kade 1: boven&#34;")
	hides(t, page, "UTC</ins>")
	_, body = b.post("/setup/provider", fill(page, "by", "C. de Vries", "reason", "moved"))
	shows(t, body, `value="Kade 1: boven"`, "Set-up")
	if c, _ := os.ReadFile(filepath.Join(w.dir, "config.yaml")); !strings.Contains(string(c), `street: "Kade 1: boven"`) {
		t.Error("who reports did not change")
	}
}

// Rows pasted from a sheet are shown as the difference that they make, and
// written; a price file is merged as prices import does; a table that the config
// does not name yet is made and named.
func TestPaste(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		if path == "config.yaml" {
			return []byte(regexp.MustCompile(`(?m)^shared_accounts: .*$`).ReplaceAllString(string(b), `shared_accounts: "" # none`))
		}
		return b
	})
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get("/registers/tenants/paste")
	shows(t, body, "Paste here", "suspended_from")
	status, body := b.post("/registers/tenants/paste", url.Values{"text": {"Foo\tBar\n1\t2\n"}})
	if status != 422 {
		t.Errorf("nothing of ours answers %d", status)
	}
	shows(t, body, "none of the headings", "Foo")
	_, body = b.post("/registers/tenants/paste", url.Values{"text": {"number\temail\tphone\n10010\tnieuw@tuinderij.example\t06\n"}})
	shows(t, body, "0 rows added, 1 changed", "no column for: phone", "nieuw@tuinderij.example")
	_, body = b.post("/registers/tenants/paste", fill(body, "by", "C. de Vries", "reason", "from the CRM"))
	shows(t, body, "from the CRM", "nieuw@tuinderij.example")

	_, body = b.post("/registers/prices/paste", url.Values{"text": {"Part number;Net price\n6WC-00002;4,35\n"}, "from": {"2027-06-01"}, "currency": {"EUR"}})
	shows(t, body, "1 prices to write", "4.35")
	_, page := b.post("/registers/prices/paste", url.Values{"text": {"Part number;Net price\n6WC-00002;4,35\n"}, "currency": {"EUR"}})
	shows(t, page, "fill in the day below", "6WC-00002;4,35")
	hides(t, page, "--from")
	_, body = b.post("/registers/shared_accounts/paste", url.Values{"text": {"tenant\taccount\tpersons\nijzer\twerkplaats\t4\n"}})
	shows(t, body, "shared_accounts: shared_accounts.csv # none", "ijzer,werkplaats,4")
	b.post("/registers/shared_accounts/paste", fill(body, "by", "C. de Vries", "reason", "counted"))
	if got, err := os.ReadFile(filepath.Join(w.dir, "shared_accounts.csv")); err != nil || !strings.Contains(string(got), "ijzer,werkplaats,4") {
		t.Errorf("%v %s", err, got)
	}
}
