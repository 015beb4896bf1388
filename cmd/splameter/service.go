package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/kardianos/service"

	"splameter/internal/config"
)

type serviceCmd struct {
	Install   serviceInstallCmd   `cmd:"" help:"Install the agent as a service that starts with the machine."`
	Uninstall serviceUninstallCmd `cmd:"" help:"Take the service away. Store and files stay."`
	Start     serviceStartCmd     `cmd:"" help:"Start the service."`
	Stop      serviceStopCmd      `cmd:"" help:"Stop the service."`
	Status    serviceStatusCmd    `cmd:"" help:"Say whether the service is installed and runs."`
	Run       serviceRunCmd       `cmd:"" help:"What the service runs; the system calls it."`
}

func (serviceCmd) Help() string {
	return `Runs the agent as a service: of Windows, or of systemd. It needs the rights of an
administrator. docs/agent.md says more.

Examples:
  splameter --config /etc/splameter/config.yaml service install --user splameter
  splameter --config C:\splameter\config.yaml service install
  splameter service start
  splameter service status`
}

const serviceName = "splameter"

// serviceConfig is the service as the system is to know it. The config's path
// stands in its arguments: a service starts in a folder of the system's.
func serviceConfig(configPath, executable, user, password string) *service.Config {
	arguments := []string{"--config", configPath, "service", "run"}
	c := &service.Config{
		Name: serviceName, DisplayName: "splameter", Description: "Meters what is owed under SPLA: collects, closes the month, reminds of the deadline.",
		UserName: user, Executable: executable, Arguments: arguments,
		Option: service.KeyValue{
			"SystemdScript": systemdUnit(executable, arguments, user),
			"Password":      password,
			// Windows starts it late, when network and directory are there,
			// and again when it died.
			"DelayedAutoStart": true, "OnFailure": "restart", "OnFailureDelayDuration": "60s", "OnFailureResetPeriod": 86400,
		},
	}
	if runtime.GOOS == "linux" {
		c.Dependencies = []string{"After=network-online.target"}
	}
	return c
}

// systemdUnit is the unit file. It holds nothing that the library would fill
// in, so that what is tested is what is installed.
func systemdUnit(executable string, arguments []string, user string) string {
	var b strings.Builder
	b.WriteString("[Unit]\nDescription=splameter agent\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nType=simple\nExecStart=" + systemdQuote(executable))
	for _, a := range arguments {
		b.WriteString(" " + systemdQuote(a))
	}
	b.WriteString("\n")
	if user != "" {
		b.WriteString("User=" + strings.ReplaceAll(user, "%", "%%") + "\n")
	}
	// Passwords that the config names as env:NAME stand in this file.
	b.WriteString("EnvironmentFile=-/etc/splameter/environment\nUMask=0027\nRestart=on-failure\nRestartSec=60\nKillSignal=SIGTERM\nTimeoutStopSec=30\nNoNewPrivileges=yes\nPrivateTmp=yes\n\n[Install]\nWantedBy=multi-user.target\n")
	return b.String()
}

// systemdQuote writes one word of a command as systemd reads it back.
func systemdQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `%`, `%%`, `$`, `$$`, "\n", `\n`).Replace(s) + `"`
}

// program is what the library starts and stops; other systems than Windows
// only look at it.
type program struct{ service.Interface }

// manage opens the service as the system knows it.
func (a *app) manage(executable, user, password string, p service.Interface) (service.Service, error) {
	switch service.Platform() {
	case "windows-service", "linux-systemd":
	default:
		return nil, fmt.Errorf("this system has neither Windows services nor systemd (it has %s); let what supervises programs here run: splameter --config %s agent",
			service.Platform(), a.cli.Config)
	}
	if strings.Contains(a.cli.Config+executable, "{{") || strings.ContainsAny(a.cli.Config+executable+user, "\r\n") {
		return nil, errors.New("the path of the program or the config, or the user, holds characters that a service cannot have; move it")
	}
	return service.New(p, serviceConfig(a.cli.Config, executable, user, password))
}

type serviceInstallCmd struct {
	User     string `help:"The account that it runs as; DOMAIN\\name$ for a group managed service account. Default: the system's." placeholder:"NAME"`
	Password string `help:"Of that account, on Windows: env:NAME or file:PATH." placeholder:"env:NAME"`
}

func (c *serviceInstallCmd) Run(a *app) error {
	if _, err := a.load(); err != nil {
		return err // a service that cannot start helps nobody
	}
	secret, err := config.NewSecret(c.Password)
	if err != nil {
		return usageError("--password: " + err.Error())
	}
	password, err := secret.Open()
	if err != nil {
		return err
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program's own file: %w", err)
	}
	s, err := a.manage(executable, c.User, password, program{})
	if err != nil {
		return err
	}
	if err := s.Install(); err != nil {
		return fmt.Errorf("install the service (as an administrator?): %w", err)
	}
	a.printf("installed; start it with: splameter service start\n")
	return nil
}

// control is one of the plain acts on the installed service.
func (a *app) control(what string, act func(service.Service) error) error {
	s, err := a.manage("", "", "", program{})
	if err != nil {
		return err
	}
	if err := act(s); err != nil {
		return fmt.Errorf("%s the service (as an administrator?): %w", what, err)
	}
	return nil
}

type (
	serviceUninstallCmd struct{}
	serviceStartCmd     struct{}
	serviceStopCmd      struct{}
	serviceStatusCmd    struct{}
	serviceRunCmd       struct{}
)

func (serviceUninstallCmd) Run(a *app) error {
	return a.control("take away", service.Service.Uninstall)
}
func (serviceStartCmd) Run(a *app) error { return a.control("start", service.Service.Start) }
func (serviceStopCmd) Run(a *app) error  { return a.control("stop", service.Service.Stop) }

// Run prints the state; only a service that runs is exit code 0.
func (serviceStatusCmd) Run(a *app) error {
	s, err := a.manage("", "", "", program{})
	if err != nil {
		return err
	}
	state, err := s.Status()
	switch {
	case errors.Is(err, service.ErrNotInstalled):
		return errors.New("the service is not installed; splameter service install does it")
	case err != nil:
		return fmt.Errorf("ask for the service's state: %w", err)
	case state == service.StatusRunning:
		a.printf("running\n")
		return nil
	}
	return errors.New("the service is installed and does not run; splameter service start starts it")
}

func (serviceRunCmd) Run(ctx context.Context, a *app) error { return a.runService(ctx) }
