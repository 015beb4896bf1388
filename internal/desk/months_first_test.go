package desk

import (
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// On the first day the page leads to the set-up; once something was read, to the
// first month that the readings cover from its beginning, and says of the one
// before that it cannot be complete.
func TestFirstMonths(t *testing.T) {
	w := &world{t: t, dir: copyExample(t, func(path string, b []byte) []byte { return bare(path, b) }), now: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
	set, err := w.load()
	if err != nil {
		t.Fatal(err)
	}
	loc := set.Config.Provider.Location
	if w.st, err = store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc, Now: w.clock}); err != nil {
		t.Fatal(err)
	}
	defer w.st.Close()
	server := httptest.NewUnstartedServer(nil)
	if w.s, err = New(t.Context(), Options{Store: w.st, Load: w.load, Now: w.clock, Log: quiet(), Version: "test", Workers: 1, Hosts: []string{server.Listener.Addr().String()}}); err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = w.s.Handler()
	server.Start()
	defer server.Close()
	w.url = server.URL
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get("/")
	shows(t, body, "Nothing was read yet", `<a class="button first" href="/setup">`)

	for day := month.Date(2026, 8, 29); day <= month.Date(2026, 10, 2); day++ {
		if err := w.st.PutDirectory(t.Context(), &snapshot.Directory{Reading: snapshot.Reading{Source: "d", Kind: snapshot.KindDirectory, Taken: day.Start(loc), Day: day, Status: snapshot.Complete}}); err != nil {
			t.Fatal(err)
		}
	}
	_, body = b.get("/")
	shows(t, body, "Readings begin on 29 Aug 2026: this month cannot be complete", "Collect now")
	if first := `<a class="button first" href="/m/2026-09/r0/do/close">`; strings.Count(body, `class="button first"`) != 1 || !strings.Contains(body, first) {
		t.Errorf("the act to begin with is not %s", first)
	}
}
