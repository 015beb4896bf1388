//go:build !linux

package sessions

// scattered is advice that only Linux takes.
func scattered[T any]([]T) {}
