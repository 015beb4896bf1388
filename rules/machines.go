package rules

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// machine is one machine over the month: its largest core count, its highest
// edition, every parent it ran on (docs/counting.md, rule 10).
type machine struct {
	key, host, tenant string
	kind              snapshot.MachineKind
	processors        int
	perProcessor      int
	cores             int // physical or virtual, the largest of the month
	physical          int // processors times cores per processor at the largest
	os                string
	sql               string
	sqlLicence        snapshot.SQLLicence
	windowsLicence    snapshot.WindowsLicence
	cluster           string
	pinned            string
	power             snapshot.Power
	parents           []string // by fullNames.key
	names             []string // that it bore in the month, by fullNames.key
	first, last       month.Day
	at                snapshot.Evidence
	states            []*snapshot.MachineMonth
	guests            []string // names of the Windows guests seen on it; of its cluster
	sqlCovered        bool     // its SQL Server is licensed by what the month shows
	saidCustomer      bool     // windows_licence said customer, and it is counted all the same
	tableOS           string   // what the hosts table says that it runs, where a directory says more
}

// machines are the month's machines with their guests.
func machines(f *snapshot.Facts, names *fullNames) []*machine {
	out := foldMachines(f, names, nil)
	placeGuests(out, byName(out))
	return out
}

// foldMachines folds the month's states of every machine. A row that says that its
// machine ended before the month is none of the month's, unless there says that
// the machine is still there.
func foldMachines(f *snapshot.Facts, names *fullNames, there func(*snapshot.MachineMonth) bool) []*machine {
	byID := map[string]string{}
	for i := range f.Machines {
		if id := strings.ToLower(f.Machines[i].ID); id != "" && byID[id] == "" {
			byID[id] = f.Machines[i].Host
		}
	}
	var out []*machine
	for _, states := range machineStates(f, names) {
		m := &machine{}
		for _, i := range states {
			if s := &f.Machines[i]; s.Until == 0 || s.Until >= f.Month.FirstDay() {
				m.states = append(m.states, s)
			}
		}
		if len(m.states) == 0 {
			if there == nil || !there(&f.Machines[states[len(states)-1]]) {
				continue
			}
			for _, i := range states {
				m.states = append(m.states, &f.Machines[i])
			}
		}
		m.fold(names, byID)
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].key < out[j].key })
	for i := range out {
		for n := i + 1; n < len(out) && out[n].key == out[i].key; n++ { // of one name, told apart by their tenants
			out[n].key += "/" + out[n].tenant
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].key < out[j].key })
	return out
}

// byName finds machines by every name that they bore.
func byName(all []*machine) map[string]*machine {
	out := map[string]*machine{}
	for _, m := range all {
		for _, n := range m.names {
			if old := out[n]; old == nil || old.kind != snapshot.Physical && m.kind == snapshot.Physical {
				out[n] = m
			}
		}
	}
	return out
}

// fold takes the most of every state.
func (m *machine) fold(names *fullNames, byID map[string]string) {
	sort.SliceStable(m.states, func(i, j int) bool {
		return m.states[i].First < m.states[j].First || m.states[i].First == m.states[j].First && m.states[i].Last < m.states[j].Last
	})
	m.first, m.last = m.states[0].First, m.states[0].Last
	most := -1
	for _, s := range m.states {
		if m.key == "" && s.ID != "" {
			m.key = "id:" + s.ID
		}
		virtual := s.VirtualCores * max(s.Threads, 1)
		if n := max(s.Processors*s.CoresPerProcessor, virtual); n > most { // what is counted was read there
			most, m.at = n, snapshot.Evidence{File: s.File, Line: s.Line}
		}
		m.host = s.Host
		m.names = appendNew(m.names, names.key(s.Host))
		m.first, m.last = min(m.first, s.First), max(m.last, s.Last)
		if s.Tenant != "" {
			m.tenant = s.Tenant
		}
		if s.Kind != "" {
			m.kind = folded(s.Kind)
		}
		m.processors = max(m.processors, s.Processors)
		m.perProcessor = max(m.perProcessor, s.CoresPerProcessor)
		m.physical = max(m.physical, s.Processors*s.CoresPerProcessor)
		m.cores = max(m.cores, virtual)
		if windowsRank(s.OperatingSystem) >= windowsRank(m.os) && s.OperatingSystem != "" {
			m.os = s.OperatingSystem
		}
		if e := product.SQLEdition(s.SQLEdition); s.SQLEdition != "" && sqlRank(e) >= sqlRank(product.SQLEdition(m.sql)) {
			m.sql = s.SQLEdition
		}
		if s.Cluster != "" {
			m.cluster = strings.ToLower(s.Cluster)
		}
		if s.Power != "" {
			m.power = folded(s.Power)
		}
		m.pinned = s.Pinned
		if s.Parent != "" {
			host := nameOr(byID[strings.ToLower(s.Parent)], s.Parent) // some tables name the parent by its id
			m.parents = appendNew(m.parents, names.key(host))
		}
	}
	if m.key == "" {
		m.key = "host:" + names.stable(m.host)
	}
	m.sqlLicence = dearest(m.states, func(s *snapshot.MachineMonth) snapshot.SQLLicence { return s.SQLLicence }, sqlLicenceRank)
	m.sqlCovered = m.sqlLicence == snapshot.SQLSAL || m.sqlLicence == snapshot.SQLHost || m.sqlLicence == snapshot.SQLCustomer // until settleLicences looks
	m.windowsLicence = dearest(m.states, func(s *snapshot.MachineMonth) snapshot.WindowsLicence { return s.WindowsLicence }, licenceRank)
	if m.kind == "" { // a row that does not say: by its cores
		switch {
		case m.physical > 0 && m.cores == 0:
			m.kind = snapshot.Physical
		case m.cores > 0:
			m.kind = snapshot.Virtual
		}
	}
	if m.kind == snapshot.Physical {
		m.cores = m.physical
	}
}

// dearest is what a licence column says at its dearest over the month. A blank
// of a source that fills the column on another day is a statement too, for the
// machine then stood without that licence; a source that never fills it says
// nothing.
func dearest[T ~string](states []*snapshot.MachineMonth, of func(*snapshot.MachineMonth) T, rank func(T) int) (best T) {
	fills := map[string]bool{}
	for _, s := range states {
		fills[s.Source] = fills[s.Source] || folded(of(s)) != ""
	}
	said := false
	for _, s := range states {
		if !fills[s.Source] {
			continue
		}
		l := folded(of(s))
		if !said || rank(l) > rank(best) {
			best, said = l, true
		}
	}
	return best
}

// folded is a word of a table as its type spells it: facts that another program
// wrote may have it in other letters.
func folded[T ~string](word T) T { return T(strings.ToLower(strings.TrimSpace(string(word)))) }

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func windowsRank(os string) int {
	switch product.WindowsEdition(os) {
	case snapshot.WindowsDatacenter:
		return 3
	case snapshot.WindowsStandard:
		return 2
	}
	if product.IsWindows(os) {
		return 1
	}
	return 0
}

// licenceRank orders windows_licence by what it costs; blank leaves it to the
// operating system.
func licenceRank(l snapshot.WindowsLicence) int {
	return map[snapshot.WindowsLicence]int{snapshot.WindowsCustomer: 1, snapshot.WindowsStandard: 2, snapshot.WindowsCISStandard: 3, "": 4, snapshot.WindowsDatacenter: 5, snapshot.WindowsCISDatacenter: 6}[l]
}

// sqlLicenceRank orders sql_licence by what it costs the machine itself.
func sqlLicenceRank(l snapshot.SQLLicence) int {
	return map[snapshot.SQLLicence]int{snapshot.SQLCustomer: 1, snapshot.SQLHost: 2, snapshot.SQLSAL: 3, "": 4, snapshot.SQLCore: 5}[l]
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
// pinned with a document. A guest within a guest runs on that one's host.
func placeGuests(all []*machine, byName map[string]*machine) {
	clusters := map[string][]*machine{}
	for _, m := range all {
		if m.kind == snapshot.Physical && m.cluster != "" {
			clusters[m.cluster] = append(clusters[m.cluster], m)
		}
	}
	for _, g := range all {
		if g.kind != snapshot.Virtual || !product.IsWindows(g.os) {
			continue
		}
		on := map[*machine]bool{}
		for _, host := range hostsOf(g, byName) {
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
	}
}

// hostsOf are the physical hosts that a machine ran on, through whatever
// virtual machines lie between, by key.
func hostsOf(g *machine, byName map[string]*machine) (out []*machine) {
	seen := map[*machine]bool{g: true}
	var climb func(m *machine)
	climb = func(m *machine) {
		for _, p := range m.parents {
			host := byName[p]
			if host == nil || seen[host] {
				continue
			}
			seen[host] = true
			if host.kind == snapshot.Physical {
				out = append(out, host)
				continue
			}
			climb(host)
		}
	}
	climb(g)
	slices.SortFunc(out, func(x, y *machine) int { return cmp.Compare(x.key, y.key) })
	return out
}
