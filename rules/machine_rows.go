package rules

import (
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// machineStates are the month's states of machines that are one machine, by
// indices into the facts:
//
//   - an id names one machine, whatever it is called;
//   - rows of one name in one source are one machine, those without an id too
//     where at most one id bears the name (an id that appears later joins);
//     where two rows of one day give it to two tenants they are two machines;
//   - one name in two sources is one machine, unless one of them has several
//     of that name: then a row joins the one of its tenant, or stands alone.
//
// Names are full names (see fullNames): two domains never meet in one.
func machineStates(f *snapshot.Facts, names *fullNames) [][]int {
	all := f.Machines
	parent := make([]int, len(all))
	for i := range parent {
		parent[i] = i
	}
	var root func(i int) int
	root = func(i int) int {
		if parent[i] != i {
			parent[i] = root(parent[i])
		}
		return parent[i]
	}
	join := func(i, j int) {
		if i, j = root(i), root(j); i != j {
			parent[max(i, j)] = min(i, j)
		}
	}
	byID := map[string]int{}
	byName := map[string][]int{}
	var order []string
	for i := range all {
		if id := strings.ToLower(all[i].ID); id != "" {
			if j, ok := byID[id]; ok {
				join(i, j)
			} else {
				byID[id] = i
			}
		}
		k := names.key(all[i].Host)
		if byName[k] == nil {
			order = append(order, k)
		}
		byName[k] = append(byName[k], i)
	}
	for _, k := range order {
		joinNamed(all, byName[k], join, root)
	}
	groups := map[int][]int{}
	for i := range all {
		groups[root(i)] = append(groups[root(i)], i)
	}
	var out [][]int
	for i := range all {
		if g := groups[i]; len(g) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// joinNamed joins the rows of one full name.
func joinNamed(all []snapshot.MachineMonth, rows []int, join func(i, j int), root func(i int) int) {
	bySource := map[string][]int{}
	var sources []string
	for _, i := range rows {
		s := all[i].Source
		if bySource[s] == nil {
			sources = append(sources, s)
		}
		bySource[s] = append(bySource[s], i)
	}
	parts := func(list []int) (roots []int) {
		for _, i := range list {
			if r := root(i); !slices.Contains(roots, r) {
				roots = append(roots, r)
			}
		}
		return roots
	}
	several := false
	for _, s := range sources {
		list := bySource[s]
		ids := map[string]bool{}
		for _, i := range list {
			if id := strings.ToLower(all[i].ID); id != "" {
				ids[id] = true
			}
		}
		apart := apartByTenant(all, list)
		for n, i := range list {
			for _, j := range list[:n] {
				switch {
				case all[i].ID == "" && all[j].ID == "":
					if !apart || all[i].Tenant == all[j].Tenant {
						join(i, j)
					}
				case (all[i].ID == "" || all[j].ID == "") && len(ids) == 1 && !apart:
					join(i, j)
				}
			}
		}
		several = several || len(parts(list)) > 1
	}
	for n, s := range sources {
		for _, other := range sources[:n] {
			if !several {
				join(bySource[s][0], bySource[other][0])
				continue
			}
			joinByTenant(all, bySource[s], bySource[other], join, parts)
		}
	}
}

// apartByTenant says that rows without an id give one name to several tenants
// on one day: a table that names two customers' machines alike.
func apartByTenant(all []snapshot.MachineMonth, list []int) bool {
	for n, i := range list {
		for _, j := range list[:n] {
			a, b := &all[i], &all[j]
			if a.ID == "" && b.ID == "" && a.Tenant != "" && b.Tenant != "" && a.Tenant != b.Tenant && a.First <= b.Last && b.First <= a.Last &&
				(len(a.Days) == 0 || len(b.Days) == 0 || slices.ContainsFunc(a.Days, func(d month.Day) bool { return slices.Contains(b.Days, d) })) {
				return true
			}
		}
	}
	return false
}

// joinByTenant joins the rows of one name in two sources where each has one
// machine of a tenant.
func joinByTenant(all []snapshot.MachineMonth, a, b []int, join func(i, j int), parts func([]int) []int) {
	of := func(list []int, tenant string) (out []int) {
		for _, i := range list {
			if all[i].Tenant == tenant {
				out = append(out, i)
			}
		}
		return out
	}
	for _, i := range a {
		t := all[i].Tenant
		x, y := of(a, t), of(b, t)
		if t != "" && len(parts(x)) == 1 && len(parts(y)) == 1 {
			join(x[0], y[0])
		}
	}
}
