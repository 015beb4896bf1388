package storetest

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// By hand: readings on 28 September, 5 and 12 October and 2 November; October
// holds the indices 0 and 1. Bob's membership was made and removed between the
// first two: the removal is told from the 5th on, and on the 12th no more. Anna
// was disabled for the third time on 20 September, and once more on the 30th of
// October, which the reading of November alone can tell, as it does of a group that no reading
// of October had. Cas was made and
// deleted between the 5th and the 12th. Read again with what it did not tell
// before, a reading takes its own place.
func directoryChanges(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	when := func(text string) time.Time { return at(text).UTC().Add(10 * time.Hour) }
	anna := snapshot.Account{ID: "a1", Name: "anna", Disabled: true}
	group := snapshot.Group{ID: "g1", Name: "RDS"}
	removed := snapshot.Change{Object: "g1", Key: "b1", Link: true, Version: 2, Created: when("2026-10-01"), Changed: when("2026-10-02"), Gone: true, Origin: "DC2", Line: 5}
	third := snapshot.Change{Object: "a1", Key: "useraccountcontrol", Version: 3, Changed: when("2026-09-20"), Origin: "DC1"}
	fourth := third
	fourth.Version, fourth.Changed = 4, when("2026-10-30")
	cas := snapshot.Deleted{Account: snapshot.Account{ID: "c1", Name: "cas", DN: "CN=cas,OU=x", Line: 9}, Made: when("2026-10-06"), Gone: when("2026-10-07")}
	for _, x := range []struct {
		day     string
		changes []snapshot.Change
		deleted []snapshot.Deleted
	}{
		{"2026-09-28", []snapshot.Change{third}, nil},
		{"2026-10-05", []snapshot.Change{removed, third}, nil},
		{"2026-10-12", []snapshot.Change{third}, []snapshot.Deleted{cas}},
		{"2026-11-02", []snapshot.Change{fourth}, nil},
	} {
		d := directory(x.day, []snapshot.Account{anna}, []snapshot.Group{group})
		if x.day == "2026-11-02" {
			d.Groups = append(d.Groups, snapshot.Group{ID: "g2", Name: "LIC-New", Line: 8})
		}
		if x.day == "2026-10-12" {
			must(t, s.PutDirectory(t.Context(), d))
			d = directory(x.day, []snapshot.Account{anna}, []snapshot.Group{group})
		}
		d.Changes, d.Deleted, d.Metadata = x.changes, x.deleted, []string{snapshot.MetadataAccounts, snapshot.MetadataLinks}
		must(t, s.PutDirectory(t.Context(), d))
	}
	d := facts(t, s, "2026-10").Directories[0]
	want := []snapshot.ChangeSpan{
		{Change: removed, Span: snapshot.Span{First: 0, Last: 0}, File: "2026-10-05.ldif"},
		{Change: third, Span: snapshot.Span{First: 0, Last: 1}, File: "2026-09-28.ldif"},
	}
	if diff := gocmp.Diff(want, d.Changes); diff != "" {
		t.Error(diff)
	}
	if diff := gocmp.Diff([]snapshot.Deleted{cas}, d.Deleted); diff != "" {
		t.Error(diff)
	}
	after := &snapshot.DirectoryAfter{Taken: snapshot.Taken{Time: at("2026-11-02").UTC(), Day: day("2026-11-02"), File: "2026-11-02.ldif"}, Changes: []snapshot.Change{fourth},
		Groups: []snapshot.Group{{ID: "g2", Name: "LIC-New", Line: 8}}}
	if diff := gocmp.Diff(after, d.After); diff != "" {
		t.Error(diff)
	}
	november := facts(t, s, "2026-11").Directories[0]
	if diff := gocmp.Diff([]snapshot.Change{third}, november.Before.Changes); diff != "" || november.After != nil {
		t.Error(diff, november.After)
	}
	if diff := gocmp.Diff([]string{"accounts", "links"}, facts(t, s, "2026-10").Readings[1].Metadata); diff != "" {
		t.Error(diff)
	}
}
