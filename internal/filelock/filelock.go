// Package filelock takes the system's lock on a file. The system lets go of it
// when the process ends, however it ends.
package filelock

import "os"

// Lock is a lock that is held.
type Lock struct{ f *os.File }

// Take takes the lock, making the file where it is missing; ok is false, and
// err nil, where another process or another caller holds it.
func Take(path string) (l *Lock, ok bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, false, err
	}
	if ok, err := take(f); err != nil || !ok {
		_ = f.Close()
		return nil, false, err
	}
	return &Lock{f}, true, nil
}

// Release gives the lock back. It may be called once. The file stays.
func (l *Lock) Release() error { return l.f.Close() }
