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
// limit of 320 MiB: collect 80.8 and 338, report 10.2 and 296, close 21.6 to 24.7
// and 297 to 309. With 260 report and close take the same; with 200 close takes 24.7
// and 248, and with 150, where the collector takes as much as the work, 35.8 and
// 239. None at all: close 486 MiB, when it held two counts at once. So a larger
// provider gives more, as docs/store.md says.
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
