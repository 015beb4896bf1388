package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/statement"
)

// sessionsOutside finds accounts that are counted for what one pool gives and
// had a session on a host of another, which no snapshot lets them log on to:
// what that one has installed they could use, and it is not counted for them
// (docs/counting.md, rule 7). Administrators are left out.
func sessionsOutside(e *evaluation) {
	members := make([][]bool, len(e.Config.Pools)) // by pool and account, made when asked for
	poolsOf := make([][]int, len(e.usage.hosts))
	for i, name := range e.usage.hosts {
		if h := e.est.find(name); h != nil {
			poolsOf[i] = h.pools
		}
	}
	type outside struct {
		account int32
		pool    int
	}
	told := map[outside]bool{}
	var sc scratch
	for _, x := range e.usage.owned {
		if !e.ent.named[x.account] {
			continue
		}
		pools := poolsOf[x.host]
		inside := slices.ContainsFunc(pools, func(pi int) bool {
			if members[pi] == nil {
				members[pi] = e.poolMembers(pi, &sc)
			}
			return members[pi][x.account]
		})
		if inside || len(pools) == 0 || told[outside{x.account, pools[0]}] {
			continue
		}
		told[outside{x.account, pools[0]}] = true
		missing := e.notHeld(x.account, pools)
		if len(missing) == 0 || e.isAdmin(x.account) {
			continue
		}
		name, tenant := e.account(x.account)
		pool := e.Config.Pools[pools[0]].Name
		u := e.usage.use(x.use)
		at := u.First.Evidence
		e.finding(statement.Finding{Code: "session-outside-pool", Severity: statement.High, Tenant: tenant, Subject: name,
			Message: fmt.Sprintf("%s had a session on host %s on %s, and no snapshot of the month shows it in a group that may log on to pool %s; not counted for it, and usable there: %s", name, u.Host, e.w.day(&u), pool, strings.Join(missing, ", ")),
			Action:  "find out how access was given; put the account into the group that is counted, or take the access away", At: &at})
	}
}

// poolMembers are the accounts that are in a group of a pool's users in any
// snapshot of the month.
func (e *evaluation) poolMembers(pi int, sc *scratch) []bool {
	in := make([]bool, len(e.w.accounts))
	e.eachInPool(pi, sc, func(_ batch, account int32, _ uint64) { in[account] = true })
	return in
}

// eachInPool goes through the accounts that are in a group of a pool's users,
// batch by batch of the month's snapshots: mask says in which of them.
func (e *evaluation) eachInPool(pi int, sc *scratch, f func(b batch, account int32, mask uint64)) {
	for _, b := range e.w.batches() {
		c := e.w.close(e.w.roots(e.Config.Pools[pi].Users, b), b, sc)
		for i, a := range c.accounts {
			f(b, a, c.masks[i])
		}
	}
}

// notHeld are the products that pools give and for which an account's person is
// not counted, nor for one that stands for them.
func (e *evaluation) notHeld(account int32, pools []int) []string {
	person := e.w.accounts[account].person
	if person < 0 {
		return nil
	}
	var out []string
	for _, p := range e.products {
		given := slices.ContainsFunc(pools, func(pi int) bool {
			pool := &e.Config.Pools[pi]
			restricted := slices.ContainsFunc(pool.Restrict, func(r config.Restrict) bool { return p.meant(NewGlob(r.Product)) })
			return !restricted && (p.pools.Match(pool.Name) && len(p.Entitled.Pools) > 0 && len(p.Entitled.Installed) == 0 && len(p.Entitled.Programs) == 0 || e.est.installed(pi, p) != nil)
		})
		if !given {
			continue
		}
		held := false
		for c := range e.claims.each(int(person)) {
			o := e.products[c.product]
			held = held || o == p || p.Family != "" && o.Family == p.Family && o.Rank >= p.Rank
		}
		if !held {
			out = append(out, p.ID)
		}
	}
	return out
}
