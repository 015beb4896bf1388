package rules

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkDomains asks, once a domain, who works on the session hosts by accounts
// of a domain that is no configured directory: nobody counts them, and they are
// the best sign there is of use without a licence (docs/counting.md, rule 7).
func checkDomains(e *evaluation) {
	for domain, list := range e.usage.foreign {
		users, hosts, days := map[string]bool{}, map[string]bool{}, 0
		q := statement.Question{Kind: statement.AskDomain, Subject: strings.ToUpper(domain), Product: e.ofPools(),
			Answers: []register.Answer{register.Foreign, register.Accepted}, Assumed: "none of them was counted"}
		var first *snapshot.Use
		for _, s := range list {
			u := e.usage.use(s.use)
			if name := strings.ToLower(s.name); !users[name] {
				users[name] = true
				q.About = append(q.About, s.name)
			}
			hosts[u.Host] = true
			days += max(1, bits.OnesCount32(u.Days))
			if first == nil || !u.First.IsZero() && u.First.Before(first.First) {
				first = &u
			}
		}
		var names []string
		for h := range hosts {
			names = append(names, h)
		}
		slices.Sort(names)
		if strings.Contains(domain, ".") { // a DNS name, or the suffix of a UPN
			q.Subject = domain
		}
		q.Count, q.Units = len(users), len(users)
		if domain == "" {
			slices.Sort(q.About)
			q.Subject, q.State = "accounts without a domain", strings.ToLower(strings.Join(q.About[:min(mostAbout, len(q.About))], " "))
			q.Message = fmt.Sprintf("%s that no configured directory knows, and that the logs name without a domain, had sessions on %s on %s (%s, first on %s): none of them was counted",
				diag.Several(len(users), "account"), diag.Several(len(hosts), "host"), diag.Several(days, "day"), safetext.Clip(strings.Join(names, ", "), 200), e.w.day(first))
			q.Action = "find out whose they are: add their directory, so that they are counted; or decide that they are foreign, such as the machines' own accounts"
			e.ask(q)
			continue
		}
		q.Message = fmt.Sprintf("%s of domain %s, which is no configured directory, had sessions on %s on %s (%s, first on %s): none of them was counted",
			diag.Several(len(users), "account"), q.Subject, diag.Several(len(hosts), "host"), diag.Several(days, "day"), safetext.Clip(strings.Join(names, ", "), 200), e.w.day(first))
		q.Action = "add the domain under directories, so that its users are counted; or decide that it is foreign: not the provider's, its users licensed elsewhere"
		e.ask(q)
	}
}

// checkNoPools asks where people work whom no pool counts: the config has none,
// and there are session hosts.
func checkNoPools(e *evaluation) {
	product := e.ofPools()
	if len(e.Config.Pools) > 0 || product == "" {
		return
	}
	hosts, users := map[string]bool{}, map[string]bool{}
	q := statement.Question{Kind: statement.AskHost, Subject: "session hosts without a pool", Product: product, Assumed: "nobody was counted for logging on"}
	for i := range e.Facts.Uses.Len() {
		u := e.Facts.Uses.At(i)
		if u.User == "" || u.Days == 0 && !u.Carried {
			continue
		}
		if users[u.User] = true; !hosts[u.Host] {
			hosts[u.Host] = true
			q.About = append(q.About, u.Host)
		}
	}
	if len(hosts) == 0 {
		return
	}
	q.Count, q.Units = len(hosts), len(users)
	q.Message = fmt.Sprintf("%s worked on %s, and the config has no pool: nobody was counted for logging on", diag.Several(len(users), "account"), diag.Several(len(hosts), "session host"))
	q.Action = "write the pools, with their hosts and the groups that may log on to them; or decide that nobody owes a licence for it, with the reason"
	e.ask(q)
}

// ofPools is the first product that is counted for who may log on to a pool.
func (e *evaluation) ofPools() string {
	for _, p := range e.products {
		if len(p.pools) > 0 {
			return p.ID
		}
	}
	return ""
}
