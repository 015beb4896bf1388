package storetest

import (
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// What is asked for of a month about somebody is that part of all its facts: no
// use of another, also not one that an earlier month carries into it, and every
// host of which there is a use.
func factsAbout(t *testing.T, open func(t *testing.T) store.Store) {
	each(t, 4, func(t *testing.T, seed uint64) {
		s := open(t)
		fillSite(t, s, seed)
		// Only September's row tells whose the end of October is.
		begun, sep, oct := mark(at("2026-09-21"), 21, "7", true), mon("2026-09").Number(), mon("2026-10").Number()
		more := sessions("2026-11-01", "h3.evtx")
		more.Uses = []snapshot.Use{{Host: "h3", User: "late", SID: "S-9", Month: sep, Days: 1 << 20, First: begun.Sighting, Last: begun.Sighting, Opened: begun},
			{Host: "h3", User: "late", Month: oct, Ended: mark(at("2026-10-05"), 23, "7", true)}}
		must(t, s.PutSessions(t.Context(), more, nil))
		for _, m := range []string{"2026-09", "2026-10", "2026-11"} {
			all := facts(t, s, m)
			r := rand.New(rand.NewPCG(seed, 11))
			users, sids := map[string]bool{`hosting\\open`: seed%2 == 0, `hosting\u0`: r.IntN(2) == 0}, map[string]bool{"S-9": true, "S-1": r.IntN(2) == 0}
			var hosts []string
			for _, u := range all.Uses.All() {
				hosts = append(hosts, u.Host)
			}
			asks := func(u *snapshot.Use) bool { return users[u.User] || sids[u.SID] }
			got, err := s.FactsAbout(t.Context(), mon(m), func(f *snapshot.Facts) func(*snapshot.Use) bool {
				if d := gocmp.Diff(all.Directories, f.Directories, sameFacts()); d != "" {
					t.Errorf("seed %d, %s: other directories before the uses:\n%s", seed, m, d)
				}
				return asks
			})
			must(t, err)
			slices.Sort(hosts)
			if hosts = slices.Compact(hosts); !slices.Equal(hosts, got.Hosts) {
				t.Errorf("seed %d, %s: hosts %q, want %q", seed, m, got.Hosts, hosts)
			}
			var want []snapshot.Use
			for _, u := range all.Uses.All() {
				if asks(&u) {
					want = append(want, u)
				}
			}
			if d := gocmp.Diff(want, got.Uses.Values(), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("seed %d, %s: other uses:\n%s", seed, m, d)
			}
			all.Uses, got.Uses = snapshot.List[snapshot.Use]{}, snapshot.List[snapshot.Use]{}
			all.Logs, all.Known, all.Before = got.Logs, nil, snapshot.Before{}
			if d := gocmp.Diff(all, got.Facts, sameFacts()); d != "" {
				t.Errorf("seed %d, %s: other facts:\n%s", seed, m, d)
			}
		}
	})
}
