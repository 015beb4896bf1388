package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"
	_ "time/tzdata"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func openAt(t testing.TB, path string) *database {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path, Options{Location: amsterdam(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.(*database)
}

// bigDirectory has n accounts, n/20 groups and some 2.6 memberships an
// account.
func bigDirectory(n int, day month.Day, loc *time.Location) *snapshot.Directory {
	r := rand.New(rand.NewPCG(1, 1))
	d := &snapshot.Directory{Domain: "HOSTING"}
	d.Reading = snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: day.Start(loc), Status: snapshot.Complete}
	guid := func() string {
		x := r.Uint64()
		return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", uint32(x), uint16(x>>32), uint16(x>>48), uint16(r.Uint32()), r.Uint64()>>16)
	}
	for i := range n {
		d.Accounts = append(d.Accounts, snapshot.Account{
			ID: guid(), SID: fmt.Sprintf("S-1-5-21-1004336348-1177238915-682003330-%d", 1000+i), Name: fmt.Sprintf("user%06d", i),
			UPN: fmt.Sprintf("user%06d@tenant%03d.example", i, i%1000), DisplayName: fmt.Sprintf("Voornaam Achternaam %d", i),
			DN:           fmt.Sprintf("CN=Voornaam Achternaam %d,OU=Users,OU=Tenant%03d,OU=Hosting,DC=hosting,DC=example", i, i%1000),
			PrimaryGroup: "S-1-5-21-1004336348-1177238915-682003330-513", Line: i * 20,
		})
	}
	for i := range n / 20 {
		d.Groups = append(d.Groups, snapshot.Group{ID: guid(), SID: fmt.Sprintf("S-1-5-21-1-%d", i), Name: fmt.Sprintf("group %d", i), DN: fmt.Sprintf("CN=group %d,OU=Tenant", i)})
	}
	for i := range n {
		for k := range 2 + i%5/3 + i%20/19*5 {
			d.Members = append(d.Members, snapshot.Member{Group: d.Groups[(i*7+k*131)%len(d.Groups)].ID, Key: d.Accounts[i].ID, Line: i})
		}
	}
	return d
}

func (s *database) bytes(t testing.TB) int64 {
	t.Helper()
	var pages int64
	if err := s.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	return pages * 4096
}

// BenchmarkDirectory is 100,000 accounts: the first reading, an unchanged one
// and the facts of the month.
func BenchmarkDirectory(b *testing.B) {
	loc := amsterdam(b)
	first := month.Date(2026, 10, 1)
	d := bigDirectory(100_000, first, loc)
	peak := func() float64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.Sys) / (1 << 20)
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			s := openAt(b, filepath.Join(b.TempDir(), "s.db"))
			if err := s.PutDirectory(b.Context(), d); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(s.bytes(b))/1e6, "MB")
			s.Close()
		}
		b.ReportMetric(peak(), "sysMiB")
	})
	s := openAt(b, filepath.Join(b.TempDir(), "s.db"))
	if err := s.PutDirectory(b.Context(), d); err != nil {
		b.Fatal(err)
	}
	b.Run("unchanged", func(b *testing.B) {
		day := first
		for b.Loop() {
			day++
			x := *d
			x.Taken = day.Start(loc)
			if err := s.PutDirectory(b.Context(), &x); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(peak(), "sysMiB")
	})
	b.Run("facts", func(b *testing.B) {
		for b.Loop() {
			f, err := s.Facts(b.Context(), month.New(2026, 10, loc))
			if err != nil || f.Directories[0].Members.Len() != len(d.Members) {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkUses is a million rows of one month: 2,000 hosts, 500 users each,
// new, and merged again.
func BenchmarkUses(b *testing.B) {
	loc := amsterdam(b)
	m := month.New(2026, 10, loc)
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: "logs", Kind: snapshot.KindSessions, Taken: m.End(), Status: snapshot.Complete}}
	for h := range 2000 {
		for u := range 500 {
			at := snapshot.Sighting{Time: m.Start().Add(time.Duration(h*u) * time.Second), EventID: 21, Channel: "LSM",
				Evidence: snapshot.Evidence{File: fmt.Sprintf("events/h%04d.evtx", h), Record: uint64(u)}}
			user := fmt.Sprintf("hosting\\user%06d", (h*37+u)%100_000)
			v.Uses = append(v.Uses, snapshot.Use{
				Host: fmt.Sprintf("h%04d", h), User: user, Name: user, Month: m.Number(), Days: 3, First: at, Last: at,
				Opened: snapshot.Mark{Sighting: at, Session: "3", Remote: true}, Closed: snapshot.Mark{Sighting: at, Session: "3"},
			})
		}
	}
	for b.Loop() {
		s := openAt(b, filepath.Join(b.TempDir(), "s.db"))
		for _, what := range []string{"new-s", "again-s"} {
			start := time.Now()
			if err := s.PutSessions(b.Context(), v, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(start).Seconds(), what)
		}
		start := time.Now()
		if _, err := s.Facts(b.Context(), m.Add(1)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "facts-next-s")
		b.ReportMetric(float64(s.bytes(b))/1e6, "MB")
		s.Close()
	}
}
