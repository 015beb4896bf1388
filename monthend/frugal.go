package monthend

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// While a month is counted and written, garbage is collected the sooner the
// more there is in memory: nearly all of a large month stays until the end,
// and what it needs at its largest is what the machine must have; as long as
// there is less, collecting often would only cost time.
const (
	enough       = 120 << 20 // bytes up to which memory may grow
	fewest, most = 10, 50    // percent of what is in use, between collections
	liveBytes    = "/gc/heap/live:bytes"
)

// frugal sets this until what it returns is called. It is the whole process's
// setting: what else runs at that time (the agent's health page) is small
// beside it.
func frugal() (end func()) {
	f := &frugality{before: debug.SetGCPercent(most)}
	f.next()
	return func() {
		f.Lock()
		defer f.Unlock()
		f.ended = true
		debug.SetGCPercent(f.before)
	}
}

type frugality struct {
	sync.Mutex
	before int
	ended  bool
}

// mark is garbage at once: that it was collected tells of a collection. It has
// room for a pointer, or it would lie together with others and outlive them.
type mark struct{ _ *mark }

// next sets how far memory may grow after the next collection.
func (f *frugality) next() {
	runtime.SetFinalizer(&mark{}, func(*mark) {
		f.Lock()
		defer f.Unlock()
		if f.ended {
			return
		}
		s := []metrics.Sample{{Name: liveBytes}}
		metrics.Read(s)
		debug.SetGCPercent(percent(s[0].Value.Uint64()))
		f.next()
	})
}

// percent is by how much memory may grow with so many bytes in use.
func percent(live uint64) int {
	if live >= enough {
		return fewest
	}
	return int(min(max((enough-live)*100/max(live, 1), fewest), most))
}
