package sqlserver_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/collector/sqlserver"
	"splameter/collector/sqlserver/tdstest"
	"splameter/config"
	"splameter/snapshot"
	"splameter/tsql"
)

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// now is when every reading of these tests is made: noon in Amsterdam.
var now = time.Date(2026, 11, 3, 11, 0, 0, 0, time.UTC)

func secret(t testing.TB, s string) config.Secret {
	t.Helper()
	x, err := config.NewSecret(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func database(t testing.TB, s *tdstest.Server, preset string) config.Database {
	d := config.DefaultDatabase()
	d.Name, d.Preset, d.Server, d.Database = "db", preset, s.Addr, "Data"
	d.User, d.Password, d.CA = "reader", secret(t, "plain:geheim é"), s.CA
	return d
}

func read(t testing.TB, d config.Database) (*sqlserver.Result, error) {
	return sqlserver.Read(t.Context(), d, sqlserver.Options{Now: func() time.Time { return now }, Zone: amsterdam(t), Stale: 31,
		Pools: []config.Pool{{Name: "p", Hosts: []string{"RDSH-A*"}}}})
}

// The columns of a reply, as name:type.
func cols(list ...string) (out []tdstest.Column) {
	types := map[string]tdstest.Type{"int": tdstest.Int, "bigint": tdstest.BigInt, "tinyint": tdstest.TinyInt, "bit": tdstest.Bit,
		"text": tdstest.NVarChar, "long": tdstest.NVarCharMax, "binary": tdstest.VarBinary, "guid": tdstest.GUID, "time": tdstest.DateTime, "float": tdstest.Float}
	for _, c := range list {
		name, kind, _ := strings.Cut(c, ":")
		out = append(out, tdstest.Column{Name: name, Type: types[kind]})
	}
	return out
}

// schema answers which columns there are: table.column, ….
func schema(list string) *tdstest.Reply {
	r := &tdstest.Reply{Columns: cols("schema_name:text", "object_name:text", "column_name:text")}
	for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
		table, columns, _ := strings.Cut(strings.TrimSpace(line), ": ")
		s, o, _ := strings.Cut(table, ".")
		for _, c := range strings.Split(columns, " ") {
			r.Rows = append(r.Rows, []any{s, o, c})
		}
	}
	return r
}

const (
	brokerSchema = `rds.Session: Id TargetId UserId UserName UserDomain SessionId CreateTime DisconnectTime State ProtocolType
rds.Target: Id PoolId Name Fqdn
rds.User: Id Sid
rds.PoolProperty: PoolId Name ValueStr`
	configmgrSchema = `dbo.v_R_System: ResourceID Netbios_Name0 Obsolete0 Decommissioned0 Resource_Domain_OR_Workgr0 Is_Virtual_Machine0
dbo.v_GS_ADD_REMOVE_PROGRAMS: ResourceID DisplayName0 Version0 Publisher0 ProdID0
dbo.v_GS_ADD_REMOVE_PROGRAMS_64: ResourceID DisplayName0 Version0 Publisher0 ProdID0
dbo.v_GS_WORKSTATION_STATUS: ResourceID LastHWScan
dbo.v_GS_OPERATING_SYSTEM: ResourceID Caption0
dbo.v_GS_PROCESSOR: ResourceID NumberOfCores0
dbo.v_MonthlyUsageSummary: MeteredUserID ResourceID TimeKey TSUsageCount LastUsage
dbo.v_MeteredUser: MeteredUserID FullName`
	lansweeperSchema = `dbo.tblAssets: AssetID AssetName Domain Lastseen
dbo.tblAssetCustom: AssetID State Model
dbo.tblSoftware: AssetID softID softwareVersion
dbo.tblSoftwareUni: SoftID softwareName SoftwarePublisher
dbo.tblOperatingsystem: AssetID Caption
dbo.tblProcessor: AssetID NumberOfCores
dbo.tblSqlServers: AssetID skuName
dbo.tblCPlogoninfo: AssetID logontime Domain Username`
)

// onlyRead proves that every statement that arrived is a single SELECT, and
// that no transaction was begun.
func onlyRead(t *testing.T, s *tdstest.Server) {
	t.Helper()
	for _, st := range s.Statements() {
		if err := tsql.OnlySelect(st.Text); err != nil || st.Kind == "transaction" || st.Kind == "procedure" {
			t.Errorf("sent as %s: %s (%v)", st.Kind, st.Text, err)
		}
	}
}

func sight(at string, row uint64, file string) snapshot.Sighting {
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err)
	}
	return snapshot.Sighting{Time: when, Channel: "DB", Evidence: snapshot.Evidence{File: file, Record: row}}
}

func days(from, until int) (bits uint32) {
	for d := from; d <= until; d++ {
		bits |= 1 << (d - 1)
	}
	return bits
}

var brokerColumns = cols("host:text", "domain:text", "usr:text", "sid:binary", "session:int", "state:tinyint", "protocol:tinyint", "created:bigint", "disconnected:bigint")

func TestBroker(t *testing.T) {
	at := func(s string) int64 {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return record.ToTicks(when)
	}
	// S-1-5-21-1-2-3-1105: revision 1, 5 parts, authority 5, then 21, 1, 2, 3, 1105 = 0x451.
	sid := []byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x51, 4, 0, 0}
	script := (&tdstest.Script{}).
		On("sys.columns", 0, schema(brokerSchema)).
		On("FROM rds.Session", 0, &tdstest.Reply{Columns: brokerColumns, Rows: [][]any{
			// Open since 31 October 23:30 in Amsterdam (22:30 UTC, winter time): 31 October and 1, 2, 3 November.
			{"RDSH-A01.hosting.example", "HOSTING", "Jørgen", sid, 5, 0, 2, at("2026-10-31T22:30:00Z"), nil},
			// Disconnected, and still a session.
			{"RDSH-A02", "HOSTING", "日本太郎", nil, 6, 4, 2, at("2026-11-03T08:00:00Z"), at("2026-11-03T09:00:00Z")},
			// The console is none.
			{"RDSH-A02", "HOSTING", "beheer", nil, 1, 0, 0, at("2026-11-03T08:00:00Z"), nil},
			// Nobody's.
			{"RDSH-A02", "Window Manager", "DWM-1", nil, 1, 0, 2, at("2026-11-03T08:00:00Z"), nil},
			// CreateTime in seconds since 1970: no likely FILETIME, so the day of the reading.
			{"RDSH-A02", "HOSTING", "kees", nil, 7, 0, 2, int64(1793700000), nil},
			// NULL in every column.
			{nil, nil, nil, nil, nil, nil, nil, nil, nil},
		}}).
		On("FROM rds.PoolProperty", 0, &tdstest.Reply{Columns: cols("pool:int", "name:text", "value:long"), Rows: [][]any{
			{7, "Name", strings.Repeat("é", 5000)}, {8, "Name", "x"}, {nil, nil, nil}}}).
		On("FROM rds.Target", 0, &tdstest.Reply{Columns: cols("pool:int", "host:text"), Rows: [][]any{
			{7, "RDSH-A01.hosting.example"}, {7, "RDSH-A02"}, {8, "RDSH-B01"}, {nil, nil}}})
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	d := database(t, s, "rdcb")
	got, err := read(t, d)
	if err != nil {
		t.Fatal(err)
	}
	file := s.Addr + "/Data rdcb"
	want := []snapshot.Use{
		{Host: "rdsh-a01", User: `hosting\jørgen`, Name: `HOSTING\Jørgen`, SID: "S-1-5-21-1-2-3-1105", Month: 2026*12 + 9, Days: days(31, 31),
			First: sight("2026-10-31T22:30:00Z", 1, file), Last: sight("2026-10-31T22:30:00Z", 1, file)},
		{Host: "rdsh-a01", User: `hosting\jørgen`, Name: `HOSTING\Jørgen`, SID: "S-1-5-21-1-2-3-1105", Month: 2026*12 + 10, Days: days(1, 3),
			First: sight("2026-10-31T23:00:00Z", 1, file), Last: sight("2026-11-03T10:59:59.9999999Z", 1, file)},
		{Host: "rdsh-a02", User: `hosting\kees`, Name: `HOSTING\kees`, Month: 2026*12 + 10, Days: days(3, 3),
			First: sight("2026-11-03T11:00:00Z", 5, file), Last: sight("2026-11-03T11:00:00Z", 5, file)},
		{Host: "rdsh-a02", User: `hosting\日本太郎`, Name: `HOSTING\日本太郎`, Month: 2026*12 + 10, Days: days(3, 3),
			First: sight("2026-11-03T08:00:00Z", 2, file), Last: sight("2026-11-03T10:59:59.9999999Z", 2, file)},
	}
	if diff := cmp.Diff(want, got.Sessions.Uses); diff != "" {
		t.Errorf("uses (-want +got):\n%s", diff)
	}
	var codes []string
	for _, n := range got.Sessions.Notes {
		codes = append(codes, n.Code)
	}
	// One unlikely CreateTime; the row of NULLs: an unknown state, no
	// CreateTime, no name; and a target of NULLs and a host of no pool.
	wantCodes := []string{"pool-host-unknown", "pool-odd", "session-odd", "session-odd", "session-odd", "session-without-name"}
	if diff := cmp.Diff(wantCodes, codes); diff != "" {
		t.Errorf("notices:\n%s", diff)
	}
	if len(got.Pools) != 2 || got.Pools[0].ID != 7 || len(got.Pools[0].Hosts) != 2 || len(got.Pools[0].Properties[0].Value) > 4096 || got.Pools[1].Hosts[0] != "RDSH-B01" {
		t.Errorf("pools: %+v", got.Pools)
	}
	if got.Inventory != nil {
		t.Error("a broker has no inventory")
	}
	onlyRead(t, s)
	wantLogin := tdstest.Login{User: "reader", Password: "geheim é", App: "splameter", Database: "Data", ReadOnly: true}
	l := s.Logins()[0]
	l.Server, l.Host = "", ""
	if diff := cmp.Diff(wantLogin, l); diff != "" {
		t.Errorf("login:\n%s", diff)
	}
	// The tables are asked for as typed parameters.
	first := s.Statements()[0]
	if len(first.Params) != 3 || first.Params[0].Type != "nvarchar(7)" || first.Params[0].Value != "Session" {
		t.Errorf("%+v", first.Params)
	}
}

func TestConfigmgr(t *testing.T) {
	script := (&tdstest.Script{}).
		On("sys.columns", 0, schema(configmgrSchema)).
		On("v_GS_ADD_REMOVE_PROGRAMS_64", 0, &tdstest.Reply{Columns: cols("host:text", "name:text", "version:text", "publisher:text", "prodid:text", "arch:int"), Rows: [][]any{
			{"RDSH-A01", "Microsoft Office LTSC Professional Plus 2021", "16.0.1", "Microsoft Corporation", "{90160000-000F-0000-1000-0000000FF1CE}", 64},
			{"RDSH-A01", "Microsoft Office LTSC Professional Plus 2021", "16.0.1", "Microsoft Corporation", "{90160000-000F-0000-1000-0000000FF1CE}", 32},
			{"RDSH-A01", "7-Zip", nil, nil, nil, 32},
			{nil, nil, nil, nil, nil, nil},
		}}).
		On("LastHWScan", 0, &tdstest.Reply{Columns: cols("host:text", "scanned:time"), Rows: [][]any{
			{"RDSH-A01", time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)},
			{"RDSH-A09", time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC)}, // 32 days
			{"RDSH-A10", nil},
		}}).
		On("v_GS_PROCESSOR", 0, &tdstest.Reply{Columns: cols("host:text", "domain:text", "virtual:bit", "system:text", "processors:int", "cores:int"), Rows: [][]any{
			{"HV01", nil, false, "Microsoft Windows Server 2022 Datacenter", 2, 32},
			{"RDSH-A01", "HOSTING", true, "Microsoft Windows Server 2022 Standard", 2, 8},
			{"ODD", nil, nil, "Microsoft Windows Server 2019 Standard", 1, 4},
			{"SLEEPER", nil, true, nil, nil, nil},
		}}).
		On("v_MonthlyUsageSummary", 0, &tdstest.Reply{Columns: cols("host:text", "usr:text", "timekey:int", "tscount:int", "lastusage:time"), Rows: [][]any{
			{"RDSH-A01", `HOSTING\Łukasz`, 202610, 4, time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC)}, // local: 07:00 UTC
			{"RDSH-A01", `HOSTING\piet`, 202610, 1, nil},
			{"RDSH-A01", `HOSTING\bad`, 13, 1, nil},
			{nil, nil, nil, nil, nil},
		}})
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	got, err := read(t, database(t, s, "configmgr"))
	if err != nil {
		t.Fatal(err)
	}
	file := s.Addr + "/Data configmgr"
	wantSoftware := []snapshot.HostSoftware{{Host: "RDSH-A01", Installs: []snapshot.Install{
		{Name: "7-Zip", Line: 3},
		{Name: "Microsoft Office LTSC Professional Plus 2021", Version: "16.0.1", Publisher: "Microsoft Corporation", Key: "{90160000-000F-0000-1000-0000000FF1CE}", Line: 1},
	}}}
	if diff := cmp.Diff(wantSoftware, got.Inventory.Software); diff != "" {
		t.Error(diff)
	}
	wantMachines := []snapshot.Machine{
		{Host: "HV01", Kind: "physical", Processors: 2, CoresPerProcessor: 16, OperatingSystem: "Microsoft Windows Server 2022 Datacenter", Line: 1},
		{Host: "ODD", OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 3}, // unknown is not zero cores of a known kind
		{Host: "RDSH-A01", Kind: "virtual", VirtualCores: 8, OperatingSystem: "Microsoft Windows Server 2022 Standard", Line: 2},
		{Host: "SLEEPER", Kind: "virtual", Line: 4},
	}
	if diff := cmp.Diff(wantMachines, got.Inventory.Machines); diff != "" {
		t.Error(diff)
	}
	wantUses := []snapshot.Use{
		{Host: "rdsh-a01", User: `hosting\piet`, Name: `HOSTING\piet`, Month: 2026*12 + 9, Days: days(1, 1),
			First: sight("2026-09-30T22:00:00Z", 2, file), Last: sight("2026-09-30T22:00:00Z", 2, file)},
		{Host: "rdsh-a01", User: `hosting\łukasz`, Name: `HOSTING\Łukasz`, Month: 2026*12 + 9, Days: days(14, 14),
			First: sight("2026-10-14T07:00:00Z", 1, file), Last: sight("2026-10-14T07:00:00Z", 1, file)},
	}
	if diff := cmp.Diff(wantUses, got.Sessions.Uses); diff != "" {
		t.Error(diff)
	}
	count := map[string]int{}
	for _, n := range append(got.Inventory.Notes, got.Sessions.Notes...) {
		count[n.Code]++
	}
	// Machines: ODD's kind, SLEEPER's cores. Sessions: no day, no month twice.
	if diff := cmp.Diff(map[string]int{"inventory-damaged": 1, "inventory-stale": 2, "machine-unreadable": 2, "session-odd": 3}, count); diff != "" {
		t.Error(diff)
	}
	onlyRead(t, s)
}

func TestLansweeper(t *testing.T) {
	script := (&tdstest.Script{}).
		On("sys.columns", 0, schema(lansweeperSchema)).
		On("tblSoftwareUni", 0, &tdstest.Reply{Columns: cols("host:text", "name:text", "version:text", "publisher:text"), Rows: [][]any{
			{"SQL01", "Microsoft SQL Server 2019 (64-bit)", "15.0", "Microsoft Corporation"}, {nil, nil, nil, nil}}}).
		On("Lastseen", 0, &tdstest.Reply{Columns: cols("host:text", "scanned:time"), Rows: [][]any{{"SQL01", time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)}}}).
		On("tblProcessor", 0, &tdstest.Reply{Columns: cols("host:text", "domain:text", "system:text", "model:text", "processors:int", "cores:int"), Rows: [][]any{
			{"SQL01", "HOSTING", "Microsoft Windows Server 2019 Standard", "VMware Virtual Platform", 1, 8},
			// The same name in two domains is two machines; twice in one is one, at its most.
			{"WEB", "alfa", "Microsoft Windows Server 2019 Standard", "KVM", 1, 4},
			{"WEB", "beta", "Microsoft Windows Server 2019 Standard", "KVM", 1, 2},
			{"WEB", "BETA", "Microsoft Windows Server 2019 Standard", "KVM", 1, 6},
			{"HV02", "HOSTING", "Microsoft Windows Server 2019 Datacenter", "PowerEdge R740", 2, 33},
			{nil, nil, nil, nil, nil, nil}}}).
		On("tblSqlServers", 0, &tdstest.Reply{Columns: cols("host:text", "edition:text"), Rows: [][]any{
			{"LOST", "Standard Edition (64-bit)"}, {"SQL01", "Express Edition (64-bit)"}, {"SQL01", "Standard Edition (64-bit)"}}}).
		On("tblCPlogoninfo", 0, &tdstest.Reply{Columns: cols("host:text", "domain:text", "usr:text", "start:time"), Rows: [][]any{
			// The server's own clock: 00:30 in Amsterdam is 22:30 of the day before in UTC.
			{"SQL01", "HOSTING", "anna", time.Date(2026, 10, 20, 0, 30, 0, 0, time.UTC)}, {nil, nil, nil, nil}}})
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	got, err := read(t, database(t, s, "lansweeper"))
	if err != nil {
		t.Fatal(err)
	}
	wantMachines := []snapshot.Machine{
		{Host: "HV02", Kind: "physical", Processors: 2, CoresPerProcessor: 17, OperatingSystem: "Microsoft Windows Server 2019 Datacenter", Line: 5},
		{Host: "SQL01", Kind: "virtual", VirtualCores: 8, OperatingSystem: "Microsoft Windows Server 2019 Standard", SQLEdition: "Standard Edition (64-bit)", Line: 1},
		{ID: "web.alfa", Host: "WEB", Kind: "virtual", VirtualCores: 4, OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 2},
		{ID: "web.beta", Host: "WEB", Kind: "virtual", VirtualCores: 6, OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 4},
	}
	if diff := cmp.Diff(wantMachines, got.Inventory.Machines); diff != "" {
		t.Error(diff)
	}
	if u := got.Sessions.Uses; len(u) != 1 || u[0].Days != days(20, 20) || !u[0].First.Time.Equal(time.Date(2026, 10, 19, 22, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", u)
	}
	count := map[string]int{}
	for _, n := range append(got.Inventory.Notes, got.Sessions.Notes...) {
		count[n.Code]++
	}
	if diff := cmp.Diff(map[string]int{"inventory-damaged": 2, "machine-doubled": 2, "session-damaged": 1, "sql-editions": 2}, count); diff != "" {
		t.Error(diff)
	}
	onlyRead(t, s)
}

func free(t testing.TB, s *tdstest.Server) config.Database {
	d := database(t, s, "query")
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
	if diff := cmp.Diff([]snapshot.Machine{{Host: "TS1", Kind: "virtual", VirtualCores: 8, Line: 1}, {Host: "TS2", Line: 2}}, got.Inventory.Machines); diff != "" {
		t.Error(diff)
	}
	onlyRead(t, s)
	d.Sessions.Columns["user"] = "konto"
	if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), `yields no column "konto" for user; its columns are id, computer, account`) {
		t.Error(err)
	}
}

// A preset says which tables and columns are not there: those that it can do
// without in a notice, the others in an error.
func TestMissing(t *testing.T) {
	for _, c := range []struct{ name, preset, schema, want string }{
		{"table", "rdcb", "rds.Session: TargetId\nrds.Target: Id", "has no column UserId of rds.Session, column UserName of rds.Session"},
		{"view", "configmgr", strings.Replace(configmgrSchema, "ADD_REMOVE_PROGRAMS_64", "NONE", 1), "has no dbo.v_GS_ADD_REMOVE_PROGRAMS_64, or the login may not see it; grant"},
		{"column", "lansweeper", strings.Replace(lansweeperSchema, "softwareVersion", "v", 1), "has no column softwareVersion of dbo.tblSoftware"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("sys.columns", 0, schema(c.schema)).Answer})
			got, err := read(t, database(t, s, c.preset))
			if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
			onlyRead(t, s)
		})
	}
	t.Run("what can be missing", func(t *testing.T) {
		script := (&tdstest.Script{}).On("sys.columns", 0, schema(strings.Join(strings.Split(configmgrSchema, "\n")[:3], "\n"))).
			On("v_GS_ADD_REMOVE_PROGRAMS_64", 0, &tdstest.Reply{Columns: cols("host:text", "name:text"), Rows: [][]any{{"a", "b"}}})
		s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
		got, err := read(t, database(t, s, "configmgr"))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Inventory.Notes); n != 3 || got.Inventory.Notes[0].Code != "database-part-missing" || got.Sessions != nil {
			t.Errorf("%d: %+v", n, got.Inventory.Notes)
		}
	})
}

// Every fault ends in a sentence that says what to do, and in no reading.
func TestFaults(t *testing.T) {
	rows := func(n int) *tdstest.Reply {
		return &tdstest.Reply{Columns: freeColumns, Count: n, Row: func(i int) []any {
			return []any{int64(i), "TS1", fmt.Sprintf("u%d", i), time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC), nil, "10.0.0.1"}
		}}
	}
	with := func(r *tdstest.Reply, change func(*tdstest.Reply)) *tdstest.Reply {
		change(r)
		return r
	}
	fails := func(n int32, text string) *tdstest.Reply {
		return &tdstest.Reply{Error: &tdstest.Error{Number: n, Message: text}}
	}
	for _, c := range []struct {
		name  string
		first *tdstest.Reply // answers the first time
		then  *tdstest.Reply // and this from then on; nil: 10 good rows
		want  string         // of the error; empty: 10 rows after all
		sent  int            // statements
	}{
		{"dropped after 5000 rows", with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }), with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }),
			"the connection broke, twice; see whether the server was started again", 2},
		{"dropped once", with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }), nil, "", 2},
		{"error after 5000 rows", with(rows(5000), func(r *tdstest.Reply) {
			r.Error = &tdstest.Error{Number: 8115, Message: "arithmetic overflow for Jansen"}
		}), nil, "the server reports error 8115", 1},
		{"deadlock once", fails(1205, "deadlock"), nil, "", 2},
		{"deadlock in mid-stream", with(rows(5000), func(r *tdstest.Reply) { r.Error = &tdstest.Error{Number: 1205, Class: 13, Message: "deadlock"} }), nil, "", 2},
		{"deadlock twice", fails(1205, "deadlock"), fails(1205, "deadlock"), "the victim of a deadlock, twice; collect again", 2},
		{"no rights", fails(229, "The SELECT permission was denied on the object 'logons'"), nil, "no right to read something that is needed (The SELECT permission was denied on the object 'logons'); grant", 1},
		{"no object", fails(208, "Invalid object name 'dbo.logons'."), nil, "a table, view or column is not there (Invalid object name 'dbo.logons'.); check", 1},
		{"no column", fails(207, "Invalid column name 'x'."), nil, "a table, view or column is not there (Invalid column name 'x'.)", 1},
		{"unknown", fails(245, "Conversion failed when converting 'Jansen'"), nil, "the server reports error 245, severity 16; look it up", 1},
		{"fatal", with(fails(824, "page"), func(r *tdstest.Reply) { r.Error.Class = 24 }), nil, "the server reports error 824, severity 24", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			then := c.then
			if then == nil {
				then = rows(10)
			}
			s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("FROM dbo.logons", 1, c.first).On("FROM dbo.logons", 0, then).Answer})
			got, err := read(t, free(t, s))
			switch {
			case c.want == "" && (err != nil || len(got.Sessions.Uses) != 10*2): // open since October: two months each
				t.Errorf("%v, %d uses", err, len(got.Sessions.Uses))
			case c.want != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			case err != nil && strings.Contains(err.Error(), "Jansen"):
				t.Errorf("a name in an error: %v", err)
			}
			if n := len(s.Statements()); n != c.sent {
				t.Errorf("%d statements", n)
			}
			onlyRead(t, s)
		})
	}
}

// A silent server ends after the timeout; the client's attention is heard.
func TestFirstRowSlow(t *testing.T) {
	wait := make(chan struct{})
	s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("", 0, &tdstest.Reply{Columns: freeColumns, Wait: wait}).Answer})
	d := free(t, s)
	d.Timeout = config.Duration(20 * time.Millisecond)
	got, err := read(t, d)
	if got != nil || err == nil || !strings.Contains(err.Error(), "sent nothing for 20ms; ask its administrator") {
		t.Error(err)
	}
}

// A slow first row within the timeout is waited for.
func TestFirstRowLate(t *testing.T) {
	wait := make(chan struct{})
	s := tdstest.Start(t, tdstest.Options{Answer: func(tdstest.Statement) *tdstest.Reply {
		close(wait)
		return &tdstest.Reply{Columns: freeColumns, Wait: wait, Rows: [][]any{{int64(1), "h", "u", now, nil, nil}}}
	}})
	if got, err := read(t, free(t, s)); err != nil || len(got.Sessions.Uses) != 1 {
		t.Error(err)
	}
}

func TestCancelInMidStream(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reply := &tdstest.Reply{Columns: freeColumns, Count: 1 << 30,
		Row: func(i int) []any { return []any{int64(i), "h", "u", now, nil, nil} },
		Sent: func(n int) {
			if n == 5000 {
				cancel()
			}
		}}
	s := tdstest.Start(t, tdstest.Options{Answer: func(tdstest.Statement) *tdstest.Reply { return reply }})
	got, err := sqlserver.Read(ctx, free(t, s), sqlserver.Options{Now: func() time.Time { return now }, Zone: time.UTC})
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The server is started again between two queries of one reading.
func TestRestart(t *testing.T) {
	var s *tdstest.Server
	script := (&tdstest.Script{}).On("sys.columns", 0, schema(brokerSchema)).
		On("rds.Session", 0, &tdstest.Reply{Columns: brokerColumns}).
		On("rds.PoolProperty", 0, &tdstest.Reply{Columns: cols("pool:int", "name:text", "value:text")}).
		On("rds.Target", 0, &tdstest.Reply{Columns: cols("pool:int", "host:text"), Rows: [][]any{{1, "RDSH-A01"}}})
	broken := false
	s = tdstest.Start(t, tdstest.Options{Answer: func(st tdstest.Statement) *tdstest.Reply {
		if strings.Contains(st.Text, "rds.Target t\nWHERE") && !broken {
			broken = true
			return &tdstest.Reply{Drop: true}
		}
		return script.Answer(st)
	}})
	got, err := read(t, database(t, s, "rdcb"))
	if err != nil || len(got.Pools) != 1 {
		t.Fatal(err)
	}
	if len(s.Logins()) != 2 {
		t.Errorf("%d logins", len(s.Logins()))
	}
}

func TestLogOn(t *testing.T) {
	other, otherCA := tdstest.Certificate(t, "127.0.0.1")
	wrongHost, wrongHostCA := tdstest.Certificate(t, "sql.example")
	answer := func(tdstest.Statement) *tdstest.Reply { return &tdstest.Reply{Columns: freeColumns} }
	dir := t.TempDir()
	notCA := filepath.Join(dir, "x.pem")
	if err := os.WriteFile(notCA, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuse := func(n int32) func(tdstest.Login) *tdstest.Error {
		return func(tdstest.Login) *tdstest.Error {
			return &tdstest.Error{Number: n, Class: 14, Message: "Login failed for user 'reader'."}
		}
	}
	for _, c := range []struct {
		name   string
		opt    tdstest.Options
		change func(*config.Database)
		want   string
	}{
		{"refused", tdstest.Options{Login: refuse(18456)}, nil, "the log-on was refused; check user and password"},
		{"no database", tdstest.Options{Login: refuse(4060)}, nil, "the login may not open the database, or there is none of that name"},
		{"other authority", tdstest.Options{TLS: &other}, func(d *config.Database) { _, d.CA = tdstest.Certificate(t, "127.0.0.1") }, "of an authority that is not trusted; name the authority's file under ca"},
		{"no authority", tdstest.Options{}, func(d *config.Database) { d.CA = "" }, "of an authority that is not trusted"},
		{"other host", tdstest.Options{TLS: &wrongHost}, func(d *config.Database) { d.CA = wrongHostCA }, "its certificate is for another name; write that name under server_name"},
		{"named host", tdstest.Options{TLS: &wrongHost}, func(d *config.Database) { d.CA, d.ServerName = wrongHostCA, "sql.example" }, ""},
		{"right authority", tdstest.Options{TLS: &other}, func(d *config.Database) { d.CA = otherCA }, ""},
		{"trusted blindly", tdstest.Options{TLS: &other}, func(d *config.Database) { d.CA, d.TrustServerCertificate = "", true }, ""},
		{"authority's form", tdstest.Options{}, func(d *config.Database) { d.CA = filepath.Join(dir, "ca.crt") }, "the certificate authority's file cannot be used: "},
		{"empty authority", tdstest.Options{}, func(d *config.Database) { d.CA = notCA }, "of an authority that is not trusted"},
		{"nobody", tdstest.Options{}, func(d *config.Database) { d.User, d.Password = "", config.Secret{} }, "splameter can log on as its own account on Windows only; write user: and password:"},
		{"port", tdstest.Options{}, func(d *config.Database) { d.Server = "h:70000" }, `the server's port "70000" is none`},
		{"nothing there", tdstest.Options{}, func(d *config.Database) { d.Server = "127.0.0.1:1" }, "takes no connections there; check the port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.Answer = answer
			s := tdstest.Start(t, c.opt)
			d := free(t, s)
			if c.change != nil {
				c.change(&d)
			}
			got, err := read(t, d)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			case err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "reader")):
				t.Errorf("a secret in an error: %v", err)
			case c.want != "" && len(s.Statements()) > 0:
				t.Error("a statement was sent")
			}
			if strings.Contains(c.name, "authority") && c.want != "" && len(s.Logins()) > 0 {
				t.Error("the password was sent to a server that is not trusted")
			}
		})
	}
}
