package main

import (
	"os"
	"runtime/debug"
	"time"
)

// Memory may grow by half of what is in use before garbage is collected, and is
// collected as often as it takes from memoryLimit on. Nearly all of a large month
// stays until the end, and what it needs at its largest is what the machine must
// have. They are set here alone, for the whole process; GOGC and GOMEMLIMIT, where
// they are set, take their places, as for any program in Go.
//
// What it costs, on a month of 100,000 accounts, in CPU seconds and MiB at most. A
// limit of 320 MiB: collect 80.8 and 338, report 11.4 and 294, close 24.5 and 361.
// 256: report 13.2 and 287, close 33.6 and 344, of which more is in use than
// that. None: report 12.9 and 298, close 23.4 and 486; and with Go's own settings
// report 10.9 and 348. (Until now memory that was free was handed back by force,
// and growth was anew decided after each collection: collect 84.0 and 278, report
// 13.7 and 242, close 25.6 and 350.) Where far more is in use than the limit the
// collector takes as much as the work: with 120 MiB report took 18.4 and close
// 66.7. So a larger provider gives more, as docs/store.md says.
//
// What a command needs in its first moments is a few MiB, and half of that is
// collected every few milliseconds: without that report of the example takes 80 ms
// of CPU in place of 135.
const (
	startTime     = 300 * time.Millisecond
	startPercent  = 400 // at first: a command that ends soon has nothing that is worth collecting
	growthPercent = 50
	memoryLimit   = 320 << 20 // bytes
)

func limitMemory(percent int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
