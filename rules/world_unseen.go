package rules

import (
	"slices"

	"splameter/internal/snapshot"
)

// addUnseen adds the accounts that were deleted within the month, or made in it,
// and that no reading of it saw. They can do nothing in any reading: what access
// they had lay between two.
func (w *world) addUnseen() {
	w.came = map[int32]bool{}
	for di := range w.dirs {
		dt := &w.dirs[di]
		if len(dt.at) == 0 {
			continue
		}
		list := dt.dir.Deleted
		if dt.dir.After != nil {
			list = slices.Concat(list, dt.dir.After.Deleted)
		}
		logged := w.loggedAccounts(dt.dir, list)
		w.logged, list = append(w.logged, logged...), slices.Concat(list, logged)
		for i := range list {
			x := &list[i]
			if _, seen := w.accountByID[x.ID]; seen || x.Class != snapshot.User || !x.Gone.After(w.m.Start()) || !x.Gone.Before(w.m.End()) && !x.Made.Before(w.m.End()) {
				continue
			}
			k := 0
			for k < len(dt.at)-1 && dt.dir.Taken[k].Time.Before(x.Gone) {
				k++
			}
			w.wasOff = append(w.wasOff, x.Disabled)
			w.addUnseenAt(di, k, &x.Account, dt.dir.Taken[k].File)
		}
		for _, a := range w.newcomers(dt.dir) {
			w.came[int32(len(w.accounts))] = true
			w.wasOff = append(w.wasOff, true)
			w.addUnseenAt(di, len(dt.at)-1, a, dt.dir.After.File)
		}
	}
}

// addUnseenAt adds one by its place among the readings: disabled.
func (w *world) addUnseenAt(di, k int, a *snapshot.Account, file string) {
	s := snapshot.AccountSpan{Account: *a, Span: snapshot.Span{First: int32(k), Last: int32(k)}, File: file}
	s.Disabled = true
	w.unseen = append(w.unseen, s)
	n, at := int32(len(w.accounts)), w.dirs[di].at[k]
	w.accountByID[a.ID] = n
	w.accounts = append(w.accounts, accountNode{id: a.ID})
	w.spans = append(w.spans, accountSpan{account: n, dir: int32(di), at: -int32(len(w.unseen)), first: at, last: at, class: snapshot.User, disabled: true})
}

// addCameEdges adds the memberships of accounts that were made after the last
// reading, as it: they give no access, since those are disabled in it, and say whose
// the account is where a tenant is known by a group.
func (w *world) addCameEdges() {
	if len(w.came) == 0 {
		return
	}
	for di := range w.dirs {
		dt := &w.dirs[di]
		if dt.dir.After == nil {
			continue
		}
		for i := range dt.dir.After.Changes {
			c := &dt.dir.After.Changes[i]
			g, ok := w.groupByID[c.Object]
			if !ok || !c.Link || c.Gone || !c.Changed.Before(w.m.End()) {
				continue
			}
			if n, ok := w.memberNode(di, c.Key); ok && w.isAccount(n) && w.came[w.account(n)] {
				at := w.spans[w.accounts[w.account(n)].from].first
				w.edges = append(w.edges, edge{g, n, at, at, int32(di), -1})
			}
		}
	}
}
