//go:build !windows

package closing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if os.Getenv("CLOSING_DO") == "" {
		code := m.Run()
		os.RemoveAll(collected.dir)
		os.Exit(code)
	}
	if err := child(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// child does one thing to October. CLOSING_STEP=n kills it with SIGKILL as its
// n-th step begins, CLOSING_FILES=n once n files are in the output folder,
// whole or not; CLOSING_ROOM=n lets no file grow beyond n bytes, as a disk that
// is full.
func child() error {
	number := func(name string) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			return -1
		}
		return n
	}
	ctx := context.Background()
	d, shut, err := desk(ctx, os.Getenv("CLOSING_DIR"))
	if err != nil {
		return err
	}
	defer shut()
	die := func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }
	if kill := number("CLOSING_STEP"); kill >= 0 {
		step := 0
		d.Step = func(string) {
			if step == kill {
				die()
			}
			step++
		}
	}
	if most := number("CLOSING_FILES"); most >= 0 {
		go func() {
			for {
				n := 0
				_ = filepath.WalkDir(d.Setup.Config.Output, func(_ string, e fs.DirEntry, err error) error {
					if err == nil && !e.IsDir() {
						n++
					}
					return nil
				})
				if n >= most {
					die()
				}
			}
		}()
	}
	if room := number("CLOSING_ROOM"); room >= 0 {
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(room), Max: uint64(room)}); err != nil {
			return err
		}
	}
	m, err := month.Parse("2026-10", d.Setup.Config.Provider.Location)
	if err != nil {
		return err
	}
	return act(ctx, d, m, os.Getenv("CLOSING_DO"))
}

func act(ctx context.Context, d *closing.Desk, m month.Month, what string) error {
	var err error
	switch what {
	case "report":
		_, _, err = d.Report(ctx, m)
	case "close":
		_, err = d.Close(ctx, m)
	case "approve":
		_, err = d.Approve(ctx, m, vries(""))
	case "submit":
		_, err = d.Submit(ctx, m, closing.Submission{Act: smit("")})
	}
	return err
}

// before is what must have been done to a month for each act.
func before(what string) []string {
	all := []string{"close", "approve", "submit"}
	for i, w := range all {
		if w == what {
			return all[:i]
		}
	}
	return nil
}

func run(t *testing.T, dir, what, how string, n int) (killed bool, out string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), "CLOSING_DO="+what, "CLOSING_DIR="+dir, how+"="+strconv.Itoa(n), "GOMAXPROCS=2")
	b, err := c.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status, _ := exit.Sys().(syscall.WaitStatus)
		return status.Signal() == syscall.SIGKILL, string(b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return false, string(b)
}

// outputs are the month's files without the evidence, which holds the acts,
// and without what marks an unfinished file.
func outputs(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := tree(t, filepath.Join(dir, "out"))
	for name := range out {
		if strings.HasSuffix(name, ".zip") || strings.HasSuffix(name, ".lock") {
			delete(out, name)
		}
	}
	return out
}

// recovered starts anew after a death, completes what was begun, and holds the
// month against one that nothing happened to.
func recovered(t *testing.T, dir, what string, want map[string]string) {
	t.Helper()
	d := open(t, dir)
	h := helper{d, t}
	m := h.month("2026-10")
	if err := d.Finish(t.Context(), m); err != nil {
		t.Fatalf("what was begun could not be finished: %v", err)
	}
	l, err := d.Life(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]statement.State{"close": statement.Draft, "approve": statement.Approved, "submit": statement.Submitted}[what]
	if l.State != done || what == "report" {
		if err := act(t.Context(), d, m, what); err != nil {
			t.Fatalf("it could not be done again: %v", err)
		}
	}
	if l, err = d.Life(t.Context(), m); err != nil || l.Pending || done != "" && l.State != done {
		t.Fatalf("it is %s, %v", l.Shown(), err)
	}
	for i := range l.Acts {
		if l.Acts[i].Seq != i+1 {
			t.Errorf("act %d has the number %d", i, l.Acts[i].Seq)
		}
	}
	if diff := changed(want, outputs(t, dir)); len(diff) > 0 {
		t.Errorf("the month did not come out the same: %v", diff)
	}
	if what == "report" {
		return
	}
	p := verify(t, d.Pack("2026-10", 0))
	if p.Digest != l.Sealed.Manifest || p.Manifest.State != string(done) {
		t.Errorf("the evidence is of the state %s, and not what the store knows", p.Manifest.State)
	}
}

// intact looks at what a death left, before anything is corrected: every pack
// that is there holds, and no file bears a state that the store does not have.
func intact(t *testing.T, dir string) {
	t.Helper()
	d, shut, err := desk(t.Context(), dir)
	if err != nil {
		t.Fatalf("the store is not whole: %v", err)
	}
	defer shut()
	l, err := d.Life(t.Context(), helper{d, t}.month("2026-10"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "out", "2026-10", "statement-2026-10.json")); err == nil {
		order := []statement.State{statement.Open, statement.Draft, statement.Approved, statement.Submitted}
		var st statement.Statement
		if err := json.Unmarshal(b, &st); err != nil {
			t.Errorf("half a statement stands in place: %v", err)
		}
		if slices.Index(order, st.State) > max(slices.Index(order, l.State), 1) {
			t.Errorf("the files say %s, and the store %s", st.State, l.State)
		}
	}
	for name := range tree(t, filepath.Join(dir, "out")) {
		path := filepath.Join(dir, "out", name)
		if strings.HasSuffix(name, ".zip") {
			p, err := evidence.Open(t.Context(), path)
			if err != nil {
				t.Errorf("half a pack stands in place: %v", err)
				continue
			}
			p.Close()
		}
	}
}

// prepared is the example with October up to before an act, and the files that
// it must have after it.
func prepared(t *testing.T, what string) (dir string, want map[string]string) {
	t.Helper()
	dir = example(t)
	d := open(t, dir)
	m := helper{d, t}.month("2026-10")
	for _, w := range before(what) {
		if err := act(t.Context(), d, m, w); err != nil {
			t.Fatal(err)
		}
	}
	whole := t.TempDir()
	if err := d.Store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(whole, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := act(t.Context(), open(t, whole), m, what); err != nil {
		t.Fatal(err)
	}
	return dir, outputs(t, whole)
}

// Killed with SIGKILL at every step of every act, and while the files are
// being written: the store is whole, no half file stands in place, and the
// month comes out as if nothing had happened.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	for _, what := range []string{"report", "close", "approve", "submit"} {
		t.Run(what, func(t *testing.T) {
			from, want := prepared(t, what)
			try := func(how string, n int) bool {
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
					t.Fatal(err)
				}
				killed, out := run(t, dir, what, how, n)
				if out != "" {
					t.Errorf("%s %d: it failed by itself: %s", how, n, out)
				}
				intact(t, dir)
				recovered(t, dir, what, want)
				return killed
			}
			for n := 0; ; n++ {
				if !try("CLOSING_STEP", n) {
					if n == 0 {
						t.Error("it was never killed")
					}
					break
				}
			}
			if what == "report" || what == "close" {
				for _, n := range []int{2, 5, 9} {
					try("CLOSING_FILES", n)
				}
			}
		})
	}
}

// The disk is full after so many bytes of a file: the act fails and says so,
// nothing half-written stands in place, and once there is room the month comes
// out the same.
func TestDiskFull(t *testing.T) {
	for _, what := range []string{"report", "close", "approve"} {
		from, want := prepared(t, what)
		failed := 0
		for _, room := range []int{0, 4000, 12_000, 60_000} {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			killed, out := run(t, dir, what, "CLOSING_ROOM", room)
			if killed {
				t.Errorf("%s with room for %d: it was killed", what, room)
			}
			if out != "" {
				failed++
			}
			intact(t, dir)
			for name := range tree(t, filepath.Join(dir, "out")) {
				if strings.HasSuffix(name, ".tmp") {
					t.Errorf("%s with room for %d: %s was left", what, room, name)
				}
			}
			recovered(t, dir, what, want)
		}
		if failed == 0 {
			t.Errorf("%s never ran out of room", what)
		}
	}
}
