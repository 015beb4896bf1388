package config

import (
	"strings"
	"testing"
)

// What would let a program in that nobody meant to is a fault: a token in
// place of its digest, one digest for two, a role that does not exist, an
// account manager without customers. No fault repeats what may be the token.
func TestAPIFaults(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	good := "{name: bi, role: viewer, sha256: " + sum + "}"
	for _, x := range []struct{ tokens, want string }{
		{good, ""},
		{"{name: crm, role: account-manager, customers: [a], sha256: " + sum + ", until: 2027-01-31}", ""},
		{strings.Replace(good, sum, "hunter2hunter2hunter2", 1), "the token's digest is none"},
		{strings.Replace(good, sum, strings.ToUpper(sum), 1), "the token's digest is none"},
		{strings.Replace(good, "viewer", "approver", 1), "is no role that splameter knows"},
		{strings.Replace(good, "viewer", "account-manager", 1), "name customers: for an account-manager"},
		{strings.Replace(good, "sha256", "customers: [a], sha256", 1), "name customers: for an account-manager"},
		{strings.Replace(good, "name: bi, ", "", 1), "a name is missing"},
		{good + ", " + strings.Replace(good, "bi", "two", 1), "two tokens have the same digest"},
		{good + ", " + strings.Replace(good, "0a0a", "0b0b", 1), "is named here again"},
	} {
		_, faults := Parse("c.yaml", []byte(head+"api: {tokens: ["+x.tokens+"]}\n"))
		if x.want == "" && len(faults) > 0 || x.want != "" && (len(faults) != 1 || !strings.Contains(faults[0].Error(), x.want)) {
			t.Errorf("%s: %v, want one fault about %q", x.tokens, faults, x.want)
		}
		if strings.Contains(faults.Error(), "hunter2") {
			t.Errorf("a fault repeats the token: %v", faults)
		}
	}
}
