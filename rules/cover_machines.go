package rules

import (
	"fmt"
	"slices"
	"sort"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// coverInventories asks for a software inventory of every host that a pool
// has, that a session log names or that had one last month, on every day on
// which the host is expected.
func (e *evaluation) coverInventories() {
	asked := len(e.Config.Drops)+len(e.Config.Hosts) > 0
	hosts := false
	for i := range e.Config.Inventories {
		asked = asked || len(e.Config.Inventories[i].Software) > 0
		hosts = hosts || len(e.Config.Inventories[i].Hosts) > 0
	}
	for i := range e.Config.Databases {
		asked = asked || e.Config.Databases[i].Reads("software")
	}
	known := map[string]bool{}
	for _, name := range e.Facts.Known {
		k := e.est.names.key(name)
		if known[k] {
			continue
		}
		known[k] = true
		if _, ok := e.est.byKey[k]; !ok && asked && !e.est.ended(k) {
			e.gap(e.inventoryGap(name, nil, "had a software inventory last month and has none this month"))
		}
	}
	rows := e.rowsBefore()
	quiet, unknown := int(e.Config.Coverage.Quiet), map[string][]string{}
	for i := range e.est.hosts {
		h := &e.est.hosts[i]
		days := h.listedDays()
		if len(h.software) > 0 {
			e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: h.software[0].Source,
				Kind: statement.CoverageInventory, Site: h.software[0].Site, Host: h.name, Days: days})
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
		from, until, is := h.expected(e.w.m)
		if len(days) == 0 {
			if is {
				what := why + " and has no software inventory this month"
				if end, _ := h.silent(quiet); end != nil {
					what = fmt.Sprintf("%s and was not looked at this month: the list of its programs that %s has is of %s", why, end.source, end.scanned)
				}
				e.gap(e.inventoryGap(h.name, nil, what))
			}
			continue
		}
		days, cut := e.wholeDays(h, rows)
		if len(days) == 0 {
			e.askCut(h, cut)
			continue
		}
		if !is {
			continue
		}
		if end, last := h.silent(quiet); end != nil && last < until {
			if end.unknown {
				unknown[end.source] = append(unknown[end.source], h.name)
			} else {
				e.gap(e.inventoryGap(h.name, &[2]month.Day{max(from, last+1), until}, fmt.Sprintf("was last looked at on %s, and stands in the list of %s of %s as it was then", end.scanned, end.source, end.read)))
				until = max(from, last)
			}
		}
		for _, g := range missingIn(days, from, until, int(e.Config.Coverage.InventoryEvery)) {
			e.gap(e.inventoryGap(h.name, &g, fmt.Sprintf("has no software inventory for %s", span(g[0], g[1]))))
		}
	}
	e.askScans(unknown)
	if hosts {
		e.coverMachines()
	}
	e.expectMachines()
	e.expectLogs()
}

// expectLogs asks for a log of every host outside the pools that had one in
// the month before. Of hosts of pools coverLogs asks.
func (e *evaluation) expectLogs() {
	if e.Config.ReadsLogs() == "" || e.Facts.Logs.Len() == 0 {
		return
	}
	told := map[string]bool{}
	for _, name := range e.Facts.Before.Logged {
		k, h := e.est.names.key(name), e.est.find(name)
		if told[k] || e.est.ended(k) || h != nil && (h.log || len(h.pools) > 0) {
			continue
		}
		told[k] = true
		e.gap(statement.Gap{Source: "sessions", Kind: statement.CoverageSessions, Host: name,
			Message: fmt.Sprintf("host %s had a session log last month and none reaches into this one: who used it is not known", name),
			Action:  "collect its log; if the host is gone, disable its account in the directory, or accept the gap by name, with the reason"})
	}
}

// missingIn finds the runs of days, from one day to another, that no reading
// stands near enough to: see missing.
func missingIn(days []month.Day, from, until month.Day, every int) [][2]month.Day {
	var out [][2]month.Day
	before := from - 1
	for _, d := range days {
		if d > until {
			break
		}
		if int(d-before) > every {
			out = append(out, [2]month.Day{before + 1, d - 1})
		}
		before = max(before, d)
	}
	if after := until + 1; int(after-before) > every {
		out = append(out, [2]month.Day{before + 1, after - 1})
	}
	return out
}

func (e *evaluation) inventoryGap(host string, g *[2]month.Day, what string) statement.Gap {
	out := statement.Gap{Source: "inventory", Kind: statement.CoverageInventory, Host: host,
		Message: fmt.Sprintf("host %s %s: what is installed there is not known", host, what),
		Action:  "collect its inventory; if the host is gone, disable its account in the directory, or accept the gap by name, with the reason"}
	if g != nil {
		out.From, out.Until = g[0].String(), g[1].String()
	}
	return out
}

// hostOf is a host of one source.
type hostOf struct{ source, host string }

// rowsBefore is how many programs the last whole inventory of each host held
// before the month.
func (e *evaluation) rowsBefore() map[hostOf]int {
	out := map[hostOf]int{}
	for _, b := range e.Facts.Before.Software {
		k := hostOf{b.Source, e.est.names.key(b.Host)}
		out[k] = max(out[k], b.Rows)
	}
	return out
}

// cutReading is an inventory with fewer than half the rows of the last whole
// one before it.
type cutReading struct {
	day          month.Day
	source       string
	rows, before int
}

// wholeDays are the days on which a host's inventory was whole, and the last
// one that was not: it holds nothing, or fewer than half the rows of the last
// whole one. Programs that go at once and together were mostly not read.
func (e *evaluation) wholeDays(h *host, before map[hostOf]int) (days []month.Day, cut *cutReading) {
	seen := map[month.Day]bool{}
	for k, s := range h.software {
		whole := before[hostOf{s.Source, h.key}]
		for i, n := range rowsOn(s) {
			state := fmt.Sprintf("%d programs", n)
			if n > 0 && 2*n >= whole || e.answer(statement.AskHost, h.name, state) != "" {
				whole = n
				if d := h.looks[k][i].day(); d != 0 && !seen[d] {
					seen[d] = true
					days = append(days, d)
				}
				continue
			}
			if cut == nil || s.Days[i] >= cut.day {
				cut = &cutReading{s.Days[i], s.Source, n, whole}
			}
		}
	}
	slices.Sort(days)
	return days, cut
}

// rowsOn is how many programs a host had on each of the days on which it was
// read.
func rowsOn(s *snapshot.SoftwareMonth) []int {
	out := make([]int, len(s.Days))
	if len(out) == 1 {
		out[0] = s.Installs.Len()
		return out
	}
	for i := range s.Installs.Len() {
		in := s.Installs.At(i)
		from, _ := slices.BinarySearch(s.Days, in.First)
		for ; from < len(out) && s.Days[from] <= in.Last; from++ {
			out[from]++
		}
	}
	return out
}

// askCut asks about a host of which no inventory of the month is whole.
func (e *evaluation) askCut(h *host, cut *cutReading) {
	q := statement.Question{Kind: statement.AskHost, Subject: h.name, State: fmt.Sprintf("%d programs", cut.rows), Tenant: h.tenant, About: []string{h.name},
		Action: "collect its inventory again; or, if these are all its programs, decide so"}
	if cut.before > 0 {
		q.Message = fmt.Sprintf("the inventory of host %s of %s (%s) holds %d %s where the one before held %d: it was cut short, and what is missing from it is not proved to be gone", h.name, cut.day, cut.source, cut.rows, programs(cut.rows), cut.before)
	} else {
		q.Message = fmt.Sprintf("the inventory of host %s of %s (%s) holds no program at all: it was not read", h.name, cut.day, cut.source)
	}
	e.ask(q)
}

func programs(n int) string {
	if n == 1 {
		return "program"
	}
	return "programs"
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
		e.st.Coverage.Sources = append(e.st.Coverage.Sources, statement.SourceCoverage{Source: c.Name, Kind: statement.CoverageMachines, Days: list})
		for _, g := range missing(list, e.w.m, int(e.Config.Coverage.InventoryEvery)) {
			e.gap(statement.Gap{Source: c.Name, Kind: statement.CoverageMachines, From: g[0].String(), Until: g[1].String(),
				Message: fmt.Sprintf("the hosts table of %s was not read for %s: which machines there were is not known", c.Name, span(g[0], g[1])),
				Action:  "collect a hosts table of those days, or accept the gap by name, with the reason"})
		}
	}
}
