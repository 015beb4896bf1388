package store_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// siteOf is a site's own reading of the same accounts and groups.
func siteOf(site string, n, day int) *snapshot.Directory {
	d := directoryOf(n, day, func(i int) bool { return i%15 == day })
	d.Source, d.Site, d.Fingerprint = site, site, site+d.Fingerprint
	return d
}

// Site amsterdam is at a long reading, over a slow line. Meanwhile delft opens
// the store, asks for its state, keeps a reading of its own with the same texts
// in it, sessions and an act; and only then is amsterdam done.
func TestSitesAreNotShutOut(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	amsterdam, _, c := line(t)
	done := make(chan error, 1)
	go func() { done <- amsterdam.PutDirectory(t.Context(), siteOf("amsterdam", 30_000, 1)) }()
	for range 1000 { // until it is at it
		if c.SQL("splameter", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0" {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	delft := openPostgres(t, c.DSN("splameter", "splameter", ""), 5*time.Second)
	if _, err := delft.Months(t.Context()); err != nil {
		t.Error(err)
	}
	if err := delft.PutDirectory(t.Context(), siteOf("delft", 50, 1)); err != nil {
		t.Error(err)
	}
	v, files := sessionsOf(3, 5, time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC), 1000)
	if err := delft.PutSessions(t.Context(), v, files); err != nil {
		t.Error(err)
	}
	act := []statement.Act{{Month: "2026-09", Seq: 1, Action: statement.ActSeal, At: time.Date(2026, 10, 1, 7, 0, 0, 0, time.UTC)}}
	if err := delft.Record(t.Context(), act, &statement.Statement{Month: "2026-09"}, false); err != nil {
		t.Error(err)
	}
	select {
	case err := <-done:
		t.Fatal("amsterdam was done before; the test proves nothing:", err)
	default:
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	noLocks(t, c)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	for _, d := range []*snapshot.Directory{siteOf("amsterdam", 30_000, 1), siteOf("delft", 50, 1)} {
		if err := lite.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := lite.PutSessions(t.Context(), v, files); err != nil {
		t.Fatal(err)
	}
	sameFacts(t, lite, delft)
}

// Five sites write at once, the same texts and values among them, days out of
// order; the month is that of one store to which they came one by one.
func TestSitesWriteAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	openPostgres(t, dsn, time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	var wg sync.WaitGroup
	for i := range 5 {
		site := fmt.Sprintf("site%d", i)
		s := openPostgres(t, dsn, time.Minute)
		wg.Go(func() {
			for k := range 12 {
				day := 1 + (k*5+i)%12
				if err := s.PutDirectory(t.Context(), siteOf(site, 200, day)); err != nil {
					t.Error(site, day, err)
				}
				v, files := sessionsOf(5, 5, time.Date(2026, 10, day, 10, 0, 0, 0, time.UTC), uint64(1000*day))
				v.Source = "logs of " + site
				for j := range files {
					files[j].Source = v.Source
				}
				if err := s.PutSessions(t.Context(), v, files); err != nil {
					t.Error(site, day, err)
				}
			}
		})
	}
	wg.Wait()
	for i := range 5 {
		for day := 1; day <= 12; day++ {
			site := fmt.Sprintf("site%d", i)
			if err := lite.PutDirectory(t.Context(), siteOf(site, 200, day)); err != nil {
				t.Fatal(err)
			}
			v, files := sessionsOf(5, 5, time.Date(2026, 10, day, 10, 0, 0, 0, time.UTC), uint64(1000*day))
			v.Source = "logs of " + site
			for j := range files {
				files[j].Source = v.Source
			}
			if err := lite.PutSessions(t.Context(), v, files); err != nil {
				t.Fatal(err)
			}
		}
	}
	var s store.Store = openPostgres(t, dsn, time.Minute)
	sameFacts(t, lite, s)
	noLocks(t, c)
}
