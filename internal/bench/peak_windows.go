package main

import (
	"os"
	"syscall"
	"time"
)

// cpuTime is what this process has used of the processors.
func cpuTime() time.Duration {
	p, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var begun, ended, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(p, &begun, &ended, &kernel, &user); err != nil {
		return 0
	}
	spent := func(f syscall.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) } // a span, not a moment
	return time.Duration(100 * (spent(kernel) + spent(user)))
}

// peakOf is not known here.
func peakOf(*os.ProcessState) float64 { return 0 }
