package directory

import (
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// membersSince are the members of this reading, of which those of groups that were
// taken over, and whose members are who they were, are those of the reading before.
func (r *resolver) membersSince(d *snapshot.Directory) {
	m := r.was
	moved := r.moved(d)
	number := make([]int32, len(d.Groups)) // by place
	for n, place := range r.places {
		number[place] = int32(n)
	}
	d.Members = make([]snapshot.Member, 0, len(r.links))
	ends := append(slices.Clone(r.starts), int32(len(r.links)))[1:]
	var order []ranked
	for place, n := range number {
		links := r.links[r.starts[n]:ends[n]]
		g := &d.Groups[place]
		was := r.stood[n]
		if was >= 0 && !slices.ContainsFunc(links, func(l link) bool { return moved[l.member] }) {
			further := g.Line - m.d.Groups[was].Line
			for _, x := range m.d.Members[m.members[was]:m.members[was+1]] {
				x.Line += further
				d.Members = append(d.Members, x)
			}
			continue
		}
		r.stood[n] = -1
		order = order[:0]
		for i, l := range links {
			order = append(order, ranked{head(r.memberKeys[l.member]), int32(i)})
		}
		sortRanked(order, func(i int32) string { return r.memberKeys[links[i].member] })
		for i, o := range order {
			key, line := r.memberKeys[links[o.number].member], int(links[o.number].line)
			if i > 0 && key == r.memberKeys[links[order[i-1].number].member] {
				last := &d.Members[len(d.Members)-1]
				last.Line = min(last.Line, line)
				continue
			}
			d.Members = append(d.Members, snapshot.Member{Group: g.ID, Key: key, Line: line})
		}
	}
}

// moved says of each name whether it stands for another than in the reading before;
// the keys of members are then those of now.
func (r *resolver) moved(d *snapshot.Directory) []bool {
	m := r.was
	keys := append(m.keys, make([]string, len(r.of)-len(m.keys))...)
	out := make([]bool, len(r.of))
	look := func(n int32) {
		if was := keys[n]; was != "" {
			keys[n] = r.memberKey(d, n)
			out[n] = out[n] || keys[n] != was // it may be looked at twice
		}
	}
	for _, n := range r.read {
		look(n)
	}
	m.eachGone(look)
	for _, l := range r.links {
		if keys[l.member] == "" {
			keys[l.member] = r.memberKey(d, l.member)
		}
	}
	r.memberKeys = keys
	return out
}

// eachGone tells the names of the entries that were not taken over.
func (m *memory) eachGone(tell func(node int32)) {
	for i, used := range m.used {
		if !used {
			tell(m.records[i].node)
		}
	}
	for _, n := range m.others {
		tell(n)
	}
}

// since says in what a reading differs from the one before; nothing where either
// tells of changes, which are compared whole.
func (r *resolver) since(d *snapshot.Directory) *snapshot.Since {
	m := r.was
	if len(d.Changes)+len(d.Deleted)+len(m.d.Changes)+len(m.d.Deleted) > 0 {
		return nil
	}
	out := &snapshot.Since{Taken: m.d.Taken}
	for n, t := range r.accounts.taken {
		if t.at < 0 {
			out.Accounts = append(out.Accounts, r.accounts.places[n])
		}
	}
	kept := make([]bool, len(m.d.Groups)) // by place before: its members too
	byID := func(g snapshot.Group, id string) int { return strings.Compare(g.ID, id) }
	for n, was := range r.stood {
		if was >= 0 {
			kept[was] = true
			continue
		}
		place := r.places[n]
		out.Groups = append(out.Groups, place)
		r.membersUnlike(d, out, place)
	}
	for i, fresh := range r.freshUnits {
		if fresh {
			place, _ := slices.BinarySearchFunc(d.Units, r.unitsRead[i].ID, unitByID)
			out.Units = append(out.Units, int32(place))
		}
	}
	for place := range m.d.Groups {
		id := m.d.Groups[place].ID
		if kept[place] {
			continue
		}
		if _, there := slices.BinarySearchFunc(d.Groups, id, byID); !there {
			out.GoneGroups = append(out.GoneGroups, id)
			out.GoneMembers = append(out.GoneMembers, m.d.Members[m.members[place]:m.members[place+1]]...)
		}
	}
	m.eachGone(func(n int32) {
		if o := m.of[n]; o.class == account {
			id := m.d.Accounts[m.accounts[o.index]].ID
			if _, there := slices.BinarySearchFunc(d.Accounts, id, func(a snapshot.Account, id string) int { return strings.Compare(a.ID, id) }); !there {
				out.GoneAccounts = append(out.GoneAccounts, id)
			}
		}
	})
	for i := range m.d.Units {
		id := m.d.Units[i].ID
		if _, there := slices.BinarySearchFunc(d.Units, id, unitByID); !there {
			out.GoneUnits = append(out.GoneUnits, id)
		}
	}
	return out
}

func unitByID(u snapshot.Unit, id string) int { return strings.Compare(u.ID, id) }

// membersUnlike compares the members of one group with those that it had before.
func (r *resolver) membersUnlike(d *snapshot.Directory, out *snapshot.Since, place int32) {
	m := r.was
	id := d.Groups[place].ID
	at, _ := slices.BinarySearchFunc(d.Members, id, func(x snapshot.Member, id string) int { return strings.Compare(x.Group, id) })
	var was []snapshot.Member
	if p, ok := slices.BinarySearchFunc(m.d.Groups, id, func(g snapshot.Group, id string) int { return strings.Compare(g.ID, id) }); ok {
		was = m.d.Members[m.members[p]:m.members[p+1]]
	}
	for ; at < len(d.Members) && d.Members[at].Group == id; at++ {
		key := d.Members[at].Key
		for len(was) > 0 && was[0].Key < key {
			out.GoneMembers = append(out.GoneMembers, was[0])
			was = was[1:]
		}
		if len(was) > 0 && was[0].Key == key {
			was = was[1:]
			continue
		}
		out.Members = append(out.Members, int32(at))
	}
	out.GoneMembers = append(out.GoneMembers, was...)
}
