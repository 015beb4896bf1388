package sessions

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

// Whoever an event names is found by what its words meant before. That must
// be whom one finds without: for names that run into each other, that are
// spelled in several ways, that mean another one on another host, that are
// nobody's, and that are longer than an entry has room for.
func TestWordsMeanWhatTheyMeantBefore(t *testing.T) {
	long := strings.Repeat("x", 60)
	hosts := []string{"AB", "A", "a.example", "rdsh.customer.example", "RDSH.CUSTOMER.EXAMPLE", long, strings.Repeat("h", 255), strings.Repeat("h", 256), "", " A "}
	users := []string{"C", "BC", `D\a`, `d\A`, `.\a`, ` D\a `, `NT AUTHORITY\SYSTEM`, `D\HOST$`, long + "1", long + "2", strings.Repeat("u", 255), strings.Repeat("u", 256), "", "-", "\xff", `D\é`}
	ids := []uint32{21, 22, 25, 24, 23, 39, 54}
	rng := rand.New(rand.NewPCG(1, 2))
	plain, queued := NewFolder(time.UTC), NewFolder(time.UTC)
	two := queued.Fork()
	var run *fileRun
	at := time.Date(2026, 9, 30, 12, 0, 0, 0, time.UTC)
	for i := range 20_000 {
		to := queued
		if i/500%2 == 1 {
			to = two
		}
		if i%500 == 0 { // another file: what a session was is forgotten, and what words mean is not
			name := string(rune('a' + i/500))
			plain.Begin(name)
			if run != nil {
				run.own.Deliver()
			}
			run = newFileRun(to, name, &FileRead{})
		}
		at = at.Add(time.Duration(rng.IntN(200)) * time.Second)
		r := lsm(ids[rng.IntN(len(ids))], at.Format(time.RFC3339), users[rng.IntN(len(users))], "2", []string{"10.0.0.1", "LOCAL", ""}[rng.IntN(3)])
		r.Computer, r.ID = []byte(hosts[rng.IntN(len(hosts))]), uint64(i)
		plain.Add(r)
		run.Record(r)
	}
	run.own.Deliver()
	var want, got []snapshot.Use
	for u := range plain.Uses() {
		want = append(want, u)
	}
	for u := range queued.Uses() {
		got = append(got, u)
	}
	if len(want) < 100 || len(want) != len(got) {
		t.Fatalf("%d rows, want %d, which must be many", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%+v\nwant\n%+v", got[i], want[i])
		}
	}
}

// Two ways to write one user on one host are one session: the end by the one
// closes what began by the other.
func TestWordsShareTheirSession(t *testing.T) {
	f := NewFolder(time.UTC)
	u := newFileRun(f, "a", &FileRead{})
	for _, r := range []*record.Record{
		lsm(21, "2026-10-01T08:00:00Z", `D\a`, "2", "10.0.0.1"),
		lsm(23, "2026-10-01T09:00:00Z", `d\A`, "2", ""),
	} {
		u.Record(r)
	}
	u.own.Deliver()
	for u := range f.Uses() {
		if u.Closed.Time.IsZero() || !u.Closed.Remote {
			t.Errorf("the session is not closed as a remote one: %+v", u)
		}
	}
	if f.Len() != 1 {
		t.Errorf("%d rows, want 1", f.Len())
	}
}

// Of two texts of one hash each keeps its own meaning, whatever their length.
func TestWordsOfOneHash(t *testing.T) {
	track := tracker{spellings: newSpellingCache()}
	texts := []string{"hostanna", "hostbert", "Hostanna", "hos" + "tanna", "host" + strings.Repeat("u", 60) + "1", "host" + strings.Repeat("u", 60) + "2"}
	ask := func(i int) codedEvent {
		host := uint32(4)
		if i == 3 {
			host = 3
		}
		return codedEvent{hash: 7, spans: textSpans{computer: host}}
	}
	for i, s := range texts {
		ce := ask(i)
		if track.recall(&ce, []byte(s), track.candidate(7)) {
			t.Errorf("%q is known before it was learned, as user %d", s, ce.user)
		}
		ce.host, ce.user = 1, uint32(i+1)
		track.remember(&ce, []byte(s), false)
	}
	for i, s := range texts {
		ce := ask(i)
		if !track.recall(&ce, []byte(s), track.candidate(7)) || ce.user != uint32(i+1) {
			t.Errorf("%q is user %d, want %d", s, ce.user, i+1)
		}
	}
}
