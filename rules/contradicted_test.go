package rules

import (
	"fmt"
	"slices"
	"testing"

	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// runs is an enabled server's account that says what it runs.
func runs(system string) func(*snapshot.Account) {
	return func(a *snapshot.Account) { a.Class, a.Server, a.System = snapshot.Computer, true, system }
}

// By hand: HV1 (16 cores) is Standard in the table and Datacenter in the directory:
// 8 packs of Datacenter, and asked. HV2 (16 cores) is Standard in both: 8. WEB is
// Linux in the table and Windows in the directory, and the only guest of HV3 (8
// cores, licensed for Standard): 4, and asked. LNX is the same on HV1, where a
// guest more changes nothing: not asked. Decided the other way, HV1 owes Standard
// for LNX, once: 8; HV2 8; HV3 nothing.
func TestSystemsOfTableAndDirectory(t *testing.T) {
	estate := func() *scene {
		s := newScene(t)
		const debian = "Debian GNU/Linux 12"
		s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: std})
		s.machine(snapshot.Machine{Host: "HV2", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: std})
		s.machine(snapshot.Machine{Host: "HV3", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8", WindowsLicence: snapshot.WindowsStandard})
		s.machine(snapshot.Machine{Host: "WEB", Kind: snapshot.Virtual, VirtualCores: 2, OperatingSystem: debian, Parent: "HV3"})
		s.machine(snapshot.Machine{Host: "LNX", Kind: snapshot.Virtual, VirtualCores: 2, OperatingSystem: debian, Parent: "HV1"})
		for i, c := range [][2]string{{"HV1$", "Windows Server 2022 Datacenter"}, {"HV2$", "Windows Server 2022 Standard"}, {"WEB$", "Windows Server 2022 Standard"}, {"LNX$", "Windows Server 2019 Standard"}} {
			s.dir().user(i+1, c[0], "OU=s,DC=h", always, runs(c[1]))
		}
		return s
	}
	s := estate()
	st := s.run()
	s.want(st, "", "win-dc", 8)
	s.want(st, "", "win-std", 12)
	if got, want := questions(st, statement.AskEdition), []string{"HV1", "WEB"}; !slices.Equal(got, want) {
		t.Errorf("asked of %q, want %q", got, want)
	}
	keys := map[string]string{}
	for _, q := range st.Questions {
		keys[q.Subject] = q.Key
	}
	s = estate()
	s.decide(keys["HV1"], "standard")
	s.decide(keys["WEB"], "none")
	st = s.run()
	s.want(st, "", "win-dc", 0)
	s.want(st, "", "win-std", 16)
}

// A host of 16 cores runs Datacenter and is said to be licensed for Standard: 8
// packs of Datacenter, until somebody decides that it is so.
func TestLicenceBelowTheEdition(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: dc, WindowsLicence: snapshot.WindowsStandard})
	st := s.run()
	s.want(st, "", "win-dc", 8)
	s.want(st, "", "win-std", 0)
	if got := questions(st, statement.AskEdition); !slices.Equal(got, []string{"HV1"}) {
		t.Fatalf("asked of %q", got)
	}
	s.decide(st.Questions[0].Key, "standard")
	st = s.run()
	s.want(st, "", "win-dc", 0)
	s.want(st, "", "win-std", 8)
}

// Four rows end before the month. SQL1's programs were read in it, and G runs on
// HV1: both count (2 packs, 8 packs) and are asked about. Of SQL2 nothing is
// heard, and SQL3's account is disabled, though an old list still has its programs.
func TestRowsThatEndWhatIsStillThere(t *testing.T) {
	s := newScene(t)
	ended := s.facts.Month.FirstDay() - 1
	for i := 1; i <= 3; i++ {
		s.machine(snapshot.Machine{Host: fmt.Sprintf("SQL%d", i), Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", OperatingSystem: "Debian 12", Until: ended})
	}
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: dc, Until: ended})
	s.machine(snapshot.Machine{Host: "G", Kind: snapshot.Virtual, VirtualCores: 4, OperatingSystem: dc, Parent: "HV1"})
	s.install("SQL1", "7-Zip")
	s.install("SQL3", "7-Zip")
	s.dir().user(1, "SQL3$", "OU=s,DC=h", always, aComputer(true))
	st := s.run()
	s.want(st, "", "sql-std", 2)
	s.want(st, "", "win-dc", 8)
	if got, want := questions(st, statement.AskMachine), []string{"HV1", "SQL1"}; !slices.Equal(got, want) {
		t.Fatalf("asked of %q, want %q", got, want)
	}
	for _, q := range st.Questions {
		if q.Subject == "SQL1" {
			s.decide(q.Key, "none")
		}
	}
	s.want(s.run(), "", "sql-std", 0)
}

// A pool names KIOSK-7, which nothing knows, and OLD-1, whose account is disabled.
func TestHostsThatAPoolNamesAndNothingKnows(t *testing.T) {
	s := newScene(t)
	s.cfg.Pools = []config.Pool{{Name: "desk", Hosts: []string{"RDSH-*", "RDSH-1", "KIOSK-7", "OLD-1"}, Users: []string{"RDS-Users"}}}
	s.dir().user(1, "RDSH-1$", "OU=s,DC=h", always, aComputer(false))
	s.dir().user(2, "OLD-1$", "OU=s,DC=h", always, aComputer(true))
	if got := questions(s.run(), statement.AskHost); !slices.Equal(got, []string{"KIOSK-7"}) {
		t.Errorf("asked of %q", got)
	}
}
