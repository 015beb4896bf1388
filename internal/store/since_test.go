package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store/storetest"
)

// By hand: a process put the reading of the 1st; another one read that export again
// and kept department too. The first puts the reading of the 2nd, of which it knows
// that nothing differs from the 1st as it put it: without the department. So Ann has
// the department on the 1st alone.
func TestSinceAfterAnotherReadItAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	loc := storetest.Location()
	reading := func(day int, kept []string, more ...snapshot.Attribute) *snapshot.Directory {
		at := time.Date(2026, 10, day, 12, 0, 0, 0, loc)
		return &snapshot.Directory{
			Reading: snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: at, Status: snapshot.Complete,
				File: at.Format(time.DateOnly), Fingerprint: at.Format(time.DateOnly), Kept: kept},
			Accounts: []snapshot.Account{{ID: "a", Name: "ann", Attributes: more}},
		}
	}
	one, other := open(t, path), open(t, path)
	first := reading(1, nil)
	again := reading(1, []string{"department"}, snapshot.Attribute{Name: "department", Value: "d"})
	second := reading(2, nil)
	second.Since = &snapshot.Since{Taken: first.Taken, Fingerprint: first.Fingerprint}
	for _, err := range []error{one.PutDirectory(t.Context(), first), other.PutDirectory(t.Context(), again), one.PutDirectory(t.Context(), second)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f, err := one.Facts(t.Context(), month.New(2026, time.October, loc))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]snapshot.Span{}
	for _, a := range f.Directories[0].Accounts.All() {
		got[a.Attribute("department")] = a.Span
	}
	if len(got) != 2 || got["d"] != (snapshot.Span{First: 0, Last: 0}) || got[""] != (snapshot.Span{First: 1, Last: 1}) {
		t.Errorf("Ann is there as %+v", got)
	}
}
