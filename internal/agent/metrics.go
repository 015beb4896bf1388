package agent

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"splameter/collector"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// metrics are the agent's own.
type metrics struct {
	page                                                               exposition
	success, duration, failing, runs, failures, panics                 *family // of jobs
	coverage, waiting, hosts, holds, trouble, days, left, open, closed *family
}

func newMetrics(version string) *metrics {
	m := &metrics{}
	gauge := func(name, help string, labels ...string) *family {
		return m.page.family("gauge", name, help, labels...)
	}
	counter := func(name, help string, labels ...string) *family {
		return m.page.family("counter", name, help, labels...)
	}
	m.success = gauge("job_last_success_timestamp_seconds", "When the job last succeeded; of a source, also before this start.", "job")
	m.duration = gauge("job_last_duration_seconds", "How long the job's last run took.", "job")
	m.failing = gauge("job_failing", "1 while the job's last run failed.", "job")
	m.runs = counter("job_runs_total", "Runs of the job that ended.", "job")
	m.failures = counter("job_failures_total", "Runs of the job that failed.", "job")
	m.panics = counter("job_panics_total", "Runs of the job that panicked.", "job")
	m.coverage = gauge("source_days_covered", "Days of the present month on which the source was read.", "source", "kind")
	m.waiting = gauge("messages_waiting", "Messages that a way of sending has not taken yet.", "sink")
	m.days = gauge("month_days_passed", "Days of the present month that have passed, today included.")
	m.hosts = gauge("host_last_read_timestamp_seconds", "When a host that hands in or is read was read last; 0: never.", "source", "host")
	m.holds = gauge("host_log_holds_days", "For how many days a host's logs hold what is written to them, at their present rate; 0: not known.", "source", "host")
	m.trouble = gauge("host_trouble", "How a host stands: 0 good, 1 look at it, 2 not read, 3 its log is about to be written over unread.", "source", "host")
	m.left = gauge("deadline_days", "Days to the reseller's deadline of the oldest month that is not submitted; below zero it is late.")
	m.open = gauge("months_not_submitted", "Ended months that are not submitted.")
	m.closed = counter("months_closed_total", "Drafts made by this agent since it started.")
	gauge("build_info", "1, with the version.", "version", "goversion").set(1, version, runtime.Version())
	return m
}

// add makes a job's series, so that zero failures show as zero.
func (m *metrics) add(j *job) {
	for _, f := range []*family{m.failing, m.runs, m.failures, m.panics} {
		f.add(0, j.name)
	}
}

func (m *metrics) succeeded(j *job, at time.Time) {
	m.success.set(float64(at.Unix()), j.name)
}

func (m *metrics) ran(j *job, err error, at time.Time, took time.Duration) {
	m.runs.add(1, j.name)
	m.duration.set(took.Seconds(), j.name)
	if err != nil {
		m.failures.add(1, j.name)
		m.failing.set(1, j.name)
		return
	}
	m.failing.set(0, j.name)
	m.succeeded(j, at)
}

func (m *metrics) panicked(j *job) { m.panics.add(1, j.name) }

// status looks up what the metrics say of the month.
func (a *Agent) status(ctx context.Context) error {
	m := month.Of(a.now(), a.loc)
	readings, err := a.opt.Store.Readings(ctx, "", m.Start(), m.End())
	if err != nil {
		return fmt.Errorf("look up the month's coverage: %w", err)
	}
	covered := map[string]map[month.Day]bool{}
	for i := range readings {
		if r := &readings[i]; r.Status != snapshot.Failed {
			if covered[r.Source] == nil {
				covered[r.Source] = map[month.Day]bool{}
			}
			covered[r.Source][r.Day] = true
		}
	}
	for _, s := range a.opt.Sources {
		a.metrics.coverage.set(float64(len(covered[s.Name()])), s.Name(), string(s.Kind()))
	}
	a.metrics.days.set(float64(month.DayOf(a.now(), a.loc) - m.FirstDay() + 1))
	if err := a.hosts(ctx); err != nil {
		return err
	}
	list, err := a.waiting(ctx)
	if err != nil {
		return err
	}
	a.metrics.open.set(float64(len(list)))
	if len(list) > 0 {
		a.metrics.left.set(float64(list[0].left))
	} else { // the month that runs is the next one due
		a.metrics.left.set(float64(a.cfg.Deadline(m) - month.DayOf(a.now(), a.loc)))
	}
	for name, n := range a.notify.Waiting() {
		a.metrics.waiting.set(float64(n), strings.ReplaceAll(name, " ", "_"))
	}
	return nil
}

// hosts looks up how the hosts stand.
func (a *Agent) hosts(ctx context.Context) error {
	states, err := a.opt.Store.HostStates(ctx)
	if err != nil {
		return fmt.Errorf("look up how the hosts stand: %w", err)
	}
	for _, g := range []*family{a.metrics.hosts, a.metrics.holds, a.metrics.trouble} {
		g.reset()
	}
	for _, l := range collector.HostLines(a.cfg, states, a.now()) {
		taken := 0.0
		if !l.Taken.IsZero() {
			taken = float64(l.Taken.Unix())
		}
		a.metrics.hosts.set(taken, l.Source, l.Host)
		a.metrics.holds.set(float64(l.Holds), l.Source, l.Host)
		a.metrics.trouble.set(float64(l.Grade), l.Source, l.Host)
	}
	return nil
}
