package store

import (
	"path/filepath"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// What is kept of a session that nobody ended goes with the session: three months
// before the one that is kept stay, since one of theirs may still be open in it.
func TestReduceSessionsLeftOpen(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "s.db"))
	ctx := t.Context()
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: "logs", Kind: snapshot.KindSessions, Status: snapshot.Complete, File: "h", Fingerprint: "1",
		Taken: time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC), Day: month.Date(2026, 10, 31)}}
	for m := time.March; m <= time.October; m++ {
		at := snapshot.Sighting{Time: time.Date(2026, m, 20, 8, 0, 0, 0, time.UTC), EventID: 21, Channel: "LSM"}
		mark := snapshot.Mark{Sighting: at, Session: "5", Remote: true}
		v.Uses = append(v.Uses, snapshot.Use{Host: "h", User: "anna", Name: "anna", Month: month.New(2026, m, time.UTC).Number(), Days: 1 << 19, First: at, Last: at, Opened: mark})
	}
	if err := s.PutSessions(ctx, v, nil); err != nil {
		t.Fatal(err)
	}
	count := func() (n [2]int64) {
		t.Helper()
		err := s.read(ctx, func(x *tx) (err error) {
			if n[0], err = x.number("SELECT COUNT(*) FROM used"); err == nil {
				n[1], err = x.number("SELECT COUNT(*) FROM left_open")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n != [2]int64{8, 8} {
		t.Fatalf("before: %v sessions, and left open", n)
	}
	if _, err := s.Reduce(ctx, month.New(2026, time.October, time.UTC)); err != nil {
		t.Fatal(err)
	}
	if n := count(); n != [2]int64{4, 4} { // July to October
		t.Errorf("after: %v sessions, and left open", n)
	}
}
