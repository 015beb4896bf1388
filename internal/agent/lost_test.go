package agent

import (
	"context"
	"net/url"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/pgtest"
	"splameter/internal/store"
)

// An agent whose connection is cut while it collects stops that within the
// time of its lease, and begins again, alone, once it has its lock again.
func TestLostLock(t *testing.T) {
	if testing.Short() {
		t.Skip("a real server is for the long run")
	}
	c := pgtest.Start(t)
	u, err := url.Parse(c.Database("splameter"))
	if err != nil {
		t.Fatal(err)
	}
	p := pgtest.NewProxy(t, u.Host, 0)
	u.Host = p.Addr
	w := newWorld(t)
	setup := w.setup()
	st, err := store.Open(context.Background(), u.String(), store.Options{Location: w.loc, Password: pgtest.Password})
	if err != nil {
		t.Fatal(err)
	}
	s := &slow{begun: make(chan struct{}, 1)}
	once := &watched{Source: s}
	r := w.start(Options{Store: st, Setup: setup, Sources: []collector.Source{once}})
	<-s.begun
	p.Cut()
	cut := time.Now()
	select {
	case <-s.begun:
	case <-time.After(2 * time.Minute):
		t.Fatal("it did not begin again")
	}
	t.Logf("begun again after %v", time.Since(cut).Round(time.Second))
	if n := once.count.Load(); n != 2 || once.overlap.Load() {
		t.Errorf("collected %d times, twice at once: %t", n, once.overlap.Load())
	}
	// It is the only one: another of the site may not run.
	second := w.start(Options{Store: st, Setup: setup})
	if err := second.wait(); err == nil {
		t.Error("a second agent runs beside it")
	}
	second.cancel()
	stopped(t, r)
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}
