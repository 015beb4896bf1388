package rules

import (
	"fmt"
	"sort"

	"splameter/internal/diag"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// dearerGuests asks about Datacenter that runs in a guest on a host licensed for
// Standard: what may run in a guest is what its host is licensed for, and a smaller
// licence never covers a larger edition (docs/licensing.md 1.5). Either the host owes
// Datacenter, once for all its guests, or the guests run Standard in truth and it owes
// Standard for each: the dearer counts meanwhile, where both prices are known, else
// Datacenter. The hosts of a cluster are one question.
func (e *evaluation) dearerGuests(m *machine, names map[string]*machine) {
	said := m.windowsDue()
	if said != snapshot.WindowsStandard {
		return
	}
	var guests []string
	for _, g := range m.guests {
		if x := names[e.est.names.key(g)]; x != nil && product.WindowsEdition(x.os) == snapshot.WindowsDatacenter {
			guests = append(guests, g)
		}
	}
	if len(guests) == 0 {
		return
	}
	sort.Strings(guests)
	subject, where := m.host, "host "+m.host+" is"
	if m.cluster != "" {
		subject, where = m.cluster, "the hosts of cluster "+m.cluster+" are"
	}
	state := "guests of Datacenter, " + digestOf(guests)
	was := m.windowsLicence
	switch e.answer(statement.AskEdition, subject, state) {
	case register.Answer(snapshot.WindowsStandard):
	case register.Answer(snapshot.WindowsDatacenter):
		e.licenceGuests(m)
	default:
		if e.licenceGuests(m); e.cheaper(m, was) {
			m.windowsLicence = was
		}
	}
	e.ask(statement.Question{Kind: statement.AskEdition, Subject: subject, State: state, Tenant: m.tenant, About: append([]string{m.host}, guests...),
		Units: e.packsOf(m, true), Assumed: "Windows Server " + editionName(m.windowsDue()),
		Message: fmt.Sprintf("%d %s Windows Server Datacenter (%s), and %s licensed for Standard, which does not cover that edition", len(guests), diag.Plural(len(guests), "guest runs", "guests run"), listed(guests, 5), where),
		Action:  "correct the operating system of the guests, or windows_licence of the host, in the hosts table; or decide which edition is owed",
		Answers: []register.Answer{register.Accepted, register.Answer(snapshot.WindowsDatacenter), register.Answer(snapshot.WindowsStandard)}})
}

// licenceGuests has a host owe Datacenter, where any rule counts that.
func (e *evaluation) licenceGuests(m *machine) {
	was := m.windowsLicence
	m.windowsLicence = snapshot.WindowsDatacenter
	if was == snapshot.WindowsCISStandard {
		m.windowsLicence = snapshot.WindowsCISDatacenter
	}
	if !e.ruleDue(m, true) {
		m.windowsLicence = was
	}
}

// cheaper says that a host costs less as it is than with the licence it had.
func (e *evaluation) cheaper(m *machine, had snapshot.WindowsLicence) bool {
	var now, then sum
	other := *m
	other.windowsLicence = had
	p, n := e.windowsPacks(m)
	q, k := e.windowsPacks(&other)
	if p == nil || q == nil {
		return false
	}
	e.add(&now, p.PartNumber, n)
	e.add(&then, q.PartNumber, k)
	return between(&statement.Advice{}, then, now)
}
