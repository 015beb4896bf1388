package closing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"splameter/internal/filelock"
	"splameter/internal/store"
)

// ErrBusy: another process is writing the files of a month.
var ErrBusy = errors.New("another splameter is writing the files of a month; wait until it has finished, and try again")

// lock keeps other processes from the months: from their files in the output
// folder, and, where several sites share one store, from their acts there. Of
// several agents exactly one closes a month; when it dies, its locks are free.
func (d *Desk) lock(ctx context.Context) (unlock func(), err error) {
	files, err := lock(d.Setup.Config.Output)
	if err != nil {
		return nil, err
	}
	shared, ok := d.Store.(store.Locker)
	if !ok {
		return files, nil
	}
	held, ok, err := shared.Lock(ctx, "months")
	if err == nil && !ok {
		err = ErrBusy
	}
	if err != nil {
		files()
		return nil, err
	}
	return func() {
		_ = held.Release() // it ends with the connection, or with the process, at the latest
		files()
	}, nil
}

// lock keeps other processes from the months' files. The system lets go of it
// when the process ends, however it ends.
func lock(output string) (unlock func(), err error) {
	if err := os.MkdirAll(output, 0o750); err != nil {
		return nil, fmt.Errorf("make the output folder: %w", err)
	}
	l, ok, err := filelock.Take(filepath.Join(output, ".splameter.lock"))
	if err != nil {
		return nil, fmt.Errorf("lock the output folder: %w", err)
	}
	if !ok {
		return nil, ErrBusy
	}
	return func() { _ = l.Release() }, nil
}
