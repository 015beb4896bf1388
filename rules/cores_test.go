package rules

import (
	"slices"
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

const (
	dc  = "Microsoft Windows Server 2022 Datacenter"
	std = "Microsoft Windows Server 2019 Standard"
)

// By hand: HV1 2x6 cores, at least 8 each: 16 cores, 8 packs. HV2 2x10: 20
// cores, 10 packs. Both Datacenter: 18.
// FS 1x4 Standard without guests: 8 cores, 4 packs.
// SQL1 2 virtual cores, at least 4: 2 packs; SQL2 5 cores: 3 packs; SQL3 is
// said to be the customer's, without a document: 4 packs; SQL4 is Express:
// none.
func TestCores(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 6, OperatingSystem: dc})
	s.machine(snapshot.Machine{Host: "HV2", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 10, OperatingSystem: dc})
	s.machine(snapshot.Machine{Host: "FS", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 4, OperatingSystem: std})
	for i, m := range []snapshot.Machine{
		{Host: "SQL1", VirtualCores: 2, SQLEdition: "Standard", Tenant: "alpha"},
		{Host: "SQL2", VirtualCores: 5, SQLEdition: "Standard Edition (64-bit)", Tenant: "beta"},
		{Host: "SQL3", VirtualCores: 8, SQLEdition: "Standard", SQLLicence: snapshot.SQLCustomer, Tenant: "beta"},
		{Host: "SQL4", VirtualCores: 8, SQLEdition: "Express", Tenant: "nobody"},
	} {
		m.Kind, m.Parent, m.OperatingSystem, m.Line = snapshot.Virtual, "HV1", dc, i
		s.machine(m)
	}
	st := s.run()
	s.want(st, register.Shared, "win-dc", 18)
	s.want(st, register.Shared, "win-std", 4)
	s.want(st, "alpha", "sql-std", 2)
	s.want(st, "beta", "sql-std", 3+4)
	s.want(st, "", "sql-std", 5+4)
	s.wantFindings(st, "machine-unknown-tenant", "SQL4")
	s.wantFindings(st, "sql-below-four-cores", "SQL1")
	s.wantFindings(st, "odd-cores", "SQL2")
	if got := questions(st, statement.AskEntry); !slices.Equal(got, []string{"SQL3"}) {
		t.Errorf("asked about entries of %q", got)
	}
}

// A machine that shrank counts at its largest; one that was renamed and has an
// id is one machine; the highest edition of the month counts.
func TestLargestOfTheMonth(t *testing.T) {
	s := newScene(t)
	first := s.facts.Month.FirstDay()
	state := func(from, to int, m snapshot.Machine) {
		s.facts.Machines = append(s.facts.Machines, snapshot.MachineMonth{Source: "estate", Machine: m, First: first + month.Day(from-1), Last: first + month.Day(to-1)})
	}
	state(2, 10, snapshot.Machine{ID: "vm-7", Host: "OLD", Kind: snapshot.Virtual, VirtualCores: 12, SQLEdition: "Web", Tenant: "alpha"})
	state(11, 30, snapshot.Machine{ID: "vm-7", Host: "NEW", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", Tenant: "alpha"})
	st := s.run()
	s.want(st, "", "sql-std", 6)
	if m := st.Machines[0]; m.Host != "NEW" || m.First != first+1 || m.Last != first+29 {
		t.Errorf("%+v", m)
	}
}

// Standard covers one Windows guest: three guests on 16 cores make 24 packs;
// a Linux guest is none. In a cluster every host counts for every guest: two
// hosts of 16 cores and guests G1 (pinned with a document, to HA), G2, G3:
// HA has three, HB two: 24 + 16 packs.
func TestStandardGuests(t *testing.T) {
	s := newScene(t)
	host := func(name, cluster string) {
		s.machine(snapshot.Machine{Host: name, Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8", WindowsLicence: snapshot.WindowsStandard, Cluster: cluster})
	}
	guest := func(name, parent, os, pinned string) {
		s.machine(snapshot.Machine{Host: name, Kind: snapshot.Virtual, VirtualCores: 2, Parent: parent, OperatingSystem: os, Pinned: pinned})
	}
	host("HS", "")
	guest("A", "HS", std, "")
	guest("B", "HS", std, "")
	guest("C", "HS", std, "")
	guest("L", "HS", "Debian GNU/Linux 12", "")
	st := s.run()
	s.want(st, "", "win-std", 24)
	host("HA", "c1")
	host("HB", "c1")
	guest("G1", "HA", std, "doc 12")
	guest("G2", "HA", std, "")
	guest("G3", "HB", std, "")
	st = s.run()
	s.want(st, "", "win-std", 24+24+16)
	s.wantFindings(st, "standard-in-cluster", "HA", "HB")
}

// A hypervisor that is no Windows and has Windows guests owes what the table
// says; where it says nothing, or that it is the customer's without a document,
// it is asked and counted as Datacenter. One without Windows guests owes
// nothing, whatever the table says.
func TestHypervisors(t *testing.T) {
	s := newScene(t)
	esx := func(name string, licence snapshot.WindowsLicence) snapshot.Machine {
		return snapshot.Machine{Host: name, Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8", WindowsLicence: licence}
	}
	for _, m := range []snapshot.Machine{esx("E1", snapshot.WindowsDatacenter), esx("E2", ""), esx("E3", snapshot.WindowsCustomer), esx("E4", snapshot.WindowsDatacenter)} {
		s.machine(m)
		if m.Host != "E4" {
			s.machine(snapshot.Machine{Host: "G-" + m.Host, Kind: snapshot.Virtual, Parent: m.Host + ".host.example", OperatingSystem: std})
		}
	}
	st := s.run()
	s.want(st, "", "win-dc", 4+4+4)
	if got := questions(st, statement.AskEdition); !slices.Equal(got, []string{"E2"}) {
		t.Errorf("asked about editions of %q", got)
	}
	if got := questions(st, statement.AskEntry); !slices.Equal(got, []string{"E3"}) {
		t.Errorf("asked about entries of %q", got)
	}
	// E2 is decided, and E3's document is entered.
	s.decide(statement.QuestionKey(statement.AskEdition, "E2", "windows_licence"), "standard")
	s.reg.Exclusions = []register.Exclusion{{ID: "OWN", Tenant: "*", Product: "win-*", Ground: register.CustomerOwned,
		Match: register.Match{Kind: register.MatchHost, Pattern: "e3"}, Document: "agreement 7"}}
	st = s.run()
	s.want(st, "", "win-dc", 4, 0, 4)
	s.want(st, "", "win-std", 4)
	if st.Status != statement.Incomplete || len(st.OpenQuestions()) > 0 { // the scene has no directory
		t.Errorf("%s, %+v", st.Status, st.OpenQuestions())
	}
}

// Licence mobility for eight cores: M1 (4 cores, 2 packs) and M2 (2 cores,
// counted as 4) fit, M3 does not, and is counted whole.
func TestMachineExclusions(t *testing.T) {
	s := newScene(t)
	for i, cores := range []int{4, 2, 4} {
		s.machine(snapshot.Machine{Host: "M" + string(rune('1'+i)), Kind: snapshot.Virtual, VirtualCores: cores, SQLEdition: "Standard", Tenant: "alpha"})
	}
	s.reg.Exclusions = []register.Exclusion{{ID: "LM", Tenant: "alpha", Product: "sql-*", Ground: register.LicenseMobility,
		Match: register.Match{Kind: register.MatchHost, Pattern: "m*"}, Quantity: 8, Limited: true, Document: "form"}}
	st := s.run()
	s.want(st, "alpha", "sql-std", 2, 0, 4)
	s.wantFindings(st, "exclusion-over-quantity", "LM")
	for _, tn := range st.Tenants {
		if tn.ID == "alpha" && (len(tn.Exclusions) != 1 || tn.Exclusions[0].Used != 8 || tn.Exclusions[0].Allowed != 8) {
			t.Errorf("the annex would say %+v", tn.Exclusions)
		}
	}
}

// By hand, October of 31 days; the hosts table was read on the 2nd, 16th and
// 30th. A right that ends on the 30th does not cover the 31st, on which nothing
// shows that the machine is gone: it is counted. Where its row ended on the 30th,
// or the table of the 30th has it no more and its right ends on the 29th, it is
// out. A right from the 2nd leaves out the 1st, on which a machine stood that
// September's table held.
func TestMachineRightsToTheMonthsEnd(t *testing.T) {
	first := month.Date(2026, 10, 1)
	for name, c := range map[string]struct {
		from, until month.Day
		end         month.Day
		gone, old   bool
		packs, out  int
	}{
		"short by a day":          {0, first + 29, 0, false, false, 2, 0},
		"to the end":              {0, first + 30, 0, false, false, 0, 2},
		"its row ends":            {0, first + 29, first + 29, false, false, 0, 2},
		"gone from the table":     {0, first + 28, 0, true, false, 0, 2},
		"new, from its first day": {first + 1, 0, 0, false, false, 0, 2},
		"from the second":         {first + 1, 0, 0, false, true, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			m := snapshot.Machine{Host: "db", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", Tenant: "alpha", Until: c.end}
			s.machine(m)
			s.machine(snapshot.Machine{Host: "other", Kind: snapshot.Virtual, VirtualCores: 4})
			if x := &s.facts.Machines[0]; c.gone {
				x.Last, x.Days = first+15, []month.Day{first + 1, first + 15}
			}
			if c.old {
				s.facts.Before.Machines = []snapshot.MachineMonth{{Source: "estate", Machine: m, First: first - 20, Last: first - 20}}
			}
			right := register.Exclusion{ID: "LM", Tenant: "alpha", Product: "sql-std", Ground: register.LicenseMobility,
				Match: register.Match{Kind: register.MatchHost, Pattern: "db"}, Document: "form"}
			if c.from != 0 {
				right.From = month.OptionalDay{Day: c.from, Set: true}
			}
			if c.until != 0 {
				right.Until = month.OptionalDay{Day: c.until, Set: true}
			}
			s.reg.Exclusions = []register.Exclusion{right}
			st := s.run()
			s.want(st, "alpha", "sql-std", c.packs, 0, c.out)
		})
	}
}

// By hand. A physical SQL server with 1 x 2 cores owes 4 per processor: 2
// packs. 5 virtual cores on 2 threads each are 10: 5 packs. 9 cores of a
// Standard host with two guests are 18: 9 packs, rounded once. A guest within
// a guest counts on the physical host.
func TestCoreArithmetic(t *testing.T) {
	s := newScene(t)
	s.rules(sceneRules + `
  - {catalog: sql-ent, part_number: E-1}
`)
	s.machine(snapshot.Machine{Host: "P1", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 2, OperatingSystem: "Debian 12", SQLEdition: "Enterprise"})
	s.machine(snapshot.Machine{Host: "V1", Kind: snapshot.Virtual, VirtualCores: 5, Threads: 2, OperatingSystem: "Debian 12", SQLEdition: "Standard"})
	s.machine(snapshot.Machine{Host: "H1", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 9, OperatingSystem: std})
	s.machine(snapshot.Machine{Host: "G1", Kind: snapshot.Virtual, VirtualCores: 2, OperatingSystem: std, Parent: "H1"})
	s.machine(snapshot.Machine{Host: "N1", Kind: snapshot.Virtual, VirtualCores: 2, OperatingSystem: std, Parent: "G1"})
	st := s.run()
	s.want(st, "", "sql-ent", 2)
	s.want(st, "", "sql-std", 5)
	s.want(st, "", "win-std", 9)
}

// SAL needs counted SALs of the tenant and an edition that has them; host
// needs every host that the machine was seen on.
func TestSQLLicencesAreShown(t *testing.T) {
	s := newScene(t)
	s.rules(sceneRules + `
  - {catalog: sql-ent, part_number: E-1}
  - {catalog: sql-std-sal, entitled: {groups: [SQL-Users]}}
`)
	d := s.dir()
	d.user(1, "ann", "OU=alpha,DC=h", always)
	d.group(50, "SQL-Users", id(1))
	s.machine(snapshot.Machine{Host: "HE", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: dc, SQLEdition: "Enterprise"})
	s.machine(snapshot.Machine{Host: "HS", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: dc})
	sql := func(host, edition string, licence snapshot.SQLLicence, tenant, parent string) {
		s.machine(snapshot.Machine{Host: host, Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: edition, SQLLicence: licence, Tenant: tenant, Parent: parent, OperatingSystem: dc})
	}
	sql("A", "Standard", snapshot.SQLSAL, "alpha", "HE")   // shown
	sql("B", "Standard", snapshot.SQLSAL, "beta", "HE")    // beta has no SAL: 2
	sql("C", "Enterprise", snapshot.SQLSAL, "alpha", "HE") // Enterprise has none: 2
	sql("D", "Standard", snapshot.SQLHost, "beta", "HE")   // shown
	sql("E", "Standard", snapshot.SQLHost, "beta", "HS")   // that host is not licensed: 2
	st := s.run()
	s.want(st, "", "sql-std", 4)
	s.want(st, "", "sql-ent", 4+2)
	if got := questions(st, statement.AskEntry); !slices.Equal(got, []string{"B", "C", "E"}) {
		t.Errorf("asked about %q", got)
	}
}

// A table may name the parent by its id, as Nutanix does: the two guests stand on
// that host, whose 8 cores are due once for each: 2 × 8 cores = 8 packs.
func TestParentByID(t *testing.T) {
	s := newScene(t)
	s.dir()
	s.machine(snapshot.Machine{Host: "AHV1", ID: "0B7A-9001", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, WindowsLicence: snapshot.WindowsStandard, OperatingSystem: "Nutanix AHV"})
	for _, n := range []string{"VM1", "VM2"} {
		s.machine(snapshot.Machine{Host: n, ID: "id-" + n, Kind: snapshot.Virtual, VirtualCores: 2, Parent: "0b7a-9001", OperatingSystem: "Microsoft Windows Server 2022 Standard"})
	}
	s.rules(`
version: "test"
products:
  - {id: win-std, part_number: WS-1, unit: core, hosts: {kind: physical, windows_licence: [standard]}, pack: 2, minimum: {per_processor: 8}}
`)
	s.want(s.run(), "", "win-std", 8)
}
