package database_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/mariatest"
	"splameter/internal/pgtest"
)

func source(t testing.TB, engine, preset, addr, name, ca string) config.Database {
	t.Helper()
	return config.Database{Name: "own", Preset: preset, Engine: engine, Server: addr, Database: name, User: name, Password: secret(t, "plain:"+pgtest.Password),
		CA: ca, Timeout: config.Duration(20 * time.Second), Zone: "Europe/Amsterdam"}
}

// A table of one's own, of sessions, programs and machines, in the types that
// each server has. By hand: anna from 6 October 09:00 to 17:30 in Amsterdam, in
// a column with a zone and in one without; bob has no end and counts on.
func TestOwnTables(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	const programs = `INSERT INTO programs VALUES ('RDSH-01','Microsoft Office Standard 2021','16.0','Microsoft Corporation'),('RDSH-01','7-Zip','23',NULL);
INSERT INTO machines VALUES ('HV-1','physical',2,16,NULL,NULL),('SQL-1','virtual',NULL,NULL,8,'Standard Edition');`
	whole := func(t *testing.T, d config.Database, grant func()) {
		d.Sessions = config.Query{SQL: "SELECT id, host, account, began, ended FROM logons ORDER BY id", Columns: map[string]string{"user": "account", "start": "began", "end": "ended"}}
		d.Software = config.Query{SQL: "SELECT host, name, version, publisher FROM programs"}
		d.Hosts = config.Query{SQL: "SELECT host, kind, processors, cores_per_processor, virtual_cores, sql_edition FROM machines"}
		if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), "; grant it ") {
			t.Errorf("nothing is granted: %v", err)
		}
		grant()
		r, err := read(t, d)
		if err != nil {
			t.Fatal(err)
		}
		if r.Sessions == nil || len(r.Sessions.Uses) != 3 { // bob's in October and November
			t.Fatalf("sessions: %+v", r.Sessions)
		}
		anna := r.Sessions.Uses[0]
		if anna.User != `hosting\anna` || !anna.First.Time.Equal(time.Date(2026, 10, 6, 7, 0, 0, 0, time.UTC)) || anna.Days != 1<<5 {
			t.Errorf("anna: %+v", anna)
		}
		if got := r.Inventory.Software[0].Installs; len(got) != 2 || got[1].Name != "Microsoft Office Standard 2021" || got[1].Publisher != "Microsoft Corporation" {
			t.Errorf("programs: %+v", got)
		}
		m := r.Inventory.Machines
		if len(m) != 2 || m[0].Processors != 2 || m[0].CoresPerProcessor != 16 || m[1].VirtualCores != 8 || m[1].SQLEdition != "Standard Edition" {
			t.Errorf("machines: %+v", m)
		}
		for sql, want := range map[string]string{
			"SELECT host, name FROM nowhere":              "nowhere",
			"SELECT host, nothing AS name FROM programs":  "is not there",
			"SELECT host, name FROM programs WHERE":       "does not understand the query",
			"SELECT host, name FROM programs FOR UPDATE":  "only reading is allowed",
			"SELECT host, name FROM programs; SELECT 1":   "something stands behind",
			"SELECT host, version FROM programs":          `no column "name"`,
			"SELECT host, name FROM programs WHERE 1 = 0": "lists no program at all",
		} {
			bad := d
			bad.Sessions, bad.Hosts = config.Query{}, config.Query{}
			bad.Software.SQL = sql
			if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "anna") {
				t.Errorf("%s: %v, want %q", sql, err, want)
			}
		}
		bad := d
		bad.Password = secret(t, "plain:hunter2")
		if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), "the log-on was refused") || strings.Contains(err.Error(), "hunter2") {
			t.Error(err)
		}
		bad = d
		bad.CA = ""
		if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), "an authority that is not trusted") {
			t.Errorf("an unknown authority: %v", err)
		}
		bad = d
		bad.ServerName = "db.example"
		if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), "its certificate is for another name") {
			t.Errorf("another name: %v", err)
		}
		bad = d
		bad.Database = "none"
		if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), "no") {
			t.Errorf("no such database: %v", err)
		}
		bad = d
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		bad.Server = l.Addr().String()
		l.Close()
		if _, err := read(t, bad); err == nil || !strings.Contains(err.Error(), "takes no connections") {
			t.Errorf("nobody listens: %v", err)
		}
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		c := pgtest.Start(t)
		c.Database("own")
		c.SQL("own", `CREATE TABLE logons (id BIGINT, host VARCHAR(60), account TEXT, began TIMESTAMPTZ, ended TIMESTAMP);
INSERT INTO logons VALUES (1,'RDSH-01','HOSTING\anna','2026-10-06 07:00+00','2026-10-06 17:30'),(2,'RDSH-01','HOSTING\bob','2026-10-05 09:00+02',NULL);
CREATE TABLE programs (host NAME, name TEXT, version TEXT, publisher VARCHAR);
CREATE TABLE machines (host TEXT, kind TEXT, processors SMALLINT, cores_per_processor INT, virtual_cores NUMERIC, sql_edition TEXT);`+programs)
		d := source(t, config.PostgreSQL, "query", c.Addr(), "own", c.CA)
		whole(t, d, func() { c.SQL("own", "GRANT SELECT ON logons, programs, machines TO own") })
		// What a function would write is refused by the server.
		c.SQL("own", "CREATE TABLE touched (n INT); GRANT ALL ON touched TO own; CREATE FUNCTION slow(n INT) RETURNS BOOLEAN LANGUAGE sql AS 'INSERT INTO touched VALUES (n) RETURNING true';")
		d.Software = config.Query{SQL: "SELECT host, name FROM programs WHERE slow(1)"}
		if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), "would change something") {
			t.Error(err)
		}
		if n := c.SQL("own", "SELECT count(*) FROM touched"); n != "0" {
			t.Errorf("%s rows were written", n)
		}
	})
	t.Run("MariaDB", func(t *testing.T) {
		s := mariatest.Start(t)
		s.Database("own")
		// The server's clock is two hours ahead of UTC, as Amsterdam's is in October.
		s.SQL("own", `CREATE TABLE logons (id BIGINT UNSIGNED, host VARCHAR(60), account TEXT, began TIMESTAMP NULL, ended DATETIME(3));
SET time_zone = '+00:00'; INSERT INTO logons VALUES (1,'RDSH-01','HOSTING\\anna','2026-10-06 07:00','2026-10-06 17:30'),(2,'RDSH-01','HOSTING\\bob','2026-10-05 07:00',NULL);
CREATE TABLE programs (host VARCHAR(60), name TEXT, version VARCHAR(40), publisher VARCHAR(60));
CREATE TABLE machines (host CHAR(20), kind ENUM('physical','virtual'), processors TINYINT, cores_per_processor INT, virtual_cores DECIMAL(6,0), sql_edition TEXT);`+programs)
		d := source(t, config.MySQL, "query", s.Addr, "own", s.CA)
		whole(t, d, func() {
			s.SQL("own", "GRANT SELECT ON own.logons TO own@'%'; GRANT SELECT ON own.programs TO own@'%'; GRANT SELECT ON own.machines TO own@'%';")
		})
		s.SQL("own", `CREATE TABLE touched (n INT); GRANT ALL ON own.* TO own@'%'; SET GLOBAL log_bin_trust_function_creators = 1;
DELIMITER //
CREATE FUNCTION slow(n INT) RETURNS INT BEGIN INSERT INTO touched VALUES (n); RETURN 1; END//`)
		d.Software = config.Query{SQL: "SELECT host, name FROM programs WHERE slow(1)"}
		if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), "would change something") {
			t.Error(err)
		}
		if n := s.SQL("own", "SELECT count(*) FROM touched"); n != "0" {
			t.Errorf("%s rows were written", n)
		}
	})
}
