package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/winhost/winhosttest"
)

// hostsTimeout is the environment variable with the config's timeout of hosts;
// without it a fifth of the default, so that the test does not wait for the dead
// as long as a real collection does.
const hostsTimeout = "SPLAMETER_HOSTS_TIMEOUT"

// 500 hosts of which 25 do not answer and 25 hang are read in under two minutes
// and 300 MiB: a real file server answers for the 450, at an address each. As it
// is configured by default:
//
//	SPLAMETER_HOSTS_TIMEOUT=10s go test -v -run TestFiveHundredHosts ./cmd/splameter
//
// By hand, the dead alone: 50 hosts, 32 at once, are two rounds of a timeout in
// each of three tries, and 5 s and 15 s between them: 80 s by default, 32 s here.
func TestFiveHundredHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("500 hosts")
	}
	timeout := "2s"
	if s := os.Getenv(hostsTimeout); s != "" {
		timeout = s
	}
	server, err := winhosttest.Start(t.Context(), winhosttest.Options{Many: true, Registry: `[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office]
"DisplayName"="Microsoft Office Standard 2021"
"Publisher"="Microsoft Corporation"
`})
	if errors.Is(err, winhosttest.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	_, port, _ := net.SplitHostPort(server.Address)

	dir := t.TempDir()
	var names, addresses strings.Builder
	add := func(n int, address string) {
		fmt.Fprintf(&names, "      - rdsh-%03d.host.example\n", n)
		fmt.Fprintf(&addresses, "      rdsh-%03d.host.example: %q\n", n, address)
	}
	now := time.Now()
	for n := range 450 {
		addr := fmt.Sprintf("127.1.%d.%d", n/100, n%100+1)
		add(n, addr+":"+port)
		for channel, records := range map[string]int{logChannel: 2000, "Security": 4000, "System": 300} {
			events := make([]evtxtest.Event, records)
			for i := range events {
				switch channel {
				case logChannel:
					events[i] = evtxtest.LocalSession(21, fmt.Sprintf(`HOST\u%02d`, i%40), uint32(i+2), "10.0.0.1")
				case "Security":
					events[i] = evtxtest.Logoff("S-1-5-21-1-2-3-1100", "HOST", "svc", uint64(i), 3)
				default:
					events[i] = evtxtest.Event{EventID: 6013, Provider: "EventLog", Channel: "System"}
				}
				events[i] = events[i].Logged(uint64(i+1), fmt.Sprintf("rdsh-%03d.host.example", n), now.Add(time.Duration(i-records)*10*time.Minute))
			}
			path := server.LogAt(addr, channel)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, evtxtest.Log(events, evtxtest.Options{}), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	hangs, err := net.Listen("tcp", "127.0.0.1:0") // takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer hangs.Close()
	for n := 450; n < 475; n++ {
		add(n, hangs.Addr().String())
	}
	dead := deafPort(t)
	for n := 475; n < 500; n++ {
		add(n, fmt.Sprintf("127.2.0.%d:%d", n-474, dead))
	}
	writeFile(t, filepath.Join(dir, "config.yaml"), fmt.Appendf(nil, `provider: {name: Kust Hosting, time_zone: Europe/Amsterdam}
tenants: tenants.csv
rules: rules.yaml
directories: [{name: kust, domain: KUST, ldif: directory/*.ldif}]
pools: [{name: all, hosts: ["RDSH-*"], users: [RDS-Users]}]
hosts:
  - name: farm
    user: %s
    password: env:FARM_PASSWORD
    timeout: %s
    names:
%s    addresses:
%s`, winhosttest.User, timeout, names.String(), addresses.String()))
	writeFile(t, filepath.Join(dir, "tenants.csv"), []byte("id,name,ou\nkust,Kust B.V.,\"OU=Kust,DC=kust,DC=example\"\n"))
	writeFile(t, filepath.Join(dir, "rules.yaml"), []byte("version: \"1\"\nproducts:\n  - {id: rds, part_number: EXAMPLE-RDS, unit: user, entitled: {pools: [\"*\"]}}\n"))

	program := filepath.Join(dir, "splameter")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "splameter/cmd/splameter").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "--config", filepath.Join(dir, "config.yaml"), "--log-level", "error", "collect", "--source", "farm")
	cmd.Env = append(os.Environ(), "FARM_PASSWORD="+winhosttest.Password)
	busy, began := load(t), time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	said := string(out)
	if cmd.ProcessState.ExitCode() != exitIncomplete || !strings.Contains(said, "farm: 450 new, 0 known") {
		t.Fatalf("%v %.3000s", err, said)
	}
	for _, want := range []string{"rdsh-450.host.example: log-on: it did not answer within " + timeout, "rdsh-499.host.example: port: no answer at 127.2.0.25:" + strconv.Itoa(dead) + ": no answer in time"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q", want)
		}
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
	work := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.Logf("%s, of which %s are work of its own, %d MiB; the load was %.1f before and %.1f after", took, work, peak, busy, load(t))
	if took > 2*time.Minute && busy < float64(runtime.NumCPU()) { // what a machine takes that others keep busy says nothing
		t.Errorf("it takes %s", took)
	}
	if work > time.Minute {
		t.Errorf("it works for %s", work)
	}
	if peak > 300 {
		t.Errorf("it needs %d MiB", peak)
	}
}

// load is the machine's load average over the last minute.
func load(t *testing.T) (n float64) {
	t.Helper()
	b, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		_, err = fmt.Sscan(string(b), &n)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// deafPort is one at every address on loopback to which whoever connects gets
// no answer: its queue is full, and nobody takes anything from it.
func deafPort(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := at.(*syscall.SockaddrInet4).Port
	for range 4 {
		c, err := net.DialTimeout("tcp", fmt.Sprintf("127.2.0.1:%d", port), 200*time.Millisecond)
		if err != nil {
			return port
		}
		t.Cleanup(func() { c.Close() })
	}
	t.Fatal("its queue does not fill")
	return 0
}
