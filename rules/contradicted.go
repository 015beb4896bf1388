package rules

import (
	"fmt"
	"slices"

	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// A hosts table is kept by hand, or by a tool that knows a machine from outside:
// it may say less than is owed while something else that was seen says more. Then
// the dearer is counted, and a question names both (docs/proof.md 1).

// dearerSystem takes what a directory says that a machine runs, where the hosts
// table says less: no Windows, or of a physical host the smaller edition. What the
// table said is kept for the question.
func (e *evaluation) dearerSystem(m *machine) {
	c := e.toldServer(m)
	if c == nil || m.os == "" {
		return
	}
	smaller := m.kind == snapshot.Physical && m.windowsLicence == "" && product.WindowsEdition(m.os) == snapshot.WindowsStandard &&
		product.WindowsEdition(c.system) == snapshot.WindowsDatacenter
	if product.IsWindows(m.os) && !smaller {
		return
	}
	m.tableOS = m.os
	if a := e.answer(statement.AskEdition, m.host, m.tableOS+" / "+c.system); a == register.None || a == register.Answer(snapshot.WindowsStandard) {
		return
	}
	m.os = c.system
}

// toldServer is the enabled account of a machine that tells of the dearest
// Windows Server; nil where none does.
func (e *evaluation) toldServer(m *machine) (best *computer) {
	for _, n := range m.names {
		for _, c := range e.est.accounts[n] {
			if c.enabled != 0 && c.server && product.IsWindows(c.system) && (best == nil || windowsRank(c.system) > windowsRank(best.system)) {
				best = c
			}
		}
	}
	return best
}

// askSystems asks about machines of which table and directory disagree. A guest
// on hosts that are licensed for any number of guests changes nothing.
func (e *evaluation) askSystems(byName map[string]*machine) {
	for _, m := range e.machines {
		if m.tableOS == "" {
			continue
		}
		if m.kind == snapshot.Virtual && !slices.ContainsFunc(hostsOf(m, byName), func(h *machine) bool {
			return h.windowsDue() != snapshot.WindowsDatacenter || !product.IsWindows(h.os)
		}) {
			continue
		}
		c := e.toldServer(m)
		q := statement.Question{Kind: statement.AskEdition, Subject: m.host, State: m.tableOS + " / " + c.system, Tenant: m.tenant, About: []string{m.host},
			Units: e.packsOf(m, true), Assumed: m.os, Answers: []register.Answer{register.Accepted, register.None},
			Message: fmt.Sprintf("the hosts table says that %s runs %s, and its enabled account in directory %s says %s", m.host, m.tableOS, c.source, c.system),
			Action:  "correct the hosts table, or disable the account where it is another machine's; or decide what it runs"}
		if product.IsWindows(m.tableOS) {
			q.Answers[1] = register.Answer(snapshot.WindowsStandard)
		}
		e.ask(q)
	}
}

// dearerLicence counts Datacenter for a physical host that runs it and is said to
// be licensed for Standard: a smaller licence never covers a larger edition
// (docs/licensing.md 1.5).
func (e *evaluation) dearerLicence(m *machine) {
	dearer, below := map[snapshot.WindowsLicence]snapshot.WindowsLicence{
		snapshot.WindowsStandard: snapshot.WindowsDatacenter, snapshot.WindowsCISStandard: snapshot.WindowsCISDatacenter}[m.windowsLicence]
	if !below || product.WindowsEdition(m.os) != snapshot.WindowsDatacenter {
		return
	}
	said := m.windowsLicence
	state := string(said) + " / " + m.os
	if e.answer(statement.AskEdition, m.host, state) != register.Answer(said) {
		if m.windowsLicence = dearer; !e.ruleDue(m, true) {
			m.windowsLicence = said
		}
	}
	e.ask(statement.Question{Kind: statement.AskEdition, Subject: m.host, State: state, Tenant: m.tenant, About: []string{m.host},
		Units: e.packsOf(m, true), Assumed: "windows_licence " + string(m.windowsLicence),
		Message: fmt.Sprintf("physical host %s runs %s, and its windows_licence in the hosts table is %s, which does not cover that edition", m.host, m.os, said),
		Action:  "correct windows_licence or operating_system in the hosts table; or decide that it is so", Answers: []register.Answer{register.Accepted, register.Answer(said)}})
}

// endedRow is a machine that ended before the month by the hosts table, and was
// there in it by something else.
type endedRow struct{ host, until, message string }

// stillThere says that a machine whose row ends it before the month is counted all
// the same, because something in the month shows it, and nobody decided otherwise.
func (e *evaluation) stillThere(s *snapshot.MachineMonth) bool {
	row := endedRow{s.Host, s.Until.String(), e.heardOf(s)}
	if row.message == "" {
		return false
	}
	e.ended = append(e.ended, row)
	return e.answer(statement.AskMachine, row.host, row.state()) != register.None
}

func (r *endedRow) state() string { return "until " + r.until }

// heardOf says what of the month shows that a machine was there that ended by its
// row; "" where nothing does, or the directories have it no more. An account that is
// still enabled alone shows nothing.
func (e *evaluation) heardOf(s *snapshot.MachineMonth) string {
	key := e.est.names.key(s.Host)
	if e.est.ended(key) {
		return ""
	}
	if h := e.est.find(s.Host); h != nil {
		if days := h.listedDays(); len(days) > 0 {
			return fmt.Sprintf("the hosts table says that machine %s was there until %s, and its programs were read on %s", s.Host, s.Until, days[len(days)-1])
		}
		if h.logged {
			return fmt.Sprintf("the hosts table says that machine %s was there until %s, and a session log of this month tells of it", s.Host, s.Until)
		}
	}
	for i := range e.Facts.Machines {
		if g := &e.Facts.Machines[i]; g.Parent != "" && (g.Until == 0 || g.Until >= e.w.m.FirstDay()) && e.est.names.key(g.Parent) == key && !owesNothing(&g.Machine) {
			return fmt.Sprintf("the hosts table says that machine %s was there until %s, and that guest %s runs on it", s.Host, s.Until, g.Host)
		}
	}
	return ""
}

// askEnded asks about the machines that a row ends and something else shows.
func (e *evaluation) askEnded() {
	have := byName(e.machines)
	for i := range e.ended {
		r := &e.ended[i]
		q := statement.Question{Kind: statement.AskMachine, Subject: r.host, State: r.state(), About: []string{r.host}, Assumed: "it was still there",
			Message: r.message,
			Action:  "correct its until in the hosts table; or decide that it is gone", Answers: []register.Answer{register.Accepted, register.None}}
		if m := have[e.est.names.key(r.host)]; m != nil {
			q.Tenant, q.Units = m.tenant, e.packsOf(m, true)+e.packsOf(m, false)
		}
		e.ask(q)
	}
}
