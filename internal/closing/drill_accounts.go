package closing

import (
	"context"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// accounts are all user accounts of each directory on the day asked for, from
// its last whole reading of that day.
func (x *drill) accounts(_ context.Context, d *drilled) error {
	tenants := map[string]string{}
	for i := range d.counted.Persons {
		for _, a := range d.counted.Persons[i].Accounts {
			tenants[a.ID] = d.counted.Persons[i].Tenant
		}
	}
	names := map[string]bool{}
	for i := range d.setup.Config.Directories {
		names[d.setup.Config.Directories[i].Name] = true
	}
	f := d.facts
	at := make([]int32, len(f.Directories))
	for i := range f.Directories {
		dm := &f.Directories[i]
		delete(names, dm.Source)
		at[i] = -1
		for k := range dm.Taken {
			if dm.Taken[k].Day == x.on {
				at[i] = int32(k)
			}
		}
		if at[i] < 0 {
			x.unread(d, dm)
		}
	}
	var never []string
	for name := range names {
		never = append(never, name)
	}
	slices.Sort(never)
	for _, name := range never {
		x.lack(d.month, "no-reading", name, x.on.String(), x.on.String())
	}
	g := groupGraph(f, at)
	for i := range f.Directories {
		if at[i] < 0 {
			continue
		}
		dm := &f.Directories[i]
		for j := range dm.Accounts.Len() {
			a := dm.Accounts.At(j)
			if a.Class != snapshot.User && a.Class != snapshot.ServiceAccount || !within(a.Span, at[i]) {
				continue
			}
			direct, nested := g.of(node{i, a.ID}, dm, a.PrimaryGroup)
			var expires any
			if !a.Expires.IsZero() {
				expires = month.DayOf(a.Expires, f.Month.Location())
			}
			var tenant any
			if t := tenants[a.ID]; t != "" {
				tenant = t
			}
			x.add("accounts", dm.Source, x.mask.mask("account", a.ID), a.Class.String(), !a.Disabled, expires, tenant, strings.Join(direct, "; "), strings.Join(nested, "; "))
		}
	}
	return nil
}

// unread says that a directory has no reading of the day, and which days beside
// it have one.
func (x *drill) unread(d *drilled, dm *snapshot.DirectoryMonth) {
	x.lack(d.month, "no-reading", dm.Source, x.on.String(), x.on.String())
	var before, after string
	for k := range dm.Taken {
		switch day := dm.Taken[k].Day; {
		case day < x.on:
			before = day.String()
		case day > x.on && after == "":
			after = day.String()
		}
	}
	if before+after != "" {
		x.lack(d.month, "nearest", dm.Source, before, after)
	}
}

func within(s snapshot.Span, at int32) bool { return s.First <= at && at <= s.Last }

// node is an account or a group of a directory, by the directory's place.
type node struct {
	directory int
	id        string
}

// graph is which groups name whom, in one reading of each directory.
type graph struct {
	in    map[node][]node // the groups that name a member
	names map[node]string
	bySID map[string]node
}

// groupGraph reads the memberships of one reading of each directory; a
// directory at -1 has none.
func groupGraph(f *snapshot.Facts, at []int32) *graph {
	g := &graph{map[node][]node{}, map[node]string{}, map[string]node{}}
	for i := range f.Directories {
		dm := &f.Directories[i]
		if at[i] < 0 {
			continue
		}
		for j := range dm.Groups {
			if x := &dm.Groups[j]; within(x.Span, at[i]) {
				n := node{i, x.ID}
				g.names[n] = x.Name
				if x.SID != "" {
					g.bySID[x.SID] = n
				}
			}
		}
		for j := range dm.Accounts.Len() {
			if a := dm.Accounts.At(j); a.SID != "" && within(a.Span, at[i]) {
				g.bySID[a.SID] = node{i, a.ID}
			}
		}
	}
	for i := range f.Directories {
		dm := &f.Directories[i]
		if at[i] < 0 {
			continue
		}
		for j := range dm.Members.Len() {
			m := dm.Members.At(j)
			if !within(m.Span, at[i]) {
				continue
			}
			member, ok := node{i, m.Key}, true
			if sid, foreign := strings.CutPrefix(m.Key, snapshot.KeySID); foreign {
				member, ok = g.bySID[sid]
			}
			if ok {
				g.in[member] = append(g.in[member], node{i, m.Group})
			}
		}
	}
	return g
}

// of are the names of the groups that an account is in, by itself and through
// others, sorted. The primary group names no members, and so stands apart.
func (g *graph) of(n node, dm *snapshot.DirectoryMonth, primary string) (direct, nested []string) {
	next := slices.Clone(g.in[n])
	if p, ok := g.bySID[primary]; ok && primary != "" && !slices.Contains(next, p) {
		next = append(next, p)
	}
	seen := map[node]bool{n: true}
	for depth := 0; len(next) > 0; depth++ {
		var more []node
		for _, x := range next {
			if seen[x] {
				continue
			}
			seen[x] = true
			if depth == 0 {
				direct = append(direct, g.names[x])
			} else {
				nested = append(nested, g.names[x])
			}
			more = append(more, g.in[x]...)
		}
		next = more
	}
	slices.Sort(direct)
	slices.Sort(nested)
	return direct, nested
}
