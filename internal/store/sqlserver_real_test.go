package store_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"splameter/collector/database/tdstest"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/store/storetest"
	"splameter/internal/store/tdsengine"
)

// realDSN is the server of SPLAMETER_TEST_SQLSERVER, with a schema of the
// test's own that is thrown away where something made it.
func realDSN(t *testing.T) string {
	t.Helper()
	dsn, p := tdstest.Real(t)
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "sqlserver" {
		t.Fatal("write SPLAMETER_TEST_SQLSERVER as sqlserver://USER:PASSWORD@HOST:PORT?database=NAME_test")
	}
	q := u.Query()
	schema := fmt.Sprintf("splameter_t%d_%d", os.Getpid(), time.Now().UnixNano())
	q.Set("schema", schema)
	u.RawQuery = q.Encode()
	t.Cleanup(func() {
		db := sql.OpenDB(mssql.NewConnectorConfig(p))
		defer db.Close()
		rows, err := db.Query("SELECT t.name FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = @p1", schema)
		if err != nil {
			t.Error(err)
			return
		}
		var names []string
		for rows.Next() {
			var n string
			if err := rows.Scan(&n); err != nil {
				t.Error(err)
			}
			names = append(names, n)
		}
		rows.Close()
		for _, n := range names {
			if _, err := db.Exec("DROP TABLE " + schema + "." + n); err != nil {
				t.Error(err)
			}
		}
		var made sql.NullInt64
		if err := db.QueryRow("SELECT CAST(SCHEMA_ID(@p1) AS BIGINT) AS n", schema).Scan(&made); err != nil || !made.Valid {
			if err != nil {
				t.Error(err)
			}
			return
		}
		if _, err := db.Exec("DROP SCHEMA " + schema); err != nil {
			t.Error(err)
		}
	})
	return u.String()
}

func openReal(t *testing.T, dsn string) store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Wait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Each piece of the contract has a schema of its own and is made, run and
// thrown away by itself, so that a slow server can be asked piece by piece.
func TestContractOnServer(t *testing.T) {
	tdstest.Real(t) // skips once, by name
	storetest.Run(t, func(t *testing.T) store.Store { return openReal(t, realDSN(t)) })
}

// Eight open an empty store at once: all succeed, and the schema is made once.
func TestRacedSchemaOnServer(t *testing.T) {
	dsn := realDSN(t)
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			s, err := store.Open(t.Context(), dsn, store.Options{Location: storetest.Location(), Wait: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	g.Wait()
}

// Another process takes the lock and is killed: then it is free.
func TestKilledHolderOnServer(t *testing.T) {
	if os.Getenv("SPLAMETER_TEST_HOLD") != "" {
		s := openReal(t, os.Getenv("SPLAMETER_TEST_HOLD"))
		if _, ok := lockOf(t, s, "closing"); !ok {
			t.Fatal("held by another")
		}
		fmt.Println("HELD")
		select {} // until killed
	}
	dsn := realDSN(t)
	s := openReal(t, dsn)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledHolderOnServer$")
	cmd.Env = append(os.Environ(), "SPLAMETER_TEST_HOLD="+dsn)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill := func() {
		if !killed {
			killed = true
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(kill)
	line := make([]byte, 4)
	if _, err := out.Read(line); err != nil || string(line) != "HELD" {
		t.Fatalf("%q %v", line, err)
	}
	if _, ok := lockOf(t, s, "closing"); ok {
		t.Fatal("two hold it")
	}
	kill()
	for range 100 { // the server sees the end of the connection soon
		if _, ok := lockOf(t, s, "closing"); ok {
			return
		}
	}
	t.Fatal("the lock of a killed process is held")
}

// Two write at the same time; the facts are those of both.
func TestTwoWritersOnServer(t *testing.T) {
	dsn := realDSN(t)
	a, b := openReal(t, dsn), openReal(t, dsn)
	var g sync.WaitGroup
	for i, s := range []store.Store{a, b} {
		g.Go(func() {
			for n := range 20 {
				at := time.Date(2026, 10, 1+n, 10, i, 0, 0, time.UTC)
				v := &snapshot.Inventory{Reading: snapshot.Reading{Source: fmt.Sprintf("s%d", i), Kind: snapshot.KindInventory, Taken: at, Status: snapshot.Complete},
					Software: []snapshot.HostSoftware{{Host: "h", Installs: []snapshot.Install{{Name: fmt.Sprintf("p%d", n)}}}}}
				if err := s.PutInventory(t.Context(), v); err != nil {
					t.Error(err)
				}
			}
		})
	}
	g.Wait()
	all, err := a.Readings(t.Context(), "", time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(all) != 40 {
		t.Fatal(len(all), err)
	}
}

// The whole contract through the driver, and the other tests of a server: they
// run by their one variable, against the responder. Their clean-up leaves
// nothing, and drops nothing that nobody made.
func TestServerTestsThroughTheDriver(t *testing.T) {
	e, s := tdsengine.Start(t)
	t.Setenv("SPLAMETER_TEST_SQLSERVER", "sqlserver://splameter:geheim@"+s.Addr+"?database=splameter_test&certificate="+url.QueryEscape(s.CA))
	t.Run("Unused", func(t *testing.T) { realDSN(t) })
	t.Run("Contract", TestContractOnServer)
	t.Run("RacedSchema", TestRacedSchemaOnServer)
	t.Run("KilledHolder", TestKilledHolderOnServer)
	t.Run("TwoWriters", TestTwoWritersOnServer)
	if left := e.Schemas(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
