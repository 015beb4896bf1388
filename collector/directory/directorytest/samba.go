package directorytest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Packages are the Debian packages that a domain controller of our own needs.
const Packages = "samba-ad-dc samba-ad-provision ldb-tools ldap-utils"

// ErrAbsent is wrapped by Start's error where this machine cannot run a
// domain controller at all: a reason to skip, and not to fail.
var ErrAbsent = errors.New("no domain controller can run here")

// AdminPassword is the password of Administrator.
const AdminPassword = "Adm1n-Passw0rd!"

// DC is one running domain controller that holds a forest.
type DC struct {
	Forest *Forest
	Addr   string // 127.0.0.x
	Host   string // full name, which the certificate bears
	Realm  string
	Dir    string
	CA     string // file with the authority that issued the certificate

	cmd   *exec.Cmd
	stdin io.Closer
	ended chan error
}

//go:embed load.py
var loader string

// python is the distribution's own, which Samba's modules belong to.
const python = "/usr/bin/python3"

// provisioner is samba-tool domain provision without the access lists of the
// file share, which nothing here serves and not every file system can hold.
const provisioner = `import sys, samba.provision
samba.provision.setsysvolacl = lambda *a, **k: None
from samba.netcmd.main import cmd_sambatool
sys.exit(cmd_sambatool()._run("samba-tool", "domain", "provision", *sys.argv[1:]))`

// Absent says why no domain controller can run here, or nil.
func Absent() error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("%w: it needs Linux", ErrAbsent)
	}
	for _, program := range []string{"samba", "ldbsearch", python} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("%w: %s is missing; apt-get install --no-install-recommends %s", ErrAbsent, program, Packages)
		}
	}
	if _, err := os.Stat("/usr/share/samba/setup/provision.ldif"); err != nil {
		return fmt.Errorf("%w: samba-ad-provision is missing; apt-get install --no-install-recommends %s", ErrAbsent, Packages)
	}
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it needs root, for its ports below 1024", ErrAbsent)
	}
	return nil
}

// Start makes a domain controller for the forest in a directory of its own,
// loads it and starts it on a free address on loopback. The caller stops it;
// it also stops by itself when this process ends.
func Start(ctx context.Context, f *Forest) (*DC, error) {
	if err := Absent(); err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "splameter-samba-")
	if err != nil {
		return nil, err
	}
	d := &DC{Forest: f, Addr: addr, Realm: strings.ToUpper(f.DNS), Host: "dc1." + f.DNS, Dir: dir, CA: filepath.Join(dir, "tls", "ca.pem")}
	if err := d.start(ctx); err != nil {
		out, _ := os.ReadFile(filepath.Join(dir, "log", "out.log"))
		d.Stop()
		return nil, fmt.Errorf("start a domain controller: %w\n%s", err, out)
	}
	return d, nil
}

func (d *DC) start(ctx context.Context) error {
	for _, sub := range []string{"private", "state", "lock", "cache", "run", "log", "tls", "bind-dns"} {
		if err := os.MkdirAll(filepath.Join(d.Dir, sub), 0o700); err != nil {
			return err
		}
	}
	if err := os.WriteFile(d.conf(), []byte(d.smbConf()), 0o600); err != nil {
		return err
	}
	if err := writeCertificates(filepath.Join(d.Dir, "tls"), d.Host, d.Forest.DNS, d.Addr); err != nil {
		return err
	}
	if err := d.run(ctx, python, "-c", provisioner, "--configfile="+d.conf(), "--realm="+d.Realm, "--domain="+d.Forest.NetBIOS,
		"--adminpass="+AdminPassword, "--server-role=dc", "--dns-backend=NONE", "--host-name=dc1", "--host-ip="+d.Addr,
		"--backend-store=mdb", "--domain-sid="+d.Forest.SID, "-q"); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	objects := filepath.Join(d.Dir, "objects.json")
	if err := d.writeObjects(objects); err != nil {
		return err
	}
	if err := d.run(ctx, python, "-c", loader, d.conf(), objects, "DC1"); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return d.serve(ctx)
}

func (d *DC) conf() string { return filepath.Join(d.Dir, "smb.conf") }

func (d *DC) run(ctx context.Context, program string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		text := out.String()
		return fmt.Errorf("%w: …%s", err, text[max(0, len(text)-2000):])
	}
	return nil
}

// serve runs the server until Stop. With a pipe as its standard input it ends
// when that closes, so it cannot outlive this process.
func (d *DC) serve(ctx context.Context) error {
	log, err := os.Create(filepath.Join(d.Dir, "log", "out.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	d.cmd = exec.Command("samba", "-i", "-M", "single", "-s", d.conf())
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if d.stdin, err = d.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := d.cmd.Start(); err != nil {
		return err
	}
	d.ended = make(chan error, 1)
	go func() { d.ended <- d.cmd.Wait() }()
	for _, port := range []string{"389", "636", "88"} {
		if err := d.ready(ctx, port); err != nil {
			return err
		}
	}
	return nil
}

// ready waits until a port answers, or the server ended.
func (d *DC) ready(ctx context.Context, port string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(d.Addr, port))
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-d.ended:
			d.ended <- err
			return fmt.Errorf("the server ended: %v", err)
		case <-ctx.Done():
			return fmt.Errorf("port %s never answered", port)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server and removes its directory.
func (d *DC) Stop() {
	if d.cmd != nil && d.cmd.Process != nil {
		_ = d.stdin.Close() // the server's sign to end
		select {
		case <-d.ended:
		case <-time.After(10 * time.Second):
			_ = d.cmd.Process.Kill()
			<-d.ended
		}
	}
	_ = os.RemoveAll(d.Dir)
}

// Keytab writes the keys of an account into a file and returns its path.
func (d *DC) Keytab(ctx context.Context, account string) (string, error) {
	path := filepath.Join(d.Dir, account+".keytab")
	err := d.run(ctx, "samba-tool", "domain", "exportkeytab", path, "--principal="+account+"@"+d.Realm, "--configfile="+d.conf())
	return path, err
}

// freeAddress finds an address on loopback on which nobody serves LDAP or
// Kerberos.
func freeAddress() (string, error) {
	for n := 11; n < 250; n++ {
		addr := "127.0.0." + strconv.Itoa(n)
		free := true
		for _, port := range []string{"389", "636", "88", "3268", "3269"} {
			l, err := net.Listen("tcp", net.JoinHostPort(addr, port))
			if err != nil {
				free = false
				break
			}
			l.Close()
		}
		if free {
			return addr, nil
		}
	}
	return "", errors.New("no address on loopback is free for a domain controller")
}

func (d *DC) smbConf() string {
	return fmt.Sprintf(`[global]
	netbios name = DC1
	realm = %[2]s
	workgroup = %[3]s
	server role = active directory domain controller
	server services = ldap, kdc
	interfaces = %[4]s/8
	bind interfaces only = yes
	ldap server require strong auth = allow_sasl_over_tls
	tls enabled = yes
	tls keyfile = %[1]s/tls/key.pem
	tls certfile = %[1]s/tls/cert.pem
	tls cafile = %[1]s/tls/ca.pem
	private dir = %[1]s/private
	state directory = %[1]s/state
	lock directory = %[1]s/lock
	cache directory = %[1]s/cache
	pid directory = %[1]s/run
	ncalrpc dir = %[1]s/run/ncalrpc
	winbindd socket directory = %[1]s/run/winbindd
	ntp signd socket directory = %[1]s/run/ntp
	binddns dir = %[1]s/bind-dns
	log file = %[1]s/log/%%m.log
[sysvol]
	path = %[1]s/state/sysvol
	read only = no
[netlogon]
	path = %[1]s/state/sysvol/%[5]s/scripts
	read only = no
`, d.Dir, d.Realm, d.Forest.NetBIOS, d.Addr, d.Forest.DNS)
}

// record is one object as the loader takes it.
type record struct {
	DN         string              `json:"dn"`
	Class      string              `json:"class"`
	Attributes map[string][]string `json:"attributes"`
	Password   string              `json:"password"`
	MustChange bool                `json:"must_change"`
	Members    []string            `json:"members"`
	Primary    string              `json:"primary"`
}

func (d *DC) writeObjects(path string) error {
	names := make(map[string]string, len(d.Forest.Objects))
	for i := range d.Forest.Objects {
		if o := &d.Forest.Objects[i]; o.Kind != Unit {
			names[o.ID()] = d.Forest.DN(o)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for i := range d.Forest.Objects {
		o := &d.Forest.Objects[i]
		r := record{DN: d.Forest.DN(o), Class: o.Kind, Attributes: o.samba(), Password: o.Password, MustChange: o.MustChange, Primary: names[o.Primary]}
		for _, m := range o.Members {
			name := names[m]
			if sid, ok := strings.CutPrefix(m, "sid:"); ok {
				name = "<SID=" + sid + ">" // the directory makes the foreign principal itself
			}
			if name == "" {
				return fmt.Errorf("group %s names %s, which the forest does not have", o.ID(), m)
			}
			r.Members = append(r.Members, name)
		}
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// samba are the attributes that can be set when an object is added.
func (o *Object) samba() map[string][]string {
	a := map[string][]string{}
	set := func(name, value string) {
		if value != "" {
			a[name] = append(a[name], value)
		}
	}
	set("sAMAccountName", o.Account)
	set("userPrincipalName", o.UPN)
	set("displayName", o.Display)
	set("mail", o.Mail)
	set("operatingSystem", o.System)
	for _, p := range o.Attributes {
		set(p.Name, p.Value)
	}
	control := 0
	switch o.Kind {
	case User:
		control = 512
	case Computer, Managed:
		control = 4096
	}
	if control != 0 {
		if o.Disabled {
			control |= 2
		}
		set("userAccountControl", strconv.Itoa(control|o.Control))
		set("accountExpires", o.Expires)
	}
	if o.Kind == Managed {
		set("msDS-ManagedPasswordInterval", "30")
	}
	return a
}
