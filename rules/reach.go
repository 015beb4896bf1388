package rules

import (
	"slices"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// reach is one account's way to one product over the month.
type reach struct {
	account int32
	days    uint32 // days of the month on which a snapshot saw it entitled: DayBit
	way     *way   // on the first day
	edge    int32  // the last membership of that way; -1: none
	// between is the access that no reading saw; nil where one did.
	between *statement.Between
}

// way is how a product is reached, and through which groups; all who came by
// it share it.
type way struct {
	statement.Way
	statement.Installed
}

// basis is the reason on the first day.
func (w *world) basis(r *reach) statement.Basis {
	return statement.Basis{Way: &r.way.Way, Group: w.membership(r), Installed: &r.way.Installed}
}

// membership is where the last membership of a reach was read.
func (w *world) membership(r *reach) (at snapshot.Evidence) {
	if r.edge < 0 {
		if r.between != nil {
			at = r.between.At
		}
		return at
	}
	ed := &w.edges[r.edge]
	if ed.span >= 0 {
		m := w.dirs[ed.dir].dir.Members.At(int(ed.span))
		return snapshot.Evidence{File: m.File, Line: m.Line}
	}
	for _, span := range w.states(r.account) { // the primary group, or a broad principal: told by the account itself
		if span.first <= ed.first && ed.first <= span.last {
			sp := w.state(&span)
			at = snapshot.Evidence{File: sp.File, Line: sp.Line}
		}
	}
	return at
}

// reaches holds a product's reaches by account.
type reaches struct {
	index []int32 // by account, the place in the list counted from 1; nil where nobody reaches it
	list  []reach
}

func (r *reaches) of(account int32) *reach {
	if r.index == nil || r.index[account] == 0 {
		return nil
	}
	return &r.list[r.index[account]-1]
}

// add makes an account's reach; accounts is how many there are in all.
func (r *reaches) add(x reach, accounts int) {
	if r.index == nil {
		r.index = make([]int32, accounts)
	}
	r.list = append(r.list, x)
	r.index[x.account] = int32(len(r.list))
}

// source is one way to a product: what it gives to which accounts in a batch.
type source struct {
	closure *closure
	within  uint64   // ticks in which the way is open
	less    *closure // where restricted: only these accounts …
	during  uint64   // … in these ticks
	basis   way
	told    map[told]*way // what its accounts share
}

// told is by what the accounts of one way share how they came: the directory,
// and the group that holds them at a tick.
type told struct {
	directory string
	group     int32 // -1: none
	bit       uint64
}

// explain says how an account is reached at one tick: by which way, and
// through which groups.
func (e *entitlement) explain(r *reach, s *source, bit uint64) {
	w := e.w
	if s.told == nil {
		s.told = map[told]*way{}
	}
	parent, last := s.closure.above(w.node(r.account), bit)
	k := told{w.dirs[w.accounts[r.account].dir].dir.Source, parent, bit}
	r.edge = last
	if parent < 0 {
		k.bit, r.edge = 0, -1
	}
	if r.way = s.told[k]; r.way != nil {
		return
	}
	way := s.basis
	way.Directory = k.directory
	if parent >= 0 {
		var names []string
		groups, _ := s.closure.path(w.node(r.account), bit)
		if len(groups) == longestPath {
			names = append(names, "…")
		}
		for _, g := range groups {
			names = append(names, w.groupName(g))
		}
		way.Path = slices.Clip(names)
	}
	r.way = &way
	s.told[k] = r.way
}

// brought is the way of a product that another one brings.
func (e *entitlement) brought(old *way, from string) *way {
	k := broughtKey{old, from}
	if e.ways[k] == nil {
		e.ways[k] = &way{Way: statement.Way{Kind: statement.ByWith, Product: from, Path: old.Path, Pool: old.Pool, Directory: old.Directory}}
	}
	return e.ways[k]
}

type broughtKey struct {
	way  *way
	from string
}
