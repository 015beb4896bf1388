package setup

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/snapshot"
)

// peopledGroup is a group with the user accounts in it, at any depth.
type peopledGroup struct {
	group   *snapshot.Group
	members map[string]bool // of users, by id
	enabled int
	tenants []string
}

// peopledGroups are the directory's own groups with a user in them, sorted by name.
// What every domain has by itself is left out.
func peopledGroups(d *snapshot.Directory, t *units) []peopledGroup {
	users := map[string]*snapshot.Account{}
	primary := map[string][]string{} // SID of a group to the users whose primary group it is
	for i := range d.Accounts {
		if a := &d.Accounts[i]; a.Class == snapshot.User {
			users[a.ID] = a
			primary[a.PrimaryGroup] = append(primary[a.PrimaryGroup], a.ID)
		}
	}
	members := map[string][]string{}
	for _, m := range d.Members {
		members[m.Group] = append(members[m.Group], m.Key)
	}
	bySID := map[string]string{}
	for i := range d.Groups {
		g := &d.Groups[i]
		bySID[g.ID] = g.SID
	}
	var out []peopledGroup
	for i := range d.Groups {
		g := &d.Groups[i]
		if builtin(g.SID) {
			continue
		}
		c := peopledGroup{group: g, members: map[string]bool{}}
		seen := map[string]bool{g.ID: true}
		for todo := []string{g.ID}; len(todo) > 0; todo = todo[1:] { // groups may hold each other
			for _, u := range primary[bySID[todo[0]]] {
				c.members[u] = true
			}
			for _, k := range members[todo[0]] {
				switch {
				case users[k] != nil:
					c.members[k] = true
				case !seen[k] && members[k] != nil:
					seen[k] = true
					todo = append(todo, k)
				}
			}
		}
		if len(c.members) == 0 {
			continue
		}
		of := map[string]bool{}
		for id := range c.members {
			if !users[id].Disabled {
				c.enabled++
			}
			if x := t.tenantOf(users[id].DN); x != "" && !of[x] {
				of[x] = true
				c.tenants = append(c.tenants, x)
			}
		}
		slices.Sort(c.tenants)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b peopledGroup) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.group.Name), strings.ToLower(b.group.Name)), strings.Compare(a.group.ID, b.group.ID))
	})
	return out
}

// builtin says that a group is one that every domain has: its relative id is
// below 1000, or it is of the machine's own set.
func builtin(sid string) bool {
	rest, ok := strings.CutPrefix(sid, "S-1-5-21-")
	if !ok {
		return true
	}
	n, err := strconv.Atoi(rest[strings.LastIndexByte(rest, '-')+1:])
	return err == nil && n < 1000
}

// suggested is the catalog's product that a group's name speaks of; empty
// where it speaks of none, or of more than one.
func suggested(name string) string {
	n := strings.ToLower(name)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(n, w) })
	}
	// The word project says nothing of an edition.
	rest := strings.ReplaceAll(n, "project", "\x00")
	std, pro := has("standard", "std"), strings.HasSuffix(rest, "pro")
	for _, w := range []string{"professional", "pro-", "-pro", "_pro", "proplus", "pro plus", "pro_", " pro"} {
		pro = pro || strings.Contains(rest, w)
	}
	var found []string
	pick := func(ok bool, id string) {
		if ok {
			found = append(found, id)
		}
	}
	pick(has("rds", "remote desktop", "terminal server"), "rds")
	pick(has("office") && std && !pro, "office-std")
	pick(has("office") && pro && !std, "office-pro")
	pick(has("visio") && std && !pro, "visio-std")
	pick(has("visio") && pro && !std, "visio-pro")
	pick(has("project") && std && !pro, "project-std")
	pick(has("project") && pro && !std, "project-pro")
	pick(has("exchange") && has("enterprise", "-ent"), "exchange-ent")
	pick(has("sql") && has("sal", "standard", "std"), "sql-std-sal")
	if len(found) != 1 {
		return ""
	}
	return found[0]
}
