//go:build !windows

package access

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Remedy is what to do about a file that others may read.
const Remedy = "chmod o-rwx it, or the folder that it is in"

// Others are the users, beside its owner and group, who may read a file or
// folder: everybody, or nobody. A path that is not there is nobody's.
func Others(path string) ([]string, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || info.Mode().Perm()&0o004 == 0 || hidden(path) {
		return nil, err
	}
	return []string{"everybody on this machine"}, nil
}

// hidden says whether a folder above lets nobody else through.
func hidden(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o001 == 0 {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// Own makes a file readable and writable for its owner alone. One that belongs
// to somebody else is left as it is.
func Own(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(path, info.Mode().Perm()&0o700); err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
