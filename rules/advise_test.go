package rules

import (
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func mapped(st *statement.Statement, kind statement.MappingKind) (out []string) {
	for _, m := range st.Mapping {
		if m.Kind == kind {
			out = append(out, m.Subject)
		}
	}
	return out
}

// One thing of each kind.
func TestMapping(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	d.unit("OU=alpha,DC=h", always)
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.user(2, "lost", "OU=lost,DC=h", always)
	d.user(3, "inner", "OU=inner,OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2), id(3))
	s.reg.Tenants = append(s.reg.Tenants,
		register.Tenant{ID: "inner", OUs: []register.OU{{DN: "OU=inner,OU=alpha,DC=h"}}},
		register.Tenant{ID: "bare"})
	s.cfg.Pools = append(s.cfg.Pools, config.Pool{Name: "empty", Hosts: []string{"GONE-*"}, Users: []string{"RDS-Users"}})
	s.use("other-1", `hosting\a1`, 3)
	s.install("RDSH-1", "7-Zip")
	s.install("FILE-1", "Microsoft Office Professional Plus 2019")
	st := s.run()
	for kind, want := range map[statement.MappingKind]string{
		statement.MapUnitWithoutTenant: "ou=lost,dc=h",
		statement.MapTenantWithoutUnit: "OU=beta,DC=h bare", // beta's unit holds nothing
		statement.MapOverlap:           "OU=inner,OU=alpha,DC=h",
		statement.MapGroupMissing:      "LIC-Pro LIC-Std",
		statement.MapPoolWithoutHost:   "empty",
		statement.MapHostWithoutPool:   "other-1",
		statement.MapTitleWithoutRule:  "Microsoft Office Professional Plus 2019",
	} {
		if got := strings.Join(mapped(st, kind), " "); !strings.EqualFold(got, want) {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	if m := st.Mapping[0]; m.Count != 1 || m.Counted != 1 {
		t.Errorf("the unit without a tenant has one account, which is counted: %+v", m)
	}
}

func advice(st *statement.Statement, code statement.AdviceCode) (out []statement.Advice) {
	for _, a := range st.Advice {
		if a.Code == code {
			out = append(out, a)
		}
	}
	return out
}

// Counted in August and September without a session (idle 2), and in October
// neither: 3 months. a2 was idle for one month before: 2. a3 had a session.
// The quantity stays 3.
func TestIdle(t *testing.T) {
	s := newScene(t)
	d := s.dir()
	for n, name := range []string{"a1", "a2", "a3"} {
		d.user(n+1, name, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users", id(1), id(2), id(3))
	s.use("rdsh-1", `hosting\a3`, 12)
	s.install("RDSH-1", "7-Zip")
	s.price("RDS-1", "4.10")
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true, Counted: snapshot.ListOf([]statement.Counted{
		{Tenant: "alpha", Product: "rds", Key: id(1), Units: 1, Idle: 2},
		{Tenant: "alpha", Product: "rds", Key: id(2), Units: 1, Idle: 1},
		{Tenant: "alpha", Product: "rds", Key: id(3), Units: 1, Idle: 2},
	}...)}}
	logs := func(until int) {
		last := month.Date(2026, 10, until).Start(s.facts.Month.Location()).UTC()
		s.facts.Logs = snapshot.ListOf(snapshot.Log{Host: "rdsh-1", Name: "RDSH-1", Channel: "LSM", First: s.facts.Month.Start().UTC().Add(-1), Last: last, Until: last})
	}
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	logs(32)
	st := s.run()
	s.want(st, "alpha", "rds", 3, 1)
	a := advice(st, statement.AdviceIdle)
	if len(a) != 1 || a[0].Count != 1 || a[0].Saves != "4.10" || strings.Join(a[0].Names, " ") != "a1" {
		t.Errorf("%+v (gaps %+v)", a, st.Coverage.Gaps)
	}
	idle := map[string]int{}
	for _, p := range st.Persons.List() {
		idle[p.Key] = p.Idle
	}
	if idle[id(1)] != 3 || idle[id(2)] != 2 || idle[id(3)] != 0 {
		t.Errorf("%v", idle)
	}
	// With half a month of logs nobody is known to have been idle in October.
	logs(16)
	if a := advice(s.run(), statement.AdviceIdle); len(a) != 0 {
		t.Errorf("%+v", a)
	}
}

// One processor of 8 cores: 4 packs. Standard at 6.00 with 8 guests is due 8
// times: 32 x 6 = 192; Datacenter 4 x 40 = 160, 32 less. With one guest
// Standard is 24, and a host on Datacenter pays 136 too much.
func TestAdviceWindows(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "a1", "OU=alpha,DC=h", always)
	s.price("DC-1", "40")
	s.price("WS-1", "6")
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8.0", WindowsLicence: snapshot.WindowsStandard})
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		s.machine(snapshot.Machine{Host: "VM" + n, Kind: snapshot.Virtual, VirtualCores: 2, Parent: "HV1", OperatingSystem: "Microsoft Windows Server 2022 Standard"})
	}
	s.machine(snapshot.Machine{Host: "HV2", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: "Microsoft Windows Server 2022 Datacenter"})
	s.machine(snapshot.Machine{Host: "VM9", Kind: snapshot.Virtual, VirtualCores: 2, Parent: "HV2", OperatingSystem: "Microsoft Windows Server 2022 Standard"})
	st := s.run()
	s.want(st, "", "win-std", 32)
	a := advice(st, statement.AdviceWindows)
	if len(a) != 2 || a[0].Subject != "HV2" || a[0].Saves != "136.00" || a[1].Subject != "HV1" || a[1].Now != "192.00" || a[1].Then != "160.00" || a[1].Saves != "32.00" {
		t.Errorf("%+v", a)
	}
}

// In a cluster of two hosts each of 8 guests counts on both: 2 x 4 x 8 = 64
// packs of Standard, 384.00; Datacenter 2 x 4 x 40 = 320.00, and one line for
// the cluster.
func TestAdviceWindowsCluster(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "a1", "OU=alpha,DC=h", always)
	s.price("DC-1", "40")
	s.price("WS-1", "6")
	for _, n := range []string{"HV1", "HV2"} {
		s.machine(snapshot.Machine{Host: n, Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8.0", WindowsLicence: snapshot.WindowsStandard, Cluster: "C1"})
	}
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
		s.machine(snapshot.Machine{Host: "VM" + n, Kind: snapshot.Virtual, VirtualCores: 2, Parent: "HV1", OperatingSystem: "Microsoft Windows Server 2022 Standard"})
	}
	a := advice(s.run(), statement.AdviceWindows)
	if len(a) != 1 || a[0].Subject != "c1" || a[0].Now != "384.00" || a[0].Then != "320.00" || len(a[0].Names) != 2 {
		t.Errorf("%+v", a)
	}
}

const sqlRules = `
version: "test"
products:
  - {id: rds, part_number: RDS-1, unit: user, entitled: {pools: ["*"]}}
  - {id: sql-std-sal, part_number: SAL-1, unit: user, entitled: {groups: [LIC-SQL]}}
  - {id: sql-std, part_number: SQL-1, unit: core, hosts: {sql_edition: [Standard]}, pack: 2, minimum: {per_machine: 4}}
  - {id: sql-ent, part_number: SQL-2, unit: core, hosts: {sql_edition: [Enterprise]}, pack: 2, minimum: {per_machine: 4}}
`

// Alpha has 2 persons and a Standard machine of 4 cores: 2 packs, 300.00, or 2
// SALs at 20.00, 40.00. Beta has a machine by users for one SAL, 20.00 against
// 300.00: nothing to say.
func TestAdviceSAL(t *testing.T) {
	s := newScene(t)
	s.rules(sqlRules)
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.user(2, "a2", "OU=alpha,DC=h", always)
	d.user(3, "b1", "OU=beta,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2), id(3))
	d.group(101, "LIC-SQL", id(3))
	s.price("RDS-1", "4")
	s.price("SAL-1", "20")
	s.price("SQL-1", "150")
	s.machine(snapshot.Machine{Host: "SQL1", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", Tenant: "alpha"})
	s.machine(snapshot.Machine{Host: "SQL2", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", SQLLicence: snapshot.SQLSAL, Tenant: "beta"})
	a := advice(s.run(), statement.AdviceSAL)
	if len(a) != 1 || a[0].Tenant != "alpha" || a[0].Now != "300.00" || a[0].Then != "40.00" || a[0].Saves != "260.00" || !a[0].AtMost {
		t.Errorf("%+v", a)
	}
}

// Three Enterprise machines of 8 cores, 12 packs at 600 = 7200; the host has 1
// x 16 cores, 8 packs = 4800. One that moved between hosts is left out.
func TestAdviceSQLHost(t *testing.T) {
	s := newScene(t)
	s.rules(sqlRules)
	s.dir().user(1, "a1", "OU=alpha,DC=h", always)
	s.price("SQL-1", "150")
	s.price("SQL-2", "600")
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 16, OperatingSystem: "VMware ESXi 8.0", WindowsLicence: snapshot.WindowsCustomer})
	for _, n := range []string{"1", "2", "3"} {
		s.machine(snapshot.Machine{Host: "SQL" + n, Kind: snapshot.Virtual, VirtualCores: 8, Parent: "HV1", SQLEdition: "Enterprise"})
	}
	s.machine(snapshot.Machine{Host: "SQL4", ID: "x", Kind: snapshot.Virtual, VirtualCores: 8, Parent: "HV1", SQLEdition: "Enterprise"})
	s.machine(snapshot.Machine{Host: "SQL4", ID: "x", Kind: snapshot.Virtual, VirtualCores: 8, Parent: "HV2", SQLEdition: "Enterprise"})
	a := advice(s.run(), statement.AdviceSQLHost)
	if len(a) != 1 || a[0].Subject != "HV1" || a[0].Now != "7200.00" || a[0].Then != "4800.00" || len(a[0].Names) != 3 {
		t.Errorf("%+v", a)
	}
}

// Two persons reach Office Professional Plus only because it is installed in
// their pool: 2 x (20 - 15) = 10.00 at most. A third is in the group for it.
func TestAdviceDearer(t *testing.T) {
	s := newScene(t)
	s.rules(strings.Replace(sceneRules, "rank: 2, entitled: {groups: [LIC-Pro]}", `rank: 2, entitled: {groups: [LIC-Pro], installed: ["Microsoft Office Professional Plus 20??"]}`, 1))
	d := s.dir()
	d.user(1, "a1", "OU=alpha,DC=h", always)
	d.user(2, "a2", "OU=alpha,DC=h", always)
	d.user(3, "a3", "OU=alpha,DC=h", always)
	d.group(100, "RDS-Users", id(1), id(2), id(3))
	d.group(101, "LIC-Pro", id(3))
	s.install("RDSH-1", "Microsoft Office Professional Plus 2019")
	s.price("STD-1", "15")
	s.price("PRO-1", "20")
	st := s.run()
	s.want(st, "alpha", "office-pro", 3)
	a := advice(st, statement.AdviceDearer)
	if len(a) != 1 || a[0].Count != 2 || a[0].Saves != "10.00" || !a[0].AtMost {
		t.Errorf("%+v", a)
	}
}
