package rules

import (
	"fmt"
	"slices"
	"sort"

	"splameter/internal/diag"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// adviseWindows sets Standard against Datacenter: host by host, and in a
// cluster for all its hosts together, where every guest counts on each.
func (e *evaluation) adviseWindows() {
	groups := map[string][]*machine{}
	var names []string
	for _, m := range e.machines {
		if d := m.windowsDue(); m.kind != snapshot.Physical || d != snapshot.WindowsStandard && d != snapshot.WindowsDatacenter || e.excludedMachine(m) {
			continue
		}
		name := "\x00" + m.host // a cluster may be called as a host is
		if m.cluster != "" {
			name = m.cluster
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], m)
	}
	sort.Strings(names)
	for _, name := range names {
		list := groups[name]
		for _, to := range []snapshot.WindowsLicence{snapshot.WindowsStandard, snapshot.WindowsDatacenter} {
			e.adviseEdition(list, to)
		}
	}
}

// adviseEdition says what hosts would cost if all of them had one edition.
func (e *evaluation) adviseEdition(list []*machine, to snapshot.WindowsLicence) {
	var now, then sum
	packs, guests, changed := 0, 0, 0
	var hosts []string
	target := ""
	for _, m := range list {
		p, n := e.windowsPacks(m)
		other := *m
		other.windowsLicence = to
		q, k := e.windowsPacks(&other)
		if p == nil || q == nil {
			return
		}
		if p != q {
			changed++
		}
		target = q.Label()
		e.add(&now, p.PartNumber, n)
		e.add(&then, q.PartNumber, k)
		packs += n
		guests = max(guests, len(m.guests))
		hosts = append(hosts, m.host)
	}
	if changed == 0 {
		return
	}
	sort.Strings(hosts)
	a := statement.Advice{Code: statement.AdviceWindows, Tenant: nameOr(list[0].tenant, register.Shared), Subject: hosts[0], Count: packs, Names: hosts}
	if !between(&a, now, then) {
		return
	}
	what := "host " + hosts[0]
	if c := list[0].cluster; c != "" {
		a.Subject = c
		what = fmt.Sprintf("the %d %s of cluster %s", len(hosts), diag.Plural(len(hosts), "host", "hosts"), c)
	}
	a.Message = fmt.Sprintf("%s would be cheaper with %s, at %d Windows %s", what, target, guests, diag.Plural(guests, "guest", "guests"))
	a.Action = "before changing, see to the guests' own editions and to how many guests will be added: Standard is due once for each Windows guest, Datacenter once for all"
	e.st.Advice = append(e.st.Advice, a)
}

// windowsPacks is the rule that counts a host's Windows, and how many packs.
func (e *evaluation) windowsPacks(m *machine) (*Product, int) {
	for _, p := range e.products {
		if p.Unit == statement.UnitCore && len(p.Hosts.OperatingSystem) > 0 && p.due(m) {
			return p, p.count(m).Packs
		}
	}
	return nil, 0
}

// excludedMachine says that the register takes the machine out, or that it
// cannot be read: then there is nothing to save.
func (e *evaluation) excludedMachine(m *machine) bool {
	for i := range e.st.Machines {
		if x := &e.st.Machines[i]; x.Key == m.key && x.Excluded != nil {
			return true
		}
	}
	return m.cores == 0
}

// sqlPacks is the rule that counts a machine's SQL Server by cores, whatever
// the hosts table says of its licence, and how many packs.
func (e *evaluation) sqlPacks(m *machine) (*Product, int) {
	bare := *m
	bare.sqlLicence = ""
	for _, p := range e.products {
		if p.Unit == statement.UnitCore && len(p.Hosts.SQLEdition) > 0 && p.due(&bare) {
			return p, p.count(&bare).Packs
		}
	}
	return nil, 0
}

// adviseSAL sets SQL Server Standard by cores against the same by users, by
// customer. How many use the databases is known only where it is counted by
// users; elsewhere all persons of the customer are taken, who are the most
// that there can be in the directory.
func (e *evaluation) adviseSAL() {
	id, part := e.sqlSAL()
	if part == "" {
		return
	}
	persons, sals := map[string]map[string]int{}, map[string]int{}
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		if p.Excluded != nil {
			continue
		}
		if p.Product == id {
			sals[p.Tenant] += p.Units
		}
		if persons[p.Tenant] == nil {
			persons[p.Tenant] = map[string]int{}
		}
		persons[p.Tenant][p.Key] = max(persons[p.Tenant][p.Key], p.Units)
	}
	type estate struct {
		byCores, byUsers []*machine
	}
	estates := map[string]*estate{}
	for _, m := range e.machines {
		t := m.tenant
		if product.SQLEdition(m.sql) != "Standard" || e.Register.Tenant(t) == nil || e.excludedMachine(m) {
			continue
		}
		if estates[t] == nil {
			estates[t] = &estate{}
		}
		switch m.sqlLicence {
		case "", snapshot.SQLCore:
			estates[t].byCores = append(estates[t].byCores, m)
		case snapshot.SQLSAL:
			estates[t].byUsers = append(estates[t].byUsers, m)
		}
	}
	for i := range e.Register.Tenants {
		t := e.Register.Tenants[i].ID
		s := estates[t]
		if s == nil {
			continue
		}
		all := 0
		for _, n := range persons[t] {
			all += n
		}
		if len(s.byCores) > 0 && all > 0 {
			var now, then sum
			packs := e.corePacks(s.byCores, &now)
			e.add(&then, part, max(all-sals[t], 0))
			a := statement.Advice{Code: statement.AdviceSAL, Tenant: t, Product: id, Count: packs, Names: hostNames(s.byCores), AtMost: true}
			if between(&a, now, then) {
				a.Message = fmt.Sprintf("%d %s of SQL Server Standard by cores would cost less by users, even if all %d persons of the customer use it", packs, diag.Plural(packs, "pack", "packs"), all)
				a.Action = "make sure that nobody from elsewhere, and no web site, uses the databases; then license it by users (sql_licence sal) and put the users into the group that counts them"
				e.st.Advice = append(e.st.Advice, a)
			}
		}
		if len(s.byUsers) > 0 && sals[t] > 0 {
			var now, then sum
			e.add(&now, part, sals[t])
			packs := e.corePacks(s.byUsers, &then)
			a := statement.Advice{Code: statement.AdviceSAL, Tenant: t, Product: id, Count: sals[t], Names: hostNames(s.byUsers)}
			if between(&a, now, then) {
				a.Message = fmt.Sprintf("%d users of SQL Server Standard would cost less as %d %s by cores", sals[t], packs, diag.Plural(packs, "pack", "packs"))
				a.Action = "license the machines by cores (sql_licence core), and take the users out of the group that counts them"
				e.st.Advice = append(e.st.Advice, a)
			}
		}
	}
}

// corePacks adds up machines by cores.
func (e *evaluation) corePacks(list []*machine, s *sum) (packs int) {
	for _, m := range list {
		p, n := e.sqlPacks(m)
		if p == nil {
			s.unknown = true
			continue
		}
		e.add(s, p.PartNumber, n)
		packs += n
	}
	return packs
}

func hostNames(list []*machine) (out []string) {
	for _, m := range list {
		out = append(out, m.host)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// adviseSQLHosts sets SQL Server Enterprise for all cores of a host, which
// covers every machine on it, against the machines one by one. A machine that
// ran on several hosts, or lies in a cluster and is not pinned, needs all of
// them, and is left out of a single host's sum.
func (e *evaluation) adviseSQLHosts() {
	enterprise := e.enterprise()
	if enterprise == nil {
		return
	}
	on := map[string][]*machine{}
	for _, m := range e.machines {
		if m.kind != snapshot.Virtual || len(m.parents) != 1 || sqlRank(product.SQLEdition(m.sql)) < 2 || m.cores == 0 {
			continue
		}
		on[m.parents[0]] = append(on[m.parents[0]], m)
	}
	for _, h := range e.machines {
		if h.kind != snapshot.Physical || h.cores == 0 || h.cluster != "" {
			continue
		}
		var single, covered []*machine
		for _, m := range on[h.names[0]] {
			switch {
			case e.excludedMachine(m):
			case m.sqlLicence == "" || m.sqlLicence == snapshot.SQLCore:
				single = append(single, m)
			case m.sqlLicence == snapshot.SQLHost:
				covered = append(covered, m)
			}
		}
		var now, then sum
		a := statement.Advice{Code: statement.AdviceSQLHost, Tenant: nameOr(h.tenant, register.Shared), Product: enterprise.ID, Subject: h.host}
		licensed := product.SQLEdition(h.sql) == "Enterprise" && (h.sqlLicence == "" || h.sqlLicence == snapshot.SQLCore)
		packs := e.hostPacks(enterprise, h)
		switch {
		case !licensed && len(single) > 0:
			a.Names, a.Count = hostNames(single), e.corePacks(single, &now)
			e.add(&then, enterprise.PartNumber, packs)
			if between(&a, now, then) {
				a.Message = fmt.Sprintf("SQL Server Enterprise for all cores of host %s (%d packs) would cost less than its %d %s one by one (%d packs)", h.host, packs, len(single), diag.Plural(len(single), "machine", "machines"), a.Count)
				a.Action = "license the host (sql_edition Enterprise in its row, sql_licence host in those of its machines), and keep them on it"
				e.st.Advice = append(e.st.Advice, a)
			}
		case licensed && len(covered) > 0:
			a.Names, a.Count = hostNames(covered), packs
			e.add(&now, enterprise.PartNumber, packs)
			n := e.corePacks(covered, &then)
			if between(&a, now, then) {
				a.Message = fmt.Sprintf("the %d %s on host %s would cost less one by one (%d packs) than SQL Server Enterprise for all its cores (%d packs)", len(covered), diag.Plural(len(covered), "machine", "machines"), h.host, n, packs)
				a.Action = "license the machines by cores (sql_licence core), and clear sql_edition in the host's row"
				e.st.Advice = append(e.st.Advice, a)
			}
		}
	}
}

// enterprise is the rule for SQL Server Enterprise by cores, or nil.
func (e *evaluation) enterprise() *Product {
	for _, p := range e.products {
		if p.Unit == statement.UnitCore && p.matchSQL("Enterprise Edition (64-bit)") {
			return p
		}
	}
	return nil
}

// hostPacks are the packs for all cores of a host: at least four a processor
// (docs/licensing.md 2).
func (e *evaluation) hostPacks(p *Product, h *machine) int {
	cores := max(h.physical, 4*max(h.processors, 1), p.Minimum.PerMachine)
	pack := max(p.Pack, 1)
	return (cores + pack - 1) / pack
}
