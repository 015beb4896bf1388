package rules

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// fewServers is up to how many servers without a row in the hosts table are
// asked about one by one: the first month of a table that holds hypervisors
// only is one question, and a server that was forgotten is one of its own.
const fewServers = 3

// ended says that a host is proved to be no more: every account of it was
// disabled on all days of the month, or is gone in a whole reading.
func (e *estate) ended(key string) bool {
	if all := e.accounts[key]; len(all) > 0 {
		return !slices.ContainsFunc(all, func(c *computer) bool { return c.enabled != 0 })
	}
	return e.gone[key]
}

// expected are the days of a month on which a host is expected: while an
// account of it is enabled, or all of them where no directory has one.
func (h *host) expected(m month.Month) (from, until month.Day, is bool) {
	from, until = m.FirstDay(), m.LastDay()
	days, known := h.enabled()
	if !known {
		return from, until, true
	}
	if days == 0 {
		return 0, 0, false
	}
	for days&1 == 0 {
		days, from = days>>1, from+1
	}
	if d, ok := h.retired(); ok {
		until = max(from, d-1)
	}
	return from, until, true
}

// expectMachines asks for a row in a hosts table of everything that is known
// to be a machine: those of the month before, parents of guests, servers of
// the directories, and hosts with a server's engine (docs/architecture.md). What was in
// the table before and is no more is a gap; what never was is a question.
func (e *evaluation) expectMachines() {
	e.askForFullNames()
	e.askForOtherNames()
	e.askForPoolHosts()
	e.askEnded()
	if len(e.Facts.Machines) == 0 {
		e.askForHostsTable()
		return
	}
	have, told := byName(e.machines), map[string]bool{}
	ids := map[string]bool{}
	for i := range e.Facts.Machines { // a row that says until counts as one
		m := &e.Facts.Machines[i]
		ids[strings.ToLower(m.ID)] = m.ID != ""
		if k := e.est.names.key(m.Host); have[k] == nil {
			have[k] = &machine{}
		}
	}
	for i := range e.Facts.Before.Machines {
		b := &e.Facts.Before.Machines[i]
		k := e.est.names.key(b.Host)
		if have[k] != nil || ids[strings.ToLower(b.ID)] || told[k] || b.Until != 0 && b.Until < e.w.m.FirstDay() || e.est.ended(k) || owesNothing(&b.Machine) {
			continue
		}
		told[k] = true
		e.gap(statement.Gap{Source: b.Source, Kind: statement.CoverageMachines, Host: b.Host, Site: b.Site,
			Message: fmt.Sprintf("machine %s stood in the hosts table of the month before (%s) and has no row this month: what it owes is not counted", b.Host, describe(&b.Machine)),
			Action:  "put its row back and collect again; if it is gone, give its row an until, or disable its account in the directory"})
	}
	e.askForParents(have, told)
	var missing []*host
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		if h.machine || have[h.key] != nil || told[h.key] {
			continue
		}
		days, known := h.enabled()
		switch engine := e.engineOn(h); {
		case known && days == 0 && len(h.software) == 0:
		case engine != "":
			e.ask(statement.Question{Kind: statement.AskEngine, Subject: h.name, State: engine, Tenant: h.tenant, About: []string{h.name},
				Message: fmt.Sprintf("%s was found on %s, of which the hosts table has no row: its processors and cores are not known, and nothing was counted for it", engine, h.name),
				Action:  "add the machine to the hosts table, with its cores and its edition"})
		case h.server() && days != 0:
			missing = append(missing, h)
		}
	}
	e.askForServers(missing)
}

// owesNothing says of a guest that its going changes nothing that is owed: it
// ran a system that is no Windows, and no SQL Server.
func owesNothing(m *snapshot.Machine) bool {
	system, sure := product.ReadSystem(m.OperatingSystem)
	return folded(m.Kind) == snapshot.Virtual && m.OperatingSystem != "" && sure && !product.IsWindows(system) && sqlRank(readEdition(m.SQLEdition).best) < 2 && len(readEdition(m.SQLEdition).unknown) == 0
}

// askForFullNames asks which host is meant by a short name that several have.
func (e *evaluation) askForFullNames() {
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		if several := e.est.names.several(h.key); several != nil && (h.machine || len(h.software) > 0) {
			e.ask(statement.Question{Kind: statement.AskHost, Subject: h.name, State: strings.Join(several, ", "), Tenant: h.tenant, About: several,
				Message: fmt.Sprintf("a table or an inventory names host %s, and that may be %s: what it tells is taken for another host of that name", h.name, strings.Join(several, " or ")),
				Action:  "write full names there, or add the column domain"})
		}
	}
}

// askForOtherNames asks whether a host is a computer whose directory says that it
// is called otherwise.
func (e *evaluation) askForOtherNames() {
	for _, o := range e.est.names.others {
		q := statement.Question{Kind: statement.AskHost, Subject: o.name, State: strings.Join(o.stated, ", "), About: append([]string{o.name}, o.stated...),
			Message: fmt.Sprintf("a log or an inventory speaks of host %s, and the directory says that the only computer of that name is %s: they were taken for two machines, and what is known of one proves nothing of the other", o.name, o.stated[0]),
			Action:  "correct the name where it is wrong; or decide that they are the same machine, or accept that they are two", Answers: []register.Answer{register.Same, register.Accepted}, Assumed: "two machines"}
		if len(o.stated) > 1 {
			q.Message = fmt.Sprintf("a log or an inventory speaks of host %s, and the directories say that the computers of that name are %s: it was taken for another machine, and what is known of it proves nothing of them", o.name, strings.Join(o.stated, " and "))
			q.Action, q.Answers, q.Assumed = "correct the name where it is wrong; or accept that it is another machine", nil, "another machine"
		}
		e.ask(q)
	}
}

// askForPoolHosts asks about hosts that pools name one by one and that nothing
// that was ever read knows: what is on them is not known, and nobody who may log
// on to them is counted for it.
func (e *evaluation) askForPoolHosts() {
	first, last := e.w.m.FirstDay(), e.w.m.LastDay()
	for i := range e.Config.Pools {
		p := &e.Config.Pools[i]
		if p.Until.Set && p.Until.Day < first || p.From.Set && p.From.Day > last {
			continue
		}
		for _, g := range newPoolHosts(p.Hosts).names {
			known := func(key, name string) bool { return matchHost(Globs{g}, key, name) }
			if !g.Plain() || slices.ContainsFunc(e.est.hosts, func(h host) bool { return known(h.key, h.name) }) {
				continue
			}
			key := e.est.names.key(g.String())
			if e.est.accounts[key] != nil || e.est.gone[key] {
				continue // it is proved to be no more
			}
			e.ask(statement.Question{Kind: statement.AskHost, Subject: g.String(), State: "pool " + p.Name, About: []string{g.String()},
				Message: fmt.Sprintf("pool %s names host %s, which no directory, log, inventory or hosts table knows: what is installed there is not known, and nobody was counted for it", p.Name, g.String()),
				Action:  "correct the name in the config, or collect the host's inventory and log; take it out of the pool if there is no such host"})
		}
	}
}

// sameHost says that a person decided that a host is the computer whose directory
// says that it is called otherwise.
func (e *evaluation) sameHost(o otherName) bool {
	return e.answer(statement.AskHost, o.name, strings.Join(o.stated, ", ")) == register.Same
}

// describe tells what a row of the hosts table held.
func describe(m *snapshot.Machine) string {
	var parts []string
	switch {
	case m.Processors*m.CoresPerProcessor > 0:
		parts = append(parts, fmt.Sprintf("%d cores", m.Processors*m.CoresPerProcessor))
	case m.VirtualCores > 0:
		parts = append(parts, fmt.Sprintf("%d virtual cores", m.VirtualCores))
	}
	for _, s := range []string{m.OperatingSystem, m.SQLEdition} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) == 0 {
		return "without any detail"
	}
	return strings.Join(parts, ", ")
}

// askForParents asks for the hosts that Windows guests are said to run on.
func (e *evaluation) askForParents(have map[string]*machine, told map[string]bool) {
	for _, m := range e.machines {
		if m.kind != snapshot.Virtual || !product.IsWindows(m.os) {
			continue
		}
		for _, p := range m.parents {
			if have[p] != nil || told[p] {
				continue
			}
			e.ask(statement.Question{Kind: statement.AskMachine, Subject: p, About: []string{m.host},
				Message: fmt.Sprintf("Windows guests run on host %s, of which the hosts table has no row: the Windows Server licence of that host is not counted", p),
				Action:  "add the physical host to the hosts table, with its processors, its cores and the Windows licence that it has"})
		}
	}
}

// askForServers asks about servers of the directories that no hosts table ever
// had.
func (e *evaluation) askForServers(missing []*host) {
	const action = "add them to the hosts table, with processors, cores and edition; disable accounts of those that are gone; or decide that what runs there needs nothing of its own"
	if len(missing) <= fewServers {
		for _, h := range missing {
			e.ask(statement.Question{Kind: statement.AskMachine, Subject: h.name, Tenant: h.tenant, About: []string{h.name},
				Message: fmt.Sprintf("server %s (%s) has an enabled account in directory %s and no row in a hosts table: what it owes is not known, and nothing was counted for it", h.name, nameOr(h.computers[0].system, "a server system"), h.computers[0].source),
				Action:  action})
		}
		return
	}
	var names []string
	for _, h := range missing {
		names = append(names, h.name)
	}
	e.ask(statement.Question{Kind: statement.AskMachine, Subject: "servers without a row in the hosts table", State: digestOf(names), About: names,
		Message: fmt.Sprintf("%d servers have enabled accounts in the directories and no row in a hosts table, such as %s: what they owe is not known, and nothing was counted for them", len(names), listed(names, 5)),
		Action:  action})
}

// askForHostsTable asks, once, for a table of machines where none was read.
// Where one is configured its days are gaps already.
func (e *evaluation) askForHostsTable() {
	for i := range e.Config.Inventories {
		if len(e.Config.Inventories[i].Hosts) > 0 {
			return
		}
	}
	for i := range e.Config.Databases {
		if e.Config.Databases[i].Reads("hosts") {
			return
		}
	}
	var names []string
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		if days, _ := h.enabled(); h.server() && days != 0 || e.engineOn(h) != "" {
			names = append(names, h.name)
		}
	}
	if len(names) == 0 {
		return
	}
	sort.Strings(names)
	e.ask(statement.Question{Kind: statement.AskMachine, Subject: "no hosts table", About: names,
		Message: fmt.Sprintf("%d %s known, such as %s, and no hosts table is configured: what is owed by cores (Windows Server, SQL Server) is not known, and nothing was counted for it", len(names), diag.Plural(len(names), "server is", "servers are"), listed(names, 5)),
		Action:  "name a table of the machines under inventories: hosts in the config; or decide that the cores are reported otherwise"})
}

// engineOn is the first licensable server engine in a host's inventory, or "".
func (e *evaluation) engineOn(h *host) string {
	best := ""
	for _, s := range h.software {
		for i := range s.Installs.Len() {
			if t := e.est.recognise(s, i, e.products); t.what.Engine && t.what.Licensable {
				if in, _ := s.Program(i); best == "" || in.Name < best {
					best = in.Name
				}
			}
		}
	}
	return best
}

// digestOf is a short text that changes when the names do.
func digestOf(names []string) string {
	h := fnv.New32a()
	for _, n := range slices.Sorted(slices.Values(names)) {
		h.Write([]byte(strings.ToLower(n) + "\x00"))
	}
	return fmt.Sprintf("%d, %08x", len(names), h.Sum32())
}
