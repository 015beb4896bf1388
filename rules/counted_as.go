package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
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
// in 90 days.
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
		e.checkRan(u, m)
	}
}

// recoveryWindow is in how many days a disaster-recovery server may run a week.
const recoveryWindow = 90

// checkRan holds the days on which a disaster-recovery server was seen running
// against a week in 90 days. The days of the months before come from the finding
// that tells them, month by month.
func (e *evaluation) checkRan(u *exclusionUse, m *machine) {
	tell := func(code string, sev statement.Severity, subject string, count int, message, action string) {
		e.finding(statement.Finding{Code: code, Severity: sev, Tenant: tenantOf(u.entry), Subject: subject, Count: count, Message: message, Action: action,
			At: &snapshot.Evidence{File: e.Config.Exclusions, Line: u.entry.Line}})
	}
	ran := map[month.Day]bool{}
	for _, s := range m.states {
		if p := folded(s.Power); p != "" && p != snapshot.PowerOff {
			for _, d := range s.Days {
				ran[d] = true
			}
		}
	}
	before := "the months before are not known here"
	if n := len(e.Earlier); n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() && e.Earlier[n-1].Computed {
		before = "the months before are in it"
		begins := (&statement.Finding{Code: "recovery-ran", Tenant: tenantOf(u.entry), Subject: m.host + onDays}).Key()
		for _, k := range e.Earlier[n-1].Findings {
			text, ok := strings.CutPrefix(k, begins)
			for day := range strings.SplitSeq(text, " ") {
				if d, err := month.ParseDay(day); ok && err == nil && d < e.w.m.FirstDay() {
					ran[d] = true
				}
			}
		}
	}
	days := slices.Sorted(maps.Keys(ran))
	most := 0
	for i, d := range days {
		from, _ := slices.BinarySearch(days, d-recoveryWindow+1)
		if d >= e.w.m.FirstDay() {
			most = max(most, i-from+1)
		}
	}
	from, _ := slices.BinarySearch(days, e.w.m.LastDay()-recoveryWindow+1)
	if days = days[from:]; len(days) > 0 {
		var list []string
		for _, d := range days {
			list = append(list, d.String())
		}
		tell("recovery-ran", statement.Info, m.host+onDays+strings.Join(list, " "), 0,
			fmt.Sprintf("%s is kept out as a disaster-recovery server (%s) and was seen running on %d %s of the last 90; %s", m.host, u.entry.ID, len(days), diag.Plural(len(days), "day", "days"), before),
			"nothing, while it is a week in 90 days at most")
	}
	if most > recoveryDays {
		tell("recovery-ran-too-long", statement.High, u.entry.ID, most,
			fmt.Sprintf("%s is kept out as a disaster-recovery server (%s) and was seen running on %d %s; tests may take a week in 90 days", m.host, u.entry.ID, most, diag.Plural(most, "day", "days")),
			"license it for the month, or name the disaster in the entry's document and accept this")
	}
}

// onDays parts the host from the days in the finding's subject.
const onDays = " on "

// keptOut says whether an entry took a machine out of any line; nil is any
// entry for disaster recovery.
func (e *evaluation) keptOut(m *machine, x *register.Exclusion) bool {
	for i := range e.st.Machines {
		if s := &e.st.Machines[i]; s.Key == m.key && s.Excluded != nil && (x != nil && s.Excluded.ID == x.ID || x == nil && s.Excluded.Ground == register.Recovery) {
			return true
		}
	}
	return false
}
