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
	memoryTarget            = 160 << 20 // bytes up to which memory may grow
	leastGrowth, mostGrowth = 10, 50    // percent of what is in use, between collections
	liveBytes               = "/gc/heap/live:bytes"
)

// afterGC is garbage at once: that it was collected tells of a collection. It has
// room for a pointer, or it would lie together with others and outlive them.
type afterGC struct{ _ *afterGC }

// tuneGC sets how far memory may grow, anew after each collection, for as long
// as the process runs.
func tuneGC() {
	s := []metrics.Sample{{Name: liveBytes}}
	metrics.Read(s)
	debug.SetGCPercent(growthPercent(s[0].Value.Uint64()))
	runtime.SetFinalizer(&afterGC{}, func(*afterGC) { tuneGC() })
}

// growthPercent is by how much memory may grow with so many bytes in use.
func growthPercent(live uint64) int {
	if live >= memoryTarget {
		return leastGrowth
	}
	return int(min(max((memoryTarget-live)*100/max(live, 1), leastGrowth), mostGrowth))
}
