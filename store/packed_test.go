package store

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/month"
	"splameter/snapshot"
)

// What is packed comes out as it went in, sorted by host and user: small rows
// that fill several chunks of 256 KiB (3,000 rows with a SID of 200 bytes are
// 600 kB and more), and among them rows that are larger than one chunk, or than
// three.
func TestPackedUses(t *testing.T) {
	m := month.New(2026, 10, amsterdam(t))
	at := func(n int) time.Time { return m.Start().UTC().Add(time.Duration(n) * 100 * time.Millisecond) }
	var want []snapshot.Use
	for i := range 3000 {
		u := snapshot.Use{Host: fmt.Sprintf("h%02d", i/100), User: fmt.Sprintf("u%04d", i), Month: m.Number(), Days: uint32(i), SID: strings.Repeat("s", 200)}
		u.Name = u.User
		u.First = snapshot.Sighting{Time: at(i - 1500), EventID: 21, Channel: "LSM", Evidence: snapshot.Evidence{File: fmt.Sprint("f", i%3), Line: i - 7, Record: uint64(i) << 40}}
		u.Last = u.First
		switch i % 3 {
		case 0:
			u.Name, u.Carried = "U"+u.User, true
			u.Opened = snapshot.Mark{Sighting: u.First, Session: "3", Remote: true}
		case 1:
			u.Last = snapshot.Sighting{}
			u.Left = snapshot.Mark{Sighting: snapshot.Sighting{Time: at(1), EventID: 24, Channel: "Security"}, Session: "*"}
		}
		if i == 1000 || i == 2500 {
			u.SID = strings.Repeat("x", i*400)
		}
		want = append(want, u)
	}
	p := newPackedUses(m, 0)
	for i := range want {
		p.add(&want[len(want)-1-i])
	}
	p.done()
	var got []snapshot.Use
	for i := range p.Len() {
		got = append(got, p.At(i))
	}
	if len(p.chunks) < 4 {
		t.Errorf("%d chunks: the test means to fill several", len(p.chunks))
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Error(d[:min(len(d), 2000)])
	}
}
