package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory/directorytest"
	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/winhost/winhosttest"
)

// nameServer answers for some hosts as a directory's name service does, to this
// process alone and until the test ends.
func nameServer(t *testing.T, hosts map[string]string) {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		q := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(q)
			if err != nil {
				return
			}
			var labels []string
			i := 12
			for i < n && q[i] != 0 && i+1+int(q[i]) < n {
				labels = append(labels, string(q[i+1:i+1+int(q[i])]))
				i += 1 + int(q[i])
			}
			end := min(i+5, n)
			ip := net.ParseIP(hosts[strings.ToLower(strings.Join(labels, "."))]).To4()
			a := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
			switch {
			case ip == nil:
				a[3] |= 3 // there is no such name
			case binary.BigEndian.Uint16(q[end-4:]) == 1:
				a[7] = 1
				a = append(append(a, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4), ip...)
			}
			_, _ = c.WriteTo(a, from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; c.Close() })
}

// hostRegistry is what a session host's registry says: a guest with six threads.
func hostRegistry(short string) string {
	text := fmt.Sprintf(`[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName]
"ComputerName"="%[1]s"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography]
"MachineGuid"="guid-%[1]s"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2022 Datacenter"
"EditionID"="ServerDatacenter"
"InstallationType"="Server"

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS]
"SystemManufacturer"="Microsoft Corporation"
"SystemProductName"="Virtual Machine"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters]
"PhysicalHostNameFullyQualified"="HV-01.host8.example"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office16.STANDARD]
"DisplayName"="Microsoft Office LTSC Standard 2021"
"DisplayVersion"="16.0.14332.20000"
"Publisher"="Microsoft Corporation"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\7-Zip]
"DisplayName"="7-Zip 24.08 (x64)"
"Publisher"="Igor Pavlov"
`, short)
	for i := range 6 {
		text += fmt.Sprintf("\n[HKEY_LOCAL_MACHINE\\HARDWARE\\DESCRIPTION\\System\\CentralProcessor\\%d]\n\"Identifier\"=\"x\"\n", i)
	}
	return text
}

// TestFirstDayHosts is a newcomer with a live directory, an account for the
// session hosts and nothing else, by docs/first-day.md and docs/hosts.md, to a
// complete month. The forest is that of TestFirstDayLive with a second host.
func TestFirstDayHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("a domain controller and file servers of our own are not started in short mode")
	}
	const password = "Reader-Passw0rd!"
	f := directorytest.Provider("host8.example", "HOST8", 2, 40)
	f.SID = "S-1-5-21-8-8-8"
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.User, Name: "reader", Account: "reader", In: "OU=Staff", UPN: "reader@host8.example", Password: password},
		directorytest.Object{Kind: directorytest.Computer, Name: "RDSH-02", In: "OU=Servers", Account: "RDSH-02$", System: "Windows Server 2022 Datacenter"})
	dc, err := directorytest.Start(t.Context(), f)
	if errors.Is(err, directorytest.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(dc.Stop)
	names := []string{"rdsh-01", "rdsh-02"}
	nameServer(t, map[string]string{"rdsh-01.host8.example": "127.0.2.1", "rdsh-02.host8.example": "127.0.2.2"})
	var servers []*winhosttest.Host
	for i, name := range names {
		h, err := winhosttest.Start(t.Context(), winhosttest.Options{Name: strings.ToUpper(name), Addr: fmt.Sprintf("127.0.2.%d", i+1), Port: 445, Registry: hostRegistry(strings.ToUpper(name))})
		if errors.Is(err, winhosttest.ErrAbsent) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Stop)
		servers = append(servers, h)
	}
	t.Setenv("FIRST_DAY_PASSWORD", password)
	t.Setenv("FARM_PASSWORD", winhosttest.Password)
	n := &newcomer{t: t, dir: t.TempDir(), now: time.Date(2026, 9, 30, 5, 0, 0, 0, time.UTC)}

	// What is on the hosts by now: a session of u000005 each noon from 1 September
	// on.
	write := func() {
		t.Helper()
		for i, h := range servers {
			var events []evtxtest.Event
			for day := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC); day.Before(n.now); day = day.AddDate(0, 0, 1) {
				e := evtxtest.LocalSession(21, `HOST8\u000005`, uint32(len(events)+2), "10.0.0.1")
				events = append(events, e.Logged(uint64(len(events)+1), strings.ToUpper(names[i])+".host8.example", day))
			}
			log := evtxtest.Log(events, evtxtest.Options{})
			for i := range events { // and of the host itself, that it is up
				events[i] = evtxtest.Event{ID: events[i].ID, Ticks: events[i].Ticks, EventID: 6013, Provider: "EventLog", Channel: "System", Computer: events[i].Computer}
			}
			for channel, data := range map[string][]byte{logChannel: log, "System": evtxtest.Log(events, evtxtest.Options{})} {
				if err := os.WriteFile(h.Log(channel), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	write()

	n.command(0, "init", "--directory", "ldaps://"+dc.Addr, "--ca", dc.CA, "--server-name", dc.Host, "--user", "reader@host8.example", "--password", "env:FIRST_DAY_PASSWORD",
		"--base", "OU=Customers,DC=host8,DC=example", "--hosts", "OU=Servers,DC=host8,DC=example", "--hosts-user", winhosttest.User, "--hosts-password", "env:FARM_PASSWORD",
		"--provider", "P", "--time-zone", "Europe/Amsterdam")
	if text := n.read("config.yaml"); strings.Contains(text, password) || strings.Contains(text, winhosttest.Password) {
		t.Error("a password stands in the config")
	}
	for name, want := range map[string]string{
		"software.draft.csv": "Microsoft Office LTSC Standard 2021,2,rdsh-01.host8.example; rdsh-02.host8.example,office-std,",
		"pools.draft.yaml":   "# 1 names were seen in sessions on them, 1 of them accounts of this directory",
		"rules.draft.yaml":   "catalog: office-std  # Microsoft Office LTSC Standard 2021\n    part_number: \"\"",
	} {
		if !strings.Contains(n.read(name), want) {
			t.Errorf("%s has no %q:\n%s", name, want, n.read(name))
		}
	}

	// The drafts, corrected.
	n.write("tenants.csv", strings.Replace(n.read("tenants.draft.csv"), `staff,Staff,"OU=Staff,DC=host8,DC=example",,,,,,,,,,,,`, `staff,Staff,"OU=Staff,DC=host8,DC=example",,,,,,,,,,,yes,`, 1))
	n.write("prices.csv", n.read("prices.draft.csv"))
	n.write("rules.yaml", n.read("rules.draft.yaml"))
	n.replace("rules.yaml", `part_number: ""`, "part_number: O-1")
	n.replace("config.yaml", "pools: []\n", strings.Replace(n.read("pools.draft.yaml"), "users: []", "users: [RDS-Users]", 1))
	n.write("reseller.csv", "Part number;Price\n6WC-00002;4,10\nO-1;15,00\n9EA-00039;10,00\n")
	n.command(0, "prices", "import", filepath.Join(n.dir, "reseller.csv"), "--decimal", "comma", "--currency", "EUR", "--from", "2026-01-01", "--write")
	n.now = time.Now() // whose clock the hosts have
	if said := n.command(0, "check"); !strings.Contains(said, "2 hosts, of which 2 can be read") || !strings.Contains(said, "rdsh-02.host8.example: registry: 2 programs are installed") {
		t.Error(said)
	}
	for day := range 15 {
		n.now = time.Date(2026, 9, 30+day, 5, 0, 0, 0, time.UTC)
		write()
		n.command(0, "collect")
	}
	// Two things nobody has told yet: the hypervisor that the guests name, and the
	// domain controller. A hosts table does, from then on.
	n.command(3, "report", "--month", "2026-10")
	said := n.command(0, "questions", "--month", "2026-10")
	for _, want := range []string{"server DC1 (Samba) has an enabled account", "Windows guests run on host hv-01.host8.example, of which the hosts table has no row", "2 questions open"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	n.write("inventory/hosts-2026-10-14.csv", "host,kind,processors,cores_per_processor,virtual_cores,parent,operating_system\n"+
		"hv-01.host8.example,physical,2,16,,,Windows Server 2022 Datacenter\ndc1.host8.example,virtual,,,4,hv-01.host8.example,Windows Server 2022 Datacenter\n")
	n.replace("config.yaml", "\nhosts:", "\ninventories:\n  - name: machines\n    hosts: inventory/hosts-*.csv\n\nhosts:")
	n.replace("rules.yaml", "products:\n", "products:\n  - {catalog: win-dc}\n")
	for day := 15; day < 34; day++ {
		n.now = time.Date(2026, 9, 30+day, 5, 0, 0, 0, time.UTC)
		write()
		n.command(0, "collect")
	}
	// By hand: 17 and 16 persons may log on to hosts that have Office; 2 times 16
	// cores are 16 packs of two.
	said = n.command(0, "close", "--month", "2026-10")
	for _, want := range []string{"2026-10, complete\n", "rds         6WC-00002            33        1        0       135.30", "office-std  O-1                  33        1        0       495.00", "win-dc      9EA-00039            16 "} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
	if said := n.command(0, "hosts"); !strings.Contains(said, "rdsh-01.host8.example  is read  2026-11-02  2026-09-01") {
		t.Error(said)
	}
}

// newcomer is somebody who follows the documentation in a folder.
type newcomer struct {
	t   *testing.T
	dir string
	now time.Time
}

func (n *newcomer) command(want int, args ...string) string {
	n.t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"--config", filepath.Join(n.dir, "config.yaml"), "--log-level", "error"}, args...)
	if got := run(n.t.Context(), args, &out, &errs, func() time.Time { return n.now }); got != want {
		n.t.Fatalf("splameter %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

func (n *newcomer) read(name string) string {
	n.t.Helper()
	b, err := os.ReadFile(filepath.Join(n.dir, name))
	if err != nil {
		n.t.Fatal(err)
	}
	return string(b)
}

func (n *newcomer) write(name, text string) {
	n.t.Helper()
	writeFile(n.t, filepath.Join(n.dir, name), []byte(text))
}

// replace changes a file by hand: each text stands in it.
func (n *newcomer) replace(name string, pairs ...string) {
	n.t.Helper()
	text := n.read(name)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			n.t.Fatalf("%s has no %q:\n%s", name, pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	n.write(name, text)
}
