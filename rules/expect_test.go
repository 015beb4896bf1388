package rules

import (
	"slices"
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// questions are a statement's questions of a kind, by subject.
func questions(st *statement.Statement, kind statement.QuestionKind) (out []string) {
	for i := range st.Questions {
		if st.Questions[i].Kind == kind {
			out = append(out, st.Questions[i].Subject)
		}
	}
	slices.Sort(out)
	return out
}

func aComputer(disabled bool) func(*snapshot.Account) {
	return func(a *snapshot.Account) { a.Class, a.Disabled, a.Server = snapshot.Computer, disabled, true }
}

// The month before had HV1 to HV6. HV1 is there; HV2's account is disabled all
// month and HV3's is gone; HV4's row ended; HV5 is missing; HV6 has an id and
// another name now; LNX ran Linux, and nothing was owed for it.
func TestMachinesOfTheMonthBefore(t *testing.T) {
	s := newScene(t)
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Hosts: config.Globs{"x"}}}
	before := func(m snapshot.Machine) {
		s.facts.Before.Machines = append(s.facts.Before.Machines, snapshot.MachineMonth{Source: "estate", Machine: m})
	}
	for _, h := range []string{"HV1", "HV2", "HV3", "HV5"} {
		before(snapshot.Machine{Host: h, Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8})
	}
	before(snapshot.Machine{Host: "HV4", Until: s.facts.Month.FirstDay() - 1})
	before(snapshot.Machine{Host: "HV6", ID: "X6"})
	before(snapshot.Machine{Host: "LNX", Kind: snapshot.Virtual, OperatingSystem: "Debian 12"})
	s.facts.Before.Gone = []snapshot.GoneComputer{{Source: "hosting", Name: "HV3$", Day: s.facts.Month.FirstDay() - 5}}
	s.dir().user(1, "HV2$", "OU=s,DC=h", always, aComputer(true))
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: dc})
	s.machine(snapshot.Machine{Host: "NEW", ID: "x6", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: dc})
	st := s.run()
	var got []string
	for _, g := range st.Coverage.Gaps {
		if g.Kind == statement.CoverageMachines && g.Host != "" {
			got = append(got, g.Host)
		}
	}
	if want := []string{"HV5"}; !slices.Equal(got, want) {
		t.Errorf("gaps of %q, want %q", got, want)
	}
}

// A table that ends a machine before the month counts it no more; one that
// ends it within the month does.
func TestMachineThatEnded(t *testing.T) {
	s := newScene(t)
	first := s.facts.Month.FirstDay()
	s.machine(snapshot.Machine{Host: "SQL1", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", Until: first - 1})
	s.machine(snapshot.Machine{Host: "SQL2", Kind: snapshot.Virtual, VirtualCores: 8, SQLEdition: "Standard", Until: first})
	s.want(s.run(), "", "sql-std", 4)
}

// Up to three servers without a row are a question each, more are one, which
// comes back when they change.
func TestServersWithoutARow(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: dc})
	for i, n := range []string{"APP1$", "APP2$", "OFF$"} {
		s.dir().user(10+i, n, "OU=s,DC=h", always, aComputer(n == "OFF$"))
	}
	if got, want := questions(s.run(), statement.AskMachine), []string{"APP1", "APP2"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for i, n := range []string{"APP3$", "APP4$"} {
		s.dir().user(20+i, n, "OU=s,DC=h", always, aComputer(false))
	}
	st := s.run()
	if len(st.Questions) != 1 || st.Questions[0].Count != 4 || st.Status != statement.Incomplete {
		t.Errorf("%s, %+v", st.Status, st.Questions)
	}
	key := st.Questions[0].Key
	s.dir().user(30, "APP5$", "OU=s,DC=h", always, aComputer(false))
	if st := s.run(); st.Questions[0].Key == key {
		t.Error("another server leaves the question as it was")
	}
	// Where there is no table at all it is one question too.
	s.facts.Machines = nil
	if st := s.run(); len(st.Questions) != 1 || st.Questions[0].Subject != "no hosts table" {
		t.Errorf("%+v", st.Questions)
	}
}

// RDSH-1's inventory held 10 programs before, and 4 on the 5th: cut short. On
// the 20th it holds 6, which is whole. RDSH-2 held 10 before and 4 now, RDSH-3
// none at all: two questions, and RDSH-2's is decided.
func TestInventoryCutShort(t *testing.T) {
	s := newScene(t)
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
	first := s.facts.Month.FirstDay()
	inventory := func(host string, at map[month.Day]int) {
		sw := snapshot.SoftwareMonth{Source: "estate", Host: host}
		for d := first; d <= first+30; d++ {
			n, ok := at[d]
			if !ok {
				continue
			}
			sw.Days = append(sw.Days, d)
			for i := range n {
				sw.Installs.Add(snapshot.InstallMonth{Install: snapshot.Install{Name: host + strings.Repeat("x", i) + d.String()}, First: d, Last: d})
			}
		}
		s.facts.Software = append(s.facts.Software, sw)
		s.facts.Before.Software = append(s.facts.Before.Software, snapshot.HostRows{Source: "estate", Host: strings.ToLower(host), Rows: 10})
	}
	inventory("RDSH-1", map[month.Day]int{first + 4: 4, first + 19: 6})
	inventory("RDSH-2", map[month.Day]int{first + 9: 4})
	inventory("RDSH-3", map[month.Day]int{first + 9: 0})
	st := s.run()
	if got, want := questions(st, statement.AskHost), []string{"RDSH-2", "RDSH-3"}; !slices.Equal(got, want) {
		t.Fatalf("%q, want %q", got, want)
	}
	if got := gaps(st, statement.CoverageInventory); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// RDSH-7 had a log and an inventory the month before, fits the pool and is
// named by nothing now: both are gaps. APP-1 fits no pool: its log is a gap.
func TestHostsOfTheMonthBefore(t *testing.T) {
	s := newScene(t)
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	start, end := s.facts.Month.Start(), s.facts.Month.End()
	s.facts.Logs.Add(snapshot.Log{Host: "rdsh-1", Name: "rdsh-1", Channel: "LSM", File: "a", FirstRecord: 1, LastRecord: 1, First: start, Last: end, Until: end})
	s.install("RDSH-1", "7-Zip")
	s.facts.Known = []string{"rdsh-1", "rdsh-7"}
	s.facts.Before.Logged = []string{"app-1", "rdsh-1", "rdsh-7"}
	st := s.run()
	has := func(kind statement.CoverageKind, host string) bool {
		return slices.ContainsFunc(st.Coverage.Gaps, func(g statement.Gap) bool { return g.Kind == kind && g.Host == host })
	}
	if !has(statement.CoverageSessions, "rdsh-7") || !has(statement.CoverageInventory, "rdsh-7") || !has(statement.CoverageSessions, "app-1") || has(statement.CoverageInventory, "rdsh-1") {
		t.Errorf("%+v", st.Coverage.Gaps)
	}
}

// Two domains have a host APP-1, and both had a log the month before: of the one
// that has it now nothing is asked, of the other it is.
func TestHostsOfTheMonthBeforeInTwoDomains(t *testing.T) {
	s := newScene(t)
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	start, end := s.facts.Month.Start(), s.facts.Month.End()
	s.facts.Logs.Add(snapshot.Log{Host: "app-1", Name: "APP-1.a.example", Channel: "LSM", File: "a", FirstRecord: 1, LastRecord: 1, First: start, Last: end, Until: end})
	s.facts.Before.Logged = []string{"app-1.a.example", "app-1.b.example"}
	var got []string
	for _, g := range s.run().Coverage.Gaps {
		if strings.HasPrefix(g.Host, "app-1") {
			got = append(got, g.Host)
		}
	}
	if want := []string{"app-1.b.example"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// SQL1 was counted by its name, and has an id now; SQL2 was counted by its id,
// and the table no longer tells it; SQL3 was called OLD. None is new.
func TestMachinesKeepTheirKeys(t *testing.T) {
	s := newScene(t)
	for _, b := range []snapshot.Machine{{Host: "SQL1"}, {Host: "SQL2", ID: "i2"}, {Host: "OLD", ID: "i3"}} {
		s.facts.Before.Machines = append(s.facts.Before.Machines, snapshot.MachineMonth{Source: "estate", Machine: b})
	}
	s.prev = []statement.Earlier{{Month: "2026-09", Computed: true, Counted: snapshot.ListOf(
		statement.Counted{Tenant: "alpha", Product: "sql-std", Key: "host:sql1", Units: 2},
		statement.Counted{Tenant: "alpha", Product: "sql-std", Key: "id:i2", Units: 2},
		statement.Counted{Tenant: "alpha", Product: "sql-std", Key: "host:old", Units: 2})}}
	for _, m := range []snapshot.Machine{{Host: "SQL1.h.example", ID: "i1"}, {Host: "SQL2"}, {Host: "SQL3", ID: "i3"}} {
		m.Kind, m.VirtualCores, m.SQLEdition, m.Tenant = snapshot.Virtual, 4, "Standard", "alpha"
		s.machine(m)
	}
	st := s.run()
	for _, l := range st.Lines {
		if l.Product == "sql-std" && (l.Quantity != 6 || l.Added != 0 || l.Removed != 0) {
			t.Errorf("%+v", l)
		}
	}
}
