package rules

import (
	"slices"
	"strings"
	"time"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// A newcomer is an account that the first reading after the month has and no
// reading of the month: it may have been made after the last of them, and have had
// access before the month was over. That it existed at a moment is proved by its
// membership's own stamp or event; that it could sign in then, by the last change
// of userAccountControl, where that lies before the moment, or by an event. Where it
// had the membership, and its userAccountControl was changed only later, that is
// asked; where accounts' changes are not told at all it is counted, as uncertain.
// Where nothing tells of a membership, nothing is claimed.
type newcomer struct {
	account                   *snapshot.Account
	control, expires, primary *snapshot.Change // nil: not told
}

// newcomers are the accounts of the reading after the month that no reading of it
// saw, and of which something is told that happened after the last one and before
// the month's end, or so shortly before the last one that it had not heard of it.
func (w *world) newcomers(d *snapshot.DirectoryMonth) (out []*snapshot.Account) {
	if d.After == nil || len(d.Taken) == 0 {
		return nil
	}
	from := d.Taken[len(d.Taken)-1].Time.Add(-settled)
	told := map[string]bool{}
	for i := range d.After.Changes {
		if c := &d.After.Changes[i]; c.Changed.After(from) && c.Changed.Before(w.m.End()) || c.Link && c.Created.After(from) && c.Created.Before(w.m.End()) {
			told[c.Object], told[c.Key] = true, true
		}
	}
	for i := range d.Events {
		if e := &d.Events[i]; e.Time.After(from) && e.Time.Before(w.m.End()) {
			told[e.Object], told[e.Member] = true, true
		}
	}
	for i := range d.After.Accounts {
		a := &d.After.Accounts[i]
		if _, seen := w.accountByID[a.ID]; seen || a.Class != snapshot.User {
			continue
		}
		key, err := dn.Key(a.DN)
		if told[a.ID] || a.SID != "" && told[snapshot.KeySID+a.SID] || err == nil && told[snapshot.KeyDN+dn.Text(key)] {
			out = append(out, a)
		}
	}
	return out
}

// addNewcomers notes those of a directory, with what is told of their own changes,
// and the moment from which on each can sign in.
func (b *interim) addNewcomers(x *betweenDir) {
	if x.d.After == nil {
		return
	}
	for i := range x.d.After.Accounts {
		acc := &x.d.After.Accounts[i]
		if a, ok := b.accounts[acc.ID]; ok && b.w.came[a] {
			x.came[acc.ID] = &newcomer{account: acc}
		}
	}
	for i := range x.d.After.Changes {
		c := &x.d.After.Changes[i]
		n := x.came[c.Object]
		if n == nil || c.Link {
			continue
		}
		switch c.Key {
		case "useraccountcontrol":
			n.control = c
			if _, in := x.gap(c.Changed); in && !n.account.Disabled {
				b.add(b.accounts[c.Object], c.Changed)
			}
		case "accountexpires":
			n.expires = c
		case "primarygroupid":
			n.primary = c
		}
	}
}

// arrives is how a newcomer was at a moment, and whether it could sign in; open says
// that it had come by then, and that nothing tells whether it could.
func (x *betweenDir) arrives(id string, n *newcomer, from, t time.Time) (acc snapshot.Account, how stay, ok bool) {
	last := x.d.Taken[len(x.d.Taken)-1].Time
	if t.Before(last.Add(-settled)) || !t.Before(x.d.After.Time) {
		return acc, how, false
	}
	if t.Before(last) {
		last = last.Add(-settled) // it had not heard of it
	}
	acc, how = *n.account, stay{from: from, until: x.d.After.Time}
	if how.from.Before(last) {
		how.from = last
	}
	// A user is made with Domain Users for its primary group, whatever it has later.
	if p := n.primary; !strings.HasSuffix(acc.PrimaryGroup, "-513") && (p == nil || t.Before(p.Changed)) {
		acc.PrimaryGroup = ""
	}
	can := !acc.Disabled
	acc.Disabled = acc.Disabled || n.control == nil || t.Before(n.control.Changed)
	if can && !acc.Disabled {
		how.begin(&located{Change: *n.control, file: x.d.After.File})
	}
	gap, _ := x.gap(t)
	x.signed(id, gap, t, false, &acc, &how)
	if acc.Disabled && can && !x.shut(id, t) {
		// Where accounts' changes are not told at all, the dearer side.
		acc.Disabled, how.unsure, how.open = false, true, n.control != nil
	}
	if acc.ExpiredAt(t) && (n.expires == nil || t.Before(n.expires.Changed)) {
		acc.Expires, how.open = time.Time{}, true
	}
	return acc, how, !acc.Disabled && !acc.ExpiredAt(t)
}

// shut says that the last event of an account up to a moment left it unable to sign in.
func (x *betweenDir) shut(id string, t time.Time) bool {
	shut := false
	for i := range x.signs[id] {
		if c := &x.signs[id][i]; !c.Changed.After(t) {
			shut = c.what != snapshot.Created && c.what != snapshot.Enabled
		}
	}
	return shut
}

// newGroups are the groups that the first reading after the month has and no reading
// of it saw. What their memberships' own stamps tell of them, and of what they stand
// in, is all that proves that they were there.
func newGroups(d *snapshot.DirectoryMonth) (out []snapshot.Group) {
	if d.After == nil || len(d.Taken) == 0 {
		return nil
	}
	known := map[string]bool{}
	for i := range d.Groups {
		known[d.Groups[i].ID] = true
	}
	for i := range d.After.Groups {
		if !known[d.After.Groups[i].ID] {
			out = append(out, d.After.Groups[i])
		}
	}
	return out
}

// new says that a group is one of them.
func (x *betweenDir) new(id string) bool {
	_, is := slices.BinarySearchFunc(x.made, id, func(g snapshot.Group, id string) int { return strings.Compare(g.ID, id) })
	return is
}

// mayBe says that they may have been there at a moment: after the month's last
// reading, or so shortly before that it had not heard of them.
func (x *betweenDir) mayBe(t time.Time) bool {
	return !t.Before(x.d.Taken[len(x.d.Taken)-1].Time.Add(-settled)) && t.Before(x.d.After.Time)
}

// madeBy are those groups at the moments at which they may have been there.
func (x *betweenDir) madeBy(times []time.Time) (out []snapshot.GroupSpan) {
	if len(x.made) == 0 {
		return nil
	}
	span := snapshot.Span{First: -1}
	for i, t := range times {
		if !x.mayBe(t) {
			continue
		}
		if span.First < 0 {
			span.First = int32(i)
		}
		span.Last = int32(i)
	}
	if span.First < 0 {
		return nil
	}
	for i := range x.made {
		out = append(out, snapshot.GroupSpan{Group: x.made[i], Span: span, File: x.d.After.File})
	}
	return out
}
