package agent

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"splameter/collector"
	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/notify"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// world is a small provider in a folder: one domain that is exported as each
// day begins, one session host whose log and inventory are exported too.
//
//	anna   in RDS-Users all along; a session on the first of every month
//	bram   in RDS-Users all along, never a session
//
// So every month is 2 × RDS, 1 of them active.
type world struct {
	t   testing.TB
	dir string
	loc *time.Location
	log []string // rows of the present log

	missing map[string]bool // days without an export of the directory
	keep    atomic.Int64    // days for which exports of the directory are kept
}

const worldConfig = `provider: {name: Duinrand, time_zone: Europe/Amsterdam}
tenants: tenants.csv
rules: rules.yaml
directories: [{name: ad, domain: DUIN, dns: duin.example, ldif: directory/*.ldif}]
sessions: [{name: logs, files: [sessions/*.csv]}]
inventories: [{name: programs, software: inventory/software-*.csv}]
pools: [{name: desk, hosts: [RDSH-1], users: [RDS-Users]}]
`

func newWorld(t testing.TB) *world {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, dir: t.TempDir(), loc: loc, missing: map[string]bool{}}
	w.keep.Store(6)
	w.write("config.yaml", worldConfig)
	w.write("tenants.csv", "id;name;ou;reseller;customer_number;country\nt1;Tenant One;OU=t1,DC=duin,DC=example;;1;NL\n")
	w.write("rules.yaml", "version: \"1\"\nproducts:\n  - {id: rds, name: {en: RDS}, part_number: P-RDS, unit: user, entitled: {pools: [desk]}}\n")
	return w
}

func (w *world) write(name, text string) {
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		w.t.Error(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		w.t.Error(err)
	}
}

func guid(n byte) string { return base64.StdEncoding.EncodeToString(append(make([]byte, 15), n)) }

func sid(rid uint32) string {
	b := []byte{1, 5, 0, 0, 0, 0, 0, 5}
	for _, v := range []uint32{21, 1, 2, 3, rid} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// day writes what the machines export as a day begins.
func (w *world) day(now time.Time) {
	day := now.In(w.loc).Format(time.DateOnly)
	var b strings.Builder
	b.WriteString("version: 1\n\ndn: DC=duin,DC=example\nobjectClass: domainDNS\nobjectSid:: AQQAAAAAAAUVAAAAAQAAAAIAAAADAAAA\n\n")
	for i, name := range []string{"anna", "bram"} {
		fmt.Fprintf(&b, "dn: CN=%s,OU=t1,DC=duin,DC=example\nobjectClass: user\nobjectGUID:: %s\nobjectSid:: %s\nsAMAccountName: %s\nuserAccountControl: 512\nprimaryGroupID: 513\n\n",
			name, guid(byte(i+1)), sid(uint32(1101+i)), name)
	}
	fmt.Fprintf(&b, "dn: CN=RDS-Users,DC=duin,DC=example\nobjectClass: group\nobjectGUID:: %s\nobjectSid:: %s\nsAMAccountName: RDS-Users\nmember: CN=anna,OU=t1,DC=duin,DC=example\nmember: CN=bram,OU=t1,DC=duin,DC=example\n\n", guid(9), sid(1200))
	if !w.missing[day] {
		w.write("directory/"+day+".ldif", b.String())
	}
	if now.In(w.loc).Weekday() == time.Monday || len(w.log) == 0 {
		w.write("inventory/software-"+day+".csv", "host,name,version,publisher\nRDSH-1,7-Zip 24.08 (x64),24.08,Igor Pavlov\n")
	}
	if len(w.log) == 0 || now.In(w.loc).Day() == 1 {
		for _, e := range []struct {
			id int
			at time.Duration
		}{{21, 0}, {23, time.Minute}} {
			w.log = append(w.log, fmt.Sprintf("%s,RDSH-1.duin.example,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,%d,DUIN\\anna,%d,10.0.0.1,%d",
				now.Add(e.at).UTC().Format("2006-01-02T15:04:05.0000000Z"), e.id, 4+len(w.log), len(w.log)+1))
		}
		w.write("sessions/RDSH-1.csv", "TimeCreated,Computer,Channel,EventID,User,SessionID,Address,EventRecordID\n"+strings.Join(w.log, "\n")+"\n")
	}
	old := now.AddDate(0, 0, -int(w.keep.Load())).In(w.loc).Format(time.DateOnly)
	files, err := filepath.Glob(filepath.Join(w.dir, "directory", "*.ldif"))
	if err != nil {
		w.t.Error(err)
	}
	for _, f := range files {
		if strings.TrimSuffix(filepath.Base(f), ".ldif") < old {
			_ = os.Remove(f)
		}
	}
}

// begin lets the world live from a moment on, in a test's own time, until what
// it returns is called.
func (w *world) begin(t *testing.T, at string) (end func()) {
	t.Helper()
	w.t = t
	w.until(at)
	w.day(time.Now())
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.live(ctx); close(done) }()
	return func() { stop(); <-done }
}

// live exports every day at 00:40 until ctx ends.
func (w *world) live(ctx context.Context) {
	for {
		now := time.Now()
		next := month.DayOf(now.Add(-40*time.Minute), w.loc) + 1
		select {
		case <-ctx.Done():
			return
		case <-time.After(next.Start(w.loc).Add(40 * time.Minute).Sub(now)):
			w.day(time.Now())
		}
	}
}

func (w *world) setup() *monthend.Setup {
	w.t.Helper()
	s, faults := monthend.Load(filepath.Join(w.dir, "config.yaml"))
	if err := faults.Err(); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) open(s *monthend.Setup) store.Store {
	w.t.Helper()
	st, err := store.Open(context.Background(), s.Config.Store, store.Options{Location: w.loc})
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

// at is a moment on the provider's clock.
func (w *world) at(s string) time.Time {
	w.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", s, w.loc)
	if err != nil {
		w.t.Fatal(err)
	}
	return t
}

// until lets the fake clock run to a moment.
func (w *world) until(s string) { time.Sleep(time.Until(w.at(s))) }

// watched is a source that counts, sees overlaps, and fails where a test
// wants it to.
type watched struct {
	collector.Source
	before  func(n int) error // may panic
	count   atomic.Int64
	running atomic.Int64
	overlap atomic.Bool
}

func (s *watched) Collect(ctx context.Context, env *collector.Env) (collector.Outcome, error) {
	if s.running.Add(1) > 1 {
		s.overlap.Store(true)
	}
	defer s.running.Add(-1)
	n := s.count.Add(1)
	if s.before != nil {
		if err := s.before(int(n)); err != nil {
			return collector.Outcome{}, err
		}
	}
	return s.Source.Collect(ctx, env)
}

func watch(s *monthend.Setup) []*watched {
	var out []*watched
	for _, x := range collector.Sources(s.Config) {
		out = append(out, &watched{Source: x})
	}
	return out
}

func sources(w []*watched) []collector.Source {
	var out []collector.Source
	for _, x := range w {
		out = append(out, x)
	}
	return out
}

// inbox is a sink that keeps what it gets.
type inbox struct {
	mu  sync.Mutex
	got []notify.Message
}

func (b *inbox) Name() string { return "inbox" }

func (b *inbox) Send(_ context.Context, m notify.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.got = append(b.got, m)
	return nil
}

// count is how many messages of a kind begin like that.
func (b *inbox) count(kind notify.Kind, part string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, m := range b.got {
		if m.Kind == kind && strings.Contains(m.Subject, part) {
			n++
		}
	}
	return n
}

// clock is one that can be set: its timers go on as before, as a machine's do.
type clock struct {
	clockwork.Clock
	offset atomic.Int64
}

func newClock() *clock                           { return &clock{Clock: clockwork.NewRealClock()} }
func (c *clock) set(d time.Duration)             { c.offset.Store(int64(d)) }
func (c *clock) Now() time.Time                  { return c.Clock.Now().Add(time.Duration(c.offset.Load())) }
func (c *clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// running is an agent at work.
type running struct {
	cancel func()
	wait   func() error
	stop   func() error
}

func (w *world) start(opt Options) *running {
	w.t.Helper()
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	opt.Version = "test"
	a, err := New(opt)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	return &running{cancel, func() error { return <-done }, func() error { cancel(); return <-done }}
}

// months are the acts of closing, by month.
func (w *world) closes(st store.Store) map[string]int {
	w.t.Helper()
	acts, err := st.Acts(context.Background(), "")
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int{}
	for i := range acts {
		if acts[i].Action == statement.ActClose {
			out[acts[i].Month]++
		}
	}
	return out
}

// verify opens a month's evidence, counts it again, and says what it is
// chained to.
func (w *world) verify(st store.Store, s *monthend.Setup, m string) (*statement.Statement, string) {
	w.t.Helper()
	desk := &closing.Desk{Store: st, Setup: s, Now: time.Now, Version: "test"}
	mm, err := month.Parse(m, w.loc)
	if err != nil {
		w.t.Fatal(err)
	}
	status, err := desk.Status(context.Background(), mm)
	if err != nil {
		w.t.Fatal(err)
	}
	if status.State != statement.Draft || status.Pending || status.Sealed == nil {
		w.t.Errorf("%s is %s, want a sealed draft", m, status.Shown())
		return status.Result, ""
	}
	p, err := evidence.Open(context.Background(), desk.Pack(m, 0))
	if err != nil {
		w.t.Errorf("the evidence of %s: %v", m, err)
		return status.Result, ""
	}
	defer p.Close()
	if _, err := closing.Recompute(context.Background(), p, p.Manifest.Program); err != nil {
		w.t.Errorf("the evidence of %s, counted again: %v", m, err)
	}
	previous := ""
	if p.Manifest.Previous != nil {
		previous = p.Manifest.Previous.Month
	}
	return status.Result, previous
}

var errDown = errors.New("no answer from the server")

// broken is a store of which one thing fails at times.
type broken struct {
	store.Store
	facts func() error
}

func (b *broken) Lock(ctx context.Context, name string) (*store.Held, bool, error) {
	return b.Store.(store.Locker).Lock(ctx, name)
}

func (b *broken) Facts(ctx context.Context, m month.Month) (*snapshot.Facts, error) {
	if err := b.facts(); err != nil {
		return nil, err
	}
	return b.Store.Facts(ctx, m)
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
