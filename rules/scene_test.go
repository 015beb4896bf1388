package rules

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// scene is a made-up October 2026 in Amsterdam: one directory read at the
// start of each of its 31 days, unless a test says otherwise.
type scene struct {
	t     *testing.T
	cfg   config.Config
	reg   register.Register
	facts snapshot.Facts
	list  prices.List
	set   *Set
	prev  []statement.Earlier
	dirs  map[string]*dirScene

	decisions []register.Decision
}

type dirScene struct {
	s *scene
	d *snapshot.DirectoryMonth
}

func amsterdam(t *testing.T) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

const sceneRules = `
version: "test"
products:
  - {id: rds, name: {en: RDS}, part_number: RDS-1, unit: user, entitled: {pools: ["*"]}}
  - {id: office-std, name: {en: Office Standard}, part_number: STD-1, unit: user, family: office, rank: 1, entitled: {installed: ["Microsoft Office Standard 20??*"], groups: [LIC-Std]}, requires: [rds]}
  - {id: office-pro, name: {en: Office Professional Plus}, part_number: PRO-1, unit: user, family: office, rank: 2, entitled: {groups: [LIC-Pro]}, requires: [rds]}
  - {id: win-dc, part_number: DC-1, unit: core, hosts: {kind: physical, operating_system: ["*Datacenter*"]}, pack: 2, minimum: {per_processor: 8}}
  - {id: win-std, part_number: WS-1, unit: core, hosts: {kind: physical, operating_system: ["*Standard*"]}, pack: 2, minimum: {per_processor: 8}}
  - {id: sql-std, part_number: SQL-1, unit: core, hosts: {sql_edition: [Standard]}, pack: 2, minimum: {per_machine: 4}}
`

func newScene(t *testing.T) *scene {
	s := &scene{t: t, cfg: config.Default(), dirs: map[string]*dirScene{}}
	loc := amsterdam(t)
	s.cfg.Provider.Location = loc
	s.cfg.Person = []string{"employeeID"}
	s.cfg.Pools = []config.Pool{{Name: "shared", Hosts: []string{"RDSH-*"}, Users: []string{"RDS-Users"}}}
	s.facts.Month = month.New(2026, 10, loc)
	s.rules(sceneRules)
	s.reg.Tenants = []register.Tenant{
		{ID: "alpha", Name: "Alpha B.V.", OUs: []register.OU{{DN: "OU=alpha,DC=h"}}},
		{ID: "beta", Name: "Beta B.V.", OUs: []register.OU{{DN: "OU=beta,DC=h"}}},
	}
	return s
}

func (s *scene) rules(text string) {
	s.t.Helper()
	set, faults := Parse("rules.yaml", []byte(text))
	if err := faults.Err(); err != nil {
		s.t.Fatal(err)
	}
	s.set = set
}

// dir is the directory HOSTING, read daily; other names make others.
func (s *scene) dir() *dirScene { return s.directory("hosting", "HOSTING", nil) }

func (s *scene) directory(source, domain string, at []time.Time) *dirScene {
	if d := s.dirs[source]; d != nil {
		return d
	}
	d := &snapshot.DirectoryMonth{Source: source, Domain: domain, DNS: source + ".example"}
	if at == nil {
		for day := s.facts.Month.FirstDay(); day <= s.facts.Month.LastDay(); day++ {
			at = append(at, day.Start(s.facts.Month.Location()))
		}
	}
	for i, t := range at {
		d.Taken = append(d.Taken, snapshot.Taken{Time: t.UTC(), Day: month.DayOf(t, s.facts.Month.Location()), File: fmt.Sprintf("%s-%02d.ldif", source, i+1)})
	}
	s.dirs[source] = &dirScene{s: s, d: d}
	return s.dirs[source]
}

// units adds those of the tenants, with a contact in each, so that none is empty,
// unless a test made some of its own.
func (d *dirScene) units() {
	if d.d.Units != nil {
		return
	}
	all := snapshot.Span{First: 0, Last: int32(len(d.d.Taken)) - 1}
	for i := range d.s.reg.Tenants {
		for _, ou := range d.s.reg.Tenants[i].OUs {
			d.unit(ou.DN, all)
			d.d.Accounts.Add(snapshot.AccountSpan{Account: snapshot.Account{ID: "~contact of " + ou.DN, Class: snapshot.Contact, DN: "CN=contact," + ou.DN}, Span: all})
		}
	}
}

// unit adds an organizational unit.
func (d *dirScene) unit(name string, span snapshot.Span) {
	d.d.Units = append(d.d.Units, snapshot.UnitSpan{Unit: snapshot.Unit{ID: "ou:" + name, DN: name}, Span: span})
}

// id makes a GUID-like id that sorts by its number.
func id(n int) string { return fmt.Sprintf("%08d-0000-0000-0000-000000000000", n) }

// days are the indices of the snapshots of days from..to of the month.
func days(from, to int) snapshot.Span {
	return snapshot.Span{First: int32(from - 1), Last: int32(to - 1)}
}

var always = days(1, 31)

// user adds a state of an account; the same number is the same account.
func (d *dirScene) user(n int, name, ou string, span snapshot.Span, more ...func(*snapshot.Account)) {
	a := snapshot.AccountSpan{Account: snapshot.Account{ID: id(n), SID: fmt.Sprintf("S-1-5-21-1-%d", n), Name: name,
		DisplayName: name, DN: "CN=" + name + "," + ou, PrimaryGroup: "S-1-5-21-1-513", Line: n}, Span: span, File: d.d.Taken[span.First].File}
	for _, f := range more {
		f(&a.Account)
	}
	d.d.Accounts.Add(a)
}

func disabled(a *snapshot.Account) { a.Disabled = true }
func employee(v string) func(*snapshot.Account) {
	return func(a *snapshot.Account) { a.Attributes = []snapshot.Attribute{{Name: "employeeid", Value: v}} }
}

// group adds a group with members by key: an id or sid:….
func (d *dirScene) group(n int, name string, members ...string) {
	d.d.Groups = append(d.d.Groups, snapshot.GroupSpan{Group: snapshot.Group{ID: id(n), SID: fmt.Sprintf("S-1-5-21-1-%d", n), Name: name, DN: "CN=" + name + ",DC=h"},
		Span: snapshot.Span{First: 0, Last: int32(len(d.d.Taken)) - 1}})
	for _, m := range members {
		d.member(n, m, snapshot.Span{First: 0, Last: int32(len(d.d.Taken)) - 1})
	}
}

func (d *dirScene) member(group int, key string, span snapshot.Span) {
	d.d.Members.Add(snapshot.MemberSpan{Member: snapshot.Member{Group: id(group), Key: key, Line: 1}, Span: span, File: d.d.Taken[span.First].File})
}

// use adds a session of a name on a host, on days of the month.
func (s *scene) use(host, user string, on ...int) {
	u := snapshot.Use{Host: host, User: user, Name: user, Month: s.facts.Month.Number()}
	for _, d := range on {
		u.Days |= 1 << (d - 1)
	}
	at := s.facts.Month.Start()
	if len(on) > 0 {
		at = at.Add(time.Duration(on[0]-1)*24*time.Hour + 10*time.Hour)
	}
	u.First = snapshot.Sighting{Time: at.UTC(), EventID: 21, Channel: "LSM", Evidence: snapshot.Evidence{File: "log", Record: 7}}
	u.Last = u.First
	s.facts.Uses.Add(u)
}

// install puts a program on a host, read on some days.
func (s *scene) install(host, name string, on ...int) {
	if len(on) == 0 {
		on = []int{2, 16, 30}
	}
	var read []month.Day
	for _, d := range on {
		read = append(read, s.facts.Month.FirstDay()+month.Day(d-1))
	}
	for i := range s.facts.Software {
		if h := &s.facts.Software[i]; h.Host == host {
			h.Installs.Add(snapshot.InstallMonth{Install: snapshot.Install{Name: name, Publisher: "Microsoft Corporation", Line: 2}, First: read[0], Last: read[len(read)-1], File: "software.csv"})
			return
		}
	}
	s.facts.Software = append(s.facts.Software, snapshot.SoftwareMonth{Source: "estate", Host: host, Days: read})
	if name != "" {
		s.install(host, name, on...)
	}
}

func (s *scene) machine(m snapshot.Machine) {
	first := s.facts.Month.FirstDay()
	s.facts.Machines = append(s.facts.Machines, snapshot.MachineMonth{Source: "estate", Machine: m, First: first + 1, Last: first + 29, Days: []month.Day{first + 1, first + 15, first + 29}, File: "hosts.csv"})
}

func (s *scene) input() Input {
	s.facts.Directories = nil
	var names []string
	for n := range s.dirs {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		s.dirs[n].units()
		s.facts.Directories = append(s.facts.Directories, *s.dirs[n].d)
	}
	facts := s.facts
	facts.Software = slices.Clone(facts.Software)
	return Input{Facts: &facts, Set: s.set, Config: &s.cfg, Register: &s.reg, Prices: s.list, Earlier: s.prev, Decisions: s.decisions}
}

// decide answers a question.
func (s *scene) decide(key string, answer register.Answer) {
	s.decisions = append(s.decisions, register.Decision{Key: key, Decision: answer, By: "test", Reason: "test"})
}

func (s *scene) run() *statement.Statement {
	s.t.Helper()
	st, err := Evaluate(context.Background(), s.input())
	if err != nil {
		s.t.Fatal(err)
	}
	// Facts that are let go while they are counted give the same statement.
	in := s.input()
	in.Release = true
	spent, err := Evaluate(context.Background(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	if d := cmp.Diff(st, spent, cmp.Transformer("list", func(p statement.Persons) []statement.Person { return p.List() })); d != "" {
		s.t.Errorf("with Release the statement is another:\n%s", d)
	}
	if in.Facts.Uses.Len()+in.Facts.Logs.Len() > 0 {
		s.t.Error("sessions or logs were not let go")
	}
	return st
}

// quantity is a tenant's quantity, active and excluded of a product; the
// tenant "" is the whole report.
func quantity(st *statement.Statement, tenant, product string) [3]int {
	lines := st.Lines
	if tenant != "" {
		lines = nil
		for _, t := range st.Tenants {
			if t.ID == tenant {
				lines = t.Lines
			}
		}
	}
	for _, l := range lines {
		if l.Product == product {
			return [3]int{l.Quantity, l.Active, l.Excluded}
		}
	}
	return [3]int{}
}

func (s *scene) want(st *statement.Statement, tenant, product string, want ...int) {
	s.t.Helper()
	got := quantity(st, tenant, product)
	for i, w := range want {
		if got[i] != w {
			s.t.Errorf("%s %s: %s %d, want %d", tenant, product, [3]string{"quantity", "active", "excluded"}[i], got[i], w)
		}
	}
}

// subjects are the subjects of the findings with a code, sorted.
func subjects(st *statement.Statement, code string) []string {
	var out []string
	for _, f := range st.Findings {
		if f.Code == code {
			out = append(out, f.Subject)
		}
	}
	sort.Strings(out)
	return out
}

func (s *scene) wantFindings(st *statement.Statement, code string, want ...string) {
	s.t.Helper()
	if got := subjects(st, code); fmt.Sprint(got) != fmt.Sprint(want) {
		s.t.Errorf("findings %s: %q, want %q", code, got, want)
	}
}
