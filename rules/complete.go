package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// fewMachines is up to how many machines of which one thing is not known are
// asked about one by one.
const fewMachines = 3

// completeMachines fills what the hosts table leaves blank from what else is
// known of a machine, asks for what is not known, and counts it the dearer way
// meanwhile: a blank is a question and never a small number (docs/proof.md 1).
func (e *evaluation) completeMachines() {
	e.keepKeys()
	before := e.machinesBefore()
	parents := map[string]bool{}
	for _, m := range e.machines {
		for _, p := range m.parents {
			parents[p] = true
		}
	}
	kinds := &blanks{what: "kind", subject: "machines without a kind", say: "is neither physical nor virtual by the hosts table", action: "fill the column kind"}
	for _, m := range e.machines {
		b := before[m.names[len(m.names)-1]]
		if b == nil {
			b = &snapshot.Machine{}
		}
		e.completeKind(m, b, parents, kinds)
		e.completeSystem(m, b)
	}
	e.askBlanks(kinds)
	e.completeSQL(before)
	e.askUnreadable()
}

// machinesBefore are the rows of the month before, by every name.
func (e *evaluation) machinesBefore() map[string]*snapshot.Machine {
	out := map[string]*snapshot.Machine{}
	for i := range e.Facts.Before.Machines {
		m := &e.Facts.Before.Machines[i].Machine
		out[e.est.names.key(m.Host)] = m
	}
	return out
}

// keepKeys gives every machine the key by which the month before counted it:
// an id that appears or goes, a new name of an id, a table that begins to write
// full names are the same machine as before, whose change can then be told.
func (e *evaluation) keepKeys() {
	n := len(e.Earlier)
	if n == 0 || e.Earlier[n-1].Month != e.w.m.Add(-1).String() {
		return
	}
	last, taken := map[string]bool{}, map[string]bool{}
	for i := range e.Earlier[n-1].Counted.Len() {
		last[e.Earlier[n-1].Counted.At(i).Key] = true
	}
	for _, m := range e.machines {
		taken[m.key] = true
	}
	for _, m := range e.machines {
		if last[m.key] {
			continue
		}
		for _, k := range e.keysOf(m) {
			if last[k] && !taken[k] {
				taken[k], m.key = true, k
				break
			}
		}
	}
	slices.SortFunc(e.machines, func(a, b *machine) int { return strings.Compare(a.key, b.key) })
}

// keysOf are all keys by which a machine may have been counted.
func (e *evaluation) keysOf(m *machine) (keys []string) {
	ids := map[string]bool{}
	for _, s := range m.states {
		if s.ID != "" {
			ids[strings.ToLower(s.ID)] = true
			keys = appendNew(keys, "id:"+s.ID)
		}
	}
	name := func(n string) {
		keys = appendNew(keys, "host:"+e.est.names.stable(n))
		keys = appendNew(keys, "host:"+n)
	}
	for _, n := range m.names {
		name(n)
	}
	for i := range e.Facts.Before.Machines {
		b := &e.Facts.Before.Machines[i]
		k := e.est.names.key(b.Host)
		switch {
		case slices.Contains(m.names, k) && b.ID != "":
			keys = appendNew(keys, "id:"+b.ID)
		case b.ID != "" && ids[strings.ToLower(b.ID)]:
			name(k)
		}
	}
	return keys
}

func (e *evaluation) completeKind(m *machine, b *snapshot.Machine, parents map[string]bool, unknown *blanks) {
	if m.kind != "" {
		return
	}
	switch {
	case len(m.parents) > 0:
		m.kind = snapshot.Virtual
	case slices.ContainsFunc(m.names, func(n string) bool { return parents[n] }):
		m.kind = snapshot.Physical
	case b.Kind != "":
		m.kind = folded(b.Kind)
	}
	if m.kind == snapshot.Physical {
		m.cores = m.physical
	}
	if m.kind == "" {
		unknown.add(m)
	}
}

// completeSystem reads the operating system: from the table, else from the
// directories, else from the month before.
func (e *evaluation) completeSystem(m *machine, b *snapshot.Machine) {
	if m.os == "" {
		for _, n := range m.names {
			for _, c := range e.est.accounts[n] {
				if c.enabled != 0 && windowsRank(c.system) >= windowsRank(m.os) {
					m.os = c.system
				}
			}
		}
	}
	if m.os == "" && m.windowsLicence == "" && b.OperatingSystem != "" {
		m.os = b.OperatingSystem
		e.ask(statement.Question{Kind: statement.AskEdition, Subject: m.host, State: "operating system blank", Tenant: m.tenant, About: []string{m.host},
			Assumed: m.os + ", as the month before",
			Message: fmt.Sprintf("the hosts table no longer says what machine %s runs; the month before it said %s", m.host, m.os), Action: "fill the column operating_system"})
		return
	}
	system, sure := product.ReadSystem(m.os)
	if !sure && e.answer(statement.AskEdition, m.host, m.os) != register.None {
		e.ask(statement.Question{Kind: statement.AskEdition, Subject: m.host, State: m.os, Tenant: m.tenant, About: []string{m.host}, Assumed: system,
			Message: fmt.Sprintf("machine %s runs %q by the hosts table, which is no system that is known; it was taken for %s", m.host, m.os, system),
			Action:  "correct the operating system in the hosts table; or decide what it is", Answers: []register.Answer{register.Accepted, register.None}})
	} else if !sure {
		e.ask(statement.Question{Kind: statement.AskEdition, Subject: m.host, State: m.os, Message: fmt.Sprintf("machine %s runs %q, which is no Windows", m.host, m.os), Action: "nothing"})
		return
	}
	m.os = system
	e.dearerSystem(m)
}

// fromHypervisor is where what a database of inventories does not tell of hosts
// comes from.
const fromHypervisor = "; or collect an export of the hypervisor (RVTools, Hyper-V, PowerCLI, Proxmox), which joins by name"

// completeWindows asks for the cores and the edition of physical hosts that
// owe Windows Server, and for the hosts of guests. It needs the guests.
func (e *evaluation) completeWindows() {
	before, names := e.machinesBefore(), byName(e.machines)
	cores := &blanks{what: "cores", subject: "physical hosts without cores", say: "owes Windows Server and the hosts table gives no processors or cores: the least possible is counted", action: "fill processors and cores_per_processor", from: fromHypervisor}
	systems := &blanks{what: "operating system", subject: "physical hosts without an operating system", say: "has no operating system in the hosts table: whether it owes Windows Server is not known", action: "fill operating_system, or windows_licence"}
	parents := &blanks{what: "parent", subject: "Windows guests without a parent", say: "is a Windows guest and the hosts table does not say on which host it runs: its licence cannot be seen", action: "fill the column parent", from: fromHypervisor}
	guests := &blanks{what: "operating system", subject: "guests without an operating system", say: "has no operating system in the hosts table: whether its host owes Windows for it is not known", action: "fill operating_system"}
	for _, m := range e.machines {
		b := before[m.names[len(m.names)-1]]
		switch {
		case m.kind == snapshot.Physical && m.os == "" && m.windowsLicence == "" && len(m.guests) == 0:
			systems.add(m)
		case m.kind == snapshot.Physical && m.windowsDue() != owesNone:
			if m.processors == 0 || m.perProcessor == 0 {
				if b != nil && b.Processors*b.CoresPerProcessor > m.physical {
					m.processors, m.perProcessor = b.Processors, b.CoresPerProcessor
					m.physical = b.Processors * b.CoresPerProcessor
					m.cores = m.physical
				}
				cores.add(m)
			}
			e.assumeWindows(m)
			e.dearerLicence(m)
			e.dearerGuests(m, names)
		case m.kind == snapshot.Virtual && len(m.parents) == 0 && m.cluster == "" && product.IsWindows(m.os):
			parents.add(m)
		case m.kind == snapshot.Virtual && m.os == "" && slices.ContainsFunc(hostsOf(m, names), func(h *machine) bool { return h.windowsDue() != snapshot.WindowsDatacenter }):
			guests.add(m)
		}
	}
	for _, b := range []*blanks{cores, systems, parents, guests} {
		e.askBlanks(b)
	}
	e.askSystems(names)
}

// assumeWindows asks which Windows Server a host owes where nobody says, and
// counts Datacenter meanwhile.
func (e *evaluation) assumeWindows(m *machine) {
	if m.windowsDue() != "" {
		return
	}
	const state = string(windowsColumn)
	answer := e.answer(statement.AskEdition, m.host, state)
	switch answer {
	case register.None:
		m.windowsLicence = snapshot.WindowsCustomer
	case register.Answer(snapshot.WindowsStandard), register.Answer(snapshot.WindowsDatacenter):
		m.windowsLicence = snapshot.WindowsLicence(answer)
	default:
		m.windowsLicence = snapshot.WindowsDatacenter
		if !e.ruleDue(m, true) {
			m.windowsLicence = snapshot.WindowsStandard
		}
	}
	what := "runs Windows of no edition that is known"
	if !product.IsWindows(m.os) {
		what = fmt.Sprintf("runs %s with %s", nameOr(m.os, "an unknown system"), several(len(m.guests), "Windows guest"))
	}
	e.ask(statement.Question{Kind: statement.AskEdition, Subject: m.host, State: state, Tenant: m.tenant, About: []string{m.host},
		Units: e.packsOf(m, true), Assumed: "Windows Server " + editionName(m.windowsLicence),
		Message: fmt.Sprintf("physical host %s %s: which Windows Server licence it needs is not said", m.host, what),
		Action:  "decide which it is, which then holds for the months to come; or fill windows_licence in a hosts table of each month", Answers: []register.Answer{register.Accepted, register.Answer(snapshot.WindowsDatacenter), register.Answer(snapshot.WindowsStandard), register.None}})
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// packsOf is what the rules count for a machine's Windows, or its SQL Server.
func (e *evaluation) packsOf(m *machine, windows bool) (n int) {
	for _, p := range e.products {
		if p.Unit == statement.UnitCore && (len(p.Hosts.OperatingSystem) > 0) == windows && p.due(m) {
			c := p.count(m)
			n += c.Packs
		}
	}
	return n
}

// blanks are the machines of which one thing is not known.
type blanks struct {
	what, subject, say, action, from string // from: where else it could come from
	machines                         []*machine
}

func (b *blanks) add(m *machine) { b.machines = append(b.machines, m) }

// askBlanks asks of few machines one by one, and of many at once: a table
// without a column is one cause.
func (e *evaluation) askBlanks(b *blanks) {
	if len(b.machines) <= fewMachines {
		for _, m := range b.machines {
			e.ask(statement.Question{Kind: statement.AskMachine, Subject: m.host, State: b.what, Tenant: m.tenant, About: []string{m.host}, Units: e.packsOf(m, true) + e.packsOf(m, false),
				Message: fmt.Sprintf("machine %s %s", m.host, b.say), Action: b.action + " in the hosts table" + b.from})
		}
		return
	}
	var names []string
	units := 0
	for _, m := range b.machines {
		names = append(names, m.host)
		units += e.packsOf(m, true) + e.packsOf(m, false)
	}
	sort.Strings(names)
	e.ask(statement.Question{Kind: statement.AskMachine, Subject: b.subject, State: digestOf(names), About: names, Units: units,
		Message: fmt.Sprintf("%d machines, such as %s: each %s", len(names), listed(names, 5), b.say), Action: b.action + " in the hosts table" + b.from})
}

// askUnreadable asks about values of the hosts table that mean nothing: the
// collector took each for unknown; and about machines that stand there twice.
func (e *evaluation) askUnreadable() {
	for i := range e.Facts.Readings {
		if e.readAgain(i) {
			continue
		}
		for _, n := range e.Facts.Readings[i].Notes {
			switch n.Code {
			case "machine-doubled":
				e.ask(statement.Question{Kind: statement.AskMachine, Subject: n.Subject, State: "two rows", About: []string{n.Subject},
					Assumed: "the most that either row says; two machines where the rows are of two tenants",
					Message: fmt.Sprintf("a hosts table names machine %s twice: %s", n.Subject, n.Message), Action: "take the wrong row out of the hosts table, or write full names where these are two machines"})
			case "machine-unreadable":
				e.ask(statement.Question{Kind: statement.AskMachine, Subject: n.Subject, State: n.Message, About: []string{n.Subject},
					Message: fmt.Sprintf("the hosts table has a value for machine %s that cannot be read: %s", n.Subject, n.Message), Action: "correct the hosts table and collect it again"})
			}
		}
	}
}
