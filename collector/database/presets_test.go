package database_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/database/tdstest"
	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

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
dbo.v_GS_VIRTUAL_MACHINE: ResourceID PhysicalHostName0
dbo.v_MonthlyUsageSummary: MeteredUserID ResourceID TimeKey TSUsageCount LastUsage
dbo.v_MeteredUser: MeteredUserID FullName`
	lansweeperSchema = `dbo.tblAssets: AssetID AssetName Domain Lastseen Mac
dbo.tblHyperVGuest: hypervguestID AssetID
dbo.TblHyperVGuestNetwork: HyperVGuestID MacAddress
dbo.tblVmwareGuest: GuestID AssetID
dbo.tblVmwareGuestNetwork: GuestID MacAddress
dbo.tblAssetCustom: AssetID State Model
dbo.tblSoftware: AssetID softID softwareVersion
dbo.tblSoftwareUni: SoftID softwareName SoftwarePublisher
dbo.tblOperatingsystem: AssetID Caption
dbo.tblProcessor: AssetID NumberOfCores
dbo.tblSqlServers: AssetID skuName
dbo.tblCPlogoninfo: AssetID logontime Domain Username`
)

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
	d := configured(t, s, "rdcb")
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
	// No column is asked for that is not used.
	for _, x := range s.Statements() {
		for _, column := range []string{"SessionId", "DisconnectTime"} {
			if strings.Contains(x.Text, column) {
				t.Errorf("%s is asked for: %s", column, x.Text)
			}
		}
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
		On("PhysicalHostName0", 0, &tdstest.Reply{Columns: cols("guest:text", "host:text"), Rows: [][]any{{"RDSH-A01", "HV01"}, {"SLEEPER", "HV01"}, {"SLEEPER", "HV02"}}}).
		On("v_MonthlyUsageSummary", 0, &tdstest.Reply{Columns: cols("host:text", "usr:text", "timekey:int", "tscount:int", "lastusage:time"), Rows: [][]any{
			{"RDSH-A01", `HOSTING\Łukasz`, 202610, 4, time.Date(2026, 10, 14, 9, 0, 0, 0, time.UTC)}, // local: 07:00 UTC
			{"RDSH-A01", `HOSTING\piet`, 202610, 1, nil},
			{"RDSH-A01", `HOSTING\bad`, 13, 1, nil},
			{nil, nil, nil, nil, nil},
		}})
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	got, err := read(t, configured(t, s, "configmgr"))
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
		{Host: "HV01", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 16, OperatingSystem: "Microsoft Windows Server 2022 Datacenter", Line: 1},
		{Host: "ODD", OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 3}, // unknown is not zero cores of a known kind
		{Host: "RDSH-A01", Kind: snapshot.Virtual, Parent: "HV01", VirtualCores: 8, OperatingSystem: "Microsoft Windows Server 2022 Standard", Line: 2},
		{Host: "SLEEPER", Kind: snapshot.Virtual, Line: 4},
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
	// Machines: ODD's kind, SLEEPER's cores, and its two hosts. Sessions: no day, no month twice.
	if diff := cmp.Diff(map[string]int{"inventory-damaged": 1, "inventory-stale": 2, "machine-unreadable": 3, "session-odd": 3}, count); diff != "" {
		t.Error(diff)
	}
	onlyRead(t, s)
}

func TestLansweeper(t *testing.T) {
	script := (&tdstest.Script{}).
		On("tblHyperVGuest v", 0, &tdstest.Reply{Columns: cols("guest:text", "host:text"), Rows: [][]any{}}).
		On("tblVmwareGuest v", 0, &tdstest.Reply{Columns: cols("guest:text", "host:text"), Rows: [][]any{{"SQL01", "ESX01"}, {"WEB", "ESX01"}}}).
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
	got, err := read(t, configured(t, s, "lansweeper"))
	if err != nil {
		t.Fatal(err)
	}
	wantMachines := []snapshot.Machine{
		{Host: "HV02", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 17, OperatingSystem: "Microsoft Windows Server 2019 Datacenter", Line: 5},
		{Host: "SQL01", Kind: snapshot.Virtual, Parent: "ESX01", VirtualCores: 8, OperatingSystem: "Microsoft Windows Server 2019 Standard", SQLEdition: "Standard Edition (64-bit)", Line: 1},
		{ID: "web.alfa", Host: "WEB", Kind: snapshot.Virtual, VirtualCores: 4, OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 2},
		{ID: "web.beta", Host: "WEB", Kind: snapshot.Virtual, VirtualCores: 6, OperatingSystem: "Microsoft Windows Server 2019 Standard", Line: 4},
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
