package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// before makes what a scene counted the month before October: the same world a
// month earlier, with its last days counted from the end.
func (s *scene) before(more ...func(*statement.Statement)) {
	s.t.Helper()
	st := s.run()
	for _, f := range more {
		f(st)
	}
	e := statement.Earlier{Month: "2026-09", Computed: true, Counted: snapshot.ListOf(statement.CountedOf(st)...)}
	for _, t := range st.Tenants {
		for _, l := range t.Lines {
			e.Quantities = append(e.Quantities, statement.Quantity{Tenant: t.ID, Product: l.Product, Quantity: l.Quantity})
		}
	}
	s.prev = []statement.Earlier{e}
}

// office is a scene of ten persons of alpha, u1 to u10, and two of beta, b1 and
// b2, in RDS-Users. Office Standard is installed on the pool's host; Professional
// Plus is given to u1 and u2 by a nested group. One machine has SQL Server, and
// a physical host runs it and rdsh-01.
func office(t *testing.T) *scene {
	s := newScene(t)
	d := s.dir()
	var all []int
	for i := 1; i <= 12; i++ {
		name, ou := fmt.Sprintf("u%d", i), "OU=alpha,DC=h"
		if i > 10 {
			name, ou = fmt.Sprintf("b%d", i-10), "OU=beta,DC=h"
		}
		d.user(i, name, ou, always)
		all = append(all, i)
	}
	s.members(100, "RDS-Users", all...)
	s.members(101, "LIC-Std")
	s.members(103, "Managers", 1, 2)
	d.group(102, "LIC-Pro")
	d.member(102, id(103), always)
	s.install("rdsh-01", "Microsoft Office Standard 2021", 2, 20)
	s.machine(snapshot.Machine{Host: "sql-1", Kind: snapshot.Virtual, SQLEdition: "Standard", VirtualCores: 8, Tenant: "alpha", Parent: "esx-1", OperatingSystem: "Microsoft Windows Server 2022 Standard"})
	s.machine(snapshot.Machine{Host: "esx-1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, WindowsLicence: snapshot.WindowsStandard})
	return s
}

// account changes the states of a user in the scene.
func (s *scene) account(n int, f func(*snapshot.AccountSpan)) {
	d := s.dir().d
	list := d.Accounts.Values()
	for i := range list {
		if list[i].ID == id(n) {
			f(&list[i])
		}
	}
	d.Accounts = snapshot.ListOf(list...)
}

// without takes a user, or a membership, out of every reading.
func (s *scene) without(n int) {
	d := s.dir().d
	d.Accounts = snapshot.ListOf(slices.DeleteFunc(d.Accounts.Values(), func(a snapshot.AccountSpan) bool { return a.ID == id(n) })...)
	d.Members = snapshot.ListOf(slices.DeleteFunc(d.Members.Values(), func(m snapshot.MemberSpan) bool { return m.Key == id(n) })...)
}

// ended gives every row of a tenant its last day.
func (s *scene) ended(tenant string, m time.Month, day int) {
	t := s.reg.Tenant(tenant)
	for i := range t.OUs {
		t.OUs[i].Until = month.OptionalDay{Day: month.Date(2026, m, day), Set: true}
	}
}

func (s *scene) outOf(group int, members ...int) {
	d := s.dir().d
	d.Members = snapshot.ListOf(slices.DeleteFunc(d.Members.Values(), func(m snapshot.MemberSpan) bool {
		return m.Group == id(group) && slices.ContainsFunc(members, func(n int) bool { return m.Key == id(n) })
	})...)
}

// What went, and why: each row changes October, and says what of alpha's RDS or
// Office has which cause, how many units, and whether the month must be asked
// about.

func TestEachDecreaseHasItsCause(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *scene)
		line   string // tenant and product
		want   string // cause, units and detail
		asked  bool
	}{
		"disabled":                  {func(s *scene) { s.account(3, func(a *snapshot.AccountSpan) { a.Disabled = true }) }, "alpha rds", "disabled 1", false},
		"deleted":                   {func(s *scene) { s.without(3) }, "alpha rds", "deleted 1 hosting", false},
		"many deleted":              {func(s *scene) { s.without(3); s.without(4); s.without(5) }, "alpha rds", "deleted 3 hosting", true},
		"out of a group":            {func(s *scene) { s.outOf(100, 3) }, "alpha rds", "group 1 RDS-Users", false},
		"out of a nested group":     {func(s *scene) { s.outOf(103, 1) }, "alpha office-pro", "group 1 LIC-Pro > Managers", false},
		"a nested group is out":     {func(s *scene) { s.outOf(102, 103) }, "alpha office-pro", "unexplained 2 group LIC-Pro shows no members", true},
		"a tenant that is not seen": {func(s *scene) { s.without(11); s.without(12) }, "beta rds", "unexplained 2 no reading shows any account of the tenant; what the reader may not list looks just like that", true},
		"a customer that left":      {func(s *scene) { s.without(11); s.without(12); s.ended("beta", 9, 30) }, "beta rds", "deleted 2 hosting", false},
		"a customer that left, still in a group": {func(s *scene) {
			s.without(11)
			s.without(12)
			s.ended("beta", 9, 30)
			s.dir().member(100, "dn:CN=RDS-beta,OU=beta,DC=h", always)
		}, "beta rds", "unexplained 2 no reading shows any account of the tenant; what the reader may not list looks just like that", true},
		"a customer that leaves": {func(s *scene) { s.without(11); s.without(12); s.ended("beta", 10, 1) }, "beta rds", "unexplained 2 no reading shows any account of the tenant; what the reader may not list looks just like that", true},
		"moved": {func(s *scene) {
			s.account(3, func(a *snapshot.AccountSpan) { a.DN = "CN=u3,OU=beta,DC=h" })
		}, "alpha rds", "moved 1 beta", false},
		"one person": {func(s *scene) {
			for _, n := range []int{3, 4} {
				s.account(n, func(a *snapshot.AccountSpan) { a.Attributes = []snapshot.Attribute{{Name: "employeeid", Value: "E7"}} })
			}
		}, "alpha rds", "same-person 1 employeeID", false},
		"excluded": {func(s *scene) { s.reg.Exclusions = []register.Exclusion{entry("X", "rds", "u3")} }, "alpha rds", "excluded 1 X d", false},
		"program gone": {func(s *scene) { s.facts.Software = nil; s.install("rdsh-01", "7-Zip", 2, 20) }, "alpha office-std",
			"program 8 Microsoft Office Standard 2021 · rdsh-01", true},
		"read by another tool": {func(s *scene) {
			s.facts.Software = nil
			s.install("rdsh-01", "7-Zip", 2, 20)
			s.facts.Before.Software = []snapshot.HostRows{{Source: "agents", Host: "rdsh-01", Rows: 1, Last: s.facts.Month.FirstDay() - 10}, {Source: "older", Host: "rdsh-01", Rows: 1, Last: s.facts.Month.FirstDay() - 40}}
		}, "alpha office-std", "unexplained 8 inventory agents, which read host rdsh-01 in the month before, did not read it; another need not list the same programs", true},
		"no inventory": {func(s *scene) { s.facts.Software = nil }, "alpha office-std", "unexplained 8 host rdsh-01 is in no source of this month", true},
		"restricted": {func(s *scene) {
			s.cfg.Pools[0].Restrict = []config.Restrict{{Product: "office-std", Users: []string{"Managers"}, Control: "ntfs", Document: "proof"}}
		}, "alpha office-std", "restricted 8 shared/office-std proof", true},
		"another group in the config": {func(s *scene) { s.cfg.Pools[0].Users = []string{"Managers"} }, "alpha rds", "config 8 pools: shared: users", true},
		"no pool":                     {func(s *scene) { s.cfg.Pools = nil }, "alpha rds", "config 10 pools: shared", true},
		"another rule":                {func(s *scene) { s.rules(strings.Replace(sceneRules, "groups: [LIC-Pro]", "groups: [RDS-X]", 1)) }, "alpha office-pro", "rule 2 office-pro: entitled.groups", true},
		"no rule":                     {func(s *scene) { s.rules(strings.Replace(sceneRules, "id: office-pro", "id: office-pl", 1)) }, "alpha office-pro", "", true},
		"needless by a new rule": {func(s *scene) {
			s.rules(strings.Replace(sceneRules, "pools: [\"*\"]}", "pools: [\"*\"]}, unless: [office-std]", 1))
		}, "alpha rds", "rule 8 rds: not beside office-std", true},
		"a higher edition": {func(s *scene) { s.dir().member(103, id(3), always) }, "alpha office-std", "other-product 1 office-pro", false},
		"machine gone":     {func(s *scene) { s.facts.Machines = s.facts.Machines[1:] }, "alpha sql-std", "unexplained 4 machine sql-1 is in no hosts table of this month, and nothing says that it is gone", true},
		"machine ended by its row": {func(s *scene) {
			gone := s.facts.Machines[0]
			gone.Until = month.Date(2026, 9, 20)
			s.facts.Machines, s.facts.Before.Machines = s.facts.Machines[1:], append(s.facts.Before.Machines, gone)
		}, "alpha sql-std", "retired 4 sql-1", false},
		"a guest retired": {func(s *scene) {
			s.facts.Machines = s.facts.Machines[1:]
			s.dir().user(50, "SQL-1$", "OU=Servers,DC=h", always, disabled, func(a *snapshot.Account) { a.Class, a.Server = snapshot.Computer, true })
		}, "-shared win-std", "guests 8 sql-1 of esx-1", false},
		"fewer cores":                 {func(s *scene) { s.facts.Machines[0].VirtualCores = 4 }, "alpha sql-std", "cores 2 8 → 4 on sql-1 (hosts.csv)", false},
		"cores left blank":            {func(s *scene) { s.facts.Machines[0].VirtualCores = 0 }, "alpha sql-std", "unexplained 2 the hosts table hosts.csv leaves the cores of sql-1 blank", true},
		"tenant left blank":           {func(s *scene) { s.facts.Machines[0].Tenant = "" }, "alpha sql-std", "unexplained 4 no hosts table of this month says whose host:sql-1 is", true},
		"edition left blank":          {func(s *scene) { s.facts.Machines[0].SQLEdition = "" }, "alpha sql-std", "unexplained 4 no hosts table of this month says which SQL Server sql-1 (hosts.csv) runs", true},
		"a guest's system left blank": {func(s *scene) { s.facts.Machines[0].OperatingSystem = "" }, "-shared win-std", "unexplained 8 no hosts table of this month says which system guest sql-1 of esx-1 runs", true},
		"another edition":             {func(s *scene) { s.facts.Machines[0].SQLEdition = "Express" }, "alpha sql-std", "edition 4 SQL Server Standard → Express on sql-1 (hosts.csv)", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := office(t)
			s.before()
			c.change(s)
			st := s.run()
			tenant, product, _ := strings.Cut(c.line, " ")
			var got []string
			for _, tn := range st.Tenants {
				for _, l := range tn.Lines {
					if tn.ID == tenant && l.Product == product {
						for _, x := range l.Changes {
							if x.Removed > 0 {
								got = append(got, strings.TrimSpace(fmt.Sprintf("%s %d %s", x.Cause, x.Removed, x.Detail)))
							}
						}
					}
				}
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("%s went by %q, want %q", c.line, text, c.want)
			}
			if open := len(openOf(st, statement.AskDrop)) > 0; open != c.asked {
				t.Errorf("asked: %q, want any: %v", openOf(st, statement.AskDrop), c.asked)
			}
			if c.asked && st.Status != statement.Incomplete {
				t.Error("the month is complete")
			}
		})
	}
}

// Of a result of an earlier version nobody knows how who was counted: what this
// month shows of the accounts themselves is the same, and the rest a weaker
// cause.

func TestDecreaseAgainstAnEarlierVersion(t *testing.T) {
	s := office(t)
	s.before()
	list := s.prev[0].Counted.Values()
	for i := range list {
		list[i] = statement.Counted{Tenant: list[i].Tenant, Product: list[i].Product, Key: list[i].Key, Units: list[i].Units}
	}
	s.prev[0].Counted = snapshot.ListOf(list...)
	s.account(3, func(a *snapshot.AccountSpan) { a.Disabled = true })
	s.outOf(100, 4)
	st := s.run()
	want := []statement.Change{{Cause: statement.CauseDisabled, Day: "2026-10-01", Removed: 1}, {Cause: statement.CauseGroup, Removed: 1}}
	if diff := cmp.Diff(want, st.Tenants[0].Lines[0].Changes); diff != "" {
		t.Errorf("alpha rds (-want +got):\n%s", diff)
	}
}

// September was imported: 12 then, 11 now, and of whom it was nobody is known.
// The question is gone once it is decided.

func TestDecreaseAgainstImportedHistory(t *testing.T) {
	s := office(t)
	s.prev = []statement.Earlier{{Month: "2026-09", Quantities: []statement.Quantity{{PartNumber: "RDS-1", Quantity: 13}}}}
	st := s.run()
	if got := openOf(st, statement.AskDrop); !slices.Equal(got, []string{"rds against the imported 2026-09"}) {
		t.Fatalf("asked %q", got)
	}
	s.wantFindings(st, "unexplained-decrease", "rds against the imported 2026-09")
	in := s.input()
	in.Decisions = []register.Decision{{Key: st.Questions[0].Key, Decision: register.Accepted, By: "eva", Reason: "a list was wrong"}}
	st, err := Evaluate(t.Context(), in)
	if err != nil || st.Status != statement.Complete && len(st.Coverage.Gaps) == 0 {
		t.Errorf("%v, %+v", err, st.Questions)
	}
	s.wantFindings(st, "unexplained-decrease")
}

// September was imported, and 7 of a number that no rule has, and 2 of a customer
// who is no more: both are asked about.
func TestWhatImportedHistoryCountedAndNoLineShows(t *testing.T) {
	s := office(t)
	s.prev = []statement.Earlier{{Month: "2026-09", Quantities: []statement.Quantity{
		{Tenant: "alpha", PartNumber: "RDS-1", Quantity: 10}, {Tenant: "beta", PartNumber: "RDS-1", Quantity: 2}, {Tenant: "gone", PartNumber: "RDS-1", Quantity: 2},
		{Tenant: "alpha", PartNumber: "OLD-9", Quantity: 4}, {Tenant: "beta", PartNumber: "OLD-9", Quantity: 3}}}}
	st := s.run()
	var got []string
	for _, q := range st.Questions {
		if q.Kind == statement.AskDrop {
			got = append(got, fmt.Sprint(q.Subject, " ", q.Units, " ", q.About))
		}
	}
	slices.Sort(got)
	if want := []string{"OLD-9 of the imported 2026-09 7 [alpha: 4 beta: 3]", "rds against the imported 2026-09 2 [gone: 2, now nothing]"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// The order of what the month before counted changes nothing.

func TestLedgerOrder(t *testing.T) {
	s := office(t)
	s.before()
	for _, n := range []int{2, 3, 11} {
		s.without(n)
	}
	s.facts.Machines[0].SQLEdition = "Express"
	a, b := s.run(), s.run()
	if diff := cmp.Diff(a.Moves, b.Moves); diff != "" {
		t.Error(diff)
	}
	if len(a.Moves) == 0 {
		t.Error("nothing moved")
	}
	for _, m := range a.Moves {
		if m.Is < m.Was && m.Name == "" {
			t.Errorf("%s went without a name", m.Key)
		}
	}
}
