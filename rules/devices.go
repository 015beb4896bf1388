package rules

import (
	"math/bits"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// countDevices counts, for products by device, the computers that were in one
// of their groups, enabled, at any moment of the month: each once, whoever
// uses it; and the clients from which session logs say that somebody was connected.
func (e *evaluation) countDevices() {
	var sc scratch
	for _, p := range e.products {
		if p.Unit != statement.UnitDevice || p.of != "" {
			continue
		}
		days := map[int32]uint32{}
		var order []int32
		if len(p.Entitled.Groups) > 0 {
			for _, b := range e.w.batches() {
				c := e.w.close(e.w.roots(p.Entitled.Groups, b), b, &sc)
				for i, a := range c.accounts {
					if d := e.w.dayBits(c.masks[i]&e.w.enabledComputer(a, b), b); d != 0 {
						if days[a] == 0 {
							order = append(order, a)
						}
						days[a] |= d
					}
				}
			}
		}
		computers := map[string]bool{}
		for _, a := range order {
			e.device(p, a, days[a])
			computers[snapshot.HostKey(strings.TrimSuffix(e.w.lastState(a).Name, "$"))] = true
		}
		e.countClients(p, computers)
	}
}

// device adds one computer, under the product's number for its tenant.
func (e *evaluation) device(p *Product, a int32, days uint32) {
	account, s := &e.w.accounts[a], e.w.lastState(a)
	tenant := nameOr(account.tenant, register.Unassigned)
	e.addDevice(p, statement.Machine{Tenant: tenant, Key: "computer:" + account.id, Host: strings.TrimSuffix(s.Name, "$"),
		At: snapshot.Evidence{File: s.File, Line: s.Line}}, days)
}

// addDevice adds one device that was met on some days, under the product's
// number for its tenant.
func (e *evaluation) addDevice(p *Product, m statement.Machine, days uint32) {
	m.Product, m.Packs = p.ID, 1
	for _, q := range e.products {
		if q.base() == p.ID && q.countsTenant(e.Register, m.Tenant) {
			m.Product = q.ID
		}
	}
	first := e.w.m.FirstDay()
	m.First, m.Last = first+month.Day(bits.TrailingZeros32(days)), first+month.Day(31-bits.LeadingZeros32(days))
	e.st.Machines = append(e.st.Machines, m)
}

// enabledComputer are the ticks in which an account is a computer's, and
// enabled.
func (w *world) enabledComputer(a int32, b batch) (m uint64) {
	for _, span := range w.states(a) {
		if span.class == snapshot.Computer && !span.disabled {
			m |= b.mask(span.first, span.last)
		}
	}
	return m & w.ownTicks(w.accounts[a].dir, b)
}
