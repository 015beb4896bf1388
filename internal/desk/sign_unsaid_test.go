package desk

import (
	"net/url"
	"strings"
	"testing"
)

// A report with empty lines for the agreement and for who signs is told before it
// is approved, and a revision of a month that was submitted waits for no deadline.
func TestApproveTellsWhatIsUnsaid(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		if path == "config.yaml" {
			return []byte(strings.Replace(string(b), `agreement: "EXAMPLE-S0000000"`, `agreement: ""`, 1))
		}
		return b
	})
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	_, body := b.get(october + "/do/approve")
	shows(t, body, "has an empty line for: SPLA agreement. Set-up")
	hides(t, body, "SPLA agreement, ")
}
