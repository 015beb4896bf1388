package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Garbage is collected the sooner the more there is in memory: nearly all of a
// large month stays until the end, and what it needs at its largest is what the
// machine must have; as long as there is less, collecting often would only cost
// time.
const (
	enough       = 120 << 20 // bytes up to which memory may grow
	fewest, most = 10, 50    // percent of what is in use, between collections
	liveBytes    = "/gc/heap/live:bytes"
)

// mark is garbage at once: that it was collected tells of a collection. It has
// room for a pointer, or it would lie together with others and outlive them.
type mark struct{ _ *mark }

// frugal sets how far memory may grow, anew after each collection, for as long
// as the process runs.
func frugal() {
	s := []metrics.Sample{{Name: liveBytes}}
	metrics.Read(s)
	debug.SetGCPercent(percent(s[0].Value.Uint64()))
	runtime.SetFinalizer(&mark{}, func(*mark) { frugal() })
}

// percent is by how much memory may grow with so many bytes in use.
func percent(live uint64) int {
	if live >= enough {
		return fewest
	}
	return int(min(max((enough-live)*100/max(live, 1), fewest), most))
}
