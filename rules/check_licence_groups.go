package rules

import (
	"fmt"
	"sort"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// checkLicenceGroups asks about groups whose names show a product, that nothing
// names, and in which somebody is not counted for that product (docs/proof.md 1).
func checkLicenceGroups(e *evaluation) {
	words := licenceWords()
	mine := map[string]bool{}
	for i := range e.Register.Tenants {
		t := &e.Register.Tenants[i]
		for _, w := range append(wordsOf(t.ID), wordsOf(t.Name)...) {
			mine[w] = true
		}
	}
	shows := map[int32]shown{}
	var nodes []int32
	for n := range e.w.groups {
		g := &e.w.groups[n]
		if g.broad != "" {
			continue
		}
		last := &e.w.dirs[g.dir].dir.Groups[g.spans[len(g.spans)-1]]
		if last.Distribution() || builtIn(last.SID) {
			continue
		}
		if p := words.products(last.Name, mine); p.products != nil {
			shows[int32(n)] = p
			nodes = append(nodes, int32(n))
		}
	}
	if len(nodes) == 0 {
		return
	}
	named := e.withinNamed()
	var sc scratch
	for _, n := range nodes {
		if named[n] {
			continue
		}
		who := e.notCounted(n, shows[n], &sc)
		if len(who) == 0 {
			continue
		}
		g := &e.w.groups[n]
		subject := e.w.groupName(n)
		if len(e.w.dirs) > 1 {
			subject = e.w.dirs[g.dir].dir.Domain + `\` + subject
		}
		e.ask(statement.Question{Kind: statement.AskGroup, Subject: subject, About: who, Units: len(who), Assumed: "nothing was counted through it",
			Message: fmt.Sprintf("group %s looks as though it gave a licence, holds %d %s not counted for it, and no rule, pool or decision names it", subject, len(who), diag.Plural(len(who), "person", "persons")),
			Action:  "name it under entitled.groups of its product, or under a pool's users; or decide that it is free: that it gives no licence of this agreement",
			Answers: []register.Answer{register.Free}})
	}
}

// builtIn says that a group is one that every domain has.
func builtIn(sid string) bool {
	if strings.HasPrefix(sid, "S-1-5-32-") {
		return true
	}
	i := strings.LastIndexByte(sid, '-')
	return i >= 0 && strings.HasPrefix(sid, "S-1-5-21-") && len(sid)-i-1 <= 3 && len(sid)-i-1 > 0 && len(strings.Split(sid, "-")) == 8
}

// withinNamed are the groups that rules, pools, entries or tenants name, with
// all that they hold.
func (e *evaluation) withinNamed() map[int32]bool {
	names, _ := e.namedGroups()
	for i := range e.Register.Tenants {
		for _, s := range e.Register.Tenants[i].Signs {
			if s.Kind == register.SignGroup {
				names = append(names, s.Value)
			}
		}
	}
	out := map[int32]bool{}
	var sc scratch
	for _, b := range e.w.batches() {
		for _, g := range e.w.close(e.w.roots(names, b), b, &sc).gains {
			if !e.w.isAccount(g.node) {
				out[g.node] = true
			}
		}
	}
	return out
}

// notCounted are the names of the persons that a group holds and that are not
// counted for what its name shows, sorted.
func (e *evaluation) notCounted(n int32, what shown, sc *scratch) (out []string) {
	seen := map[int32]bool{}
	for _, b := range e.w.batches() {
		c := e.w.close([]root{{n, b.mask(b.first, b.last)}}, b, sc)
		for i, a := range c.accounts {
			p := e.w.accounts[a].person
			if p < 0 || seen[p] {
				continue
			}
			if enabled, _ := e.w.enabled(a, b); c.masks[i]&enabled == 0 {
				continue
			}
			seen[p] = true
			counted := false
			for cl := range e.claims.each(int(p)) {
				counted = counted || what.countedBy(e.products[cl.product])
			}
			if !counted {
				out = append(out, e.w.accountName(a))
			}
		}
	}
	sort.Strings(out)
	return out
}
