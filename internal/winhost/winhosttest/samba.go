// Package winhosttest runs a file and registry server on loopback that answers
// as a Windows host does: Samba, with ADMIN$ and the winreg service.
package winhosttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Packages are the Debian packages that such a host needs.
const Packages = "samba samba-common-bin"

// ErrAbsent is wrapped by Start's error where this machine cannot run such a
// host at all: a reason to skip, and not to fail.
var ErrAbsent = errors.New("no file server can run here")

// Logs is where the host has its event logs.
const Logs = `ADMIN$\System32\winevt\Logs`

// User and Password are those of its administrator.
const (
	User     = "root"
	Password = "Adm1n-Passw0rd!"
)

// Options say how the host is.
type Options struct {
	Name     string // short
	Port     int    // 0: a free one
	Addr     string // empty: 127.0.0.1
	Registry string // what is imported into it, as Windows' registry editor writes it
	Share    string // the name of its share, in place of ADMIN$
	Protocol string // the newest dialect that it speaks, such as SMB2_02; empty: all
	Encrypt  bool   // it wants everything encrypted
	Realm    *Realm // whose tickets it takes; nil: none
	// Many lets it answer at every address on loopback, 127.x.y.z, at each with
	// logs of its own: see LogAt.
	Many bool
}

// Realm is one whose tickets a host takes, of whoever has one for it.
type Realm struct {
	Name   string // such as HOST9.EXAMPLE
	Keytab string // with the host's own keys
}

// Host is one running host.
type Host struct {
	Address string // of its SMB, as HOST:PORT
	Dir     string // what it shares
	base    string
	cmd     *exec.Cmd
	stdin   io.Closer
	ended   chan error
	once    sync.Once
}

// Absent says why no host can run here, or nil.
func Absent() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("%w: it needs Linux", ErrAbsent)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it needs root", ErrAbsent)
	}
	for _, p := range []string{"smbd", "net", "smbpasswd"} {
		if _, err := exec.LookPath(p); err != nil {
			return fmt.Errorf("%w: %s is missing; apt-get install --no-install-recommends %s", ErrAbsent, p, Packages)
		}
	}
	return nil
}

// Start runs a host. The caller stops it; it also stops by itself when this
// process ends.
func Start(ctx context.Context, opt Options) (*Host, error) {
	if err := Absent(); err != nil {
		return nil, err
	}
	base, err := os.MkdirTemp("", "splameter-smbd-")
	if err != nil {
		return nil, err
	}
	h := &Host{base: base, Dir: filepath.Join(base, "admin")}
	if err := h.start(ctx, opt); err != nil {
		out, _ := os.ReadFile(filepath.Join(base, "log", "out"))
		h.Stop()
		return nil, fmt.Errorf("start a file server: %w\n%s", err, out)
	}
	return h, nil
}

func (h *Host) start(ctx context.Context, opt Options) error {
	for _, d := range []string{"private", "state", "lock", "cache", "run", "log", "admin/System32/winevt/Logs"} {
		if err := os.MkdirAll(filepath.Join(h.base, d), 0o755); err != nil {
			return err
		}
	}
	if opt.Addr == "" {
		opt.Addr = "127.0.0.1"
	}
	if opt.Port == 0 {
		l, err := net.Listen("tcp", opt.Addr+":0")
		if err != nil {
			return err
		}
		opt.Port = l.Addr().(*net.TCPAddr).Port
		l.Close()
	}
	h.Address = fmt.Sprintf("%s:%d", opt.Addr, opt.Port)
	if err := os.WriteFile(h.conf(), []byte(h.smbConf(opt)), 0o600); err != nil {
		return err
	}
	if err := h.run(ctx, Password+"\n"+Password+"\n", "smbpasswd", "-c", h.conf(), "-s", "-a", User); err != nil {
		return err
	}
	if opt.Registry != "" {
		if err := h.Import(ctx, opt.Registry); err != nil {
			return err
		}
	}
	return h.serve(ctx)
}

// Import adds to the host's registry what stands in a registry export.
func (h *Host) Import(ctx context.Context, text string) error {
	path := filepath.Join(h.base, "import.reg")
	if err := os.WriteFile(path, []byte("Windows Registry Editor Version 5.00\n\n"+text+"\n\n"), 0o600); err != nil {
		return err
	}
	return h.run(ctx, "", "net", "-s", h.conf(), "registry", "import", path)
}

// Log is where the host has an event log.
func (h *Host) Log(channel string) string {
	return filepath.Join(h.Dir, "System32", "winevt", "Logs", strings.ReplaceAll(channel, "/", "%4")+".evtx")
}

// LogAt is Log of one of the addresses of a host that answers at many.
func (h *Host) LogAt(addr, channel string) string {
	return filepath.Join(h.Dir, addr, "System32", "winevt", "Logs", strings.ReplaceAll(channel, "/", "%4")+".evtx")
}

func (h *Host) conf() string { return filepath.Join(h.base, "smb.conf") }

func (h *Host) run(ctx context.Context, in, program string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(in), &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out.String())
	}
	return nil
}

// serve runs the server until Stop: with a pipe as its standard input it ends
// when that closes.
func (h *Host) serve(ctx context.Context) error {
	log, err := os.Create(filepath.Join(h.base, "log", "out"))
	if err != nil {
		return err
	}
	defer log.Close()
	h.cmd = exec.Command("smbd", "--foreground", "--debug-stdout", "-s", h.conf())
	h.cmd.Stdout, h.cmd.Stderr = log, log
	if h.stdin, err = h.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	h.ended = make(chan error, 1)
	go func() { h.ended <- h.cmd.Wait() }()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", h.Address)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-h.ended:
			h.ended <- err
			return fmt.Errorf("the server ended: %w", err)
		case <-ctx.Done():
			return fmt.Errorf("%s never answered", h.Address)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server and removes what it had. A second time it does nothing.
func (h *Host) Stop() { h.once.Do(h.stop) }

func (h *Host) stop() {
	if h.cmd != nil && h.cmd.Process != nil {
		_ = h.stdin.Close()
		select {
		case <-h.ended:
		case <-time.After(3 * time.Second):
			_ = h.cmd.Process.Kill()
			<-h.ended
		}
	}
	h.endHelpers()
	_ = os.RemoveAll(h.base)
}

// endHelpers ends the registry service, which the server began in a session of
// its own: those processes that were given this host's configuration.
func (h *Host) endHelpers() {
	all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range all {
		line, err := os.ReadFile(f)
		if err != nil || !slices.Contains(strings.Split(string(line), "\x00"), "--configfile="+h.conf()) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
	}
}

func (h *Host) smbConf(opt Options) string {
	share := opt.Share
	if share == "" {
		share = "ADMIN$"
	}
	extra := ""
	if opt.Protocol != "" {
		extra += "\tserver min protocol = NT1\n\tserver max protocol = " + opt.Protocol + "\n"
	}
	if opt.Encrypt {
		extra += "\tserver smb encrypt = required\n"
	}
	if r := opt.Realm; r != nil {
		names := filepath.Join(h.base, "names")
		_ = os.WriteFile(names, []byte("root = *\n"), 0o600)
		extra += fmt.Sprintf("\trealm = %s\n\tkerberos method = dedicated keytab\n\tdedicated keytab file = %s\n\tusername map = %s\n", r.Name, r.Keytab, names)
	}
	_, port, _ := net.SplitHostPort(h.Address)
	path, only := h.Dir, "yes"
	if opt.Many {
		path, only = filepath.Join(h.Dir, "%i"), "no"
	}
	return fmt.Sprintf(`[global]
	netbios name = %[2]s
	workgroup = HOSTING
	server role = standalone server
	smb ports = %[3]s
	interfaces = %[4]s/8
	bind interfaces only = %[7]s
	private dir = %[1]s/private
	state directory = %[1]s/state
	lock directory = %[1]s/lock
	cache directory = %[1]s/cache
	pid directory = %[1]s/run
	ncalrpc dir = %[1]s/run/ncalrpc
	winbindd socket directory = %[1]s/run/winbindd
	passdb backend = tdbsam:%[1]s/private/passdb.tdb
	log file = %[1]s/log/%%m.log
	disable spoolss = yes
	load printers = no
	map to guest = never
%[6]s[%[5]s]
	path = %[8]s
	read only = yes
	valid users = root
`, h.base, opt.Name, port, opt.Addr, share, extra, only, path)
}
