package database_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"splameter/internal/config"
	"splameter/internal/mariatest"
	"splameter/internal/pgtest"
)

// documented are the blocks of SQL of docs/databases.md and the tables that it
// names for a preset, with the tests' password and this machine's address in
// them.
func documented(t *testing.T) (blocks []string, tables func(preset string) []string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "databases.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```sql\n(.*?)```").FindAllStringSubmatch(string(b), -1) {
		blocks = append(blocks, strings.NewReplacer("'…'", "'"+pgtest.Password+"'", "192.0.2.%", "127.0.0.%").Replace(m[1]))
	}
	if len(blocks) != 2 {
		t.Fatalf("docs/databases.md has %d blocks of SQL, want PostgreSQL's and MySQL's", len(blocks))
	}
	return blocks, func(preset string) []string {
		_, line, ok := strings.Cut(string(b), "\n- `"+preset+"`: ")
		if line, _, _ = strings.Cut(line, "\n"); !ok {
			t.Fatalf("docs/databases.md names no tables of %s", preset)
		}
		line, _, _ = strings.Cut(line, ". ")
		return regexp.MustCompile(`\b`+preset+`_\w+`).FindAllString(line, -1)
	}
}

// The logins of docs/databases.md, made as it says: with exactly their rights
// the reading is whole and nothing can be written; without any one of them it
// is told which is missing.
func TestLoginsAsDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	blocks, tables := documented(t)
	t.Run("PostgreSQL", func(t *testing.T) {
		c := pgtest.Start(t)
		c.SQL("postgres", "CREATE DATABASE portal")
		c.SQL("portal", `CREATE SCHEMA meter; CREATE TABLE meter.logons (id BIGINT, host TEXT, login TEXT, started TIMESTAMPTZ, ended TIMESTAMPTZ);
INSERT INTO meter.logons VALUES (1,'RDSH-01','HOSTING\anna','2026-10-06 07:00+00','2026-10-06 15:30+00');`)
		c.SQL("portal", blocks[0])
		d := source(t, config.PostgreSQL, "query", c.Addr(), "portal", c.CA)
		d.User = "splameter"
		d.Sessions = config.Query{SQL: "SELECT id, host, login, started, ended FROM meter.logons", Columns: map[string]string{"user": "login", "start": "started", "end": "ended"}}
		r, err := read(t, d)
		if err != nil || len(r.Sessions.Uses) != 1 {
			t.Fatal(r, err)
		}
		for _, right := range []string{"INSERT", "UPDATE", "DELETE", "TRUNCATE"} {
			if may := c.SQL("portal", "SELECT has_table_privilege('splameter', 'meter.logons', '"+right+"')"); may != "f" {
				t.Errorf("the login has %s", right)
			}
		}
		for _, x := range []struct{ revoke, grant, named string }{
			{"REVOKE SELECT ON meter.logons FROM splameter", "GRANT SELECT ON meter.logons TO splameter", "logons"},
			{"REVOKE USAGE ON SCHEMA meter FROM splameter", "GRANT USAGE ON SCHEMA meter TO splameter", "schema meter"},
		} {
			c.SQL("portal", x.revoke)
			if _, err := read(t, d); err == nil || !strings.Contains(err.Error(), x.named) {
				t.Errorf("%s: %v", x.revoke, err)
			}
			c.SQL("portal", x.grant)
		}
	})
	t.Run("MariaDB", func(t *testing.T) {
		s := mariatest.Start(t)
		s.SQL("mysql", "CREATE DATABASE glpi")
		s.SQL("glpi", glpiTables)
		s.SQL("mysql", blocks[1])
		d := source(t, "", "glpi", s.Addr, "glpi", s.CA)
		d.User = "splameter"
		// told is all that a reading says: an error, or its notices.
		told := func() string {
			r, err := read(t, d)
			if err != nil {
				return err.Error()
			}
			var all []string
			for _, n := range r.Inventory.Notes {
				all = append(all, n.Message)
			}
			return strings.Join(all, "\n")
		}
		const missing = "or the login may not see it"
		if got := told(); strings.Contains(got, missing) {
			t.Error(got)
		}
		const who = "splameter@'127.0.0.%'"
		if got := s.SQL("glpi", "SHOW GRANTS FOR "+who); strings.Count(got, "GRANT") != 2 || !strings.Contains(got, "GRANT SELECT ON `glpi`.*") || !strings.Contains(got, "REQUIRE SSL") {
			t.Error(got)
		}
		// Table by table, as named: all but one of GLPI 10's.
		s.SQL("glpi", "REVOKE SELECT ON glpi.* FROM "+who)
		var there []string
		for _, table := range tables("glpi") {
			if table != "glpi_itemvirtualmachines" {
				there = append(there, table)
				s.SQL("glpi", "GRANT SELECT ON glpi."+table+" TO "+who)
			}
		}
		if got := told(); strings.Contains(got, missing) || len(there) != 10 {
			t.Error(there, got)
		}
		for _, table := range there {
			s.SQL("glpi", "REVOKE SELECT ON glpi."+table+" FROM "+who)
			if got := told(); !strings.Contains(got, missing) || !strings.Contains(got, table) {
				t.Errorf("without %s: %s", table, got)
			}
			s.SQL("glpi", "GRANT SELECT ON glpi."+table+" TO "+who)
		}
	})
}
