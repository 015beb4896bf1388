package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"splameter/internal/diag"
	"splameter/internal/dn"
	"splameter/internal/statement"
)

// mappedKey is what was told of one thing, by its name in lower case.
type mappedKey struct {
	kind    statement.MappingKind
	subject string
}

// mapping gathers what does not fit between the directories, the tables, the
// config and the inventories. Most of it is a finding too; here it stands by
// kind, so that somebody who sets up can go down one list.
func (e *evaluation) mapping() {
	e.mapUnits()
	e.mapTenants()
	kinds := map[string]statement.MappingKind{
		"group-missing": statement.MapGroupMissing, "pool-without-host": statement.MapPoolWithoutHost,
		"host-without-pool": statement.MapHostWithoutPool, "title-without-rule": statement.MapTitleWithoutRule,
		"part-number-missing": statement.MapPartNumberMissing, "part-number-not-in-prices": statement.MapPartNumberMissing,
	}
	told := map[mappedKey]bool{}
	for i := range e.st.Findings {
		f := &e.st.Findings[i]
		kind := kinds[f.Code]
		if kind == "" {
			continue
		}
		told[mappedKey{kind, strings.ToLower(f.Subject)}] = true
		e.mapped(statement.Mapping{Kind: kind, Subject: f.Subject, Tenant: f.Tenant, Count: f.Count, Message: f.Message, Action: f.Action})
	}
	e.mapHosts(told)
	e.mapTitles(told)
	order := statement.MappingKinds()
	sort.SliceStable(e.st.Mapping, func(i, j int) bool {
		a, b := &e.st.Mapping[i], &e.st.Mapping[j]
		if x, y := slices.Index(order, a.Kind), slices.Index(order, b.Kind); x != y {
			return x < y
		}
		if a.Counted != b.Counted { // what costs most first
			return a.Counted > b.Counted
		}
		return a.Subject < b.Subject
	})
}

func (e *evaluation) mapped(m statement.Mapping) { e.st.Mapping = append(e.st.Mapping, m) }

// mapUnits tells the containers of users that lie beneath no tenant's unit.
func (e *evaluation) mapUnits() {
	type unit struct {
		name              string
		accounts, counted int
	}
	units := map[string]*unit{}
	var keys []string
	for i := range e.w.accounts {
		a := &e.w.accounts[i]
		if a.tenant != "" || !e.w.isUser(int32(i)) {
			continue
		}
		key, err := dn.Key(e.w.lastState(int32(i)).DN)
		if err != nil {
			continue
		}
		key = dn.Parent(key)
		u := units[key]
		if u == nil {
			u = &unit{name: dn.Text(key)}
			units[key] = u
			keys = append(keys, key)
		}
		u.accounts++
		if n := a.person; n >= 0 && len(e.claims.of(int(n))) > 0 {
			u.counted++
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		u := units[k]
		e.mapped(statement.Mapping{Kind: statement.MapUnitWithoutTenant, Subject: u.name, Count: u.accounts, Counted: u.counted,
			Message: fmt.Sprintf("%d user %s beneath it, and %d of them entitled to something; it is no tenant's", u.accounts, diag.Plural(u.accounts, "account", "accounts"), u.counted),
			Action:  "add it to tenants.csv if any of them is entitled; else leave it"})
	}
}

// mapTenants tells tenants without a unit, or with one that holds nothing, and
// units that lie beneath another tenant's.
func (e *evaluation) mapTenants() {
	filled := map[string]bool{} // units with an account or group at any depth
	mark := func(key string) {
		for key != "" && !filled[key] {
			filled[key] = true
			key = dn.Parent(key)
		}
	}
	names := func(f func(name string)) {
		for i := range e.w.spans {
			f(e.w.state(&e.w.spans[i]).DN)
		}
		for di := range e.w.dirs {
			for i := range e.w.dirs[di].dir.Groups {
				f(e.w.dirs[di].dir.Groups[i].DN)
			}
		}
	}
	above := parents{}
	names(func(name string) {
		key, _ := above.of(name)
		mark(key)
	})
	// A unit that nothing lies beneath may itself be an account or a group.
	themselves := sync.OnceFunc(func() {
		names(func(name string) {
			if key, err := dn.Key(name); err == nil {
				mark(key)
			}
		})
	})
	type home struct{ tenant, name string }
	owner := map[string]home{}
	var keys []string
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		if len(t.OUs)+len(t.Signs) == 0 {
			e.mapped(statement.Mapping{Kind: statement.MapTenantWithoutUnit, Subject: t.ID, Tenant: t.ID,
				Message: fmt.Sprintf("tenant %s has no organizational unit: nobody is counted for it", t.ID), Action: "write its unit in the column ou of tenants.csv"})
		}
		for _, ou := range t.OUs {
			key, err := dn.Key(ou.DN)
			over := ou.Until.Set && ou.Until.Day < e.w.m.FirstDay() || ou.From.Set && ou.From.Day > e.w.m.LastDay()
			if err != nil || over {
				continue
			}
			if !filled[key] {
				themselves()
			}
			if !filled[key] && len(e.w.ticks) > 0 {
				e.mapped(statement.Mapping{Kind: statement.MapTenantWithoutUnit, Subject: ou.DN, Tenant: t.ID,
					Message: fmt.Sprintf("the unit of tenant %s holds no account and no group in any snapshot of the month: it is empty, gone, or misspelt", t.ID),
					Action:  "compare it with the directory, and correct tenants.csv or give the row an until"})
			}
			if _, ok := owner[key]; !ok {
				keys = append(keys, key)
			}
			owner[key] = home{t.ID, ou.DN}
		}
	}
	sort.Strings(keys)
	for _, k := range keys {
		for up := dn.Parent(k); up != ""; up = dn.Parent(up) {
			if o, ok := owner[up]; ok {
				if o.tenant != owner[k].tenant {
					e.mapped(statement.Mapping{Kind: statement.MapOverlap, Subject: owner[k].name, Tenant: owner[k].tenant,
						Message: fmt.Sprintf("the unit of %s lies beneath that of %s (%s): its accounts are %s's, since the deepest unit wins", owner[k].tenant, o.tenant, o.name, owner[k].tenant),
						Action:  "nothing, if that is meant"})
				}
				break
			}
		}
	}
}

// usersOfHosts is how many names had remote sessions on each host that belongs
// to no pool.
func (e *evaluation) usersOfHosts() map[string]int {
	users := map[string]map[string]bool{}
	host, key := "", ""
	for i := range e.Facts.Uses.Len() {
		u := e.Facts.Uses.At(i)
		if i == 0 || u.Host != host { // they stand by host
			host, key = u.Host, e.est.names.key(u.Host)
		}
		if hi, ok := e.est.byKey[key]; u.Days == 0 && !u.Carried || ok && len(e.est.hosts[hi].pools) > 0 {
			continue
		}
		if users[key] == nil {
			users[key] = map[string]bool{}
		}
		users[key][u.User] = true
	}
	out := map[string]int{}
	for host, names := range users {
		out[host] = len(names)
	}
	return out
}

// mapHosts tells hosts with remote sessions that belong to no pool, which no
// finding does where nothing licensable is known to be installed.
func (e *evaluation) mapHosts(told map[mappedKey]bool) {
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		n := e.gathered.users[h.key]
		if len(h.pools) > 0 || n == 0 || told[mappedKey{statement.MapHostWithoutPool, strings.ToLower(h.name)}] {
			continue
		}
		e.mapped(statement.Mapping{Kind: statement.MapHostWithoutPool, Subject: h.name, Tenant: h.tenant, Count: n,
			Message: fmt.Sprintf("%d %s had remote sessions on it this month, and it belongs to no pool", n, diag.Plural(n, "account", "accounts")),
			Action:  "add it to a pool, or make sure that only administrators log on to it"})
	}
}

// titlesWithoutRule are Microsoft's licensable titles that no rule counts, with
// the hosts that have them.
func (e *evaluation) titlesWithoutRule() map[string]map[string]bool {
	hosts := map[string]map[string]bool{}
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		for _, s := range h.software {
			for i := range s.Installs.Len() {
				t := e.est.recognise(s, i, e.products)
				if len(t.products) > 0 || !t.what.Licensable || e.countedByMachine(h, t) {
					continue
				}
				in, _ := s.Program(i)
				if hosts[in.Name] == nil {
					hosts[in.Name] = map[string]bool{}
				}
				hosts[in.Name][h.name] = true
			}
		}
	}
	return hosts
}

// mapTitles tells those of them, on any host, that no finding tells: findings
// tell only those on hosts of pools.
func (e *evaluation) mapTitles(told map[mappedKey]bool) {
	var names []string
	for n := range e.gathered.titles {
		if !told[mappedKey{statement.MapTitleWithoutRule, strings.ToLower(n)}] {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	for _, n := range names {
		var on []string
		for h := range e.gathered.titles[n] {
			on = append(on, h)
		}
		sort.Strings(on)
		e.mapped(statement.Mapping{Kind: statement.MapTitleWithoutRule, Subject: n, Count: len(on),
			Message: fmt.Sprintf("it needs a licence and no rule counts it; on %s", listed(on, 5)),
			Action:  "add its name to a product's entitled.installed, or make sure that it is licensed otherwise"})
	}
}

// countedByMachine says that the title is a database engine whose machine
// stands in the hosts table, which is what it is counted from.
func (e *evaluation) countedByMachine(h *host, t *title) bool {
	return t.what.Engine && h.machine || strings.HasPrefix(string(t.what.Family), "sql") && h.machine
}
