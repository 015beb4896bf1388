// Package mariatest starts a MariaDB of a test's own: Debian's server, as an
// unprivileged user, in a folder that is thrown away, on a port of its own,
// with TLS. Where none is installed the test is skipped, and says so.
package mariatest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"splameter/internal/pgtest"
)

// Password is that of every login that a server has.
const Password = "geheim"

// Server is a running server.
type Server struct {
	t    testing.TB
	dir  string
	Addr string
	CA   string // the file of the authority
}

// Start starts one; it ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := exec.LookPath("mariadbd"); err != nil {
		t.Skip("no MariaDB is installed (mariadb-server of Debian): not proved on a server")
	}
	dir, err := os.MkdirTemp("", "maria")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{t: t, dir: dir, CA: filepath.Join(dir, "ca.pem")}
	port := pgtest.FreePort(t)
	s.Addr = "127.0.0.1:" + strconv.Itoa(port)
	pgtest.Certificates(t, dir)
	for _, x := range []string{"data", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, x), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	account := ""
	if os.Getuid() == 0 {
		account = "mysql"
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("chown", "-R", account, dir).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v\n%s", err, out)
		}
	}
	as := func(args ...string) []string {
		if account != "" {
			args = append(args, "--user="+account)
		}
		return args
	}
	make := exec.Command("mariadb-install-db", as("--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	server := exec.Command("mariadbd", as("--no-defaults", "--datadir="+filepath.Join(dir, "data"), "--tmpdir="+filepath.Join(dir, "tmp"), "--socket="+s.socket(),
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--pid-file="+filepath.Join(dir, "pid"), "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
		"--innodb-buffer-pool-size=32M", "--default-time-zone=+02:00", "--ssl-cert="+filepath.Join(dir, "server.pem"), "--ssl-key="+filepath.Join(dir, "server.key"))...)
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 300 {
		if _, err := s.run("mysql", "SELECT 1"); err == nil {
			return s
		}
		time.Sleep(100 * time.Millisecond)
	}
	b, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("the server does not answer:\n%s", b)
	return nil
}

func (s *Server) socket() string { return filepath.Join(s.dir, "s") }

func (s *Server) run(database, text string) (string, error) {
	cmd := exec.Command("mariadb", "--no-defaults", "--socket="+s.socket(), "-uroot", "-BN", database)
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// SQL runs statements as the administrator, and returns what they say.
func (s *Server) SQL(database, text string) string {
	s.t.Helper()
	out, err := s.run(database, text)
	if err != nil {
		s.t.Fatalf("mariadb: %v\n%s", err, out)
	}
	return out
}

// Database makes a database, with a login of the same name that may only read
// the tables that it is granted later.
func (s *Server) Database(name string) {
	s.t.Helper()
	s.SQL("mysql", fmt.Sprintf("CREATE DATABASE %s; CREATE USER %s@'%%' IDENTIFIED BY '%s';", name, name, Password))
}
