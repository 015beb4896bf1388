package rules

import (
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// gather finds whose access must be looked at, and at which moments.
func (b *interim) gather() {
	for _, x := range b.dirs {
		b.locate(x)
		for _, l := range x.links {
			b.stays(x, l)
			b.eventStays(x, l)
		}
		b.nested(x)
	}
	for _, x := range b.dirs {
		b.links(x)
		b.own(x)
		b.addNewcomers(x)
	}
	// What concerns a group concerns all beneath it.
	for _, x := range b.dirs {
		for gap := range x.gaps {
			for _, t := range x.gaps[gap].starts {
				for a := range b.who {
					if len(b.who[a]) > 0 && b.near(x, gap, a) {
						b.add(a, t)
					}
				}
			}
		}
	}
}

// near says that an account has a moment in a gap.
func (b *interim) near(x *betweenDir, gap int, a int32) bool {
	for t := range b.who[a] {
		if g, ok := x.gap(time.Unix(0, t)); ok && g == gap {
			return true
		}
	}
	return false
}

// add notes a moment of the month at which an account may have had access.
func (b *interim) add(a int32, t time.Time) {
	if t.Before(b.from) {
		t = b.from
	}
	if !t.Before(b.until) {
		return
	}
	t = t.UTC()
	if b.who[a] == nil {
		b.who[a] = map[int64]bool{}
	}
	b.who[a][t.UnixNano()] = true
	b.moments[t.UnixNano()] = true
}

// nested looks at the changes of groups within groups.
func (b *interim) nested(x *betweenDir) {
	groups := b.groups()
	var keys []linkKey
	for k := range x.links {
		if groups[k.key] {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return
	}
	slices.SortFunc(keys, func(p, q linkKey) int { return strings.Compare(p.group+"\x00"+p.key, q.group+"\x00"+q.key) })
	var beneath map[string][]string
	for _, k := range keys {
		l := x.links[k]
		for i := range l.ways {
			s := &l.ways[i]
			g := &x.gaps[s.change.gap]
			// And just before it began: to see whether anything did.
			moments := []time.Time{s.begins(), s.begins().Add(-time.Second)}
			if s.untilKnown {
				moments, g.ends = append(moments, s.until), true
			}
			g.starts = append(g.starts, moments...)
			left, right, begun := x.sides(s.change.gap)
			if n := len(x.d.Taken); s.untilKnown && !(begun && l.stood(left, n)) || !s.untilKnown && !l.stood(right, n) || int(right) == n {
				// No reading of the month saw it: all beneath had it for that while.
				if beneath == nil {
					beneath = b.tree()
				}
				for _, t := range moments {
					b.under(k.key, beneath, map[string]bool{}, t)
				}
			}
		}
	}
}

// begins is the moment at which a stretch is looked at: its beginning, or, where
// that is not known, the last moment at which it stood.
func (s *stay) begins() time.Time {
	if s.fromKnown || !s.untilKnown {
		return s.from
	}
	return s.until.Add(-time.Second)
}

// tree is the memberships of all readings, by group.
func (b *interim) tree() map[string][]string {
	out := map[string][]string{}
	for _, x := range b.dirs {
		for i := range x.d.Members.Len() {
			m := x.d.Members.At(i)
			out[m.Group] = append(out[m.Group], m.Key)
		}
	}
	return out
}

// under notes a moment for every account beneath a group.
func (b *interim) under(group string, beneath map[string][]string, seen map[string]bool, t time.Time) {
	if seen[group] {
		return
	}
	seen[group] = true
	for _, key := range beneath[group] {
		if a, ok := b.accounts[key]; ok {
			b.add(a, t)
		} else {
			b.under(key, beneath, seen, t)
		}
	}
}

// links looks at the changes of accounts' own memberships.
func (b *interim) links(x *betweenDir) {
	for k, l := range x.links {
		a, ok := b.accounts[k.key]
		if !ok {
			continue
		}
		for i := range l.ways {
			s := &l.ways[i]
			// One that goes on into the reading after is seen there, if that had heard of
			// it, the account is good then and nothing above it ends before.
			_, right, _ := x.sides(s.change.gap)
			if !s.untilKnown && !s.unsure && !x.gaps[s.change.gap].ends && l.stood(right, len(x.d.Taken)) && b.goodAfter(a, s.change.Changed) {
				continue
			}
			b.add(a, s.begins())
			if start := b.start(x, s.change.gap); s.untilKnown && !s.from.After(start) {
				b.add(a, start.Add(time.Second)) // it stood when the gap began
			}
			b.changesOf(a, s.change.Changed)
		}
	}
}

// changesOf notes the moments at which an account itself changed in the gap of
// its own directory in which a moment lies.
func (b *interim) changesOf(a int32, t time.Time) {
	x := b.dirs[b.w.accounts[a].dir]
	gap, ok := x.gap(t)
	if !ok {
		return
	}
	for _, c := range x.owns[b.w.accounts[a].id] {
		if c.gap == gap {
			b.add(a, c.Changed)
			if c.rise != 1 {
				b.add(a, c.Changed.Add(-time.Second))
			}
		}
	}
}

// goodAfter says that an account can sign in at the reading after a moment, of
// its own directory, and that this is within the month.
func (b *interim) goodAfter(a int32, t time.Time) bool {
	x := b.dirs[b.w.accounts[a].dir]
	gap, ok := x.gap(t)
	if !ok {
		return false
	}
	_, after, _ := x.sides(gap)
	if int(after) == len(x.d.Taken) {
		return false
	}
	s := b.stateIn(a, x, after)
	return s != nil && !s.Disabled && !s.ExpiredAt(x.ends[gap])
}

// own looks at accounts that changed themselves, in a gap at whose end they can
// sign in no more, or in which they changed more than once.
func (b *interim) own(x *betweenDir) {
	for id, list := range x.owns {
		a, ok := b.accounts[id]
		if !ok {
			continue
		}
		for i := range list {
			c := &list[i]
			if c.Key == "primarygroupid" || c.rise == 1 && b.goodAfter(a, c.Changed) {
				continue
			}
			// Good until then: the reading before shows that. Good from then on:
			// the one after, unless it ended again.
			b.add(a, c.Changed)
			if c.rise != 1 {
				b.add(a, c.Changed.Add(-time.Second))
			}
		}
	}
	b.ownEvents(x)
	for i := range x.d.Deleted {
		b.gone(x, &x.d.Deleted[i])
	}
	if x.d.After != nil {
		for i := range x.d.After.Deleted {
			b.gone(x, &x.d.After.Deleted[i])
		}
	}
}

// gone looks at an account that was deleted: the moment before.
func (b *interim) gone(x *betweenDir, d *snapshot.Deleted) {
	if a, ok := b.accounts[d.ID]; ok && d.Gone.After(b.from) {
		if _, in := x.gap(d.Gone); in {
			b.add(a, d.Gone.Add(-time.Second))
		}
	}
}

// stateIn is how an account was in a reading; nil where it was not in it.
func (b *interim) stateIn(a int32, x *betweenDir, at int32) *snapshot.Account {
	n := int32(len(x.d.Taken))
	id := b.w.accounts[a].id
	switch {
	case at < 0:
		for i := range x.d.Before.Accounts {
			if x.d.Before.Accounts[i].ID == id {
				return &x.d.Before.Accounts[i]
			}
		}
		if x.fresh[id] {
			return nil
		}
		at = 0
	case at == n:
		for i := range x.d.After.Accounts {
			if x.d.After.Accounts[i].ID == id {
				return &x.d.After.Accounts[i]
			}
		}
		at = n - 1
	}
	for _, s := range b.w.states(a) {
		if s.at < 0 || b.dirs[s.dir] != x {
			continue
		}
		if st := b.w.state(&s); st.First <= at && at <= st.Last {
			return &st.Account
		}
	}
	return nil
}

// signs is how an account was at a moment, and whether it could sign in.
func (b *interim) signs(a int32, t time.Time) (acc snapshot.Account, how stay, ok bool) {
	n := &b.w.accounts[a]
	x := b.dirs[n.dir]
	gap, in := x.gap(t)
	if !in {
		return acc, how, false
	}
	if new := x.came[n.id]; new != nil {
		return x.arrives(n.id, new, b.from, t)
	}
	left, right, begun := x.sides(gap)
	var before, after *snapshot.Account
	if begun {
		before = b.stateIn(a, x, left)
	}
	after = b.stateIn(a, x, right)
	how = stay{from: b.start(x, gap), until: x.ends[gap]}
	if d := b.deleted(x, n.id); d != nil {
		if !t.Before(d.Gone) || !d.Made.IsZero() && t.Before(d.Made) {
			return acc, how, false
		}
		if !d.Gone.After(how.until) {
			how.until, how.untilKnown = d.Gone, true
		}
		if d.Made.After(how.from) {
			how.from, how.fromKnown = d.Made, true
		}
		if before == nil && after == nil {
			after, before = &d.Account, &d.Account
		}
	}
	if before == nil {
		before = after
	}
	if after == nil {
		after = before
	}
	if before == nil {
		return acc, how, false
	}
	acc = *before
	var control, expires *located
	for i := range x.owns[n.id] {
		c := &x.owns[n.id][i]
		if c.gap != gap {
			continue
		}
		if c.Key == "useraccountcontrol" {
			control = c
		} else if c.Key == "accountexpires" {
			expires = c
		}
	}
	if control == nil && before.Disabled != after.Disabled {
		acc.Disabled, how.unsure = false, true // one of them held, which is not told
	}
	if control != nil {
		switch {
		case !t.Before(control.Changed):
			acc.Disabled = after.Disabled
			how.begin(control)
		case control.rise == 1:
			how.end(control)
		default:
			how.end(control)
			if before.Disabled && (!after.Disabled || control.rise > 1) {
				acc.Disabled, how.unsure = false, true
			}
		}
	}
	switch {
	case expires != nil && !t.Before(expires.Changed):
		acc.Expires = after.Expires
	case expires == nil && !before.Expires.Equal(after.Expires) || expires != nil && expires.rise != 1:
		if acc.ExpiredAt(t) && !after.ExpiredAt(t) {
			acc.Expires, how.unsure = after.Expires, true
		}
	}
	x.signed(n.id, gap, t, control == nil && before.Disabled != after.Disabled, &acc, &how)
	return acc, how, acc.Class == snapshot.User && !acc.Disabled && !acc.ExpiredAt(t)
}

func (s *stay) begin(c *located) {
	if c.Changed.After(s.from) {
		s.from, s.fromKnown, s.change = c.Changed, true, c
	}
}

func (s *stay) end(c *located) {
	if c.Changed.Before(s.until) {
		s.until, s.untilKnown, s.change = c.Changed, true, c
	}
}

// deleted is what is left of an account, nil where nothing is.
func (b *interim) deleted(x *betweenDir, id string) *snapshot.Deleted {
	for i := range x.d.Deleted {
		if x.d.Deleted[i].ID == id {
			return &x.d.Deleted[i]
		}
	}
	if x.d.After != nil {
		for i := range x.d.After.Deleted {
			if x.d.After.Deleted[i].ID == id {
				return &x.d.After.Deleted[i]
			}
		}
	}
	for i := range b.w.logged {
		if b.w.logged[i].ID == id {
			return &b.w.logged[i]
		}
	}
	return nil
}
