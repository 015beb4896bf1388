//go:build !windows

package gather

// Report tells the system's own log; only Windows has one for programs that a
// task runs.
func Report(ok bool, text string) {}
