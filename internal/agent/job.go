package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/google/uuid"

	"splameter/internal/config"
	"splameter/internal/notify"
	"splameter/internal/safetext"
)

// job is one thing that is done again and again. It is due when a time of its
// schedule has passed since it was last done, whatever timers say.
type job struct {
	name     string
	schedule config.Schedule
	do       func(context.Context) error
	cron     gocron.Job
	busy     chan struct{} // holds one token while it runs
	after    []*job        // that go first where they too are due at the start

	mu       sync.Mutex
	done     time.Time // times of the schedule up to here are done with; zero: never done
	next     time.Time // the time of the schedule after nextFor, so that a heartbeat costs nothing
	nextFor  time.Time
	failures int // in a row
	retryAt  time.Time
	tried    bool      // since the start
	last     time.Time // when it last succeeded, since the start
	again    bool      // another splameter is doing it: look with every heartbeat whether it has
}

// errElsewhere is what a job says that another splameter is doing.
var errElsewhere = errors.New("another splameter is doing it")

// waits says that the close was left to another splameter, and is looked at
// again: what it collects first was collected.
func (a *Agent) waits() bool {
	for _, j := range a.jobs {
		j.mu.Lock()
		again := j.again
		j.mu.Unlock()
		if again {
			return true
		}
	}
	return false
}

func (a *Agent) newJob(name string, s config.Schedule, do func(context.Context) error) *job {
	return &job{name: name, schedule: s, do: do, busy: make(chan struct{}, 1)}
}

// daily is a job at one time of every day.
func (a *Agent) daily(name string, at config.TimeOfDay, do func(context.Context) error) *job {
	s, err := config.ParseSchedule("daily " + at.String())
	if err != nil {
		panic(err) // a time of day is always one
	}
	return a.newJob(name, s, do)
}

// clockSlack is how far a clock may be set back without anything being done
// again: time servers correct by seconds, and people by hours.
const clockSlack = time.Hour

// due says whether the job is to be done now.
func (j *job) due(now time.Time, loc *time.Location, most time.Duration) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failures > 0 { // a clock set back must not put a retry off for long
		return !now.Before(j.retryAt) || j.retryAt.Sub(now) > most
	}
	if j.again {
		return true
	}
	if j.done.Sub(now) > clockSlack {
		j.done = now // the clock was wrong when it was last done
	}
	if j.next.IsZero() || !j.nextFor.Equal(j.done) {
		j.next, j.nextFor = j.schedule.Next(j.done, loc), j.done
	}
	return !j.next.IsZero() && (j.done.IsZero() || !j.next.After(now))
}

// ready says whether the jobs that go first have had their turn since the
// start: a list or a reminder made before what was missed is caught up would
// be wrong for a day. One that failed, or that hangs later on, holds up
// nothing.
func (j *job) ready(now time.Time, loc *time.Location, most time.Duration) bool {
	for _, first := range j.after {
		if !first.wasTried() && first.due(now, loc, most) {
			return false
		}
	}
	return true
}

func (j *job) wasTried() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.tried
}

// definition is a job's schedule as gocron keeps it.
func (j *job) definition() (gocron.JobDefinition, error) {
	times := j.schedule.Times()
	if len(times) == 0 {
		return nil, fmt.Errorf("%s has no time at which it is done", j.name)
	}
	at := make([]gocron.AtTime, len(times))
	for i, t := range times {
		at[i] = gocron.NewAtTime(uint(t)/60, uint(t)%60, 0)
	}
	if day, ok := j.schedule.Weekday(); ok {
		return gocron.WeeklyJob(1, gocron.NewWeekdays(day), gocron.NewAtTimes(at[0], at[1:]...)), nil
	}
	return gocron.DailyJob(1, gocron.NewAtTimes(at[0], at[1:]...)), nil
}

// run is what gocron calls. A job that another one is doing on its behalf is
// waited for, and then mostly not due any more.
func (a *Agent) run(ctx context.Context, j *job) error {
	if !j.take(ctx) {
		return nil
	}
	defer j.give()
	if now := a.now(); !j.due(now, a.loc, a.retry.Most) || !j.ready(now, a.loc, a.retry.Most) {
		return nil
	}
	return a.attempt(ctx, j)
}

func (j *job) take(ctx context.Context) bool {
	select {
	case j.busy <- struct{}{}:
		return ctx.Err() == nil || j.give()
	case <-ctx.Done():
		return false
	}
}

func (j *job) give() bool { <-j.busy; return false }

// attempt does the job once and keeps what came of it. What was stopped has
// neither failed nor been done.
func (a *Agent) attempt(ctx context.Context, j *job) error {
	wall, began := a.now(), a.clock.Now()
	err := a.guard(ctx, j)
	if ctx.Err() != nil {
		return nil
	}
	took := a.clock.Since(began)
	j.mu.Lock()
	before := j.failures
	j.tried = true
	if j.again = errors.Is(err, errElsewhere); j.again {
		err = nil
	}
	if err == nil {
		j.failures, j.done, j.last = 0, wall, a.now()
	} else {
		j.failures++
		j.retryAt = a.now().Add(notify.Backoff(a.retry.First, a.retry.Most, before))
	}
	j.mu.Unlock()
	a.metrics.ran(j, err, a.now(), took)
	switch {
	case err != nil && before == 0:
		a.notify.Post(notify.Message{Kind: notify.Failure, Subject: j.name + " failed", Detail: safetext.Clip(err.Error(), 3000),
			Body: "It is tried again, longer and longer apart. Nothing more is sent about it until it works again."})
	case err == nil && before > 0:
		a.notify.Post(notify.Message{Kind: notify.Recovery, Subject: j.name + " works again",
			Detail: fmt.Sprintf("it had failed %d times", before)})
	}
	return err
}

// guard turns a panic into an error.
func (a *Agent) guard(ctx context.Context, j *job) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.metrics.panicked(j)
			a.log.Error("a job panicked; please report this", "job", j.name, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fmt.Errorf("%s panicked: this is a fault of the program, please report it (the log has more)", j.name)
		}
	}()
	return j.do(ctx)
}

// listeners log what gocron would keep to itself, and stand behind guard.
func (a *Agent) listeners(j *job) []gocron.EventListener {
	return []gocron.EventListener{
		gocron.AfterJobRunsWithError(func(_ uuid.UUID, name string, err error) {
			j.mu.Lock()
			n, at := j.failures, j.retryAt
			j.mu.Unlock()
			a.log.Warn("a job failed", "job", name, "failures", n, "again_at", at.In(a.loc).Format(time.RFC3339), "error", err)
		}),
		gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, r any) {
			a.metrics.panicked(j)
			a.log.Error("a job panicked; please report this", "job", name, "panic", fmt.Sprint(r))
		}),
	}
}

// quiet is the scheduler's own log: its chatter is for debugging.
type quiet struct{ log *slog.Logger }

func (q quiet) Debug(msg string, args ...any) { q.log.Debug(msg, args...) }
func (q quiet) Info(msg string, args ...any)  { q.log.Debug(msg, args...) }
func (q quiet) Warn(msg string, args ...any)  { q.log.Warn(msg, args...) }
func (q quiet) Error(msg string, args ...any) { q.log.Error(msg, args...) }
