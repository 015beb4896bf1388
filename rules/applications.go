package rules

import (
	"sort"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// applications lists every Microsoft title of note on every host, with the
// product that it makes due, or why none.
func (e *evaluation) applications() {
	reach, by := e.poolReach(), e.reachIn()
	for hi := range e.est.hosts {
		h := &e.est.hosts[hi]
		for _, s := range h.software {
			for i := range s.Installs.Len() {
				t := e.est.recognise(s, i, e.products)
				if len(t.products) == 0 && (t.what.Family == "" || !t.what.Microsoft) {
					continue
				}
				in := s.Installs.At(i)
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
						a.Reach = by[usedKey{a.Pool, a.Product}]
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
		e.eachInPool(pi, &sc, func(b batch, account int32, mask uint64) {
			n := e.w.accounts[account].person
			if n < 0 || seen[n] {
				return
			}
			if enabled, _ := e.w.enabled(account, b); mask&enabled&e.w.dated(b, pool.From, pool.Until) != 0 {
				seen[n] = true
			}
		})
		out[pi] = len(seen)
	}
	return out
}

// reachIn is how many persons reach each product through each pool.
func (e *evaluation) reachIn() map[usedKey]int {
	out := map[usedKey]int{}
	for i := range e.claims.list {
		c, seen := &e.claims.list[i], ""
		for r := range e.claims.reaches(c) {
			if pool := r.way.Pool; pool != "" && pool != seen {
				out[usedKey{pool, e.products[c.product].ID}]++
				seen = pool
			}
		}
	}
	return out
}
