package rules

import (
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Three have a mailbox. The customer brings two CALs with Software Assurance:
// two are counted as the SAL for SA and one as the usual one; ended in
// September, all three are; without a rule for it, two are counted as nothing,
// which is an error.
func TestCountedAs(t *testing.T) {
	const rules = `
version: "test"
products:
  - {id: exchange-std, part_number: X-1, unit: user, entitled: {groups: [Mail]}}
  - {id: exchange-sa, part_number: X-SA, unit: user, entitled: {counted_as: true}}
`
	s := newScene(t)
	s.rules(rules)
	d := s.dir()
	for i, n := range []string{"ann", "bob", "cor"} {
		d.user(i+1, n, "OU=alpha,DC=h", always)
	}
	d.user(4, "dik", "OU=beta,DC=h", always)
	d.group(100, "Mail", id(1), id(2), id(3), id(4))
	x := register.Exclusion{ID: "SA-1", Tenant: "alpha", Product: "exchange-std", Ground: register.CustomerOwned, Match: register.Match{Kind: register.MatchAll},
		Quantity: 2, Limited: true, Document: "enrollment 4", CountedAs: "exchange-sa"}
	s.reg.Exclusions = []register.Exclusion{x}
	st := s.run()
	s.want(st, "alpha", "exchange-std", 1, 0, 2)
	s.want(st, "alpha", "exchange-sa", 2)
	s.want(st, "beta", "exchange-std", 1)
	s.want(st, "beta", "exchange-sa", 0)
	s.wantFindings(st, "exclusion-counted-as")

	y := x
	y.Until = month.OptionalDay{Day: s.facts.Month.FirstDay() - 1, Set: true}
	s.reg.Exclusions = []register.Exclusion{y}
	st = s.run()
	s.want(st, "alpha", "exchange-std", 3)
	s.want(st, "alpha", "exchange-sa", 0)

	z := x
	z.CountedAs = "exchange-sall"
	s.reg.Exclusions = []register.Exclusion{z}
	s.wantFindings(s.run(), "exclusion-counted-as", "SA-1")
}

// A disaster-recovery server that stands with production, or ran for more than
// a week, is told; one apart that is off is not.
func TestDisasterRecovery(t *testing.T) {
	s := newScene(t)
	first := s.facts.Month.FirstDay()
	add := func(host, cluster string, power snapshot.Power, days int) {
		m := snapshotMachine(host, "alpha", "Standard")
		m.Cluster, m.Power = cluster, power
		mm := snapshot.MachineMonth{Source: "estate", Machine: m, First: first, Last: first + 30, File: "hosts.csv"}
		for i := range days {
			mm.Days = append(mm.Days, first+month.Day(i))
		}
		s.facts.Machines = append(s.facts.Machines, mm)
	}
	add("SQL-1", "prod", snapshot.PowerOn, 31)
	add("DR-1", "prod", snapshot.PowerOff, 31)
	add("DR-2", "recovery", snapshot.PowerOn, 8)
	add("DR-3", "recovery", snapshot.PowerOff, 31)
	for _, h := range []string{"DR-1", "DR-2", "DR-3"} {
		s.reg.Exclusions = append(s.reg.Exclusions, register.Exclusion{ID: h, Tenant: "alpha", Product: "sql-*", Ground: register.Recovery, Document: "plan", Match: register.Match{Kind: register.MatchHost, Pattern: h}})
	}
	st := s.run()
	s.want(st, "", "sql-std", 2)
	s.wantFindings(st, "recovery-in-production-cluster", "DR-1")
	s.wantFindings(st, "recovery-ran-too-long", "DR-2")

	// Three days in this month and five in the one before are eight in 90 days;
	// of the same five 90 days and more ago, none counts.
	s.facts.Machines = s.facts.Machines[:2]
	add("DR-2", "recovery", snapshot.PowerOn, 3)
	st = s.run()
	s.wantFindings(st, "recovery-ran-too-long")
	s.wantFindings(st, "recovery-ran", "DR-2 on "+first.String()+" "+(first+1).String()+" "+(first+2).String())
	for ago, long := range map[month.Day]bool{20: true, 95: false} {
		subject := "DR-2 on"
		for i := range 5 {
			subject += " " + (first - ago + month.Day(i)).String()
		}
		s.prev = []statement.Earlier{{Month: s.facts.Month.Add(-1).String(), Computed: true, Findings: []string{"recovery-ran|alpha||" + subject}}}
		if st = s.run(); long {
			s.wantFindings(st, "recovery-ran-too-long", "DR-2")
		} else {
			s.wantFindings(st, "recovery-ran-too-long")
		}
	}
}

// Two computers of the group, one of them disabled from the 10th on, a person
// who is in it by mistake, and a computer disabled all month: two devices, one
// of them alpha's; an entry for a host takes out the other.
func TestDevices(t *testing.T) {
	s := newScene(t)
	s.rules(`
version: "test"
products:
  - {id: sql-device, part_number: D-1, unit: device, entitled: {groups: [Kiosks]}}
`)
	computer := func(a *snapshot.Account) { a.Class = snapshot.Computer }
	d := s.dir()
	d.user(1, "KIOSK-1$", "OU=alpha,DC=h", always, computer)
	d.user(2, "KIOSK-2$", "OU=beta,DC=h", days(1, 9), computer)
	d.user(2, "KIOSK-2$", "OU=beta,DC=h", days(10, 31), computer, disabled)
	d.user(3, "ann", "OU=alpha,DC=h", always)
	d.user(4, "KIOSK-4$", "OU=beta,DC=h", always, computer, disabled)
	d.group(100, "Kiosks", id(1), id(2), id(3), id(4))
	st := s.run()
	s.want(st, "", "sql-device", 2)
	s.want(st, "alpha", "sql-device", 1)
	for _, m := range st.Machines {
		if m.Host == "KIOSK-2" && (m.First.String() != "2026-10-01" || m.Last.String() != "2026-10-09") {
			t.Errorf("KIOSK-2 counts from %s to %s", m.First, m.Last)
		}
	}
	s.reg.Exclusions = []register.Exclusion{{ID: "K", Tenant: "beta", Product: "sql-device", Ground: register.CustomerOwned, Document: "d", Match: register.Match{Kind: register.MatchHost, Pattern: "KIOSK-*"}}}
	s.want(s.run(), "", "sql-device", 1, 0, 1)
}
