package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// A reading that says in what it differs from the one before makes of a store what
// it makes without: where that one is the newest there, where a later one is there
// already, where another came between, and where it is of something else.
func directorySince(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 4, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		told, plain := open(t), open(t)
		now := wide(r)
		var was *snapshot.Directory
		for n := range 8 {
			d := now.reading(fmt.Sprintf("2026-10-%02d", 2*n+1))
			if was != nil {
				d.Since = since(was, d)
			}
			was = d
			if n == 3 { // of another of the same moment, which the store did not take
				d.Since = &snapshot.Since{Taken: d.Since.Taken, Fingerprint: "of another"}
			}
			if n == 5 { // one that neither knows came in between
				between := now.reading("2026-10-10")
				between.Accounts = between.Accounts[3:]
				must(t, told.PutDirectory(t.Context(), between))
				must(t, plain.PutDirectory(t.Context(), between))
			}
			if n == 6 { // a later one is there
				later := now.reading("2026-10-28")
				later.Groups, later.Members = later.Groups[1:], later.Members[40:]
				must(t, told.PutDirectory(t.Context(), later))
				must(t, plain.PutDirectory(t.Context(), later))
			}
			must(t, told.PutDirectory(t.Context(), d))
			without := *d
			without.Since = nil
			must(t, plain.PutDirectory(t.Context(), &without))
			if d := gocmp.Diff(facts(t, plain, "2026-10").Directories, facts(t, told, "2026-10").Directories, sameFacts()); d != "" {
				t.Fatalf("reading %d, without and with what was told:\n%s", n, d)
			}
			now.change(r)
		}
	})
}

// wideDirectory has so much that few changes are few.
type wideDirectory struct {
	accounts []snapshot.Account
	groups   []snapshot.Group
	units    []snapshot.Unit
	members  map[snapshot.Member]bool
	made     int
}

func wide(r *rand.Rand) *wideDirectory {
	d := &wideDirectory{members: map[snapshot.Member]bool{}}
	for range 80 {
		d.come()
	}
	for i := range 5 {
		d.groups = append(d.groups, snapshot.Group{ID: fmt.Sprintf("g%d", i), Name: "group"})
		d.units = append(d.units, snapshot.Unit{ID: fmt.Sprintf("u%d", i), DN: "OU=" + fmt.Sprint(i)})
	}
	for range 120 {
		d.members[snapshot.Member{Group: d.groups[r.IntN(5)].ID, Key: d.accounts[r.IntN(80)].ID}] = true
	}
	return d
}

func (d *wideDirectory) come() {
	d.made++
	d.accounts = append(d.accounts, snapshot.Account{ID: fmt.Sprintf("a%03d", d.made), Name: fmt.Sprint(d.made)})
}

func (d *wideDirectory) change(r *rand.Rand) {
	for range 1 + r.IntN(3) {
		i := r.IntN(len(d.accounts))
		switch r.IntN(6) {
		case 0:
			d.come()
		case 1:
			d.accounts = slices.Delete(d.accounts, i, i+1)
		case 2:
			d.accounts[i].Disabled = !d.accounts[i].Disabled
		case 3:
			d.groups[r.IntN(len(d.groups))].Name += "x"
			d.units[r.IntN(len(d.units))].DN += "x"
		case 4:
			d.members[snapshot.Member{Group: d.groups[r.IntN(len(d.groups))].ID, Key: d.accounts[i].ID}] = true
		case 5:
			for m := range d.members {
				if m.Key == d.accounts[i].ID {
					delete(d.members, m)
				}
			}
		}
	}
}

func (d *wideDirectory) reading(day string) *snapshot.Directory {
	out := directory(day, slices.Clone(d.accounts), slices.Clone(d.groups))
	out.Units = slices.Clone(d.units)
	for m := range d.members {
		out.Members = append(out.Members, m)
	}
	slices.SortFunc(out.Members, func(a, b snapshot.Member) int { return strings.Compare(a.Group+" "+a.Key, b.Group+" "+b.Key) })
	line := 0
	next := func() int { line += 3; return line }
	for i := range out.Accounts {
		out.Accounts[i].Line = next()
	}
	for i := range out.Groups {
		out.Groups[i].Line = next()
	}
	for i := range out.Units {
		out.Units[i].Line = next()
	}
	for i := range out.Members {
		out.Members[i].Line = next()
	}
	return out
}

// since compares two readings fact by fact.
func since(was, now *snapshot.Directory) *snapshot.Since {
	out := &snapshot.Since{Taken: was.Taken, Fingerprint: was.Fingerprint}
	out.Accounts, out.GoneAccounts = unlike(was.Accounts, now.Accounts, func(a snapshot.Account) (string, string) { a.Line = 0; return a.ID, fmt.Sprint(a) })
	out.Groups, out.GoneGroups = unlike(was.Groups, now.Groups, func(g snapshot.Group) (string, string) { g.Line = 0; return g.ID, fmt.Sprint(g) })
	out.Units, out.GoneUnits = unlike(was.Units, now.Units, func(u snapshot.Unit) (string, string) { u.Line = 0; return u.ID, fmt.Sprint(u) })
	var gone []string
	out.Members, gone = unlike(was.Members, now.Members, func(m snapshot.Member) (string, string) { return m.Group + " " + m.Key, "" })
	for _, g := range gone {
		group, key, _ := strings.Cut(g, " ")
		out.GoneMembers = append(out.GoneMembers, snapshot.Member{Group: group, Key: key})
	}
	return out
}

func unlike[T any](was, now []T, is func(T) (id, what string)) (places []int32, gone []string) {
	before := map[string]string{}
	for _, x := range was {
		id, what := is(x)
		before[id] = what
	}
	for i, x := range now {
		id, what := is(x)
		if old, ok := before[id]; !ok || old != what {
			places = append(places, int32(i))
		}
		delete(before, id)
	}
	for id := range before {
		gone = append(gone, id)
	}
	return places, gone
}
