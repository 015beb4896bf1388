package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// betweenStays are the stretches behind the small world's facts.
type betweenStays struct {
	b     *interim
	times []time.Time
	links [][]stay         // by directory and place in its members
	signs map[signKey]stay // by account and moment
	open  bool             // there are such as are asked about
}

type signKey struct {
	id     string
	moment int32
}

// facts are those of the small world: the accounts concerned, at their moments,
// with the groups above them; with open, also those of which it is not told whether
// they could sign in.
func (b *interim) facts(open bool) (*snapshot.Facts, *betweenStays) {
	out := &betweenStays{b: b, signs: map[signKey]stay{}}
	for t := range b.moments {
		out.times = append(out.times, time.Unix(0, t).UTC())
	}
	slices.SortFunc(out.times, time.Time.Compare)
	place := map[int64]int32{}
	var taken []snapshot.Taken
	for i, t := range out.times {
		place[t.UnixNano()] = int32(i)
		taken = append(taken, snapshot.Taken{Time: t, Day: month.DayOf(t, b.w.m.Location())})
	}
	keys := map[string]int32{} // by which the accounts concerned are members
	for a := range b.who {
		keys[b.w.accounts[a].id] = a
		if sid := b.w.lastState(a).SID; sid != "" {
			keys[snapshot.KeySID+sid] = a
		}
	}
	f := &snapshot.Facts{Month: b.w.m}
	for di, x := range b.dirs {
		d := snapshot.DirectoryMonth{Source: x.d.Source, Site: x.d.Site, Domain: x.d.Domain, DNS: x.d.DNS, SID: x.d.SID, Taken: taken}
		d.Accounts = b.accountsAt(int32(di), place, out, open)
		for i := range x.d.Groups {
			g := x.d.Groups[i]
			if span, ok := x.during(g.Span, out.times); ok {
				g.Span = span
				d.Groups = append(d.Groups, g)
			}
		}
		d.Groups = append(d.Groups, x.madeBy(out.times)...)
		slices.SortFunc(d.Groups, func(p, q snapshot.GroupSpan) int {
			return cmp.Or(strings.Compare(p.ID, q.ID), cmp.Compare(p.First, q.First))
		})
		rows, stays := b.membersAt(x, keys, place, out.times)
		d.Members = snapshot.ListOf(rows...)
		out.links = append(out.links, stays)
		f.Directories = append(f.Directories, d)
	}
	return f, out
}

// during is the run of moments in gaps that touch a run of readings.
func (x *betweenDir) during(s snapshot.Span, times []time.Time) (snapshot.Span, bool) {
	out := snapshot.Span{First: -1}
	for i, t := range times {
		gap, ok := x.gap(t)
		if !ok {
			continue
		}
		left, right, begun := x.sides(gap)
		n := int32(len(x.d.Taken))
		left, right = max(left, 0), min(right, n-1)
		if begun && s.First <= left && left <= s.Last || s.First <= right && right <= s.Last {
			if out.First < 0 {
				out.First = int32(i)
			}
			out.Last = int32(i)
		}
	}
	return out, out.First >= 0
}

func (b *interim) accountsAt(di int32, place map[int64]int32, out *betweenStays, open bool) snapshot.List[snapshot.AccountSpan] {
	var rows []snapshot.AccountSpan
	for a, moments := range b.who {
		if b.w.accounts[a].dir != di {
			continue
		}
		for t := range moments {
			acc, how, ok := b.signs(a, time.Unix(0, t).UTC())
			out.open = out.open || ok && how.open
			if !ok || how.open && !open {
				continue
			}
			at := place[t]
			rows = append(rows, snapshot.AccountSpan{Account: acc, Span: snapshot.Span{First: at, Last: at}})
			out.signs[signKey{acc.ID, at}] = how
		}
	}
	slices.SortFunc(rows, func(p, q snapshot.AccountSpan) int {
		return cmp.Or(strings.Compare(p.ID, q.ID), cmp.Compare(p.First, q.First))
	})
	return snapshot.ListOf(rows...)
}

// membersAt are the memberships at the moments: those of groups in groups, and
// those of the accounts concerned.
func (b *interim) membersAt(x *betweenDir, keys map[string]int32, place map[int64]int32, times []time.Time) ([]snapshot.MemberSpan, []stay) {
	type row struct {
		m snapshot.MemberSpan
		s stay
	}
	var rows []row
	groups := b.groups()
	concerned := func(key string) bool {
		_, ok := keys[key]
		return ok || groups[key] || strings.HasPrefix(key, snapshot.KeySID)
	}
	put := func(l *betweenLink, file string, line int) {
		var moments []int32
		if a, ok := keys[l.key]; ok {
			for t := range b.who[a] {
				moments = append(moments, place[t])
			}
			slices.Sort(moments)
		} else {
			for i := range times {
				moments = append(moments, int32(i))
			}
		}
		for _, at := range moments {
			s, ok := x.stands(l, times[at])
			if !ok || (x.new(l.group) || x.new(l.key)) && !x.mayBe(times[at]) {
				continue
			}
			r := row{snapshot.MemberSpan{Member: snapshot.Member{Group: l.group, Key: l.key, Line: line}, Span: snapshot.Span{First: at, Last: at}, File: file}, s}
			if s.change != nil {
				r.m.File, r.m.Line = s.change.file, s.change.Line
			}
			rows = append(rows, r)
		}
	}
	still := map[linkKey]*betweenLink{}
	for i := range x.d.Members.Len() {
		m := x.d.Members.At(i)
		k := linkKey{m.Group, m.Key}
		if x.links[k] != nil || !concerned(m.Key) {
			continue
		}
		l := still[k]
		if l == nil {
			l = &betweenLink{group: m.Group, key: m.Key}
			still[k] = l
		}
		l.seen = append(l.seen, m.Span)
	}
	if x.d.Before != nil {
		for i := range x.d.Before.Members {
			if l := still[linkKey{x.d.Before.Members[i].Group, x.d.Before.Members[i].Key}]; l != nil {
				l.before = true
			}
		}
	}
	for _, l := range still {
		put(l, "", 0)
	}
	for k, l := range x.links {
		if concerned(k.key) {
			put(l, "", 0)
		}
	}
	slices.SortFunc(rows, func(p, q row) int {
		return cmp.Or(strings.Compare(p.m.Group, q.m.Group), strings.Compare(p.m.Key, q.m.Key), cmp.Compare(p.m.First, q.m.First))
	})
	members, stays := make([]snapshot.MemberSpan, len(rows)), make([]stay, len(rows))
	for i := range rows {
		members[i], stays[i] = rows[i].m, rows[i].s
	}
	return members, stays
}

// of is the stretch of one account's access: what its last membership and its
// own state leave of each other, at the first moment that was found.
func (o *betweenStays) of(w *world, found *entitlement, r *reach) *statement.Between {
	id := w.accounts[r.account].id
	moment := int32(-1)
	for t := range w.ticks {
		if found.ticks[t/64][r.account]&(1<<(t%64)) != 0 {
			moment = int32(t)
			break
		}
	}
	out := &statement.Between{By: statement.ByMetadata}
	if moment < 0 {
		return out
	}
	s := o.signs[signKey{id, moment}]
	out.From, out.Until, out.FromKnown, out.UntilKnown, out.Unsure = s.from, s.until, s.fromKnown, s.untilKnown, s.unsure
	if s.change != nil {
		s.change.tell(out)
	}
	if r.edge >= 0 {
		if e := &w.edges[r.edge]; e.span >= 0 {
			l := o.links[e.dir][e.span]
			if l.from.After(out.From) {
				out.From, out.FromKnown = l.from, l.fromKnown
			}
			if l.until.Before(out.Until) {
				out.Until, out.UntilKnown = l.until, l.untilKnown
			}
			out.Unsure = out.Unsure || l.unsure
			if l.change != nil {
				l.change.tell(out)
			}
		}
	}
	// Where a group above came or left meanwhile, that decides.
	for _, t := range o.own(id) {
		in := found.ticks[t/64][r.account]&(1<<(t%64)) != 0
		switch at := o.times[t]; {
		case t < moment && !in && !at.Before(out.From):
			out.From, out.FromKnown = o.times[moment], true
		case t > moment && !in && at.Before(out.Until):
			out.Until, out.UntilKnown = at, true
		}
	}
	if out.From.Before(o.b.from) {
		out.From, out.FromKnown = o.b.from, true
	}
	out.From, out.Until = out.From.UTC(), out.Until.UTC()
	return out
}

// own are the moments of an account, by their places.
func (o *betweenStays) own(id string) (out []int32) {
	for t := range o.b.who[o.b.accounts[id]] {
		i, _ := slices.BinarySearchFunc(o.times, time.Unix(0, t), time.Time.Compare)
		out = append(out, int32(i))
	}
	slices.Sort(out)
	return out
}
