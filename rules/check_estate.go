package rules

import (
	"fmt"
	"strings"

	"splameter/internal/product"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkMachines looks at what is owed by cores (docs/licensing.md 2 and 6.2, checks 16
// to 18, 21).
func checkMachines(e *evaluation) {
	for _, m := range e.machines {
		at := m.at
		say := func(code string, sev statement.Severity, count int, message, action string) {
			e.finding(statement.Finding{Code: code, Severity: sev, Tenant: m.tenant, Subject: m.host, Count: count, Message: message, Action: action, At: &at})
		}
		if m.tenant != "" && e.Register.Tenant(m.tenant) == nil {
			say("machine-unknown-tenant", statement.High, 0, fmt.Sprintf("machine %s is said to be of tenant %q, which tenants.csv does not have; it is counted as shared", m.host, m.tenant), "correct the hosts table or tenants.csv")
		}
		if d := m.windowsDue(); m.kind == snapshot.Physical && (d == snapshot.WindowsDatacenter || d == snapshot.WindowsStandard) && !e.ruleDue(m, true) {
			e.ask(statement.Question{Kind: statement.AskMachine, Subject: "Windows Server " + string(d) + " without a rule", About: []string{m.host},
				Message: fmt.Sprintf("physical hosts such as %s need Windows Server %s, and no rule counts it", m.host, d), Action: "add it to the rule file: Set-up and splameter propose do it"})
		}
		if m.windowsDue() == snapshot.WindowsStandard && m.cluster != "" && len(m.guests) > 1 {
			say("standard-in-cluster", statement.Medium, len(m.guests), fmt.Sprintf("host %s is licensed as Standard and lies in cluster %s: each of the %d Windows guests of the cluster counts on each host", m.host, m.cluster, len(m.guests)),
				"Datacenter, or guests pinned with a document, may be cheaper")
		}
		e.checkSQL(m, say)
		if m.power == snapshot.PowerOff {
			say("powered-off-machine", statement.Low, 0, fmt.Sprintf("machine %s was off when it was last read, and is counted", m.host), "remove it from the estate if it is not needed; whether an idle server is owed for is disputed")
		}
	}
}

// ruleDue says whether any rule counts a machine's Windows, or its SQL Server.
func (e *evaluation) ruleDue(m *machine, windows bool) bool {
	for _, p := range e.products {
		if p.Unit == statement.UnitCore && (len(p.Hosts.OperatingSystem)+len(p.Hosts.WindowsLicence) > 0) == windows && p.due(m) {
			return true
		}
	}
	return false
}

func (e *evaluation) checkSQL(m *machine, say func(string, statement.Severity, int, string, string)) {
	edition := product.SQLEdition(m.sql)
	if sqlRank(edition) < 2 || m.sqlCovered {
		return
	}
	if !e.ruleDue(m, false) {
		e.ask(statement.Question{Kind: statement.AskMachine, Subject: "SQL Server " + edition + " without a rule", About: []string{m.host},
			Message: fmt.Sprintf("machines such as %s run SQL Server %s, and no rule counts it", m.host, edition), Action: "add it to the rule file (Set-up and splameter propose do it), or fill sql_licence with sal, host or customer"})
	}
	switch {
	case m.cores == 0: // asked
	case m.cores < 4:
		say("sql-below-four-cores", statement.Low, 0, fmt.Sprintf("SQL Server on %s has %d cores; the least that can be licensed is four, and four are counted", m.host, m.cores), "give the machine four cores, or move the database to a larger one")
	case m.cores%2 == 1:
		say("odd-cores", statement.Low, 0, fmt.Sprintf("machine %s has %d cores, and packs hold two: one core is paid for and not used", m.host, m.cores), "give the machine an even number of cores")
	}
	if edition == "Web" {
		say("sql-web", statement.Medium, 0, fmt.Sprintf("machine %s runs SQL Server Web, which is for public web sites only", m.host), "make sure that no line-of-business application uses it")
	}
}

// titleFinding gathers one kind of finding about one title over all hosts.
type titleFinding struct {
	f     statement.Finding
	hosts int
}

// checkSoftware looks at what is installed where (docs/licensing.md 6.2, checks 5, 15,
// 21).
func checkSoftware(e *evaluation) {
	found := map[usedKey]*titleFinding{}
	var order []*titleFinding
	tell := func(code string, h *host, in *snapshot.InstallMonth, f statement.Finding) {
		k := usedKey{code, in.Name}
		t := found[k]
		if t == nil {
			f.Code, f.Subject, f.At = code, in.Name, &snapshot.Evidence{File: in.File, Line: in.Line}
			t = &titleFinding{f: f}
			found[k] = t
			order = append(order, t)
		}
		t.hosts++
	}
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		licensable := ""
		for _, s := range h.software {
			for i := range s.Installs.Len() {
				t := e.est.recognise(s, i, e.products)
				if t.plain() {
					continue
				}
				in := s.Installs.At(i)
				if len(t.products) > 0 && licensable == "" {
					licensable = in.Name
				}
				if len(t.products) > 0 || len(h.pools) > 0 {
					e.checkTitle(h, &in, t, tell)
				}
			}
		}
		if licensable != "" && len(h.pools) == 0 {
			e.finding(statement.Finding{Code: "host-without-pool", Severity: statement.High, Tenant: h.tenant, Subject: h.name,
				Message: fmt.Sprintf("host %s has %s and belongs to no pool: who can reach it is not known, and nobody was counted for it", h.name, licensable),
				Action:  "put the host into a pool, with the groups that may log on to it"})
		}
	}
	for _, t := range order {
		t.f.Count = t.hosts
		if t.hosts > 1 {
			t.f.Message += fmt.Sprintf(" (on %d hosts in all)", t.hosts)
		}
		e.finding(t.f)
	}
	for pi := range e.Config.Pools {
		p := &e.Config.Pools[pi]
		if len(e.est.pools[pi]) == 0 && !(p.Until.Set && p.Until.Day < e.w.m.FirstDay()) && !(p.From.Set && p.From.Day > e.w.m.LastDay()) {
			e.finding(statement.Finding{Code: "pool-without-host", Severity: statement.High, Subject: p.Name,
				Message: fmt.Sprintf("no inventory and no session log names any host of pool %s: what is installed there is not known", p.Name),
				Action:  "collect the inventories of its hosts, or correct the pool's host patterns, or give the pool an until"})
		}
	}
}

// checkTitle looks at one program on one host.
func (e *evaluation) checkTitle(h *host, in *snapshot.InstallMonth, t *title, tell func(string, *host, *snapshot.InstallMonth, statement.Finding)) {
	if len(t.products) > 1 {
		tell("title-in-two-rules", h, in, statement.Finding{Severity: statement.Medium,
			Message: fmt.Sprintf("%s is matched by %s and %s", in.Name, t.products[0].ID, t.products[1].ID), Action: "narrow the patterns, so that one title is one product"})
	}
	if len(h.pools) == 0 {
		return
	}
	if t.what.Licensable && t.what.Channel == product.Retail {
		tell("retail-on-session-host", h, in, statement.Finding{Severity: statement.High,
			Message: fmt.Sprintf("%s on session host %s is a retail licence, which no shared host may use", in.Name, h.name), Action: "install the volume edition"})
	}
	switch t.what.Family {
	case product.Office, product.Visio, product.Project, product.OfficeApp:
		if t.what.Licensable && len(t.products) == 0 {
			tell("title-without-rule", h, in, statement.Finding{Severity: statement.Error,
				Message: fmt.Sprintf("%s on session host %s needs a licence and no rule counts it", in.Name, h.name), Action: "add its name to a product's entitled.installed, or remove the program"})
		}
	}
	if len(t.products) > 0 && e.isDearer(t) {
		tell("dearer-edition-installed", h, in, statement.Finding{Severity: statement.High, Product: t.products[0].ID,
			Message: fmt.Sprintf("%s on host %s is counted as %s, a lower edition", in.Name, h.name, t.products[0].Label()), Action: "correct the patterns of the rules"})
	}
}

// isDearer says whether a title is of a higher edition than the one that the
// rules count it as (docs/licensing.md 1.5).
func (e *evaluation) isDearer(t *title) bool {
	p := t.products[0]
	if !strings.Contains(t.what.Edition, "Professional") || p.Family == "" || !strings.Contains(strings.ToLower(p.Label()), "standard") {
		return false
	}
	for _, q := range e.products {
		if q.Family == p.Family && q.Rank > p.Rank {
			return true
		}
	}
	return false
}
