package storetest

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// By hand. The directory is read on the 10th of October, on the 5th and on the 20th of
// November, and on the 5th of December. Events count from the reading before the
// month up to the one after, each once whatever files tell it; one before the
// reading of October is of no use to November.
func directoryEvents(t *testing.T, open func(t *testing.T) store.Store) {
	event := func(on string, n uint64, file string) snapshot.Event {
		return snapshot.Event{Time: at(on).UTC(), ID: 4728, What: snapshot.Added, Object: "sid:S-1-5-21-1-2-3-4", Member: "dn:cn=x,dc=y", Name: "g", DN: "CN=x,DC=y", Computer: "DC2", Record: n, File: file, Line: int(n)}
	}
	var all []snapshot.Event
	for i, on := range []string{"2026-10-09", "2026-10-11", "2026-11-06", "2026-11-06", "2026-11-21", "2026-12-06"} {
		all = append(all, event(on, uint64(i+1), "b"))
	}
	other := event("2026-11-06", 3, "a") // the same in another file
	off := snapshot.Event{Time: at("2026-11-07").UTC(), ID: 4725, What: snapshot.Disabled, Object: "0a1b2c3d-0000-0000-0000-00000000000f"}
	want := []snapshot.Event{all[1], other, all[3], off, all[4]}
	for _, backward := range []bool{false, true} {
		s := open(t)
		put := func(list ...snapshot.Event) { must(t, s.PutEvents(t.Context(), "dir", list)) }
		batches := [][]snapshot.Event{all[:3], append([]snapshot.Event{other, off}, all[3:]...), all[2:4], nil}
		if backward {
			slices.Reverse(batches)
		}
		for i, on := range []string{"2026-10-10", "2026-11-05", "2026-11-20", "2026-12-05"} {
			put(batches[i]...)
			must(t, s.PutDirectory(t.Context(), &snapshot.Directory{Reading: snapshot.Reading{Source: "dir", Kind: snapshot.KindDirectory, Site: "north", Taken: at(on), Status: snapshot.Complete, File: on}, Domain: "D",
				Accounts: []snapshot.Account{{ID: "a", Name: "a"}}}))
		}
		must(t, s.PutEvents(t.Context(), "elsewhere", []snapshot.Event{event("2026-11-06", 9, "c")}))
		f := facts(t, s, "2026-11")
		if d := gocmp.Diff(want, f.Directories[0].Events); d != "" {
			t.Errorf("backward %v: %s", backward, d)
		}
		if f.Directories[0].After == nil { // of a reading that tells nothing else
			t.Error("the reading after is not told, and events lie before it")
		}
		h, err := s.(store.Hander).Export(t.Context(), "north", mon("2026-12"))
		must(t, err)
		centre := open(t)
		for range 2 {
			_, err = centre.(store.Hander).Import(t.Context(), h)
			must(t, err)
		}
		if d := gocmp.Diff(want, facts(t, centre, "2026-11").Directories[0].Events); d != "" {
			t.Errorf("handed over: %s", d)
		}
	}
}
