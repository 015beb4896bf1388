package store_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/database/tdstest"
	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
	"splameter/internal/store/tdsengine"
)

// serverLine is a store on the responder, behind a line that adds 20 ms to
// every answer.
func serverLine(t *testing.T) (store.Store, *pgtest.Proxy, *tdstest.Server) {
	t.Helper()
	_, s := tdsengine.Start(t)
	p := pgtest.NewProxy(t, s.Addr, 20*time.Millisecond)
	dsn := "sqlserver://splameter@" + p.Addr + "?database=meters&certificate=" + url.QueryEscape(s.CA)
	st, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: "geheim", Wait: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st, p, s
}

// A reading of accounts of which 1 % changed takes at most 60 round trips, as many
// for 100,000 as for 1,000, and the month is what it is with SQLite. All that is
// written goes in parameters of one size, so that texts and plans are few.
func TestServerTurnsOfADirectory(t *testing.T) {
	few, many := 1_000, 100_000
	if testing.Short() {
		few, many = 100, 1_000
	}
	var turns [2][]int64
	for i, n := range []int{few, many} {
		s, p, responder := serverLine(t)
		lite := open(t, filepath.Join(t.TempDir(), "s.db"))
		for _, day := range []int{1, 2, 3, 5, 4} { // the last one late
			d := directoryOf(n, day, func(i int) bool { return day > 1 && i%100 == day })
			before := p.Turns.Load()
			if err := s.PutDirectory(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			turns[i] = append(turns[i], p.Turns.Load()-before)
			if err := lite.PutDirectory(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		sameFacts(t, lite, s)
		texts := map[string]bool{}
		for _, x := range responder.Statements() {
			if !strings.Contains(x.Text, "OPENJSON") {
				continue
			}
			texts[x.Text] = true
			for _, p := range x.Params {
				if p.Type != "nvarchar(max)" && p.Type != "bigint" && !strings.Contains(x.Text, "sp_getapplock") {
					t.Errorf("a parameter of the type %s in %.200s", p.Type, x.Text)
				}
			}
		}
		if len(texts) > 40 {
			t.Errorf("%d texts of statements for %d accounts", len(texts), n)
		}
	}
	t.Log("round trips: ", turns)
	for day, n := range turns[1] {
		if n > 60 {
			t.Errorf("reading %d: %d round trips for %d accounts", day+1, n, many)
		}
		if n > turns[0][day]+3 && day > 0 { // a connection more may be opened; the first of all writes everything
			t.Errorf("reading %d: %d round trips for %d accounts, %d for %d", day+1, turns[0][day], few, n, many)
		}
	}
}

// Ten times the log files take as many round trips, an hour later too; a known
// file takes three.
func TestServerTurnsOfLogs(t *testing.T) {
	var turns [2][]int64
	for i, files := range []int{20, 200} {
		s, p, _ := serverLine(t)
		lite := open(t, filepath.Join(t.TempDir(), "s.db"))
		for hour, at := range []time.Time{time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC), time.Date(2026, 10, 20, 11, 0, 0, 0, time.UTC), time.Date(2026, 10, 20, 12, 0, 0, 0, time.UTC)} {
			v, read := sessionsOf(files, 20, at, uint64(1000*(hour+1)))
			before := p.Turns.Load()
			if err := s.PutSessions(t.Context(), v, read); err != nil {
				t.Fatal(err)
			}
			turns[i] = append(turns[i], p.Turns.Load()-before)
			if err := lite.PutSessions(t.Context(), v, read); err != nil {
				t.Fatal(err)
			}
		}
		before := p.Turns.Load()
		for range 10 {
			if known, err := s.Known(t.Context(), "logs", "logs/rds7.evtx", "logs/rds7.evtx3000"); err != nil || !known {
				t.Fatal(known, err)
			}
		}
		if n := p.Turns.Load() - before; n > 30 {
			t.Errorf("%d round trips for 10 known files", n)
		}
		sameFacts(t, lite, s)
	}
	t.Log("round trips: ", turns)
	for hour, n := range turns[1] {
		if n > 60 || n > turns[0][hour]+3 {
			t.Errorf("hour %d: %d round trips for 20 files, %d for 200", hour, turns[0][hour], n)
		}
	}
}

// The states of ten times the hosts, and their inventories, take as many round trips.
func TestServerTurnsOfHosts(t *testing.T) {
	var turns [2][]int64
	for i, hosts := range []int{30, 300} {
		s, p, _ := serverLine(t)
		lite := open(t, filepath.Join(t.TempDir(), "s.db"))
		for day := 1; day <= 3; day++ {
			at := time.Date(2026, 10, day, 3, 0, 0, 0, time.UTC)
			v := &snapshot.Inventory{Reading: snapshot.Reading{Source: "inv", Kind: snapshot.KindInventory, Status: snapshot.Complete, Taken: at, Fingerprint: fmt.Sprint(day)}}
			var states []snapshot.HostState
			for h := range hosts {
				version := "1"
				if h%10 == day {
					version = strings.Repeat("2", day)
				}
				v.Software = append(v.Software, snapshot.HostSoftware{Host: fmt.Sprintf("h%d", h), Installs: []snapshot.Install{{Name: "Office", Version: version}}})
				states = append(states, snapshot.HostState{Source: "inv", Host: fmt.Sprintf("h%d", h)})
			}
			before := p.Turns.Load()
			if err := s.PutInventory(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			if err := s.PutHosts(t.Context(), states); err != nil {
				t.Fatal(err)
			}
			turns[i] = append(turns[i], p.Turns.Load()-before)
			if err := lite.PutInventory(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
		sameFacts(t, lite, s)
	}
	t.Log("round trips: ", turns)
	for day, n := range turns[1] {
		if n > 60 || n > turns[0][day]+3 {
			t.Errorf("day %d: %d round trips for 30 hosts, %d for 300", day+1, turns[0][day], n)
		}
	}
}
