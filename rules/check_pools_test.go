package rules

import (
	"strings"
	"testing"

	"splameter/internal/statement"
)

// A pool that a rule names and the config does not have is an error, as a group
// is: its product would be zero in silence. A rule for all pools where there is
// none is told too, and keeps nobody from approving. The name is matched as everywhere, without regard to case.
func TestMissingPool(t *testing.T) {
	for text, want := range map[string][]string{
		`["*"]`: nil, `[Shar*]`: nil, `[sharde]`: {"rds/sharde"}, `[shared, "lab-?"]`: {"rds/lab-?"},
	} {
		s := newScene(t)
		s.rules(strings.Replace(sceneRules, `{pools: ["*"]}`, "{pools: "+text+"}", 1))
		s.dir().user(1, "ann", "OU=alpha,DC=h", always)
		st := s.run()
		s.wantFindings(st, "pool-missing", want...)
		for _, f := range st.Findings {
			if f.Code == "pool-missing" && (f.Severity != statement.Error || f.Product != "rds") {
				t.Errorf("%+v", f)
			}
		}
	}
	s := newScene(t)
	s.cfg.Pools = nil
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	st := s.run()
	s.wantFindings(st, "pool-missing", "rds/*")
	for _, f := range st.Findings {
		if f.Code == "pool-missing" && f.Severity != statement.High {
			t.Errorf("%+v", f)
		}
	}
}
