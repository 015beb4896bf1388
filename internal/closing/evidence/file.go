package evidence

import (
	"fmt"
	"io"
	"os"
)

// Claimed is the digest of the manifest that a pack says it has, at its end:
// quick to read, and proof of nothing but that a pack with another one is
// another.
func Claimed(path string) (string, error) {
	f, size, err := openRegular(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, e, err := readEnding(f, size)
	if err != nil {
		return "", fmt.Errorf("the evidence %s does not hold: %w", path, err)
	}
	return e.manifest, nil
}

// openRegular opens a file that is one: a pipe that somebody put in its place
// would be waited for without end.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, fmt.Errorf("open the evidence: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("the evidence %s does not hold: it is no file", path)
	}
	f, err := os.Open(path)
	if err == nil {
		if info, err = f.Stat(); err != nil {
			f.Close()
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open the evidence: %w", err)
	}
	return f, info.Size(), nil
}

// ReadFile reads a file that lies beside the evidence, where it is one.
func ReadFile(path string) ([]byte, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
