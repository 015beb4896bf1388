package tenantexport

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// SQL-A is appel's. SQL-M was appel's until the 9th and boom's from the 10th:
// appel gets its own rows of the hosts table and none of its software, with a
// note. APP-1 is in the pool that is appel's alone and in nobody's rows; HV-1
// is everybody's, and of boom's SQL-B nothing is given. The parent of SQL-A is
// called after boom, and so left out.
//
// The same comes out where the facts are those of a store, which hands out
// programs in a form of its own: an export without them would look complete.
func TestHosts(t *testing.T) {
	reg := &register.Register{Tenants: []register.Tenant{{ID: "appel", Name: "Appel & Peer B.V."}, {ID: "boom", Name: "Boom Advies"}}}
	m := month.New(2026, 10, time.UTC)
	first := m.FirstDay()
	machine := func(host, tenant string, from, until month.Day) snapshot.MachineMonth {
		return snapshot.MachineMonth{Source: "estate", Machine: snapshot.Machine{Host: host, Kind: snapshot.Virtual, VirtualCores: 4, Tenant: tenant, Parent: "HV-boom", Line: 7},
			First: from, Last: until, Days: []month.Day{from, until}, File: "hosts.csv"}
	}
	software := func(host, name string) snapshot.SoftwareMonth {
		return snapshot.SoftwareMonth{Source: "estate", Host: host, Days: []month.Day{first},
			Installs: snapshot.ListOf(snapshot.InstallMonth{Install: snapshot.Install{Name: name, Version: "16.0", Line: 3}, First: first, Last: first + 4, File: "software.csv"})}
	}
	facts := &snapshot.Facts{Month: m,
		Machines: []snapshot.MachineMonth{machine("HV-1", "", first, first+30), machine("SQL-A", "appel", first, first+30), machine("SQL-B", "boom", first, first+30),
			machine("SQL-M", "appel", first, first+8), machine("SQL-M", "boom", first+9, first+30)},
		Software: []snapshot.SoftwareMonth{software("APP-1", "Office"), software("HV-1", "Agent"), software("sql-a.host.example", "SQL Server"), software("SQL-B", "Secret"), software("SQL-M", "Mixed")}}
	for name, facts := range map[string]*snapshot.Facts{"as lists": facts, "of a store": stored(t, facts)} {
		t.Run(name, func(t *testing.T) { wantHosts(t, m, facts, reg) })
	}
}

// stored are the facts with the software as a store gives it back, read on the
// first and the last of its days.
func stored(t *testing.T, facts *snapshot.Facts) *snapshot.Facts {
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	for _, day := range []month.Day{facts.Month.FirstDay(), facts.Month.FirstDay() + 4} {
		v := &snapshot.Inventory{Reading: snapshot.Reading{Source: "estate", Kind: snapshot.KindInventory, Status: snapshot.Complete, File: "software.csv", Taken: day.Start(time.UTC), Day: day}}
		for i := range facts.Software {
			s := &facts.Software[i]
			v.Software = append(v.Software, snapshot.HostSoftware{Host: s.Host, Installs: []snapshot.Install{s.Installs.At(0).Install}})
		}
		if err := st.PutInventory(t.Context(), v); err != nil {
			t.Fatal(err)
		}
	}
	out, err := st.Facts(t.Context(), facts.Month)
	if err != nil {
		t.Fatal(err)
	}
	out.Machines = facts.Machines
	return out
}

func wantHosts(t *testing.T, m month.Month, facts *snapshot.Facts, reg *register.Register) {
	cfg := &config.Config{Pools: []config.Pool{{Name: "own", Tenant: "appel", Hosts: []string{"APP-*"}}, {Name: "shared", Hosts: []string{"*"}}}}
	tables := newTables()
	notes := tables.hosts(m, facts, cfg, "appel")
	g := newGuard(reg, "appel")
	for _, x := range tables.list() {
		g.table(x, 0)
	}
	text := func(x Table) string {
		var lines []string
		for _, r := range x.Rows {
			if len(r) != len(x.Columns) {
				t.Errorf("%s: %d values under %d columns", x.Name, len(r), len(x.Columns))
			}
			lines = append(lines, strings.Join(r, ","))
		}
		return strings.Join(lines, "\n")
	}
	if got, want := text(tables.machineFacts), "2026-10,host:sql-a,SQL-A,virtual,,,4,"+leftOut+",,,,,,,,2026-10-01,2026-10-31,2,estate,hosts.csv,7\n"+
		"2026-10,host:sql-m,SQL-M,virtual,,,4,"+leftOut+",,,,,,,,2026-10-01,2026-10-09,2,estate,hosts.csv,7"; got != want {
		t.Errorf("hosts\n%s\nwant\n%s", got, want)
	}
	if got, want := text(tables.software), "2026-10,APP-1,Office,16.0,,,,,2026-10-01,2026-10-05,estate,software.csv,3\n"+
		"2026-10,sql-a.host.example,SQL Server,16.0,,,,,2026-10-01,2026-10-05,estate,software.csv,3"; got != want {
		t.Errorf("software\n%s\nwant\n%s", got, want)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "2026-10: what was installed on host SQL-M is left out") {
		t.Errorf("%q", notes)
	}
}
