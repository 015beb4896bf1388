package collector

import (
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// The worst stand first, and each says what is wrong.
func TestHostLines(t *testing.T) {
	now := time.Date(2026, 10, 28, 12, 0, 0, 0, time.UTC)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	log := func(oldest, newest, size, most int) []snapshot.HostStateLog {
		return []snapshot.HostStateLog{{Channel: "Security", Newest: 9, Oldest: ago(oldest), At: ago(newest), Size: int64(size), MaxSize: int64(most)}}
	}
	host := func(name string, taken int, logs []snapshot.HostStateLog) snapshot.HostState {
		return snapshot.HostState{Source: "farm", Host: name, Way: snapshot.WayLive, Tried: ago(taken), Taken: ago(taken), Software: ago(taken), Logs: logs}
	}
	failed := host("failed", 1, nil)
	failed.Tried, failed.Failure = now, "port: no answer"
	part := host("part", 0, nil)
	part.Failure = "registry: access is denied"
	other := host("other", 0, nil)
	other.Source = "not-configured"
	cfg := config.Default()
	cfg.Provider.Location = time.UTC
	cfg.Hosts = []config.Hosts{{Name: "farm", Names: []string{"New", "good"}}}
	lines := HostLines(&cfg, []snapshot.HostState{
		host("good", 0, log(30, 0, 10, 20)), // thirty days in half of it: sixty
		other, part, failed,
		host("gone", 9, nil),
		// Five days fill it, and the last four were not read: it begins tomorrow.
		host("soon", 4, log(9, 4, 20, 20)),
		host("wrapped", 8, log(10, 8, 20, 20)),
	}, now)
	want := []string{"wrapped 3 began on 2026-10-22", "soon 3 writes from 2026-10-29 on", "new 2 nobody has tried", "gone 2 nothing was heard of it since 2026-10-19", "failed 2 port: no answer", "part 1 registry: access", "good 0 "}
	if len(lines) != len(want) {
		t.Fatalf("%+v", lines)
	}
	for i, w := range want {
		name, rest, _ := strings.Cut(w, " ")
		if l := lines[i]; l.Host != name || int(rest[0]-'0') != l.Grade || !strings.Contains(l.Trouble, rest[2:]) {
			t.Errorf("%d: %+v, want %s", i, l, w)
		}
	}
	if l := lines[6]; l.Holds != 60 || !l.Back.Equal(ago(30)) || l.Trouble != "" {
		t.Errorf("%+v", l)
	}
}
