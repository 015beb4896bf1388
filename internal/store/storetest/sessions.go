package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

func sessions(day, file string) *snapshot.Sessions {
	r := reading(snapshot.KindSessions, "logs", day, file)
	return &snapshot.Sessions{Reading: r}
}

func sighting(t time.Time, id uint32, record uint64) snapshot.Sighting {
	return snapshot.Sighting{Time: t.UTC(), EventID: id, Channel: "LSM", Evidence: snapshot.Evidence{File: "h.evtx", Record: record}}
}

func mark(t time.Time, id uint32, session string, remote bool) snapshot.Mark {
	return snapshot.Mark{Sighting: sighting(t, id, 1), Session: session, Remote: remote}
}

// randomUse is any row of one host and user in October.
func randomUse(r *rand.Rand) snapshot.Use {
	moment := func() time.Time {
		return at("2026-10-01").Add(time.Duration(r.IntN(25*86400)) * time.Second).Add(time.Duration(r.IntN(3)) * 100)
	}
	u := snapshot.Use{Host: fmt.Sprint("h", r.IntN(2)), User: fmt.Sprint("hosting\\u", r.IntN(2)), Month: mon("2026-10").Number()}
	u.Name = []string{"HOSTING\\U", "Hosting\\u", ""}[r.IntN(3)]
	u.SID = []string{"", "S-1", "S-2"}[r.IntN(3)]
	file := []string{"a.evtx", "b.xml"}[r.IntN(2)]
	if r.IntN(4) > 0 {
		a, b := moment(), moment()
		if b.Before(a) {
			a, b = b, a
		}
		u.First, u.Last = sighting(a, 21, r.Uint64N(1e6)), sighting(b, 25, r.Uint64N(1e6))
		u.First.File, u.Last.File = file, file
		u.Days = snapshot.DayBit(month.DayOf(a, Location())) | snapshot.DayBit(month.DayOf(b, Location()))
	}
	for _, m := range []*snapshot.Mark{&u.Opened, &u.Closed, &u.Ended, &u.Left} {
		if r.IntN(2) == 0 {
			*m = mark(moment(), 23, fmt.Sprint(r.IntN(3)), r.IntN(2) == 0)
			m.Line = r.IntN(50)
		}
	}
	if r.IntN(2) == 0 {
		u.Clients, u.ClientDays = []string{fmt.Sprint("pc-", r.IntN(3))}, 1<<r.IntN(25)
	}
	return u
}

// Rows merged in any order, in any batches, and twice, give equal facts.
func sessionsInAnyOrder(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 8, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 3))
		var uses []snapshot.Use
		var logs []snapshot.Log
		for range 20 {
			uses = append(uses, randomUse(r))
			first := 1 + r.Uint64N(50)
			l := snapshot.Log{Host: "h0", Name: "H0.x", Channel: "LSM", File: fmt.Sprint("f", r.IntN(2)),
				FirstRecord: first, LastRecord: first + r.Uint64N(20)}
			l.First, l.Last = at("2026-10-02").UTC().Add(time.Duration(l.FirstRecord)*time.Hour), at("2026-10-02").UTC().Add(time.Duration(l.LastRecord)*time.Hour)
			l.Records = l.LastRecord - l.FirstRecord + 1 - r.Uint64N(2)*r.Uint64N(2)
			l.Records = max(l.Records, 1)
			l.Until = at("2026-10-21").Add(time.Duration(r.IntN(50)) * time.Hour).UTC()
			logs = append(logs, l)
		}
		a, b := open(t), open(t)
		one := sessions("2026-10-31", "one")
		one.Uses, one.Logs = uses, logs
		must(t, a.PutSessions(t.Context(), one, nil))
		want := facts(t, a, "2026-10")
		must(t, a.PutSessions(t.Context(), one, nil))
		same := sameFacts()
		if d := gocmp.Diff(want, facts(t, a, "2026-10"), same); d != "" {
			t.Fatalf("seed %d: twice is not once:\n%s", seed, d)
		}
		for range 2 {
			r.Shuffle(len(uses), func(i, j int) { uses[i], uses[j] = uses[j], uses[i] })
			r.Shuffle(len(logs), func(i, j int) { logs[i], logs[j] = logs[j], logs[i] })
			for i := 0; i < 20; i += 5 {
				part := sessions("2026-10-31", "part")
				part.Uses, part.Logs = uses[i:i+5], logs[i:i+5]
				must(t, b.PutSessions(t.Context(), part, nil))
			}
		}
		got := facts(t, b, "2026-10")
		if d := gocmp.Diff(want.Uses.Values(), got.Uses.Values()); d != "" {
			t.Fatalf("seed %d: the order matters:\n%s", seed, d)
		}
		if d := gocmp.Diff(want.Logs.Values(), got.Logs.Values()); d != "" {
			t.Fatalf("seed %d: the order of logs matters:\n%s", seed, d)
		}
	})
}

// By hand. In September anna opened a remote session on host h that nothing
// ended: October shows her carried, at her start. Bob's was ended on the
// 28th; Carl's was on host x, of which no log reaches October; Dora has her
// own October; Eve's was on the console; the host i went down on the 30th,
// which ended Fay's. Gus opened in May, more than three months before.
func sessionsCarried(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	sep, oct := mon("2026-09").Number(), mon("2026-10").Number()
	use := func(host, user string, m int, opened snapshot.Mark) snapshot.Use {
		return snapshot.Use{Host: host, User: user, Name: user, Month: m, Days: 1 << 19, First: opened.Sighting, Last: opened.Sighting, Opened: opened}
	}
	start := mark(at("2026-09-20"), 21, "5", true)
	v := sessions("2026-10-31", "logs")
	bob := use("h", "bob", sep, start)
	bob.Closed = mark(at("2026-09-28"), 23, "5", false)
	dora := use("h", "dora", oct, mark(at("2026-10-09"), 21, "9", true))
	v.Uses = []snapshot.Use{
		use("h", "anna", sep, start), bob, use("x", "carl", sep, start), use("h", "dora", sep, start), dora,
		use("h", "eve", sep, mark(at("2026-09-20"), 21, "5", false)), use("i", "fay", sep, start),
		{Host: "i", User: "", Month: sep, Closed: mark(at("2026-09-30"), 54, "*", false)},
		use("h", "gus", mon("2026-05").Number(), mark(at("2026-05-20"), 21, "5", true)),
	}
	for _, h := range []string{"h", "i", "x"} {
		l := snapshot.Log{Host: h, Channel: "LSM", File: h, First: at("2026-05-01"), Last: at("2026-10-20"), Until: at("2026-10-31")}
		if h == "x" {
			l.Last, l.Until = at("2026-09-29"), at("2026-09-29")
		}
		v.Logs = append(v.Logs, l)
	}
	files := []store.File{{Source: "logs", Name: "h", Fingerprint: "1"}}
	must(t, s.PutSessions(t.Context(), v, files))
	f := facts(t, s, "2026-10")
	anna := snapshot.Use{Host: "h", User: "anna", Name: "anna", Month: oct, First: start.Sighting, Last: start.Sighting, Carried: true}
	if d := gocmp.Diff([]snapshot.Use{anna, dora}, f.Uses.Values()); d != "" {
		t.Error(d)
	}
	if n := f.Logs.Len(); n != 3 { // x's as what its next log may go on from
		t.Errorf("%d logs of October, want those of h, i and x", n)
	}
	if n := facts(t, s, "2026-09").Uses.Len(); n != 6 {
		t.Errorf("September has %d rows, want 6", n)
	}
	for print, want := range map[string]bool{"1": true, "2": false} {
		if got, err := s.Known(t.Context(), "logs", "h", print); got != want || err != nil {
			t.Errorf("Known(%s) = %v, %v", print, got, err)
		}
	}
}

// A reading of November whose logs reach back into October is one of
// October's readings too; one whose logs begin in November is not.
func logsOfLaterReadings(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	for _, c := range []struct{ day, file, first string }{
		{"2026-10-20", "in", "2026-10-01"}, {"2026-11-05", "reaches", "2026-10-30"}, {"2026-11-06", "later", "2026-11-02"},
	} {
		v := sessions(c.day, c.file)
		v.Logs = []snapshot.Log{{Host: "h", Channel: "LSM", File: c.file, First: at(c.first), Last: at(c.day), Until: at(c.day)}}
		must(t, s.PutSessions(t.Context(), v, nil))
	}
	names := func(m string) (out []string) {
		for _, r := range facts(t, s, m).Readings {
			out = append(out, r.File)
		}
		return out
	}
	if got, want := names("2026-10"), []string{"in", "reaches"}; !slices.Equal(got, want) {
		t.Errorf("October: %v, want %v", got, want)
	}
	if got, want := names("2026-11"), []string{"reaches", "later"}; !slices.Equal(got, want) {
		t.Errorf("November: %v, want %v", got, want)
	}

	// Two domains have a host of one name: December knows both by their full names.
	v := sessions("2026-11-20", "forwarded")
	for _, domain := range []string{"A.example", "b.example"} {
		v.Logs = append(v.Logs, snapshot.Log{Host: "ts", Name: "TS." + domain, Channel: "LSM", File: domain, First: at("2026-11-03"), Last: at("2026-11-20"), Until: at("2026-11-20")})
	}
	must(t, s.PutSessions(t.Context(), v, nil))
	if got, want := facts(t, s, "2026-12").Before.Logged, []string{"h", "ts.a.example", "ts.b.example"}; !slices.Equal(got, want) {
		t.Errorf("logs before December: %v, want %v", got, want)
	}
}
