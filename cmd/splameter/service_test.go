package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSystemdUnit(t *testing.T) {
	c := serviceConfig("/etc/spla meter/100%/config.yaml", `/opt/a"b$c/splameter`, "svc-spla", "")
	unit := c.Option["SystemdScript"].(string)
	want := `[Unit]
Description=splameter agent
Wants=network-online.target
After=network-online.target

[Service]
Type=simple
ExecStart="/opt/a\"b$$c/splameter" "--config" "/etc/spla meter/100%%/config.yaml" "service" "run"
User=svc-spla
EnvironmentFile=-/etc/splameter/environment
UMask=0027
Restart=on-failure
RestartSec=60
KillSignal=SIGTERM
TimeoutStopSec=30
NoNewPrivileges=yes
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`
	if diff := cmp.Diff(want, unit); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"--config", "/etc/spla meter/100%/config.yaml", "service", "run"}, c.Arguments); diff != "" {
		t.Error(diff)
	}
	if u := systemdUnit("/s", nil, ""); strings.Contains(u, "User=") {
		t.Errorf("a unit without a user says %q", u)
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here: the unit was compared, not read by systemd")
	}
	path := filepath.Join(t.TempDir(), "splameter.service")
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(systemdUnit(program, []string{"--config", "/etc/spla meter/config.yaml", "service", "run"}, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(verify, "verify", path).CombinedOutput(); err != nil {
		t.Errorf("systemd does not take the unit: %v\n%s", err, out)
	}
}
