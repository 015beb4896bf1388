package evidence

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// factsFile is the form in which a month's facts are sealed: each with its
// source, file and line or record, as the store gave them.
type factsFile struct {
	Month       string
	TimeZone    string
	Directories []directoryFile
	Uses        []snapshot.Use
	Logs        []snapshot.Log
	Software    []softwareFile
	Machines    []snapshot.MachineMonth
	Known       []string
	Before      snapshot.Before `json:",omitzero"`
	Readings    []snapshot.Reading
}

type directoryFile struct {
	Source, Site, Domain, DNS, SID string

	Taken    []snapshot.Taken
	Accounts []snapshot.AccountSpan
	Groups   []snapshot.GroupSpan
	Members  []snapshot.MemberSpan
	Units    []snapshot.UnitSpan       `json:",omitempty"`
	Before   *snapshot.DirectoryBefore `json:",omitempty"`
	Changes  []snapshot.ChangeSpan     `json:",omitempty"`
	Deleted  []snapshot.Deleted        `json:",omitempty"`
	After    *snapshot.DirectoryAfter  `json:",omitempty"`
	Events   []snapshot.Event          `json:",omitempty"`
}

type softwareFile struct {
	Source, Site, Host string

	Days     []month.Day
	Installs []snapshot.InstallMonth
}

// table hands out rows as a store does.
type table[T any] []T

func (t table[T]) Len() int   { return len(t) }
func (t table[T]) At(i int) T { return t[i] }

// tabled are facts as a store hands them out: with rows, with empty tables, and
// with none; and a name that an encoder for web pages would write otherwise.
func tabled() *snapshot.Facts {
	m := month.New(2026, 10, time.UTC)
	day := m.FirstDay()
	at := time.Date(2026, 10, 3, 8, 0, 0, 0, time.UTC)
	return &snapshot.Facts{
		Month: m,
		Directories: []snapshot.DirectoryMonth{
			{Source: "a", Taken: []snapshot.Taken{{Time: at, Day: day}}, Groups: []snapshot.GroupSpan{{Group: snapshot.Group{ID: "g", Name: "R&D <all>"}}},
				Accounts: snapshot.ListIn(table[snapshot.AccountSpan]{{Account: snapshot.Account{ID: "l", Name: "<ann>"}, File: "a.ldif"}}),
				Events:   []snapshot.Event{{Time: at, ID: 4728, What: snapshot.Added, Object: "sid:S-1-5-21-1-2-3-4", Member: "dn:cn=<x>", Computer: "DC2", Record: 7, File: "dc2.evtx"}},
				Members:  snapshot.ListIn(table[snapshot.MemberSpan]{{Member: snapshot.Member{Group: "g", Key: "k", Line: 7}, File: "a.ldif"}, {Member: snapshot.Member{Group: "g", Key: "l"}}})},
			{Source: "b", Members: snapshot.ListIn(table[snapshot.MemberSpan]{})},
		},
		Uses: snapshot.ListIn(table[snapshot.Use]{{Host: "h", User: `d\ann`, Month: m.Number(), Days: 4, First: snapshot.Sighting{Time: at, EventID: 21, Channel: "LSM"}, Name: `D\Ann`}}),
		Software: []snapshot.SoftwareMonth{
			{Source: "s", Host: "h", Days: []month.Day{day}, Installs: snapshot.ListIn(table[snapshot.InstallMonth]{{Install: snapshot.Install{Name: "Office", Line: 3}, First: day, Last: day, File: "s.csv"}})},
			{Source: "s", Host: "i", Days: []month.Day{day}, Installs: snapshot.ListIn(table[snapshot.InstallMonth]{})},
		},
		Known: []string{"h"},
		Before: snapshot.Before{Machines: []snapshot.MachineMonth{{Source: "s", Machine: snapshot.Machine{Host: "h"}}},
			Software: []snapshot.HostRows{{Source: "s", Host: "h", Rows: 7}}, Logged: []string{"h"}, Gone: []snapshot.GoneComputer{{Source: "a", Name: "H$", Day: day}}},
	}
}

func encoded(t *testing.T, f *snapshot.Facts) string {
	t.Helper()
	var b strings.Builder
	if err := EncodeFacts(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Facts are sealed by their bytes: those written row by row must be those of
// the same facts as lists, and read back as these.
func TestFactsAreEncodedAsLists(t *testing.T) {
	got := encoded(t, tabled())
	f := tabled()
	whole := factsFile{Month: f.Month.String(), TimeZone: f.Month.Location().String(), Uses: f.Uses.Values(), Logs: f.Logs.Values(),
		Machines: f.Machines, Known: f.Known, Before: f.Before, Readings: f.Readings}
	for _, d := range f.Directories {
		whole.Directories = append(whole.Directories, directoryFile{d.Source, d.Site, d.Domain, d.DNS, d.SID, d.Taken, d.Accounts.Values(), d.Groups, d.Members.Values(), d.Units, d.Before, d.Changes, d.Deleted, d.After, d.Events})
	}
	for _, s := range f.Software {
		installs := s.Installs.Values()
		if len(installs) == 0 {
			installs = nil
		}
		whole.Software = append(whole.Software, softwareFile{s.Source, s.Site, s.Host, s.Days, installs})
	}
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	if err := e.Encode(whole); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.String(), got); d != "" {
		t.Error(d)
	}
	back, err := DecodeFacts(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	if d := back.Directories[0]; back.Uses.Len() != 1 || d.Accounts.Len() != 1 || d.Members.Len() != 2 || back.Software[0].Installs.Len() != 1 {
		t.Errorf("%d uses, %d accounts, %d memberships, %d programs came back", back.Uses.Len(), d.Accounts.Len(), d.Members.Len(), back.Software[0].Installs.Len())
	}
	if again := encoded(t, back); again != got {
		t.Errorf("read back the facts have other bytes: %s", again)
	}
}

// What is no facts file to its last byte is refused, and what a later version
// adds is passed over.
func TestFactsAreReadToTheirEnd(t *testing.T) {
	whole := strings.TrimSuffix(encoded(t, tabled()), "\n")
	for n := range len(whole) {
		if _, err := DecodeFacts(strings.NewReader(whole[:n])); err == nil {
			t.Fatalf("the first %d of %d bytes are read as if they were all", n, len(whole))
		}
	}
	for _, more := range []string{"x", "{}", "\n{}", "]"} {
		if _, err := DecodeFacts(strings.NewReader(whole + more)); err == nil {
			t.Errorf("%q behind them is not seen", more)
		}
	}
	for other, words := range map[string]string{`[]`: "stands where { belongs", `null`: "stands where { belongs", `7`: "stands where { belongs", `"x"`: "stands where { belongs",
		`{"Uses":{}}`: "stands where a list belongs", `{"Uses":[7]}`: "cannot unmarshal", `{"Uses":7}`: "stands where a list belongs", `{"Uses":[{"Days":-1}]}`: "cannot unmarshal",
		`{"Directories":[[]]}`: "stands where { belongs", `{"Directories":[null]}`: "stands where { belongs", `{"Directories":[{"Taken":7}]}`: "cannot unmarshal",
		`{"Software":[{"Installs":{}}]}`: "stands where a list belongs"} {
		other = strings.Replace(other, "{", `{"Month":"2026-10","TimeZone":"UTC",`, 1)
		if _, err := DecodeFacts(strings.NewReader(other)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s is read as facts: %v", other, err)
		}
	}
	later := strings.Replace(whole, `"Uses":`, `"Later":[{"x":[1,2]}],"Uses":`, 1)
	facts, err := DecodeFacts(strings.NewReader(later))
	if err != nil || strings.TrimSuffix(encoded(t, facts), "\n") != whole {
		t.Errorf("%v, or other facts", err)
	}
}

// Facts of a forged pack are of a month in a zone that is the same everywhere,
// and no span in them leads outside the readings.
func TestFactsThatLeadOutside(t *testing.T) {
	const whole = `{"Month":"2026-10","TimeZone":"UTC","Directories":[{"Source":"d","Taken":[{}],"Accounts":[{"Class":1}],"Groups":[{}],"Members":[{}],"Units":[{}],"Changes":[{}]}]}`
	if _, err := DecodeFacts(strings.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{`"UTC"`, `"Nowhere/Else"`, "of no time zone that is known here"},
		{`"UTC"`, `"Local"`, "of no time zone that is known here"},
		{`"2026-10"`, `"2026-13"`, "of no month"},
		{`"Accounts":[{`, `"Accounts":[{"Last":1,`, "account 0"},
		{`"Accounts":[{`, `"Accounts":[{"First":-1,`, "account 0"},
		{`"Accounts":[{"Class":1`, `"Accounts":[{"Class":99`, "account 0"},
		{`"Groups":[{`, `"Groups":[{"Last":1`, "group 0"},
		{`"Members":[{`, `"Members":[{"First":1,"Last":0`, "membership 0"},
		{`"Units":[{`, `"Units":[{"Last":1`, "organizational unit 0"},
		{`"Changes":[{`, `"Changes":[{"Last":1`, "change 0"},
	} {
		forged := strings.Replace(whole, c[0], c[1], 1)
		if _, err := DecodeFacts(strings.NewReader(forged)); forged == whole || err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v", forged, err)
		}
	}
}
