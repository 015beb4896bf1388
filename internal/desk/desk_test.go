package desk

import (
	"context"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/repotest"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// world is a desk on the example, with September reported and October a draft.
type world struct {
	t    testing.TB
	dir  string
	st   store.Store
	s    *Server
	url  string
	mu   sync.Mutex
	now  time.Time
	stop func()
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// copyExample copies the example, with changes to its files by path.
func copyExample(t testing.TB, change func(path string, b []byte) []byte) string {
	t.Helper()
	dir := t.TempDir()
	if err := repotest.CopyExample(repotest.Root(t), dir, change); err != nil {
		t.Fatal(err)
	}
	return dir
}

// load reads the config as it is now.
func (w *world) load() (*monthend.Setup, error) {
	set, faults := monthend.Load(filepath.Join(w.dir, "config.yaml"))
	return set, faults.Err()
}

func newWorld(t testing.TB, change func(path string, b []byte) []byte) *world {
	t.Helper()
	w := &world{t: t, dir: copyExample(t, change), now: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	set, err := w.load()
	if err != nil {
		t.Fatal(err)
	}
	password, err := set.Config.StorePassword.Open()
	if err != nil {
		t.Fatal(err)
	}
	w.st, err = store.Open(ctx, set.Config.Store, store.Options{Location: set.Config.Provider.Location, Now: w.clock, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collector.Run(ctx, &collector.Env{Store: w.st, Config: set.Config, Keep: set.Keep(), Now: w.clock, Workers: 2, Log: quiet()}, ""); err != nil {
		t.Fatal(err)
	}
	d := &closing.Desk{Store: w.st, Setup: set, Now: w.clock, Version: "test", Account: "root", Workers: 2}
	if _, _, err := d.Report(ctx, month.New(2026, 9, set.Config.Provider.Location)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Close(ctx, month.New(2026, 10, set.Config.Provider.Location)); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(nil)
	w.s, err = New(ctx, Options{Store: w.st, Load: w.load, Now: w.clock, Log: quiet(), Version: "test", Workers: 2, Hosts: []string{server.Listener.Addr().String()}})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = w.s.Handler()
	server.Start()
	w.url = server.URL
	var once sync.Once
	w.stop = func() {
		once.Do(func() {
			server.Close()
			stop()
			w.s.Wait()
			w.st.Close()
		})
	}
	t.Cleanup(w.stop)
	return w
}

// browser is somebody's browser.
type browser struct {
	w *world
	c *http.Client
}

// as logs somebody on.
func (w *world) as(who Person) *browser {
	w.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &browser{w, &http.Client{Jar: jar}}
	if status, _ := b.get(w.s.Link(who)); status != 200 {
		w.t.Fatalf("logging on answers %d", status)
	}
	return b
}

func (w *world) approver() *browser {
	return w.as(Person{Account: "desk-a", Name: "C. de Vries", Role: Approver})
}

func (b *browser) get(path string) (int, string) {
	b.w.t.Helper()
	r, err := b.c.Get(b.w.url + path)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return read(b.w.t, r)
}

// post sends a form as the browser's own page does.
func (b *browser) post(path string, form url.Values) (int, string) {
	b.w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, b.w.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", b.w.url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	r, err := b.c.Do(req)
	if err != nil {
		b.w.t.Fatal(err)
	}
	status, body := read(b.w.t, r)
	// What takes its time is looked at again, as a browser does.
	for until := time.Now().Add(time.Minute); strings.Contains(body, `http-equiv="refresh"`) && time.Now().Before(until); {
		time.Sleep(100 * time.Millisecond)
		status, body = b.get(r.Request.URL.RequestURI())
	}
	return status, body
}

func read(t testing.TB, r *http.Response) (int, string) {
	t.Helper()
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// shows fails where a page lacks a text.
func shows(t testing.TB, body string, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if !strings.Contains(body, x) {
			t.Errorf("the page does not show %q", x)
		}
	}
}

func hides(t testing.TB, body string, texts ...string) {
	t.Helper()
	for _, x := range texts {
		if strings.Contains(body, x) {
			t.Errorf("the page shows %q", x)
		}
	}
}

const october = "/m/2026-10/r0"

// Numbers of the example, as testdata/README.md works them out, on each screen
// that shows them, and how they came to be.
func TestScreensShowTheExample(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	for path, want := range map[string][]string{
		"/":                            {"October 2026", "September 2026", "draft", "EUR 1,986.42", "+201.15"},
		october:                        {"6WC-00002", "No gap", "evidence-2026-10.zip", "EUR 1,986.42"},
		october + "/customers":         {"7 of 7 not seen", "ijzer"},
		october + "/c/tuinderij":       {"The annex as it goes out", "−1", "+1"},
		october + "/why/tuinderij/rds": {`<span class="hero">4</span>`, "Last month 5", "First session", "days", "rules.yaml, line", "prices.csv, line 2, from 2026-01-01"},
		october + "/why/all/rds":       {`<span class="hero">20</span>`, "82.00"},
		october + "/questions":         {"No question is open", "product-pair"},
		october + "/sources":           {"duinrand", "session logs", "31"},
		october + "/c/tuinderij/annex": {"tuinderij-2026-10.xlsx"},
		"/keys":                        {"<kbd>j</kbd>"},
	} {
		status, body := b.get(path)
		body = html.UnescapeString(body)
		if status != 200 {
			t.Errorf("%s answers %d", path, status)
		}
		for _, x := range want {
			if !strings.Contains(strings.ToLower(body), strings.ToLower(x)) {
				t.Errorf("%s does not show %q", path, x)
			}
		}
		if i := strings.Index(body, ">["); i >= 0 {
			t.Errorf("%s has a text that is missing: %s", path, body[i:min(len(body), i+40)])
		}
	}
}

// Of 23 hosts that hand in, one cannot be read and another's log is about to be
// written over unread: those come first, and 20 in all; a list of their own has
// the other three, and finds each by its name.
func TestHostsOnTheSourcesScreen(t *testing.T) {
	w := newWorld(t, nil)
	path := filepath.Join(w.dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(text, "\ndrops: [{name: handed-in, files: [drops/*.zip]}]\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	at := w.now.Add(-time.Hour)
	var states []snapshot.HostState
	for i := range 23 {
		states = append(states, snapshot.HostState{Source: "handed-in", Host: fmt.Sprintf("rdsh-%02d.example", i), Way: snapshot.WayDrop, Tried: at, Taken: at, Software: at})
	}
	states[21].Taken, states[21].Failure = at.AddDate(0, 0, -2), "share: access is denied <to it>"
	states[22].Logs = []snapshot.HostStateLog{{Channel: "Security", At: at.AddDate(0, 0, -4), Oldest: at.AddDate(0, 0, -8), Size: 1, MaxSize: 1}}
	if err := w.st.PutHosts(t.Context(), states); err != nil {
		t.Fatal(err)
	}
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/sources")
	first, second, third := strings.Index(body, "rdsh-22.example"), strings.Index(body, "rdsh-21.example"), strings.Index(body, "rdsh-00.example")
	if first < 0 || first > second || second > third || !strings.Contains(body, "its log Security began on") || !strings.Contains(body, "share: access is denied &lt;to it&gt;") || !strings.Contains(body, "3 more hosts") || strings.Contains(body, "rdsh-20.example") {
		t.Errorf("%d %d %d\n%s", first, second, third, body)
	}
	if _, body := b.get(october + "/sources?show=hosts"); !strings.Contains(body, "rdsh-20.example") || strings.Contains(body, "more hosts") {
		t.Error(body)
	}
}

// Who looks for a person finds it, and no address holds the name.
func TestSearchKeepsNamesOutOfAddresses(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	var asked []string
	b.c.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		asked = append(asked, r.URL.String())
		return nil
	}
	status, body := b.post("/find", url.Values{"to": {"/search"}, "q": {"hamer"}})
	if status != 200 {
		t.Fatalf("search answers %d", status)
	}
	shows(t, body, "t.hamer", october+"/person/")
	if len(asked) != 1 || strings.Contains(asked[0], "hamer") {
		t.Errorf("the name is in an address: %v", asked)
	}
	at := strings.Index(body, october+"/person/")
	link, _, _ := strings.Cut(body[at:], `"`)
	status, body = b.get(link)
	if status != 200 {
		t.Fatalf("the person answers %d", status)
	}
	shows(t, body, "t.hamer", "OU=")
	if status, _ := b.get(october + "/person/000000000000000000000000"); status != 404 {
		t.Errorf("nobody's page answers %d", status)
	}
}

// What the rules tell is told in the page's language.
func TestFindingsInDutch(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	_, body := b.get(october + "/questions")
	hides(t, body, "is entitled to", "was disabled all month")
	_, body = b.get(october + "/c/tuinderij")
	hides(t, body, "was disabled all month", "take it out of the group")
	b.post("/language", url.Values{"to": {"en"}})
	_, body = b.get(october + "/c/tuinderij")
	shows(t, body, "was disabled all month")
}
