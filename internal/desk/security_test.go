package desk

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// matrix says for each address who may call it: viewer, account manager of
// tuinderij, reviewer, approver. An address of the desk that is missing here
// fails, and so does one that answers otherwise.
var matrix = map[string]string{
	"GET /m/{month}/{rev}/do/drafts":              "--RS",
	"POST /m/{month}/{rev}/do/drafts":             "--RS",
	"GET /m/{month}/{rev}/do/send":                "--RS",
	"POST /m/{month}/{rev}/do/send":               "--RS",
	"GET /m/{month}/{rev}/do/confirm":             "--RS",
	"POST /m/{month}/{rev}/do/confirm":            "--RS",
	"GET /registers":                              "--RS",
	"GET /registers/{table}":                      "--RS",
	"GET /registers/{table}/edit":                 "--RS",
	"POST /registers/{table}/edit":                "--RS",
	"GET /setup":                                  "--RS",
	"POST /setup/try":                             "--RS",
	"POST /setup/look":                            "--RS",
	"POST /setup/take":                            "--RS",
	"POST /setup/provider":                        "--RS",
	"GET /registers/{table}/paste":                "--RS",
	"POST /registers/{table}/paste":               "--RS",
	"GET /m/{month}/{rev}/c/{tenant}/exclude":     "--RS",
	"POST /m/{month}/{rev}/c/{tenant}/exclude":    "--RS",
	"GET /m/{month}/{rev}/c/{tenant}/assign":      "--RS",
	"POST /m/{month}/{rev}/c/{tenant}/assign":     "--RS",
	"GET /m/{month}/{rev}/do/withdraw":            "--RS",
	"POST /m/{month}/{rev}/do/withdraw":           "--RS",
	"GET /m/{month}/{rev}/do/reopen":              "---S",
	"POST /m/{month}/{rev}/do/reopen":             "---S",
	"POST /m/{month}/{rev}/customers/{show}":      "--RS",
	"GET /{$}":                                    "VARS",
	"GET /keys":                                   "VARS",
	"POST /find":                                  "VARS",
	"POST /language":                              "VARS",
	"POST /out":                                   "VARS",
	"GET /search":                                 "-ARS",
	"GET /job/{job}":                              "VARS",
	"GET /m/{month}":                              "VARS",
	"GET /m/{month}/{rev}":                        "V-RS",
	"GET /m/{month}/{rev}/pulse":                  "VARS",
	"GET /m/{month}/{rev}/customers":              "VARS",
	"GET /m/{month}/{rev}/c/{tenant}":             "VARS",
	"GET /m/{month}/{rev}/c/{tenant}/annex":       "-ARS",
	"GET /m/{month}/{rev}/c/{tenant}/annex.xlsx":  "-ARS",
	"GET /m/{month}/{rev}/why/{tenant}/{product}": "-ARS",
	"GET /m/{month}/{rev}/person/{person}":        "-ARS",
	"GET /m/{month}/{rev}/questions":              "--RS",
	"GET /m/{month}/{rev}/books":                  "--RS",
	"GET /m/{month}/{rev}/findings/{code}":        "--RS",
	"GET /m/{month}/{rev}/sources":                "V-RS",
	"GET /m/{month}/{rev}/sign":                   "--RS",
	"POST /m/{month}/{rev}/c/{tenant}/seen":       "--RS",
	"POST /m/{month}/{rev}/c/{tenant}/note":       "--RS",
	"GET /m/{month}/{rev}/do/accept-gap":          "--RS",
	"POST /m/{month}/{rev}/do/accept-gap":         "--RS",
	"GET /m/{month}/{rev}/do/accept-finding":      "--RS",
	"POST /m/{month}/{rev}/do/accept-finding":     "--RS",
	"GET /m/{month}/{rev}/do/decide":              "--RS",
	"POST /m/{month}/{rev}/do/decide":             "--RS",
	"GET /m/{month}/{rev}/do/correct":             "--RS",
	"POST /m/{month}/{rev}/do/correct":            "--RS",
	"GET /m/{month}/{rev}/do/collect":             "--RS",
	"POST /m/{month}/{rev}/do/collect":            "--RS",
	"GET /m/{month}/{rev}/do/report":              "--RS",
	"POST /m/{month}/{rev}/do/report":             "--RS",
	"GET /m/{month}/{rev}/do/close":               "--RS",
	"POST /m/{month}/{rev}/do/close":              "--RS",
	"GET /m/{month}/{rev}/do/approve":             "---S",
	"POST /m/{month}/{rev}/do/approve":            "---S",
	"GET /m/{month}/{rev}/do/submit":              "---S",
	"POST /m/{month}/{rev}/do/submit":             "---S",
	"GET /m/{month}/{rev}/do/amend":               "--RS",
	"POST /m/{month}/{rev}/do/amend":              "--RS",
	"GET /m/{month}/{rev}/mails.zip":              "--RS",
	"GET /m/{month}/{rev}/c/{tenant}/mail.eml":    "--RS",
	"GET /m/{month}/{rev}/file/{name}":            "--RS",
	"GET /m/{month}/{rev}/books/{name}":           "--RS",
	"GET /m/{month}/{rev}/do/invoice":             "--RS",
	"POST /m/{month}/{rev}/do/invoice":            "--RS",
	"GET /m/{month}/{rev}/do/billed":              "--RS",
	"POST /m/{month}/{rev}/do/billed":             "--RS",
	"GET /m/{month}/{rev}/do/report-mail":         "--RS",
	"POST /m/{month}/{rev}/do/report-mail":        "--RS",
}

var wild = strings.NewReplacer("{$}", "", "{month}", "2026-10", "{rev}", "r0", "{tenant}", "tuinderij", "{product}", "rds", "{code}", "product-pair",
	"{name}", "review-2026-10.xlsx", "{job}", "none", "{person}", "none", "{act}", "approve", "{show}", "quiet", "{table}", "exclusions")

// Each role meets each address: those that it may not call answer 403, and the
// others anything else.
func TestRolesAndRoutes(t *testing.T) {
	w := newWorld(t, nil)
	who := map[byte]Person{'V': {Role: Viewer}, 'A': {Role: AccountManager, Tenants: []string{"tuinderij"}}, 'R': {Role: Reviewer}, 'S': {Role: Approver}}
	for i := range w.s.routes {
		x := &w.s.routes[i]
		if x.open != nil {
			continue
		}
		want, ok := matrix[x.pattern]
		if !ok {
			t.Errorf("%s stands in no row of the matrix", x.pattern)
			continue
		}
		for _, letter := range []byte("VARS") {
			b := w.as(who[letter])
			method, path, _ := strings.Cut(x.pattern, " ")
			var status int
			if method == http.MethodGet {
				status, _ = b.get(wild.Replace(path))
			} else {
				status, _ = b.post(wild.Replace(path), url.Values{})
			}
			if may := strings.IndexByte(want, letter) >= 0; may != (status != http.StatusForbidden) {
				t.Errorf("%s for %c answers %d", x.pattern, letter, status)
			}
		}
	}
	for pattern := range matrix {
		known := false
		for i := range w.s.routes {
			known = known || w.s.routes[i].pattern == pattern
		}
		if !known {
			t.Errorf("the matrix has %s, which is no address", pattern)
		}
	}
}

// An account manager meets their own customers, and no purchase price; a
// viewer no name and no money.
func TestWhatRolesSee(t *testing.T) {
	w := newWorld(t, nil)
	a := w.as(Person{Role: AccountManager, Tenants: []string{"tuinderij"}})
	for _, path := range []string{october + "/c/ijzer", october + "/c/ijzer/annex", october + "/why/ijzer/rds", october + "/why/all/rds"} {
		if status, _ := a.get(path); status != http.StatusForbidden {
			t.Errorf("%s answers %d to who is not theirs", path, status)
		}
	}
	_, body := a.get(october + "/customers")
	shows(t, body, "/c/tuinderij", "EUR 133,20") // what it is billed
	hides(t, body, "/c/ijzer", ">Bedrag<")
	_, body = a.get(october + "/c/tuinderij")
	hides(t, body, "EUR", "4.10", "4,10")
	_, body = a.get("/")
	hides(t, body, "EUR")
	_, body = a.post("/find", url.Values{"to": {"/search"}, "q": {"hamer"}})
	hides(t, body, "/person/")

	v := w.as(Person{Role: Viewer})
	for _, path := range []string{"/", october, october + "/customers", october + "/c/ijzer", october + "/sources"} {
		status, body := v.get(path)
		if status != 200 {
			t.Errorf("%s answers %d to a viewer", path, status)
		}
		hides(t, body, "EUR", "hamer", "Bloem")
	}
}

// Nobody gets in without the link, with a used or an old one, after half an
// hour without a page, from another name, or by another page's form.
func TestLogOn(t *testing.T) {
	w := newWorld(t, nil)
	plain := &browser{w, &http.Client{}}
	if status, body := plain.get(october); status != http.StatusUnauthorized || strings.Contains(body, "6WC") {
		t.Errorf("without a session: %d", status)
	}
	link := w.s.Link(Person{Role: Approver})
	if status, _ := w.as(Person{Role: Viewer}).get(link); status != 200 {
		t.Errorf("a new link answers %d", status)
	}
	if status, _ := plain.get(link); status != http.StatusForbidden {
		t.Errorf("a used link answers %d", status)
	}
	old := w.s.Link(Person{Role: Approver})
	w.pass(11 * time.Minute)
	if status, _ := plain.get(old); status != http.StatusForbidden {
		t.Errorf("an old link answers %d", status)
	}
	b := w.approver()
	w.pass(29 * time.Minute)
	if status, _ := b.get(october); status != 200 {
		t.Errorf("after 29 minutes: %d", status)
	}
	w.pass(29 * time.Minute)
	b.get(october + "/pulse") // is nobody's activity
	w.pass(2 * time.Minute)
	if status, _ := b.get(october); status != http.StatusUnauthorized {
		t.Errorf("after 31 minutes: %d", status)
	}

	b = w.approver()
	req, _ := http.NewRequest(http.MethodGet, w.url+october, nil)
	req.Host = "evil.example"
	r, err := b.c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := read(t, r); status != http.StatusMisdirectedRequest {
		t.Errorf("under another name: %d", status)
	}
	req, _ = http.NewRequest(http.MethodPost, w.url+"/out", nil)
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if r, err = b.c.Do(req); err != nil {
		t.Fatal(err)
	}
	if status, _ := read(t, r); status != http.StatusForbidden {
		t.Errorf("another page's form: %d", status)
	}
	if status, _ := b.get(october); status != 200 {
		t.Error("the other page's form logged off")
	}
	b.post("/out", nil)
	if status, _ := b.get(october); status != http.StatusUnauthorized {
		t.Errorf("after logging off: %d", status)
	}
}

// Every answer carries the headers, and the cookie is out of scripts' reach.
func TestHeaders(t *testing.T) {
	w := newWorld(t, nil)
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.Get(w.url + w.s.Link(Person{Role: Approver}))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	cookies := r.Header.Get("Set-Cookie")
	for _, x := range []string{"HttpOnly", "SameSite=Strict", "Path=/"} {
		if !strings.Contains(cookies, x) {
			t.Errorf("the cookie lacks %s: %s", x, cookies)
		}
	}
	for _, path := range []string{"/", october, "/ui/desk.css", "/nothing", "/in/none"} {
		r, err := c.Get(w.url + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
		if r.Header.Get("X-Content-Type-Options") != "nosniff" || r.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s lacks headers", path)
		}
	}
}

var inline = regexp.MustCompile(`(?i)<script(?:>| [^s])|<[^>]* style=|<[^>"]*(?:"[^"]*"[^>"]*)* on[a-z]+=|javascript:|(?:src|href)="(?:https?:)?//`)

// Names that are markup, scripts, or turn the direction of writing show as what
// they are, on every screen.
func TestHostileNames(t *testing.T) {
	const evil = `"Kaas<script>alert(1)</script><img src=x onerror=alert(2)>' onmouseover='x` + "\u202e" + `"`
	w := newWorld(t, func(path string, b []byte) []byte {
		switch path {
		case "testdata/tenants.csv":
			return []byte(strings.Replace(string(b), "Tuinderij De Kas B.V.", strings.ReplaceAll(evil, `"`, ""), 1))
		}
		if strings.HasPrefix(path, "testdata/directory/") && strings.HasSuffix(path, ".ldif") {
			return []byte(strings.ReplaceAll(string(b), "displayName: Thijs Hamer", "displayName: <script>alert(3)</script>\"'><b onload=x>"))
		}
		return b
	})
	b := w.approver()
	if _, body := b.get(october + "/customers"); !strings.Contains(body, "Kaas&lt;script&gt;") {
		t.Error("the hostile name is not there at all")
	}
	b.post("/setup/look", url.Values{})
	for _, path := range crawl(t, b, "/", 150) {
		_, body := b.get(path)
		if m := inline.FindString(body); m != "" {
			t.Errorf("%s has %q", path, m)
		}
		hides(t, body, "<script>alert", "<img src=x", "<b onload")
		if i := strings.Index(body, "\u202e"); i >= 0 {
			t.Errorf("%s shows a mark that turns text round: %s", path, body[max(0, i-120):i])
		}
	}
}

// crawl follows the links of the pages, and gives the addresses that it met.
func crawl(t testing.TB, b *browser, from string, most int) []string {
	t.Helper()
	href := regexp.MustCompile(`href="(/[^"#]*)`)
	todo, met := []string{from}, map[string]bool{from: true}
	var out []string
	for len(todo) > 0 && len(out) < most {
		path := todo[0]
		todo = todo[1:]
		status, body := b.get(path)
		if status != 200 {
			t.Errorf("%s, which a page links to, answers %d", path, status)
			continue
		}
		out = append(out, path)
		for _, m := range href.FindAllStringSubmatch(body, -1) {
			p := strings.ReplaceAll(m[1], "&amp;", "&")
			if !met[p] && !strings.HasPrefix(p, "/ui/") && !strings.Contains(p, "/file/") && !strings.HasSuffix(p, ".xlsx") {
				met[p] = true
				todo = append(todo, p)
			}
		}
	}
	if len(out) < 5 {
		t.Fatal(fmt.Errorf("only %d pages were met", len(out)))
	}
	return out
}
