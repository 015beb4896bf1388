package collector

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/config"
	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/gather/gathertest"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/winhost"
)

const lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// hourly is a log of sessions an hour apart from the beginning of October.
func hourly(host string, from, to int) []byte {
	return evtxtest.Log(evtxtest.Sessions(host, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Hour, from, to), evtxtest.Options{})
}

// farmHost is a host that is read over the network.
type farmHost struct {
	gathertest.Host
	ahead   float64 // its clock
	locked  error   // its registry cannot be read
	broken  error   // its connection
	closed  *atomic.Int32
	machine drop.Machine
}

func (h *farmHost) Machine() (drop.Machine, error) { return h.machine, nil }

func (h *farmHost) Registry() (gather.Key, error) {
	if h.locked != nil {
		return nil, h.locked
	}
	return h.Host.Registry()
}

func (h *farmHost) Clock(func() time.Time) (float64, error) { return h.ahead, nil }

func (h *farmHost) Err() error { return h.broken }

func (h *farmHost) Close() { h.closed.Add(1) }

// farm are hosts that a test's source opens.
type farm struct {
	mu     sync.Mutex
	hosts  map[string]*farmHost
	opened map[string]int
	closed atomic.Int32
	open   func(ctx context.Context, t winhost.Target) error // nil: all answer
}

func (f *farm) add(name string) *farmHost {
	short, _, _ := strings.Cut(name, ".")
	h := &farmHost{Host: gathertest.Host{Name: name, SID: "guid-" + name, Logs: map[string][]byte{lsm: hourly(name, 1, 48)},
		Keys: gathertest.Programs(short, [2]string{"Microsoft Office Standard 2021", "Microsoft Corporation"})},
		machine: drop.Machine{System: "Windows Server 2022 Standard"}, closed: &f.closed}
	f.hosts[name] = h
	return h
}

func newFarm() *farm { return &farm{hosts: map[string]*farmHost{}, opened: map[string]int{}} }

type bench struct {
	*farm
	env *Env
	src *hostSource
	now time.Time
	t   *testing.T
}

func newBench(t *testing.T, f *farm, change func(*config.Hosts)) *bench {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location, cfg.Hosts = t.TempDir(), loc, []config.Hosts{config.DefaultHosts()}
	c := &cfg.Hosts[0]
	c.Name = "hosts"
	for n := range f.hosts {
		c.Names = append(c.Names, n)
	}
	if change != nil {
		change(c)
	}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	b := &bench{farm: f, now: time.Date(2026, 10, 20, 4, 0, 0, 0, time.UTC), t: t}
	b.env = &Env{Store: st, Config: &cfg, Workers: 2, Now: func() time.Time { return b.now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	b.src = newHostSource(c)
	b.src.wait = time.Millisecond
	b.src.open = func(ctx context.Context, target winhost.Target) (host, error) {
		f.mu.Lock()
		f.opened[target.Name]++
		h := f.hosts[target.Name]
		f.mu.Unlock()
		answer := func() error { return nil }
		if f.open != nil {
			answer = func() error { return f.open(ctx, target) }
		}
		if err := target.LogOn(answer); err != nil {
			return nil, err
		}
		return h, nil
	}
	return b
}

func (b *bench) collect() (Outcome, error) {
	b.t.Helper()
	return b.src.Collect(b.t.Context(), b.env)
}

func (b *bench) codes() map[string][]string {
	b.t.Helper()
	readings, err := b.env.Store.Readings(b.t.Context(), "hosts", b.now.AddDate(0, -2, 0), b.now.AddDate(0, 2, 0))
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string][]string{}
	for i := range readings {
		for _, n := range readings[i].Notes {
			out[n.Code] = append(out[n.Code], n.Subject+": "+n.Message)
		}
	}
	return out
}

func (b *bench) states() map[string]snapshot.HostState {
	b.t.Helper()
	list, err := b.env.Store.HostStates(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]snapshot.HostState{}
	for _, s := range list {
		out[s.Host] = s
	}
	return out
}

func (b *bench) logs(host string) (out []snapshot.Log) {
	b.t.Helper()
	f, err := b.env.Store.Facts(b.t.Context(), month.New(2026, 10, b.env.Config.Provider.Location))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, l := range f.Logs.All() {
		if l.Name == host {
			out = append(out, l)
		}
	}
	return out
}
