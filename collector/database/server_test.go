package database

import (
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"splameter/collector/database/tdstest"
	"splameter/internal/config"
)

// onServer is the server of SPLAMETER_TEST_SQLSERVER.
func onServer(t *testing.T) (*sql.DB, config.Database) {
	t.Helper()
	_, p := tdstest.Real(t)
	db := sql.OpenDB(mssql.NewConnectorConfig(p))
	t.Cleanup(func() { db.Close() })
	d := config.DefaultDatabase()
	d.Name, d.Server, d.Database = "server", p.Host, p.Database
	return db, d
}

func readServer(t *testing.T, db *sql.DB, d config.Database) *Result {
	t.Helper()
	r, err := newReading(d, Options{Now: time.Now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	r.c = &client{db: db, server: d.Server, name: d.Database, timeout: time.Minute}
	if err := r.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r.result()
}

// Every type of the documented columns, with a value and with NULL.
func TestTypesOnServer(t *testing.T) {
	db, d := onServer(t)
	d.Preset = "query"
	d.Sessions.SQL = `SELECT CAST(7 AS BIGINT) AS id, CAST(N'TS1' AS NVARCHAR(50)) AS host, CAST(N'日本 Łukasz' AS NVARCHAR(100)) AS [user],
 CAST('2026-10-05T12:00:00' AS DATETIME) AS start, CAST(NULL AS DATETIME) AS [end], CAST(NULL AS VARBINARY(85)) AS sid, CAST(NULL AS NVARCHAR(20)) AS address
UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL`
	d.Software.SQL = `SELECT N'TS1' AS host, N'p' AS name, CAST('00112233-4455-6677-8899-aabbccddeeff' AS UNIQUEIDENTIFIER) AS [key], CAST(1 AS BIT) AS version,
 CAST(200 AS TINYINT) AS edition UNION ALL SELECT NULL, NULL, NULL, NULL, NULL`
	got := readServer(t, db, d)
	if u := got.Sessions.Uses; len(u) == 0 || u[0].Name != "日本 Łukasz" || u[0].First.Record != 7 || !u[0].First.Time.Equal(time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", u)
	}
	if x := got.Inventory.Software[0].Installs[0]; x.Key != "00112233-4455-6677-8899-aabbccddeeff" || x.Version != "1" || x.Edition != "200" {
		t.Errorf("%+v", x)
	}
}

// A million rows pass while no more than 64 MiB stay.
func TestMillionRowsOnServer(t *testing.T) {
	db, d := onServer(t)
	d.Preset = "query"
	digits := "(SELECT 0 AS n" + strings.Repeat(" UNION ALL SELECT 1", 9) + ")"
	var from []string
	for i := range 6 {
		from = append(from, fmt.Sprintf("%s d%d", digits, i))
	}
	d.Sessions.SQL = "SELECT N'TS1' AS host, N'anna' AS [user], CAST('2026-10-05T12:00:00' AS DATETIME) AS start, CAST('2026-10-05T13:00:00' AS DATETIME) AS [end] FROM " +
		strings.Join(from, " CROSS JOIN ")
	got := readServer(t, db, d)
	if got.Rows != 1_000_000 || len(got.Sessions.Uses) != 1 {
		t.Fatalf("%d rows, %d uses", got.Rows, len(got.Sessions.Uses))
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 64<<20 {
		t.Errorf("%d MiB stay", m.HeapAlloc>>20)
	}
}

// The presets' SQL runs on the server, over tables made for it. What stands
// there already is left alone, and the preset not tried.
func TestPresetsOnServer(t *testing.T) {
	for preset, c := range map[string]struct {
		schema string
		tables []string // name (columns)
		fill   []string
		check  func(*Result) string
	}{
		"rdcb": {"rds", []string{
			"Session (Id UNIQUEIDENTIFIER, TargetId UNIQUEIDENTIFIER, UserId BIGINT NULL, UserName NVARCHAR(20), UserDomain NVARCHAR(256), SessionId INT, CreateTime BIGINT, DisconnectTime BIGINT NULL, State TINYINT, ProtocolType TINYINT)",
			"Target (Id UNIQUEIDENTIFIER, PoolId INT NULL, Name NVARCHAR(256), Fqdn NVARCHAR(256) NULL)", "[User] (Id BIGINT, Sid VARBINARY(85))", "PoolProperty (PoolId INT, Name NVARCHAR(256), ValueStr NVARCHAR(4000) NULL)"},
			[]string{"INSERT INTO rds.Target VALUES ('00112233-4455-6677-8899-aabbccddeeff', 3, N'TS1', NULL)",
				"INSERT INTO rds.Session VALUES ('00112233-4455-6677-8899-aabbccddee00', '00112233-4455-6677-8899-aabbccddeeff', NULL, N'anna', N'ACME', 2, 0, NULL, 0, 2)"},
			func(r *Result) string {
				if len(r.Sessions.Uses) != 1 || len(r.Pools) != 1 {
					return fmt.Sprintf("%+v %+v", r.Sessions.Uses, r.Pools)
				}
				return ""
			}},
		"configmgr": {"dbo", []string{
			"v_R_System (ResourceID INT, Netbios_Name0 NVARCHAR(255), Obsolete0 INT NULL, Decommissioned0 INT NULL, Resource_Domain_OR_Workgr0 NVARCHAR(255) NULL, Is_Virtual_Machine0 BIT NULL)",
			"v_GS_ADD_REMOVE_PROGRAMS (ResourceID INT, DisplayName0 NVARCHAR(255), Version0 NVARCHAR(255), Publisher0 NVARCHAR(255), ProdID0 NVARCHAR(255))",
			"v_GS_ADD_REMOVE_PROGRAMS_64 (ResourceID INT, DisplayName0 NVARCHAR(255), Version0 NVARCHAR(255), Publisher0 NVARCHAR(255), ProdID0 NVARCHAR(255))",
			"v_GS_WORKSTATION_STATUS (ResourceID INT, LastHWScan DATETIME NULL)", "v_GS_OPERATING_SYSTEM (ResourceID INT, Caption0 NVARCHAR(255))", "v_GS_PROCESSOR (ResourceID INT, NumberOfCores0 INT NULL)",
			"v_MonthlyUsageSummary (MeteredUserID INT, ResourceID INT, TimeKey INT, TSUsageCount INT, LastUsage DATETIME NULL)", "v_MeteredUser (MeteredUserID INT, FullName NVARCHAR(255))"},
			[]string{"INSERT INTO v_R_System VALUES (1, N'TS1', NULL, 0, NULL, 1)", "INSERT INTO v_GS_ADD_REMOVE_PROGRAMS_64 VALUES (1, N'Office', N'16', NULL, NULL)", "INSERT INTO v_GS_PROCESSOR VALUES (1, 8)",
				"INSERT INTO v_GS_OPERATING_SYSTEM VALUES (1, N'Microsoft Windows Server 2022 Standard')", "INSERT INTO v_MeteredUser VALUES (5, N'ACME' + NCHAR(92) + N'anna')", "INSERT INTO v_MonthlyUsageSummary VALUES (5, 1, 202410, 3, NULL)"},
			func(r *Result) string {
				if len(r.Inventory.Software) != 1 || len(r.Inventory.Machines) != 1 || r.Inventory.Machines[0].VirtualCores != 8 || len(r.Sessions.Uses) != 1 {
					return fmt.Sprintf("%+v %+v", r.Inventory, r.Sessions)
				}
				return ""
			}},
		"lansweeper": {"dbo", []string{
			"tblAssets (AssetID INT, AssetName NVARCHAR(200), Domain NVARCHAR(150) NULL, Lastseen DATETIME NULL)", "tblAssetCustom (AssetID INT, State INT, Model NVARCHAR(100) NULL)", "tblSoftware (AssetID INT, softID INT, softwareVersion NVARCHAR(100))",
			"tblSoftwareUni (SoftID INT, softwareName NVARCHAR(300), SoftwarePublisher NVARCHAR(150))", "tblOperatingsystem (AssetID INT, Caption NVARCHAR(300))", "tblProcessor (AssetID INT, NumberOfCores INT NULL)",
			"tblSqlServers (AssetID INT, skuName NVARCHAR(100) NULL)", "tblCPlogoninfo (AssetID INT, logontime DATETIME, Domain NVARCHAR(150), Username NVARCHAR(150))"},
			[]string{"INSERT INTO tblAssets VALUES (1, N'SQL1', NULL, NULL)", "INSERT INTO tblAssetCustom VALUES (1, 1, N'VMware Virtual Platform')", "INSERT INTO tblSoftware VALUES (1, 9, N'15')", "INSERT INTO tblSoftwareUni VALUES (9, N'SQL Server', N'Microsoft')",
				"INSERT INTO tblOperatingsystem VALUES (1, N'Microsoft Windows Server 2022 Standard')", "INSERT INTO tblProcessor VALUES (1, 4)", "INSERT INTO tblSqlServers VALUES (1, N'Standard Edition (64-bit)')", "INSERT INTO tblCPlogoninfo VALUES (1, '2026-10-05T12:00:00', N'ACME', N'anna')"},
			func(r *Result) string {
				if len(r.Inventory.Software) != 1 || len(r.Inventory.Machines) != 1 || r.Inventory.Machines[0].SQLEdition == "" || len(r.Sessions.Uses) != 1 {
					return fmt.Sprintf("%+v %+v", r.Inventory, r.Sessions)
				}
				return ""
			}},
	} {
		t.Run(preset, func(t *testing.T) {
			db, d := onServer(t)
			do := func(q string) {
				t.Helper()
				if _, err := db.ExecContext(t.Context(), q); err != nil {
					t.Fatalf("%s: %v", q, err)
				}
			}
			if c.schema != "dbo" {
				var there sql.NullInt64
				if err := db.QueryRowContext(t.Context(), "SELECT SCHEMA_ID(@p1) AS n", c.schema).Scan(&there); err != nil {
					t.Fatal(err)
				}
				if there.Valid {
					t.Skip("the schema " + c.schema + " is there already")
				}
				do("EXEC(N'CREATE SCHEMA " + c.schema + "')")
				t.Cleanup(func() { _, _ = db.Exec("DROP SCHEMA " + c.schema) })
			}
			for _, table := range c.tables {
				name, _, _ := strings.Cut(table, " ")
				var there sql.NullInt64
				if err := db.QueryRowContext(t.Context(), "SELECT OBJECT_ID(@p1) AS n", c.schema+"."+name).Scan(&there); err != nil {
					t.Fatal(err)
				}
				if there.Valid {
					t.Skip("the table " + name + " is there already")
				}
				do("CREATE TABLE " + c.schema + "." + table)
				t.Cleanup(func() { _, _ = db.Exec("DROP TABLE " + c.schema + "." + name) })
			}
			for _, q := range c.fill {
				do(q)
			}
			d.Preset = preset
			if wrong := c.check(readServer(t, db, d)); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}
