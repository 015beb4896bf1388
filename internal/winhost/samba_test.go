package winhost_test

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/gather"
	"splameter/internal/winhost"
	"splameter/internal/winhost/winhosttest"
)

const registry = `[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName]
"ComputerName"="RDSH-01"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"Hostname"="rdsh-01"
"Domain"="hosting.example"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography]
"MachineGuid"="6f0a3c5e-0000-4000-8000-000000000001"

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\0]
"Identifier"="x"

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\CentralProcessor\1]
"Identifier"="x"

[HKEY_LOCAL_MACHINE\HARDWARE\DESCRIPTION\System\BIOS]
"SystemManufacturer"="Microsoft Corporation"
"SystemProductName"="Virtual Machine"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office]
"DisplayName"="Microsoft Office Standard 2021"
"Publisher"="Microsoft Corporation"
"SystemComponent"=dword:00000001
"UninstallString"=hex(2):25,00,41,00,25,00,00,00
"Long"="LONG"
`

func start(t *testing.T, opt winhosttest.Options) *winhosttest.Host {
	t.Helper()
	if testing.Short() {
		t.Skip("a long test with a real server")
	}
	h, err := winhosttest.Start(t.Context(), opt)
	if errors.Is(err, winhosttest.ErrAbsent) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	return h
}

func target(h *winhosttest.Host) winhost.Target {
	return winhost.Target{Name: "rdsh-01.hosting.example", Address: h.Address, User: winhosttest.User, Password: winhosttest.Password, Logs: winhosttest.Logs, Timeout: 5 * time.Second}
}

// Who the host is, what it runs on, its clock, its logs and its registry, by
// every dialect from SMB 2.02 on, signed, and encrypted where it wants that.
func TestRead(t *testing.T) {
	long := strings.Repeat("x", 20_000) // beyond what a value is first given, and beyond a fragment
	for _, opt := range []winhosttest.Options{{}, {Encrypt: true}, {Protocol: "SMB2_02"}} {
		opt.Name, opt.Registry = "RDSH-01", strings.Replace(registry, "LONG", long, 1)
		s := start(t, opt)
		log := strings.Repeat("0123456789abcdef", 1<<16)
		if err := os.WriteFile(s.Log("System"), []byte(log), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := winhost.Open(t.Context(), target(s))
		if err != nil {
			t.Fatal(err)
		}
		defer h.Close()
		who, err := h.Identity()
		if err != nil || who != (gather.Identity{Host: "rdsh-01.hosting.example", Domain: "hosting.example", SID: "6f0a3c5e-0000-4000-8000-000000000001"}) {
			t.Errorf("%+v %v", who, err)
		}
		if m, err := h.Machine(); err != nil || m.Virtual == nil || !*m.Virtual || m.LogicalProcessors != 2 {
			t.Errorf("%+v %v", m, err)
		}
		if d, err := h.Clock(time.Now); err != nil || d < -5 || d > 5 {
			t.Errorf("clock: %v %v", d, err)
		}
		f, err := h.Log("System")
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, len(log))
		if n, err := f.ReadAt(p, 0); n != len(p) || string(p) != log {
			t.Errorf("read %d, %v", n, err)
		}
		if n, err := f.ReadAt(p, int64(len(log))-4); n != 4 || err != io.EOF {
			t.Errorf("at the end: %d, %v", n, err)
		}
		if info, err := f.Stat(); err != nil || info.Size() != int64(len(log)) {
			t.Error(info, err)
		}
		if _, err := h.Log("Nothing/Operational"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a log that is not there: %v", err)
		}
		keys(t, h, long)
		slow := func() time.Time { return time.Now().Add(-time.Hour) }
		tried := h.Try(slow)
		if last := tried[len(tried)-1]; last.Step != winhost.StepClock || last.Err == nil || !strings.Contains(last.Err.Error(), "from the clock here") {
			t.Errorf("an hour off: %+v", last)
		}
	}
}

func keys(t *testing.T, h *winhost.Host, long string) {
	t.Helper()
	root, err := h.Registry()
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	k, err := root.Open(`SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`)
	if err != nil {
		t.Fatal(err)
	}
	if names, err := k.Subkeys(); err != nil || !slices.Equal(names, []string{"Office"}) {
		t.Errorf("%q %v", names, err)
	}
	if k, err = k.Open("Office"); err != nil {
		t.Fatal(err)
	}
	all, err := k.Values(nil)
	if err != nil || len(all) != 5 {
		t.Errorf("%d values, %v", len(all), err)
	}
	some, err := k.Values([]string{"long", "NotThere", "SystemComponent", "UninstallString"})
	if err != nil || len(some) != 3 || some[0].Text != long || some[1].Kind != gather.Number || !slices.Equal(some[1].Data, []byte{1, 0, 0, 0}) || some[2].Text != "%A%" {
		t.Errorf("%.200v %v", some, err)
	}
	if _, err := root.Open(`SOFTWARE\Nothing`); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key that is not there: %v", err)
	}
}

// Each step that fails says so by its name, and what to do.
func TestSteps(t *testing.T) {
	s := start(t, winhosttest.Options{Name: "RDSH-01", Registry: registry})
	old := start(t, winhosttest.Options{Name: "RDSH-01", Protocol: "NT1"})
	bare := start(t, winhosttest.Options{Name: "RDSH-01", Share: "other"})
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, c := range []struct {
		name   string
		change func(*winhost.Target)
		step   winhost.Step
		says   string
	}{
		{"no such name", func(t *winhost.Target) { t.Address = "nobody.invalid:445" }, winhost.StepName, "nobody knows the address"},
		{"nothing listens", func(t *winhost.Target) { t.Address = "127.0.0.1:1" }, winhost.StepPort, "the connection is refused; let the computer be on"},
		{"it hangs", func(t *winhost.Target) { t.Address, t.Timeout = silent.Addr().String(), 300*time.Millisecond }, winhost.StepLogOn, "it did not answer within 300ms"},
		{"a wrong password", func(t *winhost.Target) { t.Password = "x" }, winhost.StepLogOn, "the user or the password is wrong"},
		{"an unknown user", func(t *winhost.Target) { t.User = "nobody-there" }, winhost.StepLogOn, "the user or the password is wrong"},
		{"SMB 1 only", func(t *winhost.Target) { t.Address = old.Address }, winhost.StepLogOn, "speaks SMB 1 only"},
		{"no share", func(t *winhost.Target) { t.Address = bare.Address }, winhost.StepShare, "ADMIN$: there is no such share"},
		{"another computer", func(t *winhost.Target) { t.Name = "rdsh-02.hosting.example" }, winhost.StepName, "says that it is RDSH-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := target(s)
			c.change(&to)
			h, err := winhost.Open(t.Context(), to)
			if err == nil {
				defer h.Close()
				if _, err = h.Identity(); err == nil {
					_, err = h.Log("System")
				}
			}
			var step *winhost.StepError
			if !errors.As(err, &step) || step.Step != c.step || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
}
