package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

func tryOpen(t *testing.T, path string, loc *time.Location) (Store, error) {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+path, Options{Location: loc, Wait: 100 * time.Millisecond})
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, err
}

func refused(t *testing.T, err, want error, words ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }

	noise := path("noise.db")
	if err := os.WriteFile(noise, []byte(strings.Repeat("this is no database. ", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := tryOpen(t, noise, amsterdam(t))
	refused(t, err, ErrDamaged, noise)

	// A database of some other program, with a table of the same name, is
	// refused and stays as it was, byte for byte.
	other := path("other.db")
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE meta (name TEXT, value TEXT)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	before, _ := os.ReadFile(other)
	_, err = tryOpen(t, other, amsterdam(t))
	refused(t, err, ErrDamaged, "some other program")
	if after, _ := os.ReadFile(other); string(before) != string(after) {
		t.Error("the other program's database was changed")
	}

	newer := path("newer.db")
	s := openAt(t, newer)
	if _, err := s.db.Exec("UPDATE meta SET value = '99' WHERE name = 'schema'"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	_, err = tryOpen(t, newer, amsterdam(t))
	refused(t, err, ErrNewer, "version 99", fmt.Sprint("up to ", len(migrations())))

	zone := path("zone.db")
	openAt(t, zone).Close()
	_, err = tryOpen(t, zone, time.UTC)
	refused(t, err, ErrZone, "Europe/Amsterdam", "UTC")

	if _, err = tryOpen(t, dir, amsterdam(t)); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder: %v", err)
	}
	for _, dsn := range []string{"", "sqlite:", "mysql://x", "var/x.db"} {
		if _, err := Open(t.Context(), dsn, Options{Location: time.UTC}); err == nil || !strings.Contains(err.Error(), "sqlite:PATH") {
			t.Errorf("%q: %v", dsn, err)
		}
	}
}

// A store whose pages were overwritten says so, and never answers with less.
func TestDamagedPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s := openAt(t, path)
	d := bigDirectory(2000, month.Date(2026, 10, 1), amsterdam(t))
	if err := s.PutDirectory(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	s.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 4; i < len(b)*3/4; i++ {
		b[i] = 0xA5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	x, err := tryOpen(t, path, amsterdam(t))
	if err == nil {
		_, err = x.Facts(t.Context(), month.New(2026, 10, amsterdam(t)))
	}
	refused(t, err, ErrDamaged, "backup")
}

// A path may hold what a URI or a DSN would take for its own.
func TestOddPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b%20c#d", "ü;&=")
	path := filepath.Join(dir, "s.db")
	openAt(t, path).Close()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// While another process writes, a Put says so after a while instead of
// waiting for ever, and reading goes on.
func TestInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	first := openAt(t, path)
	second, err := tryOpen(t, path, amsterdam(t))
	if err != nil {
		t.Fatal(err)
	}
	d := bigDirectory(20, month.Date(2026, 10, 1), amsterdam(t))
	err = first.write(t.Context(), everything, func(*tx) error {
		err := second.PutDirectory(t.Context(), d)
		refused(t, err, ErrInUse, path, "in use by another splameter")
		if _, err := second.Facts(t.Context(), month.New(2026, 10, amsterdam(t))); err != nil {
			t.Errorf("reading while another writes: %v", err)
		}
		// A writer of the same process waits, as long as its context does.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		refused(t, first.PutDirectory(ctx, d), context.DeadlineExceeded)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.PutDirectory(t.Context(), d); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// An unchanged day adds a row of a reading and no copy: at 2,000 accounts and
// 40 hosts of 80 programs, thirty days add less than a tenth of the first.
func TestUnchangedDaysAddAlmostNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	s := openAt(t, filepath.Join(t.TempDir(), "s.db"))
	loc := amsterdam(t)
	d := bigDirectory(2000, month.Date(2026, 10, 1), loc)
	v := &snapshot.Inventory{Reading: snapshot.Reading{Source: "inv", Kind: snapshot.KindInventory, Status: snapshot.Complete}}
	for h := range 40 {
		sw := snapshot.HostSoftware{Host: fmt.Sprintf("h%02d", h)}
		for p := range 80 {
			sw.Installs = append(sw.Installs, snapshot.Install{Name: fmt.Sprintf("program %02d of %d", p, h)})
		}
		v.Software = append(v.Software, sw)
		v.Machines = append(v.Machines, snapshot.Machine{Host: sw.Host, VirtualCores: 4})
	}
	put := func(n int) {
		t.Helper()
		day := month.Date(2026, 10, n)
		d.Taken, v.Taken = day.Start(loc), day.Start(loc)
		// Other lines alone are no change.
		d.Accounts[0].Line, v.Software[0].Installs[0].Line, v.Machines[0].Line = n, n, n
		if err := errors.Join(s.PutDirectory(t.Context(), d), s.PutInventory(t.Context(), v)); err != nil {
			t.Fatal(err)
		}
	}
	rows := func() (n int) {
		for _, table := range []string{"span", "value", "name", "observed"} {
			var k int
			if err := s.db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&k); err != nil {
				t.Fatal(err)
			}
			n += k
		}
		return n
	}
	put(1)
	wasRows, was := rows(), s.bytes(t)
	for n := 2; n <= 31; n++ {
		put(n)
	}
	if n := rows(); n != wasRows {
		t.Errorf("%d rows became %d", wasRows, n)
	}
	if grown := s.bytes(t) - was; grown > was/10 || grown > 30*1024 {
		t.Errorf("%d bytes grew by %d", was, grown)
	}
}

// Three years of days, in a hundredth of the size: of 1,000 accounts 1 % a
// month change. That is 10 changed accounts a month, 360 in all: the store
// may hold that many more spans and values than accounts, and the bytes of
// 1,096 readings, and no copies (which would be a thousandfold).
func TestGrowthOverThreeYears(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	s := openAt(t, filepath.Join(t.TempDir(), "s.db"))
	loc := amsterdam(t)
	d := bigDirectory(1000, month.Date(2026, 1, 1), loc)
	days, changed := 0, 0
	for day := month.Date(2026, 1, 1); day < month.Date(2029, 1, 1); day += 4 {
		d.Taken = day.Start(loc)
		if days > 0 && days%8 == 0 {
			for k := range 10 {
				d.Accounts[(changed*7+k)%1000].DisplayName = fmt.Sprint("renamed ", changed, k)
				changed++
			}
		}
		if err := s.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		days++
	}
	var accounts int
	if err := s.db.QueryRow("SELECT COUNT(*) FROM span WHERE kind = 1").Scan(&accounts); err != nil {
		t.Fatal(err)
	}
	if accounts > 1000+changed {
		t.Errorf("%d account spans after %d changes", accounts, changed)
	}
	if n := s.bytes(t); n > 2_000_000 {
		t.Errorf("%d bytes after %d snapshots", n, days)
	}
}

// killed names the store to a copy of the test program that writes until it
// is killed.
const killed = "SPLAMETER_TEST_KILLED"

func TestMain(m *testing.M) {
	if path := os.Getenv(killed); path != "" {
		writeForEver(path)
		return
	}
	os.Exit(m.Run())
}

// writeForEver puts snapshots that change throughout, one a day.
func writeForEver(path string) {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	s, err := Open(ctx, "sqlite:"+path, Options{Location: loc})
	if err != nil {
		panic(err)
	}
	for n := range 3650 {
		day := month.Date(2026, 1, 1+n)
		d := bigDirectory(500, day, loc)
		for i := range d.Accounts {
			d.Accounts[i].DisplayName = day.String()
		}
		if err := s.PutDirectory(ctx, d); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

// Killed at any point, a writer leaves a store that opens, and in which every
// snapshot that has a reading is whole and says the day it was written for;
// what it had reported as kept is there.
func TestKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be killed there in the way that this tests")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	loc := amsterdam(t)
	for _, after := range []int{0, 1, 2, 3, 5, 8} {
		path := filepath.Join(t.TempDir(), "s.db")
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), killed+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kept := -1
		for kept < after {
			if _, err := fmt.Fscanln(out, &kept); err != nil {
				t.Fatal(err)
			}
		}
		// Somewhere in the next snapshot: how far in differs by run, and
		// whatever the point, the checks below must hold.
		time.Sleep(time.Duration(after) * 7 * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()

		s := openAt(t, path)
		f, err := s.Facts(t.Context(), month.New(2026, 1, loc))
		if err != nil {
			t.Fatal(err)
		}
		d := f.Directories[0]
		if len(d.Taken) <= kept {
			t.Errorf("%d snapshots were kept by its word, %d are there", kept+1, len(d.Taken))
		}
		perDay := map[int32]int{}
		for _, a := range d.Accounts.All() {
			if a.First != a.Last || a.DisplayName != d.Taken[a.First].Day.String() {
				t.Fatalf("an account of %s over %v", a.DisplayName, a.Span)
			}
			perDay[a.First]++
		}
		for i := range d.Taken {
			if perDay[int32(i)] != 500 {
				t.Errorf("the snapshot of %s has %d accounts", d.Taken[i].Day, perDay[int32(i)])
			}
		}
		whole := snapshot.Span{First: 0, Last: int32(len(d.Taken) - 1)}
		for _, m := range d.Members.All() {
			if m.Span != whole {
				t.Fatalf("a membership over %v of %v", m.Span, whole)
			}
		}
		s.Close()
	}
}
