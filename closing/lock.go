package closing

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrBusy: another process is writing the files of a month.
var ErrBusy = errors.New("another splameter is writing the files of a month; wait until it has finished, and try again")

// lock keeps other processes from the months' files. The system lets go of it
// when the process ends, however it ends.
func lock(output string) (unlock func(), err error) {
	if err := os.MkdirAll(output, 0o750); err != nil {
		return nil, fmt.Errorf("make the output folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(output, ".splameter.lock"), os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, fmt.Errorf("lock the output folder: %w", err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
