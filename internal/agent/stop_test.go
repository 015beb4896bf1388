package agent

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// slow is a source that reads for ever; deaf says that it does not hear when
// it is told to stop.
type slow struct {
	begun chan struct{}
	free  chan struct{} // lets a deaf one go
	deaf  bool
}

func (s *slow) Name() string                      { return "slow" }
func (s *slow) Kind() snapshot.Kind               { return snapshot.KindDirectory }
func (s *slow) Place(string) (at, account string) { return "", "" }

func (s *slow) Probe(context.Context, *collector.Env) ([]string, error) {
	return nil, nil
}

func (s *slow) Collect(ctx context.Context, _ *collector.Env) (collector.Outcome, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	if s.deaf {
		<-s.free
		return collector.Outcome{}, nil
	}
	<-ctx.Done()
	return collector.Outcome{}, ctx.Err()
}

// stopped stops an agent and says whether it went within two seconds.
func stopped(t *testing.T, r *running) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- r.stop() }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Second):
		t.Fatal("the agent did not stop within two seconds")
	}
}

func TestStopsInTheMiddleOfACollection(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		w := newWorld(t)
		setup := w.setup()
		st := w.open(setup)
		s := &slow{begun: make(chan struct{}, 1), free: make(chan struct{}), deaf: deaf}
		r := w.start(Options{Store: st, Setup: setup, Sources: []collector.Source{s}, StopWithin: 300 * time.Millisecond})
		<-s.begun
		stopped(t, r)
		if _, ok, err := st.LastReading(t.Context(), "slow"); ok || err != nil {
			t.Errorf("a reading was kept of what was stopped (%v)", err)
		}
		readings, err := st.Readings(t.Context(), "slow", time.Unix(0, 0), time.Now().Add(time.Hour))
		if err != nil || len(readings) != 0 {
			t.Errorf("what was stopped stands as a failure: %v, %v", readings, err)
		}
		close(s.free)
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Stopped before any step of a close, the month is as it was or sealed, no
// half file lies about, and the next start brings it to its end.
func TestStopsInTheMiddleOfAClose(t *testing.T) {
	for _, step := range []string{"compute", "write files", "pack", "check the pack", "record", "done"} {
		w := newWorld(t)
		first := time.Now().In(w.loc).AddDate(0, -1, 0)
		first = time.Date(first.Year(), first.Month(), 1, 0, 40, 0, 0, w.loc)
		for i := range 3 {
			w.day(first.AddDate(0, 0, i))
		}
		setup := w.setup()
		st := w.open(setup)
		reached, cancelled := make(chan struct{}), make(chan struct{})
		r := w.start(Options{Store: st, Setup: setup, Step: func(s string) {
			if s == step {
				close(reached)
				<-cancelled
			}
		}})
		select {
		case <-reached:
		case <-time.After(30 * time.Second):
			t.Fatalf("the close never came to %q", step)
		}
		r.cancel()
		close(cancelled)
		stopped(t, r)
		m := first.Format("2006-01")
		n := w.closes(st)[m]
		if n > 1 || n == 1 && step != "record" && step != "done" || n == 0 && step == "done" {
			t.Errorf("stopped before %q, the month was closed %d times", step, n)
		}
		_ = filepath.WalkDir(filepath.Join(w.dir, "out"), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".tmp") {
				t.Errorf("stopped before %q, %s lies about", step, path)
			}
			return nil
		})
		done := make(chan struct{}, 1)
		r = w.start(Options{Store: st, Setup: setup, Step: func(s string) {
			if s == "done" {
				done <- struct{}{}
			}
		}})
		if n == 0 {
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Fatalf("after a stop before %q the month was not closed", step)
			}
		}
		stopped(t, r)
		if result, _ := w.verify(st, setup, m); result == nil || result.Status != statement.Incomplete {
			t.Errorf("after a stop before %q: %+v", step, result)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A second agent says that there is one, and changes nothing; after the first
// has gone it may run. Another site's agent may always.
func TestTwoAgents(t *testing.T) {
	w := newWorld(t)
	setup := w.setup()
	st := w.open(setup)
	s := &slow{begun: make(chan struct{}, 1)}
	r := w.start(Options{Store: st, Setup: setup, Sources: []collector.Source{s}})
	<-s.begun
	other := w.open(setup)
	second := w.start(Options{Store: other, Setup: setup})
	if err := second.wait(); !errors.Is(err, ErrRunning) {
		t.Errorf("the second agent: %v", err)
	}
	if _, ok, _ := other.LastReading(t.Context(), "ad"); ok {
		t.Error("the second agent collected")
	}
	second.cancel()
	if lockName("a") == lockName("b") || lockName("") == lockName("a") {
		t.Error("two sites have one lock")
	}
	stopped(t, r)
	again := &slow{begun: make(chan struct{}, 1)}
	third := w.start(Options{Store: other, Setup: setup, Sources: []collector.Source{again}})
	<-again.begun
	stopped(t, third)
	for _, x := range []store.Store{st, other} {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	}
}
