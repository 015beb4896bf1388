package rules

import (
	"fmt"
	"sort"
	"strings"

	"splameter/internal/register"
	"splameter/internal/statement"
)

// checkServerAdmins looks at who administers servers over RDS without a
// licence: two on each server may, each further one needs an RDS SAL (docs/licensing.md
// 1.2). Administrators are those whom the register excludes as such.
func checkServerAdmins(e *evaluation) {
	admin := map[int32]bool{}
	for n := range e.persons {
		for _, c := range e.claims.of(n) {
			if c.excluded != 0 && e.Register.Exclusions[c.excluded-1].Ground == register.Admin {
				admin[int32(n)] = true
			}
		}
	}
	if len(admin) == 0 {
		return
	}
	on := map[string]map[int32]string{} // by host, the persons with a name
	for _, o := range e.usage.owned {
		n := e.w.accounts[o.account].person
		if n < 0 || !admin[n] {
			continue
		}
		u := e.Facts.Uses.At(int(o.use))
		if u.Days == 0 {
			continue
		}
		if on[u.Host] == nil {
			on[u.Host] = map[int32]string{}
		}
		on[u.Host][n] = e.w.accountName(o.account)
	}
	hosts := make([]string, 0, len(on))
	for h := range on {
		hosts = append(hosts, h)
	}
	sort.Strings(hosts)
	for _, h := range hosts {
		limit := e.Config.Checks.ServerAdminMax
		if len(on[h]) <= limit {
			continue
		}
		var names []string
		for _, name := range on[h] {
			names = append(names, name)
		}
		sort.Strings(names)
		e.finding(statement.Finding{Code: "too-many-server-admins", Severity: statement.Medium, Subject: h, Count: len(names) - limit,
			Message: fmt.Sprintf("%d administrators without an RDS SAL had sessions on %s, and %d may: %s", len(names), h, limit, strings.Join(names[:min(len(names), 10)], ", ")),
			Action:  "report an RDS SAL for the others, or let fewer administer the server (checks: server_admin_max)"})
	}
}
