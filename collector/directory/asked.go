package directory

import (
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// A domain controller keeps far more metadata than a reading needs: some 35
// attributes of each account, and every membership there is. Nothing new can be told
// of what was not changed since the reading before, and a controller counts its own
// changes: so a live reading asks for the metadata of what was changed (uSNChanged),
// and takes over the rest as the reading before had it.

// asking is what of its changes a live directory is asked for.
type asking struct {
	live   bool           // not an export, which tells what it tells
	base   *snapshot.Told // what the readings before were told; nil: all is asked for
	after  int64          // of the controller's count: what stands above it was changed since
	recent time.Time      // without a base: what was changed later is asked for
	groups []int32        // by their numbers: those that were changed
	users  []int32        // and accounts
	asked  map[string]bool
	whole  time.Time // when all was asked for, where it was an earlier reading
}

const (
	// beforeFirst is how far back accounts are asked for their changes where there
	// was no reading before; overlap is by how much two readings overlap in it, for
	// the clocks of controllers differ.
	beforeFirst = 3 * 24 * time.Hour
	overlap     = 2 * time.Hour
	// askWhole is after how long all is asked for again: a controller that miscounts
	// shall not go unseen.
	askWhole = 7 * 24 * time.Hour
)

// ask decides what is asked for, and returns the attribute by which the directory
// tells whether an object was changed.
func (c *changes) ask(told *snapshot.Told, here snapshot.Controller, taken time.Time, log *slog.Logger) []string {
	if c.off {
		return nil
	}
	if told == nil {
		told = &snapshot.Told{}
	}
	c.live, c.asked = true, map[string]bool{}
	why := ""
	usn, known := told.At(here.Invocation)
	switch {
	case told.Taken.IsZero():
		why = "there is no reading before"
	case told.Taken.After(taken):
		why = "there is a later reading"
	case !slices.Contains(told.Metadata, snapshot.MetadataLinks) || !slices.Contains(told.Metadata, snapshot.MetadataAccounts):
		why = "the reading before was told of none"
	case !known:
		why = "this domain controller did not answer before, or does not say which it is"
	case usn > here.USN:
		why = "the domain controller counts fewer changes than before"
	case taken.Sub(told.Whole) >= askWhole:
		why = "it is a week since all was asked for"
	default:
		c.base, c.after, c.whole = told, usn, told.Whole
		return []string{"uSNChanged"}
	}
	log.Debug("all that the directory tells of changes is asked for", "why", why)
	c.recent = told.Taken
	if c.recent.IsZero() || c.recent.After(taken) {
		c.recent = taken.Add(-beforeFirst)
	}
	if c.since.After(c.recent) {
		c.recent = c.since
	}
	c.recent = c.recent.Add(-overlap)
	return []string{"whenChanged"}
}

// unchangedAfter and unchangedSince say of an object that nothing of it was changed,
// by its uSNChanged or its whenChanged; where that cannot be read, it may have been.
func (c *changes) unchangedAfter(value []byte) bool {
	if c.base == nil {
		return false
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return err == nil && n <= c.after
}

func (c *changes) unchangedSince(value []byte) bool {
	if !c.live || c.base != nil {
		return false
	}
	t := generalizedTime(value)
	return !t.IsZero() && t.Before(c.recent)
}

// met notes an account or a group that was changed.
func (c *changes) met(e *entry, o object) {
	switch {
	case !c.live || e.still:
	case o.class == group:
		c.groups = append(c.groups, o.index)
	default:
		c.users = append(c.users, o.index)
	}
}

// wantedGroups are the numbers of the groups whose links are asked for: those that
// were changed, those that the reading before did not have, and those of whose
// members it was told otherwise than they are.
func (r *resolver) wantedGroups(d *snapshot.Directory) []int32 {
	c := &r.changes
	var out []int32
	if c.base == nil {
		for i := range r.groups {
			out = append(out, int32(i))
		}
		return out
	}
	wanted := make([]bool, len(d.Groups)) // by place
	for _, n := range c.groups {
		wanted[r.places[n]] = true
	}
	known, m := 0, 0
	for i, at := 0, 0; i < len(d.Groups); i++ {
		id := d.Groups[i].ID
		for known < len(c.base.Groups) && c.base.Groups[known] < id {
			known++
		}
		if known == len(c.base.Groups) || c.base.Groups[known] != id {
			wanted[i] = true
		}
		for ; at < len(c.base.Changes) && c.base.Changes[at].Link && c.base.Changes[at].Object <= id; at++ {
			x := &c.base.Changes[at]
			if x.Object < id {
				continue
			}
			for m < len(d.Members) && (d.Members[m].Group < id || d.Members[m].Group == id && d.Members[m].Key < x.Key) {
				m++
			}
			there := m < len(d.Members) && d.Members[m].Group == id && d.Members[m].Key == x.Key
			wanted[i] = wanted[i] || there == x.Gone
		}
	}
	for n, at := range r.places {
		if wanted[at] {
			out = append(out, int32(n))
		}
	}
	return out
}

// wantedAccounts are the IDs of the accounts whose stamps are asked for. Of one that
// can sign in now, and could in the reading before, its own changes tell nothing
// that counts: so of those that were changed, it is the ones that cannot or that
// expire, that could not lately, or that are new; and of all that cannot or that
// expire, those of which nothing was told yet.
func (r *resolver) wantedAccounts(d *snapshot.Directory) (out []string) {
	c := &r.changes
	changed := make([]bool, len(d.Accounts)) // by place
	for _, n := range c.users {
		changed[r.accounts.places[n]] = true
	}
	var stamps []snapshot.Change
	var known []string
	if c.base != nil {
		known = c.base.Accounts
		first, _ := slices.BinarySearchFunc(c.base.Changes, false, func(x snapshot.Change, _ bool) int {
			if x.Link {
				return -1
			}
			return 1
		})
		stamps = c.base.Changes[first:]
	}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		for len(known) > 0 && known[0] < a.ID {
			known = known[1:]
		}
		for len(stamps) > 0 && stamps[0].Object < a.ID {
			stamps = stamps[1:]
		}
		if a.Class != snapshot.User {
			continue
		}
		ends := a.Disabled || !a.Expires.IsZero()
		told := len(stamps) > 0 && stamps[0].Object == a.ID
		fresh := len(known) == 0 || known[0] != a.ID
		if c.base == nil {
			told, fresh = false, true
		}
		if ends && !told || changed[i] && (ends || told || fresh) {
			out = append(out, a.ID)
		}
	}
	return out
}

// carried says that the readings before were told something of one of these groups.
func (r *resolver) carried(groups []int32) bool {
	for _, n := range groups {
		if _, ok := slices.BinarySearchFunc(r.changes.base.Changes, r.groups[n].ID, func(x snapshot.Change, id string) int {
			if !x.Link {
				return 1
			}
			return strings.Compare(x.Object, id)
		}); ok {
			return true
		}
	}
	return false
}

// carry takes over what the reading before was told of what was not asked for again.
func (r *resolver) carry(d *snapshot.Directory, put func(*snapshot.Change)) {
	c := &r.changes
	if c.base == nil {
		return
	}
	for i := range c.base.Changes {
		x := &c.base.Changes[i]
		if c.asked[x.Object] {
			continue
		}
		if x.Link {
			if _, there := slices.BinarySearchFunc(d.Groups, x.Object, func(g snapshot.Group, id string) int { return strings.Compare(g.ID, id) }); there && !x.Changed.Before(c.since) {
				put(x)
			}
			continue
		}
		if n, there := slices.BinarySearchFunc(d.Accounts, x.Object, func(a snapshot.Account, id string) int { return strings.Compare(a.ID, id) }); there && c.ofUse(&d.Accounts[n], x.Changed) {
			put(x)
		}
	}
	for _, what := range c.base.Metadata {
		if what != snapshot.MetadataDeleted {
			c.told[what] = true
		}
	}
}

// ofUse says whether the last change of an account's attribute may tell anything.
func (c *changes) ofUse(a *snapshot.Account, changed time.Time) bool {
	return a.Class == snapshot.User && (a.Disabled || !a.Expires.IsZero() || !changed.Before(c.since))
}
