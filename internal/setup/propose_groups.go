package setup

import (
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// licenceGroups are groups whose name speaks of a licence and that nothing
// names. Where the program is installed for everybody on a pool's hosts, the
// group may be all that an enforced control lets at it: a restriction.
func (x *proposer) licenceGroups() {
	named := x.named()
	var inner []string // of groups that are proposed themselves: the outermost alone is
	for i := range x.groups {
		if looksLicence(x.groups[i].group.Name) {
			inner = append(inner, x.groups[i].group.Name)
		}
	}
	inside := withinOthers(x.s.Directory, inner)
	for i := range x.groups {
		g := &x.groups[i]
		if g.enabled == 0 || named[g.group.ID] || inside[g.group.ID] || !looksLicence(g.group.Name) {
			continue
		}
		product := suggested(g.group.Name)
		if product == "rds" && slices.ContainsFunc(x.out, func(p Proposal) bool { return p.Kind == NewPool }) {
			continue // what it gives is known once the pools are
		}
		if product != "" && x.waitsForPool(product) {
			continue // whether it gives or restricts, too
		}
		var names []string
		for id := range g.members {
			names = append(names, x.accountName(id))
		}
		pools := x.poolsWith(product)
		for _, pool := range pools {
			x.add(Proposal{Kind: Restriction, Subject: g.group.Name, Count: g.enabled, Names: slices.Clone(names), Product: product, Pool: pool})
		}
		if len(pools) == 0 {
			p := Proposal{Kind: GroupGives, Subject: g.group.Name, Count: g.enabled, Names: names, Product: product}
			if product != "" {
				p.Hints = []string{product}
			}
			x.add(p)
		}
	}
}

// waitsForPool says that a product is installed on hosts whose pool is proposed
// and not taken yet.
func (x *proposer) waitsForPool(product string) bool {
	return slices.ContainsFunc(x.titles, func(t title) bool {
		return slices.Contains(t.rules, product) && slices.ContainsFunc(t.hosts, func(h string) bool {
			h = strings.ToUpper(snapshot.HostKey(h))
			return x.poolOf(h) < 0 && slices.ContainsFunc(x.pools, func(p pool) bool { return len(p.seen) > 0 && slices.Contains(p.hosts, h) })
		})
	})
}

func (x *proposer) accountName(id string) string {
	if x.s.names == nil {
		x.s.names = map[string]string{}
		for i := range x.s.Directory.Accounts {
			x.s.names[x.s.Directory.Accounts[i].ID] = x.s.Directory.Accounts[i].Name
		}
	}
	return x.s.names[id]
}

// looksLicence says that a group's name speaks of a licence.
func looksLicence(name string) bool { return suggested(name) != "" || rules.LooksLicence(name) }

// named are the groups, by id, that the config, a rule or a table names, and
// all that they hold.
func (x *proposer) named() map[string]bool {
	var names []string
	for _, p := range x.have.Config.Pools {
		names = append(names, p.Users...)
		for _, r := range p.Restrict {
			names = append(names, r.Users...)
		}
	}
	for i := range x.have.Rules.Products {
		names = append(names, x.have.Rules.Products[i].Entitled.Groups...)
	}
	for i := range x.have.Register.Exclusions {
		if m := x.have.Register.Exclusions[i].Match; m.Kind == register.MatchGroup {
			names = append(names, m.Pattern)
		}
	}
	for i := range x.have.Register.Tenants {
		for _, s := range x.have.Register.Tenants[i].Signs {
			if s.Kind == register.SignGroup {
				names = append(names, s.Value)
			}
		}
	}
	return within(x.s.Directory, names)
}

// within are the groups of some names or patterns, by id, and all groups that
// they hold at any depth.
func within(d *snapshot.Directory, names []string) map[string]bool {
	members := map[string][]string{}
	for _, m := range d.Members {
		members[m.Group] = append(members[m.Group], m.Key)
	}
	globs := globsOf(names)
	out := map[string]bool{}
	var todo []string
	for i := range d.Groups {
		g := &d.Groups[i]
		if slices.ContainsFunc(globs, func(glob rules.Glob) bool { return glob.Match(g.Name) }) {
			out[g.ID] = true
			todo = append(todo, g.ID)
		}
	}
	reach(members, todo, out)
	return out
}

// withinOthers are the groups, by id, that one of the named holds at any depth.
func withinOthers(d *snapshot.Directory, names []string) map[string]bool {
	members := map[string][]string{}
	for _, m := range d.Members {
		members[m.Group] = append(members[m.Group], m.Key)
	}
	globs, out := globsOf(names), map[string]bool{}
	for i := range d.Groups {
		g := &d.Groups[i]
		if slices.ContainsFunc(globs, func(glob rules.Glob) bool { return glob.Match(g.Name) }) {
			below := map[string]bool{}
			reach(members, []string{g.ID}, below)
			delete(below, g.ID) // groups may hold each other: then each stays
			for id := range below {
				out[id] = true
			}
		}
	}
	return out
}

func globsOf(names []string) (out []rules.Glob) {
	for _, n := range names {
		out = append(out, rules.NewGlob(n[strings.LastIndexByte(n, '\\')+1:]))
	}
	return out
}

// reach adds all that some groups hold at any depth.
func reach(members map[string][]string, todo []string, out map[string]bool) {
	for ; len(todo) > 0; todo = todo[1:] {
		for _, k := range members[todo[0]] {
			if !out[k] {
				out[k] = true
				todo = append(todo, k)
			}
		}
	}
}

// poolsWith are the pools on whose hosts a product is installed, and that
// restrict it to nobody yet.
func (x *proposer) poolsWith(product string) (out []string) {
	if product == "" || product == "rds" {
		return nil
	}
	for i := range x.have.Config.Pools {
		p := &x.have.Config.Pools[i]
		if slices.ContainsFunc(p.Restrict, func(r config.Restrict) bool { return rules.NewGlob(r.Product).Match(product) }) {
			continue
		}
		if slices.ContainsFunc(x.titles, func(t title) bool {
			return slices.Contains(t.rules, product) && slices.ContainsFunc(t.hosts, func(h string) bool { return x.poolOf(h) == i })
		}) {
			out = append(out, p.Name)
		}
	}
	return out
}
