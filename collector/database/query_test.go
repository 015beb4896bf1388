package database_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/database/tdstest"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

func free(t testing.TB, s *tdstest.Server) config.Database {
	d := configured(t, s, "query")
	d.Sessions = config.Query{SQL: "SELECT id, computer, account, begin_at, end_at, client FROM dbo.logons",
		Columns: map[string]string{"host": "Computer", "user": "account", "start": "begin_at", "end": "end_at", "address": "client", "id": "id"}}
	return d
}

var freeColumns = cols("id:bigint", "computer:text", "account:text", "begin_at:time", "end_at:time", "client:text")

func TestQuery(t *testing.T) {
	guid := []byte{0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff}
	clock := func(d, h, m int) time.Time { return time.Date(2026, 10, d, h, m, 0, 0, time.UTC) }
	script := (&tdstest.Script{}).
		On("FROM dbo.logons", 0, &tdstest.Reply{Columns: freeColumns, Rows: [][]any{
			// In New York: 31 October 20:00 is 1 November 01:00 in Amsterdam, so November only.
			{int64(901), "TS1", "ACME\\müller", clock(31, 20, 0), clock(31, 21, 0), "10.0.0.1"},
			// Up to midnight exactly in Amsterdam (18:00 in New York): the next day is not touched.
			{int64(902), "TS1", "ACME\\müller", clock(5, 12, 0), clock(5, 18, 0), "10.0.0.1"},
			{int64(903), "TS1", "ACME\\console", clock(5, 12, 0), clock(5, 18, 0), "LOCAL"},
			// Ends before it begins.
			{int64(904), "TS1", "иван", clock(9, 12, 0), clock(8, 12, 0), nil},
			{nil, nil, nil, nil, nil, nil},
		}}).
		On("FROM dbo.programs", 0, &tdstest.Reply{Columns: cols("host:text", "name:text", "key:guid"), Rows: [][]any{{"TS1", "Project", guid}, {nil, nil, nil}}}).
		On("FROM dbo.machines", 0, &tdstest.Reply{Columns: cols("host:text", "kind:text", "virtual_cores:float", "processors:text"), Rows: [][]any{
			{"TS1", "Virtual", 8.0, nil}, {"TS2", "cloud", 2.5, "x"}, {nil, nil, nil, nil}}})
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	d := free(t, s)
	d.Zone = "America/New_York"
	d.Software.SQL = "SELECT * FROM dbo.programs"
	d.Hosts.SQL = "SELECT * FROM dbo.machines"
	got, err := read(t, d)
	if err != nil {
		t.Fatal(err)
	}
	file := s.Addr + "/Data query"
	want := []snapshot.Use{
		{Host: "ts1", User: `acme\müller`, Name: `ACME\müller`, Month: 2026*12 + 9, Days: days(5, 5),
			First: sight("2026-10-05T16:00:00Z", 902, file), Last: sight("2026-10-05T21:59:59.9999999Z", 902, file)},
		{Host: "ts1", User: `acme\müller`, Name: `ACME\müller`, Month: 2026*12 + 10, Days: days(1, 1),
			First: sight("2026-11-01T00:00:00Z", 901, file), Last: sight("2026-11-01T00:59:59.9999999Z", 901, file)},
		{Host: "ts1", User: `иван`, Name: `иван`, Month: 2026*12 + 9, Days: days(9, 9),
			First: sight("2026-10-09T16:00:00Z", 904, file), Last: sight("2026-10-09T16:00:00Z", 904, file)},
	}
	if diff := cmp.Diff(want, got.Sessions.Uses); diff != "" {
		t.Error(diff)
	}
	if l := got.Sessions.Logs; len(l) != 1 || !l[0].Until.Equal(now) || !l[0].First.Equal(time.Date(2026, 10, 5, 16, 0, 0, 0, time.UTC)) || l[0].Records != 3 {
		t.Errorf("%+v", l)
	}
	if k := got.Inventory.Software[0].Installs[0].Key; k != "00112233-4455-6677-8899-aabbccddeeff" {
		t.Error(k)
	}
	if diff := cmp.Diff([]snapshot.Machine{{Host: "TS1", Kind: snapshot.Virtual, VirtualCores: 8, Line: 1}, {Host: "TS2", Line: 2}}, got.Inventory.Machines); diff != "" {
		t.Error(diff)
	}
	onlyRead(t, s)
	d.Sessions.Columns["user"] = "konto"
	if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), `yields no column "konto" for user; its columns are id, computer, account`) {
		t.Error(err)
	}
}
