package rules

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// broadPrincipals are the well-known identities that hold everyone.
func broadPrincipals() map[string]string {
	return map[string]string{
		"S-1-1-0":  "Everyone",
		"S-1-5-11": "Authenticated Users",
	}
}

func newWorld(f *snapshot.Facts) *world {
	groups, accounts := 0, 0
	for i := range f.Directories {
		groups, accounts = groups+len(f.Directories[i].Groups), accounts+f.Directories[i].Accounts.Len()
	}
	w := &world{m: f.Month, facts: f, accountByID: make(map[string]int32, accounts), groupByID: make(map[string]int32, groups), bySID: make(map[string]int32, accounts+groups),
		groups: make([]groupNode, 0, groups), accounts: make([]accountNode, 0, accounts)}
	w.placeTicks()
	w.addGroups()
	w.addAccounts()
	w.addEdges()
	w.bySID, w.accountByID = nil, nil // they served the edges, and are as large as they are
	return w
}

func (w *world) placeTicks() {
	for i := range w.facts.Directories {
		for _, t := range w.facts.Directories[i].Taken {
			w.ticks = append(w.ticks, t.Time.UTC())
		}
	}
	sort.Slice(w.ticks, func(i, j int) bool { return w.ticks[i].Before(w.ticks[j]) })
	n := 0
	for i, t := range w.ticks {
		if i == 0 || !t.Equal(w.ticks[n-1]) {
			w.ticks[n] = t
			n++
		}
	}
	w.ticks = w.ticks[:n]
	w.days, w.bits = make([]month.Day, n), make([]uint32, n)
	for i, t := range w.ticks {
		w.days[i] = month.DayOf(t, w.m.Location())
		w.bits[i] = snapshot.DayBit(w.days[i])
	}
	for i := range w.facts.Directories {
		d := &w.facts.Directories[i]
		dt := dirTicks{dir: d, at: make([]int32, len(d.Taken))}
		for j, t := range d.Taken {
			dt.at[j] = int32(sort.Search(n, func(k int) bool { return !w.ticks[k].Before(t.Time) }))
		}
		w.dirs = append(w.dirs, dt)
	}
}

func (w *world) addGroups() {
	for di := range w.dirs {
		d := w.dirs[di].dir
		for i := range d.Groups {
			g := &d.Groups[i]
			n, ok := w.groupByID[g.ID]
			if !ok {
				n = int32(len(w.groups))
				w.groupByID[g.ID] = n
				w.groups = append(w.groups, groupNode{dir: di, id: g.ID})
			}
			w.groups[n].spans = append(w.groups[n].spans, int32(i))
			if g.Distribution() {
				first, last := w.dirs[di].extended(g.Span, len(w.ticks))
				w.groups[n].mail = append(w.groups[n].mail, ticks{first, last})
			}
			if g.SID != "" {
				w.bySID[g.SID] = n
			}
		}
	}
	for di := range w.dirs {
		if before := w.dirs[di].dir.Before; before != nil {
			for i := range before.Groups {
				if n, ok := w.groupByID[before.Groups[i].ID]; ok {
					w.groups[n].before = &before.Groups[i]
				}
			}
		}
	}
	// A broad principal that is a member anywhere is a group of its own, one
	// a directory: all of that directory's users are in it.
	for di := range w.dirs {
		seen, known := map[string]bool{}, broadPrincipals()
		for i := range w.dirs[di].dir.Members.Len() {
			sid, ok := strings.CutPrefix(w.dirs[di].dir.Members.At(i).Key, "sid:")
			name := known[sid]
			if !ok || name == "" || seen[sid] {
				continue
			}
			seen[sid] = true
			id := broadID(di, sid)
			w.groupByID[id] = int32(len(w.groups))
			w.groups = append(w.groups, groupNode{dir: di, id: id, broad: name})
		}
	}
}

func broadID(dir int, sid string) string { return "broad:" + string(rune('0'+dir)) + ":" + sid }

func (w *world) addAccounts() {
	w.spans = make([]accountSpan, 0, cap(w.accounts))
	for di := range w.dirs {
		dt := &w.dirs[di]
		for i, a := range dt.dir.Accounts.All() {
			n, ok := w.accountByID[a.ID]
			if !ok {
				n = int32(len(w.accounts))
				w.accountByID[a.ID] = n
				w.accounts = append(w.accounts, accountNode{id: a.ID})
			}
			first, last := dt.own(a.Span)
			w.spans = append(w.spans, accountSpan{n, int32(di), int32(i), first, last, a.Class, a.Disabled, !a.Expires.IsZero()})
		}
	}
	w.addUnseen()
	for i := range w.accounts {
		if i > 0 && w.accounts[i].id < w.accounts[i-1].id {
			w.runs = append(w.runs, int32(i))
		}
	}
	w.runs = append(w.runs, int32(len(w.accounts)))
	order := func(x, y accountSpan) int {
		return cmp.Or(cmp.Compare(x.account, y.account), cmp.Compare(x.first, y.first))
	}
	if !slices.IsSortedFunc(w.spans, order) {
		slices.SortStableFunc(w.spans, order)
	}
	for i := range w.spans {
		s := &w.spans[i]
		a := &w.accounts[s.account]
		if i == 0 || w.spans[i-1].account != s.account {
			a.from = int32(i)
		}
		a.until, a.dir = int32(i+1), s.dir
		if sid := w.state(s).SID; sid != "" {
			w.bySID[sid] = w.node(s.account)
		}
	}
}

func (w *world) addEdges() {
	room := len(w.accounts)
	for di := range w.dirs {
		room += w.dirs[di].dir.Members.Len()
	}
	w.edges = make([]edge, 0, room)
	named := w.namesOf()
	for di := range w.dirs {
		dt := &w.dirs[di]
		for i := range dt.dir.Members.Len() {
			m := dt.dir.Members.At(i)
			g, ok := w.groupByID[m.Group]
			if !ok {
				continue
			}
			first, last := dt.extended(m.Span, len(w.ticks))
			if strings.HasPrefix(m.Key, snapshot.KeyDN) {
				for _, n := range named[m.Key] {
					w.edges = append(w.edges, edge{g, n, first, last, int32(di), int32(i)})
				}
				if len(named[m.Key]) == 0 {
					w.lost = append(w.lost, lost{g, first, last, int32(di), int32(i)})
				}
				continue
			}
			n, ok := w.memberNode(di, m.Key)
			if ok {
				w.edges = append(w.edges, edge{g, n, first, last, int32(di), int32(i)})
			} else if strings.HasPrefix(m.Key, snapshot.KeySID) {
				w.lost = append(w.lost, lost{g, first, last, int32(di), int32(i)})
			}
		}
	}
	w.addCameEdges()
	broad := make([][]int32, len(w.dirs)) // the directory's groups that hold all its users
	for g := range w.groups {
		if n := &w.groups[g]; n.broad != "" {
			broad[n.dir] = append(broad[n.dir], int32(g))
		}
	}
	for i := range w.spans {
		s := &w.spans[i]
		if sid := w.state(s).PrimaryGroup; sid != "" {
			if g, ok := w.bySID[sid]; ok && !w.isAccount(g) {
				w.edges = append(w.edges, edge{g, w.node(s.account), s.first, s.last, s.dir, -1})
			}
		}
		if s.class != snapshot.User {
			continue
		}
		for _, g := range broad[s.dir] {
			w.edges = append(w.edges, edge{g, w.node(s.account), s.first, s.last, s.dir, -1})
		}
	}
	slices.SortFunc(w.edges, func(a, b edge) int {
		if a.group != b.group { // the rest is cheap only where it is not needed
			return cmp.Compare(a.group, b.group)
		}
		return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.first, b.first), cmp.Compare(a.last, b.last),
			cmp.Compare(a.dir, b.dir), cmp.Compare(b.span, a.span)) // a membership that was read before one that follows from the account
	})
	w.start = make([]int32, len(w.groups)+1)
	for _, e := range w.edges {
		w.start[e.group+1]++
	}
	for i := range w.groups {
		w.start[i+1] += w.start[i]
	}
}

// memberNode finds what a member key that is no name stands for.
func (w *world) memberNode(dir int, key string) (int32, bool) {
	if sid, ok := strings.CutPrefix(key, snapshot.KeySID); ok {
		if n, ok := w.bySID[sid]; ok {
			return n, true
		}
		n, ok := w.groupByID[broadID(dir, sid)]
		return n, ok
	}
	if n, ok := w.accountByID[key]; ok {
		return w.node(n), true
	}
	n, ok := w.groupByID[key]
	return n, ok
}
