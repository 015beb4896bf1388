package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
)

func openPostgres(t *testing.T, dsn string, wait time.Duration) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: pgtest.Password, Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// The whole contract, on a real server, over TLS.
func TestContractOnPostgres(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	n := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		return openPostgres(t, fmt.Sprintf("%s&schema=s%d", dsn, n), 30*time.Second)
	})
}

// What is wrong with a server's store is said such that one knows what to do,
// and never in the server's words or with a password.
func TestPostgresRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	openPostgres(t, dsn, time.Second)
	c.SQL("splameter", "CREATE ROLE nobody LOGIN PASSWORD 'geheim';")
	c.Database("other")
	c.SQL("other", "CREATE ROLE stranger LOGIN PASSWORD 'geheim';")
	for _, x := range []struct{ dsn, password, want string }{
		{dsn, "hunter2", "the log-on was refused"},
		{c.DSN("splameter", "none", ""), pgtest.Password, "no database of that name"},
		{c.DSN("nobody", "splameter", ""), pgtest.Password, "no right to do this"},
		{c.DSN("stranger", "other", ""), pgtest.Password, "no right to do this"},
		{c.DSN("splameter", "splameter", "127.0.0.1:1"), pgtest.Password, "cannot be reached"},
		{"postgres://splameter@" + c.Addr() + "/splameter", pgtest.Password, "certificate is not trusted"},
		{dsn + "&sslmode=require", pgtest.Password, "lets the connection go on unchecked"},
		{dsn + "&schema=Big", pgtest.Password, "the schema's name"},
		{"postgres://splameter@" + c.Addr(), pgtest.Password, "names no database"},
		{"postgres:///splameter", pgtest.Password, "names no server"},
	} {
		_, err := store.Open(t.Context(), x.dsn, store.Options{Location: storetest.Location(), Password: x.password, Wait: time.Second})
		if err == nil || !strings.Contains(err.Error(), x.want) || strings.Contains(err.Error(), x.password) {
			t.Errorf("%s: %v, want %q", x.dsn, err, x.want)
		}
	}
	c.SQL("splameter", "UPDATE splameter.meta SET value = '999' WHERE name = 'schema'")
	_, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: pgtest.Password})
	if err == nil || !strings.Contains(err.Error(), "use a splameter that knows version 999") {
		t.Error(err)
	}
}

// What somebody would meet is told before, with the rights that are lacking, by
// table; and nothing is made.
func TestPostgresProbe(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	c.SQL("splameter", "CREATE ROLE agent LOGIN PASSWORD 'geheim';")
	probe := func(dsn, want string, fails bool) {
		t.Helper()
		lines, err := store.Probe(t.Context(), dsn, store.Options{Location: storetest.Location(), Password: pgtest.Password})
		got := strings.Join(lines, "\n")
		if err != nil {
			got += err.Error()
		}
		if (err != nil) != fails || !strings.Contains(got, want) || strings.Contains(got, pgtest.Password) {
			t.Errorf("%s (%v), want %q", got, err, want)
		}
	}
	agent := c.DSN("agent", "splameter", "")
	probe(dsn, "there is none yet; the first reading makes it, in the schema splameter", false)
	probe(agent, "there is no store yet, and the login agent lacks CREATE on the database", true)
	if n := c.SQL("splameter", "SELECT count(*) FROM pg_namespace WHERE nspname = 'splameter'"); n != "0" {
		t.Error("the probe made a schema")
	}
	openPostgres(t, dsn, time.Second)
	probe(agent, "the login agent lacks USAGE on the schema splameter", true)
	c.SQL("splameter", "GRANT USAGE ON SCHEMA splameter TO agent")
	probe(agent, "the login agent lacks SELECT on splameter.meta", true)
	c.SQL("splameter", "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA splameter TO agent; REVOKE INSERT, DELETE ON splameter.span FROM agent; REVOKE SELECT ON splameter.act FROM agent")
	probe(agent, "the login agent lacks rights in it: SELECT on splameter.act; INSERT, DELETE on splameter.span; grant them", true)
	s := openPostgres(t, agent, time.Second)
	if err := s.PutDirectory(t.Context(), directoryOf(3, 1, func(int) bool { return false })); err == nil || !strings.Contains(err.Error(), "permission denied for table span") {
		t.Error(err)
	}
	c.SQL("splameter", "GRANT ALL ON ALL TABLES IN SCHEMA splameter TO agent; UPDATE splameter.meta SET value = '3' WHERE name = 'schema'")
	probe(agent, "its schema has version 3; the next command of this version that is not check brings it to", false)
	c.SQL("splameter", "UPDATE splameter.meta SET value = '999' WHERE name = 'schema'")
	probe(agent, "use a splameter that knows version 999", true)
	probe(c.DSN("agent", "none", ""), "no database of that name", true)
	probe(c.DSN("agent", "splameter", "127.0.0.1:1"), "cannot be reached", true)
	probe(c.DSN("somebody", "splameter", ""), "the log-on was refused", true)
}

// The set-up of docs/store.md, as it is written there: the owner makes the
// store, the agent's login reads and writes, the reader's only reads.
func TestPostgresSetUp(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	c.SetUp(filepath.Join("..", ".."), func(owner string) { openPostgres(t, owner, time.Second) })
	probe := func(login string) (string, error) {
		lines, err := store.Probe(t.Context(), c.DSN(login, "splameter", ""), store.Options{Location: storetest.Location(), Password: pgtest.Password})
		return strings.Join(lines, "\n"), err
	}
	for login, want := range map[string]string{"splameter": "may read and write all of it", "splameter_agent": "may read and write all of it",
		"splameter_reader": "may look and not write: enough for status"} {
		if got, err := probe(login); err != nil || !strings.Contains(got, want) || !strings.Contains(got, "it is of this version") {
			t.Errorf("%s: %s %v", login, got, err)
		}
	}
	failed := snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: time.Date(2026, 10, 1, 3, 0, 0, 0, time.UTC), Status: snapshot.Failed}
	if err := openPostgres(t, c.DSN("splameter_agent", "splameter", ""), time.Second).PutFailure(t.Context(), failed); err != nil {
		t.Error(err)
	}
	reader := openPostgres(t, c.DSN("splameter_reader", "splameter", ""), time.Second)
	if all, err := reader.Readings(t.Context(), "", failed.Taken, failed.Taken.Add(time.Minute)); err != nil || len(all) != 1 {
		t.Error(all, err)
	}
	failed.Taken = failed.Taken.Add(time.Hour)
	if err := reader.PutFailure(t.Context(), failed); err == nil || !strings.Contains(err.Error(), "no right to do this") {
		t.Error(err)
	}
}
