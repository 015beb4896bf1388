package rules

import (
	"fmt"
	"sort"

	"splameter/internal/diag"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// asking gathers one question about one title over all hosts.
type asking struct {
	title  string
	reason string
	action string
	hosts  map[string]bool
	pools  map[int]bool
}

// checkTitles asks what nobody placed: titles of Microsoft's and of makers on
// the watch list that no entry knows, those that only a person can place, those
// that need a licence and that no rule counts, and parts of a server that
// stand on a machine without it. Each is one question, however many hosts
// have it.
func checkTitles(e *evaluation) {
	asked := map[string]*asking{}
	ask := func(h *host, name, reason, action string) {
		a := asked[name]
		if a == nil {
			a = &asking{title: name, reason: reason, action: action, hosts: map[string]bool{}, pools: map[int]bool{}}
			asked[name] = a
		}
		a.hosts[h.name] = true
		for _, pi := range h.pools {
			a.pools[pi] = true
		}
	}
	placed := e.accountedFor()
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		engines := e.enginesOf(h)
		for _, s := range h.software {
			for i := range s.Installs.Len() {
				t := e.est.recognise(s, i, e.products)
				what := &t.what
				if t.unstated && len(h.pools) > 0 {
					e.ask(statement.Question{Kind: statement.AskEdition, Subject: t.name, Product: t.products[0].ID, About: []string{h.name}, Assumed: "counted as " + t.products[0].Label(),
						Message: fmt.Sprintf("%s is installed on session hosts, and no source tells its edition", t.name), Action: "find out which edition it is, and name it in a rule's entitled.installed; or decide that the dearest is right"})
				}
				if len(t.products) > 0 {
					continue
				}
				switch {
				case what.Question != "":
					if !placed[what.Family] {
						ask(h, t.name, what.Question, "count it by a rule, place it in the file under products:, or decide why it takes no licence")
					}
				case what.NeedsEngine != "" && !engines[what.NeedsEngine] && !placed[product.Family(what.Entry)]:
					ask(h, t.name, what.Reason, "fill the edition in the hosts table, which is then counted, or decide why it takes no licence there")
				case what.SetupOf != "" && !engines[what.SetupOf] && !placed[what.SetupOf] && !e.showsSetup(h, what.SetupOf):
					ask(h, t.name, "it stands there for an engine as for its tools alone, and no other row of the machine shows which", "read the machine's whole list of programs, hidden components too (splameter gather, a registry export); or fill the edition in the hosts table, which is then counted; or decide that no engine is there")
				case what.Channel == product.Subscription && what.Family != product.M365Apps && len(h.pools) > 0 && !placed[what.Family]:
					ask(h, t.name, what.Reason, "count it by a rule that names the channel subscription, or decide whose licence it is")
				case what.Licensable && !placed[what.Family] && !askedElsewhere(what):
					ask(h, t.name, what.Reason+", and no rule counts it", "count it by a rule that names its family under accounts_for:, or decide whose licence it is")
				}
			}
		}
	}
	names := make([]string, 0, len(asked))
	for n := range asked {
		names = append(names, n)
	}
	sort.Strings(names)
	var reach []int
	for _, n := range names {
		a := asked[n]
		units := 0
		if len(a.pools) > 0 && reach == nil {
			reach = e.poolReach()
		}
		for pi := range a.pools {
			units = max(units, reach[pi])
		}
		hosts := make([]string, 0, len(a.hosts))
		for h := range a.hosts {
			hosts = append(hosts, h)
		}
		sort.Strings(hosts)
		e.ask(statement.Question{Kind: statement.AskTitle, Subject: a.title, About: hosts, Count: len(hosts), Units: units,
			Assumed: "nothing is counted for it",
			Message: fmt.Sprintf("%s is installed on %s: %s", a.title, listed(hosts, 5), a.reason), Action: a.action})
	}
}

// askedElsewhere: Office, Visio and Project are told where they stand on a
// session host, and engines of SQL Server by their machines.
func askedElsewhere(what *product.Recognition) bool {
	switch what.Family {
	case product.Office, product.OfficeApp, product.Visio, product.Project, product.SQLServer:
		return true
	}
	return false
}

// accountedFor are the families of programs that some product of the rules
// accounts for, by whatever it counts: Exchange by its mailboxes.
func (e *evaluation) accountedFor() map[product.Family]bool {
	out := map[product.Family]bool{}
	for _, p := range e.products {
		for _, f := range p.AccountsFor {
			out[product.Family(f)] = true
		}
	}
	return out
}

// enginesOf are the server engines on a host, of any edition, by its programs
// or by the hosts table.
func (e *evaluation) enginesOf(h *host) map[product.Family]bool {
	out := map[product.Family]bool{}
	for _, s := range h.software {
		for i := range s.Installs.Len() {
			if t := e.est.recognise(s, i, e.products); t.what.Engine {
				out[t.what.Family] = true
			}
		}
	}
	if h.sql != "" {
		out[product.SQLServer] = true
	}
	return out
}

// showsSetup says whether a host's programs tell what a setup of the family put
// there: lists that leave hidden components out do not.
func (e *evaluation) showsSetup(h *host, family product.Family) bool {
	for _, s := range h.software {
		for i := range s.Installs.Len() {
			if t := e.est.recognise(s, i, e.products); t.what.ShowsSetup == family {
				return true
			}
		}
	}
	return false
}

// checkClients asks about machines that run a client Windows, which SPLA does
// not rent out: a hosted one needs a right of the customer's own.
func checkClients(e *evaluation) {
	by := map[string]*asking{}
	tenants := map[string]string{}
	for _, m := range e.machines {
		if !product.IsWindowsClient(m.os) || e.ownDocument(m) {
			continue
		}
		k := m.os + "\x00" + m.tenant
		if by[k] == nil {
			by[k] = &asking{title: m.os, hosts: map[string]bool{}}
			tenants[k] = m.tenant
		}
		by[k].hosts[m.host] = true
	}
	keys := make([]string, 0, len(by))
	for k := range by {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		a := by[k]
		hosts := make([]string, 0, len(a.hosts))
		for h := range a.hosts {
			hosts = append(hosts, h)
		}
		sort.Strings(hosts)
		e.ask(statement.Question{Kind: statement.AskTitle, Subject: a.title, State: tenants[k], Tenant: tenants[k], About: hosts, Count: len(hosts), Units: len(hosts),
			Assumed: "nothing is counted for it",
			Message: fmt.Sprintf("%d %s %s: %s. A client Windows may not be hosted under SPLA", len(hosts), diag.Plural(len(hosts), "machine runs", "machines run"), a.title, listed(hosts, 5)),
			Action:  "enter the customer's own right in the exclusions, with its document, matching host:NAME; or decide why none is needed"})
	}
}

// ownDocument says whether an entry with a document covers a machine all
// month.
func (e *evaluation) ownDocument(m *machine) bool {
	for i := range e.Register.Exclusions {
		x := &e.Register.Exclusions[i]
		if x.Match.Kind == register.MatchHost && NewGlob(x.Match.Pattern).Match(m.host) && x.Document != "" && x.Covers(e.w.m.FirstDay()) && x.Covers(e.w.m.LastDay()) {
			return true
		}
	}
	return false
}
