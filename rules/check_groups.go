package rules

import (
	"fmt"
	"math/bits"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// namedGroups are all groups that rules, pools and the register name, with
// what names them.
func (e *evaluation) namedGroups() (names []string, by map[string]string) {
	by = map[string]string{}
	add := func(list []string, what string) {
		for _, n := range list {
			if by[n] == "" {
				by[n] = what
				names = append(names, n)
			}
		}
	}
	for i := range e.Config.Pools {
		p := &e.Config.Pools[i]
		add(p.Users, "pool "+p.Name)
		for j := range p.Restrict {
			add(p.Restrict[j].Users, "a restriction of pool "+p.Name)
		}
	}
	for _, p := range e.products {
		add(p.Entitled.Groups, "product "+p.ID)
	}
	for i := range e.Register.Exclusions {
		if x := &e.Register.Exclusions[i]; x.Match.Kind == register.MatchGroup {
			add([]string{x.Match.Pattern}, "exclusion "+x.ID)
		}
	}
	for i := range e.Register.Tenants {
		for _, s := range e.Register.Tenants[i].Signs {
			if s.Kind == register.SignGroup {
				add([]string{s.Value}, "tenant "+e.Register.Tenants[i].ID)
			}
		}
	}
	sort.Strings(names)
	return names, by
}

// gives says that a group that something names gives access by it.
func gives(by string) bool {
	return strings.HasPrefix(by, "pool ") || strings.HasPrefix(by, "product ")
}

// entitling are the names of the groups that give access to something.
func (e *evaluation) entitling() (out []string) {
	names, by := e.namedGroups()
	for _, n := range names {
		if gives(by[n]) {
			out = append(out, n)
		}
	}
	return out
}

// checkGroups finds groups that do not exist, that were renamed or were missing
// for a time, and groups that let in more than anybody meant (docs/licensing.md 6.2,
// check 3).
func checkGroups(e *evaluation) {
	if len(e.w.ticks) == 0 {
		return
	}
	names, by := e.namedGroups()
	seen := map[int32]bool{}
	var sc scratch
	for _, name := range names {
		found := map[int32]bool{}
		var nodes []int32
		for _, b := range e.w.batches() {
			for _, r := range e.w.roots([]string{name}, b) {
				if !found[r.node] {
					found[r.node] = true
					nodes = append(nodes, r.node)
				}
			}
		}
		if len(nodes) == 0 {
			e.finding(statement.Finding{Code: "group-missing", Severity: statement.Error, Subject: name,
				Message: fmt.Sprintf("group %s, named by %s, is in no directory that was read this month: nobody was counted through it", name, by[name]),
				Action:  "correct the name, or take it out; a slip of the pen must not mean zero"})
			if gives(by[name]) || strings.HasPrefix(by[name], "tenant ") {
				e.gap(statement.Gap{Source: "directories", Kind: statement.CoverageGroup, Host: name,
					Message: fmt.Sprintf("group %s, named by %s, is in no reading of the month: who is in it is not known", name, by[name]),
					Action:  "correct the name, or give the reader the right to see it; if it is gone for good, take it out of the config"})
			}
			continue
		}
		for _, n := range nodes {
			e.checkRenamed(n, name, by[name])
			if seen[n] || !gives(by[name]) && !strings.HasPrefix(by[name], "tenant ") {
				continue
			}
			seen[n] = true
			e.checkAbsent(n, by[name])
			if !gives(by[name]) {
				continue
			}
			e.checkType(n, by[name])
			e.checkBroad(n, by[name], &sc)
		}
	}
}

// checkRenamed tells of a group that no longer has the name that means it.
func (e *evaluation) checkRenamed(n int32, name, by string) {
	g := &e.w.groups[n]
	d := &e.w.dirs[g.dir]
	glob := NewGlob(name)
	last := len(g.spans) - 1
	if groupAnswers(glob, d.dir, &d.dir.Groups[g.spans[last]].Group) {
		return
	}
	all := e.w.batches()
	end := all[len(all)-1]
	if e.w.follow[glob.folded] {
		return // another group has the name by now, which is asked about
	}
	followed := false
	for _, r := range e.w.roots([]string{name}, end) {
		followed = followed || r.node == n && r.mask&end.mask(end.last, end.last) != 0
	}
	if !followed {
		return // another group has the name by now
	}
	first := last
	for first > 0 && !groupAnswers(glob, d.dir, &d.dir.Groups[g.spans[first-1]].Group) {
		first--
	}
	s := &d.dir.Groups[g.spans[first]]
	now := e.w.groupName(n)
	at := s.File
	e.finding(statement.Finding{Code: "group-renamed", Severity: statement.High, Subject: name,
		Message: fmt.Sprintf("group %s, named by %s, is called %s since %s (%s); it is the same group, and was counted through under both names", name, by, now, d.dir.Taken[s.First].Day, at),
		Action:  fmt.Sprintf("write %s in its place before the next month, in which nothing answers to the old name", now)})
}

// checkAbsent finds the days on which a group that gives access was not seen,
// though it had been.
func (e *evaluation) checkAbsent(n int32, by string) {
	g := &e.w.groups[n]
	d := e.w.dirs[g.dir].dir
	next := d.Groups[g.spans[0]].First
	if d.Before != nil && g.before != nil {
		next = 0 // it was there before the month
	}
	var days [][2]month.Day
	for i := 0; i <= len(g.spans); i++ {
		until := int32(len(d.Taken))
		if i < len(g.spans) {
			until = d.Groups[g.spans[i]].First
		}
		if next < until {
			days = append(days, [2]month.Day{d.Taken[next].Day, d.Taken[until-1].Day})
		}
		if i < len(g.spans) {
			next = d.Groups[g.spans[i]].Last + 1
		}
	}
	name := e.w.groupName(n)
	for _, x := range days {
		e.gap(statement.Gap{Source: d.Source, Kind: statement.CoverageGroup, Host: name, From: x[0].String(), Until: x[1].String(),
			Message: fmt.Sprintf("group %s, which %s counts, is not in the readings of directory %s on %s: who came to it then is not known", name, by, d.Source, span(x[0], x[1])),
			Action:  "make sure that the reader may see it; if the group is gone, accept the gap and take it out of the config"})
	}
}

// checkType tells of a named group that is a mail list.
func (e *evaluation) checkType(n int32, by string) {
	g := &e.w.groups[n]
	if len(g.mail) == 0 {
		return
	}
	name := e.w.groupName(n)
	e.finding(statement.Finding{Code: "group-distribution", Severity: statement.High, Subject: name,
		Message: fmt.Sprintf("group %s, which %s counts, is a distribution group: Windows gives nobody access by it; its members were counted because the config names it", name, by),
		Action:  "make a security group of it, or name the one by which access is given"})
}

// checkLost asks about the members of groups that give access whom no reading
// knows: accounts of a domain that is not read, or of one that is, where the
// reader may not see them (docs/proof.md 1).
func checkLost(e *evaluation) {
	var open []lost
	for _, l := range e.w.lost {
		key := e.w.dirs[l.dir].dir.Members.At(int(l.span)).Key
		if strings.HasPrefix(key, "dn:") || strings.HasPrefix(key, "sid:S-1-5-21-") {
			open = append(open, l)
		}
	}
	if len(open) == 0 {
		return
	}
	var sc scratch
	within := make([]map[int32]uint64, 0, 1)
	batches := e.w.batches()
	for _, b := range batches {
		at := map[int32]uint64{}
		for _, g := range e.w.close(e.w.roots(e.entitling(), b), b, &sc).gains {
			if !e.w.isAccount(g.node) {
				at[g.node] |= g.bits
			}
		}
		within = append(within, at)
	}
	type about struct {
		kind            statement.QuestionKind
		subject, tenant string
		own             string // the directory that should hold them
		members, groups map[string]bool
	}
	all := map[string]*about{}
	var keys []string
	for _, l := range open {
		last := int32(-1) // the last tick in which it gave something
		for bi, b := range batches {
			if m := within[bi][l.group] & b.mask(l.first, l.last); m != 0 {
				last = b.first + int32(63-bits.LeadingZeros64(m))
			}
		}
		if last < 0 {
			continue
		}
		x := about{kind: statement.AskDomain}
		key := e.w.dirs[l.dir].dir.Members.At(int(l.span)).Key
		member := strings.TrimPrefix(strings.TrimPrefix(key, "sid:"), "dn:")
		if strings.HasPrefix(key, "sid:") {
			x.subject = member[:strings.LastIndexByte(member, '-')]
			for di := range e.w.dirs {
				if e.w.dirs[di].dir.SID == x.subject {
					x.kind, x.own = statement.AskMember, e.w.dirs[di].dir.Source
				}
			}
		} else {
			x.subject = domainOf(key)
			for di := range e.w.dirs {
				if e.w.domainName(di) == x.subject {
					x.kind, x.own = statement.AskMember, e.w.dirs[di].dir.Source
				}
			}
			if x.own != "" {
				x.subject = parentName(member)
				if x.tenant = e.tenancies.of(member, e.w.days[last]); x.tenant != "" {
					x.subject = x.own + "/" + x.tenant
				}
			}
		}
		k := string(x.kind) + "\x00" + x.subject
		if all[k] == nil {
			x.members, x.groups = map[string]bool{}, map[string]bool{}
			all[k] = &x
			keys = append(keys, k)
		}
		all[k].members[member] = true
		all[k].groups[e.w.groupName(l.group)] = true
	}
	sort.Strings(keys)
	for _, k := range keys {
		e.askLost(all[k].kind, all[k].subject, all[k].tenant, all[k].own, sorted(all[k].members), sorted(all[k].groups))
	}
}

func (e *evaluation) askLost(kind statement.QuestionKind, subject, tenant, own string, members, groups []string) {
	n := len(members)
	q := statement.Question{Kind: kind, Subject: subject, Tenant: tenant, About: members, Count: n, Units: n, Assumed: "none of them was counted through these groups"}
	in := fmt.Sprintf("%s that give access (%s)", diag.Plural(len(groups), "a group", "groups"), listed(groups, 5))
	if own == "" {
		q.Message = fmt.Sprintf("%d %s of %s, a domain that no directory of the config reads, %s in %s", n, diag.Plural(n, "member", "members"), subject, diag.Plural(n, "stands", "stand"), in)
		q.Action = "read that domain too, under directories: in the config; or decide that it is foreign: that its people are licensed by somebody else"
		q.Answers = []register.Answer{register.Foreign}
	} else {
		q.State = fmt.Sprint(n)
		q.Message = fmt.Sprintf("%d %s in %s and %s in no reading of directory %s, whose domain %s", n, diag.Plural(n, "member stands", "members stand"), in, diag.Plural(n, "is", "are"), own, diag.Plural(n, "it is of", "they are of"))
		q.Action = "give the reader the right to see them, or read the whole domain; if they are no persons, or were deleted, decide that they are free"
		q.Answers = []register.Answer{register.Free}
	}
	e.ask(q)
}
