package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

func emptyMonth(t *testing.T, open func(t *testing.T) store.Store) {
	f := facts(t, open(t), "2026-10")
	if len(f.Directories)+f.Uses.Len()+len(f.Software)+len(f.Machines)+len(f.Readings)+len(f.Known)+f.Logs.Len() != 0 {
		t.Errorf("an empty store knows %+v", f)
	}
}

func directory(day string, accounts []snapshot.Account, groups []snapshot.Group, members ...snapshot.Member) *snapshot.Directory {
	return &snapshot.Directory{
		Reading: reading(snapshot.KindDirectory, "ad", day, day+".ldif"),
		Domain:  "HOSTING", DNS: "hosting.example", SID: "S-1-5-21-1",
		Accounts: accounts, Groups: groups, Members: members,
	}
}

// By hand: snapshots on 28 September and on 5, 12, 19 October and 2 November.
// October holds the indices 0 (5th), 1 (12th), 2 (19th).
//
// Anna: enabled on 28 Sep and the 5th, disabled on the 12th, enabled on the
// 19th and after. So spans 0-0 enabled, 1-1 disabled, 2-2 enabled. The
// enabled state was first seen in 2026-09-28.ldif, line 10: both spans say so.
// Bob: only on the 12th: 1-1, line 20 of 2026-10-12.ldif.
// The group: on all; renamed on 2 November, which October does not know: 0-2.
// Anna's membership: 28 Sep, 5th and 12th: 0-1.
func directoryByHand(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	anna := snapshot.Account{ID: "a1", SID: "S-1-5-21-1-1104", Name: "anna", UPN: "anna@klant.example", DN: "CN=anna", Line: 10,
		Expires:    time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Attributes: []snapshot.Attribute{{Name: "employeeid", Value: "7"}, {Name: "employeeid", Value: "8"}}}
	off := anna
	off.Disabled, off.Line = true, 12
	again := anna
	again.Line = 14
	bob := snapshot.Account{ID: "b1", Name: "bob", Line: 20}
	group := snapshot.Group{ID: "g1", SID: "S-1-5-21-1-2000", Name: "RDS", DN: "CN=RDS", Line: 30}
	renamed := group
	renamed.Name = "RDS users"
	in := snapshot.Member{Group: "g1", Key: "a1", Line: 31}
	unit := snapshot.Unit{ID: "u1", DN: "OU=old", Made: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), Line: 40}
	moved := unit
	moved.DN, moved.Line = "OU=new", 41
	for i, d := range []*snapshot.Directory{
		directory("2026-09-28", []snapshot.Account{anna}, []snapshot.Group{group}, in),
		directory("2026-10-05", []snapshot.Account{again}, []snapshot.Group{group}, in),
		directory("2026-10-12", []snapshot.Account{off, bob}, []snapshot.Group{group}, in),
		directory("2026-10-19", []snapshot.Account{again}, []snapshot.Group{group}),
		directory("2026-11-02", []snapshot.Account{again}, []snapshot.Group{renamed}),
	} {
		if d.Units = []snapshot.Unit{moved}; i == 0 {
			d.Units[0] = unit
		}
		must(t, s.PutDirectory(t.Context(), d))
	}
	f := facts(t, s, "2026-10")
	want := []snapshot.DirectoryMonth{{
		Source: "ad", Domain: "HOSTING", DNS: "hosting.example", SID: "S-1-5-21-1",
		Taken: []snapshot.Taken{
			{Time: at("2026-10-05").UTC(), Day: day("2026-10-05"), File: "2026-10-05.ldif"},
			{Time: at("2026-10-12").UTC(), Day: day("2026-10-12"), File: "2026-10-12.ldif"},
			{Time: at("2026-10-19").UTC(), Day: day("2026-10-19"), File: "2026-10-19.ldif"},
		},
		Accounts: snapshot.ListOf(
			snapshot.AccountSpan{Account: anna, Span: snapshot.Span{First: 0, Last: 0}, File: "2026-09-28.ldif"},
			snapshot.AccountSpan{Account: off, Span: snapshot.Span{First: 1, Last: 1}, File: "2026-10-12.ldif"},
			snapshot.AccountSpan{Account: anna, Span: snapshot.Span{First: 2, Last: 2}, File: "2026-09-28.ldif"},
			snapshot.AccountSpan{Account: bob, Span: snapshot.Span{First: 1, Last: 1}, File: "2026-10-12.ldif"},
		),
		Groups:  []snapshot.GroupSpan{{Group: group, Span: snapshot.Span{First: 0, Last: 2}, File: "2026-09-28.ldif"}},
		Members: snapshot.ListOf(snapshot.MemberSpan{Member: in, Span: snapshot.Span{First: 0, Last: 1}, File: "2026-09-28.ldif"}),
		Units: []snapshot.UnitSpan{
			{Unit: moved, Span: snapshot.Span{First: 0, Last: 2}, File: "2026-10-05.ldif"},
		},
		// On 28 September the unit had its old name; all else was the same.
		Before: &snapshot.DirectoryBefore{Taken: snapshot.Taken{Time: at("2026-09-28").UTC(), Day: day("2026-09-28"), File: "2026-09-28.ldif"},
			Units: []snapshot.Unit{unit}, New: []string{"u1"}},
	}}
	if d := gocmp.Diff(want, f.Directories, sameFacts()); d != "" {
		t.Error(d)
	}
	if n := len(f.Readings); n != 3 {
		t.Errorf("October has %d readings, want 3", n)
	}
	if f := facts(t, s, "2026-12"); len(f.Directories) != 0 {
		t.Error("December was not read, and has a directory")
	}
}

// The same export again, also under another name, changes nothing; and Known
// says so by name.
func directoryAgain(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	d := directory("2026-10-05", []snapshot.Account{{ID: "a", Name: "a"}}, nil)
	must(t, s.PutDirectory(t.Context(), d))
	before := facts(t, s, "2026-10")
	must(t, s.PutDirectory(t.Context(), d))
	renamed := *d
	renamed.File = "copy.ldif"
	must(t, s.PutDirectory(t.Context(), &renamed))
	if d := gocmp.Diff(before, facts(t, s, "2026-10"), sameFacts()); d != "" {
		t.Error(d)
	}
	for _, c := range []struct {
		source, file, print string
		want                bool
	}{
		{"ad", "2026-10-05.ldif", "sha256 of 2026-10-05.ldif", true},
		{"ad", "2026-10-05.ldif", "another", false},
		{"ad", "2026-10-06.ldif", "sha256 of 2026-10-05.ldif", false},
		{"other", "2026-10-05.ldif", "sha256 of 2026-10-05.ldif", false},
		{"ad", "2026-10-05.ldif", "", false},
	} {
		got, err := s.Known(t.Context(), c.source, c.file, c.print)
		if must(t, err); got != c.want {
			t.Errorf("Known(%q, %q, %q) = %v", c.source, c.file, c.print, got)
		}
	}
}

// Exports that are read again to keep more attributes take their own places,
// whatever the order: the facts are those of a store that kept them from the
// start, but for where a state was seen first: without the attributes it may
// have been seen before. Read again to keep no more, nothing changes.
func directoryReadAgain(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 10, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		all := RandomDirectories(r, 3+r.IntN(8))
		again := make([]*snapshot.Directory, len(all))
		for i, d := range all {
			d.Kept = []string{"mail"}
			x := *d
			x.Kept = []string{"employeeid", "mail"}
			x.Accounts = slices.Clone(d.Accounts)
			for j := range x.Accounts {
				if r.IntN(3) > 0 {
					x.Accounts[j].Attributes = []snapshot.Attribute{{Name: "employeeid", Value: fmt.Sprint(r.IntN(2))}}
				}
			}
			if r.IntN(2) > 0 {
				x.Units = []snapshot.Unit{{ID: "u", DN: fmt.Sprint("OU=", r.IntN(2))}}
			}
			again[i] = &x
		}
		s, fresh := open(t), open(t)
		for _, d := range all {
			must(t, s.PutDirectory(t.Context(), d))
		}
		for _, d := range again {
			must(t, fresh.PutDirectory(t.Context(), d))
		}
		order := slices.Clone(again)
		if seed%2 > 0 {
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for _, d := range order {
			must(t, s.PutDirectory(t.Context(), d))
		}
		for _, d := range all { // keeps less: it is known
			must(t, s.PutDirectory(t.Context(), d))
		}
		unsaid := gocmp.Options{cmpopts.IgnoreFields(snapshot.AccountSpan{}, "File"), cmpopts.IgnoreFields(snapshot.Account{}, "Line"),
			cmpopts.IgnoreFields(snapshot.UnitSpan{}, "File"), cmpopts.IgnoreFields(snapshot.Unit{}, "Line")}
		for _, m := range []string{"2026-09", "2026-10", "2026-11"} {
			want, got := facts(t, fresh, m), facts(t, s, m)
			if d := gocmp.Diff(want, got, sameFacts(), cmpopts.EquateEmpty(), unsaid); d != "" {
				t.Fatalf("seed %d, %s:\n%s", seed, m, d)
			}
		}
	})
}

// Two exports for one moment: the first stays, the error names both.
func directoryConflict(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	must(t, s.PutDirectory(t.Context(), directory("2026-10-05", []snapshot.Account{{ID: "a", Name: "a"}}, nil)))
	second := directory("2026-10-05", []snapshot.Account{{ID: "b", Name: "b"}}, nil)
	second.File, second.Fingerprint = "second.ldif", "second"
	err := s.PutDirectory(t.Context(), second)
	var conflict *store.ConflictError
	if !errors.As(err, &conflict) || conflict.Kept != "2026-10-05.ldif" || conflict.Other != "second.ldif" {
		t.Fatalf("got %v", err)
	}
	f := facts(t, s, "2026-10")
	if len(f.Readings) != 1 || f.Directories[0].Accounts.Len() != 1 || f.Directories[0].Accounts.At(0).ID != "a" {
		t.Errorf("the first was not kept as it was: %+v", f)
	}
}

// A directory is complete or nothing; an account that stands twice and
// differs leaves nothing behind; a day must be that of the moment.
func directoryRefused(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	partial := directory("2026-10-05", nil, nil)
	partial.Status = snapshot.Partial
	twice := directory("2026-10-06", []snapshot.Account{{ID: "a", Name: "x"}, {ID: "a", Name: "y"}}, nil)
	wrong := directory("2026-10-07", nil, nil)
	wrong.Day++
	for _, d := range []*snapshot.Directory{partial, twice, wrong} {
		if err := s.PutDirectory(t.Context(), d); err == nil {
			t.Errorf("%s was taken", d.File)
		}
	}
	if f := facts(t, s, "2026-10"); len(f.Readings)+len(f.Directories) != 0 {
		t.Errorf("something was left behind: %+v", f)
	}
}

// Readings: failed ones stand beside the others, notes come back, a failed
// one is no last reading.
func readings(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	d := directory("2026-10-05", nil, nil)
	d.Site = "ams"
	d.Notes = []snapshot.Notice{{Code: "member-unresolved", Subject: "x", Message: "y", At: snapshot.Evidence{File: "f", Line: 3}}}
	must(t, s.PutDirectory(t.Context(), d))
	failed := snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: at("2026-10-06"), File: "dc1",
		Notes: []snapshot.Notice{{Code: "unreachable", Message: "no answer"}}}
	must(t, s.PutFailure(t.Context(), failed))
	must(t, s.PutFailure(t.Context(), failed))

	d.Reading.Taken = d.Reading.Taken.UTC()
	failed.Status, failed.Day, failed.Taken = snapshot.Failed, day("2026-10-06"), failed.Taken.UTC()
	want := []snapshot.Reading{d.Reading, failed}
	for _, source := range []string{"ad", ""} {
		got, err := s.Readings(t.Context(), source, at("2026-10-05"), at("2026-10-07"))
		must(t, err)
		if d := gocmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
	if d := gocmp.Diff(want, facts(t, s, "2026-10").Readings); d != "" {
		t.Error(d)
	}
	if got, err := s.Readings(t.Context(), "ad", at("2026-10-05"), at("2026-10-06")); err != nil || len(got) != 1 {
		t.Errorf("the end is not open: %d, %v", len(got), err)
	}
	last, ok, err := s.LastReading(t.Context(), "ad")
	if must(t, err); !ok || !last.Taken.Equal(at("2026-10-05")) {
		t.Errorf("last reading %v %v", last, ok)
	}
	if _, ok, err := s.LastReading(t.Context(), "nobody"); ok || err != nil {
		t.Error(ok, err)
	}
}

// Names in any script, very long ones, and what looks like SQL come back as
// they went in, and differ by case and by a blank at the end.
func oddNames(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	var accounts []snapshot.Account
	var members []snapshot.Member
	for _, name := range []string{"a", "A", "a ", "Zoë", "Zoe\u0308", "Ωmega", "名前", "'; DROP TABLE span; --", "\x00x", "bad\xffutf8",
		strings.Repeat("x", 5000), strings.Repeat("x", 5000) + "y", ""} {
		accounts = append(accounts, snapshot.Account{ID: "id " + name, Name: name, DN: "CN=" + name})
		members = append(members, snapshot.Member{Group: "g", Key: "dn:" + name})
	}
	slices.SortFunc(accounts, func(x, y snapshot.Account) int { return strings.Compare(x.ID, y.ID) })
	slices.SortFunc(members, func(x, y snapshot.Member) int { return strings.Compare(x.Key, y.Key) })
	must(t, s.PutDirectory(t.Context(), directory("2026-10-05", accounts, nil, members...)))
	d := facts(t, s, "2026-10").Directories[0]
	for i := range accounts {
		if d := gocmp.Diff(accounts[i], d.Accounts.At(i).Account); d != "" {
			t.Error(d)
		}
		if d := gocmp.Diff(members[i], d.Members.At(i).Member); d != "" {
			t.Error(d)
		}
	}
}

// A context that has ended ends every call, and nothing is kept.
func cancelled(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.PutDirectory(ctx, directory("2026-10-05", nil, nil)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := s.Facts(ctx, mon("2026-10")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if f := facts(t, s, "2026-10"); len(f.Readings) != 0 {
		t.Error("a cancelled call left a reading")
	}
}
