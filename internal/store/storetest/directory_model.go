package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// model is what directoryMonth must be, worked out from copies of every
// snapshot rather than from spans.
func model(all []*snapshot.Directory, m month.Month) []snapshot.DirectoryMonth {
	all = slices.Clone(all)
	slices.SortFunc(all, func(x, y *snapshot.Directory) int { return x.Taken.Compare(y.Taken) })
	out := snapshot.DirectoryMonth{Source: "ad", Domain: "HOSTING", DNS: "hosting.example", SID: "S-1-5-21-1"}
	first := map[string]*snapshot.Directory{} // the first snapshot ever with a state
	lines := map[string]int{}
	state := func(d *snapshot.Directory, key string, line int) {
		if first[key] == nil {
			first[key], lines[key] = d, line
		}
	}
	accountKey := func(a snapshot.Account) string { a.Line = 0; return fmt.Sprintf("%+v", a) }
	groupKey := func(g snapshot.Group) string { g.Line = 0; return fmt.Sprintf("%+v", g) }
	memberKey := func(x snapshot.Member) string { return x.Group + ">" + x.Key }
	for _, d := range all {
		for _, a := range d.Accounts {
			state(d, accountKey(a), a.Line)
		}
		for _, g := range d.Groups {
			state(d, groupKey(g), g.Line)
		}
		for _, x := range d.Members {
			state(d, memberKey(x), x.Line)
		}
	}
	var accounts []snapshot.AccountSpan
	var members []snapshot.MemberSpan
	n := int32(-1)
	for _, d := range all {
		if !m.Contains(d.Taken) {
			continue
		}
		n++
		out.Taken = append(out.Taken, snapshot.Taken{Time: d.Taken.UTC(), Day: d.Day, File: d.File})
		for _, a := range d.Accounts {
			k := accountKey(a)
			i := slices.IndexFunc(accounts, func(x snapshot.AccountSpan) bool { return accountKey(x.Account) == k && x.Last == n-1 })
			if i >= 0 {
				accounts[i].Last = n
				continue
			}
			a.Line = lines[k]
			accounts = append(accounts, snapshot.AccountSpan{Account: a, Span: snapshot.Span{First: n, Last: n}, File: first[k].File})
		}
		for _, g := range d.Groups {
			k := groupKey(g)
			i := slices.IndexFunc(out.Groups, func(x snapshot.GroupSpan) bool { return groupKey(x.Group) == k && x.Last == n-1 })
			if i >= 0 {
				out.Groups[i].Last = n
				continue
			}
			g.Line = lines[k]
			out.Groups = append(out.Groups, snapshot.GroupSpan{Group: g, Span: snapshot.Span{First: n, Last: n}, File: first[k].File})
		}
		for _, x := range d.Members {
			k := memberKey(x)
			i := slices.IndexFunc(members, func(y snapshot.MemberSpan) bool { return memberKey(y.Member) == k && y.Last == n-1 })
			if i >= 0 {
				members[i].Last = n
				continue
			}
			x.Line = lines[k]
			members = append(members, snapshot.MemberSpan{Member: x, Span: snapshot.Span{First: n, Last: n}, File: first[k].File})
		}
	}
	if n < 0 {
		return nil
	}
	out.Before = modelBefore(all, m, first, lines, accountKey, groupKey, memberKey)
	slices.SortFunc(accounts, func(x, y snapshot.AccountSpan) int {
		return cmp.Or(strings.Compare(x.ID, y.ID), cmp.Compare(x.First, y.First))
	})
	slices.SortFunc(out.Groups, func(x, y snapshot.GroupSpan) int {
		return cmp.Or(strings.Compare(x.ID, y.ID), cmp.Compare(x.First, y.First))
	})
	slices.SortFunc(members, func(x, y snapshot.MemberSpan) int {
		return cmp.Or(strings.Compare(x.Group, y.Group), strings.Compare(x.Key, y.Key), cmp.Compare(x.First, y.First))
	})
	out.Accounts, out.Members = snapshot.ListOf(accounts...), snapshot.ListOf(members...)
	return []snapshot.DirectoryMonth{out}
}

// modelBefore compares the last snapshot before a month with the month's first.
func modelBefore(all []*snapshot.Directory, m month.Month, first map[string]*snapshot.Directory, lines map[string]int,
	accountKey func(snapshot.Account) string, groupKey func(snapshot.Group) string, memberKey func(snapshot.Member) string) *snapshot.DirectoryBefore {
	at := slices.IndexFunc(all, func(d *snapshot.Directory) bool { return m.Contains(d.Taken) })
	if at == 0 {
		return nil
	}
	was, is := all[at-1], all[at]
	out := &snapshot.DirectoryBefore{Taken: snapshot.Taken{Time: was.Taken.UTC(), Day: was.Day, File: was.File}}
	had, has := map[string]bool{}, map[string]bool{}
	keys := func(set map[string]bool, d *snapshot.Directory) {
		for _, a := range d.Accounts {
			set[accountKey(a)] = true
		}
		for _, g := range d.Groups {
			set[groupKey(g)] = true
		}
		for _, x := range d.Members {
			set[memberKey(x)] = true
		}
	}
	keys(had, was)
	keys(has, is)
	for _, a := range was.Accounts {
		if !has[accountKey(a)] {
			a.Line = lines[accountKey(a)]
			out.Accounts = append(out.Accounts, a)
		}
	}
	for _, g := range was.Groups {
		if !has[groupKey(g)] {
			g.Line = lines[groupKey(g)]
			out.Groups = append(out.Groups, g)
		}
	}
	for _, x := range was.Members {
		if !has[memberKey(x)] {
			x.Line = lines[memberKey(x)]
			out.Members = append(out.Members, x)
		}
	}
	for _, a := range is.Accounts {
		if !had[accountKey(a)] {
			out.New = append(out.New, a.ID)
		}
	}
	for _, g := range is.Groups {
		if !had[groupKey(g)] {
			out.New = append(out.New, g.ID)
		}
	}
	slices.Sort(out.New)
	return out
}

// RandomDirectories are n snapshots some days apart from 20 September 2026 on,
// in which accounts come, go, change and come back as they were.
func RandomDirectories(r *rand.Rand, n int) []*snapshot.Directory {
	var all []*snapshot.Directory
	d := day("2026-09-20")
	for range n {
		x := directory(d.String(), nil, nil)
		for i := range 4 {
			if r.IntN(4) > 0 {
				x.Accounts = append(x.Accounts, snapshot.Account{ID: fmt.Sprint("a", i), Name: fmt.Sprint("n", r.IntN(2)), Disabled: r.IntN(3) == 0, Line: r.IntN(99)})
			}
			if r.IntN(3) > 0 {
				x.Groups = append(x.Groups, snapshot.Group{ID: fmt.Sprint("g", i), Name: fmt.Sprint("n", r.IntN(2)), Line: r.IntN(99)})
			}
			for j := range 2 {
				if r.IntN(2) > 0 {
					x.Members = append(x.Members, snapshot.Member{Group: fmt.Sprint("g", i), Key: fmt.Sprint("a", j), Line: r.IntN(99)})
				}
			}
		}
		all = append(all, x)
		d += month.Day(1 + r.IntN(9))
	}
	return all
}

// Whatever the order in which snapshots arrive, the facts are those that
// copies of all snapshots give.
func directoryInAnyOrder(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 12, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		all := RandomDirectories(r, 3+r.IntN(10))
		s := open(t)
		shuffled := slices.Clone(all)
		if seed > 0 {
			r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		}
		for i, d := range shuffled {
			must(t, s.PutDirectory(t.Context(), d))
			if i%3 != 0 && i != len(shuffled)-1 {
				continue
			}
			for _, m := range []string{"2026-09", "2026-10", "2026-11"} {
				want := model(shuffled[:i+1], mon(m))
				if d := gocmp.Diff(want, facts(t, s, m).Directories, sameFacts(), cmpopts.EquateEmpty()); d != "" {
					t.Fatalf("seed %d, %d snapshots, %s:\n%s", seed, i+1, m, d)
				}
			}
		}
	})
}
