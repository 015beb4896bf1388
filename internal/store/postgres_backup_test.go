package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"splameter/internal/pgtest"
)

// Backup and restore as docs/store.md has them: what was there when it was
// backed up is there again, with the grants, and the store goes on.
func TestPostgresBackup(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "store.md"))
	if err != nil {
		t.Fatal(err)
	}
	line := func(program string) string {
		m := regexp.MustCompile("`(" + program + " [^`]*)`").FindSubmatch(doc)
		if m == nil {
			t.Fatalf("docs/store.md has no %s", program)
		}
		return string(m[1])
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	s := openPostgres(t, dsn, time.Minute)
	lite := open(t, filepath.Join(t.TempDir(), "s.db"))
	if err := s.PutDirectory(t.Context(), siteOf("amsterdam", 300, 1)); err != nil {
		t.Fatal(err)
	}
	c.SQL("splameter", "CREATE ROLE splameter_reader LOGIN PASSWORD '"+pgtest.Password+"'; GRANT USAGE ON SCHEMA splameter TO splameter_reader; GRANT SELECT ON ALL TABLES IN SCHEMA splameter TO splameter_reader;")
	c.Run(line("pg_dump"))
	if err := s.PutDirectory(t.Context(), siteOf("delft", 300, 1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.Run(line("pg_restore"))
	if err := lite.PutDirectory(t.Context(), siteOf("amsterdam", 300, 1)); err != nil {
		t.Fatal(err)
	}
	sameFacts(t, lite, openPostgres(t, c.DSN("splameter_reader", "splameter", ""), time.Minute))
	s = openPostgres(t, dsn, time.Minute)
	d := siteOf("amsterdam", 300, 2)
	if err := s.PutDirectory(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := lite.PutDirectory(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	sameFacts(t, lite, s)
}
