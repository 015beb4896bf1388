package agent

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/pgtest"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// idle is a source that has nothing.
type idle struct{}

func (idle) Name() string                                            { return "idle" }
func (idle) Kind() snapshot.Kind                                     { return snapshot.KindDirectory }
func (idle) Place(string) (at, account string)                       { return "", "" }
func (idle) Probe(context.Context, *collector.Env) ([]string, error) { return nil, nil }
func (idle) Collect(context.Context, *collector.Env) (collector.Outcome, error) {
	return collector.Outcome{}, nil
}

// Two sites' agents race for the close, on a real server. The one that won is
// killed with -9 while it packs the month, in a process of its own; the other
// closes it within two minutes, once, and the month is whole.
func TestKilledCloser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	onServer := func(w *world, dsn string) store.Store {
		st, err := store.Open(t.Context(), dsn, store.Options{Location: w.loc, Password: pgtest.Password})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	config := func(w *world, site string) {
		w.write("config.yaml", "site: "+site+"\nsites: [amsterdam, delft]\n"+worldConfig)
	}
	if dsn := os.Getenv("TEST_KILLED_CLOSER"); dsn != "" { // the one that is killed
		w := newWorld(t)
		config(w, "amsterdam")
		first := time.Now().In(w.loc).AddDate(0, -1, 0)
		first = time.Date(first.Year(), first.Month(), 1, 0, 40, 0, 0, w.loc)
		for i := range 3 {
			w.day(first.AddDate(0, 0, i))
		}
		setup := w.setup()
		w.start(Options{Store: onServer(w, dsn), Setup: setup, Step: func(s string) {
			if s == "pack" {
				fmt.Println("PACKS")
				select {} // until killed
			}
		}})
		select {}
	}
	c := pgtest.Start(t)
	dsn := c.Database("splameter")
	w := newWorld(t)
	config(w, "delft")
	setup := w.setup()
	st := onServer(w, dsn)
	winner := exec.Command(os.Args[0], "-test.run=^TestKilledCloser$")
	winner.Env = append(os.Environ(), "TEST_KILLED_CLOSER="+dsn)
	out, err := winner.StdoutPipe()
	if err == nil {
		err = winner.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = winner.Process.Kill() })
	if word, err := bufio.NewReader(out).ReadString('\n'); err != nil || word != "PACKS\n" {
		t.Fatalf("%q %v", word, err)
	}
	closed := make(chan struct{}, 100)
	r := w.start(Options{Store: st, Setup: setup, Sources: []collector.Source{idle{}}, Step: func(s string) {
		if s == "done" {
			closed <- struct{}{}
		}
	}})
	select {
	case <-closed:
		t.Fatal("both close the month at once")
	case <-time.After(3 * time.Second):
	}
	if err := winner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = winner.Wait()
	died := time.Now()
	select {
	case <-closed:
	case <-time.After(2 * time.Minute):
		t.Fatal("nobody took over within two minutes")
	}
	t.Logf("taken over after %v", time.Since(died).Round(time.Second))
	stopped(t, r)
	m := time.Now().In(w.loc).AddDate(0, 0, -time.Now().In(w.loc).Day()).Format("2006-01")
	if n := w.closes(st)[m]; n != 1 {
		t.Errorf("%s was closed %d times", m, n)
	}
	if result, _ := w.verify(st, setup, m); result == nil || result.Status != statement.Incomplete || len(result.Lines) != 1 || result.Lines[0].Quantity != 2 {
		t.Errorf("%+v", result)
	}
	const locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
	for range 50 {
		if c.SQL("splameter", locks) == "0" {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if n := c.SQL("splameter", locks); n != "0" {
		t.Errorf("%s locks are left over", n)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	if strings.Contains(c.Log(), "deadlock") {
		t.Error("the sites met in a deadlock")
	}
}
