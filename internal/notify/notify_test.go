package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
)

// flaky is a sink that fails for its first times.
type flaky struct {
	mu    sync.Mutex
	fails int
	tries []time.Duration // since the first
	begun time.Time
	got   []Message
	panic bool
}

func (f *flaky) Name() string { return "flaky" }

func (f *flaky) Send(_ context.Context, m Message) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.begun.IsZero() {
		f.begun = time.Now()
	}
	f.tries = append(f.tries, time.Since(f.begun))
	if len(f.tries) <= f.fails {
		if f.panic {
			panic("no")
		}
		return errors.New("down")
	}
	f.got = append(f.got, m)
	return nil
}

// A server that is down for four tries gets the message after 1+2+4+5 minutes
// (5 is the most), in the order of posting, and another sink does not wait
// for it. A panic in a sink is a failure like others.
func TestRetries(t *testing.T) {
	for _, panics := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var logged bytes.Buffer
			down, up := &flaky{fails: 4, panic: panics}, &flaky{}
			n := New(slog.New(slog.NewTextHandler(&logged, nil)), clockwork.NewRealClock(), Retry{time.Minute, 5 * time.Minute}, down, up)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() { n.Run(ctx); close(done) }()
			n.Post(Message{Kind: Failure, Subject: "first", Body: "Anna de Vries"})
			n.Post(Message{Kind: Recovery, Subject: "second"})
			synctest.Wait()
			if len(up.got) != 2 || n.Waiting()["flaky"] != 2 {
				t.Errorf("%d messages arrived by the sink that is up, %d wait", len(up.got), n.Waiting()["flaky"])
			}
			time.Sleep(time.Hour)
			synctest.Wait()
			want := "[0s 1m0s 3m0s 7m0s 12m0s 12m0s]"
			if got := fmt.Sprint(down.tries); got != want {
				t.Errorf("tried after %s, want %s", got, want)
			}
			if len(down.got) != 2 || down.got[0].Subject != "first" || down.got[1].Subject != "second" {
				t.Errorf("got %v", down.got)
			}
			cancel()
			<-done
			if s := logged.String(); strings.Contains(s, "Anna") || strings.Count(s, "could not be sent") != 1 || !strings.Contains(s, "taken again") {
				t.Errorf("the log says:\n%s", s)
			}
		})
	}
}

// Beyond the bound the oldest messages go, and the next one says how many.
func TestTooManyWait(t *testing.T) {
	f := &flaky{}
	n := New(slog.New(slog.DiscardHandler), clockwork.NewRealClock(), Retry{time.Minute, time.Minute}, f)
	for i := range most + 7 {
		n.Post(Message{Kind: Notice, Subject: fmt.Sprint(i)})
	}
	if w := n.Waiting()["flaky"]; w != most {
		t.Fatalf("%d wait, want %d", w, most)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := n.lines[0]
		l.wake = make(chan struct{}, 1)
		done := make(chan struct{})
		go func() { n.Run(ctx); close(done) }()
		synctest.Wait()
		cancel()
		<-done
	})
	if len(f.got) != most || f.got[0].Subject != "7" || !strings.Contains(f.got[0].Detail, "7 messages before") || f.got[1].Detail != "" {
		t.Errorf("%d came, the first %+v", len(f.got), f.got[0])
	}
}

func TestBackoff(t *testing.T) {
	for failures, want := range []time.Duration{5, 10, 20, 40, 80, 120, 120} {
		if got := Backoff(5*time.Minute, 2*time.Hour, failures); got != want*time.Minute {
			t.Errorf("after %d failures: %s, want %s", failures, got, want*time.Minute)
		}
	}
	if got := Backoff(time.Hour, 24*time.Hour, 1<<30); got != 24*time.Hour {
		t.Errorf("after very many failures: %s", got)
	}
}

// systemLog keeps what the system's log is told.
type systemLog []string

func (l *systemLog) Error(v ...any) error { *l = append(*l, "error: "+fmt.Sprint(v...)); return nil }
func (l *systemLog) Warning(v ...any) error {
	*l = append(*l, "warning: "+fmt.Sprint(v...))
	return nil
}
func (l *systemLog) Info(v ...any) error { *l = append(*l, "info: "+fmt.Sprint(v...)); return nil }

func TestEventLog(t *testing.T) {
	var l systemLog
	for _, k := range []Kind{Failure, Recovery, Reminder, Notice} {
		if err := (EventLog{&l}).Send(t.Context(), Message{Kind: k, Subject: string(k), Body: "Anna de Vries"}); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := strings.Join(l, "; "), "error: failure; info: recovery; warning: reminder; info: notice"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
