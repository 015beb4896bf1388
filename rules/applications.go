package rules

import (
	"sort"

	"splameter/month"
	"splameter/snapshot"
	"splameter/statement"
)

// applications lists every Microsoft title of note on every host, with the
// product that it makes due, or why none.
func (e *evaluation) applications() {
	reach := e.poolReach()
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		for _, s := range h.software {
			for i := range s.Installs {
				in := &s.Installs[i]
				t := e.est.recognise(&in.Install, e.products)
				if len(t.products) == 0 && (t.what.Family == "" || !t.what.Microsoft) {
					continue
				}
				a := statement.Application{Tenant: h.tenant, Host: h.name, Name: in.Name, Version: in.Version,
					Edition: t.what.Edition, Reason: t.what.Reason, Licensable: t.what.Licensable,
					First: in.First, Last: in.Last, At: snapshot.Evidence{File: in.File, Line: in.Line}}
				if len(t.products) > 0 {
					a.Product = t.products[0].ID
				}
				pools := h.pools
				if len(pools) == 0 {
					e.st.Applications = append(e.st.Applications, a)
				}
				for _, pi := range pools {
					a.Pool, a.Reach = e.Config.Pools[pi].Name, reach[pi]
					if a.Product != "" {
						a.Reach = e.reachIn(pi, a.Product)
					}
					e.st.Applications = append(e.st.Applications, a)
				}
			}
		}
	}
	as := e.st.Applications
	sort.SliceStable(as, func(i, j int) bool {
		switch {
		case as[i].Pool != as[j].Pool:
			return as[i].Pool < as[j].Pool
		case as[i].Host != as[j].Host:
			return as[i].Host < as[j].Host
		}
		return as[i].Name < as[j].Name
	})
}

// poolReach is how many persons could log on to each pool in the month.
func (e *evaluation) poolReach() []int {
	out := make([]int, len(e.Config.Pools))
	var sc scratch
	for pi := range e.Config.Pools {
		pool := &e.Config.Pools[pi]
		seen := map[int32]bool{}
		for _, b := range e.w.batches() {
			open := e.w.dated(b, pool.From, pool.Until)
			c := e.w.close(e.w.roots(pool.Users, b), b, &sc)
			for i, a := range c.accounts {
				n := e.w.accounts[a].person
				if n < 0 || seen[n] {
					continue
				}
				if enabled, _ := e.w.enabled(a, b); c.masks[i]&enabled&open != 0 {
					seen[n] = true
				}
			}
		}
		out[pi] = len(seen)
	}
	return out
}

// reachIn is how many persons reach a product through a pool, or through a
// group of its own.
func (e *evaluation) reachIn(pool int, id string) int {
	name := e.Config.Pools[pool].Name
	n := 0
	for pi := range e.claims {
		for _, c := range e.claims[pi] {
			if e.products[c.product].ID != id {
				continue
			}
			for _, r := range c.reaches {
				if r.basis.Pool == name {
					n++
					break
				}
			}
		}
	}
	return n
}

// lastDay is the month's last day, for messages.
func (e *evaluation) lastDay() month.Day { return e.w.m.LastDay() }
