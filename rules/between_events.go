package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// What domain controllers' Security logs tell of a gap between two readings. An
// event is evidence of how something stood right before it and right after it; a
// log may lack events. So events add stretches in which somebody had access, and
// take none away: more evidence never lowers a count.

// sameMoment is how far apart a log and the directory may tell of one change, and
// settled is after how long every controller has heard of it.
const (
	sameMoment = 2 * time.Minute
	settled    = 24 * time.Hour
)

// lastWord is what the directory said last of a thing.
type lastWord struct {
	c    snapshot.Change
	said time.Time // the last reading that said it
}

// place puts a directory's events where they belong: into its memberships and to its
// accounts, each in its gap.
func (b *interim) place(x *betweenDir) {
	if len(x.d.Events) == 0 {
		return
	}
	if b.names == nil {
		b.names = b.newEventNames()
	}
	groups := map[string]bool{}
	for i := range x.d.Groups {
		groups[x.d.Groups[i].ID] = true
	}
	for i := range x.made {
		groups[x.made[i].ID] = true
	}
	for i := range x.d.Events {
		e := &x.d.Events[i]
		gap, ok := x.gap(e.Time)
		if !ok || !e.Time.Before(b.until) || gap == 0 && e.Time.Before(b.from) {
			continue
		}
		l := located{gap: gap, file: e.File, event: e.ID, what: e.What, Change: snapshot.Change{Object: b.names.id(e.Object), Changed: e.Time.UTC(),
			Origin: strings.ToUpper(snapshot.HostKey(e.Computer)), Line: e.Line}}
		switch e.What {
		case snapshot.Added, snapshot.Removed:
			if l.Link, l.Key, l.Gone = true, b.member(x, e.Member), e.What == snapshot.Removed; !groups[l.Object] {
				continue // of another domain, or of a unit that is not read
			}
			k := linkKey{l.Object, l.Key}
			if x.links[k] == nil {
				x.links[k] = &betweenLink{group: l.Object, key: l.Key}
			}
			x.links[k].events = append(x.links[k].events, l)
		case snapshot.Created, snapshot.CreatedOff, snapshot.Enabled, snapshot.Disabled, snapshot.Erased:
			x.signs[l.Object] = append(x.signs[l.Object], l)
		}
	}
	for _, l := range x.links {
		l.events = slices.CompactFunc(l.events, func(p, q located) bool { // told in two ways
			return p.Gone == q.Gone && q.Changed.Sub(p.Changed) <= 2*time.Second
		})
		for i := range l.changes {
			c := &l.changes[i]
			for _, e := range l.events {
				if e.Gone == c.Gone && e.Changed.Sub(c.Changed).Abs() <= sameMoment {
					c.event, c.both = e.event, true
				}
			}
		}
	}
	b.lastWords(x)
}

// eventStays works out the stretches of a membership that its events prove.
func (b *interim) eventStays(x *betweenDir, l *betweenLink) {
	n := len(x.d.Taken)
	for i := 0; i < len(l.events); {
		gap := l.events[i].gap
		left, right, begun := x.sides(gap)
		on := begun && l.stood(left, n)
		if begun && left < 0 && !on && l.events[i].Gone {
			on = l.stood(0, n) // the reading before tells what ended, not what went on
		}
		s := stay{from: b.start(x, gap)}
		last := s.from
		for ; i < len(l.events) && l.events[i].gap == gap; i++ {
			e := &l.events[i]
			switch {
			case !e.Gone && !on:
				on, s = true, stay{from: e.Changed, fromKnown: true, change: e}
			case e.Gone:
				// It stood right before; since when is told by the event before, by the
				// reading, or not at all.
				if !on {
					s = stay{from: last, unsure: true}
				}
				s.until, s.untilKnown, s.change = e.Changed, true, e
				if s.from.Before(s.until) {
					l.ways = append(l.ways, s)
				}
				on, s = false, stay{}
			}
			last = e.Changed
		}
		if !on || !s.fromKnown {
			continue
		}
		s.until, s.unsure = x.ends[gap], !l.stood(right, n)
		for j := range l.changes { // the log lacks the end, and the directory tells it
			if c := &l.changes[j]; c.gap == gap && c.Gone && c.Changed.After(s.from) {
				s.until, s.untilKnown, s.unsure = c.Changed, true, c.Version > 2
			}
		}
		if a, ok := b.accounts[l.key]; ok && !s.untilKnown { // or the account went with it
			if d := b.deleted(x, b.w.accounts[a].id); d != nil && d.Gone.After(s.from) && !d.Gone.After(s.until) {
				s.until, s.untilKnown, s.unsure = d.Gone, true, false
			}
		}
		l.ways = append(l.ways, s)
	}
}

// ownEvents notes the moments at which accounts could sign in by their events.
func (b *interim) ownEvents(x *betweenDir) {
	for id, list := range x.signs {
		a, ok := b.accounts[id]
		if !ok {
			continue
		}
		for i := range list {
			switch c := &list[i]; c.what {
			case snapshot.Created, snapshot.Enabled:
				if !b.goodAfter(a, c.Changed) {
					b.add(a, c.Changed)
				}
			case snapshot.Disabled, snapshot.Erased:
				b.add(a, c.Changed.Add(-time.Second))
			}
		}
	}
	for i := range b.w.logged {
		b.gone(x, &b.w.logged[i])
	}
}

// signed lets an account sign in at a moment of a gap where its events prove that it
// could; doubt says that the readings alone leave it open when.
func (x *betweenDir) signed(id string, gap int, t time.Time, doubt bool, acc *snapshot.Account, how *stay) {
	var was, next *located
	for i := range x.signs[id] {
		c := &x.signs[id][i]
		switch {
		case c.gap != gap:
		case !c.Changed.After(t):
			was = c
		case next == nil:
			next = c
		}
	}
	if !acc.Disabled && !doubt {
		// The log says that it could not, and the readings do not: it was counted
		// without the log, and is still.
		how.unsure = how.unsure || was != nil && (was.what == snapshot.Disabled || was.what == snapshot.CreatedOff)
		return
	}
	begun := was != nil && (was.what == snapshot.Created || was.what == snapshot.Enabled)
	ends := next != nil && (next.what == snapshot.Disabled || begun && next.what == snapshot.Erased)
	if !begun && (was != nil || !ends) {
		return
	}
	acc.Disabled, how.unsure = false, how.unsure && !doubt
	if begun {
		how.begin(was)
	}
	if ends {
		how.end(next)
	}
}

// tell says by what a stretch is proved.
func (c *located) tell(out *statement.Between) {
	out.Origin, out.At = c.Origin, snapshot.Evidence{File: c.file, Line: c.Line}
	switch {
	case c.both:
		out.By = statement.ByBoth
	case c.event != 0:
		out.By = statement.ByEvent
	}
}

// loggedAccounts are accounts that nothing tells of but events: made and deleted
// between two readings, where the reader may not see what is deleted.
func (w *world) loggedAccounts(d *snapshot.DirectoryMonth, told []snapshot.Deleted) (out []snapshot.Deleted) {
	type life struct {
		snapshot.Deleted
		made, on bool
	}
	known, lives := map[string]bool{}, map[string]*life{}
	for i := range d.Events {
		if e := &d.Events[i]; e.What == snapshot.Erased && strings.HasPrefix(e.Object, snapshot.KeySID) {
			lives[e.Object] = nil
		}
	}
	if len(lives) == 0 {
		return nil
	}
	for i := range w.spans {
		known[snapshot.KeySID+w.state(&w.spans[i]).SID] = true
	}
	for i := range told {
		known[snapshot.KeySID+told[i].SID] = true
	}
	if d.Before != nil {
		for i := range d.Before.Accounts {
			known[snapshot.KeySID+d.Before.Accounts[i].SID] = true
		}
	}
	for i := range d.Events {
		e := &d.Events[i]
		key := e.Object
		if e.What == snapshot.Added || e.What == snapshot.Removed {
			key = e.Member
		}
		sid, is := strings.CutPrefix(key, snapshot.KeySID)
		if _, erased := lives[key]; !is || !erased || known[key] || d.SID != "" && !strings.HasPrefix(sid, d.SID+"-") {
			continue
		}
		x := lives[key]
		if x == nil {
			x = &life{}
			x.ID, x.SID, x.Class = key, sid, snapshot.User
			lives[key] = x
		}
		switch e.What {
		case snapshot.Created, snapshot.CreatedOff:
			x.made, x.Made, x.on = true, e.Time, x.on || e.What == snapshot.Created
		case snapshot.Enabled, snapshot.Disabled:
			x.on = true
		case snapshot.Erased:
			x.Gone = e.Time
		}
		x.DN = cmp.Or(x.DN, e.DN)
		if key == e.Object {
			x.Name = cmp.Or(e.Name, x.Name)
		}
	}
	for _, x := range lives {
		if x == nil || !x.made || x.Gone.IsZero() {
			continue // it may have lived long, in a unit that is not read
		}
		x.Disabled = !x.on
		x.Name = cmp.Or(x.Name, x.SID)
		out = append(out, x.Deleted)
	}
	slices.SortFunc(out, func(x, y snapshot.Deleted) int { return strings.Compare(x.ID, y.ID) })
	return out
}

// lastWords finds what the directory said last of the memberships and accounts of
// which events tell.
func (b *interim) lastWords(x *betweenDir) {
	put := func(c *snapshot.Change, said time.Time) {
		k := linkKey{c.Object, c.Key}
		if c.Link && (x.links[k] == nil || len(x.links[k].events) == 0) || !c.Link && (c.Key != "useraccountcontrol" || len(x.signs[c.Object]) == 0) {
			return
		}
		if w, ok := x.last[k]; !ok || said.After(w.said) {
			x.last[k] = lastWord{*c, said}
		}
	}
	for i := range x.d.Changes {
		c := &x.d.Changes[i]
		put(&c.Change, x.d.Taken[c.Last].Time)
	}
	if x.d.After != nil {
		for i := range x.d.After.Changes {
			put(&x.d.After.Changes[i], x.d.After.Time)
		}
	}
}

// contradictions are sentences on what logs and directory tell otherwise of one
// thing, sorted.
func (b *interim) contradictions() []string {
	var out []string
	at := func(t time.Time) string { return t.In(b.w.m.Location()).Format("2 January 15:04:05") }
	for _, x := range b.dirs {
		name := func(id string) string {
			for i := range x.d.Groups {
				if x.d.Groups[i].ID == id {
					return x.d.Groups[i].Name
				}
			}
			for i := range x.made {
				if x.made[i].ID == id {
					return x.made[i].Name
				}
			}
			if a, ok := b.accounts[id]; ok {
				return b.w.accountName(a)
			}
			return strings.TrimPrefix(id, snapshot.KeySID)
		}
		for k, l := range x.links {
			w, told := x.last[k]
			if !told || len(l.events) == 0 {
				continue
			}
			e := &l.events[len(l.events)-1]
			what := fmt.Sprintf("the Security log of %s says that %s came into %s on %s", e.Origin, name(k.key), name(k.group), at(e.Changed))
			if e.Gone {
				what = fmt.Sprintf("the Security log of %s says that %s left %s on %s", e.Origin, name(k.key), name(k.group), at(e.Changed))
			}
			before := 0
			for i := range l.events {
				if l.events[i].Changed.Sub(w.c.Changed) <= sameMoment {
					before++
				}
			}
			switch d := e.Changed.Sub(w.c.Changed); {
			case d > sameMoment && w.said.Sub(e.Changed) > settled:
				out = append(out, fmt.Sprintf("%s, and the directory knows of no change of it after %s", what, at(w.c.Changed)))
			case d.Abs() <= sameMoment && e.Gone != w.c.Gone:
				out = append(out, fmt.Sprintf("%s, and the directory that its change of that moment was the contrary", what))
			case before > int(w.c.Version):
				out = append(out, fmt.Sprintf("%s, one of %d changes, and the directory counts %d up to %s", what, before, w.c.Version, at(w.c.Changed)))
			}
		}
		for id, list := range x.signs {
			w, told := x.last[linkKey{id, "useraccountcontrol"}]
			e := &list[len(list)-1]
			if told && (e.what == snapshot.Enabled || e.what == snapshot.Disabled) && e.Changed.Sub(w.c.Changed) > sameMoment && w.said.Sub(e.Changed) > settled {
				what := fmt.Sprintf("the Security log of %s says that %s was enabled on %s", e.Origin, name(id), at(e.Changed))
				if e.what == snapshot.Disabled {
					what = fmt.Sprintf("the Security log of %s says that %s was disabled on %s", e.Origin, name(id), at(e.Changed))
				}
				out = append(out, fmt.Sprintf("%s, and the directory knows of no change of it after %s", what, at(w.c.Changed)))
			}
		}
	}
	slices.Sort(out)
	return out
}
