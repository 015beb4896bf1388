package storetest

import (
	"cmp"
	"errors"
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

func inventory(day, file string) *snapshot.Inventory {
	return &snapshot.Inventory{Reading: reading(snapshot.KindInventory, "inv", day, file)}
}

// By hand. Host one is read on 28 September and on 5, 12 and 19 October, host
// two on the 12th only, host three in September only: it is known, and has no
// October.
//
//	Office: on one on 28 Sep and the 5th, gone on the 12th, back on the 19th:
//	first 5 October, last 19 October; the state of the 5th was first seen in
//	sep.csv, line 1.
//	Chrome: on one on all: first the 5th, last the 19th.
//
// Machine m1 has 8 cores on the 5th, 16 on the 12th and 19th.
func inventoryByHand(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	office := func(line int) snapshot.Install {
		return snapshot.Install{Name: "Office", Version: "16", Publisher: "Microsoft", Key: "k", Release: "r", Edition: "e", Line: line}
	}
	chrome := func(line int) snapshot.Install { return snapshot.Install{Name: "Chrome", Line: line} }
	machine := func(cores, line int) snapshot.Machine {
		return snapshot.Machine{ID: "m1", Host: "one", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: cores / 2, Line: line}
	}
	put := func(v *snapshot.Inventory, machines []snapshot.Machine, software ...snapshot.HostSoftware) {
		t.Helper()
		v.Machines, v.Software = machines, software
		must(t, s.PutInventory(t.Context(), v))
	}
	put(inventory("2026-09-28", "sep.csv"), nil,
		snapshot.HostSoftware{Host: "ONE.hosting.example", Installs: []snapshot.Install{chrome(2), office(1)}},
		snapshot.HostSoftware{Host: "three", Installs: nil})
	put(inventory("2026-10-05", "a.csv"), []snapshot.Machine{machine(8, 3)},
		snapshot.HostSoftware{Host: "ONE.hosting.example", Installs: []snapshot.Install{chrome(7), office(8)}})
	put(inventory("2026-10-12", "b.csv"), []snapshot.Machine{machine(16, 4)},
		snapshot.HostSoftware{Host: "ONE.hosting.example", Installs: []snapshot.Install{chrome(1)}},
		snapshot.HostSoftware{Host: "two", Installs: []snapshot.Install{chrome(5)}})
	put(inventory("2026-10-19", "c.csv"), []snapshot.Machine{machine(16, 5)},
		snapshot.HostSoftware{Host: "ONE.hosting.example", Installs: []snapshot.Install{chrome(1), office(2)}})
	f := facts(t, s, "2026-10")
	d5, d12, d19 := day("2026-10-05"), day("2026-10-12"), day("2026-10-19")
	want := []snapshot.SoftwareMonth{
		{Source: "inv", Host: "ONE.hosting.example", Days: []month.Day{d5, d12, d19}, Installs: snapshot.ListOf(
			snapshot.InstallMonth{Install: chrome(2), First: d5, Last: d19, File: "sep.csv"},
			snapshot.InstallMonth{Install: office(1), First: d5, Last: d19, File: "sep.csv"},
		)},
		{Source: "inv", Host: "two", Days: []month.Day{d12}, Installs: snapshot.ListOf(
			snapshot.InstallMonth{Install: chrome(5), First: d12, Last: d12, File: "b.csv"},
		)},
	}
	if d := gocmp.Diff(want, f.Software, sameFacts()); d != "" {
		t.Error(d)
	}
	wantM := []snapshot.MachineMonth{
		{Source: "inv", Machine: machine(8, 3), First: d5, Last: d5, Days: []month.Day{d5}, File: "a.csv"},
		{Source: "inv", Machine: machine(16, 4), First: d12, Last: d19, Days: []month.Day{d12, d19}, File: "b.csv"},
	}
	if d := gocmp.Diff(wantM, f.Machines); d != "" {
		t.Error(d)
	}
	if want := []string{"one.hosting.example", "three"}; !slices.Equal(f.Known, want) {
		t.Errorf("known %v, want %v", f.Known, want)
	}
	// Of one's three readings in October the second holds one program of two:
	// half, which is whole. The machine was read last with 16 cores.
	b := facts(t, s, "2026-11").Before
	rows := []snapshot.HostRows{{Source: "inv", Host: "one.hosting.example", Rows: 2, Last: d19}, {Source: "inv", Host: "two", Rows: 1, Last: d12}}
	if d := gocmp.Diff(rows, b.Software); d != "" {
		t.Error(d)
	}
	if d := gocmp.Diff(wantM[1:], b.Machines); d != "" {
		t.Error(d)
	}
	directory := func(day string, names ...string) {
		t.Helper()
		d := &snapshot.Directory{Reading: snapshot.Reading{Source: "dir", Kind: snapshot.KindDirectory, Taken: at(day), Status: snapshot.Complete, File: day}, Domain: "D"}
		for i, n := range names {
			d.Accounts = append(d.Accounts, snapshot.Account{ID: n, Name: n, Class: snapshot.Computer, Disabled: i > 0 && day == "2026-10-20"})
			if n == "C$" {
				d.Accounts[i].Attributes = []snapshot.Attribute{{Name: snapshot.HostName, Value: "c.d.example"}}
			}
		}
		must(t, s.PutDirectory(t.Context(), d))
	}
	directory("2026-10-10", "A$", "B$", "C$", "D$")
	directory("2026-10-20", "A$", "B$", "D$")
	directory("2026-11-02", "A$", "D$")
	gone := []snapshot.GoneComputer{{Source: "dir", Name: "B$", Day: day("2026-11-02")}, {Source: "dir", Name: "C$", Full: "c.d.example", Day: day("2026-10-20")}}
	if d := gocmp.Diff(gone, facts(t, s, "2026-11").Before.Gone); d != "" {
		t.Error(d)
	}
}

// RandomInventories are n readings, some of all of 20 hosts, some of a few,
// so that both ways of noting what was read are met.
func RandomInventories(r *rand.Rand, n int) []*snapshot.Inventory {
	var all []*snapshot.Inventory
	d := day("2026-09-20")
	for i := range n {
		v := inventory(d.String(), fmt.Sprint("f", i))
		few := r.IntN(2) == 0
		for h := range 20 {
			if few && r.IntN(8) > 0 || !few && r.IntN(12) == 0 {
				continue
			}
			sw := snapshot.HostSoftware{Host: fmt.Sprint("h", h)}
			for p := range 2 {
				if r.IntN(3) > 0 {
					sw.Installs = append(sw.Installs, snapshot.Install{Name: fmt.Sprint("p", p), Line: r.IntN(99)})
				}
			}
			v.Software = append(v.Software, sw)
			if h < 18 {
				v.Machines = append(v.Machines, snapshot.Machine{Host: sw.Host, VirtualCores: 1 + r.IntN(2), Line: r.IntN(99)})
			}
		}
		all = append(all, v)
		d += month.Day(1 + r.IntN(6))
	}
	return all
}

// installed is what a host had in a month, by copies of all readings.
func installed(all []*snapshot.Inventory, m month.Month) []string {
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(x, y *snapshot.Inventory) int { return x.Taken.Compare(y.Taken) })
	days := map[string][]string{}
	for _, v := range sorted {
		if !m.Contains(v.Taken) {
			continue
		}
		for _, h := range v.Software {
			days[h.Host+" read"] = append(days[h.Host+" read"], v.Day.String())
			for _, x := range h.Installs {
				k := h.Host + " has " + x.Name
				days[k] = append(days[k], v.Day.String())
			}
		}
		for _, x := range v.Machines {
			k := fmt.Sprint(x.Host, " cores ", x.VirtualCores)
			days[k] = append(days[k], v.Day.String())
		}
	}
	var out []string
	for k, d := range days {
		if strings.Contains(k, " has ") {
			out = append(out, k+" "+d[0]+" "+d[len(d)-1])
		} else {
			out = append(out, k+" "+strings.Join(d, " "))
		}
	}
	slices.Sort(out)
	return out
}

// installedFacts is the same of facts.
func installedFacts(f *snapshot.Facts) []string {
	text := func(days []month.Day) string {
		s := ""
		for _, d := range days {
			s += " " + d.String()
		}
		return s
	}
	var out []string
	for _, h := range f.Software {
		out = append(out, h.Host+" read"+text(h.Days))
		for _, x := range h.Installs.All() {
			out = append(out, h.Host+" has "+x.Name+" "+x.First.String()+" "+x.Last.String())
		}
	}
	days := map[string][]month.Day{} // a state may come back: its days are then in several entries
	for _, x := range f.Machines {
		k := fmt.Sprint(x.Host, " cores ", x.VirtualCores)
		days[k] = append(days[k], x.Days...)
	}
	for k, d := range days {
		slices.Sort(d)
		out = append(out, k+text(d))
	}
	slices.Sort(out)
	return out
}

func inventoryInAnyOrder(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 10, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 2))
		all := RandomInventories(r, 3+r.IntN(8))
		sorted, shuffled := open(t), open(t)
		order := slices.Clone(all)
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for i := range all {
			must(t, sorted.PutInventory(t.Context(), all[i]))
			must(t, shuffled.PutInventory(t.Context(), order[i]))
		}
		must(t, shuffled.PutInventory(t.Context(), order[0])) // again: nothing
		for _, m := range []string{"2026-09", "2026-10", "2026-11"} {
			x, y := facts(t, sorted, m), facts(t, shuffled, m)
			if d := gocmp.Diff(installed(all, mon(m)), installedFacts(x), cmpopts.EquateEmpty()); d != "" {
				t.Fatalf("seed %d %s:\n%s", seed, m, d)
			}
			if d := gocmp.Diff(x, y, sameFacts()); d != "" {
				t.Fatalf("seed %d %s: the order matters:\n%s", seed, m, d)
			}
		}
	})
}

// A file that told of a fault, corrected in its place, stands a moment behind what
// it was; one without a fault never says anything else.
func inventoryCorrected(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	list := func(name string) []snapshot.HostSoftware {
		return []snapshot.HostSoftware{{Host: "h", Installs: []snapshot.Install{{Name: name}}}}
	}
	put := func(print, name string, notes ...snapshot.Notice) error {
		v := inventory("2026-10-05", "a.csv")
		v.Fingerprint, v.Software, v.Notes = print, list(name), notes
		if len(notes) > 0 {
			v.Status = snapshot.Partial
		} else {
			v.Scans = []snapshot.Scan{{Host: "h", Day: month.Date(2026, 9, 12)}}
		}
		return s.PutInventory(t.Context(), v)
	}
	must(t, put("broken", "x", snapshot.Notice{Code: "inventory-damaged", Message: "row 3"}))
	must(t, put("still broken", "y", snapshot.Notice{Code: "inventory-damaged", Message: "row 4"}))
	must(t, put("whole", "z"))
	must(t, put("whole", "z"))
	f := facts(t, s, "2026-10")
	if len(f.Readings) != 3 || f.Readings[2].Status != snapshot.Complete || f.Readings[2].Day != f.Readings[0].Day ||
		f.Readings[1].Scans != nil || !slices.Equal(f.Readings[2].Scans, []snapshot.Scan{{Host: "h", Day: month.Date(2026, 9, 12)}}) {
		t.Fatalf("%+v", f.Readings)
	}
	if got := f.Software[len(f.Software)-1].Installs; got.Len() != 3 {
		t.Errorf("%d programs", got.Len())
	}
	var conflict *store.ConflictError
	if err := put("another", "w"); !errors.As(err, &conflict) || !strings.Contains(err.Error(), "a.csv was read before, without a fault") {
		t.Errorf("a file without a fault was changed: %v", err)
	}
}

// Two files that describe a host otherwise at one moment: refused, also
// within a set; two that agree, or that name other hosts, are not.
func inventoryConflict(t *testing.T, open func(t *testing.T) store.Store) {
	for _, hosts := range []int{1, 40} {
		s := open(t)
		list := func(name string) []snapshot.HostSoftware {
			var all []snapshot.HostSoftware
			for i := range hosts {
				all = append(all, snapshot.HostSoftware{Host: fmt.Sprintf("h%02d", i), Installs: []snapshot.Install{{Name: "p"}}})
			}
			all[0].Installs[0].Name = name
			return all
		}
		a, b, c := inventory("2026-10-05", "a.csv"), inventory("2026-10-05", "b.csv"), inventory("2026-10-05", "c.csv")
		a.Software, b.Software, c.Software = list("x"), list("y"), list("x")
		c.Software = append(c.Software, snapshot.HostSoftware{Host: "zz"})
		must(t, s.PutInventory(t.Context(), a))
		err := s.PutInventory(t.Context(), b)
		var conflict *store.ConflictError
		if !errors.As(err, &conflict) || conflict.Kept != "a.csv" || conflict.Other != "b.csv" || conflict.Subject != "host h00" || !strings.Contains(err.Error(), "write the rows of both into one file") {
			t.Fatalf("%d hosts: got %v", hosts, err)
		}
		must(t, s.PutInventory(t.Context(), c))
		f := facts(t, s, "2026-10")
		if len(f.Software) != hosts+1 || f.Software[0].Installs.At(0).Name != "x" {
			t.Errorf("%d hosts: %+v", hosts, f.Software)
		}
		names := func(x, y snapshot.SoftwareMonth) int { return cmp.Compare(x.Host, y.Host) }
		if !slices.IsSortedFunc(f.Software, names) {
			t.Error("hosts are not sorted")
		}
	}
}
