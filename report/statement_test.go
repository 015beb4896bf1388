package report

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
)

// The statement is written piece by piece, and is what one encoder writes: of
// a whole month, of a trial, and of an empty one, whose lists are none.
func TestStatementIsWrittenAsByOneEncoder(t *testing.T) {
	whole := fixture(t).Statement
	whole.Findings[0].Message = "<R&D>\u2028"
	trial := *whole
	trial.Test, trial.Tenants = true, trial.Tenants[:1]
	empty := &statement.Statement{Lines: []statement.Line{}, Tenants: []statement.Tenant{}, Findings: []statement.Finding{}, Products: []statement.Product{},
		Coverage: statement.Coverage{Sources: []statement.SourceCoverage{}, Gaps: []statement.Gap{}}}
	for _, st := range []*statement.Statement{whole, &trial, empty} {
		var got, want bytes.Buffer
		if err := StatementJSON(&got, st); err != nil {
			t.Fatal(err)
		}
		for i := range st.Tenants {
			st.Tenants[i].Lines = list(st.Tenants[i].Lines)
		}
		st.Coverage.Gaps, st.Questions = list(st.Coverage.Gaps), list(st.Questions)
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(st); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want.String(), got.String()); d != "" {
			t.Error(d)
		}
	}
}
