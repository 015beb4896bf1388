package rules

import (
	"slices"

	"splameter/month"
	"splameter/snapshot"
	"splameter/statement"
)

// reach is one account's way to one product over the month.
type reach struct {
	account int32
	days    uint32 // days of the month on which a snapshot saw it entitled
	first   month.Day
	last    month.Day
	// On the first day: the way, which many accounts share, the groups down to
	// the account, and where the last membership was read.
	way   *statement.Basis
	path  []string
	group snapshot.Evidence
}

// basis is the reason on the first day.
func (r *reach) basis() statement.Basis {
	b := *r.way
	b.Path, b.Group = r.path, r.group
	return b
}

// reaches holds a product's reaches by account.
type reaches struct {
	index map[int32]int32
	list  []reach
}

func (r *reaches) of(account int32) *reach {
	if i, ok := r.index[account]; ok {
		return &r.list[i]
	}
	return nil
}

// source is one way to a product: what it gives to which accounts in a batch.
type source struct {
	closure *closure
	within  uint64   // ticks in which the way is open
	less    *closure // where restricted: only these accounts …
	during  uint64   // … in these ticks
	basis   statement.Basis
	told    *told // nil: nobody came this way yet
}

// told is what the accounts of one way share, so that a hundred thousand of
// them need not have it each.
type told struct {
	ways  map[string]*statement.Basis // by directory
	paths map[step][]string
}

// step is a group at one tick.
type step struct {
	group int32
	bit   uint64
}

// explain says how an account is reached at one tick: by which way, through
// which groups, and where that was read.
func (e *entitlement) explain(r *reach, s *source, bit uint64) {
	w := e.w
	if s.told == nil {
		s.told = &told{ways: map[string]*statement.Basis{}, paths: map[step][]string{}}
	}
	dir := w.dirs[w.accounts[r.account].dir].dir.Source
	if r.way = s.told.ways[dir]; r.way == nil {
		way := s.basis
		way.Directory = dir
		r.way = &way
		s.told.ways[dir] = r.way
	}
	parent, last := s.closure.above(w.node(r.account), bit)
	if parent < 0 {
		return
	}
	at := step{parent, bit}
	names, ok := s.told.paths[at]
	if !ok {
		groups, _ := s.closure.path(w.node(r.account), bit)
		if len(groups) == longestPath {
			names = append(names, "…")
		}
		for _, g := range groups {
			names = append(names, w.groupName(g))
		}
		names = slices.Clip(names)
		s.told.paths[at] = names
	}
	r.path = names
	if last < 0 {
		return
	}
	ed := &w.edges[last]
	if ed.span >= 0 {
		m := &w.dirs[ed.dir].dir.Members[ed.span]
		r.group = snapshot.Evidence{File: m.File, Line: m.Line}
		return
	}
	for _, sp := range w.accounts[r.account].spans { // the primary group, or a broad principal: told by the account itself
		if sp.first <= ed.first && ed.first <= sp.last {
			r.group = snapshot.Evidence{File: sp.File, Line: sp.Line}
		}
	}
}

// brought is the way of a product that another one brings.
func (e *entitlement) brought(way *statement.Basis, from string) *statement.Basis {
	k := broughtKey{way, from}
	if e.ways[k] == nil {
		e.ways[k] = &statement.Basis{Kind: "with", Product: from, Pool: way.Pool, Directory: way.Directory}
	}
	return e.ways[k]
}

type broughtKey struct {
	way  *statement.Basis
	from string
}
