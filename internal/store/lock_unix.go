//go:build !windows

package store

import (
	"errors"
	"os"
	"syscall"
)

// lockFile takes the system's lock on a file; it ends with the process.
func lockFile(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
