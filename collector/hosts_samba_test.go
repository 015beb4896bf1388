package collector

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/winhost/winhosttest"
)

// registryOf is what a session host's registry says.
func registryOf(short string) string {
	return fmt.Sprintf(`[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName]
"ComputerName"="%[1]s"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography]
"MachineGuid"="guid-%[1]s"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows Server 2022 Standard"
"EditionID"="ServerStandard"
"ProductId"="00000-SECRET-00000-AAAAA"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\EventLog\Security]
"MaxSize"=dword:01400000
"Retention"=dword:00000000

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office]
"DisplayName"="Microsoft Office Standard 2021"
"Publisher"="Microsoft Corporation"

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\Other]
"DisplayName"="Other"
"Publisher"="Contoso"
`, short)
}

// Two real servers and an address at which nobody answers: logs, programs and
// how each host stands, as they are of a host's own drop.
func TestHostsSamba(t *testing.T) {
	if testing.Short() {
		t.Skip("real servers")
	}
	f := newFarm()
	b := newBench(t, f, func(c *config.Hosts) {
		c.Names = []string{"rdsh-01.hosting.example", "rdsh-02.hosting.example", "rdsh-03.hosting.example"}
		c.Addresses = map[string]string{"rdsh-03.hosting.example": "127.0.0.1:1"}
		c.User = winhosttest.User
		t.Setenv("SPLAMETER_TEST_HOSTS", winhosttest.Password)
		var err error
		if c.Password, err = config.NewSecret("env:SPLAMETER_TEST_HOSTS"); err != nil {
			t.Fatal(err)
		}
	})
	var servers []*winhosttest.Host
	for _, n := range b.src.cfg.Names[:2] {
		short, _, _ := strings.Cut(n, ".")
		h, err := winhosttest.Start(t.Context(), winhosttest.Options{Name: short, Registry: registryOf(strings.ToUpper(short))})
		if errors.Is(err, winhosttest.ErrAbsent) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(h.Stop)
		servers = append(servers, h)
		b.src.cfg.Addresses[n] = h.Address
		for channel, to := range map[string]int{lsm: 300, "Security": 2000, "System": 30} {
			if err := os.WriteFile(h.Log(channel), hourly(n, 1, to), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.src.open = newHostSource(b.src.cfg).open
	then := b.now
	b.now = time.Now() // the servers' clock is this one
	lines, err := b.src.Probe(t.Context(), b.env)
	said := strings.Join(lines, "\n")
	for _, want := range []string{"3 hosts, of which 2 can be read", "rdsh-01.hosting.example: name, port, log-on: works", "rdsh-02.hosting.example: log: Microsoft-Windows-TerminalServices-LocalSessionManager/Operational of 0.", "rdsh-01.hosting.example: registry: 2 programs are installed", "rdsh-03.hosting.example: name: works"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in\n%s", want, said)
		}
	}
	if err == nil || !strings.Contains(err.Error(), "rdsh-03.hosting.example: port: no answer at 127.0.0.1:1: the connection is refused") {
		t.Error(err)
	}
	b.now = then
	o, err := b.collect()
	if err == nil || strings.Contains(err.Error(), "rdsh-01") || o.Read != 2 {
		t.Fatalf("%+v %v", o, err)
	}
	if l := b.logs("rdsh-01.hosting.example"); len(l) != 3 || l[0].Exported.IsZero() {
		t.Errorf("%+v", l)
	}
	st := b.states()["rdsh-01.hosting.example"]
	if s := st.Log("Security"); st.Installation != "guid-RDSH-01" || st.Failure != "" || st.Software.IsZero() || s.Newest != 2000 || s.MaxSize != 20<<20 || s.Retention != snapshot.RetentionOverwrite || s.Oldest.IsZero() {
		t.Errorf("%+v", st)
	}
	// Of what is not asked for nothing is kept, and nothing is read.
	if inv, err := b.env.Store.HostStates(t.Context()); err != nil || strings.Contains(fmt.Sprint(inv), "SECRET") {
		t.Error(inv, err)
	}
	// The next time: what is new; and the share is gone at the other.
	b.now = b.now.AddDate(0, 0, 1)
	if err := os.WriteFile(servers[0].Log(lsm), hourly("rdsh-01.hosting.example", 1, 900), 0o600); err != nil {
		t.Fatal(err)
	}
	servers[1].Stop()
	o, err = b.collect()
	if err == nil || !strings.Contains(err.Error(), "rdsh-02.hosting.example: port: no answer") || o.Read != 1 {
		t.Fatalf("%+v %v", o, err)
	}
	for _, l := range b.logs("rdsh-01.hosting.example") {
		if strings.Contains(l.File, "LocalSession") && (l.LastRecord != 900 || len(l.Stretches()) != 1) {
			t.Errorf("%+v", l)
		}
	}
}
