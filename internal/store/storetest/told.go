package storetest

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// By hand: four readings, of the 1st, 2nd, 3rd and 4th of October. DC1 answered the
// first and the third, DC2 the second; the fourth is later than what is asked for.
// The second took over what the first was told, and the third what the second was.
// On the 3rd bob's membership was gone from the group's changes, and cas was gone.
func directoryTold(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	nothing, err := s.Told(t.Context(), "ad", at("2026-10-01"))
	if err != nil || !nothing.Taken.IsZero() {
		t.Fatalf("%+v, %v", nothing, err)
	}
	when := func(text string) time.Time { return at(text).UTC().Add(-10 * time.Hour) }
	anna := snapshot.Change{Object: "g1", Key: "a1", Link: true, Version: 1, Created: when("2026-09-20"), Changed: when("2026-09-20"), Origin: "DC1"}
	bob := snapshot.Change{Object: "g1", Key: "b1", Link: true, Version: 2, Created: when("2026-09-21"), Changed: when("2026-09-22"), Gone: true}
	own := snapshot.Change{Object: "b1", Key: "useraccountcontrol", Version: 3, Changed: when("2026-09-23"), Origin: "DC2"}
	people := []snapshot.Account{{ID: "a1", Name: "anna"}, {ID: "b1", Name: "bob", Disabled: true}, {ID: "c1", Name: "cas"}}
	group := []snapshot.Group{{ID: "g1", Name: "RDS"}}
	for _, x := range []struct {
		day, controller string
		usn             int64
		accounts        int
		since           string
		changes         []snapshot.Change
		metadata        []string
	}{
		{"2026-10-01", "dc1", 100, 3, "", []snapshot.Change{anna, bob, own}, []string{snapshot.MetadataAccounts, snapshot.MetadataLinks}},
		{"2026-10-02", "dc2", 7000, 3, "2026-10-01", []snapshot.Change{anna, bob, own}, []string{snapshot.MetadataAccounts, snapshot.MetadataLinks}},
		{"2026-10-03", "dc1", 300, 2, "2026-10-01", []snapshot.Change{anna, own}, []string{snapshot.MetadataAccounts, snapshot.MetadataLinks}},
		{"2026-10-04", "dc3", 9, 2, "", nil, nil},
	} {
		d := directory(x.day, people[:x.accounts], group)
		d.Changes, d.Metadata, d.Controller = x.changes, x.metadata, snapshot.Controller{Host: x.controller, Invocation: x.controller, USN: x.usn}
		if x.since != "" {
			d.MetadataSince = at(x.since).UTC()
		}
		must(t, s.PutDirectory(t.Context(), d))
	}
	got, err := s.Told(t.Context(), "ad", at("2026-10-03").Add(time.Hour))
	must(t, err)
	want := &snapshot.Told{Taken: at("2026-10-03").UTC(), Whole: at("2026-10-01").UTC(), Metadata: []string{snapshot.MetadataAccounts, snapshot.MetadataLinks},
		Changes: []snapshot.Change{anna, own}, Accounts: []string{"a1", "b1"}, Groups: []string{"g1"},
		Controllers: []snapshot.Controller{{Host: "dc1", Invocation: "dc1", USN: 300}, {Host: "dc2", Invocation: "dc2", USN: 7000}}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// The reading of the 4th was told nothing, and says so.
	if got, err = s.Told(t.Context(), "ad", at("2026-10-05")); err != nil || got.Metadata != nil || len(got.Changes) > 0 || !got.Whole.Equal(at("2026-10-04")) {
		t.Errorf("%+v, %v", got, err)
	}
}
