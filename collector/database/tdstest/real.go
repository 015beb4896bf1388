package tdstest

import (
	"os"
	"strings"
	"testing"

	"github.com/microsoft/go-mssqldb/msdsn"
)

// Real is the DSN of a real server for tests, SPLAMETER_TEST_SQLSERVER; without
// one the test is skipped. A database whose name does not say "test" is
// refused.
func Real(t testing.TB) (dsn string, p msdsn.Config) {
	t.Helper()
	dsn = os.Getenv("SPLAMETER_TEST_SQLSERVER")
	if dsn == "" {
		t.Skip("SPLAMETER_TEST_SQLSERVER holds no DSN: not proved on a server")
	}
	p, err := msdsn.Parse(dsn)
	if err != nil {
		t.Fatal("SPLAMETER_TEST_SQLSERVER cannot be read")
	}
	if !strings.Contains(strings.ToLower(p.Database), "test") {
		t.Fatalf(`SPLAMETER_TEST_SQLSERVER names the database %q; tests run only in one whose name says "test"`, p.Database)
	}
	return dsn, p
}
