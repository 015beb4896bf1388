package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// noLocks: no session of splameter holds a lock, so no half reading either.
func noLocks(t *testing.T, c *pgtest.Cluster) {
	t.Helper()
	const q = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name = 'splameter' AND (l.locktype = 'advisory' OR l.mode LIKE '%Exclusive%' AND l.locktype = 'relation')"
	var left string
	for range 100 {
		if left = c.SQL("splameter", q); left == "0" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%s locks are left over", left)
}

// The line is cut after so many bytes, again and again at another place; what
// broke off left nothing, tried again it is whole, and the month is that of a
// store that nothing happened to.
func TestLineCut(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s, p, c := line(t)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	broke := 0
	for day, after := 1, int64(300); day <= 12; day, after = day+1, after*2 {
		d := directoryOf(400, day, func(i int) bool { return i%40 == day })
		p.CutAfter.Store(after)
		err := s.PutDirectory(t.Context(), d)
		p.CutAfter.Store(-1)
		if err != nil {
			broke++
			if !strings.Contains(err.Error(), "try again") {
				t.Errorf("after %d bytes: %v", after, err)
			}
			noLocks(t, c)
			if err := s.PutDirectory(t.Context(), d); err != nil {
				t.Fatalf("again, after a cut after %d bytes: %v", after, err)
			}
		}
		if err := lite.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if broke < 4 {
		t.Errorf("only %d readings broke off", broke)
	}
	sameFacts(t, lite, s)
}

// The server is killed in the middle of a reading and started again: nothing
// is left of the reading, and the same store goes on.
func TestServerKilledInAReading(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	s := openPostgres(t, c.Database("splameter"), time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	d := directoryOf(60_000, 1, func(int) bool { return false })
	failed := make(chan error, 1)
	go func() { failed <- s.PutDirectory(t.Context(), d) }()
	for range 1000 { // until it is at it
		if c.SQL("splameter", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'splameter' AND query ILIKE 'copy%'") != "0" {
			break
		}
	}
	c.Kill()
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("the server was killed: %v", err)
	}
	if _, err := s.Months(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot be reached") {
		t.Errorf("the server is down: %v", err)
	}
	c.Up()
	if _, ok, err := s.LastReading(t.Context(), "ad"); err != nil || ok {
		t.Fatal("half a reading is left:", ok, err)
	}
	noLocks(t, c)
	for _, st := range []store.Store{s, lite} {
		if err := st.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	sameFacts(t, lite, s)
}

// The server is killed while a month is closed: the act is there whole or not
// at all, and who tries again is told which.
func TestServerKilledInAClose(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s, p, c := line(t)
	act := func(seq int) []statement.Act {
		return []statement.Act{{Month: "2026-10", Seq: seq, Action: statement.ActSeal, At: time.Date(2026, 11, 1, 7, 0, 0, 0, time.UTC)}}
	}
	seq := 1
	for after := int64(100); after < 4000; after += 330 {
		p.CutAfter.Store(after)
		err := s.Record(t.Context(), act(seq), &statement.Statement{Month: "2026-10"}, false)
		p.CutAfter.Store(-1)
		if seq%3 == 0 {
			c.Kill()
			c.Up()
		}
		if err != nil {
			noLocks(t, c)
			err = s.Record(t.Context(), act(seq), &statement.Statement{Month: "2026-10"}, false)
			if err != nil && !errors.Is(err, store.ErrChanged) { // it had been kept, and the answer was lost
				t.Fatal(err)
			}
		}
		seq++
	}
	all, err := s.Acts(t.Context(), "2026-10")
	if err != nil || len(all) != seq-1 {
		t.Fatalf("%d acts, want %d: %v", len(all), seq-1, err)
	}
	for i, a := range all {
		if a.Seq != i+1 {
			t.Errorf("act %d has the number %d", i+1, a.Seq)
		}
	}
}

// While somebody writes for long, others read and open; who would write waits
// for as long as it may and says what it waited for.
func TestReadersAreNotShutOut(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	s := openPostgres(t, dsn, 300*time.Millisecond)
	d := directoryOf(10, 1, func(int) bool { return false })
	if err := s.PutDirectory(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	hold, done := make(chan string), make(chan bool)
	go func() {
		hold <- ""
		c.SQL("splameter", "BEGIN; LOCK TABLE splameter.span IN EXCLUSIVE MODE; SELECT pg_sleep(5); COMMIT;")
		close(done)
	}()
	<-hold
	for c.SQL("splameter", "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'splameter.span'::regclass") == "0" {
		time.Sleep(20 * time.Millisecond)
	}
	other := openPostgres(t, dsn, time.Second)
	if months, err := other.Months(t.Context()); err != nil || len(months) != 1 {
		t.Error(months, err)
	}
	next := directoryOf(10, 2, func(i int) bool { return i == 3 })
	if err := s.PutDirectory(t.Context(), next); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), "wait until that one has finished") {
		t.Errorf("a table is held: %v", err)
	}
	<-done
	if err := s.PutDirectory(t.Context(), next); err != nil {
		t.Error(err)
	}
}

// Two agents race for the close; the one that won is killed with -9, and the
// other has its lock within seconds.
func TestKilledWinnerOnPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	if dsn := os.Getenv("SPLAMETER_TEST_PG_HOLD"); dsn != "" {
		s := openPostgres(t, dsn, time.Second)
		if _, ok := lockOf(t, s, "months"); !ok {
			t.Fatal("held by another")
		}
		fmt.Println("HELD")
		select {} // until killed
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	s := openPostgres(t, dsn, time.Second)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledWinnerOnPostgres$")
	cmd.Env = append(os.Environ(), "SPLAMETER_TEST_PG_HOLD="+dsn)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	if word, err := bufio.NewReader(out).ReadString('\n'); err != nil || word != "HELD\n" {
		t.Fatalf("%q %v", word, err)
	}
	if _, ok := lockOf(t, s, "months"); ok {
		t.Fatal("two hold it")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	began := time.Now()
	for time.Since(began) < 30*time.Second {
		if release, ok := lockOf(t, s, "months"); ok {
			if err := release(); err != nil {
				t.Error(err)
			}
			noLocks(t, c)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the lock of a killed process is held")
}

// Who lost the connection of its lock learns of it, and may take it again.
func TestLostLock(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s, p, _ := line(t)
	held, ok, err := s.(store.Locker).Lock(t.Context(), "agent")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	p.Cut()
	select {
	case <-held.Lost():
	case <-time.After(40 * time.Second):
		t.Fatal("it was not noticed")
	}
	if err := held.Release(); err != nil {
		t.Error(err)
	}
	release, ok := lockOf(t, s, "agent")
	if !ok {
		t.Fatal("its own lock is in its way")
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

// A site that was away for a week hands its readings in late, while another
// site went on: the month is that of one store in order.
func TestSiteAwayForAWeek(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	here, away := openPostgres(t, dsn, time.Minute), openPostgres(t, dsn, time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	of := func(source string, day int) *snapshot.Directory {
		d := directoryOf(50, day, func(i int) bool { return i%15 == day })
		d.Source, d.Fingerprint = source, source+d.Fingerprint
		return d
	}
	put := func(s store.Store, source string, days ...int) {
		t.Helper()
		for _, day := range days {
			if err := s.PutDirectory(t.Context(), of(source, day)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for day := 1; day <= 14; day++ {
		put(lite, "amsterdam", day)
		put(lite, "delft", day)
		put(here, "amsterdam", day)
		if day < 5 || day > 11 {
			put(away, "delft", day)
		}
	}
	put(away, "delft", 5, 6, 7, 8, 9, 10, 11)
	sameFacts(t, lite, here)
	noLocks(t, c)
}
