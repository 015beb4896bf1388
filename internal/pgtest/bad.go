package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Standby makes a standby of a cluster, which follows it and takes no writing;
// it ends with the test. The certificate and the logins are the cluster's.
func (c *Cluster) Standby(t testing.TB) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	s := &Cluster{t: t, dir: dir, bin: c.bin, Port: FreePort(t), CA: c.CA}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.own(dir)
	from := "host=127.0.0.1 port=" + strconv.Itoa(c.Port) + " user=admin password=" + Password + " sslmode=verify-ca sslrootcert=" + c.CA
	s.run("pg_basebackup", "-D", s.data(), "-d", from, "-R", "-X", "stream", "-c", "fast", "--no-sync")
	s.configure("port=" + strconv.Itoa(s.Port) + "\n")
	t.Cleanup(func() { _ = s.command("pg_ctl", "-D", s.data(), "-m", "immediate", "stop").Run() })
	s.Up()
	return s
}

// Follows waits until a standby has all that its cluster wrote.
func (c *Cluster) Follows(standby *Cluster) {
	c.t.Helper()
	at := c.SQL("postgres", "SELECT pg_current_wal_lsn()")
	for range 300 {
		if standby.SQL("postgres", "SELECT pg_last_wal_replay_lsn() >= '"+at+"'") == "t" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Fatal("the standby does not follow")
}

// Promote makes a standby take writing.
func (c *Cluster) Promote() {
	c.t.Helper()
	c.run("pg_ctl", "-D", c.data(), "-w", "-t", "60", "promote")
}

// Run runs a command line of the server's own programs as the administrator of
// a database, in the cluster's folder.
func (c *Cluster) Run(line string) {
	c.t.Helper()
	words := strings.Fields(line)
	cmd := c.command(words[0], words[1:]...)
	cmd.Env = append(cmd.Env, "PGHOST=127.0.0.1", "PGPORT="+strconv.Itoa(c.Port), "PGUSER=admin", "PGPASSWORD="+Password, "PGSSLMODE=verify-ca", "PGSSLROOTCERT="+c.CA)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// SmallDisk is a disk of so many MiB, on which a database can be put; where
// none may be mounted the test is skipped, and says so.
func (c *Cluster) SmallDisk(mib int) (folder string) {
	c.t.Helper()
	folder = filepath.Join(c.dir, "small")
	if err := os.Mkdir(folder, 0o700); err != nil {
		c.t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+strconv.Itoa(mib)+"m", "tmpfs", folder).CombinedOutput(); err != nil {
		c.t.Skipf("no small disk can be mounted here, so a full one is not proved: %v %s", err, out)
	}
	c.t.Cleanup(func() {
		_ = c.command("pg_ctl", "-D", c.data(), "-m", "immediate", "stop").Run()
		_ = exec.Command("umount", folder).Run()
	})
	c.own(folder)
	return folder
}

// Free is how many bytes are free on a disk.
func Free(t testing.TB, folder string) int64 {
	t.Helper()
	out, err := exec.Command("df", "--output=avail", "-B1", folder).Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	n, err := strconv.ParseInt(words[len(words)-1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
