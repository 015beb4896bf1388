package rules

import (
	"slices"
	"strings"
	"testing"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func TestReadEdition(t *testing.T) {
	for _, c := range []struct{ cell, best, unknown string }{
		{"Standard Edition (64-bit)", "Standard", ""},
		{"Enterprise Edition: Core-based Licensing", "Enterprise", ""},
		{"Enterprise Evaluation Edition", "Evaluation", ""},
		{"Standard, Express", "Standard", ""},
		{"Express + Enterprise", "Enterprise", ""},
		{"Standard en Developer", "Standard", ""},
		{"2019 Web; CU14", "Web", ""},
		{"Entreprise", "", "Entreprise"},
		{"Standard, Entrprise", "Standard", "Entrprise"},
		{"geen", "", ""},
		{"n/a", "", ""},
		{"", "", ""},
		{"2019", "", "2019"},
		{"yes", "", "yes"},
	} {
		if got := readEdition(c.cell); got.best != c.best || strings.Join(got.unknown, "|") != c.unknown {
			t.Errorf("%q: %+v", c.cell, got)
		}
	}
}

// By hand, machines of 4 cores, 2 packs each. A: table and inventory agree.
// B: Standard in the table, Enterprise found: Enterprise, and asked. C: no
// edition, Standard found: Standard. D: no edition, and the engine tells none:
// the dearest that a rule counts. E: a slip of the pen. F: Express found only.
// G: Standard in the table, Express found: Standard, and asked. H: decided as
// Standard. I: the engine's edition is none that is known: as D. J: Standard in the
// table, a misspelt Enterprise found. K: Standard in the table, and one that
// nobody knows found: Standard, and asked.
func TestEnginesAndTables(t *testing.T) {
	s := newScene(t)
	s.rules(sceneRules + `
  - {catalog: sql-ent, part_number: E-1}
`)
	machine := func(host, table, engine string) {
		s.machine(snapshot.Machine{Host: host, Kind: snapshot.Virtual, VirtualCores: 4, OperatingSystem: "Debian 12", SQLEdition: table})
		if engine != "none" {
			s.install(host, "")
			h := &s.facts.Software[len(s.facts.Software)-1]
			h.Installs.Add(snapshot.InstallMonth{Install: snapshot.Install{Name: "SQL Server 2022 Database Engine Services", Publisher: "Microsoft Corporation", Edition: engine},
				First: h.Days[0], Last: h.Days[len(h.Days)-1]})
		}
	}
	machine("A", "Standard", "Standard Edition")
	machine("B", "Standard", "Enterprise Edition: Core-based Licensing")
	machine("C", "", "Standard Edition")
	machine("D", "", "")
	machine("E", "Entreprise", "none")
	machine("F", "", "Express Edition")
	machine("G", "Standard", "Express Edition")
	machine("H", "", "")
	machine("I", "", "Sonderedition")
	machine("J", "Standard", "Entreprise Edition")
	machine("K", "Standard", "Sonderedition")
	s.decide(statement.QuestionKey(statement.AskEdition, "H", "sql none / not told"), "standard")
	st := s.run()
	s.want(st, "", "sql-std", 2*5) // A C G H K
	s.want(st, "", "sql-ent", 2*5) // B D E I J
	var open []string
	for _, q := range st.OpenQuestions() {
		open = append(open, q.Subject)
	}
	slices.Sort(open)
	if want := []string{"B", "C", "D", "E", "G", "I", "J", "K"}; !slices.Equal(open, want) {
		t.Errorf("asked about %q, want %q", open, want)
	}
}

// HV2's cores are blank and were 2 x 10 the month before: 10 packs. HV3's are
// blank and never were known: the least, 4 packs. Its edition is misspelt:
// Datacenter. SQL1's edition is blank and was Standard, and nothing shows that
// it is gone: 2 packs; SQL2's is blank, and its inventory shows no engine.
func TestBlanks(t *testing.T) {
	s := newScene(t)
	before := func(m snapshot.Machine) {
		s.facts.Before.Machines = append(s.facts.Before.Machines, snapshot.MachineMonth{Source: "estate", Machine: m})
	}
	before(snapshot.Machine{Host: "HV2", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 10})
	before(snapshot.Machine{Host: "SQL1", SQLEdition: "Standard"})
	before(snapshot.Machine{Host: "SQL2", SQLEdition: "Standard"})
	s.machine(snapshot.Machine{Host: "HV2", Kind: snapshot.Physical, OperatingSystem: dc})
	s.machine(snapshot.Machine{Host: "HV3", Kind: snapshot.Physical, OperatingSystem: "Microsoft Windows Server 2022 Datacentr"})
	s.machine(snapshot.Machine{Host: "SQL1", Kind: snapshot.Virtual, VirtualCores: 4, Parent: "HV2", OperatingSystem: dc})
	s.machine(snapshot.Machine{Host: "SQL2", Kind: snapshot.Virtual, VirtualCores: 4, Parent: "HV2", OperatingSystem: dc})
	s.install("SQL2", "7-Zip")
	st := s.run()
	s.want(st, "", "win-dc", 10+4)
	s.want(st, "", "sql-std", 2)
	if got, want := questions(st, statement.AskMachine), []string{"HV2", "HV3"}; !slices.Equal(got, want) {
		t.Errorf("machines asked about: %q, want %q", got, want)
	}
	if got, want := questions(st, statement.AskEdition), []string{"HV3", "SQL1"}; !slices.Equal(got, want) {
		t.Errorf("editions asked about: %q, want %q", got, want)
	}
}

// A desktop in the table owes no Windows Server, and is no host without an
// edition.
func TestDesktopsOweNoServer(t *testing.T) {
	s := newScene(t)
	s.machine(snapshot.Machine{Host: "PC1", Kind: snapshot.Physical, Processors: 1, CoresPerProcessor: 4, OperatingSystem: "Microsoft Windows 11 Pro"})
	st := s.run()
	s.want(st, "", "win-dc", 0)
	if got := questions(st, statement.AskEdition); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// Whatever a cell holds, its edition is one that is known, and what is neither
// known nor none is said to be unknown.
func FuzzReadEdition(f *testing.F) {
	for _, s := range []string{"", "Standard", "Enterprise, Express", "geen", "Standard en Web", "a|b/c", "SQL 2019 CU14", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		c := readEdition(cell)
		if c.best != "" && !slices.Contains(sqlEditions, c.best) {
			t.Errorf("%q: %q", cell, c.best)
		}
		if c.best == "" && len(c.unknown) == 0 && strings.TrimSpace(cell) != "" && !slices.Contains(noEdition, strings.ToLower(strings.TrimSpace(cell))) {
			t.Errorf("%q is passed over", cell)
		}
	})
}
