package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"splameter/internal/winhost"
)

// Each host is read by itself; the next time only what is new, and the log
// joins by its records, whatever lay between.
func TestHostsJoin(t *testing.T) {
	f := newFarm()
	a := f.add("rdsh-01.hosting.example")
	f.add("rdsh-02.hosting.example")
	a.Logs[lsm] = hourly(a.Name, 1, 600)
	b := newBench(t, f, nil)
	if o, err := b.collect(); err != nil || o.Read != 2 || o.Facts < 648 {
		t.Fatalf("%+v %v", o, err)
	}
	if o, err := b.collect(); err != nil || o.Read != 0 || o.Known != 2 {
		t.Fatalf("a minute later: %+v %v", o, err)
	}
	b.now = b.now.AddDate(0, 0, 21) // three weeks
	a.Logs[lsm] = hourly(a.Name, 1, 900)
	if o, err := b.collect(); err != nil || o.Read != 2 || o.Facts >= 600 {
		t.Fatalf("three weeks later: %+v %v", o, err)
	}
	logs := b.logs(a.Name)
	if len(logs) != 1 || len(logs[0].Stretches()) != 1 || logs[0].FirstRecord != 1 || logs[0].LastRecord != 900 || !logs[0].Exported.Equal(b.now) {
		t.Errorf("%+v", logs)
	}
	if st := b.states()[a.Name]; st.Log(lsm).Newest != 900 || st.Failure != "" || !st.Taken.Equal(b.now) || !st.Software.Equal(b.now) {
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
	a.Logs[lsm] = hourly(a.Name, 301, 600)
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	logs := b.logs(a.Name)
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
	at := func(i int) *farmHost { return f.hosts[fmt.Sprintf("rdsh-%02d.hosting.example", i)] }
	at(4).SID = at(5).SID
	at(3).ahead = 3600
	for _, h := range f.hosts {
		h.Logs[lsm] = hourly(h.Name, 1, 400)
	}
	b := newBench(t, f, nil)
	if _, err := b.collect(); err != nil {
		t.Fatal(err)
	}
	b.now = b.now.AddDate(0, 0, 1)
	at(1).Logs[lsm] = hourly(at(1).Name, 1, 9)
	at(2).Logs[lsm], at(2).SID = hourly(at(2).Name, 1, 9), "another"
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
	h.SID = at(5).SID
	b.src.cfg.Names = []string{h.Name}
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
	f.add("rdsh-01").locked = errors.New("registry: access is denied")
	f.add("rdsh-02").broken = errors.New("it did not answer within 10s")
	f.add("rdsh-03").Logs = nil
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
	security := hourly("rdsh-000", 1, 3000) // the same for all: they stand in memory here
	for i := range 500 {
		h := f.add(fmt.Sprintf("rdsh-%03d", i))
		h.Logs["Security"] = security
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
