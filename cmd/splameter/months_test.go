package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory/directorytest"
)

// A month of a small provider, made so that everything happens at its edges
// and in the hours that a clock change takes away or gives twice. Instants are
// UTC and written by hand; the program has them from the zone.
type edgeMonth struct {
	name, zone, month string
	before            string    // the day before the month
	days              int       // of the month
	next              string    // the day after it
	start, end        string    // its first instant, and the first after it
	hours             [2]string // instants on both sides of the clock change, or two others
	changes           string    // the day of the change
}

var edgeMonths = []edgeMonth{
	{"a leap February", "Europe/Amsterdam", "2028-02", "2028-01-31", 29, "2028-03-01",
		"2028-01-31T23:00:00.0000000Z", "2028-02-29T23:00:00.0000000Z",
		[2]string{"2028-02-28T23:00:00.0000000Z", "2028-02-29T12:00:00.0000000Z"}, "2028-02-29"},
	// On 28 March 2027 the clock goes from 02:00 to 03:00: 01:59:59.9999999 and
	// 03:00 are 100 ns apart.
	{"the clock set forward", "Europe/Amsterdam", "2027-03", "2027-02-28", 31, "2027-04-01",
		"2027-02-28T23:00:00.0000000Z", "2027-03-31T22:00:00.0000000Z",
		[2]string{"2027-03-28T00:59:59.9999999Z", "2027-03-28T01:00:00.0000000Z"}, "2027-03-28"},
	// On 25 October 2026 the hour from 02:00 comes twice: 02:30 and 02:30.
	{"the clock set back", "Europe/Amsterdam", "2026-10", "2026-09-30", 31, "2026-11-01",
		"2026-09-30T22:00:00.0000000Z", "2026-10-31T23:00:00.0000000Z",
		[2]string{"2026-10-25T00:30:00.0000000Z", "2026-10-25T01:30:00.0000000Z"}, "2026-10-25"},
	// Where October is spring, and half a day ahead: 02:30 twice on 5 April.
	{"the other half of the world", "Pacific/Auckland", "2026-04", "2026-03-31", 30, "2026-05-01",
		"2026-03-31T11:00:00.0000000Z", "2026-04-30T12:00:00.0000000Z",
		[2]string{"2026-04-04T13:30:00.0000000Z", "2026-04-04T14:30:00.0000000Z"}, "2026-04-05"},
	// The change falls on the month's first day: 01:30 twice on 1 November.
	{"a change on the first day", "America/New_York", "2026-11", "2026-10-31", 30, "2026-12-01",
		"2026-11-01T04:00:00.0000000Z", "2026-12-01T05:00:00.0000000Z",
		[2]string{"2026-11-01T05:30:00.0000000Z", "2026-11-01T06:30:00.0000000Z"}, "2026-11-01"},
}

// Who may log on to the pool, and on which days:
//
//	before     all days; a session that ends 100 ns before the month: not active
//	first      all days; a session that begins with the month: active
//	hour1, 2   all days; a session on each side of the clock change: active
//	last       all days; a session that begins in the month's last 100 ns: active
//	after      all days; a session that begins with the next month: not active
//	day1       the first day's export only: counted
//	dayN       the last day's export only: counted
//	gone       the export of the day before only: not counted
//	next       the export of the day after only: not counted
//	expired    expires at the month's first instant: not counted
//	expires    expires a second later: counted, the first export saw it
//	excluded   under an entry up to the last day: not counted, shown as excluded
//	overdue    under an entry up to the day before the last: counted
//
// So ten persons, of whom first, hour1, hour2 and last are active: four. Office
// is seen installed on the last day only, and counts for the whole month.
const edgeTruth = `
	kust office-std 10 4a 1x
	kust rds 10 4a 1x
	all office-std 10 4a 1x
	all rds 10 4a 1x`

const edgeFindings = `
	high exclusion-expired kust X-OVERDUE 1
	medium right-ends-soon kust X-EXCLUDED 1`

func TestMonthsAtTheirEdges(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	for _, m := range edgeMonths {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := m.write(t)
			config := filepath.Join(dir, "config.yaml")
			mustRun(t, exitComplete, "--config", config, "collect")
			mustRun(t, exitComplete, "--config", config, "report", "--month", m.month)
			st := readStatement(t, dir, m.month)
			// The lines of the report have an amount, which nobody priced.
			var got []string
			for _, f := range figures(st) {
				got = append(got, strings.TrimSpace(f))
			}
			if diff := cmp.Diff(sorted(edgeTruth), got); diff != "" {
				t.Errorf("figures (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(sorted(edgeFindings), findings(st)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for person, at := range map[string]string{"first": m.start, "hour1": m.hours[0], "hour2": m.hours[1], "last": m.before100(m.end)} {
				out := mustRun(t, exitComplete, "--config", config, "explain", "--month", m.month, "--tenant", "kust", "--product", "rds", "--person", person)
				when := strings.Replace(at[:19], "T", " ", 1)
				if !strings.Contains(out, "active: LSM event 21 on rdsh-1 at "+when) {
					t.Errorf("%s is not active at %s:\n%s", person, when, out)
				}
			}
		})
	}
}

// The day of the clock change without an export is a gap by name; the figures
// are there all the same. Logs that are stated to reach one day less far than the
// month are proved by their own records, which go on to its end.
func TestMonthsWithAGapAtTheEdge(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	for _, m := range edgeMonths[1:3] {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			dir := m.write(t)
			if err := os.Remove(filepath.Join(dir, "directory", m.changes+".ldif")); err != nil {
				t.Fatal(err)
			}
			config := filepath.Join(dir, "config.yaml")
			mustRun(t, exitComplete, "--config", config, "collect")
			out := mustRun(t, exitIncomplete, "--config", config, "report", "--month", m.month)
			if want := "directory kust was not read on " + m.changes + "\n"; !strings.Contains(out, want) {
				t.Errorf("the report does not say %q:\n%s", want, out)
			}

			dir = m.write(t)
			config = filepath.Join(dir, "config.yaml")
			text, err := os.ReadFile(config)
			if err != nil {
				t.Fatal(err)
			}
			lastDay := fmt.Sprintf("%s-%02d", m.month, m.days)
			writeFile(t, config, bytes.ReplaceAll(text, []byte("exported: "+m.next), []byte("exported: "+lastDay)))
			mustRun(t, exitComplete, "--config", config, "collect")
			mustRun(t, exitComplete, "--config", config, "report", "--month", m.month)
		})
	}
}

// before100 is 100 ns earlier, the least that a log can tell apart.
func (m *edgeMonth) before100(at string) string {
	return utc(at).Add(-100 * time.Nanosecond).Format("2006-01-02T15:04:05.0000000Z")
}

func utc(at string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err) // a slip in the table above
	}
	return t
}

// write writes the provider's folder.
func (m *edgeMonth) write(t *testing.T) string {
	dir := t.TempDir()
	days := []string{m.before}
	for d := 1; d <= m.days; d++ {
		days = append(days, fmt.Sprintf("%s-%02d", m.month, d))
	}
	first, last, eve := days[1], days[m.days], days[m.days-1]
	days = append(days, m.next)
	for _, day := range days {
		var b bytes.Buffer
		if err := directorytest.WriteLDIF(&b, m.forest(day, first, last)); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "directory", day+".ldif"), b.Bytes())
	}
	file := func(name, text string) { writeFile(t, filepath.Join(dir, name), []byte(text)) }
	file("config.yaml", `
provider: {name: Kust Hosting, time_zone: `+m.zone+`}
tenants: tenants.csv
exclusions: exclusions.csv
rules: rules.yaml
directories: [{name: kust, domain: KUST, ldif: directory/*.ldif}]
sessions: [{name: logs, files: [logs/*], exported: `+m.next+`}]
inventories: [{name: software, software: software-*.csv}]
pools: [{name: all, hosts: ["RDSH-*"], users: [RDS-Users]}]
`)
	file("rules.yaml", `
version: "1"
products:
  - {id: rds, part_number: EXAMPLE-RDS, unit: user, entitled: {pools: ["*"]}}
  - {id: office-std, part_number: EXAMPLE-OFFSTD, unit: user, entitled: {installed: ["Microsoft Office* Standard 20??*"]}, requires: [rds]}
`)
	file("tenants.csv", "id,name,ou\nkust,Kust B.V.,\"OU=Kust,DC=kust,DC=example\"\n")
	file("exclusions.csv", "id,tenant,product,ground,match,quantity,document,from,until\n"+
		"X-EXCLUDED,kust,*,demo,user:excluded,,a document,"+first+","+last+"\n"+
		"X-OVERDUE,kust,*,demo,user:overdue,,a document,"+first+","+eve+"\n")
	text := "host,name,version,publisher\nRDSH-1,7-Zip 24.08 (x64),24.08,Igor Pavlov\n"
	file("software-"+first+".csv", text)
	file("software-"+last+".csv", text+"RDSH-1,Microsoft Office LTSC Standard 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation\n")
	file("logs/RDSH-1.xml", m.log())
	return dir
}

// forest is the directory as a day begins.
func (m *edgeMonth) forest(day, first, last string) *directorytest.Forest {
	f := &directorytest.Forest{DNS: "kust.example", NetBIOS: "KUST", SID: "S-1-5-21-1-2-3"}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Unit, Name: "Kust"})
	members := []string{"before", "first", "hour1", "hour2", "last", "after", "expired", "expires", "excluded", "overdue"}
	for _, name := range append(members, "day1", "dayN", "gone", "next") {
		u := directorytest.Object{Kind: directorytest.User, Name: name, In: "OU=Kust", Account: name, UPN: name + "@kust.example", Display: name}
		switch name {
		case "expired":
			u.Expires = directorytest.FileTime(utc(m.start))
		case "expires":
			u.Expires = directorytest.FileTime(utc(m.start).Add(time.Second))
		}
		f.Objects = append(f.Objects, u)
	}
	for name, on := range map[string]string{"day1": first, "dayN": last, "gone": m.before, "next": m.next} {
		if on == day {
			members = append(members, name)
		}
	}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Group, Name: "RDS-Users", In: "OU=Kust", Account: "RDS-Users", Members: members})
	return f
}

// log is the session host's, from its record number 1 on.
func (m *edgeMonth) log() string {
	var b strings.Builder
	record := 0
	event := func(at string, id int, user string, session int) {
		record++
		address := "<Address>10.0.0.1</Address>"
		if id == 23 {
			address = ""
		}
		fmt.Fprintf(&b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"+
			"<Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager'/><EventID>%d</EventID><TimeCreated SystemTime='%s'/>"+
			"<EventRecordID>%d</EventRecordID><Channel>Microsoft-Windows-TerminalServices-LocalSessionManager/Operational</Channel>"+
			"<Computer>RDSH-1.kust.example</Computer></System><UserData><EventXML xmlns='Event_NS'><User>KUST\\%s</User>"+
			"<SessionID>%d</SessionID>%s</EventXML></UserData></Event>\n", id, at, record, user, session, address)
	}
	later := func(at string) string {
		return utc(at).Add(100 * time.Nanosecond).Format("2006-01-02T15:04:05.0000000Z")
	}
	end := m.before100(m.start)
	event(m.before100(m.before100(end)), 21, "before", 2)
	event(end, 23, "before", 2)
	event(m.start, 21, "first", 3)
	event(later(m.start), 23, "first", 3)
	event(m.hours[0], 21, "hour1", 4)
	event(later(later(m.hours[0])), 23, "hour1", 4)
	event(m.hours[1], 21, "hour2", 5)
	event(later(m.hours[1]), 23, "hour2", 5)
	event(m.before100(m.end), 21, "last", 6)
	event(m.end, 21, "after", 7)
	event(later(m.end), 23, "last", 6)
	return b.String()
}
