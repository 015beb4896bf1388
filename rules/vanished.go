package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// goneAccount is an enabled user that one reading saw and the next did not.
type goneAccount struct {
	id, name, tenant string
	dir, at          int32 // the directory, and the snapshot in which it is missing
	text             string
	left             bool // a group that is still there lists it no more: it was deleted
	listed           bool // a group still lists its name: it is there, and cannot be seen
}

// proved says that the account was seen to be deleted: the directory takes what
// is deleted out of its groups, and leaves in them what a reader may not see.
func (g *goneAccount) proved() bool { return g.left && !g.listed }

// vanished are the accounts that went out of the directories between two
// readings, the last before the month included, and how many there had been.
type vanished struct {
	list []*goneAccount
	// had is how many enabled users each tenant had, by directory and snapshot;
	// the first is the one before the month.
	had map[string][][]int
}

// vanish finds them. What was only moved, within a directory or to another, is
// seen in its new place. each is called with every state of an account.
func (e *evaluation) vanish(each func(dir int32, name string, s snapshot.Span)) *vanished {
	v := &vanished{had: map[string][][]int{}}
	w := e.w
	count := func(tenant string, di int32, k int32, n int) {
		h := v.had[tenant]
		if h == nil {
			h = make([][]int, len(w.dirs))
			v.had[tenant] = h
		}
		if h[di] == nil {
			h[di] = make([]int, len(w.dirs[di].at)+2)
		}
		h[di][k+1] += n
	}
	for i := range w.accounts {
		a := &w.accounts[i]
		states := w.states(int32(i))
		for j := range states {
			s := &states[j]
			if s.at < 0 {
				continue // no reading saw it
			}
			st := w.state(s)
			each(s.dir, st.DN, st.Span)
			if s.class != snapshot.User || s.disabled {
				continue
			}
			d := w.dirs[s.dir].dir
			tenant := e.tenancies.tenant(w, int32(i), &st, s.first)
			from := st.First
			if from == 0 && d.Before != nil {
				if _, fresh := slices.BinarySearch(d.Before.New, a.id); !fresh {
					from = -1 // it was so before the month
				}
			}
			count(tenant, s.dir, from, 1)
			count(tenant, s.dir, st.Last+1, -1)
			if int(st.Last)+1 == len(d.Taken) || st.ExpiredAt(d.Taken[st.Last].Time) {
				continue
			}
			next := w.dirs[s.dir].at[st.Last+1]
			if !w.seenAt(states[j+1:], next) {
				v.list = append(v.list, &goneAccount{id: a.id, name: st.Name, tenant: tenant, dir: s.dir, at: st.Last + 1, text: textOf(st.DN)})
			}
		}
	}
	for di := range w.dirs {
		b := w.dirs[di].dir.Before
		if b == nil {
			continue
		}
		for i := range b.Accounts {
			x := &b.Accounts[i]
			if x.Class != snapshot.User || x.Disabled {
				continue
			}
			tenant := e.tenancies.before(w, b, x)
			count(tenant, int32(di), -1, 1)
			count(tenant, int32(di), 0, -1)
			n, ok := w.byID(x.ID)
			if ok && w.seenAt(w.states(n), w.dirs[di].at[0]) || x.ExpiredAt(b.Time) {
				continue
			}
			v.list = append(v.list, &goneAccount{id: x.ID, name: x.Name, tenant: tenant, dir: int32(di), at: 0, text: textOf(x.DN)})
		}
	}
	for _, h := range v.had {
		for _, list := range h {
			for k := 1; k < len(list); k++ {
				list[k] += list[k-1]
			}
		}
	}
	sortGone(v.list)
	v.prove(w)
	return v
}

// seenAt says that one of the states holds at a tick, or, in another directory,
// around it.
func (w *world) seenAt(states []accountSpan, tick int32) bool {
	for i := range states {
		s := &states[i]
		if s.at < 0 {
			continue
		}
		if s.first <= tick && tick <= s.last || s.first > tick && w.days[s.first] == w.days[tick] {
			return true
		}
	}
	return false
}

// byID is an account's number.
func (w *world) byID(id string) (int32, bool) {
	from := int32(0)
	for _, until := range w.runs {
		if n, ok := slices.BinarySearchFunc(w.accounts[from:until], id, func(a accountNode, id string) int { return strings.Compare(a.id, id) }); ok {
			return from + int32(n), true
		}
		from = until
	}
	return 0, false
}

func textOf(name string) string {
	key, err := dn.Key(name)
	if err != nil {
		return ""
	}
	return snapshot.KeyDN + dn.Text(key)
}

// prove looks what became of the memberships of those that are gone.
func (v *vanished) prove(w *world) {
	if len(v.list) == 0 {
		return
	}
	byKey := map[string][]*goneAccount{}
	for _, g := range v.list {
		byKey[g.id] = append(byKey[g.id], g)
		if g.text != "" {
			byKey[g.text] = append(byKey[g.text], g)
		}
	}
	for di := range w.dirs {
		d := w.dirs[di].dir
		visible := func(group string, at int32) bool {
			n, ok := w.groupByID[group]
			if !ok {
				return false
			}
			for _, i := range w.groups[n].spans {
				if s := d.Groups[i]; w.groups[n].dir == di && s.First <= at && at <= s.Last {
					return true
				}
			}
			return false
		}
		for i := range d.Members.Len() {
			m := d.Members.At(i)
			for _, g := range byKey[m.Key] {
				switch {
				case int(g.dir) != di:
				case m.Key == g.text && m.First <= g.at && g.at <= m.Last:
					g.listed = true
				case m.Key == g.id && m.Last == g.at-1 && visible(m.Group, g.at):
					g.left = true
				}
			}
		}
		if d.Before == nil {
			continue
		}
		for i := range d.Before.Members {
			m := &d.Before.Members[i]
			for _, g := range byKey[m.Key] {
				if int(g.dir) == di && g.at == 0 && m.Key == g.id && visible(m.Group, 0) {
					g.left = true
				}
			}
		}
	}
}

// accounted says that a tenant had users before a snapshot of a directory, and
// that all whom that one lacks were seen to be deleted, or elsewhere.
func (v *vanished) accounted(tenant string, dir int32, at int) bool {
	h := v.had[tenant]
	if h == nil || h[dir] == nil || at >= len(h[dir]) || slices.Max(h[dir][:at+1]) == 0 {
		return false
	}
	for _, g := range v.list {
		if g.tenant == tenant && g.dir == dir && int(g.at) == at && !g.proved() {
			return false
		}
	}
	return true
}

// emptied finds the readings in which a tenant lost its people without a trace:
// half of them or all are a gap, until they are seen again; a smaller share that
// is still large is a finding.
func (e *evaluation) emptied(v *vanished) {
	for from := 0; from < len(v.list); {
		x := v.list[from]
		until := from
		var lost []string
		for until < len(v.list) && v.list[until].dir == x.dir && v.list[until].at == x.at && v.list[until].tenant == x.tenant {
			if !v.list[until].proved() {
				lost = append(lost, v.list[until].name)
			}
			until++
		}
		from = until
		before := v.had[x.tenant][x.dir][x.at] // those of the snapshot before
		n := len(lost)
		if n == 0 || x.tenant == "" {
			continue
		}
		d := e.w.dirs[x.dir].dir
		slices.Sort(lost)
		what := fmt.Sprintf("tenant %s had %d enabled accounts in directory %s on %s, and %d of them (%s) are not in the reading of %s, without having been disabled, moved or taken out of their groups", x.tenant, before, d.Source, dayOf(d, x.at-1), n, listed(lost, 5), d.Taken[x.at].Day)
		switch {
		case n == before || n >= 2 && 2*n >= before:
			last := x.at
			for int(last)+1 < len(d.Taken) && v.had[x.tenant][x.dir][last+2] <= v.had[x.tenant][x.dir][x.at+1] {
				last++
			}
			e.gap(statement.Gap{Source: d.Source, Kind: statement.CoveragePersons, Tenant: x.tenant, From: d.Taken[x.at].Day.String(), Until: d.Taken[last].Day.String(),
				Message: what + ": what the reader may not list looks just like that",
				Action:  "make sure that the reader's rights and the base are what they were, and collect again; if the people are gone, accept the gap by name, with the reason"})
		case n >= 2 && 100*n >= e.Config.Checks.PersonShrink*before:
			e.finding(statement.Finding{Code: "directory-shrank", Severity: statement.Error, Tenant: x.tenant, Subject: d.Source + " " + d.Taken[x.at].Day.String(), Count: n,
				Message: what, Action: "make sure that the reader's rights and the base are what they were; who was seen before is still counted for this month"})
		}
	}
}
