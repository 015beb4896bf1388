// Package notify tells people what the agent has to say: failures, recoveries
// and reminders, to the log at once, and by mail or to the Windows event log
// as soon as those take it. What is worth telling, and when it changed, is the
// agent's to know.
package notify

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Kind is what kind of thing is told.
type Kind string

// The kinds of messages.
const (
	Failure  Kind = "failure"
	Recovery Kind = "recovery"
	Reminder Kind = "reminder"
	Notice   Kind = "notice"
)

// Message is one thing told. Subject and Detail name no person; they go
// everywhere. Body may, and goes into mail alone.
type Message struct {
	Kind    Kind
	Subject string
	Detail  string
	Body    string
	At      time.Time
}

// Sink is where messages go besides the log. Send returns nil once the message
// is out of our hands.
type Sink interface {
	Name() string
	Send(ctx context.Context, m Message) error
}

// Retry is how long a sink that failed waits: twice as long after each failure.
type Retry struct{ First, Most time.Duration }

// most is how many messages wait for a sink. Beyond it the oldest goes, and the
// next one says so.
const most = 200

// Notifier passes messages on. Its sinks wait for nobody and nobody waits for
// them.
type Notifier struct {
	log   *slog.Logger
	clock clockwork.Clock
	retry Retry
	lines []*line
}

// line is what waits for one sink.
type line struct {
	sink    Sink
	mu      sync.Mutex
	waiting []Message
	lost    int
	wake    chan struct{}
}

// New makes a notifier; Run must run for anything but the log to be told.
func New(log *slog.Logger, clock clockwork.Clock, retry Retry, sinks ...Sink) *Notifier {
	n := &Notifier{log: log, clock: clock, retry: retry}
	for _, s := range sinks {
		n.lines = append(n.lines, &line{sink: s, wake: make(chan struct{}, 1)})
	}
	return n
}

// Post logs a message and queues it for the sinks. It never waits.
func (n *Notifier) Post(m Message) {
	if m.At.IsZero() {
		m.At = n.clock.Now()
	}
	level := slog.LevelInfo
	switch m.Kind {
	case Failure:
		level = slog.LevelError
	case Reminder:
		level = slog.LevelWarn
	}
	args := []any{"kind", string(m.Kind), "subject", m.Subject}
	if m.Detail != "" {
		args = append(args, "detail", m.Detail)
	}
	n.log.Log(context.Background(), level, "notice", args...)
	for _, l := range n.lines {
		l.put(m)
	}
}

func (l *line) put(m Message) {
	l.mu.Lock()
	if len(l.waiting) == most {
		l.waiting = append(l.waiting[:0], l.waiting[1:]...)
		l.lost++
	}
	l.waiting = append(l.waiting, m)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next is the message at the front; it stays there until it was sent.
func (l *line) next() (m Message, lost int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return m, 0, false
	}
	m = l.waiting[0]
	if l.lost > 0 {
		m.Detail += fmt.Sprintf("\n(%d messages before this one were dropped: too many waited)", l.lost)
	}
	return m, l.lost, true
}

// sent takes the message at the front away, unless it was dropped meanwhile.
func (l *line) sent(m Message, lost int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == lost && len(l.waiting) > 0 {
		l.waiting = l.waiting[1:]
		l.lost = 0
	}
}

// Waiting is how many messages a sink has not taken yet, by the sink's name.
func (n *Notifier) Waiting() map[string]int {
	out := map[string]int{}
	for _, l := range n.lines {
		l.mu.Lock()
		out[l.sink.Name()] += len(l.waiting)
		l.mu.Unlock()
	}
	return out
}

// Run passes messages on until ctx ends. What then still waits is logged.
func (n *Notifier) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, l := range n.lines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			n.serve(ctx, l)
		}()
	}
	wg.Wait()
	for name, k := range n.Waiting() {
		if k > 0 {
			n.log.Warn("messages were not sent before the end", "sink", name, "count", k)
		}
	}
}

// serve sends one sink's messages in their order.
func (n *Notifier) serve(ctx context.Context, l *line) {
	failures := 0
	for {
		m, lost, ok := l.next()
		if !ok {
			select {
			case <-ctx.Done():
				return
			case <-l.wake:
			}
			continue
		}
		err := send(ctx, l.sink, m)
		if ctx.Err() != nil {
			if err == nil {
				l.sent(m, lost)
			}
			return
		}
		if err == nil {
			l.sent(m, lost)
			if failures > 0 {
				n.log.Info("messages are taken again", "sink", l.sink.Name())
			}
			failures = 0
			continue
		}
		wait := Backoff(n.retry.First, n.retry.Most, failures)
		if failures++; failures == 1 {
			n.log.Error("a message could not be sent; it is tried again", "sink", l.sink.Name(), "wait", wait, "error", err)
		} else {
			n.log.Debug("a message could not be sent again", "sink", l.sink.Name(), "wait", wait, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-n.clock.After(wait):
		}
	}
}

// send keeps a sink's panic from ending the program.
func send(ctx context.Context, s Sink, m Message) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("send by %s: it panicked: %v", s.Name(), r)
		}
	}()
	return s.Send(ctx, m)
}

// Backoff is how long to wait after a number of earlier failures: first, then
// twice as long each time, and never longer than most.
func Backoff(first, most time.Duration, failures int) time.Duration {
	d := first
	for range failures {
		if d >= most/2 {
			return most
		}
		d *= 2
	}
	return min(d, most)
}
