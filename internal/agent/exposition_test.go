package agent

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// By hand, after Prometheus' description of its text format: families and series
// in order, labels by name, and in their values \, " and line ends written so that
// a name from outside cannot make a line of its own.
func TestExposition(t *testing.T) {
	var e exposition
	hosts := e.family("gauge", "trouble", "How a host stands.", "source", "host")
	runs := e.family("counter", "runs_total", "Runs.", "job")
	e.family("gauge", "days", "Days.").set(-12)
	e.family("gauge", "never", "Never set.", "job")
	hosts.set(1795345200, "farm", `C:\"x"`+"\nsplameter_days 3")
	hosts.set(0.5, "farm", "a\xff")
	runs.add(0, "close")
	runs.add(1, "ad")
	runs.add(1, "ad")
	const want = `# HELP splameter_days Days.
# TYPE splameter_days gauge
splameter_days -12
# HELP splameter_runs_total Runs.
# TYPE splameter_runs_total counter
splameter_runs_total{job="ad"} 2
splameter_runs_total{job="close"} 0
`
	const trouble = `# HELP splameter_trouble How a host stands.
# TYPE splameter_trouble gauge
splameter_trouble{host="C:\\\"x\"\nsplameter_days 3",source="farm"} 1.7953452e+09
splameter_trouble{host="a` + "\uFFFD" + `",source="farm"} 0.5
`
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if got := rec.Header().Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("it calls itself %s", got)
	}
	if diff := cmp.Diff(want+trouble, rec.Body.String()); diff != "" {
		t.Error(diff)
	}
	hosts.reset()
	if diff := cmp.Diff(want, string(e.text())); diff != "" {
		t.Errorf("after the hosts were forgotten: %s", diff)
	}
}
