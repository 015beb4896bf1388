package rules

import (
	"strings"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// eventNames finds the IDs of what events name by SID or by name.
type eventNames struct {
	ids map[string]string // by KeySID and SID, and by KeyDN and name
}

func (b *interim) newEventNames() *eventNames {
	n := &eventNames{ids: map[string]string{}}
	byName := false
	for _, x := range b.dirs {
		for i := range x.d.Events {
			e := &x.d.Events[i]
			byName = byName || strings.HasPrefix(e.Object, snapshot.KeyDN) || strings.HasPrefix(e.Member, snapshot.KeyDN)
		}
	}
	put := func(id, sid, name string) {
		if sid != "" {
			n.ids[snapshot.KeySID+sid] = id
		}
		if !byName {
			return
		}
		if key, err := dn.Key(name); err == nil {
			n.ids[snapshot.KeyDN+dn.Text(key)] = id
		}
	}
	for _, x := range b.dirs {
		for i := range x.d.Groups {
			put(x.d.Groups[i].ID, x.d.Groups[i].SID, x.d.Groups[i].DN)
		}
		for i := range x.made {
			put(x.made[i].ID, x.made[i].SID, x.made[i].DN)
		}
	}
	for i := range b.w.spans {
		s := b.w.state(&b.w.spans[i])
		put(b.w.accounts[b.w.spans[i].account].id, s.SID, s.DN)
	}
	return n
}

func (n *eventNames) id(key string) string {
	if id, ok := n.ids[key]; ok {
		return id
	}
	return key
}

// member is by what a membership of a directory names its member: one of another
// domain stands in it by its SID.
func (b *interim) member(x *betweenDir, key string) string {
	id := b.names.id(key)
	if a, ok := b.accounts[id]; ok && b.dirs[b.w.accounts[a].dir] != x && strings.HasPrefix(key, snapshot.KeySID) {
		return key
	}
	return id
}
