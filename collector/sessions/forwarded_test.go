package sessions

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/config"
)

// A log of forwarded events: twenty hosts, each with four channels, of which
// chosen events came, numbered as on the host. Each host and channel is known
// up to its own last event, and from one day's silence to the next in parts.
func TestForwardedEvents(t *testing.T) {
	start := time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)
	var events []evtxtest.Event
	add := func(host string, id uint64, at time.Time, e evtxtest.Event) {
		events = append(events, e.Logged(id, host, at))
	}
	system := func() evtxtest.Event {
		return evtxtest.Event{EventID: 6013, Provider: "EventLog", Channel: "System", Fields: []evtxtest.Field{evtxtest.Text("Data", "86400")}}
	}
	name := func(h int) string { return fmt.Sprintf("rdsh-%02d.hosting.example", h) }
	// By hand: host h sends for h+1 days, each day at 6:00 a logon, at 7:00
	// what the session manager and the gateway say, at 12:00 its uptime.
	for day := range 21 {
		for h := 1; h <= 20; h++ {
			if day > h {
				continue
			}
			at := start.AddDate(0, 0, day)
			user := fmt.Sprintf("u%02d", h)
			id := uint64(1000*h + 37*day)
			add(name(h), id, at, evtxtest.Logon("S-1-5-21-1-2-3-1001", "HOSTING", user, uint64(h), 10, "10.0.0.1"))
			add(name(h), id+1, at.Add(time.Hour), evtxtest.LocalSession(21, `HOSTING\`+user, 2, "10.0.0.1"))
			add(name(h), id+2, at.Add(time.Hour), evtxtest.Gateway(302, evtxtest.Text("Username", `HOSTING\`+user), evtxtest.Text("IpAddress", "10.0.0.1"), evtxtest.Text("Resource", name(h)), evtxtest.Text("ConnectionProtocol", "HTTP")))
			add(name(h), id+3, at.Add(6*time.Hour), system())
		}
	}
	path := filepath.Join(t.TempDir(), "ForwardedEvents.evtx")
	if err := os.WriteFile(path, evtxtest.Log(events, evtxtest.Options{}), 0o600); err != nil {
		t.Fatal(err)
	}
	v, _, err := Collect(context.Background(), Job{Config: config.Sessions{Name: "forwarded", Files: []string{path}}, Dir: filepath.Dir(path), Zone: time.UTC,
		Workers: 2, Now: func() time.Time { return start.AddDate(0, 1, 0) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Notes) > 0 {
		t.Errorf("%+v", v.Notes)
	}
	seen := map[string]int{}
	for _, l := range v.Logs {
		var h int
		if _, err := fmt.Sscanf(l.Name, "rdsh-%d.hosting.example", &h); err != nil || h < 1 || h > 20 {
			t.Fatalf("%+v", l)
		}
		seen[l.Name]++
		last := map[string]time.Duration{"Security": 0, "LSM": time.Hour, "GW": time.Hour, "System": 6 * time.Hour}
		want := start.AddDate(0, 0, h).Add(last[l.Channel])
		if !l.Last.Equal(want) || l.Records != uint64(h+1) || len(l.Stretches()) == 0 || !l.Stretches()[0].Chosen {
			t.Errorf("%s %s: %d records up to %s, want %d up to %s: %+v", l.Name, l.Channel, l.Records, l.Last, h+1, want, l.Stretches())
		}
	}
	days := map[string]int{}
	for _, u := range v.Uses {
		for d := u.Days; d != 0; d &= d - 1 {
			days[u.Host+" "+u.User]++
		}
	}
	for h := 1; h <= 20; h++ {
		if seen[name(h)] != 4 {
			t.Errorf("%s: %d channels of 4", name(h), seen[name(h)])
		}
		if n := days[fmt.Sprintf("rdsh-%02d hosting\\u%02d", h, h)]; n != h+1 {
			t.Errorf("%s was used on %d days, want %d: %v", name(h), n, h+1, days)
		}
	}
}
