package rules

import (
	"fmt"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// countAs lets the products that exclusions count others as be reached by whom
// those can mean, of whatever tenant; whether an entry took a person out is known later, and
// decides (see needless).
func (e *entitlement) countAs() {
	for i := range e.in.Register.Exclusions {
		x := &e.in.Register.Exclusions[i]
		if x.CountedAs == "" {
			continue
		}
		target := -1
		for k, p := range e.products {
			if p.ID == x.CountedAs && p.Entitled.CountedAs {
				target = k
			}
		}
		if target < 0 {
			continue // told by checkExclusions
		}
		u := exclusionUse{entry: x, who: NewGlob(x.Match.Pattern)}
		means := NewGlob(x.Product)
		for k, p := range e.products {
			if k == target || p.of != "" || !p.meant(means) {
				continue
			}
			for _, r := range e.reach[k].list {
				if r.days&^e.meansOn(&u, r.account) == 0 {
					e.bring(target, r, p.ID)
				}
			}
		}
	}
}

// most days in a month on which a disaster-recovery server may run for tests:
// one week in 90 days.
const recoveryDays = 7

// checkRecovery holds an entry for disaster-recovery servers against what was
// seen of them: they stand outside the production cluster, and run but a week
// in 90 days. A month shows no more than its own days.
func (e *evaluation) checkRecovery(u *exclusionUse, say func(string, statement.Severity, int, string, string)) {
	clusters := map[string]string{}
	for _, m := range e.machines {
		if m.cluster != "" && !e.keptOut(m, nil) {
			clusters[m.cluster] = m.host
		}
	}
	for _, m := range e.machines {
		if !e.keptOut(m, u.entry) {
			continue
		}
		if other := clusters[m.cluster]; m.cluster != "" && other != "" {
			say("recovery-in-production-cluster", statement.High, 0,
				fmt.Sprintf("%s is kept out as a disaster-recovery server (%s) and stands in cluster %s with %s", m.host, u.entry.ID, m.cluster, other),
				"a disaster-recovery server may not stand in the production cluster: license it, or move it")
		}
		on := map[int]bool{}
		for _, s := range m.states {
			if p := strings.ToLower(s.Power); p != "" && p != "off" {
				for _, d := range s.Days {
					on[int(d)] = true
				}
			}
		}
		if len(on) > recoveryDays {
			say("recovery-ran-too-long", statement.High, len(on),
				fmt.Sprintf("%s is kept out as a disaster-recovery server (%s) and was seen running on %d %s; tests may take a week in 90 days", m.host, u.entry.ID, len(on), diag.Plural(len(on), "day", "days")),
				"license it for the month, or name the disaster in the entry's document and accept this")
		}
	}
}

// keptOut says whether an entry took a machine out of any line; nil is any
// entry for disaster recovery.
func (e *evaluation) keptOut(m *machine, x *register.Exclusion) bool {
	for i := range e.st.Machines {
		if s := &e.st.Machines[i]; s.Key == m.key && s.Excluded != nil && (x != nil && s.Excluded.ID == x.ID || x == nil && s.Excluded.Ground == string(register.Recovery)) {
			return true
		}
	}
	return false
}
