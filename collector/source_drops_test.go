package collector_test

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector"
	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/config"
	"splameter/internal/drop"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

const lsmChannel = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// handIn writes one host's drop: sessions numbered as their records, an hour
// apart from the month's beginning.
func handIn(t *testing.T, dir, host string, taken time.Time, from, to int) string {
	t.Helper()
	events := evtxtest.Sessions(host, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Hour, from, to)
	short, _, _ := strings.Cut(host, ".")
	registry := "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName]\r\n\"ComputerName\"=\"" + short +
		"\"\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\Office]\r\n\"DisplayName\"=\"Microsoft Office Standard 2021\"\r\n\"Publisher\"=\"Microsoft Corporation\"\r\n"
	var b bytes.Buffer
	w := drop.NewWriter(&b, taken)
	name := drop.LogFolder + strings.ReplaceAll(lsmChannel, "/", "%4") + ".evtx"
	for n, data := range map[string][]byte{name: evtxtest.Log(events, evtxtest.Options{}), drop.RegistryName: []byte(registry)} {
		if err := w.Add(n, bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
	}
	virtual, clock := true, 400.0
	if err := w.Close(drop.Manifest{Host: host, Machine: drop.Machine{System: "Windows Server 2022 Standard", Virtual: &virtual, LogicalProcessors: 6, Parent: "hv-1.example"}, Clock: &clock,
		Channels: []drop.Channel{{Name: lsmChannel, File: name, OldestID: uint64(from), Oldest: time.Date(2026, 10, 1, from, 0, 0, 0, time.UTC), MaxSize: 1 << 20, Retention: snapshot.RetentionOverwrite}, {Name: "Security", Error: "access is denied"}}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, drop.NameOf(host, taken))
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Drops are taken whole, each once: what the host said of its logs, programs
// and hardware stands in the month. One that is damaged holds up no other.
func TestDrops(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	day := func(d int) time.Time { return time.Date(2026, 10, d, 4, 0, 0, 0, time.UTC) }
	handIn(t, dir, "rdsh-07.hosting.example", day(10), 1, 200)
	handIn(t, dir, "rdsh-07.hosting.example", day(20), 150, 400)
	cut := handIn(t, dir, "rdsh-08.hosting.example", day(20), 1, 10)
	whole, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, whole[:len(whole)-40], 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location, cfg.Drops = dir, loc, []config.Drops{{Name: "hosts", Files: []string{filepath.Join(dir, "*.zip")}}}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	env := &collector.Env{Store: st, Config: &cfg, Now: func() time.Time { return day(21) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	run := func() collector.Outcome {
		t.Helper()
		out, err := collector.Run(t.Context(), env, "hosts")
		if err != nil || len(out) != 1 {
			t.Fatal(out, err)
		}
		return out[0]
	}
	if o := run(); o.Err == nil || !strings.Contains(o.Err.Error(), "RDSH-08_20261020T040000Z.zip: it is no zip file, or it is cut off") || o.Read != 2 {
		t.Fatalf("%+v", o)
	}
	if o := run(); o.Read != 0 || o.Known != 2 {
		t.Fatalf("again: %+v", o)
	}
	if err := os.WriteFile(cut, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if o := run(); o.Err != nil || o.Read != 1 || o.Known != 2 {
		t.Fatalf("corrected: %+v", o)
	}
	f, err := st.Facts(t.Context(), month.New(2026, 10, loc))
	if err != nil {
		t.Fatal(err)
	}
	logs, days := 0, map[string]uint32{}
	for _, l := range f.Logs.All() {
		logs++
		if l.Exported.IsZero() || !strings.HasSuffix(l.File, ".zip/logs/"+strings.ReplaceAll(lsmChannel, "/", "%4")+".evtx") || strings.Contains(l.File, "splameter-drops-") {
			t.Errorf("%+v", l)
		}
	}
	for _, u := range f.Uses.All() {
		days[u.Host] |= u.Days
	}
	// By hand: 400 hours from 1 October 02:00 in Amsterdam reach to the 17th, ten hours stay on the 1st.
	if logs != 3 || days["rdsh-07.hosting.example"]|days["rdsh-07"] != 1<<17-1 || days["rdsh-08.hosting.example"]|days["rdsh-08"] != 1 {
		t.Errorf("%d logs, days %v", logs, days)
	}
	if len(f.Software) != 2 || len(f.Machines) == 0 {
		t.Fatalf("%d hosts with software, %d machines", len(f.Software), len(f.Machines))
	}
	if m := f.Machines[0]; m.Kind != snapshot.Virtual || m.VirtualCores != 6 || m.Parent != "hv-1.example" || m.Host != "rdsh-07.hosting.example" {
		t.Errorf("%+v", m)
	}
	codes := map[string]int{}
	for i := range f.Readings {
		for _, n := range f.Readings[i].Notes {
			codes[n.Code]++
		}
	}
	// Of rdsh-07 two drops came at once, of which the later has lost its first
	// 149 records: it reaches back 13 days. A log of two days is told of.
	if codes["log-wraps"] != 0 {
		t.Errorf("a log that holds 13 days: %v", codes)
	}
	if codes["clock-skew"] == 0 || codes["drop-log-unread"] == 0 {
		t.Errorf("%v", codes)
	}
	lines, err := collector.Sources(&cfg)[0].Probe(t.Context(), env)
	if err != nil || len(lines) != 3 || lines[0] != "3 files, of 2 hosts" {
		t.Errorf("%q %v", lines, err)
	}
}

// A log that overwrites itself within two days is told of while nothing is lost
// yet: of a host's newest drop, with the day by which the next must come.
func TestLogThatWraps(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	day := func(d int) time.Time { return time.Date(2026, 10, d, 0, 0, 0, 0, time.UTC) }
	handIn(t, dir, "rdsh-07", day(11), 192, 240) // from 9 October 00:00 to 11 October: two days
	handIn(t, dir, "rdsh-07", day(10), 168, 216)
	handIn(t, dir, "rdsh-08", day(11), 1, 240) // never full: it has its first record
	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location, cfg.Drops = dir, loc, []config.Drops{{Name: "hosts", Files: []string{filepath.Join(dir, "*.zip")}}}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	env := &collector.Env{Store: st, Config: &cfg, Now: func() time.Time { return day(12) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if _, err := collector.Run(t.Context(), env, "hosts"); err != nil {
		t.Fatal(err)
	}
	f, err := st.Facts(t.Context(), month.New(2026, 10, loc))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range f.Readings {
		for _, n := range f.Readings[i].Notes {
			if n.Code == "log-wraps" {
				got = append(got, n.Message)
			}
		}
	}
	want := "the session log of host rdsh-07 overwrites itself after 2.0 days at its size of 1024 KiB: what was written after 2026-10-11 02:00 must be read by 2026-10-13, or it is lost"
	if len(got) != 1 || got[0] != want {
		t.Errorf("got %q", got)
	}
}
