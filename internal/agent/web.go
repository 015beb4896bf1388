package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"splameter/internal/api"
	"splameter/internal/closing/monthend"
	"splameter/internal/desk"
)

// serve answers /healthz and /metrics on the loopback, where configured. The
// returned function stops it and waits.
func (a *Agent) serve(ctx context.Context) (stop func(), err error) {
	if a.cfg.Agent.Listen == "" {
		return func() {}, nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", a.cfg.Agent.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for /healthz and /metrics: %w; write another port under listen: of the agent", err)
	}
	// The config is checked for this, and a listener is the last place to be
	// sure: what is told here is for nobody else.
	if at, err := netip.ParseAddrPort(l.Addr().String()); err != nil || !at.Addr().IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("listen for /healthz and /metrics: %s is no loopback address; write 127.0.0.1:PORT", l.Addr())
	}
	s := &http.Server{Handler: a.handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 1 << 14}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(l); err != http.ErrServerClosed {
			a.log.Error("/healthz and /metrics are not served any more", "error", err)
		}
	}()
	a.log.Info("listening", "address", l.Addr().String())
	return func() {
		_ = s.Close()
		<-done
	}, nil
}

func (a *Agent) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.health)
	mux.Handle("GET /metrics", &a.metrics.page)
	load := func() (*monthend.Setup, error) { return a.setup, nil }
	if a.opt.Reload != nil {
		load = desk.Cached(a.opt.Reload)
	}
	mux.Handle(api.Prefix, api.New(api.Options{Store: a.opt.Store, Setup: load, Now: a.now, Log: a.log, Version: a.opt.Version}).Handler())
	return mux
}

// health is how a job does, or the agent.
type health string

// How they may do.
const (
	healthOK      health = "ok"
	healthFailing health = "failing"
	healthRunning health = "running" // a job, now
	healthWaiting health = "waiting" // a job that never ran
	healthStuck   health = "stuck"   // the agent, whose heartbeat has stopped
)

// jobHealth is one job, as /healthz tells it.
type jobHealth struct {
	Job         string     `json:"job"`
	State       health     `json:"state"`
	LastSuccess *time.Time `json:"last_success,omitempty"`
	Failures    int        `json:"failures,omitempty"`
}

// health is 200 while all is well, and 503 while a job fails or the heartbeat
// has stopped. It tells which, and no error: those stand in the log.
func (a *Agent) health(w http.ResponseWriter, _ *http.Request) {
	out := struct {
		Status  health      `json:"status"`
		Version string      `json:"version"`
		Jobs    []jobHealth `json:"jobs"`
	}{Status: healthOK, Version: a.opt.Version}
	a.mu.Lock()
	beat := a.beat
	a.mu.Unlock()
	if beat.IsZero() || a.now().Sub(beat) > 5*heartbeat {
		out.Status = healthStuck
	}
	for _, j := range a.jobs {
		h := jobHealth{Job: j.name, State: healthWaiting}
		j.mu.Lock()
		h.Failures = j.failures
		if !j.last.IsZero() {
			last := j.last.UTC()
			h.LastSuccess, h.State = &last, healthOK
		}
		j.mu.Unlock()
		if len(j.busy) > 0 {
			h.State = healthRunning
		}
		if h.Failures > 0 {
			h.State, out.Status = healthFailing, healthFailing
		}
		out.Jobs = append(out.Jobs, h)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if out.Status != healthOK {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(out)
}
