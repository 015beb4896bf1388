package sessions

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

// Whatever fields an event has, composing, judging, folding and writing it
// ends well: the JSON says back what was composed, evidence has a user and a
// host, and the day lies in the month of the event.
func FuzzEvent(f *testing.F) {
	for _, s := range []struct {
		channel string
		id      uint32
	}{{"LSM", 21}, {"LSM", 23}, {"LSM", 24}, {"RCM", 1149}, {"GW", 303}, {"Security", 4624}, {"Security", 4778}, {"System", 104}, {"System", 7001}} {
		f.Add(s.channel, s.id, int64(134350000000000000), "RDSH-A01.hosting.example", `HOSTING\anna`, "2", "10.0.0.1", remoteID, "S-1-5-21-1-2-3-1105", "10", "3600")
	}
	f.Add("LSM", uint32(24), int64(134350000000000010), "RDSH-A01 .hosting.example", `HOSTING\anna`, "2", "10.0.0.1", remoteID, "", "10", "") // a blank before the dot
	f.Add("LSM", uint32(21), int64(-1), ".", "\\\x00\xff", "99999999999999999999999", "fe80::1%\u202e", "", "", "", "")
	f.Add("Security", uint32(4634), int64(1)<<62, "10.0.0.1", `.\x`, "0x", "[::1]:5", "F420", "S-1-0-0", "99999999999999999999", "-1")
	f.Fuzz(func(t *testing.T, channel string, id uint32, ticks int64, host, user, session, address, activity, sid, kind, seconds string) {
		r := rec(channel, host, id, "", "User", user, "Username", user, "Param1", user, "TargetUserName", user, "AccountName", user, "Param2", kind, "AccountDomain", seconds,
			"SessionID", session, "Session", session, "TargetLogonId", session, "LogonID", session, "Address", address, "IpAddress", address, "ClientAddress", address, "Param3", address,
			"TargetUserSid", sid, "UserSid", sid, "LogonType", kind, "SessionDuration", seconds, "Resource", kind, "Channel", activity)
		r.Ticks, r.ActivityID = ticks, []byte(activity)
		fold := NewFolder(time.UTC)
		for range 2 {
			fold.Begin("a.xml")
			for range 2 {
				fold.Add(r)
			}
		}
		var (
			ev Event
			c  Composer
		)
		if !c.Compose(r, &ev) {
			return
		}
		v := NewJudge().Judge(&ev)
		if v.Reason == "" {
			t.Error("a verdict without reason")
		}
		if v.Evidence != No && (len(ev.User) == 0 || len(ev.Host) == 0 && len(ev.Resource) == 0) {
			t.Errorf("%s proves the session of nobody or nowhere", v.Evidence)
		}
		b := AppendJSON(nil, &ev, v)
		var got line
		if err := json.Unmarshal(b, &got); err != nil || !utf8.Valid(b) {
			t.Fatalf("%q: %v", b, err)
		}
		for what, p := range map[string][2]string{
			"user": {got.User, string(ev.User)}, "host": {got.Host, string(ev.Host)}, "session": {got.Session, string(ev.Session)}, "address": {got.Address, string(ev.Address)},
		} {
			if want := string([]rune(p[1])); p[0] != want { // invalid bytes become U+FFFD one by one
				t.Errorf("%s is %q, want %q", what, p[0], want)
			}
		}
		if strings.ContainsAny(string(b), "\x1b\n\r\u202e") {
			t.Errorf("%q acts on a terminal", b)
		}
		for u := range fold.Uses() {
			if u.User == "" && u.Closed.Session != "*" || u.Host == "" {
				t.Errorf("%+v", u)
			}
			if u.Host != snapshot.HostKey(u.Host) || u.User != strings.ToLower(u.User) {
				t.Errorf("not folded: %+v", u)
			}
			if at := record.FromTicks(ticks); u.Days != 0 && u.Last.Time.Equal(at) && (u.Month != at.Year()*12+int(at.Month())-1 || u.Days&(1<<(at.Day()-1)) == 0) {
				t.Errorf("%s is filed under month %d, days %b", at, u.Month, u.Days)
			}
		}
	})
}

// Any run of events gives the same uses folded once or twice, and by two
// folders beside each other: in either order, event by event in turn, with and
// without waiting, in pieces that two workers gather, and with numbers that need
// all their bits.
func FuzzMerge(f *testing.F) {
	f.Add([]byte{0x21, 0x43, 0x65, 0x87, 0x09, 0xba})
	f.Add([]byte("some events of three users on two hosts, at times that go to and fro"))
	f.Add(bytes.Repeat([]byte("more events than wait at a time, \x00\xff\x80 "), 9))
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) > 400 {
			return
		}
		ids := []uint32{21, 23, 24, 25, 22, 54}
		event := func(i int, b byte) *record.Record {
			at := time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC).Add(time.Duration(i*7919+int(b)*3571) * time.Second)
			r := lsm(ids[int(b)%len(ids)], at.Format(time.RFC3339), []string{`D\a`, `d\A`, `D\b`, `.\c`}[int(b>>3)%4], []string{"1", "0x7000000012345678"}[b>>5&1], []string{"10.0.0.1", "LOCAL", ""}[int(b>>6)%3])
			r.ID = uint64(i) | uint64(b>>7)<<40
			return r
		}
		half := len(script) / 2
		parts := [][]byte{script[:half], script[half:]}
		names := []string{"a", "b"}
		fold := func(to *Folder, part int) {
			to.Begin(names[part])
			for i, b := range parts[part] {
				to.Add(event(i, b))
			}
		}
		inTurn := func(to *Folder) {
			two := []*fileRun{newFileRun(to, "a", &FileRead{}), newFileRun(to.Fork(), "b", &FileRead{})}
			for i := range parts[1] {
				for k, w := range two {
					if i < len(parts[k]) {
						w.Record(event(i, parts[k][i]))
					}
				}
			}
			for _, w := range two {
				w.own.Deliver()
			}
		}
		inPieces := func(to *Folder) { // gathered by two workers, each a piece ahead of the folding
			for k, events := range parts {
				u := newFileRun(to.Fork(), names[k], &FileRead{})
				two := []*eventBatch{u.newBatch(), u.newBatch()}
				for i, b := range events {
					if i%10 == 0 {
						two[i/10%2].Deliver()
					}
					two[i/10%2].Record(event(i, b))
				}
				next := (len(events) + 9) / 10 % 2
				two[next].Deliver()
				two[1-next].Deliver()
			}
		}
		all := func(steps ...int) (uses []snapshot.Use) {
			to := NewFolder(time.UTC)
			for _, s := range steps {
				switch s {
				case 2:
					inTurn(to)
				case 3:
					inPieces(to)
				default:
					fold(to.Fork(), s)
				}
			}
			for u := range to.Uses() {
				uses = append(uses, u)
			}
			return uses
		}
		want := all(0, 1)
		for _, steps := range [][]int{{1, 0}, {0, 1, 1, 0}, {2}, {2, 0}, {1, 2, 2}, {3}, {1, 3}} {
			got := all(steps...)
			if len(got) != len(want) {
				t.Fatalf("%v: %d uses, want %d", steps, len(got), len(want))
			}
			for i := range got {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("%v:\n%+v, want\n%+v", steps, got[i], want[i])
				}
			}
		}
	})
}

// The folder's days agree with the calendar of the zone, second by second
// around midnights and clock changes.
func FuzzDay(f *testing.F) {
	zones := []*time.Location{zoneOf(f, "Europe/Amsterdam"), zoneOf(f, "America/Santiago"), zoneOf(f, "Asia/Kathmandu"), zoneOf(f, "Pacific/Apia"), time.UTC}
	f.Add(int64(1793487599), uint8(0)) // around 31 October 2026
	f.Add(int64(1788667200), uint8(1)) // Santiago's missing midnight
	f.Add(int64(1325239200), uint8(3)) // Apia's missing day
	f.Fuzz(func(t *testing.T, unix int64, zone uint8) {
		if unix < 3000000 || unix > 9000000000 {
			return
		}
		loc := zones[int(zone)%len(zones)]
		at := time.Unix(unix, 0)
		c := calendar{loc: loc}
		d, ok := c.find(record.ToTicks(at))
		y, m, n := at.In(loc).Date()
		if !ok || d.month != int32(y*12+int(m)-1) || d.bit != 1<<(n-1) {
			t.Errorf("%s: month %d, day %b (%v)", at.In(loc), d.month, d.bit, ok)
		}
	})
}
