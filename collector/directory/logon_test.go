package directory_test

import (
	"errors"
	"strings"
	"testing"

	"splameter/collector/directory"
	"splameter/collector/directory/directorytest"
)

// Whoever the domain controller lets on is known by name, with the groups they
// are in through others; everybody else is refused.
func TestLogOnAsOneself(t *testing.T) {
	dc := small.start(t)
	cfg := reach(t, dc)
	cfg.Domain = dc.Forest.NetBIOS
	for _, user := range []string{"reader", `reader@` + dc.Forest.DNS, dc.Forest.NetBIOS + `\reader`} {
		m, err := directory.LogOn(t.Context(), cfg, user, password, []string{"RDS-Users", "no such group"})
		if err != nil {
			t.Fatal(err)
		}
		if m.Account != dc.Forest.NetBIOS+`\reader` || len(m.Groups) != 0 {
			t.Errorf("%s is %+v", user, m)
		}
	}
	groups := []string{"Domain Admins", "RDS-Users", "Denied RODC Password Replication Group"} // the last holds the first
	m, err := directory.LogOn(t.Context(), cfg, "Administrator", directorytest.AdminPassword, groups)
	if err != nil || strings.Join(m.Groups, ",") != "Domain Admins,Denied RODC Password Replication Group" {
		t.Errorf("the administrator is %+v: %v", m, err)
	}
	for _, x := range [][2]string{{"reader", "wrong"}, {"reader", ""}, {"nobody", password}, {"off", password}, {`OTHER\reader`, password}, {"*", password}, {"reader)(cn=*", password}} {
		if _, err := directory.LogOn(t.Context(), cfg, x[0], x[1], nil); !errors.Is(err, directory.ErrRefused) {
			t.Errorf("%q: %v", x[0], err)
		}
	}
}
