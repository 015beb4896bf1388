package inventory

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// A domain beside a short name makes it a full one; until ends a machine; a
// day that is none is told.
func TestHostsTableTellsDomainsAndEnds(t *testing.T) {
	const table = "host,domain,kind,virtual_cores,threads_per_virtual_core,until\n" +
		"SQLX,a.example,virtual,8,2,31-10-2026\n" +
		"SQLX,B,virtual,4,,2026-09-30\n" +
		"SQLY.c.example,a.example,virtual,4,,\n" +
		"SQLZ,WORKGROUP,virtual,4,,soon\n"
	inv, err := ReadHosts(t.Context(), strings.NewReader(table), "hosts-2026-10-30.csv", Options{Taken: time.Date(2026, 10, 30, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Machine{
		{Host: `B\SQLX`, Kind: snapshot.Virtual, VirtualCores: 4, Until: month.Date(2026, 9, 30), Line: 3},
		{Host: "SQLX.a.example", Kind: snapshot.Virtual, VirtualCores: 8, Threads: 2, Until: month.Date(2026, 10, 31), Line: 2},
		{Host: "SQLY.c.example", Kind: snapshot.Virtual, VirtualCores: 4, Line: 4},
		{Host: "SQLZ", Kind: snapshot.Virtual, VirtualCores: 4, Line: 5},
	}
	if d := cmp.Diff(want, inv.Machines); d != "" {
		t.Error(d)
	}
	if n := inv.Notes; len(n) != 1 || n[0].Code != CodeUnreadable || !strings.Contains(n[0].Message, `until is "soon"`) {
		t.Errorf("%+v", n)
	}
}
