package setup

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/product"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// title is one program of note over all hosts.
type title struct {
	install snapshot.Install
	what    product.Recognition
	rules   []string // of the catalog
	hosts   []string
}

// titles are Microsoft's programs of note, sorted by name.
func (s *Seen) titles() []title {
	by := map[string]*title{}
	var keys []string
	for _, h := range s.Software {
		for i := range h.Installs {
			in := &h.Installs[i]
			match := rules.Catalog().Matches(in)
			what := product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)
			if len(match) == 0 && (!what.Microsoft || what.Family == "") {
				continue
			}
			t := by[in.Name]
			if t == nil {
				t = &title{install: *in, what: what, rules: match}
				by[in.Name] = t
				keys = append(keys, in.Name)
			}
			if !slices.Contains(t.hosts, h.Host) {
				t.hosts = append(t.hosts, h.Host)
			}
		}
	}
	slices.Sort(keys)
	out := make([]title, len(keys))
	for i, k := range keys {
		slices.Sort(by[k].hosts)
		out[i] = *by[k]
	}
	return out
}

// pool is a suggestion: hosts whose names differ in their last digits.
type pool struct {
	stem  string
	hosts []string
	users map[string]bool // accounts seen in sessions, by id
	seen  map[string]bool // names seen in sessions, of any domain
}

// pools groups the hosts that somebody logged on to, or that have a program
// that is counted by users.
func (s *Seen) pools(titles []title) []pool {
	hosts := map[string]string{} // key to name
	add := func(name string) {
		if k := snapshot.HostKey(name); k != "" && hosts[k] == "" {
			hosts[k] = strings.ToUpper(k)
		}
	}
	users := map[string]map[string]bool{}
	if s.Sessions != nil {
		for i := range s.Sessions.Uses {
			u := &s.Sessions.Uses[i]
			if u.Days == 0 {
				continue
			}
			add(u.Host)
			k := snapshot.HostKey(u.Host)
			if users[k] == nil {
				users[k] = map[string]bool{}
			}
			users[k][u.User] = true
		}
	}
	for _, t := range titles {
		if len(t.rules) > 0 {
			for _, h := range t.hosts {
				add(h)
			}
		}
	}
	accounts := map[string][]string{}
	for i := range s.Directory.Accounts {
		a := &s.Directory.Accounts[i]
		if a.Class == snapshot.User {
			k := strings.ToLower(a.Name)
			accounts[k] = append(accounts[k], a.ID)
			if a.UPN != "" {
				accounts[strings.ToLower(a.UPN)] = append(accounts[strings.ToLower(a.UPN)], a.ID)
			}
		}
	}
	by := map[string]*pool{}
	var stems []string
	for k, name := range hosts {
		stem := strings.TrimRight(name, "0123456789")
		if stem == "" {
			stem = name
		}
		p := by[stem]
		if p == nil {
			p = &pool{stem: stem, users: map[string]bool{}, seen: map[string]bool{}}
			by[stem] = p
			stems = append(stems, stem)
		}
		p.hosts = append(p.hosts, name)
		for u := range users[k] {
			p.seen[u] = true
			short := u[strings.LastIndexByte(u, '\\')+1:]
			for _, n := range []string{u, short, strings.SplitN(short, "@", 2)[0]} {
				if ids := accounts[n]; len(ids) == 1 {
					p.users[ids[0]] = true
					break
				}
			}
		}
	}
	slices.Sort(stems)
	out := make([]pool, len(stems))
	for i, stem := range stems {
		slices.Sort(by[stem].hosts)
		out[i] = *by[stem]
	}
	return out
}

// pattern is how a pool names its hosts.
func (p *pool) pattern() string {
	if len(p.hosts) == 1 && p.hosts[0] == p.stem {
		return p.stem
	}
	return p.stem + "*"
}

// holder is a group that holds most of the accounts seen on a pool's hosts.
type holder struct {
	name      string
	has, size int
}

// holding are the groups that hold most of the accounts seen, the smallest
// first among those that hold as many: a hint, since who may log on is in no
// source.
func (p *pool) holding(groups []peopledGroup) []holder {
	var list []holder
	for i := range groups {
		h := holder{name: groups[i].group.Name, size: len(groups[i].members)}
		for id := range p.users {
			if groups[i].members[id] {
				h.has++
			}
		}
		if 2*h.has > len(p.users) {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b holder) int {
		return cmp.Or(cmp.Compare(b.has, a.has), cmp.Compare(a.size, b.size), strings.Compare(a.name, b.name))
	})
	return list[:min(len(list), 5)]
}

// restriction is a group whose name speaks of a product of a pool's hosts.
type restriction struct{ group, product string }

// restrictions are the groups that may be all that a control lets at a product
// that is installed on the pool's hosts.
func (p *pool) restrictions(groups []peopledGroup, titles []title) (out []restriction) {
	for i := range groups {
		g := &groups[i]
		id := suggested(g.group.Name)
		if id == "" || id == "rds" || g.enabled == 0 {
			continue
		}
		if slices.ContainsFunc(titles, func(t title) bool {
			return slices.Contains(t.rules, id) && slices.ContainsFunc(t.hosts, func(h string) bool { return slices.Contains(p.hosts, strings.ToUpper(snapshot.HostKey(h))) })
		}) {
			out = append(out, restriction{g.group.Name, id})
		}
	}
	return out
}
