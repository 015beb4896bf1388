package rules

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// An id stands in keys, in file names and on terminals, and is matched by
// patterns: what would act there, or could not be seen, is refused where it
// stands. Letters of any script and blanks are no harm.
func TestProductIDs(t *testing.T) {
	for id, ok := range map[string]bool{
		"office-std": true, "Visio (2021)": true, "büro": true, "山田": true,
		"rds\x1b[2J": false, "rds\x07": false, "rds\nexcluded": false, "rds\u0085": false, "rds\u202egnp": false, "rds\u200b": false,
		"rds*": false, "-rds": false, `a\b`: false, "a/b": false,
	} {
		_, faults := Parse("rules.yaml", fmt.Appendf(nil, "version: x\nproducts:\n  - id: %s\n    part_number: P\n    unit: user\n    entitled: {groups: [G]}\n", strconv.QuoteToASCII(id)))
		refused := len(faults) == 1 && faults[0].Line == 3 && strings.Contains(faults[0].What, "has characters that an id may not have")
		if refused == ok || ok && len(faults) > 0 {
			t.Errorf("%q: %v, want it taken: %v", id, faults, ok)
		}
	}
}
