package rules

import (
	"strings"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// excludeMachines takes machines out by the register, as persons are taken out.
// A machine is out wholly or not at all; of an entry's quantity it takes its
// cores.
func (e *evaluation) excludeMachines() {
	all := e.st.Machines
	packs := map[string]int{}
	for _, p := range e.products {
		packs[p.ID] = max(p.Pack, 1)
	}
	a := &allotment{days: make([]uint32, len(all)), owner: make([]int32, len(all)), bids: make([]bid, len(e.uses)),
		units: func(i int32) int { return all[i].Packs * packs[all[i].Product] },
		order: func(x, y int32) int { return strings.Compare(all[x].Key, all[y].Key) }}
	stood := e.standing()
	first := e.w.m.FirstDay()
	for i := range all {
		a.owner[i] = int32(i)
		from, until := stood.days(&all[i])
		for d := from; d <= until; d++ {
			a.days[i] |= 1 << (d - first)
		}
	}
	meant := make([][]award, len(e.uses))
	for i := range e.uses {
		u, b := &e.uses[i], &a.bids[i]
		*b = bid{id: u.entry.ID, limited: u.entry.Limited, quantity: u.entry.Quantity}
		for j := range all {
			if m := &all[j]; e.meansMachine(u, m) {
				meant[i] = append(meant[i], award{int32(j), a.days[j]})
				if days := a.days[j] & u.days; days != 0 {
					b.awards = append(b.awards, award{int32(j), days})
				}
			}
		}
	}
	out := a.run()
	for i := range e.uses {
		u := &e.uses[i]
		u.cores = a.bids[i].used
		for _, w := range a.bids[i].taken {
			m := &all[w.item]
			u.used[usedKey{m.Tenant, m.Product}] += m.Packs * packs[m.Product]
			if _, until := stood.days(m); m.Excluded == nil || u.entry.Covers(until) {
				m.Excluded = &statement.Exclusion{ID: u.entry.ID, Ground: u.entry.Ground, Document: u.entry.Document}
			}
		}
		for _, w := range meant[i] {
			switch {
			case out[w.item]:
			case a.reach[w.item] != a.days[w.item]:
				if w.days&^u.days != 0 {
					u.undated++
				}
			case u.entry.Limited && w.days&u.days != 0:
				u.over += a.units(w.item)
			}
		}
	}
}

// meansMachine says whether an entry means a machine, whatever its dates.
func (e *evaluation) meansMachine(u *exclusionUse, m *statement.Machine) bool {
	x := u.entry
	if !x.Ground.TakesMachines() || !e.productOf(m.Product).meant(u.product) || x.Tenant != "*" && x.Tenant != m.Tenant {
		return false
	}
	switch x.Match.Kind {
	case register.MatchAll:
		return true
	case register.MatchHost:
		return e.namesMachine(u.who, m.Host)
	}
	return false
}

// namesMachine says whether a pattern of an entry means a machine: by its name
// as written, in full, or by its short name where one machine alone has it.
func (e *evaluation) namesMachine(who Glob, host string) bool {
	if short := snapshot.HostKey(host); who.Match(short) && (e.est.names.several(short) == nil || !who.Plain()) {
		return true
	}
	return who.Match(host) && e.est.names.several(host) == nil || who.Match(e.est.names.key(host))
}
