package rules

import (
	"fmt"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// passed is a name that one group had and another has since, while the first is
// still there under another name: two groups that swapped names are two of these.
// Windows gives access by the group itself, whatever it is called, and the rules name
// it by its name: which of the two is meant nobody has said (docs/proof.md 1).
type passed struct {
	name     string
	from, to int32 // groups
	since    month.Day
	tick     int32 // from which on the second has it
}

func (p *passed) state() string { return "since " + p.since.String() }

// passedNames are those of the names that give access, sorted by name.
func (e *evaluation) passedNames() (out []passed) {
	for _, name := range e.entitling() {
		g := NewGlob(name)
		if !g.Plain() || strings.HasPrefix(g.folded, "s-1-") {
			continue
		}
		held := map[int][]nameHeld{} // by directory
		for n := range e.w.groups {
			if h, ok := e.w.held(g, int32(n)); ok {
				dir := e.w.groups[n].dir
				held[dir] = append(held[dir], h)
			}
		}
		for dir := range e.w.dirs {
			list := held[dir]
			sort.SliceStable(list, func(i, j int) bool { return list[i].first < list[j].first })
			for i := 1; i < len(list); i++ {
				from, to := &list[i-1], &list[i]
				if from.last < to.first && from.there >= to.first {
					d := &e.w.dirs[dir]
					out = append(out, passed{name, from.group, to.group, d.dir.Taken[to.first].Day, d.at[to.first]})
				}
			}
		}
	}
	return out
}

// nameHeld is how long a group had a name, and was there under any, by the readings
// of its directory; -1: before the month.
type nameHeld struct {
	group              int32
	first, last, there int32
}

func (w *world) held(g Glob, n int32) (h nameHeld, ok bool) {
	gn := &w.groups[n]
	if gn.broad != "" {
		return h, false
	}
	d := w.dirs[gn.dir].dir
	h = nameHeld{group: n, first: -2, there: -1}
	if gn.before != nil && groupAnswers(g, d, gn.before) {
		h.first, h.last = -1, -1
	}
	for _, i := range gn.spans {
		s := &d.Groups[i]
		h.there = max(h.there, s.Last)
		if !groupAnswers(g, d, &s.Group) {
			continue
		}
		if h.first == -2 {
			h.first = s.First
		}
		h.last = s.Last
	}
	return h, h.first != -2
}

// followNames has the access that passed names give counted through both groups for
// the whole month, unless somebody decided that the former gives nothing any more. A
// name by which an exclusion or a tenant is found as well means one group at a time.
func (e *evaluation) followNames() {
	_, by := e.namedGroups()
	for _, p := range e.passedNames() {
		if gives(by[p.name]) && !e.namedOtherwise(p.name) && e.answer(statement.AskGroup, e.passedSubject(&p), p.state()) != register.None {
			if e.w.follow == nil {
				e.w.follow = map[string]bool{}
			}
			e.w.follow[NewGlob(p.name).folded] = true
		}
	}
}

// namedOtherwise says that a name takes out, or tells whose somebody is.
func (e *evaluation) namedOtherwise(name string) bool {
	for i := range e.Register.Exclusions {
		if x := &e.Register.Exclusions[i]; x.Match.Kind == register.MatchGroup && strings.EqualFold(x.Match.Pattern, name) {
			return true
		}
	}
	for i := range e.Register.Tenants {
		for _, s := range e.Register.Tenants[i].Signs {
			if s.Kind == register.SignGroup && strings.EqualFold(s.Value, name) {
				return true
			}
		}
	}
	return false
}

func (e *evaluation) passedSubject(p *passed) string {
	if len(e.w.dirs) > 1 && !strings.Contains(p.name, `\`) {
		return e.w.dirs[e.w.groups[p.from].dir].dir.Domain + `\` + p.name
	}
	return p.name
}

// checkPassed asks about names that passed from one group to another.
func checkPassed(e *evaluation) {
	_, by := e.namedGroups()
	for _, p := range e.passedNames() {
		who := e.onlyThrough(&p)
		now, assumed := e.w.groupName(p.from), "both groups were counted through for the whole month"
		if !e.w.follow[NewGlob(p.name).folded] {
			assumed = "the former group was counted through up to then, and the other from then on"
		}
		e.ask(statement.Question{Kind: statement.AskGroup, Subject: e.passedSubject(&p), State: p.state(), About: []string{p.name, now}, Units: len(who), Assumed: assumed,
			Message: fmt.Sprintf("the name %s, named by %s, has passed to another group on %s: the one that had it is called %s since, with %d %s whom the other does not hold, and Windows goes on giving by it what it gave, whatever it is called", p.name, by[p.name], p.since, now, len(who), diag.Plural(len(who), "person", "persons")),
			Action:  fmt.Sprintf("see which of the two gives the access, and write it into the rules or the config by its name of today or its SID; if the former gives nothing any more, decide none; from the next month on only the group called %s is counted through", p.name),
			Answers: []register.Answer{register.None}})
	}
}

// onlyThrough are the persons whom the former group of a name holds since it has it no
// more, and the other does not.
func (e *evaluation) onlyThrough(p *passed) map[int32]bool {
	out, other := map[int32]bool{}, map[int32]bool{}
	var sc scratch
	for _, b := range e.w.batches() {
		since := b.mask(max(b.first, p.tick), b.last)
		if since == 0 {
			continue
		}
		for _, x := range []struct {
			group int32
			into  map[int32]bool
		}{{p.from, out}, {p.to, other}} {
			c := e.w.close([]root{{x.group, since}}, b, &sc)
			for i, a := range c.accounts {
				if enabled, _ := e.w.enabled(a, b); c.masks[i]&enabled != 0 && e.w.accounts[a].person >= 0 {
					x.into[e.w.accounts[a].person] = true
				}
			}
		}
	}
	for who := range other {
		delete(out, who)
	}
	return out
}
