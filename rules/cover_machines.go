package rules

import (
	"fmt"
	"sort"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// coverInventories asks for a software inventory of every host that a pool
// has, that a session log names or that had one last month.
func (e *evaluation) coverInventories() {
	asked := false
	hosts := false
	for i := range e.Config.Inventories {
		asked = asked || len(e.Config.Inventories[i].Software) > 0
		hosts = hosts || len(e.Config.Inventories[i].Hosts) > 0
	}
	for i := range e.Config.Databases {
		asked = asked || e.Config.Databases[i].Reads("software")
	}
	known := map[string]bool{}
	for _, k := range e.Facts.Known {
		k = e.est.names.key(k)
		known[k] = true
		if _, ok := e.est.byKey[k]; !ok && asked {
			e.gap(e.inventoryGap(k, nil, "had a software inventory last month and has none this month"))
		}
	}
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		days := h.readDays()
		if len(h.software) > 0 {
			e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: h.software[0].Source,
				Kind: "inventory", Site: h.software[0].Site, Host: h.name, Days: days})
		}
		var why string
		switch {
		case len(h.pools) > 0:
			why = fmt.Sprintf("belongs to pool %s", e.Config.Pools[h.pools[0]].Name)
		case h.logged:
			why = "appears in a session log"
		case known[h.key]:
			why = "had a software inventory last month"
		default:
			continue
		}
		switch {
		case len(days) == 0:
			e.gap(e.inventoryGap(h.name, nil, why+" and has no software inventory this month"))
		default:
			for _, g := range missing(days, e.w.m, int(e.Config.Coverage.InventoryEvery)) {
				e.gap(e.inventoryGap(h.name, &g, fmt.Sprintf("has no software inventory for %s", span(g[0], g[1]))))
			}
		}
	}
	if hosts {
		e.coverMachines()
	}
}

func (e *evaluation) inventoryGap(host string, g *[2]month.Day, what string) statement.Gap {
	out := statement.Gap{Source: "inventory", Kind: "inventory", Host: host,
		Message: fmt.Sprintf("host %s %s: what is installed there is not known", host, what),
		Action:  "collect its inventory, or, if the host is gone, accept the gap by name, with the reason"}
	if g != nil {
		out.From, out.Until = g[0].String(), g[1].String()
	}
	return out
}

// coverMachines asks for the hosts table often enough, source by source.
func (e *evaluation) coverMachines() {
	days := map[string]map[month.Day]bool{}
	for i := range e.Facts.Machines {
		s := &e.Facts.Machines[i]
		if days[s.Source] == nil {
			days[s.Source] = map[month.Day]bool{}
		}
		for _, d := range s.Days {
			days[s.Source][d] = true
		}
	}
	for i := range e.Config.Inventories {
		c := &e.Config.Inventories[i]
		if len(c.Hosts) == 0 {
			continue
		}
		var list []month.Day
		for d := range days[c.Name] {
			list = append(list, d)
		}
		sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
		e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: c.Name, Kind: "machines", Days: list})
		for _, g := range missing(list, e.w.m, int(e.Config.Coverage.InventoryEvery)) {
			e.gap(statement.Gap{Source: c.Name, Kind: "machines", From: g[0].String(), Until: g[1].String(),
				Message: fmt.Sprintf("the hosts table of %s was not read for %s: which machines there were is not known", c.Name, span(g[0], g[1])),
				Action:  "collect a hosts table of those days, or accept the gap by name, with the reason"})
		}
	}
}
