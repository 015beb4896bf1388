package sessions

import (
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// foldFiles folds files one after the other.
func foldFiles(t *testing.T, zone string, paths ...string) *Folder {
	t.Helper()
	f := NewFolder(zoneOf(t, zone))
	for _, p := range paths {
		foldFile(t, f, p)
	}
	return f
}

func foldFile(t *testing.T, f *Folder, path string) {
	t.Helper()
	var r FileRead
	if err := readOne(t.Context(), f, path, Options{Name: filepath.Base(path), Extent: true}, &r); err != nil {
		t.Fatal(err)
	}
	if r.Err != nil {
		t.Fatal(r.Err)
	}
}

const (
	remoteID  = "F4205BAC-1B01-40FC-AEEF-3C971C730000"
	consoleID = "61A55000-55E5-1017-0000-000000000000"
)

// rec makes a record; kv are names and values by turns. The time is RFC 3339.
func rec(channel, host string, id uint32, at string, kv ...string) *record.Record {
	r := &record.Record{EventID: id, Channel: []byte(channel), Computer: []byte(host)}
	for c := Broker; c < channels; c++ {
		if c.String() == channel {
			r.Channel = []byte(fullNames[c])
		}
	}
	if at != "" {
		t, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			panic(err)
		}
		r.Ticks = record.ToTicks(t)
	}
	for i := 0; i < len(kv); i += 2 {
		if kv[i] == "ActivityID" {
			r.ActivityID = []byte(kv[i+1])
			continue
		}
		r.Fields = append(r.Fields, record.Field{Name: []byte(kv[i]), Value: []byte(kv[i+1])})
	}
	return r
}

// lsm is an LSM event as a table without ActivityID has it.
func lsm(id uint32, at, user, session, address string) *record.Record {
	return rec("LSM", "RDSH-A01.hosting.example", id, at, "User", user, "SessionID", session, "Address", address)
}

func numbered0(recs []*record.Record) []*record.Record {
	for i, r := range recs {
		if r.ID == 0 {
			r.ID = uint64(i + 1)
		}
	}
	return recs
}

func foldRecords(t *testing.T, zone string, recs ...*record.Record) map[string]snapshot.Use {
	t.Helper()
	f := NewFolder(zoneOf(t, zone))
	f.Begin("a.xml")
	for _, r := range numbered0(recs) {
		f.Add(r)
	}
	return byUser(f)
}

func byUser(f *Folder) map[string]snapshot.Use {
	m := map[string]snapshot.Use{}
	for u := range f.Uses() {
		m[u.Host+" "+u.User+" "+time.Month(u.Month%12 + 1).String()[:3]] = u
	}
	return m
}

// days says which days each row has, as a mask.
func days(uses map[string]snapshot.Use) map[string]uint32 {
	m := map[string]uint32{}
	for k, u := range uses {
		m[k] = u.Days
	}
	return m
}

// Months by hand, in Amsterdam. Summer time (UTC+2) ends on 25 October 2026,
// begins on 28 March 2027.
//   - anna: 30 September 21:40Z to 21:45Z is 23:40 to 23:45: September only.
//   - bert: 30 September 22:20Z is 1 October 00:20: October only.
//   - carl: 31 October 22:59:59.9999999Z is 23:59:59.9999999 winter time:
//     October 31; dora, one unit later, is November 1.
//   - emma: 31 March 2027 21:59:59Z is 23:59:59 summer time: March 31.
//   - fred: on 28 March 2027 22:00Z it is 29 March; the day before, 23:00Z
//     would be midnight still.
func TestMonthBorders(t *testing.T) {
	got := days(foldRecords(t, "Europe/Amsterdam",
		lsm(21, "2026-09-30T21:40:00Z", `HOSTING\anna`, "2", "10.0.0.1"),
		lsm(23, "2026-09-30T21:45:00Z", `HOSTING\anna`, "2", ""),
		lsm(21, "2026-09-30T22:20:00Z", `HOSTING\bert`, "3", "10.0.0.1"),
		lsm(21, "2026-10-31T22:59:59.9999999Z", `HOSTING\carl`, "4", "10.0.0.1"),
		lsm(21, "2026-10-31T23:00:00Z", `HOSTING\dora`, "5", "10.0.0.1"),
		lsm(21, "2027-03-31T21:59:59Z", `HOSTING\emma`, "6", "10.0.0.1"),
		lsm(21, "2027-03-28T22:00:00Z", `HOSTING\fred`, "7", "10.0.0.1"),
		lsm(21, "2027-03-27T22:59:59Z", `HOSTING\fred`, "7", "10.0.0.1"),
	))
	want := map[string]uint32{
		`rdsh-a01 hosting\anna Sep`: 1 << 29,
		`rdsh-a01 hosting\bert Oct`: 1,
		`rdsh-a01 hosting\carl Oct`: 1 << 30,
		`rdsh-a01 hosting\dora Nov`: 1,
		`rdsh-a01 hosting\emma Mar`: 1 << 30,
		`rdsh-a01 hosting\fred Mar`: 1<<28 | 1<<26,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// The 24 of a session that ended on the last second of September comes on the
// first of October: no October. A 24 whose session is not in the log began
// earlier: October, and the mark Left.
func TestLateDisconnection(t *testing.T) {
	got := foldRecords(t, "UTC",
		lsm(21, "2026-09-30T20:00:00Z", `HOSTING\anna`, "2", "10.0.0.1"),
		lsm(23, "2026-09-30T23:59:59Z", `hosting\ANNA`, "2", ""),
		lsm(24, "2026-10-01T00:00:01Z", `HOSTING\anna`, "2", "10.0.0.1"),
		lsm(24, "2026-10-01T00:00:02Z", `HOSTING\bert`, "2", "10.0.0.1"),
	)
	want := map[string]uint32{`rdsh-a01 hosting\anna Sep`: 1 << 29, `rdsh-a01 hosting\bert Oct`: 1}
	if d := cmp.Diff(want, days(got)); d != "" {
		t.Error(d)
	}
	if b := got[`rdsh-a01 hosting\bert Oct`]; b.Left.Record != 4 || b.Left.Session != "2" || !b.Left.Remote || !b.Opened.IsZero() {
		t.Errorf("%+v", b)
	}
}

// Who is still in a session at the end of a month, by hand:
//   - anna opens on the 3rd and closes on the 4th: closed.
//   - bert opens on the 3rd, is disconnected on the 4th: open, and Left.
//   - carl has session 5 open since the 3rd, and opens and closes 6 on the
//     4th: 5 is still open, so nothing closes.
//   - dora has only the 23 of a session from before the log: Ended and Closed,
//     no day.
//   - emma opens on the 3rd; the host goes down on the 10th (LSM 54): the
//     host's own row closes her.
//   - fred is at the console and takes it over by RDP on the 5th, session 9:
//     opened by the 25, closed by the 23.
//   - gina is at the console only: no row.
func TestOpenAndClosed(t *testing.T) {
	got := foldRecords(t, "UTC",
		lsm(21, "2026-10-03T08:00:00Z", `D\anna`, "2", "10.0.0.1"),
		lsm(21, "2026-10-03T08:00:01Z", `D\bert`, "3", "10.0.0.1"),
		lsm(21, "2026-10-03T08:00:02Z", `D\carl`, "5", "10.0.0.1"),
		lsm(21, "2026-10-03T08:00:03Z", `D\emma`, "7", "10.0.0.1"),
		lsm(23, "2026-10-04T08:00:00Z", `D\anna`, "2", ""),
		lsm(24, "2026-10-04T08:00:01Z", `D\bert`, "3", "10.0.0.1"),
		lsm(21, "2026-10-04T08:00:02Z", `D\carl`, "6", "10.0.0.1"),
		lsm(23, "2026-10-04T08:00:03Z", `D\carl`, "6", ""),
		lsm(23, "2026-10-04T08:00:04Z", `D\dora`, "8", ""),
		lsm(21, "2026-10-05T08:00:00Z", `D\fred`, "9", "LOCAL"),
		lsm(25, "2026-10-05T09:00:00Z", `D\fred`, "9", "10.0.0.1"),
		lsm(23, "2026-10-05T10:00:00Z", `D\fred`, "9", ""),
		lsm(21, "2026-10-05T08:00:00Z", `D\gina`, "1", "ローカル"),
		lsm(24, "2026-10-05T08:30:00Z", `D\gina`, "1", "ローカル"),
		lsm(23, "2026-10-05T09:00:00Z", `D\gina`, "1", ""),
		rec("LSM", "rdsh-a01", 54, "2026-10-10T08:00:00Z"),
	)
	type marks struct{ Days, Opened, Closed, Ended, Left int }
	sum := map[string]marks{}
	for k, u := range got {
		sum[k] = marks{int(u.Days), int(u.Opened.Record), int(u.Closed.Record), int(u.Ended.Record), int(u.Left.Record)}
	}
	want := map[string]marks{
		`rdsh-a01 d\anna Oct`: {1<<2 | 1<<3, 1, 5, 0, 0},
		`rdsh-a01 d\bert Oct`: {1<<2 | 1<<3, 2, 0, 0, 6},
		`rdsh-a01 d\carl Oct`: {1<<2 | 1<<3, 7, 0, 0, 0},
		`rdsh-a01 d\dora Oct`: {0, 0, 9, 9, 0},
		`rdsh-a01 d\emma Oct`: {1 << 2, 4, 0, 0, 0},
		`rdsh-a01 d\fred Oct`: {1 << 4, 11, 12, 0, 0},
		`rdsh-a01  Oct`:       {0, 0, 16, 0, 0},
	}
	if d := cmp.Diff(want, sum); d != "" {
		t.Error(d)
	}
	if u := got[`rdsh-a01  Oct`]; u.Closed.Session != "*" || u.Closed.Channel != "LSM" || u.Name != "" {
		t.Errorf("%+v", u)
	}
	if u := got[`rdsh-a01 d\dora Oct`]; u.Ended.Remote || u.Ended.Session != "8" || u.Name != `D\dora` {
		t.Errorf("%+v", u)
	}
}

// Two sessions of one user at once: 6 begins last and ends first, so the end of
// 5 closes what Opened tells of, which is 6. The other way round the end of 6
// closes it itself.
func TestClosedNamesTheSessionThatWasOpenedLast(t *testing.T) {
	for _, order := range [][2]string{{"6", "5"}, {"5", "6"}} {
		got := foldRecords(t, "UTC",
			lsm(21, "2026-10-03T08:00:00Z", `D\carl`, "5", "10.0.0.1"),
			lsm(21, "2026-10-04T08:00:00Z", `D\carl`, "6", "10.0.0.1"),
			lsm(23, "2026-10-04T09:00:00Z", `D\carl`, order[0], ""),
			lsm(23, "2026-10-05T09:00:00Z", `D\carl`, order[1], ""),
		)
		u := got[`rdsh-a01 d\carl Oct`]
		if u.Opened.Session != "6" || u.Closed.Session != "6" || u.Closed.Record != 4 {
			t.Errorf("ends %v: opened %+v, closed %+v", order, u.Opened, u.Closed)
		}
	}
}

// Spellings of one account, by hand: case and spaces are folded; .\ is the
// host's own; a suffix, a cloud domain and a bare name stay what they are.
func TestSpellings(t *testing.T) {
	got := days(foldRecords(t, "UTC",
		lsm(21, "2026-10-01T08:00:00Z", `HOSTING\Anna`, "2", "10.0.0.1"),
		lsm(25, "2026-10-02T08:00:00Z", `hosting\ANNA `, "2", "10.0.0.1"),
		lsm(21, "2026-10-01T08:00:00Z", `.\beheer`, "3", "10.0.0.1"),
		lsm(21, "2026-10-02T08:00:00Z", `RDSH-A01\Beheer`, "3", "10.0.0.1"),
		lsm(21, "2026-10-01T08:00:00Z", `Carl@Customer.example`, "4", "10.0.0.1"),
		lsm(21, "2026-10-01T08:00:00Z", `AzureAD\DoraÉ`, "5", "10.0.0.1"),
		lsm(21, "2026-10-01T08:00:00Z", `emma`, "6", "10.0.0.1"),
		lsm(21, "2026-10-01T08:00:00Z", "x\xff", "7", "10.0.0.1"),
	))
	want := map[string]uint32{
		`rdsh-a01 hosting\anna Oct`:          3,
		`rdsh-a01 rdsh-a01\beheer Oct`:       3,
		`rdsh-a01 carl@customer.example Oct`: 1,
		`rdsh-a01 azuread\doraé Oct`:         1,
		`rdsh-a01 emma Oct`:                  1,
		"rdsh-a01 x\uFFFD Oct":               1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// A gateway's connections count for the host that was reached, not for the
// gateway; an address stays an address. A 303 at 00:30 after 3,600 s tells
// that its connection began the day before, at 23:30.
func TestGateway(t *testing.T) {
	gw := func(id uint32, at, resource, seconds string) *record.Record {
		return rec("GW", "gw1.hosting.example", id, at, "Username", `HOSTING\anna`, "IpAddress", "203.0.113.9", "Resource", resource, "SessionDuration", seconds)
	}
	got := foldRecords(t, "UTC",
		gw(302, "2026-10-05T08:00:00Z", "RDSH-A01.hosting.example", "0"),
		gw(303, "2026-10-05T09:00:00Z", "RDSH-A01.hosting.example", "3600"),
		gw(303, "2026-10-01T00:30:00Z", "10.1.2.3", "3600"),
		gw(303, "2026-11-01T00:00:01Z", "RDSH-A02", "1"),
		gw(200, "2026-10-07T08:00:00Z", "RDSH-A01", "0"),
		gw(300, "2026-10-07T08:00:00Z", "RDSH-A01", "0"),
		gw(304, "2026-10-07T08:00:00Z", "RDSH-A01", "0"),
	)
	want := map[string]uint32{
		`rdsh-a01 hosting\anna Oct`: 1 << 4,
		`10.1.2.3 hosting\anna Oct`: 1,
		`10.1.2.3 hosting\anna Sep`: 1 << 29,
		`rdsh-a02 hosting\anna Nov`: 1,
	}
	if d := cmp.Diff(want, days(got)); d != "" {
		t.Error(d)
	}
	// The end of the connection is not the end of the session.
	if u := got[`rdsh-a01 hosting\anna Oct`]; !u.Opened.IsZero() || !u.Closed.IsZero() {
		t.Errorf("a gateway's connection is taken for a session: %+v", u)
	}
}

// Security by hand. anna logs on (0x10) on the 1st, is disconnected, comes
// back on the 2nd by a logon 0x20 that ends three seconds later, and works on:
// nothing closes her. bert's logon 0x30 ends after an hour: closed. carl comes
// back by an unlock with an address. dora only reads files (type 3).
func TestSecurity(t *testing.T) {
	sec := func(id uint32, at, user, logon, kind, address string) *record.Record {
		r := rec("Security", "RDSH-A01.hosting.example", id, at, "TargetUserSid", "S-1-5-21-1-2-3-1105", "TargetUserName", user, "TargetDomainName", "HOSTING",
			"TargetLogonId", logon, "LogonType", kind)
		if id == 4624 {
			r.Fields = append(r.Fields, record.Field{Name: []byte("IpAddress"), Value: []byte(address)})
		}
		return r
	}
	got := foldRecords(t, "UTC",
		sec(4624, "2026-10-01T08:00:00Z", "anna", "0x00000010", "10", "10.0.0.1"),
		sec(4624, "2026-10-02T08:00:00Z", "anna", "0x20", "10", "10.0.0.1"),
		rec("Security", "RDSH-A01.hosting.example", 4778, "2026-10-02T08:00:00Z", "AccountName", "anna", "AccountDomain", "HOSTING", "LogonID", "0x10", "ClientAddress", "10.0.0.1"),
		sec(4634, "2026-10-02T08:00:03Z", "anna", "0x20", "10", ""),
		sec(4624, "2026-10-01T08:00:00Z", "bert", "0x30", "10", "10.0.0.1"),
		sec(4634, "2026-10-01T09:00:00Z", "bert", "0x30", "10", ""),
		sec(4624, "2026-10-03T08:00:00Z", "carl", "0x40", "7", "10.0.0.1"),
		sec(4624, "2026-10-03T08:00:00Z", "dora", "0x50", "3", "10.0.0.1"),
	)
	want := map[string]uint32{
		`rdsh-a01 hosting\anna Oct`: 3, `rdsh-a01 hosting\bert Oct`: 1, `rdsh-a01 hosting\carl Oct`: 4,
	}
	if d := cmp.Diff(want, days(got)); d != "" {
		t.Error(d)
	}
	a, b := got[`rdsh-a01 hosting\anna Oct`], got[`rdsh-a01 hosting\bert Oct`]
	if !a.Closed.IsZero() || a.Opened.Session != "0x20" || a.SID != "S-1-5-21-1-2-3-1105" {
		t.Errorf("anna: %+v", a)
	}
	if b.Closed.Session != "0x30" || b.Closed.Record != 6 {
		t.Errorf("bert: %+v", b)
	}
}

// Add folds one event of the file at hand the plain way, which the fast one is
// held against: nothing waits, and no words are remembered. It reports whether
// the event is one that this package knows, and what it proves.
func (f *Folder) Add(r *record.Record) (Verdict, bool) {
	var compose Composer
	var ev Event
	if !compose.Compose(r, &ev) {
		return Verdict{}, false
	}
	ce := f.judge.encode(&ev)
	ce.file = f.file
	var jm judgement
	f.judge.judge(&ce, &jm)
	f.tables.mu.Lock()
	defer f.tables.mu.Unlock()
	f.fold(&ce, &jm)
	return jm.Verdict, true
}
