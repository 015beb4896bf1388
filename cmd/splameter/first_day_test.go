package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory/directorytest"
)

// A newcomer with a live directory, a folder of logs and one of inventories, by
// docs/first-day.md. The forest has 40 users in two units of 20, all in
// RDS-Users; disabled are 3, 20 and 37, expired in 2020 are 2, 13, 24 and 35. So
// T0000 has 20 - 3 = 17 RDS, and T0001 20 - 4 = 16. LIC-Office holds the first
// ten of each, 0-9 without 2 and 3, and 20-29 without 20 and 24: 8 and 8. Number
// 5 was in a session, and is among them.
func TestFirstDayLive(t *testing.T) {
	if testing.Short() {
		t.Skip("a domain controller of our own is not started in short mode")
	}
	const password = "Reader-Passw0rd!"
	f := directorytest.Provider("host7.example", "HOST7", 2, 40)
	f.SID = "S-1-5-21-7-7-7"
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.User, Name: "reader", Account: "reader", In: "OU=Staff", UPN: "reader@host7.example", Password: password})
	dc, err := directorytest.Start(t.Context(), f)
	if errors.Is(err, directorytest.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer dc.Stop()
	t.Setenv("FIRST_DAY_PASSWORD", password)
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	now := func() time.Time { return time.Date(2026, 10, 31, 12, 0, 0, 0, time.UTC) }
	command := func(want int, args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		args = append([]string{"--config", filepath.Join(dir, "config.yaml"), "--log-level", "error"}, args...)
		if got := run(t.Context(), args, &out, &errs, now); got != want {
			t.Fatalf("splameter %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
		}
		return out.String()
	}
	put("logs/rdsh.csv", "TimeCreated,Computer,Channel,EventID,User,SessionID,Address,EventRecordID\n"+
		"2026-10-28T09:00:00.0000000Z,RDSH-01.host7.example,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,21,HOST7\\u000005,7,10.0.0.1,1\n")
	put("inventory/software-2026-10-15.csv", "host,name,version,publisher\nRDSH-01,7-Zip 24.08 (x64),24.08,Igor Pavlov\n")

	command(0, "init", "--directory", "ldaps://"+dc.Addr, "--ca", dc.CA, "--server-name", dc.Host, "--user", "reader@host7.example", "--password", "env:FIRST_DAY_PASSWORD",
		"--base", "OU=Customers,DC=host7,DC=example", "--logs", filepath.Join(dir, "logs"), "--inventory", filepath.Join(dir, "inventory"), "--provider", "P", "--time-zone", "Europe/Amsterdam")
	if strings.Contains(read("config.yaml"), password) {
		t.Error("the password stands in the config")
	}
	tenants := read("tenants.draft.csv")
	// Of T0000's 20 accounts one, 3, is disabled.
	for _, want := range []string{`t0000,T0000,"OU=T0000,OU=Customers,DC=host7,DC=example"`, ",20,19,,,\n", `staff,Staff,"OU=Staff,DC=host7,DC=example"`} {
		if !strings.Contains(tenants, want) {
			t.Errorf("no %q in\n%s", want, tenants)
		}
	}
	if g := read("groups.draft.csv"); !strings.Contains(g, "\nRDS-Users,40,37,t0000; t0001,rds,yes\n") || !strings.Contains(g, "\nLIC-Office,20,") || strings.Contains(g, "Domain Users") {
		t.Error(g)
	}

	// The drafts, corrected.
	put("tenants.csv", tenants)
	put("prices.csv", read("prices.draft.csv"))
	put("rules.yaml", read("rules.draft.yaml")+"  - {catalog: office-std, part_number: O-1, entitled: {groups: [LIC-Office]}}\n")
	pools := strings.Replace(read("pools.draft.yaml"), "users: []", "users: [RDS-Users]", 1)
	put("config.yaml", strings.Replace(read("config.yaml"), "pools: []\n", pools, 1))
	put("reseller.csv", "Part number;Price\n6WC-00002;4,10\nO-1;15,00\n")
	command(0, "prices", "import", filepath.Join(dir, "reseller.csv"), "--decimal", "comma", "--currency", "EUR", "--from", "2026-01-01", "--write")
	command(0, "check")
	command(0, "collect")
	command(0, "mapping")
	// One reading of the directory is not a month: it is incomplete, and says so.
	out := command(3, "report", "--month", "2026-10")
	for _, want := range []string{"6WC-00002            33        1        0       135.30", "O-1                  16        1        0       240.00"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for tenant, want := range map[string]string{"t0000": "17 persons", "t0001": "16 persons"} {
		if got := command(0, "explain", "--month", "2026-10", "--tenant", tenant, "--product", "rds"); !strings.Contains(strings.SplitN(got, "\n", 2)[0], want) {
			t.Errorf("%s: %s", tenant, got)
		}
	}
}
