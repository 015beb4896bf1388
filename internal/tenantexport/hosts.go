package tenantexport

import (
	"fmt"
	"slices"
	"strconv"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// hosts are the customer's own machines as the inventories read them, and what
// was installed there: those that the hosts table gives to the customer, and
// those of a pool that is the customer's alone. What was installed on a
// machine that was another's too in the month cannot be told apart; the note
// that comes back says so.
func (t *tables) hosts(m month.Month, facts *snapshot.Facts, cfg *config.Config, tenant string) (notes []string) {
	own, others := map[string]bool{}, map[string]bool{}
	for i := range facts.Machines {
		x := &facts.Machines[i]
		switch x.Tenant {
		case tenant:
			own[snapshot.HostKey(x.Host)] = true
			t.host(m, x)
		case "": // the provider's, or shared
		default:
			others[snapshot.HostKey(x.Host)] = true
		}
	}
	var pools []rules.Glob
	for i := range cfg.Pools {
		if p := &cfg.Pools[i]; p.Tenant == tenant {
			for _, pattern := range p.Hosts {
				pools = append(pools, rules.NewGlob(pattern))
			}
		}
	}
	var mixed []string
	for i := range facts.Software {
		x := &facts.Software[i]
		key := snapshot.HostKey(x.Host)
		if !own[key] && !slices.ContainsFunc(pools, func(p rules.Glob) bool { return p.Match(key) || p.Match(x.Host) }) {
			continue
		}
		if others[key] {
			mixed = append(mixed, x.Host)
			continue
		}
		for j := range x.Installs.Len() {
			p := x.Installs.At(j)
			t.software.add(m.String(), x.Host, p.Name, p.Version, p.Publisher, p.Edition, p.Release, p.Key, p.First.String(), p.Last.String(), x.Source, p.File, number(p.Line))
		}
	}
	slices.Sort(mixed)
	for _, host := range slices.Compact(mixed) {
		notes = append(notes, fmt.Sprintf("%s: what was installed on host %s is left out: the hosts table gives it to another customer too in that month", m, host))
	}
	return notes
}

func (t *tables) host(m month.Month, x *snapshot.MachineMonth) {
	t.machineFacts.add(m.String(), x.Key(), x.Host, string(x.Kind), number(x.Processors), number(x.CoresPerProcessor), number(x.VirtualCores), x.Parent, x.OperatingSystem,
		x.SQLEdition, string(x.SQLLicence), string(x.WindowsLicence), x.Cluster, x.Pinned, string(x.Power), x.First.String(), x.Last.String(), strconv.Itoa(len(x.Days)), x.Source, x.File, number(x.Line))
}
