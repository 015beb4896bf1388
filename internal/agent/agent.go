// Package agent runs splameter by itself: it collects each source on its
// schedule, closes the month that ended, makes the pre-close list, reminds of
// the deadline, and catches up on what it missed while it was off. What is due
// it asks the store; how something is collected, closed or told is the work of
// collector, closing and notify.
package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"

	"splameter/collector"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/notify"
	"splameter/internal/store"
)

// Options are what an agent runs with.
type Options struct {
	Store store.Store
	Setup *monthend.Setup
	// Reload reads config, rules and tables anew before a month is closed or
	// listed; nil: Setup serves for ever.
	Reload  func() (*monthend.Setup, error)
	Sources []collector.Source // nil: those of the config
	Clock   clockwork.Clock    // nil: the machine's
	Log     *slog.Logger
	Sinks   []notify.Sink // besides the log
	Version string        // of the program
	Account string        // of the operating system, kept beside what is done to a month
	Workers int
	// StopWithin is how long a job may take to stop; nil-valued: 5 seconds.
	// One that does not obey is left behind.
	StopWithin time.Duration
	// Step is told the steps of a close; nil tells nobody.
	Step func(string)
}

// ErrRunning: another agent works on the same store.
var ErrRunning = errors.New("another splameter agent is running on this store; two would do everything twice: stop one of them (splameter service status)")

// Agent is one running splameter.
type Agent struct {
	opt     Options
	cfg     *config.Config
	loc     *time.Location
	clock   clockwork.Clock
	log     *slog.Logger
	notify  *notify.Notifier
	metrics *metrics
	retry   notify.Retry

	sources []*job // one a source
	jobs    []*job // all of them
	close   *job

	mu    sync.Mutex
	setup *monthend.Setup
	first string    // the first month there is, once known
	beat  time.Time // the last heartbeat
	kept  kept
}

// New prepares an agent. Nothing runs before Run.
func New(opt Options) (*Agent, error) {
	if opt.Clock == nil {
		opt.Clock = clockwork.NewRealClock()
	}
	if opt.StopWithin == 0 {
		opt.StopWithin = 5 * time.Second
	}
	cfg := opt.Setup.Config
	if opt.Sources == nil {
		opt.Sources = collector.Sources(cfg)
	}
	a := &Agent{opt: opt, cfg: cfg, loc: cfg.Provider.Location, clock: opt.Clock, log: opt.Log, setup: opt.Setup,
		retry: notify.Retry{First: time.Duration(cfg.Agent.Retry.First), Most: time.Duration(cfg.Agent.Retry.Most)}}
	a.notify = notify.New(opt.Log, opt.Clock, a.retry, opt.Sinks...)
	a.metrics = newMetrics(opt.Version)
	for _, s := range opt.Sources {
		j := a.sourceJob(s)
		a.sources = append(a.sources, j)
		a.jobs = append(a.jobs, j)
	}
	if cfg.Agent.Close {
		a.close = a.daily("close", cfg.Agent.CloseAt, a.closeMonths)
		a.jobs = append(a.jobs, a.close, a.daily("reminders", cfg.Agent.Reminders.At, a.remind))
		if cfg.Agent.Preclose.FromDay > 0 {
			a.jobs = append(a.jobs, a.daily("pre-close", cfg.Agent.Reminders.At, a.preclose))
		}
	}
	if cfg.Agent.Listen != "" {
		hourly, err := config.ParseSchedule("every 1h")
		if err != nil {
			return nil, err
		}
		a.jobs = append(a.jobs, a.newJob("status", hourly, a.status))
	}
	first := slices.Clone(a.sources)
	if a.close != nil {
		first = append(first, a.close)
	}
	for _, j := range a.jobs {
		if !slices.Contains(first, j) {
			j.after = first
		}
		a.metrics.add(j)
	}
	return a, nil
}

// now is the clock on the wall. Without its monotonic part, times compare as
// the clock shows them, also after it was set.
func (a *Agent) now() time.Time { return a.clock.Now().Round(0) }

// Run runs the agent until ctx ends, and then stops within seconds, in the
// middle of whatever is being done: nothing is ever half-written. It returns
// nil when it was stopped, and an error where it could not begin.
func (a *Agent) Run(ctx context.Context) error {
	held, err := a.lock(ctx)
	if err != nil {
		return unless(ctx, err)
	}
	defer func() { a.unlock(held) }()
	if err := a.recall(ctx); err != nil {
		return unless(ctx, err)
	}
	stopWeb, err := a.serve(ctx)
	if err != nil {
		return err
	}
	defer stopWeb()
	stopDesk, err := a.serveDesk(ctx)
	if err != nil {
		return err
	}
	defer stopDesk()
	var wg sync.WaitGroup
	defer wg.Wait()
	mails, stopMails := context.WithCancel(ctx)
	defer stopMails()
	wg.Go(func() { a.notify.Run(mails) })
	a.log.Info("the agent runs", "version", a.opt.Version, "sources", len(a.sources), "time_zone", a.loc.String())
	for {
		if err := a.work(ctx, held.Lost()); err != nil {
			return err
		}
		if ctx.Err() != nil {
			a.log.Info("the agent has stopped")
			return nil
		}
		a.log.Warn("the agent lost its lock with the connection to the store; it stopped what it was doing, and takes the lock again")
		a.unlock(held)
		if held = a.lockAgain(ctx); held == nil {
			return nil
		}
		a.log.Info("the agent has its lock again")
		if err := a.recall(ctx); err != nil {
			a.log.Warn("what the store knows of the agent's jobs was not read", "error", err)
		}
	}
}

// work does the jobs at their times until ctx ends or the lock is lost.
func (a *Agent) work(ctx context.Context, lost <-chan struct{}) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	scheduler, err := a.schedule(ctx)
	if err != nil {
		return err
	}
	go func() {
		select {
		case <-lost:
			stop()
		case <-ctx.Done():
		}
	}()
	scheduler.Start()
	a.watch(ctx)
	if err := scheduler.Shutdown(); err != nil {
		a.log.Warn("a job did not stop in time and was left behind; the store keeps only what was complete", "jobs", a.running(), "error", err)
	}
	return nil
}

// lockAgain takes the lock that was lost as soon as the store can be reached
// and no other agent of the site has it; nil when ctx ends.
func (a *Agent) lockAgain(ctx context.Context) *store.Held {
	for {
		held, err := a.lock(ctx)
		if err == nil {
			return held
		}
		if ctx.Err() != nil {
			return nil
		}
		a.log.Warn("the agent has not its lock yet", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(5 * time.Second):
		}
	}
}

func (a *Agent) unlock(held *store.Held) {
	if held == nil {
		return
	}
	if err := held.Release(); err != nil {
		a.log.Warn("the agent's lock was not given back", "error", err)
	}
}

// unless is an error, unless it only says that ctx ended.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// lock makes this agent the only one of its site on the store.
func (a *Agent) lock(ctx context.Context) (*store.Held, error) {
	l, ok := a.opt.Store.(store.Locker)
	if !ok {
		return nil, errors.New("start the agent: this store cannot be locked against a second agent")
	}
	held, ok, err := l.Lock(ctx, lockName(a.cfg.Site))
	if err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	if !ok {
		return nil, ErrRunning
	}
	return held, nil
}

// lockName is the agent's lock of a site. Letters that a lock cannot have
// become their numbers, so that two sites never share one.
func lockName(site string) string {
	name := "agent"
	if site != "" {
		name += fmt.Sprintf("_%x", site)
	}
	return name
}

// schedule hands the jobs to gocron, which runs each at its times, never twice
// at once, and stops them all. It forgets what it missed, and its timers do not
// see that the clock was set; the heartbeat asks the store for both. A job's
// error and a panic that it would let end the process come back by listeners.
func (a *Agent) schedule(ctx context.Context) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(gocron.WithClock(a.clock), gocron.WithLocation(a.loc), gocron.WithStopTimeout(a.opt.StopWithin),
		gocron.WithLogger(quiet{a.log}))
	if err != nil {
		return nil, fmt.Errorf("start the agent: %w", err)
	}
	for _, j := range a.jobs {
		options := []gocron.JobOption{gocron.WithName(j.name), gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithContext(ctx),
			gocron.WithEventListeners(a.listeners(j)...)}
		times, err := j.definition()
		if err == nil {
			j.cron, err = s.NewJob(times, gocron.NewTask(func(ctx context.Context) error { return a.run(ctx, j) }), options...)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("schedule %s: %w", j.name, err), s.Shutdown())
		}
	}
	return s, nil
}

// heartbeat is how often the agent looks whether anything is due that no
// timer told: after a sleep, after the clock was set, after a failure.
const heartbeat = time.Minute

// watch is the heartbeat. It returns when ctx ends.
func (a *Agent) watch(ctx context.Context) {
	t := a.clock.NewTicker(heartbeat)
	defer t.Stop()
	a.look()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.Chan():
			a.look()
		}
	}
}

// look starts what is due.
func (a *Agent) look() {
	now := a.now()
	a.mu.Lock()
	before := a.beat
	a.beat = now
	a.mu.Unlock()
	if !before.IsZero() {
		if by := now.Sub(before) - heartbeat; by > 2*heartbeat || by < -2*heartbeat {
			a.log.Warn("the clock was set, or the machine slept; what is due is looked up anew", "by", by.Round(time.Second))
		}
	}
	for _, j := range a.jobs {
		if len(j.busy) > 0 || !j.due(now, a.loc, a.retry.Most) || !j.ready(now, a.loc, a.retry.Most) {
			continue
		}
		if err := j.cron.RunNow(); err != nil {
			a.log.Debug("a job that is due could not be started now", "job", j.name, "error", err)
		}
	}
}

// running are the names of the jobs at work.
func (a *Agent) running() []string {
	var out []string
	for _, j := range a.jobs {
		if len(j.busy) > 0 {
			out = append(out, j.name)
		}
	}
	return out
}

// current is the setup, read anew where that is possible: tables and rules may
// change while the agent runs.
func (a *Agent) current() (*monthend.Setup, error) {
	if a.opt.Reload == nil {
		return a.setup, nil
	}
	s, err := a.opt.Reload()
	if err != nil {
		return nil, err
	}
	if s.Config.Provider.TimeZone != a.cfg.Provider.TimeZone || s.Config.Store != a.cfg.Store || s.Config.Output != a.cfg.Output {
		return nil, errors.New("the config names another time zone, store or output folder than the agent was started with; restart the agent")
	}
	a.mu.Lock()
	a.setup = s
	a.mu.Unlock()
	return s, nil
}
