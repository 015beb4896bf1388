package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// The state of a host stands in the place of the one before, whatever the case
// of its name, and beside that of the same host in another source.
func hostStates(t *testing.T, open func(t *testing.T) store.Store) {
	s := open(t)
	at := time.Date(2026, 10, 28, 5, 0, 0, 0, time.UTC)
	first := snapshot.HostState{Source: "live", Host: "b.example", Way: snapshot.WayLive, Tried: at, Failure: "port: no answer"}
	again := snapshot.HostState{Source: "live", Host: "B.example", Way: snapshot.WayLive, Tried: at.Add(time.Hour), Taken: at.Add(time.Hour),
		Logs: []snapshot.HostStateLog{{Channel: "Security", Newest: 7, Size: 1 << 20}}}
	other := snapshot.HostState{Source: "drops", Host: "b.example", Way: snapshot.WayDrop, Taken: at}
	must(t, s.PutHosts(t.Context(), []snapshot.HostState{first, other}))
	must(t, s.PutHosts(t.Context(), []snapshot.HostState{again}))
	must(t, s.PutHosts(t.Context(), nil))
	got, err := s.HostStates(t.Context())
	must(t, err)
	if diff := cmp.Diff([]snapshot.HostState{other, again}, got); diff != "" {
		t.Error(diff)
	}
	if s.PutHosts(t.Context(), []snapshot.HostState{{Host: "x"}}) == nil {
		t.Error("a host of no source was kept")
	}
}
