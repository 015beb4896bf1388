package rules

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// machine is one machine over the month: its largest core count, its highest
// edition, every parent it ran on (design.md, rule 10).
type machine struct {
	key, host, tenant string
	kind              string
	processors        int
	perProcessor      int
	cores             int // physical or virtual, the largest of the month
	physical          int // processors times cores per processor at the largest
	os                string
	sql               string
	sqlLicence        string
	windowsLicence    string
	cluster           string
	pinned            string
	power             string
	parents           []string // host keys
	first, last       month.Day
	at                snapshot.Evidence
	states            []*snapshot.MachineMonth
	guests            []string // names of the Windows guests seen on it; of its cluster
}

// machines folds the month's states of every machine.
func machines(f *snapshot.Facts) []*machine {
	by := map[string]*machine{}
	for i := range f.Machines {
		s := &f.Machines[i]
		k := s.Machine.Key()
		m := by[k]
		if m == nil {
			m = &machine{key: k, first: s.First, at: snapshot.Evidence{File: s.File, Line: s.Line}}
			by[k] = m
		}
		m.states = append(m.states, s)
	}
	out := make([]*machine, 0, len(by))
	for _, m := range by {
		m.fold()
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].key < out[j].key })
	byHost := map[string]*machine{}
	for _, m := range out {
		byHost[snapshot.HostKey(m.host)] = m
	}
	placeGuests(out, byHost)
	return out
}

// fold takes the most of every state.
func (m *machine) fold() {
	sort.SliceStable(m.states, func(i, j int) bool {
		return m.states[i].First < m.states[j].First || m.states[i].First == m.states[j].First && m.states[i].Last < m.states[j].Last
	})
	most := -1
	for _, s := range m.states {
		if n := max(s.Processors*s.CoresPerProcessor, s.VirtualCores); n > most { // what is counted was read there
			most, m.at = n, snapshot.Evidence{File: s.File, Line: s.Line}
		}
		m.host = s.Host
		m.first, m.last = min(m.first, s.First), max(m.last, s.Last)
		if s.Tenant != "" {
			m.tenant = s.Tenant
		}
		if s.Kind != "" {
			m.kind = strings.ToLower(s.Kind)
		}
		m.processors = max(m.processors, s.Processors)
		m.perProcessor = max(m.perProcessor, s.CoresPerProcessor)
		m.physical = max(m.physical, s.Processors*s.CoresPerProcessor)
		m.cores = max(m.cores, s.VirtualCores)
		if windowsRank(s.OperatingSystem) >= windowsRank(m.os) && s.OperatingSystem != "" {
			m.os = s.OperatingSystem
		}
		if e := product.SQLEdition(s.SQLEdition); s.SQLEdition != "" && sqlRank(e) >= sqlRank(product.SQLEdition(m.sql)) {
			m.sql = s.SQLEdition
		}
		if l := strings.ToLower(strings.TrimSpace(s.SQLLicence)); l != "" {
			m.sqlLicence = l
		}
		if l := strings.ToLower(strings.TrimSpace(s.WindowsLicence)); l != "" && licenceRank(l) >= licenceRank(m.windowsLicence) {
			m.windowsLicence = l
		}
		if s.Cluster != "" {
			m.cluster = strings.ToLower(s.Cluster)
		}
		if s.Power != "" {
			m.power = strings.ToLower(s.Power)
		}
		m.pinned = s.Pinned
		if p := snapshot.HostKey(s.Parent); p != "" && !slices.Contains(m.parents, p) {
			m.parents = append(m.parents, p)
		}
	}
	if m.kind == "" { // a row that does not say: by its cores
		switch {
		case m.physical > 0 && m.cores == 0:
			m.kind = "physical"
		case m.cores > 0:
			m.kind = "virtual"
		}
	}
	if m.kind == "physical" {
		m.cores = m.physical
	}
}

func windowsRank(os string) int {
	switch product.WindowsEdition(os) {
	case "datacenter":
		return 3
	case "standard":
		return 2
	}
	if product.IsWindows(os) {
		return 1
	}
	return 0
}

// licenceRank orders windows_licence: the dearest seen in the month counts.
func licenceRank(l string) int {
	return map[string]int{"customer": 1, "standard": 2, "datacenter": 3}[l]
}

// sqlRank orders editions by what they cost.
func sqlRank(e string) int {
	switch e {
	case "Enterprise", "Datacenter":
		return 5
	case "Business Intelligence":
		return 4
	case "Standard", "Workgroup":
		return 3
	case "Web":
		return 2
	case "":
		return 0
	}
	return 1
}

// placeGuests tells every physical host its Windows guests: those seen on it
// in the month, and, in a cluster, every guest of the cluster that is not
// pinned with a document.
func placeGuests(all []*machine, byHost map[string]*machine) {
	clusters := map[string][]*machine{}
	for _, m := range all {
		if m.kind == "physical" && m.cluster != "" {
			clusters[m.cluster] = append(clusters[m.cluster], m)
		}
	}
	for _, g := range all {
		if g.kind != "virtual" || !product.IsWindows(g.os) {
			continue
		}
		on := map[*machine]bool{}
		for _, p := range g.parents {
			host := byHost[p]
			if host == nil || host.kind != "physical" {
				continue
			}
			on[host] = true
			if host.cluster != "" && g.pinned == "" {
				for _, other := range clusters[host.cluster] {
					on[other] = true
				}
			}
		}
		if g.cluster != "" && g.pinned == "" { // a guest may itself name its cluster
			for _, other := range clusters[g.cluster] {
				on[other] = true
			}
		}
		for host := range on {
			host.guests = append(host.guests, g.host)
		}
	}
	for _, m := range all {
		sort.Strings(m.guests)
		m.guests = slices.Compact(m.guests)
	}
}

// matchSQL says whether an edition is one that the rule names.
func (p *Product) matchSQL(edition string) bool {
	gs := globs(p.Hosts.SQLEdition)
	return edition != "" && (gs.Match(edition) || gs.Match(product.SQLEdition(edition)))
}

// due says whether a rule is due for a machine.
func (p *Product) due(m *machine) bool {
	if p.Hosts.Kind != "" && p.Hosts.Kind != m.kind {
		return false
	}
	if len(p.Hosts.SQLEdition) > 0 {
		if !p.matchSQL(m.sql) {
			return false
		}
		switch m.sqlLicence {
		case "sal", "customer", "host":
			return false
		}
	}
	if len(p.Hosts.OperatingSystem) > 0 {
		return p.matchSystem(m)
	}
	return true
}

// matchSystem compares the operating system; for a physical host what the
// hosts table says of its licence comes first, and a host without Windows and
// without a Windows guest owes none.
func (p *Product) matchSystem(m *machine) bool {
	gs := globs(p.Hosts.OperatingSystem)
	if m.kind != "physical" || m.windowsLicence == "" {
		return gs.Match(m.os)
	}
	if !product.IsWindows(m.os) && len(m.guests) == 0 {
		return false
	}
	var edition string
	switch m.windowsLicence {
	case "datacenter":
		edition = "Datacenter"
	case "standard":
		edition = "Standard"
	default:
		return false
	}
	if product.WindowsEdition(m.os) == m.windowsLicence {
		return gs.Match(m.os)
	}
	for _, version := range []string{"", "2012 ", "2012 R2 ", "2016 ", "2019 ", "2022 ", "2025 "} {
		if gs.Match("Microsoft Windows Server " + version + edition) {
			return true
		}
	}
	return false
}

// windowsDue says which edition of Windows Server a physical host owes:
// datacenter, standard, customer, none, or "" where nobody knows.
func (m *machine) windowsDue() string {
	if m.kind != "physical" || !product.IsWindows(m.os) && len(m.guests) == 0 {
		return "none"
	}
	switch m.windowsLicence {
	case "datacenter", "standard", "customer":
		return m.windowsLicence
	}
	return product.WindowsEdition(m.os)
}

// count is what a rule yields for a machine.
func (p *Product) count(m *machine) statement.Machine {
	out := statement.Machine{Tenant: nameOr(m.tenant, register.Shared), Product: p.ID, Key: m.key, Host: m.host,
		Cores: m.cores, Times: 1, First: m.first, Last: m.last, At: m.at}
	out.Edition = m.os
	if len(p.Hosts.SQLEdition) > 0 {
		out.Edition = "SQL Server " + product.SQLEdition(m.sql)
	}
	least := p.Minimum.PerMachine
	if m.kind == "physical" {
		least = max(least, p.Minimum.PerProcessor*max(m.processors, 1))
	}
	cores := m.cores
	if cores < least {
		cores, out.Minimum = least, least
	}
	if per := p.guestsCovered(m); per > 0 {
		out.Guests = m.guests
		out.Times = max(1, (len(m.guests)+per-1)/per)
		if out.Times > 1 {
			out.Note = fmt.Sprintf("Standard: the host's cores are due %d times for %d Windows guests", out.Times, len(m.guests))
		}
	}
	pack := max(p.Pack, 1)
	out.Packs = (cores + pack - 1) / pack * out.Times
	return out
}

// guestsCovered is how many Windows guests one set of cores covers; 0: the
// rule does not ask.
func (p *Product) guestsCovered(m *machine) int {
	if m.kind != "physical" || len(p.Hosts.OperatingSystem) == 0 {
		return 0
	}
	if p.Guests > 0 {
		return p.Guests
	}
	if m.windowsDue() == "standard" {
		return 1
	}
	return 0
}

// countMachines yields what every core product is due for, exclusions by host
// applied in file order.
func (e *evaluation) countMachines() {
	for _, p := range e.products {
		if p.Unit != "core" {
			continue
		}
		for _, m := range e.machines {
			if p.due(m) {
				c := p.count(m)
				if !e.knownTenant(c.Tenant) {
					c.Tenant = register.Shared
				}
				e.st.Machines = append(e.st.Machines, c)
			}
		}
	}
	for i := range e.uses {
		u := &e.uses[i]
		if k := u.entry.Match.Kind; k == register.MatchHost || k == register.MatchAll {
			e.excludeMachines(u)
		}
	}
}

// excludeMachines lets one entry take out machines, by first day and key,
// until its cores are used up. A machine is out wholly or not at all.
func (e *evaluation) excludeMachines(u *exclusionUse) {
	x := u.entry
	var list []*statement.Machine
	for i := range e.st.Machines {
		m := &e.st.Machines[i]
		if m.Excluded != nil || !u.product.Match(m.Product) || x.Tenant != "*" && x.Tenant != m.Tenant {
			continue
		}
		if x.Match.Kind == register.MatchHost && !u.who.Match(m.Host) && !u.who.Match(snapshot.HostKey(m.Host)) {
			continue
		}
		if !x.Covers(m.First) || !x.Covers(m.Last) {
			u.undated++
			continue
		}
		list = append(list, m)
	}
	sort.SliceStable(list, func(i, j int) bool {
		return list[i].First < list[j].First || list[i].First == list[j].First && list[i].Key < list[j].Key
	})
	for _, m := range list {
		pack := 2
		for _, p := range e.products {
			if p.ID == m.Product {
				pack = max(p.Pack, 1)
			}
		}
		cores := m.Packs * pack
		u.matched += cores
		if x.Limited && u.cores+cores > x.Quantity {
			u.over += cores
			continue
		}
		u.cores += cores
		u.used[usedKey{m.Tenant, m.Product}] += cores
		m.Excluded = &statement.Exclusion{ID: x.ID, Ground: string(x.Ground), Document: x.Document}
	}
}
