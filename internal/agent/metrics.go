package agent

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"splameter/collector"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// metrics are the agent's own, in a registry of their own.
type metrics struct {
	registry *prometheus.Registry
	success  *prometheus.GaugeVec
	duration *prometheus.GaugeVec
	failing  *prometheus.GaugeVec
	runs     *prometheus.CounterVec
	failures *prometheus.CounterVec
	panics   *prometheus.CounterVec
	coverage *prometheus.GaugeVec
	waiting  *prometheus.GaugeVec
	hosts    *prometheus.GaugeVec
	holds    *prometheus.GaugeVec
	trouble  *prometheus.GaugeVec
	days     prometheus.Gauge
	left     prometheus.Gauge
	open     prometheus.Gauge
	closed   prometheus.Counter
}

func newMetrics(version string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	gauges := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "splameter", Name: name, Help: help}, labels)
		m.registry.MustRegister(g)
		return g
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "splameter", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "splameter", Name: name, Help: help})
		m.registry.MustRegister(g)
		return g
	}
	m.success = gauges("job_last_success_timestamp_seconds", "When the job last succeeded; of a source, also before this start.", "job")
	m.duration = gauges("job_last_duration_seconds", "How long the job's last run took.", "job")
	m.failing = gauges("job_failing", "1 while the job's last run failed.", "job")
	m.runs = counters("job_runs_total", "Runs of the job that ended.", "job")
	m.failures = counters("job_failures_total", "Runs of the job that failed.", "job")
	m.panics = counters("job_panics_total", "Runs of the job that panicked.", "job")
	m.coverage = gauges("source_days_covered", "Days of the present month on which the source was read.", "source", "kind")
	m.waiting = gauges("messages_waiting", "Messages that a way of sending has not taken yet.", "sink")
	m.days = gauge("month_days_passed", "Days of the present month that have passed, today included.")
	m.hosts = gauges("host_last_read_timestamp_seconds", "When a host that hands in or is read was read last; 0: never.", "source", "host")
	m.holds = gauges("host_log_holds_days", "For how many days a host's logs hold what is written to them, at their present rate; 0: not known.", "source", "host")
	m.trouble = gauges("host_trouble", "How a host stands: 0 good, 1 look at it, 2 not read, 3 its log is about to be written over unread.", "source", "host")
	m.left = gauge("deadline_days", "Days to the reseller's deadline of the oldest month that is not submitted; below zero it is late.")
	m.open = gauge("months_not_submitted", "Ended months that are not submitted.")
	m.closed = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "splameter", Name: "months_closed_total", Help: "Drafts made by this agent since it started."})
	m.registry.MustRegister(m.closed)
	gauges("build_info", "1, with the version.", "version", "goversion").WithLabelValues(version, runtime.Version()).Set(1)
	return m
}

// add makes a job's series, so that zero failures show as zero.
func (m *metrics) add(j *job) {
	m.failing.WithLabelValues(j.name)
	m.runs.WithLabelValues(j.name)
	m.failures.WithLabelValues(j.name)
	m.panics.WithLabelValues(j.name)
}

func (m *metrics) succeeded(j *job, at time.Time) {
	m.success.WithLabelValues(j.name).Set(float64(at.Unix()))
}

func (m *metrics) ran(j *job, err error, at time.Time, took time.Duration) {
	m.runs.WithLabelValues(j.name).Inc()
	m.duration.WithLabelValues(j.name).Set(took.Seconds())
	if err != nil {
		m.failures.WithLabelValues(j.name).Inc()
		m.failing.WithLabelValues(j.name).Set(1)
		return
	}
	m.failing.WithLabelValues(j.name).Set(0)
	m.succeeded(j, at)
}

func (m *metrics) panicked(j *job) { m.panics.WithLabelValues(j.name).Inc() }

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
		a.metrics.coverage.WithLabelValues(s.Name(), string(s.Kind())).Set(float64(len(covered[s.Name()])))
	}
	a.metrics.days.Set(float64(month.DayOf(a.now(), a.loc) - m.FirstDay() + 1))
	if err := a.hosts(ctx); err != nil {
		return err
	}
	list, err := a.waiting(ctx)
	if err != nil {
		return err
	}
	a.metrics.open.Set(float64(len(list)))
	if len(list) > 0 {
		a.metrics.left.Set(float64(list[0].left))
	} else { // the month that runs is the next one due
		a.metrics.left.Set(float64(a.cfg.Deadline(m) - month.DayOf(a.now(), a.loc)))
	}
	for name, n := range a.notify.Waiting() {
		a.metrics.waiting.WithLabelValues(strings.ReplaceAll(name, " ", "_")).Set(float64(n))
	}
	return nil
}

// hosts looks up how the hosts stand.
func (a *Agent) hosts(ctx context.Context) error {
	states, err := a.opt.Store.HostStates(ctx)
	if err != nil {
		return fmt.Errorf("look up how the hosts stand: %w", err)
	}
	for _, g := range []*prometheus.GaugeVec{a.metrics.hosts, a.metrics.holds, a.metrics.trouble} {
		g.Reset()
	}
	for _, l := range collector.HostLines(a.cfg, states, a.now()) {
		taken := 0.0
		if !l.Taken.IsZero() {
			taken = float64(l.Taken.Unix())
		}
		a.metrics.hosts.WithLabelValues(l.Source, l.Host).Set(taken)
		a.metrics.holds.WithLabelValues(l.Source, l.Host).Set(float64(l.Holds))
		a.metrics.trouble.WithLabelValues(l.Source, l.Host).Set(float64(l.Grade))
	}
	return nil
}
