package agent

import (
	"encoding/json"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// On 22 November 2026 at noon: the directory was read that day and one before,
// the other sources never; October is open, its deadline, 10 November, is 12
// days past; 22 days of November have begun.
func TestMetricsAndHealth(t *testing.T) {
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.keep.Store(60)
		w.until("2026-11-22 12:00")
		w.day(w.at("2026-10-31 01:00"))
		setup := w.setup()
		setup.Config.Agent.Listen = "127.0.0.1:0" // New makes the job; nothing listens in this test
		st := w.open(setup)
		// Of two hosts one was read on the 21st: its log is full, and holds the seven
		// days since the 14th. Nobody has read the other yet.
		at := func(day int) time.Time { return time.Date(2026, 11, day, 1, 0, 0, 0, time.UTC) }
		if err := st.PutHosts(t.Context(), []snapshot.HostState{{Source: "farm", Host: "rdsh-1.duin.example", Way: snapshot.WayLive, Tried: at(21), Taken: at(21), Software: at(21),
			Logs: []snapshot.HostStateLog{{Channel: "Security", Newest: 9, At: at(21), Oldest: at(14), Size: 1 << 20, MaxSize: 1 << 20}}}}); err != nil {
			t.Fatal(err)
		}
		watched := watch(setup)
		a, err := New(Options{Store: st, Setup: setup, Sources: sources(watched), Version: "1.2.3", Log: discard()})
		if err != nil {
			t.Fatal(err)
		}
		a.cfg.Hosts = []config.Hosts{{Name: "farm", Names: []string{"rdsh-1.duin.example", "RDSH-2.duin.example"}}} // which no job of this test reads
		get := func(path string) (int, string) {
			rec := httptest.NewRecorder()
			a.handler().ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
			b, _ := io.ReadAll(rec.Body)
			return rec.Code, string(b)
		}
		if code, body := get("/healthz"); code != 503 || !strings.Contains(body, `"stuck"`) {
			t.Errorf("before it runs: %d %s", code, body)
		}
		a.beat = a.now()
		for _, day := range []string{"2026-11-21", "2026-11-22"} {
			w.day(w.at(day + " 01:00"))
		}
		if err := a.attempt(t.Context(), a.sources[0]); err != nil {
			t.Fatal(err)
		}
		watched[1].before = func(int) error { return errDown }
		watched[2].before = func(int) error { panic("x") }
		for _, j := range a.sources[1:] {
			if err := a.attempt(t.Context(), j); err == nil {
				t.Errorf("%s did not fail", j.name)
			}
		}
		if err := a.status(t.Context()); err != nil {
			t.Fatal(err)
		}
		if code, body := get("/api/v1/months"); code != 401 || strings.Contains(body, "2026") {
			t.Errorf("who has no token is told %d %s", code, body)
		}
		if code, body := get("/api/v1/openapi.json"); code != 200 || !strings.Contains(body, "/api/v1/months/{month}/days") {
			t.Errorf("the interface's description: %d", code)
		}
		_, body := get("/metrics")
		for _, want := range []string{
			`splameter_build_info{goversion="`, `version="1.2.3"} 1`,
			`splameter_source_days_covered{kind="directory",source="ad"} 2`,
			`splameter_source_days_covered{kind="sessions",source="logs"} 0`,
			`splameter_month_days_passed 22`, `splameter_deadline_days -12`, `splameter_months_not_submitted 1`,
			`splameter_job_failures_total{job="source ad"} 0`, `splameter_job_failures_total{job="source logs"} 1`,
			`splameter_job_panics_total{job="source programs"} 1`, `splameter_job_failing{job="source programs"} 1`,
			`splameter_job_last_success_timestamp_seconds{job="source ad"} 1.7953452e+09`,                        // 2026-11-22T11:00:00Z
			`splameter_host_last_read_timestamp_seconds{host="rdsh-1.duin.example",source="farm"} 1.7952228e+09`, // 2026-11-21T01:00:00Z
			`splameter_host_last_read_timestamp_seconds{host="rdsh-2.duin.example",source="farm"} 0`,
			`splameter_host_log_holds_days{host="rdsh-1.duin.example",source="farm"} 7`,
			`splameter_host_trouble{host="rdsh-1.duin.example",source="farm"} 0`, `splameter_host_trouble{host="rdsh-2.duin.example",source="farm"} 2`,
			`splameter_job_last_duration_seconds{job="source ad"} 0`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("the metrics do not say %s", want)
			}
		}
		if t.Failed() {
			t.Log(body)
		}
		code, body := get("/healthz")
		var h struct {
			Status string
			Jobs   []struct{ Job, State string }
		}
		if err := json.Unmarshal([]byte(body), &h); err != nil || code != 503 || h.Status != "failing" || h.Jobs[0].State != "ok" || h.Jobs[1].State != "failing" {
			t.Errorf("%d %s %v", code, body, err)
		}
		if strings.Contains(body, errDown.Error()) {
			t.Errorf("the health tells an error: %s", body)
		}
		watched[1].before, watched[2].before = nil, nil
		for _, j := range a.sources[1:] {
			if err := a.attempt(t.Context(), j); err != nil {
				t.Error(err)
			}
		}
		if code, body := get("/healthz"); code != 200 {
			t.Errorf("after all was read: %d %s", code, body)
		}
		if code, _ := get("/"); code != 404 {
			t.Errorf("/ is answered with %d", code)
		}
		time.Sleep(time.Hour) // without a heartbeat
		if code, body := get("/healthz"); code != 503 || !strings.Contains(body, "stuck") {
			t.Errorf("without a heartbeat: %d %s", code, body)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Nothing but the loopback is listened on, whatever the config got past its
// checks, and a port that is taken ends the start with words.
func TestListensOnTheLoopback(t *testing.T) {
	w := newWorld(t)
	setup := w.setup()
	st := w.open(setup)
	defer st.Close()
	none := []collector.Source{&slow{begun: make(chan struct{}, 1)}}
	for _, x := range []struct{ listen, want string }{{"0.0.0.0:0", "no loopback address"}, {"127.0.0.1:99999", "write another port"}} {
		setup.Config.Agent.Listen = x.listen
		a, err := New(Options{Store: st, Setup: setup, Sources: none, Log: discard()})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want an error about %q", x.listen, err, x.want)
		}
	}
}
