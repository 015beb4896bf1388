package facts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// What is packed comes out as it went in, sorted by host and user: small rows
// that fill several chunks of 256 KiB (3,000 rows with a SID of 200 bytes are
// 600 kB and more), and among them rows that are larger than one chunk, or than
// three.
func TestPackedUses(t *testing.T) {
	m := month.New(2026, 10, time.FixedZone("", 7200))
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
			u.Clients, u.ClientDays = []string{"PC-1", fmt.Sprint("PC-", i)}, uint32(i)
		case 1:
			u.ClientDays = uint32(i) // whose clients are not known
			u.Last = snapshot.Sighting{}
			u.Left = snapshot.Mark{Sighting: snapshot.Sighting{Time: at(1), EventID: 24, Channel: "Security"}, Session: "*"}
		}
		if i == 1000 || i == 2500 {
			u.SID = strings.Repeat("x", i*400)
		}
		want = append(want, u)
	}
	p := NewUses(m, 0)
	for i := range want {
		p.Add(&want[len(want)-1-i])
	}
	p.Done()
	var got []snapshot.Use
	for i := range p.Len() {
		got = append(got, p.At(i))
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Error(d[:min(len(d), 2000)])
	}
}

// Accounts come out as they went in, sorted by ID and then by their first
// snapshot, whatever of them is filled in.
func TestPackedAccounts(t *testing.T) {
	full := snapshot.Account{ID: "b", SID: "S-1-5-21-7", Class: snapshot.Computer, Name: "N", UPN: "n@x", DisplayName: "Ñ", Mail: "m", DN: "CN=N,OU=x", PrimaryGroup: "S-1-5-21-513",
		Disabled: true, Expires: time.Date(2026, 10, 3, 1, 2, 3, 400, time.UTC), Server: true, System: "Windows", Line: -9,
		Attributes: []snapshot.Attribute{{Name: "employeeid", Value: "7"}, {Name: "title"}}}
	later := full
	later.Expires, later.Server, later.Attributes = time.Time{}, false, nil
	want := []snapshot.AccountSpan{
		{Account: snapshot.Account{ID: "a"}, Span: snapshot.Span{First: 0, Last: 300}},
		{Account: full, Span: snapshot.Span{First: 2, Last: 129}, File: "1.ldif"},
		{Account: later, Span: snapshot.Span{First: 130, Last: 131}, File: "2.ldif"},
	}
	p := NewAccounts(len(want))
	for i := range want {
		p.Put(i, &want[len(want)-1-i])
	}
	p.Done()
	if d := gocmp.Diff(want, snapshot.ListIn[snapshot.AccountSpan](p).Values()); d != "" {
		t.Error(d)
	}
}
