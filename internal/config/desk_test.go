package config

import (
	"strings"
	"testing"
)

// What would let the page be served without TLS, without a log-on, or under any
// name is a fault; a desk that is not served needs nothing.
func TestDeskFaults(t *testing.T) {
	const good = "listen: '0.0.0.0:8443', host: 'd.example:8443', cert: c, key: k, directory: live, approvers: [S]"
	const directories = "\ndirectories: [{name: live, domain: D, url: 'ldaps://dc.d.example', base: ['DC=d,DC=example'], bind: {user: r@d.example, password: 'env:P'}}, {name: files, domain: E, ldif: '*.ldif'}]"
	for _, x := range []struct{ from, to, want string }{
		{"", "", ""},
		{"listen: '0.0.0.0:8443'", "listen: ''", ""},
		{"listen: '0.0.0.0:8443'", "listen: here", "no listen of the desk"},
		{"host: 'd.example:8443', ", "", "no host of the desk"},
		{"host: 'd.example:8443'", "host: ':8443'", "no host of the desk"},
		{"cert: c, ", "", "no certificate"},
		{"key: k, ", "", "no certificate"},
		{"directory: live", "directory: none", "no directory of this config"},
		{"directory: live", "directory: files", "read from exports"},
		{", approvers: [S]", "", "nobody may log on"},
	} {
		_, faults := Parse("c.yaml", []byte(head+"desk: {"+strings.Replace(good, x.from, x.to, 1)+"}"+directories+"\n"))
		if x.want == "" && len(faults) > 0 || x.want != "" && (len(faults) != 1 || !strings.Contains(faults[0].Error(), x.want)) {
			t.Errorf("%q for %q: %v, want one fault about %q", x.to, x.from, faults, x.want)
		}
	}
}
