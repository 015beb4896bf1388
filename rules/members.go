package rules

import (
	"maps"
	"slices"
	"strings"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// lost is one membership of a member that no directory knows.
type lost struct {
	group       int32
	first, last int32 // ticks
	dir, span   int32 // its place in the directory's Members
}

// namesOf finds, for the members that a directory knows by name alone, the
// accounts and groups of the other directories that had that name at any time
// of the month: a domain names its forest's other domains' members so, and
// learns of a rename there later.
func (w *world) namesOf() map[string][]int32 {
	wanted := map[string][]int32{}
	domains := map[string]bool{}
	for di := range w.dirs {
		for i := range w.dirs[di].dir.Members.Len() {
			key := w.dirs[di].dir.Members.At(i).Key
			if !strings.HasPrefix(key, snapshot.KeyDN) {
				continue
			}
			if _, ok := wanted[key]; !ok {
				wanted[key] = nil
				domains[domainOf(key)] = true
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	put := func(name string, n int32) {
		key, err := dn.Key(name)
		if err != nil {
			return
		}
		text := snapshot.KeyDN + dn.Text(key)
		list, ok := wanted[text]
		if ok && (len(list) == 0 || list[len(list)-1] != n) {
			wanted[text] = append(list, n)
		}
	}
	for di := range w.dirs {
		d := w.dirs[di].dir
		if !domains[w.domainName(di)] {
			continue
		}
		for i := range d.Groups {
			put(d.Groups[i].DN, w.groupByID[d.Groups[i].ID])
		}
		for _, a := range d.Accounts.All() {
			put(a.DN, w.node(w.accountByID[a.ID]))
		}
	}
	return wanted
}

// domainOf is the DNS name of the domain in which a member's name lies.
func domainOf(key string) string {
	name, err := dn.Key(strings.TrimPrefix(key, snapshot.KeyDN))
	if err != nil {
		return ""
	}
	return strings.ToLower(dn.DNS(dn.Domain(name)))
}

// domainName is the DNS name of a directory's domain, by the names in it: what
// a config says of it may be a slip of the pen.
func (w *world) domainName(di int) string {
	d := w.dirs[di].dir
	if d.Accounts.Len() > 0 {
		return domainOf(d.Accounts.At(0).DN)
	}
	return strings.ToLower(d.DNS)
}

// parentName is a member's name without its first part.
func parentName(name string) string {
	key, err := dn.Key(name)
	if err != nil {
		return name
	}
	return dn.Text(dn.Parent(key))
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
