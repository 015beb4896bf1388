package store_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
)

// line is a store behind a line that adds 20 ms to every answer.
func line(t *testing.T) (store.Store, *pgtest.Proxy, *pgtest.Cluster) {
	t.Helper()
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	p := pgtest.NewProxy(t, c.Addr(), 20*time.Millisecond)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.Addr
	return openPostgres(t, u.String(), time.Minute), p, c
}

// directoryOf is a reading of n accounts and their memberships; those of which
// changed says so are not what they were.
func directoryOf(n, day int, changed func(i int) bool) *snapshot.Directory {
	d := &snapshot.Directory{Reading: snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Status: snapshot.Complete,
		Taken: time.Date(2026, 10, day, 3, 0, 0, 0, time.UTC), Fingerprint: fmt.Sprint("day", day)}, Domain: "HOSTING", DNS: "hosting.example"}
	d.Groups = []snapshot.Group{{ID: "00000000-0000-0000-0000-000000000000", DN: "CN=office,DC=hosting,DC=example"}}
	for i := range n {
		a := snapshot.Account{ID: fmt.Sprintf("%08d-0000-0000-0000-000000000001", i), Name: fmt.Sprintf("u%d", i), DN: fmt.Sprintf("CN=u%d,DC=hosting,DC=example", i)}
		if changed(i) {
			a.Disabled = true
		} else {
			d.Members = append(d.Members, snapshot.Member{Group: d.Groups[0].ID, Key: a.ID})
		}
		d.Accounts = append(d.Accounts, a)
	}
	return d
}

// A reading of many accounts of which 1 % changed takes at most 60 round trips,
// the next one too, and the month is what it is with SQLite.
func TestTurnsOfADirectory(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	const n = 100_000
	s, p, _ := line(t)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	never := func(int) bool { return false }
	for _, x := range []struct {
		day     int
		changed func(int) bool
	}{
		{1, never},
		{2, func(i int) bool { return i%100 == 0 }},
		{3, func(i int) bool { return i%100 == 1 }},
		{5, never},
		{4, func(i int) bool { return i%100 == 2 }}, // late
	} {
		d := directoryOf(n, x.day, x.changed)
		before, began := p.Turns.Load(), time.Now()
		if err := s.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		turns := p.Turns.Load() - before
		t.Logf("day %d: %d round trips, %v", x.day, turns, time.Since(began).Round(time.Millisecond))
		if most := int64(60); turns > most && (x.day > 1 || turns > 100) { // the first of all writes everything
			t.Errorf("day %d: %d round trips for a reading of %d accounts, want at most 60", x.day, turns, n)
		}
		if err := lite.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	sameFacts(t, lite, s)
}

// sameFacts: two stores tell the same of October.
func sameFacts(t *testing.T, a, b store.Store) {
	t.Helper()
	m, err := month.Parse("2026-10", storetest.Location())
	if err != nil {
		t.Fatal(err)
	}
	var all [2]string
	for i, s := range []store.Store{a, b} {
		f, err := s.Facts(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.MarshalIndent(f, "", " ")
		if err != nil || f.Uses.Len()+len(f.Directories)+len(f.Software) == 0 {
			t.Fatal("no facts: ", err)
		}
		all[i] = string(text)
	}
	if all[0] != all[1] {
		x, y := strings.Split(all[0], "\n"), strings.Split(all[1], "\n")
		for i := range x {
			if i >= len(y) || x[i] != y[i] {
				t.Fatalf("the stores differ in line %d of %d and %d: %.500s", i+1, len(x), len(y), x[i])
			}
		}
		t.Fatal("the stores differ")
	}
}

// sessionsOf is a reading of files of logs, a host each, with their users.
func sessionsOf(files, users int, at time.Time, last uint64) (*snapshot.Sessions, []store.File) {
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: "logs", Kind: snapshot.KindSessions, Status: snapshot.Complete, Taken: at}}
	var out []store.File
	for i := range files {
		host, file := fmt.Sprintf("rds%d", i), fmt.Sprintf("logs/rds%d.evtx", i)
		for k := range users {
			day := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
			first := snapshot.Sighting{Time: day, EventID: 21, Channel: "LSM", Evidence: snapshot.Evidence{File: file, Record: 1}}
			final := snapshot.Sighting{Time: at.Add(-time.Hour), EventID: 21, Channel: "LSM", Evidence: snapshot.Evidence{File: file, Record: last}}
			v.Uses = append(v.Uses, snapshot.Use{Host: host, User: fmt.Sprintf(`hosting\u%d`, k), Month: mustMonth(at).Number(),
				Days: snapshot.DayBit(1) | snapshot.DayBit(month.DayOf(at, storetest.Location())), First: first, Last: final,
				Opened: snapshot.Mark{Sighting: final, Session: "3", Remote: true}})
		}
		v.Logs = append(v.Logs, snapshot.Log{Host: host, Name: host, Channel: "LSM", File: file, FirstRecord: 1, LastRecord: last, Records: last,
			First: time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC), Last: at.Add(-time.Hour), Until: at})
		out = append(out, store.File{Source: "logs", Name: file, Fingerprint: fmt.Sprint(file, last)})
	}
	return v, out
}

func mustMonth(at time.Time) month.Month { return month.Of(at, storetest.Location()) }

// Many log files take as many round trips as few, an hour later too; a file
// that is known takes three.
func TestTurnsOfLogs(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s, p, _ := line(t)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	const files = 1000
	for hour, at := range []time.Time{time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC), time.Date(2026, 10, 20, 11, 0, 0, 0, time.UTC)} {
		v, read := sessionsOf(files, 20, at, uint64(1000*(hour+1)))
		before, began := p.Turns.Load(), time.Now()
		if err := s.PutSessions(t.Context(), v, read); err != nil {
			t.Fatal(err)
		}
		turns := p.Turns.Load() - before
		t.Logf("hour %d: %d round trips, %v", hour, turns, time.Since(began).Round(time.Millisecond))
		if turns > 60 {
			t.Errorf("hour %d: %d round trips for %d files", hour, turns, files)
		}
		if err := lite.PutSessions(t.Context(), v, read); err != nil {
			t.Fatal(err)
		}
	}
	before := p.Turns.Load()
	for range 10 {
		if known, err := s.Known(t.Context(), "logs", "logs/rds7.evtx", "logs/rds7.evtx2000"); err != nil || !known {
			t.Fatal(known, err)
		}
	}
	if turns := p.Turns.Load() - before; turns > 33 { // the first prepares the question
		t.Errorf("%d round trips for 10 known files", turns)
	}
	sameFacts(t, lite, s)
}

// An inventory of many hosts, a tenth of which changed.
func TestTurnsOfAnInventory(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	s, p, _ := line(t)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	for day := 1; day <= 3; day++ {
		for _, hosts := range []int{600, 60, 10} { // of different sources, each its way
			v := &snapshot.Inventory{Reading: snapshot.Reading{Source: fmt.Sprint("inv", hosts), Kind: snapshot.KindInventory, Status: snapshot.Complete,
				Taken: time.Date(2026, 10, day, 3, 0, 0, 0, time.UTC), Fingerprint: fmt.Sprint(hosts, day)}}
			for i := range hosts {
				version := "1"
				if i%10 == day {
					version = strings.Repeat("2", day)
				}
				v.Software = append(v.Software, snapshot.HostSoftware{Host: fmt.Sprintf("h%d", i), Installs: []snapshot.Install{{Name: "Office", Version: version}}})
			}
			before := p.Turns.Load()
			if err := s.PutInventory(t.Context(), v); err != nil {
				t.Fatal(err)
			}
			if turns := p.Turns.Load() - before; turns > 60 {
				t.Errorf("%d hosts, day %d: %d round trips", hosts, day, turns)
			}
			if err := lite.PutInventory(t.Context(), v); err != nil {
				t.Fatal(err)
			}
		}
	}
	sameFacts(t, lite, s)
}
