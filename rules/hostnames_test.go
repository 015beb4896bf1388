package rules

import (
	"slices"
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Two domains each have an SQLX, 8 cores of alpha and 4 of beta: two machines,
// 4 and 2 packs, and the inventory of the one is not the other's. DB is written
// short here and in full there: one machine, its larger number of cores.
func TestOneNameInTwoDomains(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "SQLX.a.example", Kind: "virtual", VirtualCores: 8, SQLEdition: "Standard", Tenant: "alpha"})
	s.machine(snapshot.Machine{Host: "sqlx.b.example", Kind: "virtual", VirtualCores: 4, SQLEdition: "Standard", Tenant: "beta"})
	s.machine(snapshot.Machine{Host: "DB", Kind: "virtual", VirtualCores: 4, SQLEdition: "Standard"})
	s.facts.Machines = append(s.facts.Machines, snapshot.MachineMonth{Source: "second", First: s.facts.Month.FirstDay(), Last: s.facts.Month.FirstDay(),
		Machine: snapshot.Machine{Host: "db.a.example.", Kind: "virtual", VirtualCores: 6, SQLEdition: "Standard", Tenant: "alpha"}})
	st := s.run()
	s.want(st, "alpha", "sql-std", 4+3)
	s.want(st, "beta", "sql-std", 2)
	s.want(st, "", "sql-std", 9)
}

// By hand, for the rules of joining. VM1 gets an id on the 10th: one machine.
// VM2 has two ids on the same days: two. A source that names VM2 without an id
// joins neither. VM3 is OLD renamed.
func TestMachinesJoin(t *testing.T) {
	f := snapshot.Facts{Month: newScene(t).facts.Month}
	first := f.Month.FirstDay()
	add := func(source, id, host, tenant string, from, to int) {
		var days []month.Day
		for d := from; d <= to; d++ {
			days = append(days, first+month.Day(d-1))
		}
		f.Machines = append(f.Machines, snapshot.MachineMonth{Source: source, First: days[0], Last: days[len(days)-1], Days: days,
			Machine: snapshot.Machine{ID: id, Host: host, Tenant: tenant, Kind: "virtual", VirtualCores: 4}})
	}
	add("a", "", "VM1", "", 1, 9)
	add("a", "i1", "VM1", "", 10, 31)
	add("b", "", "vm1.h.example", "", 1, 31)
	add("a", "i2", "VM2", "alpha", 1, 31)
	add("a", "i3", "VM2", "beta", 1, 31)
	add("b", "", "VM2", "", 1, 31)
	add("b", "", "VM2", "beta", 2, 3)
	add("a", "i4", "OLD", "", 1, 9)
	add("a", "i4", "VM3", "", 10, 31)
	add("b", "", "OLD", "", 1, 31)
	var got []string
	for _, m := range machines(&f, newFullNames(&f, nil)) {
		got = append(got, m.key)
	}
	want := []string{"id:i1", "id:i2", "id:i3", "id:i4"}
	// VM2 of source b is of beta on two days and of nobody on the others: one
	// machine there, which joins beta's.
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// RDSH-2 has an enabled account from the 1st to the 15th and fits the pool,
// and no source names it: it is expected all the same. RDSH-3 was disabled all
// month, and RDSH-4 is a workstation that fits no pool.
func TestComputersAreExpected(t *testing.T) {
	s := newScene(t)
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
	computer := func(disabled bool) func(*snapshot.Account) {
		return func(a *snapshot.Account) { a.Class, a.Disabled, a.Server = snapshot.Computer, disabled, true }
	}
	s.dir().user(1, "RDSH-2$", "OU=s,DC=h", days(1, 15), computer(false))
	s.dir().user(1, "RDSH-2$", "OU=s,DC=h", days(16, 31), computer(true))
	s.dir().user(2, "RDSH-3$", "OU=s,DC=h", always, computer(true))
	s.dir().user(3, "WS-4$", "OU=s,DC=h", always, func(a *snapshot.Account) { a.Class = snapshot.Computer })
	s.install("RDSH-1", "7-Zip")
	st := s.run()
	if got, want := gaps(st, "inventory"), []string{"inventoryRDSH-2 .."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	w := newWorld(&s.facts)
	for _, c := range w.computers() {
		if c.name == "RDSH-2" && (c.enabled != 1<<15-1 || !c.isRetired || c.retired != s.facts.Month.FirstDay()+15) {
			t.Errorf("%+v", c)
		}
	}
}

// Two directories each have an FS1, and a hosts table writes it short: which
// one is meant is asked. A pool may name the unit of its hosts.
func TestShortNameOfTwoHosts(t *testing.T) {
	s := newScene(t)
	s.cfg.Pools[0].Hosts = []string{"RDSH-*", "OU=hosts,DC=h"}
	s.directory("one", "ONE", nil).user(1, "FS1$", "OU=s,DC=h", always, aComputer(false))
	s.directory("two", "TWO", nil).user(2, "FS1$", "OU=s,DC=h", always, aComputer(false))
	s.directory("two", "TWO", nil).user(3, "TS9$", "OU=hosts,DC=h", always, aComputer(false))
	s.machine(snapshot.Machine{Host: "FS1", Kind: "virtual", VirtualCores: 2})
	st := s.run()
	if got, want := questions(st, statement.AskHost), []string{"FS1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.ContainsFunc(st.Coverage.Gaps, func(g statement.Gap) bool { return g.Kind == "inventory" && g.Host == "TS9" }) {
		t.Errorf("%+v", st.Coverage.Gaps)
	}
}
