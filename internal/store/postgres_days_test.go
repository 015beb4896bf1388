package store_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"splameter/internal/pgtest"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
)

// Somebody else's transaction and a reading wait for each other: the server
// ends the reading, which says so, leaves nothing, and is whole when tried again.
func TestDeadlock(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	s := openPostgres(t, dsn, time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	for _, st := range []store.Store{s, lite} {
		if err := st.PutDirectory(t.Context(), siteOf("amsterdam", 300, 1)); err != nil {
			t.Fatal(err)
		}
	}
	// It holds the spans, and asks for the readings when amsterdam, which has
	// written its reading, waits for the spans.
	other := make(chan bool)
	go func() {
		defer close(other)
		c.SQL("splameter", `SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE splameter.span IN EXCLUSIVE MODE;
DO $$ BEGIN FOR i IN 1..300 LOOP PERFORM pg_sleep(0.1); EXIT WHEN EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'splameter.span'::regclass); END LOOP; END $$;
LOCK TABLE splameter.reading IN ACCESS EXCLUSIVE MODE; COMMIT;`)
	}()
	for c.SQL("splameter", "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'splameter.span'::regclass") == "0" {
		time.Sleep(20 * time.Millisecond)
	}
	d := siteOf("amsterdam", 300, 2)
	err := s.PutDirectory(t.Context(), d)
	if err == nil || !strings.Contains(err.Error(), "gave way to others; nothing of this was kept, try again") {
		t.Errorf("a deadlock: %v", err)
	}
	<-other
	noLocks(t, c)
	if !strings.Contains(c.Log(), "deadlock detected") {
		t.Error("there was no deadlock; the test proves nothing")
	}
	for _, st := range []store.Store{s, lite} {
		if err := st.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	sameFacts(t, lite, s)
}

// The server's disk fills up in the middle of a reading: that is said, nothing
// of it is kept, everybody may still look, and with room again it is whole.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	disk := c.SmallDisk(48)
	c.SQL("postgres", "CREATE TABLESPACE small LOCATION '"+disk+"'")
	c.SQL("postgres", "CREATE ROLE splameter LOGIN PASSWORD '"+pgtest.Password+"'")
	c.SQL("postgres", "CREATE DATABASE splameter OWNER splameter TABLESPACE small")
	s := openPostgres(t, c.DSN("splameter", "splameter", ""), time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	for _, st := range []store.Store{s, lite} {
		if err := st.PutDirectory(t.Context(), siteOf("amsterdam", 300, 1)); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, pgtest.Free(t, disk)-1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	d := siteOf("amsterdam", 20_000, 2)
	if err := s.PutDirectory(t.Context(), d); err == nil || !strings.Contains(err.Error(), "the server's disk is full; make room and try again: nothing of this was kept") {
		t.Fatalf("the disk is full: %v", err)
	}
	noLocks(t, c)
	sameFacts(t, lite, s)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for _, st := range []store.Store{s, lite} {
		if err := st.PutDirectory(t.Context(), d); err != nil {
			t.Fatal("with room again: ", err)
		}
	}
	sameFacts(t, lite, s)
}

// The server dies and its standby takes over, after a while in which there is
// only one that takes no writing: who is at it goes on there by itself.
func TestFailover(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	c.Database("splameter")
	standby := c.Standby(t)
	both := c.DSN("splameter", "splameter", c.Addr()+","+standby.Addr())
	s := openPostgres(t, both, 20*time.Second)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	put := func(day int) {
		t.Helper()
		for _, st := range []store.Store{s, lite} {
			if err := st.PutDirectory(t.Context(), siteOf("amsterdam", 300, day)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(1)
	// The address of the standby alone is refused with what to do.
	if _, err := store.Open(t.Context(), c.DSN("splameter", "splameter", standby.Addr()), store.Options{Location: storetest.Location(), Password: pgtest.Password}); err == nil ||
		!strings.Contains(err.Error(), "takes no writing") {
		t.Errorf("the standby alone: %v", err)
	}
	held, ok, err := s.(store.Locker).Lock(t.Context(), "agent")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	c.Follows(standby)
	failed := make(chan error, 1)
	go func() { failed <- s.PutDirectory(t.Context(), siteOf("amsterdam", 60_000, 2)) }()
	time.Sleep(300 * time.Millisecond)
	c.Kill()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("the server died: %v", err)
	}
	select {
	case <-held.Lost():
	case <-time.After(40 * time.Second):
		t.Error("the lock is believed held")
	}
	_ = held.Release()
	// For a while there is the standby alone.
	if err := s.PutDirectory(t.Context(), siteOf("amsterdam", 300, 2)); err == nil || !strings.Contains(err.Error(), "takes no writing") {
		t.Errorf("only the standby is there: %v", err)
	}
	standby.Promote()
	put(2)
	put(3)
	if release, ok := lockOf(t, s, "agent"); !ok {
		t.Error("the lock is not free on the new server")
	} else if err := release(); err != nil {
		t.Error(err)
	}
	sameFacts(t, lite, s)
	noLocks(t, standby)
}

// Sites whose clocks differ, by an hour and by a day: when something was
// written decides nothing.
func TestClocksDiffer(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	var all []store.Store
	for _, off := range []time.Duration{0, time.Hour, -26 * time.Hour} {
		s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: pgtest.Password, Now: func() time.Time { return time.Now().Add(off) }})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		all = append(all, s)
	}
	for day := 1; day <= 9; day++ {
		d := siteOf("amsterdam", 100, day)
		for _, st := range []store.Store{all[day%3], lite} {
			if err := st.PutDirectory(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	sameFacts(t, lite, all[0])
	noLocks(t, c)
}

// Five sites with 10,000 accounts together, a month of days, all at once: the
// month is that of one SQLite. By hand, with more:
//
//	SPLAMETER_TEST_ACCOUNTS=100000 go test -timeout 60m -run TestFiveSitesForAMonth ./internal/store
func TestFiveSitesForAMonth(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	accounts := 10_000
	if v := os.Getenv("SPLAMETER_TEST_ACCOUNTS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatal(err)
		}
		accounts = n
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	openPostgres(t, dsn, time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	sites := []string{"amsterdam", "delft", "ede", "goes", "hoorn"}
	began := time.Now()
	var wg sync.WaitGroup
	for _, site := range sites {
		s := openPostgres(t, dsn, time.Minute)
		wg.Go(func() {
			for day := 1; day <= 31; day++ {
				if err := s.PutDirectory(t.Context(), siteOf(site, accounts/len(sites), day)); err != nil {
					t.Error(site, day, err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d accounts of %d sites for a month: %v", accounts, len(sites), time.Since(began).Round(time.Millisecond))
	for _, site := range sites {
		for day := 1; day <= 31; day++ {
			if err := lite.PutDirectory(t.Context(), siteOf(site, accounts/len(sites), day)); err != nil {
				t.Fatal(err)
			}
		}
	}
	sameFacts(t, lite, openPostgres(t, dsn, time.Minute))
	noLocks(t, c)
}
