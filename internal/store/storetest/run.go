// Package storetest is the contract of a store as tests, so that every
// implementation runs the same ones. It knows only the interface; what a
// database does beneath is tested beside the implementation.
package storetest

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the suite works in Amsterdam, also where a machine has no zones

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// Location is the zone in which the stores of the suite must be opened.
func Location() *time.Location {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return loc
}

// Run runs the contract; open makes an empty store in Location, and closes it
// when its test ends.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open func(t *testing.T) store.Store)
	}{
		{"EmptyMonth", emptyMonth},
		{"DirectoryByHand", directoryByHand},
		{"DirectoryInAnyOrder", directoryInAnyOrder},
		{"DirectoryAgain", directoryAgain},
		{"DirectoryReadAgain", directoryReadAgain},
		{"DirectorySince", directorySince},
		{"DirectoryChanges", directoryChanges},
		{"DirectoryTold", directoryTold},
		{"DirectoryEvents", directoryEvents},
		{"DirectoryReturned", directoryReturned},
		{"DirectoryConflict", directoryConflict},
		{"DirectoryRefused", directoryRefused},
		{"Readings", readings},
		{"InventoryByHand", inventoryByHand},
		{"InventoryInAnyOrder", inventoryInAnyOrder},
		{"InventoryConflict", inventoryConflict},
		{"InventoryCorrected", inventoryCorrected},
		{"SessionsInAnyOrder", sessionsInAnyOrder},
		{"SessionsCarried", sessionsCarried},
		{"FactsAbout", factsAbout},
		{"LogsOfLaterReadings", logsOfLaterReadings},
		{"Results", results},
		{"Unread", unread},
		{"Months", months},
		{"Acts", acts},
		{"ActsAtOnce", actsAtOnce},
		{"FinalResults", finalResults},
		{"MaskKey", maskKey},
		{"Reduce", reduce},
		{"Deliveries", deliveries},
		{"DeliveriesAtOnce", deliveriesAtOnce},
		{"HandOver", handOver},
		{"HandOverRefused", handOverRefused},
		{"Sites", sites},
		{"Names", oddNames},
		{"HostStates", hostStates},
		{"Cancelled", cancelled},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// each runs a test of random facts once a seed: every seed is a piece by
// itself, which a slow server finishes, and which can be run again alone.
func each(t *testing.T, seeds uint64, test func(t *testing.T, seed uint64)) {
	for seed := range seeds {
		t.Run(fmt.Sprintf("Seed%d", seed), func(t *testing.T) { test(t, seed) })
	}
}

// at is noon in Amsterdam, which the readings of the suite stand for.
func at(day string) time.Time {
	d, err := month.ParseDay(day)
	if err != nil {
		panic(err)
	}
	return d.Start(Location()).Add(12 * time.Hour)
}

func mon(s string) month.Month {
	m, err := month.Parse(s, Location())
	if err != nil {
		panic(err)
	}
	return m
}

func day(s string) month.Day {
	d, err := month.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func facts(t *testing.T, s store.Store, m string) *snapshot.Facts {
	t.Helper()
	f, err := s.Facts(t.Context(), mon(m))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func reading(kind snapshot.Kind, source, day, file string) snapshot.Reading {
	return snapshot.Reading{
		Source: source, Kind: kind, Taken: at(day), Day: month.DayOf(at(day), Location()),
		Status: snapshot.Complete, File: file, Fingerprint: "sha256 of " + file,
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sameFacts compares lists by their rows, and months by name: a location is
// loaded anew by each test.
func sameFacts() cmp.Options {
	return cmp.Options{
		cmp.Comparer(func(x, y month.Month) bool { return x.String() == y.String() }),
		sameRows[snapshot.AccountSpan](), sameRows[snapshot.MemberSpan](), sameRows[snapshot.InstallMonth](), sameRows[snapshot.Use](), sameRows[snapshot.Log](), sameRows[statement.Counted](),
	}
}

func sameRows[T any]() cmp.Option {
	return cmp.Transformer("rows", func(l snapshot.List[T]) []T { return append([]T(nil), l.Values()...) })
}
