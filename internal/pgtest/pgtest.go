// Package pgtest starts a PostgreSQL of a test's own: Debian's server, as an
// unprivileged user, in a folder that is thrown away, on a port of its own,
// with TLS. Where none is installed the test is skipped, and says so.
package pgtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Password is that of every login that a cluster has.
const Password = "geheim"

// Cluster is a running server.
type Cluster struct {
	t    testing.TB
	dir  string
	bin  string
	Port int
	CA   string // the file of the authority
}

// Start starts one; it ends with the test.
func Start(t testing.TB) *Cluster {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		t.Skip("no PostgreSQL is installed (postgresql of Debian): not proved on a server")
	}
	slices.Sort(found)
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{t: t, dir: dir, bin: filepath.Dir(found[len(found)-1]), Port: FreePort(t), CA: filepath.Join(dir, "ca.pem")}
	t.Cleanup(func() { os.RemoveAll(dir) })
	Certificates(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "pw"), []byte(Password), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c.own(dir)
	c.run("initdb", "-D", c.data(), "-U", "admin", "--pwfile", filepath.Join(dir, "pw"), "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	conf := fmt.Sprintf("listen_addresses='127.0.0.1'\nport=%d\nunix_socket_directories=''\nssl=on\nssl_cert_file='%s'\nssl_key_file='%s'\n"+
		"fsync=off\nmax_connections=60\nshared_buffers=32MB\n", c.Port, filepath.Join(dir, "server.pem"), filepath.Join(dir, "server.key"))
	c.configure(conf)
	t.Cleanup(func() { _ = c.command("pg_ctl", "-D", c.data(), "-m", "immediate", "stop").Run() })
	c.Up()
	return c
}

func (c *Cluster) configure(conf string) {
	c.t.Helper()
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(conf)
		f.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// Up starts the server after a Kill.
func (c *Cluster) Up() {
	c.t.Helper()
	c.run("pg_ctl", "-D", c.data(), "-w", "-t", "60", "-l", filepath.Join(c.dir, "log"), "start")
}

// Kill ends the server at once, as a crash does.
func (c *Cluster) Kill() {
	c.t.Helper()
	c.run("pg_ctl", "-D", c.data(), "-m", "immediate", "-w", "stop")
}

// Log is what the server wrote.
func (c *Cluster) Log() string {
	b, _ := os.ReadFile(filepath.Join(c.dir, "log"))
	return string(b)
}

// SQL runs statements as the administrator, and returns what they say.
func (c *Cluster) SQL(database, text string) string {
	c.t.Helper()
	cmd := exec.Command(filepath.Join(c.bin, "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-", c.dsn("admin", database)+"&password="+Password)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.t.Fatalf("psql: %v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// Database makes a database with a login that owns it, both of this name, and
// returns its address, without a password.
func (c *Cluster) Database(name string) string {
	c.t.Helper()
	c.SQL("postgres", fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s';\nCREATE DATABASE %s OWNER %s;", name, Password, name, name))
	return c.dsn(name, name)
}

// SetUp sets a database up as docs/store.md says, to the letter, in the folder
// root of the project: opens makes the store with the owner's address, and then
// the logins splameter_agent and splameter_reader get their rights in it.
func (c *Cluster) SetUp(root string, opens func(owner string)) {
	c.t.Helper()
	doc, err := os.ReadFile(filepath.Join(root, "docs", "store.md"))
	if err != nil {
		c.t.Fatal(err)
	}
	var blocks []string
	for _, m := range sqlBlock.FindAllSubmatch(doc, -1) {
		blocks = append(blocks, ownPassword.ReplaceAllString(string(m[1]), Password))
	}
	if len(blocks) != 2 {
		c.t.Fatalf("docs/store.md has %d blocks of SQL, want 2", len(blocks))
	}
	c.SQL("postgres", blocks[0])
	opens(c.DSN("splameter", "splameter", ""))
	c.SQL("splameter", blocks[1])
}

var (
	sqlBlock    = regexp.MustCompile("(?s)```sql\n(.*?)```")
	ownPassword = regexp.MustCompile("change me [0-9]")
)

// DSN is the address of a database for a login, by way of an address such as
// that of a proxy; empty: the server's own.
func (c *Cluster) DSN(login, database, addr string) string {
	if addr == "" {
		addr = c.Addr()
	}
	return "postgres://" + login + "@" + addr + "/" + database + "?sslrootcert=" + url.QueryEscape(c.CA)
}

// Addr is where the server listens.
func (c *Cluster) Addr() string { return "127.0.0.1:" + strconv.Itoa(c.Port) }

func (c *Cluster) dsn(login, database string) string { return c.DSN(login, database, "") }

func (c *Cluster) run(program string, args ...string) {
	c.t.Helper()
	cmd := c.command(program, args...)
	var out strings.Builder
	// A file, not a pipe: the server that pg_ctl starts would keep a pipe open.
	f, err := os.CreateTemp("", "pgout")
	if err != nil {
		c.t.Fatal(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Run(); err != nil {
		b, _ := os.ReadFile(f.Name())
		out.Write(b)
		c.t.Fatalf("%s: %v\n%s%s", program, err, out.String(), c.Log())
	}
}

// command is a program of the server; as root it runs as postgres, since a
// server refuses to run as root.
func (c *Cluster) command(program string, args ...string) *exec.Cmd {
	path := filepath.Join(c.bin, program)
	cmd := exec.Command(path, args...)
	if os.Getuid() == 0 {
		cmd = exec.Command("setpriv", append([]string{"--reuid=postgres", "--regid=postgres", "--clear-groups", path}, args...)...)
	}
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "HOME="+c.dir) // not root's, whose certificates it may not read
	return cmd
}

func (c *Cluster) own(dir string) {
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		c.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	err = filepath.Walk(dir, func(p string, _ os.FileInfo, err error) error {
		if err == nil {
			err = os.Chown(p, uid, gid)
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// Certificates writes into a folder a server's key (server.key), its certificate
// (server.pem) for this machine, and the authority to trust (ca.pem).
func Certificates(t testing.TB, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	x := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test server"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(48 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	pk, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, b := range map[string][]byte{"ca.pem": cert, "server.pem": cert, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pk})} {
		mode := os.FileMode(0o644)
		if name == "server.key" {
			mode = 0o600
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, mode); err != nil {
			t.Fatal(err)
		}
	}
}

// FreePort is a port of this machine that nothing listens on.
func FreePort(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
