package setup

import (
	"slices"

	"splameter/internal/product"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// due are the catalog's products by cores that the estate makes due, with the
// machines: by what the hosts tables say, by the engines of SQL Server whose
// edition an inventory tells, and by the Windows guests of hosts that do not run
// Windows themselves. These need Windows Server in an edition that only a person
// knows, so that both are named: the one that no host takes counts nothing.
func (s *Seen) due() map[string][]string {
	out := map[string][]string{}
	add := func(machines []snapshot.Machine) {
		for id, hosts := range rules.Catalog().DueFor(machines) {
			for _, h := range hosts {
				if !slices.Contains(out[id], h) {
					out[id] = append(out[id], h)
				}
			}
		}
	}
	add(s.Machines)
	var engines []snapshot.Machine
	for _, h := range s.Software {
		for i := range h.Installs {
			in := &h.Installs[i]
			what := product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)
			if what.Engine && what.Family == product.SQLServer && what.Edition != "" {
				engines = append(engines, snapshot.Machine{Host: h.Host, Kind: snapshot.Virtual, SQLEdition: product.SQLEdition(what.Edition)})
			}
		}
	}
	add(engines)
	for _, edition := range []string{"Standard", "Datacenter"} {
		var hosts []snapshot.Machine
		for i := range s.Machines {
			m := &s.Machines[i]
			if m.Kind == snapshot.Physical && m.WindowsLicence == "" && !product.IsWindows(m.OperatingSystem) && s.hasWindowsGuest(m) {
				h := *m
				h.OperatingSystem = "Microsoft Windows Server " + edition
				hosts = append(hosts, h)
			}
		}
		add(hosts)
	}
	for _, hosts := range out {
		slices.Sort(hosts)
	}
	return out
}

// hasWindowsGuest says that some machine that runs Windows ran on a host.
func (s *Seen) hasWindowsGuest(host *snapshot.Machine) bool {
	return slices.ContainsFunc(s.Machines, func(m snapshot.Machine) bool {
		if m.Parent == "" || !product.IsWindows(m.OperatingSystem) {
			return false
		}
		return host.ID != "" && m.Parent == host.ID || snapshot.HostKey(m.Parent) == snapshot.HostKey(host.Host)
	})
}
