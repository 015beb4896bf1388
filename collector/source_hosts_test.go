package collector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/config"
	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/winhost"
)

const lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// madeLog is a log of sessions numbered as their records, an hour apart from
// the beginning of October.
func madeLog(host string, from, to int) []byte {
	var events []evtxtest.Event
	for i := from; i <= to; i++ {
		e := evtxtest.LocalSession(21, `HOSTING\a.bloem`, uint32(i), "10.0.0.1")
		e.ID, e.Computer = uint64(i), host
		at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Hour)
		e.Ticks = (at.Unix() + 11644473600) * 1e7
		events = append(events, e)
	}
	return evtxtest.Log(events, evtxtest.Options{})
}

// fakeHost answers from memory.
type fakeHost struct {
	name, id string
	logs     map[string][]byte
	clock    float64
	registry error
	err      error
	closed   *atomic.Int32
}

type memoryLog struct {
	*bytes.Reader
}

func (memoryLog) Close() error                 { return nil }
func (l memoryLog) Stat() (fs.FileInfo, error) { return sized{n: l.Size()}, nil }

type sized struct {
	fs.FileInfo
	n int64
}

func (s sized) Size() int64 { return s.n }

func (h *fakeHost) Identity() (gather.Identity, error) {
	return gather.Identity{Host: h.name, SID: h.id}, nil
}
func (h *fakeHost) Machine() (drop.Machine, error) {
	return drop.Machine{System: "Windows Server 2022 Standard"}, nil
}
func (h *fakeHost) Log(channel string) (gather.LogFile, error) {
	b, ok := h.logs[channel]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return memoryLog{Reader: bytes.NewReader(b)}, nil
}
func (h *fakeHost) Registry() (gather.Key, error) {
	if h.registry != nil {
		return nil, h.registry
	}
	short, _, _ := strings.Cut(h.name, ".")
	return fakeKey{`\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`: {"ComputerName": short},
		`\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Office`: {"DisplayName": "Microsoft Office Standard 2021", "Publisher": "Microsoft Corporation"}}.at(""), nil
}
func (h *fakeHost) Clock(func() time.Time) (float64, error) { return h.clock, nil }
func (h *fakeHost) Err() error                              { return h.err }
func (h *fakeHost) Close()                                  { h.closed.Add(1) }

type fakeKey map[string]map[string]string

type fakeKeyAt struct {
	all  fakeKey
	path string
}

func (k fakeKey) at(path string) fakeKeyAt { return fakeKeyAt{k, path} }
func (k fakeKeyAt) Open(path string) (gather.Key, error) {
	for have := range k.all {
		if p := k.path + `\` + path; have == p || strings.HasPrefix(have, p+`\`) {
			return k.all.at(p), nil
		}
	}
	return nil, fs.ErrNotExist
}
func (k fakeKeyAt) Subkeys() (out []string, err error) {
	for have := range k.all {
		if rest, ok := strings.CutPrefix(have, k.path+`\`); ok {
			name, _, _ := strings.Cut(rest, `\`)
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
func (k fakeKeyAt) Values(names []string) (out []gather.Value, err error) {
	for _, n := range names {
		if v, ok := k.all[k.path][n]; ok {
			out = append(out, gather.Value{Name: n, Kind: gather.Text, Text: v})
		}
	}
	return out, nil
}
func (fakeKeyAt) Close() error { return nil }

// farm are hosts that a test's source opens.
type farm struct {
	mu     sync.Mutex
	hosts  map[string]*fakeHost
	opened map[string]int
	closed atomic.Int32
	open   func(ctx context.Context, t winhost.Target) error // nil: all answer
}

func (f *farm) add(name string) *fakeHost {
	h := &fakeHost{name: name, id: "guid-" + name, logs: map[string][]byte{lsm: madeLog(name, 1, 48)}, closed: &f.closed}
	f.hosts[name] = h
	return h
}

func newFarm() *farm { return &farm{hosts: map[string]*fakeHost{}, opened: map[string]int{}} }

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

// Each host is read by itself; the next time only what is new, and the log
// joins by its records, whatever lay between.
func TestHostsJoin(t *testing.T) {
	f := newFarm()
	a := f.add("rdsh-01.hosting.example")
	f.add("rdsh-02.hosting.example")
	a.logs[lsm] = madeLog(a.name, 1, 600)
	b := newBench(t, f, nil)
	if o, err := b.collect(); err != nil || o.Read != 2 || o.Facts < 648 {
		t.Fatalf("%+v %v", o, err)
	}
	if o, err := b.collect(); err != nil || o.Read != 0 || o.Known != 2 {
		t.Fatalf("a minute later: %+v %v", o, err)
	}
	b.now = b.now.AddDate(0, 0, 21) // three weeks
	a.logs[lsm] = madeLog(a.name, 1, 900)
	if o, err := b.collect(); err != nil || o.Read != 2 || o.Facts >= 600 {
		t.Fatalf("three weeks later: %+v %v", o, err)
	}
	logs := b.logs(a.name)
	if len(logs) != 1 || len(logs[0].Stretches()) != 1 || logs[0].FirstRecord != 1 || logs[0].LastRecord != 900 || !logs[0].Exported.Equal(b.now) {
		t.Errorf("%+v", logs)
	}
	if st := b.states()[a.name]; st.Log(lsm).Newest != 900 || st.Failure != "" || !st.Taken.Equal(b.now) || !st.Software.Equal(b.now) {
		t.Errorf("%+v", st)
	}
	if n := f.closed.Load(); n != 4 {
		t.Errorf("%d of 4 closed", n)
	}
}

// A log that wrapped between two readings leaves exactly the missing records.
func TestHostsWrap(t *testing.T) {
	f := newFarm()
	a := f.add("rdsh-01.hosting.example")
	b := newBench(t, f, nil)
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.AddDate(0, 0, 10)
	a.logs[lsm] = madeLog(a.name, 301, 600)
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	logs := b.logs(a.name)
	if len(logs) != 1 {
		t.Fatal(logs)
	}
	if p := logs[0].Stretches(); len(p) != 2 || p[0].Last != 48 || p[1].First != 301 || p[1].Last != 600 {
		t.Errorf("%+v", p)
	}
}

// One that was cleared, installed anew, copied, renamed, or has another clock.
func TestHostsOdd(t *testing.T) {
	f := newFarm()
	for i := 1; i <= 5; i++ {
		f.add(fmt.Sprintf("rdsh-%02d.hosting.example", i))
	}
	at := func(i int) *fakeHost { return f.hosts[fmt.Sprintf("rdsh-%02d.hosting.example", i)] }
	at(4).id = at(5).id
	at(3).clock = 3600
	for _, h := range f.hosts {
		h.logs[lsm] = madeLog(h.name, 1, 400)
	}
	b := newBench(t, f, nil)
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.AddDate(0, 0, 1)
	at(1).logs[lsm] = madeLog(at(1).name, 1, 9)
	at(2).logs[lsm], at(2).id = madeLog(at(2).name, 1, 9), "another"
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	codes := b.codes()
	for code, want := range map[string]string{
		"log-cleared":      "rdsh-01.hosting.example: the log " + lsm + " of host rdsh-01.hosting.example was cleared",
		"host-reinstalled": "rdsh-02.hosting.example: host rdsh-02.hosting.example was installed anew",
		"clock-skew":       "rdsh-03.hosting.example: the clock of host rdsh-03.hosting.example and that of the computer that reads it differ by 1h0m0s",
		"host-cloned":      ": hosts rdsh-04.hosting.example and rdsh-05.hosting.example are copies of one installation",
	} {
		if !strings.Contains(strings.Join(codes[code], "\n"), want) {
			t.Errorf("%s: %q", code, codes[code])
		}
	}
	if n := len(codes["log-cleared"]); n != 1 {
		t.Errorf("cleared: %q", codes["log-cleared"])
	}
	// Long after the fifth was heard of, its installation answers to another name.
	b.now = b.now.AddDate(0, 0, 30)
	h := f.add("rdsh-50.hosting.example")
	h.id = at(5).id
	b.src.cfg.Names = []string{h.name}
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	if c := b.codes()["host-renamed"]; len(c) != 2 || !strings.Contains(c[0]+c[1], "host rdsh-50.hosting.example is what was called rdsh-05.hosting.example before") {
		t.Errorf("%q", c)
	}
}

// A host that cannot be read has an error of its own and holds up no other; one
// that is read at the next try leaves no trace but that it is.
func TestHostsUnread(t *testing.T) {
	f := newFarm()
	for i := 1; i <= 4; i++ {
		f.add(fmt.Sprintf("rdsh-%02d", i))
	}
	refused := &winhost.StepError{Step: winhost.StepPort, Err: errors.New("no answer")}
	f.open = func(_ context.Context, t winhost.Target) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case t.Name == "rdsh-02" && f.opened[t.Name] < 3:
			return refused
		case t.Name == "rdsh-03":
			return refused
		case t.Name == "rdsh-04":
			return &winhost.StepError{Step: winhost.StepShare, Err: errors.New("access is denied")}
		}
		return nil
	}
	b := newBench(t, f, nil)
	o, err := b.collect()
	if err == nil || o.Read != 2 || !strings.Contains(err.Error(), "rdsh-03: port: no answer") || !strings.Contains(err.Error(), "rdsh-04: share: access is denied") || strings.Contains(err.Error(), "rdsh-02") {
		t.Fatalf("%+v %v", o, err)
	}
	// A right that is missing is missing a moment later too.
	if f.opened["rdsh-03"] != 3 || f.opened["rdsh-04"] != 1 {
		t.Error(f.opened)
	}
	if c := b.codes()["host-unread"]; len(c) != 2 {
		t.Errorf("%q", c)
	}
	if st := b.states()["rdsh-03"]; st.Failure != "port: no answer" || !st.Taken.IsZero() {
		t.Errorf("%+v", st)
	}
	f.open, b.now = nil, b.now.Add(time.Hour)
	if o, err := b.collect(); err != nil || o.Read != 4 {
		t.Fatalf("%+v %v", o, err)
	}
	if c := b.codes()["host-read"]; len(c) != 2 {
		t.Errorf("%q", c)
	}
}

// A wrong password is tried at two hosts and not at five hundred, which would
// lock the account; once one host took it, another's refusal is its own.
func TestHostsWrongPassword(t *testing.T) {
	f := newFarm()
	for i := range 40 {
		f.add(fmt.Sprintf("rdsh-%02d", i))
	}
	var tried atomic.Int32
	wrong := &winhost.StepError{Step: winhost.StepLogOn, Err: errors.New("the user or the password is wrong"), Refused: true}
	f.open = func(context.Context, winhost.Target) error { tried.Add(1); return wrong }
	b := newBench(t, f, nil)
	_, err := b.collect()
	if n := tried.Load(); n != 2 || err == nil || !strings.Contains(err.Error(), "so that the account is not locked: other hosts refused it (log-on: the user or the password is wrong)") {
		t.Errorf("%d, %v", n, err)
	}
	tried.Store(0)
	f.open = func(_ context.Context, t winhost.Target) error {
		if tried.Add(1) > 1 && t.Name > "rdsh-29" {
			return wrong
		}
		return nil
	}
	if o, err := b.collect(); err == nil || o.Read < 30 {
		t.Errorf("%+v %v", o, err)
	}
}

// A host whose registry cannot be read gives its logs all the same; one whose
// connection breaks gives nothing, and one without logs is an error.
func TestHostsInPart(t *testing.T) {
	f := newFarm()
	f.add("rdsh-01").registry = errors.New("registry: access is denied")
	f.add("rdsh-02").err = errors.New("it did not answer within 10s")
	f.add("rdsh-03").logs = nil
	b := newBench(t, f, nil)
	o, err := b.collect()
	if err == nil || o.Read != 1 || !strings.Contains(err.Error(), "rdsh-02: it did not answer") || !strings.Contains(err.Error(), `rdsh-03: log: there is no event log in ADMIN$\System32\winevt\Logs`) {
		t.Errorf("%+v %v", o, err)
	}
	if c := b.codes()["host-software-unread"]; len(c) != 1 || len(b.logs("rdsh-01")) != 1 {
		t.Errorf("%q", c)
	}
	if st := b.states()["rdsh-01"]; st.Taken.IsZero() || !st.Software.IsZero() || st.Failure != "registry: access is denied" {
		t.Errorf("%+v", st)
	}
}

// 500 hosts of which 50 hang, in under two minutes as it is configured (here a
// hundredth of the time-outs) and without holding them all in memory.
func TestManyHosts(t *testing.T) {
	if testing.Short() {
		t.Skip("500 hosts")
	}
	f := newFarm()
	security := madeLog("rdsh-000", 1, 3000) // the same for all: they stand in memory here
	for i := range 500 {
		h := f.add(fmt.Sprintf("rdsh-%03d", i))
		h.logs["Security"] = security
	}
	const scale = 100
	f.open = func(ctx context.Context, t winhost.Target) error {
		if t.Name[5:] >= "450" {
			select {
			case <-ctx.Done():
			case <-time.After(t.Timeout / scale):
			}
			return &winhost.StepError{Step: winhost.StepPort, Err: errors.New("no answer in time")}
		}
		return nil
	}
	b := newBench(t, f, nil)
	b.src.wait = 5 * time.Second / scale
	// What hangs does so before the log-on: the gate lets the others by.
	open := b.src.open
	b.src.open = func(ctx context.Context, target winhost.Target) (host, error) {
		if target.Name[5:] >= "450" {
			return nil, f.open(ctx, target)
		}
		return open(ctx, target)
	}
	var peak atomic.Uint64
	stop := make(chan struct{})
	go func() {
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := time.Now()
	o, err := b.collect()
	took := time.Since(began)
	close(stop)
	if err == nil || o.Read != 450 {
		t.Fatalf("%+v", o)
	}
	// By hand: 50 hosts, 32 at once, are two rounds of 10 s in each of three
	// tries, and 5 s and 15 s between them: 80 s. All that reading and storing
	// take comes on top, and is not scaled.
	if hung := 80 * time.Second; hung+took > 2*time.Minute {
		t.Errorf("it takes %s and %s", hung, took)
	}
	t.Logf("%s, heap %d MiB above %d", took, (peak.Load()-before.HeapInuse)>>20, before.HeapInuse>>20)
	if grown := (peak.Load() - before.HeapInuse) >> 20; grown > 200 {
		t.Errorf("the heap grew by %d MiB", grown)
	}
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "splameter-hosts-*")); len(left) > 0 {
		t.Logf("left behind, by this or another test: %q", left)
	}
}
