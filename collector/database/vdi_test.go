package database_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/collector/database"
	"splameter/collector/database/tdstest"
	"splameter/internal/config"
	"splameter/internal/pgtest"
)

// clock is a moment as a database has it.
func clock(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// usedDays are the uses of a reading: host, user, month and its days.
func usedDays(r *database.Result) (out []string) {
	for _, u := range r.Sessions.Uses {
		var list []string
		for d := range 32 {
			if u.Days&(1<<d) != 0 {
				list = append(list, fmt.Sprint(d+1))
			}
		}
		out = append(out, fmt.Sprintf("%s %s %s %d: %s", u.Host, u.User, u.SID, u.Month%12+1, strings.Join(list, ",")))
	}
	slices.Sort(out)
	return out
}

// horizonLog is what a Horizon told in October, in clocks of Amsterdam. By hand:
// anna logs on on the 5th, leaves, comes back and logs off on the 7th; bob's
// session ends with the start of his machine on the 12th; carol's is open from
// the evening of the 31st up to the reading on 3 November; dave's began before
// the first event; one event names nobody.
var horizonLog = [][6]string{
	{"1", "AGENT_CONNECTED", "2026-10-05 09:00", "S-1-5-21-1-2-3-1101", `HOSTING\anna`, "VDI-01"},
	{"2", "AGENT_DISCONNECTED", "2026-10-05 17:00", "S-1-5-21-1-2-3-1101", `HOSTING\anna`, "VDI-01"},
	{"3", "AGENT_RECONNECTED", "2026-10-07 09:00", "S-1-5-21-1-2-3-1101", `HOSTING\anna`, "VDI-01"},
	{"4", "AGENT_ENDED", "2026-10-07 17:00", "S-1-5-21-1-2-3-1101", `HOSTING\anna`, "VDI-01"},
	{"5", "AGENT_CONNECTED", "2026-10-10 08:00", "", `HOSTING\bob`, "VDI-02"},
	{"6", "AGENT_STARTUP", "2026-10-12 06:00", "", "", "vdi-02"},
	{"7", "AGENT_ENDED", "2026-10-20 12:00", "", `HOSTING\dave`, "VDI-03"},
	{"8", "AGENT_CONNECTED", "2026-10-21 12:00", "", "", "VDI-03"},
	{"9", "AGENT_CONNECTED", "2026-10-31 23:30", "", `HOSTING\carol`, "VDI-01"},
}

var horizonDays = []string{
	`vdi-01 hosting\anna S-1-5-21-1-2-3-1101 10: 5,6,7`, `vdi-01 hosting\carol  10: 31`, `vdi-01 hosting\carol  11: 1,2,3`,
	`vdi-02 hosting\bob  10: 10,11,12`, `vdi-03 hosting\dave  10: 20`,
}

func horizonRead(t *testing.T, d config.Database) {
	t.Helper()
	r, err := read(t, d)
	if err != nil {
		t.Fatal(err)
	}
	if got := usedDays(r); !slices.Equal(got, horizonDays) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(horizonDays, "\n"))
	}
	if n := len(r.Sessions.Notes); n != 1 || r.Sessions.Notes[0].Code != "session-without-name" {
		t.Errorf("%+v", r.Sessions.Notes)
	}
}

const horizonSchema = `dbo.VE_event_historical: EventID EventType Module Node Time UserSID ModuleAndEventText
dbo.VE_event_data_historical: EventID Name Type StrValue IntValue TimeValue BooleanValue`

// Horizon's event database on SQL Server, with a prefix.
func TestHorizon(t *testing.T) {
	reply := &tdstest.Reply{Columns: cols("id:int", "kind:text", "at:time", "sid:text", "usr:text", "host:text")}
	null := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	for i, e := range horizonLog {
		reply.Rows = append(reply.Rows, []any{i + 1, e[1], clock(t, e[2]), null(e[3]), null(e[4]), e[5]})
	}
	tables := schema(horizonSchema)
	script := (&tdstest.Script{}).On("INFORMATION_SCHEMA.COLUMNS", 0, tables).On("FROM [dbo].[VE_event_historical] e", 0, reply)
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	d := configured(t, s, "horizon")
	d.Zone = "Europe/Amsterdam"
	horizonRead(t, d)
	onlyRead(t, s)
	for list, want := range map[string]string{
		"dbo.orders: id": "has no tables event_historical and event_data_historical",
		horizonSchema + "\ndbo.B_event_historical: EventID\ndbo.B_event_data_historical: EventID": "several installations (dbo.b_, dbo.ve_)",
		strings.Replace(horizonSchema, " UserSID", "", 1):                                         "column UserSID of [dbo].[VE_event_historical] is not there",
		strings.ReplaceAll(horizonSchema, "VE_", "x]; DROP"):                                      "has no tables event_historical",
	} {
		script := (&tdstest.Script{}).On("INFORMATION_SCHEMA.COLUMNS", 0, schema(list)).On("FROM", 0, reply)
		if _, err := read(t, configured(t, tdstest.Start(t, tdstest.Options{Answer: script.Answer}), "horizon")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// The same on a real PostgreSQL, with names in small letters and as they are
// documented.
func TestHorizonOnPostgreSQL(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	for name, as := range map[string]func(string) string{
		"small":      strings.ToLower,
		"documented": func(s string) string { return `"` + s + `"` },
	} {
		t.Run(name, func(t *testing.T) {
			c.Database(name)
			events, data := as("VE_event_historical"), as("VE_event_data_historical")
			q := fmt.Sprintf(`CREATE TABLE %s (%s integer PRIMARY KEY, %s character varying(512), %s timestamp, %s character varying(512));
CREATE TABLE %s (%s integer, %s character varying(512), %s character varying(512));`,
				events, as("EventID"), as("EventType"), as("Time"), as("UserSID"), data, as("EventID"), as("Name"), as("StrValue"))
			for _, e := range horizonLog {
				q += fmt.Sprintf("INSERT INTO %s VALUES (%s, '%s', '%s', NULLIF('%s', ''));", events, e[0], e[1], e[2], e[3])
				for i, attribute := range []string{"UserDisplayName", "MachineName"} {
					if v := e[4+i]; v != "" {
						q += fmt.Sprintf("INSERT INTO %s VALUES (%s, '%s', '%s');", data, e[0], attribute, v)
					}
				}
			}
			c.SQL(name, q)
			d := source(t, config.PostgreSQL, "horizon", c.Addr(), name, c.CA)
			if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), "grant the login SELECT on both") {
				t.Errorf("nothing is granted: %v", err)
			}
			c.SQL(name, fmt.Sprintf("GRANT SELECT ON %s, %s TO %s", events, data, name))
			horizonRead(t, d)
		})
	}
}

const citrixSchema = `MonitorData.Session: SessionKey StartDate EndDate UserId MachineId
MonitorData.User: Id UserName Domain Sid
MonitorData.Machine: Id Name DnsName`

// Citrix' Monitor database. Its clocks are UTC: anna's session of the 5th, 22:30
// to 23:30, is of the 6th in Amsterdam; bob's is open since 2 November.
func TestCitrix(t *testing.T) {
	reply := &tdstest.Reply{Columns: cols("started:time", "ended:time", "dns:text", "name:text", "domain:text", "usr:text", "sid:text"), Rows: [][]any{
		{clock(t, "2026-10-05 22:30"), clock(t, "2026-10-05 23:30"), "vda-01.hosting.example", `HOSTING\VDA-01`, "HOSTING", "anna", "S-1-5-21-1-2-3-1101"},
		{clock(t, "2026-11-02 08:00"), nil, nil, `HOSTING\VDA-02`, "HOSTING", "bob", nil},
		{clock(t, "2026-11-02 08:00"), nil, nil, `HOSTING\VDA-02`, nil, nil, nil},
	}}
	script := (&tdstest.Script{}).On("sys.columns", 0, schema(citrixSchema)).On("FROM MonitorData.Session", 0, reply)
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	d := configured(t, s, "citrix")
	d.Zone = "Europe/Amsterdam"
	r, err := read(t, d)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`vda-01 hosting\anna S-1-5-21-1-2-3-1101 10: 6`, `vda-02 hosting\bob  11: 2,3`}
	if got := usedDays(r); !slices.Equal(got, want) || len(r.Sessions.Notes) != 1 {
		t.Errorf("%v %v", got, r.Sessions.Notes)
	}
	onlyRead(t, s)

	// Without the columns that not every version has, and without one that is needed.
	older := (&tdstest.Script{}).On("sys.columns", 0, schema(strings.NewReplacer(" Domain Sid", "", " DnsName", "").Replace(citrixSchema))).On("NULL AS dns", 0, reply)
	if _, err := read(t, configured(t, tdstest.Start(t, tdstest.Options{Answer: older.Answer}), "citrix")); err != nil {
		t.Error(err)
	}
	other := (&tdstest.Script{}).On("sys.columns", 0, schema(strings.Replace(citrixSchema, " UserName", "", 1)))
	if _, err := read(t, configured(t, tdstest.Start(t, tdstest.Options{Answer: other.Answer}), "citrix")); err == nil || !strings.Contains(err.Error(), "column UserName of MonitorData.User") {
		t.Error(err)
	}

	if testing.Short() {
		return
	}
	// The text itself, on tables as they are described; on PostgreSQL, since no
	// server of Microsoft's is at hand.
	all := s.Statements()
	text := strings.ReplaceAll(all[len(all)-1].Text, "[User]", `"user"`)
	if !strings.Contains(text, "FROM MonitorData.Session s") {
		t.Fatal(text)
	}
	c := pgtest.Start(t)
	c.Database("citrix")
	c.SQL("citrix", `CREATE SCHEMA monitordata; CREATE TABLE monitordata.session (SessionKey uuid, StartDate timestamp, EndDate timestamp, UserId bigint, MachineId uuid);
CREATE TABLE monitordata."user" (Id bigint, UserName text, Domain text, Sid text); CREATE TABLE monitordata.machine (Id uuid, Name text, DnsName text);
INSERT INTO monitordata."user" VALUES (7, 'anna', 'HOSTING', 'S-1-5-21-1-2-3-1101');
INSERT INTO monitordata.machine VALUES ('00000000-0000-0000-0000-000000000001', 'HOSTING\VDA-01', 'vda-01.hosting.example');
INSERT INTO monitordata.session VALUES ('00000000-0000-0000-0000-000000000002', '2026-10-05 22:30', NULL, 7, '00000000-0000-0000-0000-000000000001');
INSERT INTO monitordata.session VALUES ('00000000-0000-0000-0000-000000000003', NULL, NULL, 7, '00000000-0000-0000-0000-000000000001');`)
	if got := c.SQL("citrix", text); !regexp.MustCompile(`^2026-10-05 22:30:00\|\|vda-01\.hosting\.example\|HOSTING\\VDA-01\|HOSTING\|anna\|S-1-5-21-1-2-3-1101$`).MatchString(got) {
		t.Error(got)
	}
}
