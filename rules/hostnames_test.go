package rules

import (
	"slices"
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Two domains each have an SQLX, 8 cores of alpha and 4 of beta: two machines,
// 4 and 2 packs, and the inventory of the one is not the other's. DB is written
// short here and in full there: one machine, its larger number of cores.
func TestOneNameInTwoDomains(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "SQLX.a.example", Kind: snapshot.Virtual, VirtualCores: 8, SQLEdition: "Standard", Tenant: "alpha"})
	s.machine(snapshot.Machine{Host: "sqlx.b.example", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard", Tenant: "beta"})
	s.machine(snapshot.Machine{Host: "DB", Kind: snapshot.Virtual, VirtualCores: 4, SQLEdition: "Standard"})
	s.facts.Machines = append(s.facts.Machines, snapshot.MachineMonth{Source: "second", First: s.facts.Month.FirstDay(), Last: s.facts.Month.FirstDay(),
		Machine: snapshot.Machine{Host: "db.a.example.", Kind: snapshot.Virtual, VirtualCores: 6, SQLEdition: "Standard", Tenant: "alpha"}})
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
			Machine: snapshot.Machine{ID: id, Host: host, Tenant: tenant, Kind: snapshot.Virtual, VirtualCores: 4}})
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
	for _, m := range machines(&f, newFullNames(&f, nil, nil)) {
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
	if got, want := gaps(st, statement.CoverageInventory), []string{"inventoryRDSH-2 .."}; !slices.Equal(got, want) {
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
	s.machine(snapshot.Machine{Host: "FS1", Kind: snapshot.Virtual, VirtualCores: 2})
	st := s.run()
	if got, want := questions(st, statement.AskHost), []string{"FS1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !slices.ContainsFunc(st.Coverage.Gaps, func(g statement.Gap) bool { return g.Kind == statement.CoverageInventory && g.Host == "TS9" }) {
		t.Errorf("%+v", st.Coverage.Gaps)
	}
}

// saysName is the full name that a directory says of a computer.
func saysName(name string) func(*snapshot.Account) {
	return func(a *snapshot.Account) {
		a.Class, a.Server = snapshot.Computer, true
		a.Attributes = []snapshot.Attribute{{Name: snapshot.HostName, Value: name}}
	}
}

// RDSH-1 is called rdsh-1.prod.example by its directory, whose domain is
// hosting.example. A log by that name is its own; one of rdsh-1.other.example is
// another machine's until a person says that it is not, and RDSH-1 then has no
// log at all. Without the directory's word the only computer of that name is the
// only host of that name, as ever.
func TestLogOfAnotherFullName(t *testing.T) {
	for _, c := range []struct {
		name, says, log string
		decision        register.Answer
		ask             []string
		hosts           []string // with a log, by key
	}{
		{name: "its own", says: "RDSH-1.prod.example.", log: "rdsh-1.prod.example", hosts: []string{"rdsh-1.prod.example"}},
		{name: "short", says: "RDSH-1.prod.example", log: "RDSH-1", hosts: []string{"rdsh-1.prod.example"}},
		{name: "by its domain", says: "RDSH-1.prod.example", log: `HOSTING\RDSH-1`, hosts: []string{"rdsh-1.prod.example"}},
		{name: "another", says: "RDSH-1.prod.example", log: "RDSH-1.other.example", ask: []string{"rdsh-1.other.example"}, hosts: []string{"rdsh-1.other.example"}},
		{name: "another domain", says: "RDSH-1.prod.example", log: `OTHER\RDSH-1`, ask: []string{`other\rdsh-1`}, hosts: []string{`other\rdsh-1`}},
		{name: "the same after all", says: "RDSH-1.prod.example", log: "RDSH-1.other.example", decision: register.Same, hosts: []string{"rdsh-1.prod.example"}},
		{name: "two after all", says: "RDSH-1.prod.example", log: "RDSH-1.other.example", decision: register.Accepted, hosts: []string{"rdsh-1.other.example"}},
		{name: "not said", log: "RDSH-1.other.example", hosts: []string{"rdsh-1.other.example"}},
		{name: "a name without a domain", says: "RDSH-1", log: "RDSH-1.other.example", hosts: []string{"rdsh-1.other.example"}},
	} {
		s := newScene(t)
		s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
		s.dir().user(1, "RDSH-1$", "OU=s,DC=h", always, saysName(c.says))
		s.facts.Logs.Add(snapshot.Log{Host: snapshot.HostKey(c.log), Name: c.log, Channel: "LSM", File: "a.evtx", FirstRecord: 1, LastRecord: 9, Records: 9,
			First: s.facts.Month.Start(), Last: s.facts.Month.End(), Until: s.facts.Month.End()})
		if c.decision != "" {
			s.decide(statement.QuestionKey(statement.AskHost, "rdsh-1.other.example", "rdsh-1.prod.example"), c.decision)
		}
		e, err := evaluate(t.Context(), new(s.input()))
		if err != nil {
			t.Fatal(err)
		}
		var open, hosts []string
		for _, q := range e.st.OpenQuestions() {
			if q.Kind == statement.AskHost {
				open = append(open, q.Subject)
			}
		}
		for i := range e.est.hosts {
			if h := &e.est.hosts[i]; h.log {
				hosts = append(hosts, h.key)
			}
		}
		if !slices.Equal(open, c.ask) || !slices.Equal(hosts, c.hosts) {
			t.Errorf("%s: asked %q, want %q; logs of %q, want %q", c.name, open, c.ask, hosts, c.hosts)
		}
		// RDSH-1 itself: whole, or its log is missing, but where nothing is said.
		mine := gaps(e.st, statement.CoverageSessions)
		mine = slices.DeleteFunc(mine, func(g string) bool { return !strings.HasPrefix(g, "sessionsRDSH-1 ") })
		if lacks := len(c.ask) > 0 || c.decision == register.Accepted; lacks != (len(mine) > 0) {
			t.Errorf("%s: gaps %q", c.name, mine)
		}
	}
}

// A name of an account is cut at 15 letters; what the directory says is not. A
// computer that was renamed within the month is one.
func TestFullNamesOfComputers(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "RDSH-AMSTERDAM-$", "OU=s,DC=h", always, saysName("rdsh-amsterdam-01.hosting.example"))
	s.dir().user(2, "RDSH-2$", "OU=s,DC=h", days(1, 15), saysName("rdsh-2.old.example"))
	s.dir().user(2, "RDSH-2$", "OU=s,DC=h", days(16, 31), saysName("rdsh-2.new.example"))
	s.dir().user(3, "RDSH-3$", "OU=s,DC=h", always, saysName("rdsh-3.old.example"), disabled)
	s.install("RDSH-2.new.example", "7-Zip")
	s.install("rdsh-3.new.example", "7-Zip")
	e, err := evaluate(t.Context(), new(s.input()))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		`hosting\rdsh-amsterdam-`: "rdsh-amsterdam-01.hosting.example", "RDSH-AMSTERDAM-": "rdsh-amsterdam-01.hosting.example",
		"rdsh-amsterdam-01": "rdsh-amsterdam-01.hosting.example", "rdsh-2.old.example": "rdsh-2.new.example", "RDSH-2": "rdsh-2.new.example",
		"rdsh-3": "rdsh-3.new.example", "rdsh-3.old.example": "rdsh-3.old.example",
	} {
		if got := e.est.names.key(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if got := questions(e.st, statement.AskHost); len(got) > 0 {
		t.Errorf("asked %q", got)
	}
}
