package report

import (
	"testing"

	"splameter/internal/statement"
)

// An approved month whose gaps were all accepted goes out without a word of
// them; one gap that nobody answered for, or a draft, does not.
func TestProvisional(t *testing.T) {
	for _, c := range []struct {
		name     string
		state    statement.State
		status   statement.Status
		accepted []string
		want     bool
	}{
		{"complete", statement.Open, statement.Complete, nil, false},
		{"draft with an accepted gap", statement.Draft, statement.Incomplete, []string{"eva: host is gone"}, true},
		{"approved, all accepted", statement.Approved, statement.Incomplete, []string{"eva: host is gone", "eva: known"}, false},
		{"approved, one open", statement.Approved, statement.Incomplete, []string{"eva: host is gone", ""}, true},
	} {
		st := &statement.Statement{State: c.state, Status: c.status}
		for _, a := range c.accepted {
			st.Coverage.Gaps = append(st.Coverage.Gaps, statement.Gap{Accepted: a})
		}
		if got := (&Workbooks{Input: Input{Statement: st}}).provisional(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
