package rules

import (
	"math/bits"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// batch is up to 64 ticks, one bit each: the whole month at once for a daily
// reading.
type batch struct {
	first, last int32 // ticks, both inclusive
}

// batches cuts the line of ticks.
func (w *world) batches() []batch {
	var out []batch
	for t := 0; t < len(w.ticks); t += 64 {
		out = append(out, batch{int32(t), int32(min(t+64, len(w.ticks)) - 1)})
	}
	return out
}

// mask is the bits of the ticks first..last that lie in the batch.
func (b batch) mask(first, last int32) uint64 {
	first, last = max(first, b.first), min(last, b.last)
	if first > last {
		return 0
	}
	return (^uint64(0) >> (63 - uint(last-first))) << uint(first-b.first)
}

// dated is the bits of the ticks whose day lies in from..until.
func (w *world) dated(b batch, from, until month.OptionalDay) uint64 {
	if !from.Set && !until.Set {
		return b.mask(b.first, b.last)
	}
	var m uint64
	for t := b.first; t <= b.last; t++ {
		if month.Within(w.days[t], from, until) {
			m |= 1 << uint(t-b.first)
		}
	}
	return m
}

// closure is everything that some groups hold, at any depth, with the ticks
// of the batch in which it held: over every path the bitwise and of its
// memberships, over all paths the or. Circles of groups end by themselves, as
// a node is looked at again only when it gains a tick.
type closure struct {
	accounts []int32 // ascending
	masks    []uint64
	gains    []gain // sorted by node, then as they came
}

// gain is how a node came to hold ticks: through which member edge.
type gain struct {
	node   int32
	bits   uint64
	parent int32 // group node; -1: the node is one of the groups asked for
	edge   int32
}

// scratch is the room that closures are computed in, cleared after each.
type scratch struct {
	mask    []uint64
	queue   []int32
	in      []bool
	touched []int32
	gains   []gain
	at      []int32 // by node, where its next gain goes
}

// at is the ticks in which an account is held.
func (c *closure) at(account int32) uint64 {
	i := sort.Search(len(c.accounts), func(i int) bool { return c.accounts[i] >= account })
	if i < len(c.accounts) && c.accounts[i] == account {
		return c.masks[i]
	}
	return 0
}

// longestPath is how many groups a path names, counted from the account up.
// Directories nest groups a few deep; a chain of a hundred thousand, made up or
// by accident, must not be written out for each of its members.
const longestPath = 64

// path leads from the group asked for to the account at one tick: the group
// nodes, outermost first, and the edge that holds the account.
func (c *closure) path(node int32, bit uint64) (groups []int32, last int32) {
	last = -1
	for {
		parent, edge := c.above(node, bit)
		if parent < 0 {
			break
		}
		if last < 0 {
			last = edge
		}
		groups = append(groups, parent)
		if node = parent; len(groups) == longestPath {
			break
		}
	}
	for i, j := 0, len(groups)-1; i < j; i, j = i+1, j-1 {
		groups[i], groups[j] = groups[j], groups[i]
	}
	return groups, last
}

// above is the group by which a node was reached at a tick, and the membership;
// -1 where by none.
func (c *closure) above(node int32, bit uint64) (parent, edge int32) {
	i := sort.Search(len(c.gains), func(i int) bool { return c.gains[i].node >= node })
	for i < len(c.gains) && c.gains[i].node == node && c.gains[i].bits&bit == 0 {
		i++
	}
	if i == len(c.gains) || c.gains[i].node != node || c.gains[i].parent < 0 {
		return -1, -1
	}
	return c.gains[i].parent, c.gains[i].edge
}

// root is a group asked for, with the ticks in which it answered to the name.
type root struct {
	node int32
	mask uint64
}

// roots finds the groups that answer to any of the names: a
// sAMAccountName (a pattern is allowed), DOMAIN\name, a SID, or a
// distinguished name. A group is known by its objectGUID: one that answered at
// any time of the month, or in the last reading before it, goes on doing so
// under another name, unless by then another group has the name and the former
// holder need not be followed (see passed).
func (w *world) roots(names []string, b batch) []root {
	var out []root
	for _, g := range globs(names) {
		from := len(out)
		by := make([]uint64, len(w.dirs)) // ticks in which any group of a directory has the name
		for n := range w.groups {
			m, ok := w.answers(g, int32(n), b)
			if ok {
				out = append(out, root{int32(n), m})
				by[w.groups[n].dir] |= m
			}
		}
		for i := from; i < len(out); i++ {
			r := &out[i]
			if taken := by[w.groups[r.node].dir]; g.Plain() && !w.follow[g.folded] {
				r.mask |= w.there(r.node, b) &^ taken
			} else { // a pattern that others fit too
				r.mask |= w.there(r.node, b)
			}
		}
		out = slices.DeleteFunc(out, func(r root) bool { return r.mask == 0 })
	}
	return out
}

// answers is the ticks in which a group has a name, and whether it had it at
// any time of the month or just before.
func (w *world) answers(g Glob, n int32, b batch) (m uint64, ever bool) {
	gn := &w.groups[n]
	if gn.broad != "" {
		return 0, false
	}
	d := &w.dirs[gn.dir]
	for _, i := range gn.spans {
		s := &d.dir.Groups[i]
		if groupAnswers(g, d.dir, &s.Group) {
			first, last := d.extended(s.Span, len(w.ticks))
			m |= b.mask(first, last)
			ever = true
		}
	}
	return m, ever || gn.before != nil && groupAnswers(g, d.dir, gn.before)
}

// there is the ticks in which a group was seen under any name.
func (w *world) there(n int32, b batch) (m uint64) {
	gn := &w.groups[n]
	d := &w.dirs[gn.dir]
	for _, i := range gn.spans {
		first, last := d.extended(d.dir.Groups[i].Span, len(w.ticks))
		m |= b.mask(first, last)
	}
	return m
}

func groupAnswers(g Glob, d *snapshot.DirectoryMonth, s *snapshot.Group) bool {
	if domain, name, ok := strings.Cut(g.folded, `\`); ok && !strings.Contains(domain, "=") {
		return (domain == strings.ToLower(d.Domain) || domain == strings.ToLower(d.DNS)) && NewGlob(name).Match(s.Name)
	}
	switch {
	case strings.Contains(g.folded, "="):
		return g.Match(s.DN)
	case strings.HasPrefix(g.folded, "s-1-"):
		return g.Match(s.SID)
	}
	return g.Match(s.Name)
}

// close computes what the roots hold.
func (w *world) close(rs []root, b batch, sc *scratch) *closure {
	if len(rs) == 0 {
		return &closure{}
	}
	nodes := len(w.groups) + len(w.accounts)
	if len(sc.mask) < nodes {
		sc.mask, sc.in, sc.at = make([]uint64, nodes), make([]bool, nodes), make([]int32, nodes)
	}
	sc.touched, sc.gains = sc.touched[:0], sc.gains[:0]
	add := func(node int32, m uint64, parent, e int32) {
		fresh := m &^ sc.mask[node]
		if fresh == 0 {
			return
		}
		if sc.mask[node] == 0 {
			sc.touched = append(sc.touched, node)
		}
		sc.mask[node] |= fresh
		sc.gains = append(sc.gains, gain{node, fresh, parent, e})
		sc.at[node]++
		if !w.isAccount(node) && !sc.in[node] {
			sc.in[node] = true
			sc.queue = append(sc.queue, node)
		}
	}
	for _, r := range rs {
		add(r.node, r.mask, -1, -1)
	}
	for head := 0; head < len(sc.queue); head++ {
		g := sc.queue[head]
		sc.in[g] = false
		m := sc.mask[g]
		for i := w.start[g]; i < w.start[g+1]; i++ {
			e := &w.edges[i]
			x := m & b.mask(e.first, e.last)
			if x != 0 && !w.isAccount(e.member) {
				for _, t := range w.groups[e.member].mail { // it is in no token
					x &^= b.mask(t.first, t.last)
				}
			}
			if x != 0 {
				add(e.member, x, g, i)
			}
		}
	}
	sc.queue = sc.queue[:0]
	slices.Sort(sc.touched)
	groups, _ := slices.BinarySearch(sc.touched, int32(len(w.groups))) // they come first
	c := &closure{accounts: make([]int32, 0, len(sc.touched)-groups), masks: make([]uint64, 0, len(sc.touched)-groups), gains: make([]gain, len(sc.gains))}
	next := int32(0)
	for _, n := range sc.touched {
		if w.isAccount(n) {
			c.accounts = append(c.accounts, w.account(n))
			c.masks = append(c.masks, sc.mask[n])
		}
		sc.mask[n] = 0
		next, sc.at[n] = next+sc.at[n], next
	}
	for _, g := range sc.gains {
		c.gains[sc.at[g.node]] = g
		sc.at[g.node]++
	}
	for _, n := range sc.touched {
		sc.at[n] = 0
	}
	return c
}

// enabled is the ticks in which the account was there, enabled and not
// expired; present those in which it was there at all.
func (w *world) enabled(a int32, b batch) (enabled, present uint64) {
	for _, span := range w.states(a) {
		m := b.mask(span.first, span.last)
		if span.at >= 0 {
			present |= m
		}
		if span.disabled || span.class != snapshot.User {
			continue
		}
		if !span.expires {
			enabled |= m
			continue
		}
		s := w.state(&span)
		for x := m; x != 0; x &= x - 1 {
			i := bits.TrailingZeros64(x)
			if !s.ExpiredAt(w.ticks[int(b.first)+i]) {
				enabled |= 1 << i
			}
		}
	}
	// An account of one directory exists only in that directory's own ticks.
	return enabled & w.ownTicks(w.accounts[a].dir, b), present
}

// ownTicks are the batch's ticks at which a directory was itself read.
func (w *world) ownTicks(dir int32, b batch) uint64 {
	if len(w.dirs) == 1 {
		return b.mask(b.first, b.last)
	}
	var m uint64
	for _, t := range w.dirs[dir].at {
		m |= b.mask(t, t)
	}
	return m
}
